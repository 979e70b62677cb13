//! Lists of what belongs to people (assignments, accounts): found by a search for the person, ordered by the person's name.

use entity::user;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, JoinType, Order, QueryFilter as _, QueryOrder as _,
    QueryResult, QuerySelect as _, RelationDef, Select,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::page::{Key, Page, PageRequest, Position, behind_place, first};
use super::user_lists::containing;
use super::{Access, Result};
use crate::domain::plan::DirectoryStatus;

const NAME: &str = "person_sort_name";

/// Whose; the default takes everybody's, deleted people's too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PersonFilter {
    /// Each of these (as match keys) must occur in the person's searchable text.
    pub words: Vec<String>,
    /// Exactly this department.
    pub department: Option<String>,
    /// One of these statuses; empty means all.
    pub statuses: Vec<DirectoryStatus>,
}

impl PersonFilter {
    /// The condition on `owner`, a column that refers to a person; `None` when everybody matches.
    pub(super) fn condition<C: ColumnTrait>(
        &self,
        organization: Uuid,
        owner: C,
    ) -> Option<SimpleExpr> {
        (*self != Self::default()).then(|| owner.in_subquery(self.people(organization)))
    }

    /// The ids of the people who match.
    fn people(&self, organization: Uuid) -> SelectStatement {
        let mut query = Query::select();
        query
            .column((user::Entity, user::Column::Id))
            .from(user::Entity)
            .and_where(user::Column::OrganizationId.eq(organization));
        for word in &self.words {
            let column = Expr::col((user::Entity, user::Column::SearchText));
            query.and_where(column.like(containing(word)));
        }
        if let Some(department) = &self.department {
            query.and_where(user::Column::Department.eq(department));
        }
        if !self.statuses.is_empty() {
            let names = self.statuses.iter().map(|status| status.as_str());
            query.and_where(user::Column::Status.is_in(names));
        }
        query
    }
}

/// A span of time, epoch milliseconds; the default is all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeSpan {
    /// At or after this time.
    pub from: Option<i64>,
    /// Before this time.
    pub until: Option<i64>,
}

impl TimeSpan {
    /// The condition on a column of times.
    pub(super) fn condition<C: ColumnTrait>(self, column: C) -> Condition {
        let from = self.from.map(|from| column.gte(from));
        let until = self.until.map(|until| column.lt(until));
        Condition::all().add_option(from).add_option(until)
    }
}

struct Named<M> {
    row: M,
    name: String,
}

/// Joins the person whom `owner` refers to.
pub(super) fn with_person<E: EntityTrait>(select: Select<E>, owner: E::Column) -> Select<E> {
    let person: RelationDef = E::belongs_to(user::Entity)
        .from(owner)
        .to(user::Column::Id)
        .into();
    select.join(JoinType::InnerJoin, person)
}

/// For a list of everybody: has the database walk through the names and stop when the page is full. SQLite, which does not know how many rows there are, would
/// else read them all and sort them.
pub(super) fn by_name_at_once<E: EntityTrait>(
    select: Select<E>,
    request: &PageRequest,
) -> Select<E> {
    // With a place in the list there is a bound already; of two SQLite would take the first, and walk all the way from there.
    if request.after.is_some() || request.before.is_some() {
        return select;
    }
    select.filter(user::Column::SortName.gte(""))
}

/// Reads a page of `select`, ordered by the name of the person whom `owner` refers to, then by `id`. The person is joined here; `read` reads a row.
pub(super) async fn page_by_name<E: EntityTrait, M>(
    db: &impl Access,
    organization: Uuid,
    select: Select<E>,
    (owner, id): (E::Column, E::Column),
    request: PageRequest,
    read: impl Fn(&QueryResult) -> std::result::Result<M, DbErr>,
    id_of: impl Fn(&M) -> Uuid,
) -> Result<Page<M>> {
    let mut select = with_person(select, owner)
        // Nothing new, but by it the index that holds the organisation's people in this order is found.
        .filter(user::Column::OrganizationId.eq(organization))
        .expr_as(Expr::col((user::Entity, user::Column::SortName)), NAME);
    if let Some(bound) = beyond(id, request.after.as_ref(), !request.descending) {
        select = select.filter(bound);
    }
    if let Some(bound) = beyond(id, request.before.as_ref(), request.descending) {
        select = select.filter(bound);
    }
    let order = if request.descending == request.from_end {
        Order::Asc
    } else {
        Order::Desc
    };
    let select = select
        .order_by(user::Column::SortName, order.clone())
        .order_by(id, order);
    let named = |row: &QueryResult| {
        let name = row.try_get("", NAME)?;
        Ok(Named {
            row: read(row)?,
            name,
        })
    };
    let rows = first(db, &select, request.limit + 1, named).await?;
    Ok(paged(rows, &request, id_of))
}

/// Keeps the rows whose (name, id) is greater, or less, than the place.
fn beyond<C: ColumnTrait>(id: C, place: Option<&Position>, greater: bool) -> Option<Condition> {
    let place = place?;
    let name = match &place.key {
        Some(Key::Text(name)) => name.clone(),
        Some(Key::Number(_)) | None => String::new(),
    };
    let column = user::Column::SortName;
    let (begin, behind) = if greater {
        (column.gte(name.clone()), id.gt(place.id))
    } else {
        (column.lte(name.clone()), id.lt(place.id))
    };
    Some(behind_place(begin, column.ne(name), behind))
}

fn paged<M>(mut rows: Vec<Named<M>>, request: &PageRequest, id_of: impl Fn(&M) -> Uuid) -> Page<M> {
    let more = rows.len() as u64 > request.limit;
    rows.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
    if request.from_end {
        rows.reverse();
    }
    let place = |named: &Named<M>| Position {
        key: Some(Key::Text(named.name.clone())),
        id: id_of(&named.row),
    };
    let rows = rows.into_iter().map(|n| (place(&n), n.row)).collect();
    let (has_next, has_previous) = if request.from_end {
        (request.before.is_some(), more)
    } else {
        (more, request.after.is_some())
    };
    Page {
        rows,
        has_next,
        has_previous,
    }
}
