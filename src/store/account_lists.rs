//! Accounts as a panel shows them: lists, counts, and single ones. The worker's own reading and writing is in `accounts`.

use entity::account::{self, Column};
use entity::assignment;
use sea_orm::prelude::Json;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, EntityTrait as _, FromQueryResult as _,
    PaginatorTrait as _, QueryFilter as _, QueryResult, QuerySelect as _, QueryTrait as _, Select,
};
use uuid::Uuid;

use super::by_person::{PersonFilter, TimeSpan, by_name_at_once, page_by_name};
use super::columns::{Columns, Detail, down_to};
use super::page::{Page, PageRequest, Position, page};
use super::{Access, Error, Result, Tx, apps};
use crate::domain::account::{
    AccountState, OktaStatus, Problem, ProblemCode, Provenance, WaitReason,
};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::LinkConfirmation;

/// An account as a panel shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountView {
    /// The account.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// Goes up with every change of the account.
    pub revision: i64,
    /// Where it stands.
    pub state: AccountState,
    /// Why it is `BLOCKED`; `None` otherwise.
    pub problem: Option<Problem>,
    /// What it is `WAITING` for; `None` otherwise.
    pub wait: Option<WaitReason>,
    /// When it is tried again, epoch milliseconds; `None` when nothing is planned, or a person has to act first.
    pub next_attempt_at: Option<i64>,
    /// Since when it waits for its deletion, epoch milliseconds; `None` when it does not.
    pub deletion_from: Option<i64>,
    /// The hold in which it waits; `None` unless it is `HELD`.
    pub hold_id: Option<Uuid>,
    /// The connection through which it is linked.
    pub okta_org_id: Option<Uuid>,
    /// Okta's id; `None` while unlinked.
    pub okta_id: Option<String>,
    /// How the link came about; `None` while unlinked.
    pub provenance: Option<Provenance>,
    /// Okta's status as last seen.
    pub okta_status: Option<OktaStatus>,
    /// When Okta was last seen, epoch milliseconds.
    pub observed_at: Option<i64>,
    /// The role that we gave.
    pub granted_role: Option<RoleType>,
    /// When it was made here, epoch milliseconds.
    pub created_at: i64,
    /// Last change, epoch milliseconds.
    pub updated_at: i64,
}

/// The columns that a view is made of.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: Uuid,
    organization_id: Uuid,
    pub(super) app_id: Uuid,
    pub(super) user_id: Uuid,
    revision: i64,
    state: String,
    problem_code: Option<String>,
    problem_detail: Option<Json>,
    wait_reason: Option<String>,
    next_attempt_at: Option<i64>,
    deletion_from: Option<i64>,
    removal_hold_id: Option<Uuid>,
    okta_org_id: Option<Uuid>,
    okta_id: Option<String>,
    provenance: Option<String>,
    okta_status: Option<String>,
    observed_at: Option<i64>,
    granted_role: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    /// Whose account it is, is known to whoever reads it.
    const COLUMNS: [Column; 17] = [
        Column::Id,
        Column::State,
        Column::ProblemCode,
        Column::ProblemDetail,
        Column::WaitReason,
        Column::NextAttemptAt,
        Column::RemovalHoldId,
        // Not among what lists show.
        Column::Revision,
        Column::DeletionFrom,
        Column::OktaOrgId,
        Column::OktaId,
        Column::Provenance,
        Column::OktaStatus,
        Column::ObservedAt,
        Column::GrantedRole,
        Column::CreatedAt,
        Column::UpdatedAt,
    ];
    const BRIEF: usize = 7;

    /// In the order in which [`Self::read`] takes them.
    pub(super) fn columns(detail: Detail) -> &'static [Column] {
        let plain = Self::COLUMNS.len();
        down_to(&Self::COLUMNS, (Self::BRIEF, plain), detail)
    }

    /// The account that this person has in this app; `None` where there is none.
    pub(super) fn read(
        columns: &mut Columns<'_>,
        detail: Detail,
        of: &assignment::Model,
    ) -> std::result::Result<Option<Self>, DbErr> {
        let Some(id) = columns.next()? else {
            columns.pass(Self::columns(detail).len() - 1);
            return Ok(None);
        };
        let more = detail > Detail::Brief;
        Ok(Some(Self {
            id,
            organization_id: of.organization_id,
            app_id: of.app_id,
            user_id: of.user_id,
            state: columns.next()?,
            problem_code: columns.next()?,
            problem_detail: columns.next()?,
            wait_reason: columns.next()?,
            next_attempt_at: columns.next()?,
            removal_hold_id: columns.next()?,
            revision: columns.next_if(more)?,
            deletion_from: columns.next_if(more)?,
            okta_org_id: columns.next_if(more)?,
            okta_id: columns.next_if(more)?,
            provenance: columns.next_if(more)?,
            okta_status: columns.next_if(more)?,
            observed_at: columns.next_if(more)?,
            granted_role: columns.next_if(more)?,
            created_at: columns.next_if(more)?,
            updated_at: columns.next_if(more)?,
        }))
    }
}

impl From<account::Model> for Row {
    fn from(row: account::Model) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            user_id: row.user_id,
            revision: row.revision,
            state: row.state,
            problem_code: row.problem_code,
            problem_detail: row.problem_detail,
            wait_reason: row.wait_reason,
            next_attempt_at: row.next_attempt_at,
            deletion_from: row.deletion_from,
            removal_hold_id: row.removal_hold_id,
            okta_org_id: row.okta_org_id,
            okta_id: row.okta_id,
            provenance: row.provenance,
            okta_status: row.okta_status,
            observed_at: row.observed_at,
            granted_role: row.granted_role,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl TryFrom<account::Model> for AccountView {
    type Error = Error;

    fn try_from(row: account::Model) -> Result<Self> {
        Row::from(row).try_into()
    }
}

impl TryFrom<Row> for AccountView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let id = row.id;
        let problem = row.problem_detail.map(serde_json::from_value).transpose();
        let problem = problem.map_err(|e| corrupt(id, "problem", e.to_string()))?;
        let coded = row
            .problem_code
            .as_deref()
            .map(|code| named(id, "problem_code", code));
        let problem = match (problem, coded.transpose()?) {
            (Some(problem), _) => Some(problem),
            (None, code) => code.map(Problem::new),
        };
        let state = named(id, "state", &row.state)?;
        Ok(Self {
            id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            user_id: row.user_id,
            revision: row.revision,
            state,
            problem,
            wait: optional(id, "wait_reason", row.wait_reason.as_deref())?,
            next_attempt_at: row.next_attempt_at,
            deletion_from: row.deletion_from,
            hold_id: row.removal_hold_id.filter(|_| state == AccountState::Held),
            okta_org_id: row.okta_org_id,
            okta_id: row.okta_id,
            provenance: optional(id, "provenance", row.provenance.as_deref())?,
            okta_status: row.okta_status.map(OktaStatus::from),
            observed_at: row.observed_at,
            granted_role: optional(id, "granted_role", row.granted_role.as_deref())?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn optional<T: std::str::FromStr>(
    row: Uuid,
    what: &'static str,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| named(row, what, text)).transpose()
}

fn named<T: std::str::FromStr>(row: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| corrupt(row, what, text.to_owned()))
}

fn corrupt(row: Uuid, what: &'static str, value: String) -> Error {
    Error::Corrupt {
        table: "account",
        row: row.to_string(),
        what,
        value,
    }
}

/// How an account stands; the default takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountStanding {
    /// Only those in one of these states.
    pub states: Option<Vec<AccountState>>,
    /// Only those blocked for one of these reasons.
    pub problems: Option<Vec<ProblemCode>>,
    /// Only those that wait for one of these reasons.
    pub waits: Option<Vec<WaitReason>>,
}

impl AccountStanding {
    fn condition(&self) -> Condition {
        let states = self.states.iter().map(|states| {
            let names = states.iter().map(|state| state.as_str());
            Column::State.is_in(names)
        });
        let problems = self.problems.iter().map(|problems| {
            let names = problems.iter().map(|problem| problem.as_str());
            Column::ProblemCode.is_in(names)
        });
        let waits = self.waits.iter().map(|waits| {
            let names = waits.iter().map(|wait| wait.as_str());
            Column::WaitReason.is_in(names)
        });
        let all = states.chain(problems).chain(waits);
        all.fold(Condition::all(), Condition::add)
    }

    /// The ids of the people whose accounts in the app stand so; `None` when all do.
    pub(super) fn people(&self, app: Uuid) -> Option<SelectStatement> {
        (*self != Self::default()).then(|| {
            account::Entity::find()
                .select_only()
                .column(Column::UserId)
                .filter(Column::AppId.eq(app))
                .filter(self.condition())
                .into_query()
        })
    }
}

/// Which accounts of an app to list; the default takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Whose.
    pub people: PersonFilter,
    /// How they stand.
    pub standing: AccountStanding,
    /// When they were changed last.
    pub updated: TimeSpan,
}

impl AccountFilter {
    fn takes_all(&self) -> bool {
        *self == Self::default()
    }
}

/// What a list of accounts is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountKey {
    /// The time of the first assignment.
    #[default]
    CreatedAt,
    /// The person's name.
    UserName,
}

/// A page of an app's accounts.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    filter: &AccountFilter,
    key: AccountKey,
    request: PageRequest,
) -> Result<Page<AccountView>> {
    let select = matching(organization, app, filter);
    let rows = match key {
        AccountKey::CreatedAt => {
            let place = |row: &account::Model| Position {
                key: None,
                id: row.id,
            };
            page(db, select, None, Column::Id, request, place).await?
        }
        AccountKey::UserName => {
            let select = match filter.takes_all() {
                true => by_name_at_once(select, &request),
                false => select,
            };
            let (owner, own) = (Column::UserId, Column::Id);
            let read = |row: &QueryResult| account::Model::from_query_result(row, "");
            let id = |row: &account::Model| row.id;
            page_by_name(db, organization, select, (owner, own), request, read, id).await?
        }
    };
    rows.try_map(AccountView::try_from)
}

/// How many accounts [`list`] goes through in all.
///
/// # Errors
/// The database's own.
pub async fn count(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    filter: &AccountFilter,
) -> Result<u64> {
    Ok(matching(organization, app, filter)
        .count(db.connection())
        .await?)
}

fn matching(organization: Uuid, app: Uuid, filter: &AccountFilter) -> Select<account::Entity> {
    let condition = Condition::all()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::AppId.eq(app))
        .add(filter.standing.condition())
        .add_option(filter.people.condition(organization, Column::UserId))
        .add(filter.updated.condition(Column::UpdatedAt));
    account::Entity::find().filter(condition)
}

/// The accounts with these ids, in no order.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_ids(
    db: &impl Access,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<Vec<AccountView>> {
    all(
        db,
        organization,
        Condition::all()
            .add(Column::Id.is_in(ids.iter().copied()))
            .add(Column::AppId.in_subquery(apps::present_ids(organization))),
    )
    .await
}

/// All accounts of these people, in every app that was not removed.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn of_people(
    db: &impl Access,
    organization: Uuid,
    users: &[Uuid],
) -> Result<Vec<AccountView>> {
    let theirs = Condition::all()
        .add(Column::UserId.is_in(users.iter().copied()))
        .add(Column::AppId.in_subquery(apps::present_ids(organization)));
    all(db, organization, theirs).await
}

/// The ids of these people's accounts in one app.
///
/// # Errors
/// The database's own.
pub async fn ids_in_app(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    users: &[Uuid],
) -> Result<Vec<Uuid>> {
    Ok(account::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.eq(app))
        .filter(Column::UserId.is_in(users.iter().copied()))
        .into_tuple()
        .all(db.connection())
        .await?)
}

async fn all(
    db: &impl Access,
    organization: Uuid,
    condition: Condition,
) -> Result<Vec<AccountView>> {
    let rows = account::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(condition)
        .all(db.connection())
        .await?;
    rows.into_iter().map(AccountView::try_from).collect()
}

/// One account, which nobody else changes before the transaction ends.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn lock(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<AccountView>> {
    let row = account::Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.in_subquery(apps::present_ids(organization)))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    row.map(AccountView::try_from).transpose()
}

/// Keeps an administrator's agreement to take over an Okta account.
///
/// # Errors
/// The database's own.
pub async fn confirm_link(
    tx: &Tx,
    organization: Uuid,
    id: Uuid,
    confirmation: &LinkConfirmation,
) -> Result<()> {
    use sea_orm::sea_query::Expr;
    let json = serde_json::to_value(confirmation)
        .map_err(|e| corrupt(id, "link_confirmation", e.to_string()))?;
    account::Entity::update_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id))
        .col_expr(Column::LinkConfirmation, Expr::value(Some(json)))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Keeps an administrator's agreement to change an Okta account that holds admin roles which we did not give.
///
/// # Errors
/// The database's own.
pub async fn confirm_admin(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    use sea_orm::sea_query::Expr;
    account::Entity::update_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id))
        .col_expr(Column::AdminConfirmed, Expr::value(true))
        .exec(tx.connection())
        .await?;
    Ok(())
}
