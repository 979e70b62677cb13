//! An import from Okta: how far it has come, and what it found. The row alone says where work goes on after a restart.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// An import from Okta.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "okta_import")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The connection through which it reads.
    pub okta_org_id: Uuid,
    /// `FULL` or `INCREMENTAL`.
    pub mode: String,
    /// A `domain::import::ImportStatus` name.
    pub status: String,
    /// A `domain::import::ImportPhase` name: what the worker does next.
    pub phase: String,
    /// Whose values count where both sides have some: `OKTA` or `DIRECTORY`.
    pub source_profile: String,
    /// Only accounts changed after this are read, epoch milliseconds by Okta's clock; null for a full import.
    pub since: Option<i64>,
    /// Up to when everything that changed in Okta is known, epoch milliseconds by Okta's clock; null before the first answer.
    pub high_water: Option<i64>,
    /// Link to the next page; null before the first page and after the last.
    pub cursor: Option<String>,
    /// Last linked account that was looked at for having vanished, or last candidate that was applied.
    pub place: Option<Uuid>,
    /// Goes up with each step of the worker, so that a step that was overtaken is dropped.
    pub step: i64,
    /// The mapping's version that candidates were classified with.
    pub mappings_version: i64,
    /// Whether Okta told who holds admin roles; null before it was asked.
    pub admins_known: Option<bool>,
    /// Pages read.
    pub pages: i64,
    /// Calls made.
    pub calls: i64,
    /// Accounts read.
    pub fetched: i64,
    /// Accounts for which there is a person.
    pub matched: i64,
    /// Accounts with nothing to do.
    pub in_sync: i64,
    /// Deactivated accounts that belong to nobody here.
    pub ignored: i64,
    /// Linked accounts that are no longer in Okta.
    pub vanished: i64,
    /// Accounts to expect; null when nothing is known.
    pub total_estimate: Option<i64>,
    /// Goes up with each change of ticks or sources.
    pub selection_version: i64,
    /// The selection version that was confirmed, null before.
    pub confirmed_selection_version: Option<i64>,
    /// Who started it.
    pub started_by: Uuid,
    /// Who confirmed it, null before.
    pub confirmed_by: Option<Uuid>,
    /// What the session that confirmed it, or else started it, may do at most, null when nothing but its person's rights bounds it.
    pub ceiling: Option<Json>,
    /// The personal access token that whoever confirmed it, or else started it, came with; null for somebody who signed in himself.
    pub token_id: Option<Uuid>,
    /// A `domain::import::ImportProblem` name when it `FAILED`, else null.
    pub problem_code: Option<String>,
    /// What Okta said; for people.
    pub problem_detail: Option<String>,
    /// Consecutive failures of the call in hand.
    pub attempts: i32,
    /// No work before this time, epoch milliseconds; null when there is nothing to wait for.
    pub next_attempt_at: Option<i64>,
    /// The process that works it, null when none does.
    pub claimed_by: Option<Uuid>,
    /// Until when that claim counts, epoch milliseconds.
    pub claimed_until: Option<i64>,
    /// Deactivations that await approval.
    pub held_deactivations: i64,
    /// Whether deactivations beyond the safe share were approved.
    pub deactivations_approved: bool,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
    /// When the last page was classified, epoch milliseconds.
    pub fetched_at: Option<i64>,
    /// When it was confirmed, epoch milliseconds.
    pub confirmed_at: Option<i64>,
    /// When it ended, epoch milliseconds.
    pub finished_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
