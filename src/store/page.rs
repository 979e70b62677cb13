//! Keyset paging: a page starts behind a row, not behind a count, so rows that come and go neither repeat nor vanish.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait as _, DbErr, EntityTrait, FromQueryResult as _,
    QueryResult, QueryTrait as _, Select,
};
use uuid::Uuid;

use super::{Access, Result};

/// What a list is ordered by, besides the id that breaks ties.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A text column.
    Text(String),
    /// A number or time column.
    Number(i64),
}

/// A place in a list: just behind (or before) the row with this key and id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// Value of the ordering column; null for a list ordered by id alone.
    pub key: Option<Key>,
    /// The row.
    pub id: Uuid,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// Rows at most; at least 1.
    pub limit: u64,
    /// Only rows behind this place.
    pub after: Option<Position>,
    /// Only rows before this place.
    pub before: Option<Position>,
    /// True takes the last `limit` rows instead of the first.
    pub from_end: bool,
    /// True orders from high to low.
    pub descending: bool,
}

impl PageRequest {
    /// The first `limit` rows.
    #[must_use]
    pub fn first(limit: u64) -> Self {
        Self {
            limit,
            after: None,
            before: None,
            from_end: false,
            descending: false,
        }
    }

    /// In which order rows are read: what is at the end of the list comes first when the page is taken from there.
    pub(super) fn order(&self) -> sea_orm::Order {
        match self.descending == self.from_end {
            true => sea_orm::Order::Asc,
            false => sea_orm::Order::Desc,
        }
    }
}

/// A page of rows in the order of the list. The default is an empty list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows, each with its place.
    pub rows: Vec<(Position, T)>,
    /// Whether rows follow.
    pub has_next: bool,
    /// Whether rows precede.
    pub has_previous: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
        }
    }
}

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Page<U> {
        let rows = self
            .rows
            .into_iter()
            .map(|(at, row)| (at, f(row)))
            .collect();
        Page {
            rows,
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }

    /// The same page of something else, if every row can be turned into it.
    ///
    /// # Errors
    /// What `f` returned first.
    pub fn try_map<U, E>(
        self,
        mut f: impl FnMut(T) -> std::result::Result<U, E>,
    ) -> std::result::Result<Page<U>, E> {
        let rows: std::result::Result<_, E> = self
            .rows
            .into_iter()
            .map(|(at, row)| Ok((at, f(row)?)))
            .collect();
        Ok(Page {
            rows: rows?,
            has_next: self.has_next,
            has_previous: self.has_previous,
        })
    }

    /// The rows without their places.
    pub fn into_rows(self) -> Vec<T> {
        self.rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// Reads a page of `select`, ordered by `key` (when given) and `id`. `place` says where a row stands.
pub(super) async fn page<E>(
    db: &impl Access,
    select: Select<E>,
    key: Option<E::Column>,
    id: E::Column,
    request: PageRequest,
    place: impl Fn(&E::Model) -> Position,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    let read = |row: &QueryResult| E::Model::from_query_result(row, "");
    page_of(db, select, (key, id), request, read, place).await
}

/// As [`page`], of a statement whose rows are of another form than the table's; `read` reads one.
pub(super) async fn page_of<E: EntityTrait, M>(
    db: &impl Access,
    select: Select<E>,
    (key, id): (Option<E::Column>, E::Column),
    request: PageRequest,
    read: impl Fn(&QueryResult) -> std::result::Result<M, DbErr>,
    place: impl Fn(&M) -> Position,
) -> Result<Page<M>> {
    let bounded = within(select, key, id, &request);
    let select = ordered(bounded, key, id, request.order());
    let rows = first(db, &select, request.limit + 1, read).await?;
    Ok(cut(rows, &request, place))
}

/// Keeps the rows between the places of the request.
pub(super) fn within<E: EntityTrait>(
    select: Select<E>,
    key: Option<E::Column>,
    id: E::Column,
    request: &PageRequest,
) -> Select<E> {
    let (after, before) = (request.after.as_ref(), request.before.as_ref());
    let select = bound(select, key, id, after, !request.descending);
    bound(select, key, id, before, request.descending)
}

/// The page of these rows, which are one more than wanted when there are more, in the order of [`PageRequest::order`].
pub(super) fn cut<M>(
    mut rows: Vec<M>,
    request: &PageRequest,
    place: impl Fn(&M) -> Position,
) -> Page<M> {
    let more = rows.len() as u64 > request.limit;
    rows.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
    if request.from_end {
        rows.reverse();
    }
    let rows = rows.into_iter().map(|row| (place(&row), row)).collect();
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

/// Numbers of rows that are written into statements: each number is a statement of its own to be prepared and kept.
const STEPS: [u64; 4] = [11, 26, 51, 101];

/// The first so many rows of a statement, or a few more, each read by `read`.
///
/// The number is written out, not bound: PostgreSQL plans a statement anew each time when it does not know that few rows are wanted, which takes longer
/// than to carry it out.
pub(super) async fn first<E: EntityTrait, M>(
    db: &impl Access,
    select: &Select<E>,
    limit: u64,
    read: impl Fn(&QueryResult) -> std::result::Result<M, DbErr>,
) -> Result<Vec<M>> {
    let step = STEPS.into_iter().find(|step| *step >= limit);
    let limit = step.unwrap_or(limit);
    let connection = db.connection();
    let mut statement = select.build(connection.get_database_backend());
    statement.sql.push_str(&format!(" LIMIT {limit}"));
    let rows = connection.query_all_raw(statement).await?;
    let rows: std::result::Result<_, _> = rows.iter().map(read).collect();
    Ok(rows?)
}

fn ordered<E: EntityTrait>(
    select: Select<E>,
    key: Option<E::Column>,
    id: E::Column,
    order: sea_orm::Order,
) -> Select<E> {
    use sea_orm::QueryOrder as _;
    let select = match key {
        Some(key) => select.order_by(key, order.clone()),
        None => select,
    };
    select.order_by(id, order)
}

/// Keeps the rows whose (key, id) is greater, or less, than the place.
fn bound<E: EntityTrait>(
    select: Select<E>,
    key: Option<E::Column>,
    id: E::Column,
    place: Option<&Position>,
    greater: bool,
) -> Select<E> {
    use sea_orm::QueryFilter as _;
    let Some(place) = place else { return select };
    let beyond_id = if greater {
        id.gt(place.id)
    } else {
        id.lt(place.id)
    };
    let (Some(column), Some(value)) = (key, &place.key) else {
        return select.filter(beyond_id);
    };
    let value: sea_orm::Value = match value {
        Key::Text(text) => text.clone().into(),
        Key::Number(number) => (*number).into(),
    };
    let begin = if greater {
        column.gte(value.clone())
    } else {
        column.lte(value.clone())
    };
    select.filter(behind_place(begin, column.ne(value), beyond_id))
}

/// Behind a place: `begin` at its key, and where it is not `another` key, the id is `beyond_id`.
///
/// Only so does a database begin in the middle of an index: not with "a greater key, or the same and a greater id". And PostgreSQL thinks that a comparison
/// of pairs lets few rows through, so that it plans the statement anew each time for the values of the day; for this one it keeps its plan.
pub(super) fn behind_place(begin: Expr, another: Expr, beyond_id: Expr) -> Condition {
    let behind = Condition::any().add(another).add(beyond_id);
    Condition::all().add(begin).add(behind)
}
