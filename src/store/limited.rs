//! A connection that is not waited for without end, and whose statements are counted.
//!
//! When a network drops packets silently, or the server's machine is gone, the system goes on waiting for an answer for a quarter of an hour.
//! A statement that takes longer than any of ours should is given up, with an error that says that the database cannot be reached.

use std::time::Duration;

use async_trait::async_trait;
use prometheus_client::metrics::counter::Counter;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
};

/// Longest statement on PostgreSQL. The longest of ours raise the generation of all accounts of an app; and what was stuck should go on within 15
/// seconds.
pub(super) const STATEMENT_LIMIT: Duration = Duration::from_secs(12);

/// A connection, or a transaction, whose statements have a limit.
#[derive(Clone, Debug)]
pub struct Limited<C> {
    inner: C,
    limit: Option<Duration>,
    /// Statements that were sent.
    statements: Counter,
}

impl<C> Limited<C> {
    pub(super) fn new(inner: C, limit: Option<Duration>) -> Self {
        Self {
            inner,
            limit,
            statements: Counter::default(),
        }
    }

    /// Something else on the same database, limited and counted in the same way.
    pub(super) fn with<D>(&self, inner: D) -> Limited<D> {
        Limited {
            inner,
            limit: self.limit,
            statements: self.statements.clone(),
        }
    }

    /// The same, counting statements there from now on.
    pub(super) fn counted_by(self, statements: Counter) -> Self {
        Self { statements, ..self }
    }

    /// Sends a statement, counts it, and waits for the answer within the limit.
    async fn send<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.statements.inc();
        self.wait(work).await
    }

    pub(super) const fn inner(&self) -> &C {
        &self.inner
    }

    pub(super) fn into_inner(self) -> C {
        self.inner
    }

    /// Waits for the database, within the limit.
    pub(super) async fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        within(self.limit, work).await
    }
}

/// Waits for the database, within a limit.
async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let Some(limit) = limit else {
        return work.await;
    };
    let given_up = |_| {
        let message = format!("no answer within {} seconds", limit.as_secs());
        Err(DbErr::Conn(RuntimeErr::Internal(message)))
    };
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(given_up)
}

#[async_trait]
impl<C: ConnectionTrait + Send> ConnectionTrait for Limited<C> {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.send(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.send(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.send(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.send(self.inner.query_all_raw(statement)).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }
}
