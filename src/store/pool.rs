//! The connections that are kept open, lent for a statement or for a transaction.
//!
//! It is not sqlx's pool, which asks each connection that comes back whether it lives; that costs as much as a small statement. And it cannot know whether
//! work was given up in the middle: a connection whose transaction had just begun would serve others, who would read old data and whose writes would be undone.
//! Here a connection comes back by itself only when all that was begun on it has ended well. Else it is first brought to rest, or closed.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::{
    self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, WeakPool,
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

use super::connection::{Answer, Connection, connecting};

/// How long is waited for a connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// For how long is paused between attempts to make a new one; less, so that the server's last word is heard.
const CREATE_TIMEOUT: Duration = Duration::from_secs(8);
/// For a connection to show that it lives; so many as the pool has can be tried within [`ACQUIRE_TIMEOUT`].
const PING_LIMIT: Duration = Duration::from_millis(600);
/// For a connection that was lent to be lent again without being asked.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// After which a connection is replaced: PostgreSQL's sessions grow, and addresses of servers change.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);
/// After which a connection that nobody wanted is closed: a burst leaves many behind, and a server has room for few.
const LONGEST_REST: Duration = Duration::from_secs(10 * 60);
/// How often is looked for such.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Before a server is asked again that refuses connections, as one does that starts; each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often is looked whether all that was lent came back.
const CLOSE_POLL: Duration = Duration::from_millis(10);

/// How a database is reached.
#[derive(Clone)]
pub(super) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

/// The options hold a password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(format_args!("Target({:?})", self.backend()))
    }
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

    async fn create(&self) -> Answer<Connection> {
        let mut left = CREATE_TIMEOUT;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.connect().await {
                Err(error) if may_be_starting(&error) && pause < left => {
                    tokio::time::sleep(pause).await;
                    left -= pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
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

/// It is not to come back.
fn throw_away(lent: Object<Target>) {
    drop(Object::take(lent));
}

/// After a statement outside a transaction. It has ended when the connection answers.
fn rest_after_statement(lent: Object<Target>) {
    let mut busy = scopeguard::guard(lent, throw_away as fn(_));
    in_background(async move {
        if within_ping_limit(busy.ping()).await.is_ok() {
            give_back(busy);
        }
    });
}

/// After a transaction. Whatever of it was sent is carried out before the rollback.
fn rest_after_transaction(lent: Object<Target>) {
    let mut busy = scopeguard::guard(lent, throw_away as fn(_));
    in_background(async move {
        let end = busy.execute_unprepared("ROLLBACK");
        if within_ping_limit(end).await.is_ok() {
            give_back(busy);
        }
    });
}

/// What is brought to rest keeps its place in the pool meanwhile.
fn in_background(rest: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(rest);
    }
}

/// Closes what nobody wants any more, as long as there is the pool.
async fn tidy(kept: WeakPool<Target>) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        let Some(kept) = kept.upgrade().filter(|kept| !kept.is_closed()) else {
            return;
        };
        let wanted =
            |known: Metrics| known.last_used() < LONGEST_REST && known.age() < LONGEST_LIFE;
        for connection in kept.retain(|_, known| wanted(known)).removed {
            if let Err(error) = within_ping_limit(connection.close()).await {
                tracing::debug!(%error, "a connection was not closed in good order");
            }
        }
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
    held: Mutex<Held>,
    backend: DatabaseBackend,
}

#[derive(Debug)]
struct Held {
    busy: Busy,
    /// Whether each of its statements succeeded. After one that did not PostgreSQL answers a commit as if it were one, and rolls back.
    sound: bool,
}

impl Held {
    /// A statement begins. Whether all before it succeeded.
    fn start(&mut self) -> bool {
        std::mem::replace(&mut self.sound, false)
    }
}

impl Pool {
    /// Connects when the first statement comes. It needs a runtime.
    pub(super) fn new(target: Target, connections: usize) -> Result<Self, DbErr> {
        let backend = target.backend();
        let kept = managed::Pool::builder(target)
            .max_size(connections)
            .queue_mode(QueueMode::Lifo)
            .build()
            .map_err(|e| DbErr::Conn(RuntimeErr::Internal(e.to_string())))?;
        tokio::spawn(tidy(kept.weak()));
        Ok(Self { kept, backend })
    }

    /// How it reaches the database.
    pub(super) fn target(&self) -> &Target {
        self.kept.manager()
    }

    async fn lend(&self, rest: fn(Object<Target>)) -> Result<Busy, DbErr> {
        let lent = tokio::time::timeout(ACQUIRE_TIMEOUT, self.kept.get()).await;
        let late = |_| Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        let lent = lent.map_or_else(late, |lent| lent.map_err(not_lent))?;
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
        let held = Mutex::new(Held { busy, sound: true });
        Ok(Transaction { held, backend })
    }

    /// Lends nothing any more, closes what is not lent, and waits for the rest to come back.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        let idle = self.kept.retain(|_, _| false);
        self.kept.close();
        let mut closed = Ok(());
        for connection in idle.removed {
            closed = closed.and(connection.close().await.map_err(connecting));
        }
        while self.kept.status().size > 0 {
            tokio::time::sleep(CLOSE_POLL).await;
        }
        closed
    }
}

impl Transaction {
    /// Makes it last; an error when one of its statements failed, whatever became of that error.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let Held { mut busy, sound } = self.held.into_inner();
        if !sound {
            let why = "a statement of the transaction had failed; nothing of it was done";
            return Err(DbErr::Exec(RuntimeErr::Internal(why.to_owned())));
        }
        let end = busy.execute_unprepared("COMMIT");
        end.await.map_err(executing)?;
        give_back(busy);
        Ok(())
    }

    /// Undoes it. What takes longer than a connection that lives is done in the background.
    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        let Held { mut busy, .. } = self.held.into_inner();
        let end = busy.execute_unprepared("ROLLBACK");
        within_ping_limit(end).await.map_err(executing)?;
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
        let mut held = self.held.lock().await;
        let sound = held.start();
        let done = held.busy.execute(statement).await.map_err(executing)?;
        held.sound = sound;
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut held = self.held.lock().await;
        let sound = held.start();
        let done = held.busy.execute_unprepared(sql).await.map_err(executing)?;
        held.sound = sound;
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut held = self.held.lock().await;
        let sound = held.start();
        let done = held.busy.query_one(statement).await.map_err(querying)?;
        held.sound = sound;
        Ok(done)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.held.lock().await;
        let sound = held.start();
        let done = held.busy.query_all(statement).await.map_err(querying)?;
        held.sound = sound;
        Ok(done)
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

fn executing(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn querying(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pool(dir: &tempfile::TempDir) -> Pool {
        let file = dir.path().join("db");
        let options = SqliteConnectOptions::new().filename(file);
        let options = options.create_if_missing(true).disable_statement_logging();
        let pool = Pool::new(Target::Sqlite(Box::new(options)), 1).unwrap();
        pool.execute_unprepared("CREATE TABLE t (a INTEGER)")
            .await
            .unwrap();
        pool
    }

    async fn rows(pool: &Pool) -> usize {
        let all = Statement::from_string(DatabaseBackend::Sqlite, "SELECT a FROM t");
        pool.query_all_raw(all).await.unwrap().len()
    }

    const INSERT: &str = "INSERT INTO t VALUES (1)";

    #[tokio::test]
    async fn what_is_dropped_in_the_middle_is_undone_and_its_connection_lent_again() {
        let dir = tempfile::tempdir().unwrap();
        let pool = pool(&dir).await;
        let running = pool.begin().await.unwrap();
        running.execute_unprepared(INSERT).await.unwrap();
        drop(running);
        // There is one connection, so this waits until that is at rest.
        assert_eq!(rows(&pool).await, 0);
        let running = pool.begin().await.unwrap();
        running.execute_unprepared(INSERT).await.unwrap();
        running.commit().await.unwrap();
        assert_eq!(rows(&pool).await, 1);
        pool.close().await.unwrap();
    }

    #[tokio::test]
    async fn what_had_a_failed_statement_is_not_committed() {
        let dir = tempfile::tempdir().unwrap();
        let pool = pool(&dir).await;
        let running = pool.begin().await.unwrap();
        running.execute_unprepared(INSERT).await.unwrap();
        running.execute_unprepared("nonsense").await.unwrap_err();
        running.execute_unprepared(INSERT).await.unwrap();
        running.commit().await.unwrap_err();
        assert_eq!(rows(&pool).await, 0);
    }

    #[tokio::test]
    async fn nothing_shows_the_password() {
        let url = "postgres://me:canary@h/d";
        let target = Target::Postgres(Box::new(url.parse().unwrap()));
        let pool = Pool::new(target, 1).unwrap();
        assert!(!format!("{pool:?}").contains("canary"), "{pool:?}");
    }
}
