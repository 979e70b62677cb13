//! Who people are to identity providers.

use entity::oidc_subject::{Column, Entity, Model};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Select};
use uuid::Uuid;

use super::{Access, Result, Tx};

pub use entity::oidc_subject::Model as OidcSubject;

fn of_issuer(organization: Uuid, issuer: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Issuer.eq(issuer))
}

/// Whom the subject was linked with, be the person there or not.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl Access,
    organization: Uuid,
    issuer: &str,
    subject: &str,
) -> Result<Option<Model>> {
    Ok(of_issuer(organization, issuer)
        .filter(Column::Subject.eq(subject))
        .one(db.connection())
        .await?)
}

/// With which subject the person is linked.
///
/// # Errors
/// The database's own.
pub async fn of_person(
    db: &impl Access,
    organization: Uuid,
    issuer: &str,
    user: Uuid,
) -> Result<Option<Model>> {
    Ok(of_issuer(organization, issuer)
        .filter(Column::UserId.eq(user))
        .one(db.connection())
        .await?)
}

/// Links a subject with a person.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when either is linked already, or the database's own.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Ends one link.
///
/// # Errors
/// The database's own.
pub async fn delete(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    Entity::delete_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends all links of a person; answers them.
///
/// # Errors
/// The database's own.
pub async fn delete_of_person(tx: &Tx, organization: Uuid, user: Uuid) -> Result<Vec<Model>> {
    let links = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user))
        .all(tx.connection())
        .await?;
    for link in &links {
        delete(tx, organization, link.id).await?;
    }
    Ok(links)
}
