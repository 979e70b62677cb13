//! Lists of people: filter, search, order, count.

use entity::{assignment, user};
use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _, QueryTrait as _, Statement,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::by_person::TimeSpan;
use super::page::{self, Key, Page, PageRequest, Position};
use super::{Access, Result};
use crate::domain::permission::AdminRoleKind;
use crate::domain::plan::DirectoryStatus;
use user::{Column, Model};

/// Which people a list shows; every part that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserFilter {
    /// Each of these (as match keys) must occur in the person's searchable text.
    pub words: Vec<String>,
    /// One of these; empty means everybody who is not deleted.
    pub statuses: Vec<DirectoryStatus>,
    /// Exactly this department.
    pub department: Option<String>,
    /// This admin role.
    pub role: Option<RoleFilter>,
    /// Whether they have this app.
    pub app: Option<AppFilter>,
    /// When they were added.
    #[serde(default)]
    pub created: TimeSpan,
    /// When they were changed last.
    #[serde(default)]
    pub updated: TimeSpan,
}

/// Which admin role people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleFilter {
    /// `OWNER`, `ADMIN`, `MEMBER`, or any custom one.
    Kind(AdminRoleKind),
    /// This custom one.
    Custom(Uuid),
}

/// Whether people have an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppFilter {
    /// The app.
    pub app: Uuid,
    /// True for those who have it, false for those who have not.
    pub assigned: bool,
}

/// What a list of people is ordered by; the id breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOrder {
    /// The name shown to people.
    Name,
    /// The sign-in name.
    UserName,
    /// When they were added.
    CreatedAt,
    /// When they were changed last.
    UpdatedAt,
}

/// The filter as a condition on the table of people. Deleted people never match.
#[must_use]
pub fn condition(organization: Uuid, filter: &UserFilter) -> Condition {
    let mut all = Condition::all()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::Status.ne(DirectoryStatus::Deleted.as_str()))
        .add(filter.created.condition(Column::CreatedAt))
        .add(filter.updated.condition(Column::UpdatedAt));
    if !filter.statuses.is_empty() {
        all = all.add(Column::Status.is_in(filter.statuses.iter().map(|s| s.as_str())));
    }
    if let Some(department) = &filter.department {
        all = all.add(Column::Department.eq(department));
    }
    for word in &filter.words {
        all = all.add(Expr::col((user::Entity, Column::SearchText)).like(containing(word)));
    }
    all = match filter.role {
        None => all,
        Some(RoleFilter::Kind(kind)) => all.add(Column::AdminRole.eq(kind.as_str())),
        Some(RoleFilter::Custom(id)) => all.add(Column::AdminRoleId.eq(id)),
    };
    match filter.app {
        None => all,
        Some(AppFilter { app, assigned }) => {
            let holders = assignment::Entity::find()
                .select_only()
                .column(assignment::Column::UserId)
                .filter(assignment::Column::OrganizationId.eq(organization))
                .filter(assignment::Column::AppId.eq(app))
                .into_query();
            all.add(if assigned {
                Column::Id.in_subquery(holders)
            } else {
                Column::Id.not_in_subquery(holders)
            })
        }
    }
}

/// Matches texts that contain `word` as it is: the wildcards of LIKE in it mean themselves.
pub(super) fn containing(word: &str) -> LikeExpr {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// A page of people.
///
/// # Errors
/// The database's own.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    filter: &UserFilter,
    order: UserOrder,
    request: PageRequest,
) -> Result<Page<Model>> {
    let select = user::Entity::find().filter(condition(organization, filter));
    let key = match order {
        UserOrder::Name => Column::SortName,
        UserOrder::UserName => Column::UserNameKey,
        UserOrder::CreatedAt => Column::CreatedAt,
        UserOrder::UpdatedAt => Column::UpdatedAt,
    };
    page::page(db, select, Some(key), Column::Id, request, |row| Position {
        key: Some(key_of(row, order)),
        id: row.id,
    })
    .await
}

fn key_of(row: &Model, order: UserOrder) -> Key {
    match order {
        UserOrder::Name => Key::Text(row.sort_name.clone()),
        UserOrder::UserName => Key::Text(row.user_name_key.clone()),
        UserOrder::CreatedAt => Key::Number(row.created_at),
        UserOrder::UpdatedAt => Key::Number(row.updated_at),
    }
}

/// The departments of people who are not deleted, without the empty one, in the database's order, at most `limit`.
///
/// It goes from one to the next by the index, so it takes as long as there are departments, not people.
///
/// # Errors
/// The database's own.
pub async fn departments(db: &impl Access, organization: Uuid, limit: u64) -> Result<Vec<String>> {
    let least = |above: &str| {
        format!(
            "(SELECT MIN(department) FROM directory_user \
             WHERE organization_id = $1 AND status <> 'DELETED' AND department > {above})"
        )
    };
    let (first, next) = (least("''"), least("found.name"));
    let text = format!(
        "WITH RECURSIVE found (name) AS (SELECT {first} UNION ALL SELECT {next} FROM found WHERE name IS NOT NULL) \
         SELECT name FROM found WHERE name IS NOT NULL LIMIT {limit}"
    );
    let connection = db.connection();
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, text, [organization.into()]);
    let rows = connection.query_all_raw(statement).await?;
    let names = rows.iter().map(|row| row.try_get("", "name"));
    Ok(names.collect::<std::result::Result<_, _>>()?)
}

/// How many people match.
///
/// # Errors
/// The database's own.
pub async fn count(db: &impl Access, organization: Uuid, filter: &UserFilter) -> Result<u64> {
    Ok(user::Entity::find()
        .filter(condition(organization, filter))
        .count(db.connection())
        .await?)
}
