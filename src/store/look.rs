//! A look at a database from outside, for whoever asks whether a server could work with it: nothing is made and nothing is migrated.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use entity::{audit_event, organization};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseBackend, DatabaseConnection,
    EntityTrait as _, QueryOrder as _, QuerySelect as _, Statement,
};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use uuid::Uuid;

use super::connection::connecting;
use super::{Error, Result};

/// How long a database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Migrations that this version would run; all of them when nothing was made yet.
    pub pending: usize,
    /// Whether nothing was made yet.
    pub is_new: bool,
    /// Migrations of a newer version.
    pub unknown: Vec<String>,
    /// The organisations.
    pub organizations: Vec<(Uuid, String)>,
    /// When the newest entry of the audit trail was written, epoch milliseconds.
    pub newest_entry: Option<i64>,
    /// What the database's own clock says, epoch milliseconds; null on SQLite, which has none.
    pub clock: Option<i64>,
}

/// Looks at a SQLite file that is there.
///
/// # Errors
/// When it cannot be opened or read.
pub async fn sqlite(file: &Path) -> Result<Look> {
    let few = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE);
    let options = SqliteConnectOptions::new()
        .filename(file)
        .disable_statement_logging();
    let connecting = async { Ok(few.connect_with(options).await.map_err(connecting)?.into()) };
    look(connecting).await
}

/// Looks at a PostgreSQL database.
///
/// # Errors
/// When it cannot be reached or read.
pub async fn postgres(url: &str) -> Result<Look> {
    // The pool tries until its time is up, and then only says that.
    let once = tokio::time::timeout(PATIENCE, PgConnection::connect(url)).await;
    if let Ok(Err(reason)) = once {
        return Err(Error::Unreachable(reason.to_string()));
    }
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .sqlx_logging(false);
    look(async { Ok(Database::connect(options).await?) }).await
}

async fn look(connecting: impl Future<Output = Result<DatabaseConnection>>) -> Result<Look> {
    let looking = async {
        let db = connecting.await?;
        let seen = see(&db).await;
        db.close().await?;
        seen
    };
    let silent = |_| {
        let seconds = PATIENCE.as_secs();
        Err(Error::Unreachable(format!(
            "no answer within {seconds} seconds"
        )))
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(silent)
}

async fn see(db: &DatabaseConnection) -> Result<Look> {
    let known: Vec<_> = Migrator::migrations()
        .iter()
        .map(|each| each.name().to_owned())
        .collect();
    let mut seen = Look {
        clock: clock(db).await?,
        ..Look::default()
    };
    if !has_migrations(db).await? {
        seen.pending = known.len();
        seen.is_new = true;
        return Ok(seen);
    }
    let backend = db.get_database_backend();
    let run = Statement::from_string(backend, "SELECT version FROM seaql_migrations");
    let mut applied = BTreeSet::new();
    for row in db.query_all_raw(run).await? {
        applied.insert(row.try_get::<String>("", "version")?);
    }
    seen.pending = known.iter().filter(|name| !applied.contains(*name)).count();
    seen.unknown = applied
        .into_iter()
        .filter(|name| !known.contains(name))
        .collect();
    seen.organizations = organization::Entity::find()
        .select_only()
        .columns([organization::Column::Id, organization::Column::Name])
        .into_tuple()
        .all(db)
        .await?;
    // Ids sort by time, so this reads one row.
    seen.newest_entry = audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::At)
        .order_by_desc(audit_event::Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    Ok(seen)
}

async fn has_migrations(db: &DatabaseConnection) -> Result<bool> {
    let backend = db.get_database_backend();
    let question = match backend {
        DatabaseBackend::Postgres => {
            "SELECT 1 AS found WHERE to_regclass('seaql_migrations') IS NOT NULL"
        }
        _ => "SELECT 1 AS found FROM sqlite_master WHERE name = 'seaql_migrations'",
    };
    let found = db.query_one_raw(Statement::from_string(backend, question));
    Ok(found.await?.is_some())
}

async fn clock(db: &DatabaseConnection) -> Result<Option<i64>> {
    let backend = db.get_database_backend();
    if backend != DatabaseBackend::Postgres {
        return Ok(None);
    }
    let question = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";
    let row = db
        .query_one_raw(Statement::from_string(backend, question))
        .await?;
    Ok(row.map(|row| row.try_get("", "now")).transpose()?)
}
