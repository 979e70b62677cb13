//! People of the directory, one at a time. Those who were deleted are found only where it says so.

use entity::{account, assignment, user};
use sea_orm::prelude::Json;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DbErr, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::columns::{Columns, Detail, down_to};
use super::{Access, Result, Tx};
use crate::domain::permission::AdminRoleKind;
use crate::domain::plan::DirectoryStatus;
use user::{Column, Entity, Model};

pub use entity::user::Model as UserRow;

/// Rows of one `IN` list; well below SQLite's 32,766 binds.
const CHUNK: usize = 1_000;

/// A person without what only searches and comparisons need.
#[derive(Clone, Debug)]
pub struct Person {
    /// The row.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// As kept.
    pub status: String,
    /// Name to sign in with.
    pub user_name: String,
    /// Address that mail goes to.
    pub primary_email: String,
    /// Name shown to people.
    pub display_name: String,
    /// The values of fields; an empty object where they were not asked for.
    pub fields: Json,
    /// As kept.
    pub admin_role: String,
    /// The custom role.
    pub admin_role_id: Option<Uuid>,
    /// Goes up with each change.
    pub revision: i64,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

impl Person {
    /// Who it is, is known to whoever reads it.
    const COLUMNS: [Column; 10] = [
        Column::Status,
        Column::UserName,
        Column::PrimaryEmail,
        Column::DisplayName,
        Column::AdminRole,
        Column::AdminRoleId,
        // Not among what lists show.
        Column::Revision,
        Column::CreatedAt,
        Column::UpdatedAt,
        // JSON.
        Column::Fields,
    ];
    const BRIEF: usize = 6;
    const PLAIN: usize = 9;

    /// In the order in which [`Self::read`] takes them.
    pub(super) fn columns(detail: Detail) -> &'static [Column] {
        down_to(&Self::COLUMNS, (Self::BRIEF, Self::PLAIN), detail)
    }

    pub(super) fn read(
        columns: &mut Columns<'_>,
        detail: Detail,
        of: &assignment::Model,
    ) -> std::result::Result<Self, DbErr> {
        let more = detail > Detail::Brief;
        Ok(Self {
            id: of.user_id,
            organization_id: of.organization_id,
            status: columns.next()?,
            user_name: columns.next()?,
            primary_email: columns.next()?,
            display_name: columns.next()?,
            admin_role: columns.next()?,
            admin_role_id: columns.next()?,
            revision: columns.next_if(more)?,
            created_at: columns.next_if(more)?,
            updated_at: columns.next_if(more)?,
            fields: match detail {
                Detail::Whole => columns.next()?,
                Detail::Brief | Detail::Plain => Json::Object(serde_json::Map::new()),
            },
        })
    }
}

impl From<Model> for Person {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            status: row.status,
            user_name: row.user_name,
            primary_email: row.primary_email,
            display_name: row.display_name,
            fields: row.fields,
            admin_role: row.admin_role,
            admin_role_id: row.admin_role_id,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// People of the organisation who are not deleted.
fn present(organization: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Status.ne(DirectoryStatus::Deleted.as_str()))
}

/// The person, unless deleted.
///
/// # Errors
/// The database's own.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(present(organization)
        .filter(Column::Id.eq(id))
        .one(db.connection())
        .await?)
}

/// The person, unless deleted, held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn find_for_update(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(present(organization)
        .filter(Column::Id.eq(id))
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// Those of these people that the organisation has or had: deleted ones too.
///
/// # Errors
/// The database's own.
pub async fn find_many(db: &impl Access, organization: Uuid, ids: &[Uuid]) -> Result<Vec<Model>> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let found = Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.is_in(chunk.iter().copied()))
            .all(db.connection())
            .await?;
        rows.extend(found);
    }
    Ok(rows)
}

/// Which of the columns that must be unique another person than `id` already has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The sign-in name.
    pub user_name: bool,
    /// The e-mail address.
    pub primary_email: bool,
}

/// Whether somebody else of the organisation has the sign-in name or the address.
///
/// # Errors
/// The database's own.
pub async fn taken(tx: &Tx, row: &Model) -> Result<Taken> {
    Ok(Taken {
        user_name: has_another(tx, row, Column::UserNameKey, &row.user_name_key).await?,
        primary_email: has_another(tx, row, Column::PrimaryEmailKey, &row.primary_email_key)
            .await?,
    })
}

/// One question a column: asked for both at once, SQLite reads everybody of the organisation.
async fn has_another(tx: &Tx, row: &Model, column: Column, key: &str) -> Result<bool> {
    let other: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::OrganizationId.eq(row.organization_id))
        .filter(column.eq(key))
        // Written out: SQLite uses the unique indexes over people who are not deleted only for this very condition.
        .filter(Expr::cust("status <> 'DELETED'"))
        .filter(Column::Id.ne(row.id))
        .limit(1)
        .into_tuple()
        .one(tx.connection())
        .await?;
    Ok(other.is_some())
}

/// The person of the organisation with this address (as key).
///
/// # Errors
/// The database's own.
pub async fn with_email(db: &impl Access, organization: Uuid, key: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::PrimaryEmailKey.eq(key))
        // Written out, as for the search of another one.
        .filter(Expr::cust("status <> 'DELETED'"))
        .one(db.connection())
        .await?)
}

/// People with this address or sign-in name (as keys) in any organisation; only for the command line.
///
/// # Errors
/// The database's own.
pub async fn with_email_anywhere(db: &impl Access, key: &str) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Status.ne(DirectoryStatus::Deleted.as_str()))
        .filter(Column::PrimaryEmailKey.eq(key))
        .all(db.connection())
        .await?)
}

/// Adds a person.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when sign-in name or address are taken, or the database's own.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Adds people.
///
/// # Errors
/// As [`insert`].
pub async fn insert_all(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model());
    Entity::insert_many(rows)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Writes a person that was read with [`find_for_update`] in the same transaction.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when sign-in name or address are taken, or the database's own.
pub async fn save(tx: &Tx, row: Model) -> Result<()> {
    Entity::update(row.into_active_model().reset_all())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// How many active owners the organisation has. Lock the organisation first where something depends on it.
///
/// # Errors
/// The database's own.
pub async fn active_owners(db: &impl Access, organization: Uuid) -> Result<u64> {
    Ok(present(organization)
        .filter(Column::AdminRole.eq(AdminRoleKind::Owner.as_str()))
        .filter(Column::Status.eq(DirectoryStatus::Active.as_str()))
        .count(db.connection())
        .await?)
}

/// How many people have each custom role; roles that nobody has are left out.
///
/// # Errors
/// The database's own.
pub async fn custom_role_holders(
    db: &impl Access,
    organization: Uuid,
    roles: &[Uuid],
) -> Result<Vec<(Uuid, i64)>> {
    Ok(present(organization)
        .select_only()
        .column(Column::AdminRoleId)
        .column_as(Column::Id.count(), "holders")
        .filter(Column::AdminRoleId.is_in(roles.iter().copied()))
        .group_by(Column::AdminRoleId)
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// How many people have a built-in role.
///
/// # Errors
/// The database's own.
pub async fn role_holders(
    db: &impl Access,
    organization: Uuid,
    kind: AdminRoleKind,
) -> Result<u64> {
    Ok(present(organization)
        .filter(Column::AdminRole.eq(kind.as_str()))
        .count(db.connection())
        .await?)
}

/// Takes all apps from a person. The accounts stay.
///
/// # Errors
/// The database's own.
pub async fn remove_assignments(tx: &Tx, organization: Uuid, id: Uuid) -> Result<u64> {
    let removed = assignment::Entity::delete_many()
        .filter(assignment::Column::OrganizationId.eq(organization))
        .filter(assignment::Column::UserId.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(removed.rows_affected)
}

/// The person's accounts, as (app, account).
///
/// # Errors
/// The database's own.
pub async fn account_ids(
    db: &impl Access,
    organization: Uuid,
    id: Uuid,
) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(account::Entity::find()
        .select_only()
        .column(account::Column::AppId)
        .column(account::Column::Id)
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::UserId.eq(id))
        .into_tuple()
        .all(db.connection())
        .await?)
}
