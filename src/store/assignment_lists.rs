//! Lists of an app's assignments, read together with what a screen shows of each: the person, the account, and the newest call to Okta.
//!
//! It is one statement, whatever is asked for. Read one after the other the tables cost twice as much.

use entity::assignment::{self, Column};
use entity::{account, operation};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{DbErr, EntityTrait as _, JoinType, QueryResult, QuerySelect, RelationDef, Select};
use uuid::Uuid;

use super::account_lists::{self, AccountView};
use super::assignments::{Assignment, AssignmentFilter, matching};
use super::by_person::{by_name_at_once, page_by_name, with_person};
use super::columns::Columns;
use super::operation_lists::{self, OperationView, newest_of_account};
use super::page::{Page, PageRequest, Position, page_of};
use super::users::Person;
use super::{Access, Error, Result};

pub use super::columns::Detail;

/// What a list of assignments is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssignmentKey {
    /// The time of assigning.
    #[default]
    CreatedAt,
    /// The person's name.
    UserName,
}

/// What to read with each assignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct With {
    /// The person.
    pub person: Option<Detail>,
    /// The account.
    pub account: Option<Detail>,
    /// The newest operation of the account; not without the account.
    pub operation: Option<Detail>,
}

/// An assignment with what was read with it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The assignment.
    pub assignment: Assignment,
    /// The person; `None` when not asked for.
    pub person: Option<Person>,
    /// The account; `None` when not asked for, `Some(None)` when there is none.
    pub account: Option<Option<AccountView>>,
    /// The newest operation of the account, likewise.
    pub operation: Option<Option<OperationView>>,
}

/// A page of an app's assignments.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    filter: &AssignmentFilter,
    (key, with): (AssignmentKey, With),
    request: PageRequest,
) -> Result<Page<Listed>> {
    let select = columns(matching(organization, app, filter), with);
    let read = |row: &QueryResult| Row::read(row, (organization, app), with);
    let id = |row: &Row| row.own.id;
    let page = match key {
        AssignmentKey::CreatedAt => {
            let select = match with.person {
                Some(_) => with_person(select, Column::UserId),
                None => select,
            };
            let place = |row: &Row| Position {
                key: None,
                id: id(row),
            };
            page_of(db, select, (None, Column::Id), request, read, place).await?
        }
        AssignmentKey::UserName => {
            let select = match filter.takes_all() {
                true => by_name_at_once(select, &request),
                false => select,
            };
            let (owner, own) = (Column::UserId, Column::Id);
            page_by_name(db, organization, select, (owner, own), request, read, id).await?
        }
    };
    page.try_map(Listed::try_from)
}

/// Selects the columns in the order in which [`Row::read`] takes them. The person is joined by whoever orders the list.
fn columns(select: Select<assignment::Entity>, with: With) -> Select<assignment::Entity> {
    let mut select = select.select_only().columns(OWN);
    if let Some(detail) = with.person {
        select = select.columns(Person::columns(detail).iter().copied());
    }
    let Some(detail) = with.account else {
        return select;
    };
    let account: RelationDef = assignment::Entity::belongs_to(account::Entity)
        .from((Column::AppId, Column::UserId))
        .to((account::Column::AppId, account::Column::UserId))
        .into();
    select = select
        .join(JoinType::LeftJoin, account)
        .columns(account_lists::Row::columns(detail).iter().copied());
    let Some(detail) = with.operation else {
        return select;
    };
    let is_newest = Expr::col((operation::Entity, operation::Column::Id)).eq(newest_of_account());
    QuerySelect::query(&mut select).join(JoinType::LeftJoin, operation::Entity, is_newest);
    select.columns(operation_lists::Row::columns(detail).iter().copied())
}

/// The columns of the assignment itself, in the order in which [`Row::read`] takes them.
const OWN: [Column; 6] = [
    Column::Id,
    Column::UserId,
    Column::Role,
    Column::CreatedBy,
    Column::CreatedAt,
    Column::UpdatedAt,
];

/// A row as it comes from the database.
struct Row {
    own: assignment::Model,
    person: Option<Person>,
    account: Option<Option<account_lists::Row>>,
    operation: Option<Option<operation_lists::Row>>,
}

impl Row {
    fn read(
        row: &QueryResult,
        (organization_id, app_id): (Uuid, Uuid),
        with: With,
    ) -> std::result::Result<Self, DbErr> {
        let mut columns = Columns::of(row);
        let own = assignment::Model {
            id: columns.next()?,
            organization_id,
            app_id,
            user_id: columns.next()?,
            role: columns.next()?,
            created_by: columns.next()?,
            created_at: columns.next()?,
            updated_at: columns.next()?,
        };
        let person = with
            .person
            .map(|detail| Person::read(&mut columns, detail, &own));
        let person = person.transpose()?;
        let account = with
            .account
            .map(|detail| account_lists::Row::read(&mut columns, detail, &own));
        let account = account.transpose()?;
        let theirs = account.as_ref().and_then(Option::as_ref);
        let operation = match with.operation {
            Some(detail) if with.account.is_some() => {
                Some(operation_lists::Row::read(&mut columns, detail, theirs)?)
            }
            _ => None,
        };
        Ok(Self {
            own,
            person,
            account,
            operation,
        })
    }
}

impl TryFrom<Row> for Listed {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let account = row
            .account
            .map(|found| found.map(AccountView::try_from).transpose());
        let operation = row
            .operation
            .map(|found| found.map(OperationView::try_from).transpose());
        Ok(Self {
            assignment: row.own.try_into()?,
            person: row.person,
            account: account.transpose()?,
            operation: operation.transpose()?,
        })
    }
}
