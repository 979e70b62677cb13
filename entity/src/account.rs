//! What we want and know of one user's account in the Okta org of one app. Outlives the assignment; nothing is ever forgotten.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// What we want and know of one user's account in the Okta org of one app. Outlives the assignment; nothing is ever forgotten.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The user.
    pub user_id: Uuid,
    /// Goes up with every change that may concern the account, in the same transaction.
    pub generation: i64,
    /// The generation that Okta was last brought in step with.
    pub applied_generation: i64,
    /// Goes up with every change of the row; clients use it to order events.
    pub revision: i64,
    /// When the worker should look at it, epoch milliseconds; null when there is nothing to do.
    pub due_at: Option<i64>,
    /// Consecutive failed attempts, for the backoff.
    pub attempts: i32,
    /// A `domain::account::AccountState` name.
    pub state: String,
    /// Why it is `BLOCKED` or `WAITING`, else null.
    pub problem_code: Option<String>,
    /// Parameters of the problem: attribute, limit, what Okta said.
    pub problem_detail: Option<Json>,
    /// When a waiting account is tried again, epoch milliseconds; null when it waits for a person.
    pub next_attempt_at: Option<i64>,
    /// Counts directory activations and assignments.
    pub activation_wanted: i64,
    /// The value of `activation_wanted` that Okta was last brought in step with.
    pub activation_applied: i64,
    /// The connection through which it is linked, null while unlinked.
    pub okta_org_id: Option<Uuid>,
    /// Id of the Okta account, null while unlinked.
    pub okta_id: Option<String>,
    /// A `domain::account::Provenance` name, null while unlinked.
    pub provenance: Option<String>,
    /// Status that we last knew.
    pub okta_status: Option<String>,
    /// Profile that we last knew.
    pub okta_profile: Option<Json>,
    /// When we last saw the account, epoch milliseconds.
    pub observed_at: Option<i64>,
    /// Okta role type that we granted, null for none.
    pub granted_role: Option<String>,
    /// False when the roles have to be read before planning them.
    pub role_known: bool,
    /// The account holds an admin role that we did not give.
    pub foreign_admin: bool,
    /// Our own call deactivated it last.
    pub deactivated_by_us: bool,
    /// We stopped managing it.
    pub released: bool,
    /// Okta id that an administrator agreed to link, null for none.
    pub link_confirmed: Option<String>,
    /// The Okta account found under the wanted login, while a link is to be decided.
    pub candidate: Option<Json>,
    /// When the login was looked up, epoch milliseconds; null when it has to be looked up.
    pub candidate_at: Option<i64>,
    /// Read the account once more at this time, epoch milliseconds.
    pub recheck_at: Option<i64>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
