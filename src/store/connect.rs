//! Opening the database and bringing its schema up to date.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use sqlx::ConnectOptions as _;
use tokio::sync::Mutex;

use super::connection::connecting;
use super::limited::{Limited, STATEMENT_LIMIT};
use super::pool::{ACQUIRE_TIMEOUT, Pool, Target};
use super::{Error, Result, Store};
use crate::domain::audit_chain::ChainKey;

/// One writer and a few readers; more would only queue for two cores.
const SQLITE_CONNECTIONS: usize = 4;
/// How long a connection waits for the file's lock when another process (a backup, `init`) holds it.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows that a SQLite statement hands over at a time; 1,000 costs a third less CPU on lists than the default.
const SQLITE_ROW_BUFFER: usize = 1000;
/// Statements that a SQLite connection keeps prepared. Those about many rows take some hundred kilobytes each.
const SQLITE_STATEMENTS: usize = 64;
const POSTGRES_CONNECTIONS: usize = 16;
/// One holds the lock, the other migrates.
const MIGRATION_CONNECTIONS: u32 = 2;
/// How long a transaction may stand still before PostgreSQL ends it. Ours only wait for the database itself; a process that was stopped in
/// the middle of one would hold its locks, and with them every process that is to take over, for as long as it sleeps. Milliseconds.
const POSTGRES_IDLE_IN_TRANSACTION: &str = "10000";
/// After which PostgreSQL gives up a statement, somewhat later than we do: else what waits for a lock would go on waiting for it, with nobody left to
/// hear of it. Milliseconds.
const POSTGRES_STATEMENT_TIMEOUT: &str = "13000";
/// Any number that nothing else in the database locks; these are the letters `prov`.
const MIGRATION_LOCK: i64 = 0x7072_6f76;
/// For a server that cannot be reached to say why.
const ASKED_FOR_REASON: Duration = Duration::from_secs(3);
impl Store {
    /// Opens (and makes) the SQLite file, in WAL mode with full durability, and migrates it.
    ///
    /// # Errors
    /// When the file cannot be opened or migrated.
    pub async fn open_sqlite(file: &Path, audit_key: Arc<ChainKey>) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(SQLITE_BUSY_TIMEOUT)
            .foreign_keys(true)
            .row_buffer_size(SQLITE_ROW_BUFFER)
            .statement_cache_capacity(SQLITE_STATEMENTS)
            .pragma("cache_size", "-3072")
            .disable_statement_logging();
        let few = SqlitePoolOptions::new()
            .max_connections(MIGRATION_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT);
        let db = few
            .connect_with(options.clone())
            .await
            .map_err(connecting)?;
        let db = DatabaseConnection::from(db);
        Migrator::up(&db, None).await?;
        db.close().await?;
        let pool = Pool::new(Target::Sqlite(Box::new(options)), SQLITE_CONNECTIONS)?;
        Ok(Self {
            db: Limited::new(pool, None),
            writer: Some(Arc::new(Mutex::new(()))),
            audit_key,
        })
    }

    /// Connects to PostgreSQL and migrates it.
    ///
    /// # Errors
    /// When the server cannot be reached or the migration fails.
    pub async fn open_postgres(url: &str, audit_key: Arc<ChainKey>) -> Result<Self> {
        let limit = POSTGRES_IDLE_IN_TRANSACTION;
        let options: PgConnectOptions = url.parse().map_err(connecting)?;
        let options = options
            .options([("idle_in_transaction_session_timeout", limit)])
            .disable_statement_logging();
        let few = PgPoolOptions::new()
            .max_connections(MIGRATION_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT);
        let db = match few.connect_with(options.clone()).await {
            Ok(db) => DatabaseConnection::from(db),
            Err(error) => return Err(unreachable(error, &options).await),
        };
        migrate_alone(&db).await?;
        db.close().await?;
        let options = options.options([("statement_timeout", POSTGRES_STATEMENT_TIMEOUT)]);
        let pool = Pool::new(Target::Postgres(Box::new(options)), POSTGRES_CONNECTIONS)?;
        Ok(Self {
            db: Limited::new(pool, Some(STATEMENT_LIMIT)),
            writer: None,
            audit_key,
        })
    }
}

/// A server that refuses connections is tried until the time is up; the pool then only says that. So it is asked once more, for the reason.
async fn unreachable(error: sqlx::Error, options: &PgConnectOptions) -> Error {
    match error {
        sqlx::Error::PoolTimedOut => {
            let seconds = ACQUIRE_TIMEOUT.as_secs();
            let why = match tokio::time::timeout(ASKED_FOR_REASON, options.connect()).await {
                Ok(Err(reason)) => format!(": {reason}"),
                Ok(Ok(_)) | Err(_) => String::new(),
            };
            Error::Unreachable(format!(
                "no connection could be made within {seconds} seconds{why}"
            ))
        }
        error => connecting(error).into(),
    }
}

/// Processes that start together migrate one after the other: an advisory lock, held by a transaction of its own.
async fn migrate_alone(db: &DatabaseConnection) -> Result<()> {
    let lock = db.begin().await?;
    // It stands still for as long as the migrations take.
    lock.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0")
        .await?;
    lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await?;
    Migrator::up(db, None).await?;
    Ok(lock.commit().await?)
}
