//! Reading the audit trail.

use entity::audit_event::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use uuid::Uuid;

use super::page::{self, Key, Page, PageRequest, Position};
use super::{Access, Result};

pub use entity::audit_event::Model as AuditRow;

/// Which acts a list shows; every part that is given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditFilter {
    /// One of these actions, as `noun.verb`; empty means all.
    pub actions: Vec<String>,
    /// Actions with one of these nouns before the dot; empty means all.
    pub families: Vec<String>,
    /// Acts of this kind of actor, by its stored name.
    pub actor_kind: Option<&'static str>,
    /// Acts that concern this app.
    pub app: Option<Uuid>,
    /// Acts that concern this person.
    pub user: Option<Uuid>,
    /// Acts that concern this account.
    pub account: Option<Uuid>,
    /// Acts by this person.
    pub actor: Option<Uuid>,
    /// At or after this time, epoch milliseconds.
    pub from: Option<i64>,
    /// Before this time, epoch milliseconds.
    pub until: Option<i64>,
}

fn condition(organization: Uuid, filter: &AuditFilter) -> Condition {
    let mut all = Condition::all().add(Column::OrganizationId.eq(organization));
    if !filter.actions.is_empty() {
        all = all.add(Column::Action.is_in(filter.actions.iter().map(String::as_str)));
    }
    if !filter.families.is_empty() {
        all = all.add(Column::Family.is_in(filter.families.iter().map(String::as_str)));
    }
    all.add_option(filter.actor_kind.map(|kind| Column::Actor.eq(kind)))
        .add_option(filter.app.map(|id| Column::AppId.eq(id)))
        .add_option(filter.user.map(|id| Column::UserId.eq(id)))
        .add_option(filter.account.map(|id| Column::AccountId.eq(id)))
        .add_option(filter.actor.map(|id| Column::ActorUserId.eq(id)))
        .add_option(filter.from.map(|at| Column::At.gte(at)))
        .add_option(filter.until.map(|at| Column::At.lt(at)))
}

/// A page of acts, ordered by time.
///
/// # Errors
/// The database's own.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    filter: &AuditFilter,
    request: PageRequest,
) -> Result<Page<Model>> {
    let select = Entity::find().filter(condition(organization, filter));
    page::page(
        db,
        select,
        Some(Column::At),
        Column::Id,
        request,
        |row: &Model| Position {
            key: Some(Key::Number(row.at)),
            id: row.id,
        },
    )
    .await
}

/// The act.
///
/// # Errors
/// The database's own.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .one(db.connection())
        .await?)
}

/// How many acts match.
///
/// # Errors
/// The database's own.
pub async fn count(db: &impl Access, organization: Uuid, filter: &AuditFilter) -> Result<u64> {
    Ok(Entity::find()
        .filter(condition(organization, filter))
        .count(db.connection())
        .await?)
}
