//! Personal access tokens. Of a token itself only the hash is here.

use entity::personal_access_token::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::page::{self, Page, PageRequest, Position};
use super::{Access, Result, Tx};
use crate::domain::personal_access_token::PersonalAccessTokenStatus;

pub use entity::personal_access_token::Model as TokenRow;

/// Which tokens a list shows.
#[derive(Clone, Debug)]
pub struct TokenFilter {
    /// Those of this person.
    pub user: Uuid,
    /// Only this one.
    pub only: Option<Uuid>,
    /// Those of one of these standings; empty means all.
    pub statuses: Vec<PersonalAccessTokenStatus>,
    /// The time to which the standings refer, epoch milliseconds.
    pub now: i64,
}

fn of_person(organization: Uuid, user: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user))
}

fn with_status(status: PersonalAccessTokenStatus, now: i64) -> Condition {
    let kept = Condition::all().add(Column::RevokedAt.is_null());
    match status {
        PersonalAccessTokenStatus::Active => kept.add(Column::ExpiresAt.gt(now)),
        PersonalAccessTokenStatus::Expired => kept.add(Column::ExpiresAt.lte(now)),
        PersonalAccessTokenStatus::Revoked => Condition::all().add(Column::RevokedAt.is_not_null()),
    }
}

fn listed(organization: Uuid, filter: &TokenFilter) -> Select<Entity> {
    let mut select = of_person(organization, filter.user);
    if let Some(only) = filter.only {
        select = select.filter(Column::Id.eq(only));
    }
    if filter.statuses.is_empty() {
        return select;
    }
    let any = filter.statuses.iter();
    let any = any.fold(Condition::any(), |any, status| {
        any.add(with_status(*status, filter.now))
    });
    select.filter(any)
}

/// A page of a person's tokens, in the order of their making.
///
/// # Errors
/// The database's own.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    filter: &TokenFilter,
    request: PageRequest,
) -> Result<Page<Model>> {
    let place = |row: &Model| Position {
        key: None,
        id: row.id,
    };
    let select = listed(organization, filter);
    page::page(db, select, None, Column::Id, request, place).await
}

/// How many tokens of a person match.
///
/// # Errors
/// The database's own.
pub async fn count(db: &impl Access, organization: Uuid, filter: &TokenFilter) -> Result<u64> {
    Ok(listed(organization, filter).count(db.connection()).await?)
}

/// The token.
///
/// # Errors
/// The database's own.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .one(db.connection())
        .await?)
}

/// The token, held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn find_for_update(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// The token with this hash. Whoever has the token stands for its organisation.
///
/// # Errors
/// The database's own.
pub async fn by_hash(db: &impl Access, hash: Vec<u8>) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Hash.eq(hash))
        .one(db.connection())
        .await?)
}

/// Whether a token of the person holds the name (as key).
///
/// # Errors
/// The database's own.
pub async fn is_taken(tx: &Tx, organization: Uuid, user: Uuid, name_key: &str) -> Result<bool> {
    let holders = of_person(organization, user).filter(Column::NameKey.eq(name_key));
    Ok(holders.count(tx.connection()).await? > 0)
}

/// Lets the person's tokens that have expired hold their names no longer.
///
/// # Errors
/// The database's own.
pub async fn free_names(tx: &Tx, organization: Uuid, user: Uuid, now: i64) -> Result<()> {
    let change = ActiveModel {
        name_key: Set(None),
        ..Default::default()
    };
    Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user))
        .filter(Column::NameKey.is_not_null())
        .filter(Column::ExpiresAt.lte(now))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Adds a token. Hold its person first.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when the name is taken, or the database's own.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Ends a token; it holds its name no longer.
///
/// # Errors
/// The database's own.
pub async fn revoke(tx: &Tx, id: Uuid, now: i64) -> Result<()> {
    Entity::update_many()
        .set(ended(now))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends all tokens of a person who goes for good.
///
/// # Errors
/// The database's own.
pub async fn revoke_all(tx: &Tx, organization: Uuid, user: Uuid, now: i64) -> Result<()> {
    Entity::update_many()
        .set(ended(now))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user))
        .filter(Column::RevokedAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn ended(now: i64) -> ActiveModel {
    ActiveModel {
        revoked_at: Set(Some(now)),
        name_key: Set(None),
        ..Default::default()
    }
}

/// Notes that the token was used, unless that was noted less than `every_ms` ago, by whichever process. A note from the future is one of a clock that
/// was wrong.
///
/// # Errors
/// The database's own.
pub async fn note_use(tx: &Tx, id: Uuid, now: i64, every_ms: i64) -> Result<()> {
    let long_ago = Column::LastUsedAt.not_between(now.saturating_sub(every_ms), now);
    let due = Condition::any()
        .add(Column::LastUsedAt.is_null())
        .add(long_ago);
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(due)
        .exec(tx.connection())
        .await?;
    Ok(())
}
