//! Lists of what belongs to people (assignments, accounts): found by a search for the person, ordered by the person's name.

use entity::user;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter as _,
    QueryOrder as _, QueryResult, QuerySelect as _, RelationDef, Select,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::page::{Key, Page, PageRequest, Position};
use super::user_lists::containing;
use super::{Access, Result};
use crate::domain::plan::DirectoryStatus;

const NAME: &str = "person_sort_name";

/// Whose; the default takes everybody's, deleted people's too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

impl<M: FromQueryResult> FromQueryResult for Named<M> {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        Ok(Self {
            row: M::from_query_result(row, prefix)?,
            name: row.try_get("", NAME)?,
        })
    }
}

/// Reads a page of `select`, ordered by the name of the person whom `owner` refers to, then by `id`.
pub(super) async fn page_by_name<E>(
    db: &impl Access,
    select: Select<E>,
    owner: E::Column,
    id: E::Column,
    request: PageRequest,
    id_of: impl Fn(&E::Model) -> Uuid,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: FromQueryResult + Send + Sync,
{
    let person: RelationDef = E::belongs_to(user::Entity)
        .from(owner)
        .to(user::Column::Id)
        .into();
    let mut select = select
        .join(JoinType::InnerJoin, person)
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
    let rows = select
        .order_by(user::Column::SortName, order.clone())
        .order_by(id, order)
        .limit(request.limit + 1)
        .into_model::<Named<E::Model>>()
        .all(db.connection())
        .await?;
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
    let (past, tie) = if greater {
        (column.gt(name.clone()), id.gt(place.id))
    } else {
        (column.lt(name.clone()), id.lt(place.id))
    };
    let same = Condition::all().add(column.eq(name)).add(tie);
    Some(Condition::any().add(past).add(same))
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
