//! The journal as a panel shows it. Writing it is the worker's, in `operations`.

use std::collections::HashMap;

use entity::account;
use entity::operation::{self, Column};
use sea_orm::prelude::Json;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use serde_json::Value;
use uuid::Uuid;

use super::by_person::{PersonFilter, TimeSpan};
use super::columns::{Columns, Detail, down_to};
use super::page::{Page, PageRequest, Position, cut, page, within};
use super::{Access, Error, Result, account_lists, apps};
use crate::domain::journal::OperationStatus;
use crate::domain::okta_role::RoleType;
use crate::domain::plan::OperationKind;

/// One call to Okta as a panel shows it: names of what changed, never the values.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationView {
    /// The journal row.
    pub id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// What was asked of Okta.
    pub kind: OperationKind,
    /// How far it is.
    pub status: OperationStatus,
    /// The account's generation from which it was planned.
    pub generation: i64,
    /// How often the identical request was sent.
    pub attempts: i32,
    /// The answer was lost; Okta is or was read to learn the outcome.
    pub outcome_unknown: bool,
    /// Names of the Okta attributes that it writes, sorted; empty for other kinds.
    pub changed_attributes: Vec<String>,
    /// The role that it gives or takes.
    pub role: Option<RoleType>,
    /// When it was sent last, epoch milliseconds.
    pub sent_at: i64,
    /// When the outcome became certain, epoch milliseconds; `None` while it is open.
    pub resolved_at: Option<i64>,
    /// `X-Okta-Request-Id` of the answer.
    pub okta_request_id: Option<String>,
    /// Okta's `errorCode`, or our own.
    pub error_code: Option<String>,
    /// What Okta said.
    pub error_message: Option<String>,
}

/// The columns that a view is made of.
#[derive(Debug)]
pub(super) struct Row {
    id: Uuid,
    app_id: Uuid,
    account_id: Uuid,
    user_id: Uuid,
    kind: String,
    status: String,
    generation: i64,
    attempt: i32,
    outcome_unknown: bool,
    sent_at: i64,
    resolved_at: Option<i64>,
    okta_request_id: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    /// Null where it is not asked for.
    request: Json,
}

impl Row {
    /// Whose operation it is, is known to whoever reads it.
    const COLUMNS: [Column; 12] = [
        Column::Id,
        Column::Kind,
        Column::Status,
        Column::SentAt,
        Column::ErrorCode,
        Column::ErrorMessage,
        // Not among what lists show.
        Column::Generation,
        Column::Attempt,
        Column::OutcomeUnknown,
        Column::ResolvedAt,
        Column::OktaRequestId,
        // JSON.
        Column::Request,
    ];
    const BRIEF: usize = 6;
    const PLAIN: usize = 11;

    /// In the order in which [`Self::read`] takes them.
    pub(super) fn columns(detail: Detail) -> &'static [Column] {
        down_to(&Self::COLUMNS, (Self::BRIEF, Self::PLAIN), detail)
    }

    /// An operation of this account; `None` where there is none.
    pub(super) fn read(
        columns: &mut Columns<'_>,
        detail: Detail,
        of: Option<&account_lists::Row>,
    ) -> std::result::Result<Option<Self>, DbErr> {
        let (Some(id), Some(of)) = (columns.next()?, of) else {
            columns.pass(Self::columns(detail).len() - 1);
            return Ok(None);
        };
        let more = detail > Detail::Brief;
        Ok(Some(Self {
            id,
            app_id: of.app_id,
            account_id: of.id,
            user_id: of.user_id,
            kind: columns.next()?,
            status: columns.next()?,
            sent_at: columns.next()?,
            error_code: columns.next()?,
            error_message: columns.next()?,
            generation: columns.next_if(more)?,
            attempt: columns.next_if(more)?,
            outcome_unknown: columns.next_if(more)?,
            resolved_at: columns.next_if(more)?,
            okta_request_id: columns.next_if(more)?,
            request: columns.next_if(detail == Detail::Whole)?,
        }))
    }
}

impl From<operation::Model> for Row {
    fn from(row: operation::Model) -> Self {
        Self {
            id: row.id,
            app_id: row.app_id,
            account_id: row.account_id,
            user_id: row.user_id,
            kind: row.kind,
            status: row.status,
            generation: row.generation,
            attempt: row.attempt,
            outcome_unknown: row.outcome_unknown,
            sent_at: row.sent_at,
            resolved_at: row.resolved_at,
            okta_request_id: row.okta_request_id,
            error_code: row.error_code,
            error_message: row.error_message,
            request: row.request,
        }
    }
}

impl TryFrom<operation::Model> for OperationView {
    type Error = Error;

    fn try_from(row: operation::Model) -> Result<Self> {
        Row::from(row).try_into()
    }
}

impl TryFrom<Row> for OperationView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let kind = named(row.id, "kind", &row.kind)?;
        let status = named(row.id, "status", &row.status)?;
        Ok(Self {
            id: row.id,
            app_id: row.app_id,
            account_id: row.account_id,
            user_id: row.user_id,
            kind,
            status,
            generation: row.generation,
            attempts: row.attempt,
            outcome_unknown: row.outcome_unknown,
            changed_attributes: attributes(&row.request),
            role: role(&row.request),
            sent_at: row.sent_at,
            resolved_at: row.resolved_at,
            okta_request_id: row.okta_request_id,
            error_code: row.error_code,
            error_message: row.error_message,
        })
    }
}

fn named<T: std::str::FromStr>(row: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt {
        table: "operation",
        row: row.to_string(),
        what,
        value: text.to_owned(),
    })
}

fn attributes(request: &Value) -> Vec<String> {
    let profile = request.pointer("/body/profile").and_then(Value::as_object);
    let mut names: Vec<String> = profile
        .into_iter()
        .flat_map(|p| p.keys().cloned())
        .collect();
    names.sort_unstable();
    names
}

fn role(request: &Value) -> Option<RoleType> {
    let name = request.get("role").and_then(Value::as_str)?;
    name.parse().ok()
}

/// Which operations to list; the default takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OperationFilter {
    /// Whose.
    pub people: PersonFilter,
    /// Only these kinds.
    pub kinds: Option<Vec<OperationKind>>,
    /// Only those that are so far.
    pub statuses: Option<Vec<OperationStatus>>,
    /// When they were sent.
    pub sent: TimeSpan,
}

/// A page of an app's operations, in the order in which they were begun.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    filter: &OperationFilter,
    request: PageRequest,
) -> Result<Page<OperationView>> {
    let select = matching(organization, app, filter);
    let place = |row: &operation::Model| Position {
        key: None,
        id: row.id,
    };
    let rows = page(db, select, None, Column::Id, request, place).await?;
    rows.try_map(OperationView::try_from)
}

/// The same page of the operations of each of these accounts, by one statement; accounts of others have empty ones.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn pages(
    db: &impl Access,
    organization: Uuid,
    accounts: &[Uuid],
    filter: &OperationFilter,
    request: &PageRequest,
) -> Result<HashMap<Uuid, Page<OperationView>>> {
    let place = |row: &operation::Model| Position {
        key: None,
        id: row.id,
    };
    let numbered = of_accounts(organization, accounts, filter);
    let number = match request.order() {
        Order::Desc => "ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY id DESC)",
        _ => "ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY id)",
    };
    let numbered = within(numbered, None, Column::Id, request)
        .select_only()
        .column(Column::Id)
        .expr_as(Expr::cust(number), "place");
    let first = Query::select()
        .column("id")
        .from_subquery(numbered.into_query(), "numbered")
        .and_where(Expr::col("place").lte(request.limit + 1))
        .take();
    let rows = operation::Entity::find()
        .filter(Column::Id.in_subquery(first))
        .order_by(Column::Id, request.order())
        .all(db.connection())
        .await?;
    let mut of: HashMap<Uuid, Vec<_>> = accounts.iter().map(|id| (*id, Vec::new())).collect();
    for row in rows {
        of.entry(row.account_id).or_default().push(row);
    }
    let paged = |(account, rows)| {
        let page = cut(rows, request, place).try_map(OperationView::try_from)?;
        Ok((account, page))
    };
    of.into_iter().map(paged).collect()
}

/// How many operations [`pages`] goes through for each of these accounts; those without any are absent.
///
/// # Errors
/// The database's own.
pub async fn counts(
    db: &impl Access,
    organization: Uuid,
    accounts: &[Uuid],
    filter: &OperationFilter,
) -> Result<HashMap<Uuid, u64>> {
    let counted: Vec<(Uuid, i64)> = of_accounts(organization, accounts, filter)
        .select_only()
        .column(Column::AccountId)
        .column_as(Column::Id.count(), "operations")
        .group_by(Column::AccountId)
        .into_tuple()
        .all(db.connection())
        .await?;
    let counted = counted.into_iter();
    Ok(counted
        .map(|(account, count)| (account, u64::try_from(count).unwrap_or_default()))
        .collect())
}

fn of_accounts(
    organization: Uuid,
    accounts: &[Uuid],
    filter: &OperationFilter,
) -> Select<operation::Entity> {
    let theirs = Column::AccountId.is_in(accounts.iter().copied());
    chosen(organization, theirs, filter)
}

/// How many operations [`list`] goes through in all.
///
/// # Errors
/// The database's own.
pub async fn count(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    filter: &OperationFilter,
) -> Result<u64> {
    Ok(matching(organization, app, filter)
        .count(db.connection())
        .await?)
}

fn matching(organization: Uuid, app: Uuid, filter: &OperationFilter) -> Select<operation::Entity> {
    chosen(organization, Column::AppId.eq(app), filter)
}

fn chosen(
    organization: Uuid,
    theirs: SimpleExpr,
    filter: &OperationFilter,
) -> Select<operation::Entity> {
    let mut condition = Condition::all()
        .add(Column::OrganizationId.eq(organization))
        .add(theirs)
        .add_option(filter.people.condition(organization, Column::UserId))
        .add(filter.sent.condition(Column::SentAt));
    if let Some(kinds) = &filter.kinds {
        condition = condition.add(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())));
    }
    if let Some(statuses) = &filter.statuses {
        let names = statuses.iter().map(|status| status.as_str());
        condition = condition.add(Column::Status.is_in(names));
        if !statuses.contains(&OperationStatus::Succeeded) {
            // As in the partial index, which is not taken for values that are bound.
            condition = condition.add(Expr::cust("status <> 'SUCCEEDED'"));
        }
    }
    operation::Entity::find().filter(condition)
}

/// The operations with these ids, in no order.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_ids(
    db: &impl Access,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<Vec<OperationView>> {
    let rows = operation::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::AppId.in_subquery(apps::present_ids(organization)))
        .all(db.connection())
        .await?;
    rows.into_iter().map(OperationView::try_from).collect()
}

/// The newest operation of each of these accounts; accounts without one are absent.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn newest_of(
    db: &impl Access,
    organization: Uuid,
    accounts: &[Uuid],
) -> Result<Vec<OperationView>> {
    let ids = Query::select()
        .expr(newest_of_account())
        .from(account::Entity)
        .and_where(account::Column::OrganizationId.eq(organization))
        .and_where(account::Column::Id.is_in(accounts.iter().copied()))
        .take();
    let rows = operation::Entity::find()
        .filter(Column::Id.in_subquery(ids))
        .all(db.connection())
        .await?;
    rows.into_iter().map(OperationView::try_from).collect()
}

/// The id of the newest operation of the account that a statement is about.
pub(super) fn newest_of_account() -> SimpleExpr {
    let newest = Query::select()
        .column((operation::Entity, Column::Id))
        .from(operation::Entity)
        .and_where(
            Expr::col((operation::Entity, Column::AccountId))
                .equals((account::Entity, account::Column::Id)),
        )
        .order_by((operation::Entity, Column::Id), Order::Desc)
        .limit(1)
        .take();
    SimpleExpr::SubQuery(None, Box::new(newest.into()))
}
