//! The candidates of an import.

use std::collections::HashMap;

use entity::import_candidate::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

pub use super::import_candidate_filter::CandidateFilter;
use super::import_candidate_filter::ticked;
use super::page::{Key, Page, PageRequest, Position, page};
use super::{Access, Error, Result, Tx, imports};
use crate::domain::account::OktaStatus;
use crate::domain::import::{Category, ConflictReason, Outcome, OutcomeReason, SourceProfile};
use crate::domain::mapping::{Difference, OktaProfile};

/// Somebody whom an import proposes to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The candidate.
    pub id: Uuid,
    /// The import.
    pub import_id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// Okta's id of the account.
    pub okta_id: String,
    /// What it is proposed for.
    pub category: Category,
    /// Why it cannot be ticked.
    pub conflict: Option<ConflictReason>,
    /// The person; of an account that fits two, the one whose user name is the login. `None` for nobody.
    pub user_id: Option<Uuid>,
    /// The person's revision when the account was classified.
    pub user_revision: Option<i64>,
    /// Status in Okta when it was read.
    pub okta_status: OktaStatus,
    /// Okta's time of the account's last change, epoch milliseconds.
    pub okta_last_updated: Option<i64>,
    /// Whether the account holds an admin role in Okta.
    pub is_admin: bool,
    /// Whether the account was linked to the person already.
    pub linked: bool,
    /// Whether the person had the app already.
    pub assigned: bool,
    /// Whether a mapped value differs.
    pub differs: bool,
    /// Name shown to people.
    pub display_name: String,
    /// Normalised name.
    pub sort_name: String,
    /// Login in Okta.
    pub login: String,
    /// Normalised login.
    pub login_key: String,
    /// Primary e-mail address in Okta; empty when there is none.
    pub email: String,
    /// Normalised address.
    pub email_key: String,
    /// Normalised text that a search looks into.
    pub search_text: String,
    /// The mapped attributes of the account.
    pub profile: OktaProfile,
    /// Attributes that differ.
    pub differences: Vec<Difference>,
    /// Whether an administrator ticked it.
    pub selected: bool,
    /// Whose values count for this one; `None` for the import's choice.
    pub source_profile: Option<SourceProfile>,
    /// What became of it; `None` before.
    pub outcome: Option<Outcome>,
    /// Why.
    pub outcome_reason: Option<OutcomeReason>,
    /// Details for people.
    pub outcome_message: Option<String>,
    /// When the outcome was recorded, epoch milliseconds.
    pub applied_at: Option<i64>,
}

impl TryFrom<import_candidate::Model> for Candidate {
    type Error = Error;

    fn try_from(row: import_candidate::Model) -> Result<Self> {
        let id = row.id;
        Ok(Self {
            category: named(id, "category", &row.category)?,
            conflict: maybe(id, "conflict", row.conflict.as_deref())?,
            source_profile: maybe(id, "source_profile", row.source_profile.as_deref())?,
            outcome: maybe(id, "outcome", row.outcome.as_deref())?,
            outcome_reason: maybe(id, "outcome_code", row.outcome_code.as_deref())?,
            profile: document(id, "profile", row.profile)?,
            differences: document(id, "differences", row.differences)?,
            okta_status: OktaStatus::from(row.okta_status),
            id,
            import_id: row.import_id,
            organization_id: row.organization_id,
            okta_id: row.okta_id,
            user_id: row.user_id,
            user_revision: row.user_revision,
            okta_last_updated: row.okta_last_updated,
            is_admin: row.is_admin,
            linked: row.linked,
            assigned: row.assigned,
            differs: row.differs,
            display_name: row.display_name,
            sort_name: row.sort_name,
            login: row.login,
            login_key: row.login_key,
            email: row.email,
            email_key: row.email_key,
            search_text: row.search_text,
            selected: row.selected,
            outcome_message: row.outcome_message,
            applied_at: row.applied_at,
        })
    }
}

impl Candidate {
    fn row(self) -> Result<import_candidate::Model> {
        Ok(import_candidate::Model {
            id: self.id,
            import_id: self.import_id,
            organization_id: self.organization_id,
            okta_id: self.okta_id,
            category: self.category.to_string(),
            conflict: self.conflict.map(|each| each.to_string()),
            user_id: self.user_id,
            user_revision: self.user_revision,
            okta_status: self.okta_status.into(),
            okta_last_updated: self.okta_last_updated,
            is_admin: self.is_admin,
            linked: self.linked,
            assigned: self.assigned,
            differs: self.differs,
            display_name: self.display_name,
            sort_name: self.sort_name,
            login: self.login,
            login_key: self.login_key,
            email: self.email,
            email_key: self.email_key,
            search_text: self.search_text,
            profile: self.profile.into(),
            differences: serde_json::to_value(self.differences)
                .map_err(|e| Error::Database(e.to_string()))?,
            selected: self.selected,
            source_profile: self.source_profile.map(|each| each.to_string()),
            outcome: self.outcome.map(|each| each.to_string()),
            outcome_code: self.outcome_reason.map(|each| each.to_string()),
            outcome_message: self.outcome_message,
            applied_at: self.applied_at,
        })
    }
}

fn corrupt(row: Uuid, what: &'static str, value: &str) -> Error {
    Error::Corrupt {
        table: "import_candidate",
        row: row.to_string(),
        what,
        value: value.to_owned(),
    }
}

fn named<T: std::str::FromStr>(row: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| corrupt(row, what, text))
}

fn maybe<T: std::str::FromStr>(
    row: Uuid,
    what: &'static str,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| named(row, what, text)).transpose()
}

fn document<T: serde::de::DeserializeOwned>(
    row: Uuid,
    what: &'static str,
    value: serde_json::Value,
) -> Result<T> {
    serde_json::from_value(value).map_err(|e| corrupt(row, what, &e.to_string()))
}

/// Rows of one insert. Only these numbers, so that there are three statements to keep prepared: with every number of rows that comes up, each
/// connection would keep megabytes of them.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// Writes new candidates.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, candidates: Vec<Candidate>) -> Result<()> {
    let rows: Result<Vec<_>> = candidates.into_iter().map(Candidate::row).collect();
    let mut rows: Vec<_> = rows?
        .into_iter()
        .map(|row| row.into_active_model())
        .collect();
    for chunk in CHUNKS {
        while rows.len() >= chunk {
            let some = rows.split_off(rows.len() - chunk);
            import_candidate::Entity::insert_many(some)
                .exec_without_returning(tx.connection())
                .await?;
        }
    }
    Ok(())
}

/// Keeps a candidate as it is now.
///
/// # Errors
/// The database's own.
pub async fn save(tx: &Tx, candidate: Candidate) -> Result<()> {
    let row = candidate.row()?.into_active_model().reset_all();
    import_candidate::Entity::update(row)
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// What became of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The outcome.
    pub outcome: Outcome,
    /// Why it is not `APPLIED`.
    pub reason: Option<OutcomeReason>,
    /// Details for people.
    pub message: Option<String>,
    /// The person whom it concerned, if there is one by now.
    pub user_id: Option<Uuid>,
}

/// Records what became of a candidate.
///
/// # Errors
/// The database's own.
pub async fn end(tx: &Tx, id: Uuid, ended: Ended, now: i64) -> Result<()> {
    import_candidate::Entity::update_many()
        .filter(Column::Id.eq(id))
        .col_expr(Column::Outcome, Expr::value(ended.outcome.as_str()))
        .col_expr(
            Column::OutcomeCode,
            Expr::value(ended.reason.map(|reason| reason.to_string())),
        )
        .col_expr(Column::OutcomeMessage, Expr::value(ended.message))
        .col_expr(Column::UserId, Expr::value(ended.user_id))
        .col_expr(Column::AppliedAt, Expr::value(Some(now)))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// What candidates are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CandidateOrder {
    /// The name, from A.
    #[default]
    Name,
    /// The name, from Z.
    NameDescending,
    /// The order in which Okta listed them.
    Listed,
}

/// A page of candidates. The caller has found the import in the viewer's organisation; the order decides the direction.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn list(
    db: &impl Access,
    import: Uuid,
    filter: &CandidateFilter,
    order: CandidateOrder,
    request: PageRequest,
) -> Result<Page<Candidate>> {
    let select = import_candidate::Entity::find().filter(filter.condition(import));
    let request = PageRequest {
        descending: order == CandidateOrder::NameDescending,
        ..request
    };
    let key = (order != CandidateOrder::Listed).then_some(Column::SortName);
    let place = |row: &import_candidate::Model| Position {
        key: key.map(|_| Key::Text(row.sort_name.clone())),
        id: row.id,
    };
    let rows = page(db, select, key, Column::Id, request, place).await?;
    rows.try_map(Candidate::try_from)
}

/// How many candidates match.
///
/// # Errors
/// The database's own.
pub async fn count(db: &impl Access, import: Uuid, filter: &CandidateFilter) -> Result<u64> {
    Ok(import_candidate::Entity::find()
        .filter(filter.condition(import))
        .count(db.connection())
        .await?)
}

/// The candidate.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Candidate>> {
    let found = import_candidate::Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .one(db.connection())
        .await?;
    found.map(Candidate::try_from).transpose()
}

/// These candidates of an import, in no order.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_ids(db: &impl Access, import: Uuid, ids: &[Uuid]) -> Result<Vec<Candidate>> {
    let rows = import_candidate::Entity::find()
        .filter(Column::ImportId.eq(import))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db.connection())
        .await?;
    rows.into_iter().map(Candidate::try_from).collect()
}

/// Ticked candidates without an outcome behind `after`, in the order of their ids.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn next(
    db: &impl Access,
    import: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Candidate>> {
    let rows = import_candidate::Entity::find()
        .filter(Column::ImportId.eq(import))
        .filter(ticked())
        .filter(Column::Id.gt(after.unwrap_or(Uuid::nil())))
        .filter(Column::Outcome.is_null())
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?;
    rows.into_iter().map(Candidate::try_from).collect()
}

/// Which ticks and sources to set; `None` leaves them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectionChange {
    /// Tick or untick.
    pub selected: Option<bool>,
    /// Whose values count; `Some(None)` goes back to the import's choice.
    pub source: Option<Option<SourceProfile>>,
}

/// Sets ticks and sources of candidates that match, and have no outcome yet. Conflicts are never ticked, and with `without_admins` neither
/// is anybody who holds an admin role.
///
/// # Errors
/// The database's own.
pub async fn select(
    tx: &Tx,
    import: Uuid,
    which: &Which<'_>,
    change: SelectionChange,
) -> Result<u64> {
    let (condition, without_admins) = match which {
        Which::Ids(ids) => (
            Condition::all()
                .add(Column::ImportId.eq(import))
                .add(Column::Id.is_in(ids.iter().copied())),
            false,
        ),
        Which::Matching(filter) => (filter.condition(import), true),
    };
    let mut changed = 0;
    if let Some(selected) = change.selected {
        let mut update = import_candidate::Entity::update_many()
            .filter(condition.clone())
            .filter(Column::Outcome.is_null())
            .filter(if selected { ticked().not() } else { ticked() });
        if selected {
            update = update.filter(Column::Conflict.is_null());
        }
        if selected && without_admins {
            update = update.filter(Column::IsAdmin.eq(false));
        }
        let done = update
            .col_expr(Column::Selected, Expr::value(selected))
            .exec(tx.connection())
            .await?;
        changed += done.rows_affected;
    }
    if let Some(source) = change.source {
        let done = import_candidate::Entity::update_many()
            .filter(condition)
            .filter(Column::Outcome.is_null())
            .col_expr(
                Column::SourceProfile,
                Expr::value(source.map(|each| each.to_string())),
            )
            .exec(tx.connection())
            .await?;
        changed += done.rows_affected;
    }
    Ok(changed)
}

/// How many of these are candidates of the import.
///
/// # Errors
/// The database's own.
pub async fn among(db: &impl Access, import: Uuid, ids: &[Uuid]) -> Result<usize> {
    let found = import_candidate::Entity::find()
        .filter(Column::ImportId.eq(import))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .count(db.connection())
        .await?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

/// Which candidates a change concerns.
#[derive(Clone, Debug)]
pub enum Which<'a> {
    /// These.
    Ids(&'a [Uuid]),
    /// All that match.
    Matching(&'a CandidateFilter),
}

/// How many candidates of one kind there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The category.
    pub category: Category,
    /// Whether they are ticked.
    pub selected: bool,
    /// Whether they have a conflict.
    pub conflict: bool,
    /// Whose values count for them; `None` for the import's choice.
    pub source: Option<SourceProfile>,
    /// Whether a mapped value differs.
    pub differs: bool,
    /// Whether the people have the app already.
    pub assigned: bool,
    /// How many.
    pub count: u64,
}

/// A row of the grouped count.
type Grouped = (String, bool, bool, Option<String>, bool, bool, i64);

/// Counts the candidates of an import by everything that decides what confirming does.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn tally(db: &impl Access, import: Uuid) -> Result<Vec<Tally>> {
    let rows: Vec<Grouped> = import_candidate::Entity::find()
        .select_only()
        .column(Column::Category)
        .column(Column::Selected)
        .expr_as(Expr::cust("conflict IS NOT NULL"), "in_conflict")
        .column(Column::SourceProfile)
        .column(Column::Differs)
        .column(Column::Assigned)
        .column_as(Column::Id.count(), "total")
        .filter(Column::ImportId.eq(import))
        .group_by(Column::Category)
        .group_by(Column::Selected)
        .group_by(Expr::cust("conflict IS NOT NULL"))
        .group_by(Column::SourceProfile)
        .group_by(Column::Differs)
        .group_by(Column::Assigned)
        .into_tuple()
        .all(db.connection())
        .await?;
    let tally = |(category, selected, conflict, source, differs, assigned, count): Grouped| {
        Ok(Tally {
            category: named(import, "category", &category)?,
            selected,
            conflict,
            source: maybe(import, "source_profile", source.as_deref())?,
            differs,
            assigned,
            count: u64::try_from(count).unwrap_or_default(),
        })
    };
    rows.into_iter().map(tally).collect()
}

/// How many candidates have each outcome.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn outcomes(db: &impl Access, import: Uuid) -> Result<HashMap<Outcome, u64>> {
    let rows: Vec<(String, i64)> = import_candidate::Entity::find()
        .select_only()
        .column(Column::Outcome)
        .column_as(Column::Id.count(), "total")
        .filter(Column::ImportId.eq(import))
        .filter(Column::Outcome.is_not_null())
        .group_by(Column::Outcome)
        .into_tuple()
        .all(db.connection())
        .await?;
    let pair = |(outcome, count): (String, i64)| {
        let count = u64::try_from(count).unwrap_or_default();
        Ok((named(import, "outcome", &outcome)?, count))
    };
    rows.into_iter().map(pair).collect()
}

/// People whom imports of an app deactivated since a time, epoch milliseconds, and when.
///
/// # Errors
/// The database's own.
pub async fn deactivated_in_app(
    db: &impl Access,
    app: Uuid,
    since: i64,
) -> Result<Vec<(Uuid, i64)>> {
    let imports = imports::confirmed_since(db, app, since).await?;
    if imports.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Option<Uuid>, Option<i64>)> = import_candidate::Entity::find()
        .select_only()
        .column(Column::UserId)
        .column(Column::AppliedAt)
        .filter(Column::ImportId.is_in(imports))
        .filter(Column::Outcome.eq(Outcome::Applied.as_str()))
        .filter(Column::Category.eq(Category::Deactivate.as_str()))
        .filter(Column::AppliedAt.gt(since))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(user, at)| Some((user?, at?)))
        .collect())
}

/// People whom the import of an app that is being applied is still to deactivate.
///
/// # Errors
/// The database's own.
pub async fn deactivations_under_way(db: &impl Access, app: Uuid) -> Result<u64> {
    let Some(import) = imports::applying(db, app).await? else {
        return Ok(0);
    };
    Ok(import_candidate::Entity::find()
        .filter(Column::ImportId.eq(import))
        .filter(ticked())
        .filter(Column::Category.eq(Category::Deactivate.as_str()))
        .filter(Column::Outcome.is_null())
        .count(db.connection())
        .await?)
}

/// Holds every ticked deactivation that has no outcome yet. Answers how many.
///
/// # Errors
/// The database's own.
pub async fn hold_deactivations(tx: &Tx, import: Uuid, reason: OutcomeReason) -> Result<u64> {
    let done = import_candidate::Entity::update_many()
        .filter(Column::ImportId.eq(import))
        .filter(ticked())
        .filter(Column::Category.eq(Category::Deactivate.as_str()))
        .filter(Column::Outcome.is_null())
        .col_expr(Column::Outcome, Expr::value(Outcome::Held.as_str()))
        .col_expr(Column::OutcomeCode, Expr::value(reason.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected)
}

/// Takes the outcome back from candidates, so that the worker takes them up.
///
/// # Errors
/// The database's own.
pub async fn reopen(tx: &Tx, import: Uuid, which: Reopen<'_>) -> Result<u64> {
    let mut update = import_candidate::Entity::update_many()
        .filter(Column::ImportId.eq(import))
        .col_expr(Column::Outcome, Expr::value(Option::<String>::None))
        .col_expr(Column::OutcomeCode, Expr::value(Option::<String>::None))
        .col_expr(Column::OutcomeMessage, Expr::value(Option::<String>::None))
        .col_expr(Column::AppliedAt, Expr::value(Option::<i64>::None));
    update = match which {
        Reopen::Held => update.filter(Column::Outcome.eq(Outcome::Held.as_str())),
        Reopen::Ids(ids) => update.filter(Column::Id.is_in(ids.iter().copied())),
    };
    Ok(update.exec(tx.connection()).await?.rows_affected)
}

/// Which outcomes are taken back.
#[derive(Clone, Copy, Debug)]
pub enum Reopen<'a> {
    /// Those that were held.
    Held,
    /// Those of these candidates.
    Ids(&'a [Uuid]),
}

/// Notes that accounts changed in Okta since they were read: ticked candidates of theirs that are older become `STALE`. `changed` are
/// Okta's ids and times of the last change, epoch milliseconds.
///
/// # Errors
/// The database's own.
pub async fn outdate(
    tx: &Tx,
    import: Uuid,
    changed: &HashMap<&str, Option<i64>>,
    now: i64,
) -> Result<()> {
    let rows: Vec<(Uuid, String, Option<i64>)> = import_candidate::Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::OktaId)
        .column(Column::OktaLastUpdated)
        .filter(Column::ImportId.eq(import))
        .filter(Column::OktaId.is_in(changed.keys().copied()))
        .filter(ticked())
        .filter(Column::Outcome.is_null())
        .into_tuple()
        .all(tx.connection())
        .await?;
    let moved = rows.into_iter().filter(|(_, okta_id, read)| {
        changed
            .get(okta_id.as_str())
            .is_some_and(|seen| seen != read)
    });
    let ids: Vec<Uuid> = moved.map(|(id, _, _)| id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    import_candidate::Entity::update_many()
        .filter(Column::Id.is_in(ids))
        .col_expr(Column::Outcome, Expr::value(Outcome::Stale.as_str()))
        .col_expr(
            Column::OutcomeCode,
            Expr::value(OutcomeReason::AccountChanged.as_str()),
        )
        .col_expr(Column::AppliedAt, Expr::value(Some(now)))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Candidates of an import that would be created and have one of these logins or addresses, as match keys.
///
/// # Errors
/// The database's own.
pub async fn new_with_keys(
    db: &impl Access,
    import: Uuid,
    logins: &[&str],
    emails: &[&str],
) -> Result<Vec<(Uuid, String, String)>> {
    let mut found = Vec::new();
    for (column, keys) in [(Column::LoginKey, logins), (Column::EmailKey, emails)] {
        if keys.is_empty() {
            continue;
        }
        let rows: Vec<(Uuid, String, String)> = import_candidate::Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::LoginKey)
            .column(Column::EmailKey)
            .filter(Column::ImportId.eq(import))
            .filter(column.is_in(keys.iter().copied()))
            .filter(Expr::cust("category = 'NEW'"))
            .into_tuple()
            .all(db.connection())
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Candidates of an import for these people.
///
/// # Errors
/// The database's own.
pub async fn for_people(
    db: &impl Access,
    import: Uuid,
    users: &[Uuid],
) -> Result<Vec<(Uuid, Uuid)>> {
    let rows: Vec<(Uuid, Option<Uuid>)> = import_candidate::Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::UserId)
        .filter(Column::ImportId.eq(import))
        .filter(Column::UserId.is_in(users.iter().copied()))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, user)| Some((id, user?)))
        .collect())
}

/// Marks candidates as being in conflict, unless they are already; whoever is in conflict is not ticked.
///
/// # Errors
/// The database's own.
pub async fn conflict(tx: &Tx, ids: &[Uuid], reason: ConflictReason) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    import_candidate::Entity::update_many()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::Conflict.is_null())
        .col_expr(Column::Conflict, Expr::value(reason.as_str()))
        .col_expr(Column::Selected, Expr::value(false))
        .exec(tx.connection())
        .await?;
    Ok(())
}
