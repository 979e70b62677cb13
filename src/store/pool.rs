//! The connections that are kept open, lent for a statement or for a transaction.
//!
//! It is not sqlx's pool, which asks each connection that comes back whether it lives; that costs as much as a small statement. And it cannot know whether
//! work was given up in the middle: a connection whose transaction had just begun would serve others, who would read old data and whose writes would be undone.
//! Here a connection comes back by itself only when all that was begun on it has ended well. Else it is first brought to rest, or closed.

use std::time::Duration;

use async_trait::async_trait;
use deadpool::Runtime;
use deadpool::managed::{
    self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, Timeouts,
};
use scopeguard::ScopeGuard;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sqlx::ConnectOptions as _;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::connection::{Answer, Connection};

/// How long is waited for a connection: for one that comes back, and for a new one.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// For a connection to show that it lives; so many as the pool has can be tried within [`ACQUIRE_TIMEOUT`].
const PING_LIMIT: Duration = Duration::from_millis(600);
/// For a connection that was lent to be lent again without being asked.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// After which a connection is replaced: PostgreSQL's sessions grow, and addresses of servers change.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);
/// Between attempts to reach a server that refuses connections, as one does that starts.
const KNOCK_EVERY: Duration = Duration::from_millis(100);

/// How a database is reached.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Target {
    const fn backend(&self) -> DatabaseBackend {
        match self {
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
            Self::Postgres(_) => DatabaseBackend::Postgres,
        }
    }

    async fn connect(&self) -> Answer<Connection> {
        Ok(match self {
            Self::Sqlite(options) => Connection::Sqlite(options.connect().await?),
            Self::Postgres(options) => Connection::Postgres(options.connect().await?),
        })
    }
}

impl managed::Manager for Target {
    type Type = Connection;
    type Error = sqlx::Error;

    /// Goes on for as long as the pool lets it.
    async fn create(&self) -> Answer<Connection> {
        loop {
            match self.connect().await {
                Err(error) if may_be_starting(&error) => tokio::time::sleep(KNOCK_EVERY).await,
                outcome => return outcome,
            }
        }
    }

    async fn recycle(&self, kept: &mut Connection, known: &Metrics) -> RecycleResult<sqlx::Error> {
        if known.age() > LONGEST_LIFE {
            return Err(RecycleError::message("old"));
        }
        if known.last_used() > BELIEVED_FOR {
            within_ping_limit(kept.ping()).await?;
        }
        Ok(())
    }
}

/// Whether the server may take connections in a moment: it refuses them, or says that it starts, stops or has no room (PostgreSQL 57P03, 53300).
fn may_be_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(e) => e.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(e) => matches!(e.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

/// What takes longer than [`PING_LIMIT`] is an error.
async fn within_ping_limit<T>(asked: impl Future<Output = Answer<T>>) -> Answer<T> {
    let silent = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(PING_LIMIT, asked)
        .await
        .unwrap_or_else(silent)
}

/// A lent connection that has work under way, and what is done with it when that does not end well.
type Busy = ScopeGuard<Object<Target>, fn(Object<Target>)>;

/// Its work has ended well.
fn give_back(busy: Busy) {
    drop(ScopeGuard::into_inner(busy));
}

/// After a statement outside a transaction. It has ended when the connection answers.
fn rest_after_statement(mut lent: Object<Target>) {
    in_background(async move {
        if within_ping_limit(lent.ping()).await.is_err() {
            drop(Object::take(lent));
        }
    });
}

/// After a transaction. Whatever of it was sent is carried out before the rollback.
fn rest_after_transaction(mut lent: Object<Target>) {
    in_background(async move {
        let end = lent.execute_unprepared("ROLLBACK");
        if within_ping_limit(end).await.is_err() {
            drop(Object::take(lent));
        }
    });
}

/// What is brought to rest keeps its place in the pool meanwhile; without a runtime it is let go at once.
fn in_background(rest: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(rest);
    }
}

/// The pool.
#[derive(Clone, Debug)]
pub struct Pool {
    kept: managed::Pool<Target>,
    backend: DatabaseBackend,
}

/// A transaction that runs. Dropped before its end, it is rolled back.
#[derive(Debug)]
pub struct Transaction {
    lent: Mutex<Busy>,
    backend: DatabaseBackend,
}

impl Pool {
    /// Connects when the first statement comes.
    pub(super) fn new(target: Target, connections: usize) -> Result<Self, DbErr> {
        let backend = target.backend();
        let kept = managed::Pool::builder(target)
            .max_size(connections)
            .queue_mode(QueueMode::Lifo)
            .timeouts(Timeouts {
                wait: Some(ACQUIRE_TIMEOUT),
                create: Some(ACQUIRE_TIMEOUT),
                recycle: None,
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| DbErr::Conn(RuntimeErr::Internal(e.to_string())))?;
        Ok(Self { kept, backend })
    }

    /// How it reaches the database.
    pub(super) fn target(&self) -> &Target {
        self.kept.manager()
    }

    async fn lend(&self, rest: fn(Object<Target>)) -> Result<Busy, DbErr> {
        let lent = self.kept.get().await.map_err(not_lent)?;
        Ok(scopeguard::guard(lent, rest))
    }

    /// Begins a transaction that writes. On SQLite it takes the lock for writing at once, so that it does not fail half-way for want of it.
    pub(super) async fn begin(&self) -> Result<Transaction, DbErr> {
        self.begin_by(match self.backend {
            DatabaseBackend::Sqlite => "BEGIN IMMEDIATE",
            _ => "BEGIN",
        })
        .await
    }

    /// Begins a transaction that only reads, and sees one state of the database.
    pub(super) async fn begin_snapshot(&self) -> Result<Transaction, DbErr> {
        self.begin_by(match self.backend {
            DatabaseBackend::Sqlite => "BEGIN",
            _ => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
        .await
    }

    async fn begin_by(&self, begin: &str) -> Result<Transaction, DbErr> {
        let mut busy = self.lend(rest_after_transaction).await?;
        busy.execute_unprepared(begin).await.map_err(executing)?;
        let backend = self.backend;
        let lent = Mutex::new(busy);
        Ok(Transaction { lent, backend })
    }

    /// Lends nothing any more, and closes what is not lent.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        let idle = self.kept.retain(|_, _| false);
        self.kept.close();
        for connection in idle.removed {
            connection.close().await.map_err(connecting)?;
        }
        Ok(())
    }
}

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.end_by("COMMIT").await
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        self.end_by("ROLLBACK").await
    }

    async fn end_by(self, end: &str) -> Result<(), DbErr> {
        let mut busy = self.lent.into_inner();
        busy.execute_unprepared(end).await.map_err(executing)?;
        give_back(busy);
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut busy = self.lend(rest_after_statement).await?;
        let done = busy.execute(statement).await.map_err(executing)?;
        give_back(busy);
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut busy = self.lend(rest_after_statement).await?;
        let done = busy.execute_unprepared(sql).await.map_err(executing)?;
        give_back(busy);
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut busy = self.lend(rest_after_statement).await?;
        let row = busy.query_one(statement).await.map_err(querying)?;
        give_back(busy);
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut busy = self.lend(rest_after_statement).await?;
        let rows = busy.query_all(statement).await.map_err(querying)?;
        give_back(busy);
        Ok(rows)
    }

    fn support_returning(&self) -> bool {
        self.backend.support_returning()
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut busy = self.lent.lock().await;
        busy.execute(statement).await.map_err(executing)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut busy = self.lent.lock().await;
        busy.execute_unprepared(sql).await.map_err(executing)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut busy = self.lent.lock().await;
        busy.query_one(statement).await.map_err(querying)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut busy = self.lent.lock().await;
        busy.query_all(statement).await.map_err(querying)
    }

    fn support_returning(&self) -> bool {
        self.backend.support_returning()
    }
}

fn not_lent(error: PoolError<sqlx::Error>) -> DbErr {
    match error {
        PoolError::Timeout(_) => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        PoolError::Closed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        PoolError::Backend(e) => connecting(e),
        other => DbErr::Conn(RuntimeErr::Internal(other.to_string())),
    }
}

fn connecting(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

fn executing(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn querying(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
