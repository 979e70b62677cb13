//! Our copies of what Okta told about an org as a whole.

use entity::okta_snapshot::{self, Column};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Access, Error, Result, Tx};
use crate::domain::mapping::OktaAttribute;

/// A role that the org defined itself, as we keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct CustomRole {
    /// Okta's id.
    pub id: String,
    /// Okta's name for people.
    pub label: String,
    /// What it is for; `None` when Okta does not say.
    pub description: Option<String>,
}

/// A kind of copy: its name in the database, and what it holds.
pub trait Kind {
    /// What it holds.
    type Document: Serialize + DeserializeOwned;
    /// Its name.
    const NAME: &'static str;
}

/// The attributes of user profiles.
#[derive(Clone, Copy, Debug)]
pub struct Schema;

impl Kind for Schema {
    type Document = Vec<OktaAttribute>;
    const NAME: &'static str = "SCHEMA";
}

/// The roles that the org defined itself.
#[derive(Clone, Copy, Debug)]
pub struct CustomRoles;

impl Kind for CustomRoles {
    type Document = Vec<CustomRole>;
    const NAME: &'static str = "CUSTOM_ROLES";
}

/// Okta ids of the users who hold any admin role.
#[derive(Clone, Copy, Debug)]
pub struct AdminAssignees;

impl Kind for AdminAssignees {
    type Document = Vec<String>;
    const NAME: &'static str = "ADMIN_ASSIGNEES";
}

/// A copy, and how old it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot<T> {
    /// What Okta told.
    pub document: T,
    /// When, epoch milliseconds.
    pub fetched_at: i64,
}

/// The copy that was read through this connection; `None` before the first reading.
///
/// # Errors
/// The database's own; a copy that this version does not understand.
pub async fn find<K: Kind>(
    db: &impl Access,
    connection: Uuid,
) -> Result<Option<Snapshot<K::Document>>> {
    let row = okta_snapshot::Entity::find()
        .filter(Column::OktaOrgId.eq(connection))
        .filter(Column::Kind.eq(K::NAME))
        .one(db.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let document = serde_json::from_value(row.document).map_err(|e| Error::Corrupt {
        table: "okta_snapshot",
        row: format!("{connection}/{}", K::NAME),
        what: "document",
        value: e.to_string(),
    })?;
    Ok(Some(Snapshot {
        document,
        fetched_at: row.fetched_at,
    }))
}

/// Replaces the copy.
///
/// # Errors
/// The database's own.
pub async fn store<K: Kind>(
    tx: &Tx,
    connection: Uuid,
    document: &K::Document,
    fetched_at: i64,
) -> Result<()> {
    let document = serde_json::to_value(document).map_err(|e| Error::Database(e.to_string()))?;
    let row = okta_snapshot::ActiveModel {
        okta_org_id: Set(connection),
        kind: Set(K::NAME.to_owned()),
        document: Set(document),
        fetched_at: Set(fetched_at),
    };
    let replace = OnConflict::columns([Column::OktaOrgId, Column::Kind])
        .update_columns([Column::Document, Column::FetchedAt])
        .to_owned();
    okta_snapshot::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}
