//! Opening the database and bringing its schema up to date.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, RuntimeErr,
    TransactionTrait as _,
};
use sqlx::{Connection as _, Row as _};
use tokio::sync::Mutex;

use super::given_up::GivenUp;
use super::limited::{Limited, STATEMENT_LIMIT};
use super::{Error, Result, Store};
use crate::domain::audit_chain::ChainKey;

/// One writer and a few readers; more would only queue for two cores.
const SQLITE_CONNECTIONS: u32 = 4;
/// How long a connection waits for the file's lock when another process (a backup, `init`) holds it.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows that a SQLite statement hands over at a time; 1,000 costs a third less CPU on lists than the default.
const SQLITE_ROW_BUFFER: usize = 1000;
/// Statements that a SQLite connection keeps prepared. Those about many rows take some hundred kilobytes each.
const SQLITE_STATEMENTS: usize = 64;
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a transaction may stand still before PostgreSQL ends it. Ours only wait for the database itself; a process that was stopped in
/// the middle of one would hold its locks, and with them every process that is to take over, for as long as it sleeps. Milliseconds.
const POSTGRES_IDLE_IN_TRANSACTION: &str = "10000";
/// Any number that nothing else in the database locks; these are the letters `prov`.
const MIGRATION_LOCK: i64 = 0x7072_6f76;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// For a server that cannot be reached to say why.
const ASKED_FOR_REASON: Duration = Duration::from_secs(3);
/// For a connection to show that it lives; so many as the pool has can be tried within [`ACQUIRE_TIMEOUT`].
const PING_LIMIT: Duration = Duration::from_millis(600);
/// For a connection that came back sound to be used again without being asked.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

impl Store {
    /// Opens (and makes) the SQLite file, in WAL mode with full durability, and migrates it.
    ///
    /// # Errors
    /// When the file cannot be opened or migrated.
    pub async fn open_sqlite(file: &Path, audit_key: Arc<ChainKey>) -> Result<Self> {
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
        options
            .max_connections(SQLITE_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(SQLITE_BUSY_TIMEOUT)
                .foreign_keys(true)
                .row_buffer_size(SQLITE_ROW_BUFFER)
                .statement_cache_capacity(SQLITE_STATEMENTS)
                .pragma("cache_size", "-3072")
        });
        options.map_sqlx_sqlite_pool_opts(|options| {
            options.after_release(|connection, _| Box::pin(is_at_rest(connection)))
        });
        let db = Database::connect(options).await?;
        Migrator::up(&db, None).await?;
        Ok(Self {
            db: Limited::new(db, None, GivenUp::default()),
            writer: Some(Arc::new(Mutex::new(()))),
            audit_key,
        })
    }

    /// Connects to PostgreSQL and migrates it.
    ///
    /// # Errors
    /// When the server cannot be reached or the migration fails.
    pub async fn open_postgres(url: &str, audit_key: Arc<ChainKey>) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .sqlx_logging(false);
        options.map_sqlx_postgres_before_acquire(|connection, known| {
            let rested = known.idle_for;
            Box::pin(async move {
                match rested < BELIEVED_FOR {
                    true => Ok(true),
                    false => answers(connection).await,
                }
            })
        });
        let given_up = GivenUp::default();
        let on_release = given_up.clone();
        options.map_sqlx_postgres_pool_opts(move |options| {
            let given_up = on_release.clone();
            options.after_release(move |connection, _| {
                let suspect = given_up.lately();
                Box::pin(async move {
                    match suspect {
                        true => is_free(connection).await,
                        false => answers(connection).await,
                    }
                })
            })
        });
        options.map_sqlx_postgres_opts(|options| {
            let limit = POSTGRES_IDLE_IN_TRANSACTION;
            options.options([("idle_in_transaction_session_timeout", limit)])
        });
        let db = match Database::connect(options).await {
            Ok(db) => db,
            Err(error) => return Err(unreachable(error, url).await),
        };
        migrate_alone(&db).await?;
        Ok(Self {
            db: Limited::new(db, Some(STATEMENT_LIMIT), given_up),
            writer: None,
            audit_key,
        })
    }
}

/// Whether the connection that comes back is in no transaction. After a write that failed, on a full disk for example, SQLite has ended the
/// transaction by itself, and the driver goes on counting it: what begins next on that connection would never end, and keep the others from
/// writing. So such a connection is closed.
async fn is_at_rest(connection: &mut SqliteConnection) -> std::result::Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may still be on its way to it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Whether the connection answers: one that is to be used after it has rested for a while, and one that comes back after all that was begun on it has
/// ended.
async fn answers(connection: &mut PgConnection) -> std::result::Result<bool, sqlx::Error> {
    within_ping_limit(connection.ping()).await.map(|()| true)
}

/// Whether the connection that comes back answers, and is in no transaction, where something was given up lately. One that was given up in the middle of a statement would keep its
/// place in the pool for as long as the system waits for it. And when the work was given up while its transaction began, the driver does not
/// know that there is one: what comes next on that connection would read old data, and what it writes would be undone.
async fn is_free(connection: &mut PgConnection) -> std::result::Result<bool, sqlx::Error> {
    // Outside a transaction each statement is one of its own, which begins with it. That holds for the simple protocol alone: in the extended one
    // a transaction begins with the binding of the values, and the statement with its execution.
    let asked =
        sqlx::raw_sql("SELECT now() = statement_timestamp() AS at_rest").fetch_one(connection);
    within_ping_limit(asked).await?.try_get("at_rest")
}

/// What takes longer than [`PING_LIMIT`] is an error, upon which the pool throws the connection away.
async fn within_ping_limit<T>(
    asked: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> std::result::Result<T, sqlx::Error> {
    let silent = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(PING_LIMIT, asked)
        .await
        .unwrap_or_else(silent)
}

/// A server that refuses connections is tried until the time is up; the pool then only says that. So it is asked once more, for the reason.
async fn unreachable(error: DbErr, url: &str) -> Error {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e)) if matches!(*e, sqlx::Error::PoolTimedOut) => {
            let seconds = ACQUIRE_TIMEOUT.as_secs();
            let why = match tokio::time::timeout(ASKED_FOR_REASON, PgConnection::connect(url)).await
            {
                Ok(Err(reason)) => format!(": {reason}"),
                Ok(Ok(_)) | Err(_) => String::new(),
            };
            Error::Unreachable(format!(
                "no connection could be made within {seconds} seconds{why}"
            ))
        }
        error => error.into(),
    }
}

/// Processes that start together migrate one after the other: an advisory lock, held by a transaction of its own.
async fn migrate_alone(db: &DatabaseConnection) -> Result<()> {
    let lock = db.begin().await?;
    lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await?;
    Migrator::up(db, None).await?;
    Ok(lock.commit().await?)
}
