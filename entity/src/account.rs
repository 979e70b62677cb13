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
    /// When the worker should look at it, epoch milliseconds; null when there is nothing to do. Of equal urgency the
    /// earliest goes first.
    pub due_at: Option<i64>,
    /// Who goes first among those that are due: a `domain::account::Urgency` as a number, the least one first.
    pub urgency: i32,
    /// Consecutive failed attempts, for the backoff.
    pub attempts: i32,
    /// A `domain::account::AccountState` name.
    pub state: String,
    /// Why it is `BLOCKED`, a `domain::account::ProblemCode` name, else null.
    pub problem_code: Option<String>,
    /// The whole `domain::account::Problem`, null without one.
    pub problem_detail: Option<Json>,
    /// What it is `WAITING` for, a `domain::account::WaitReason` name, else null.
    pub wait_reason: Option<String>,
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
    /// Okta was still carrying out a change of status when we last looked.
    pub transitioning: bool,
    /// Profile that we last knew.
    pub okta_profile: Option<Json>,
    /// When we last saw the account, epoch milliseconds.
    pub observed_at: Option<i64>,
    /// Okta role type that we granted, null for none.
    pub granted_role: Option<String>,
    /// When that role was assigned by Okta's clock, epoch milliseconds; null when unknown.
    pub granted_role_created: Option<i64>,
    /// False when the roles have to be read before planning them.
    pub role_known: bool,
    /// Admin roles that we did not give, a list of `domain::plan::ListedRole`; null for none.
    pub foreign_roles: Option<Json>,
    /// An administrator agreed to changes although it holds admin roles that we did not give.
    pub admin_confirmed: bool,
    /// Our own call deactivated it last.
    pub deactivated_by_us: bool,
    /// We stopped managing it.
    pub released: bool,
    /// The assignment ended, or the person was deleted, while deleting was switched off; reset by the next assignment.
    pub release_only: bool,
    /// Since when it waits for its deletion, epoch milliseconds; null while it does not. 0: an administrator said to delete it now.
    pub deletion_from: Option<i64>,
    /// What an administrator agreed to link, a `domain::plan::LinkConfirmation`; null for none.
    pub link_confirmation: Option<Json>,
    /// The Okta account found under the wanted login, while a link is to be decided.
    pub candidate: Option<Json>,
    /// What Okta refused for good in this generation, a list of `domain::plan::Refusal`; null for nothing.
    pub refusals: Option<Json>,
    /// Read the account once more at this time, epoch milliseconds.
    pub recheck_at: Option<i64>,
    /// The `directory_change` that last took access away; null when none did.
    pub change_id: Option<Uuid>,
    /// The generation with which the person, the assignment or the switches changed last: what an approval is about.
    pub changed_generation: i64,
    /// What was decided about deactivating or deleting it, a `domain::deprovisioning::Verdict` name; null for nothing.
    pub removal_verdict: Option<String>,
    /// What that was about, a `domain::deprovisioning::Removal` name; null without a verdict.
    pub removal_kind: Option<String>,
    /// The `changed_generation` that it was about; null without a verdict.
    pub removal_generation: Option<i64>,
    /// The `change_id` that it was about.
    pub removal_change_id: Option<Uuid>,
    /// The hold in which it waits or was decided; null for none.
    pub removal_hold_id: Option<Uuid>,
    /// When it was decided, epoch milliseconds; null without a verdict.
    pub removal_at: Option<i64>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
