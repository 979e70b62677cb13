//! One connection to either database: what SeaORM asks of it, carried out by sqlx.

use sea_orm::sea_query::Values;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

/// What the driver says of a statement.
pub(super) type Answer<T> = Result<T, sqlx::Error>;

/// A connection to one of the databases that we know.
#[derive(Debug)]
pub(super) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    pub(super) async fn execute(&mut self, statement: Statement) -> Answer<ExecResult> {
        let (sql, values) = parts(statement);
        Ok(match self {
            Self::Sqlite(to) => sqlx::query_with(sql, values).execute(to).await?.into(),
            Self::Postgres(to) => sqlx::query_with(sql, values).execute(to).await?.into(),
        })
    }

    /// Carries out what has no values and is sent once; it is not kept prepared, and may be several statements.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Answer<ExecResult> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Self::Sqlite(to) => to.execute(sql).await?.into(),
            Self::Postgres(to) => to.execute(sql).await?.into(),
        })
    }

    /// The first row; null when there is none.
    pub(super) async fn query_one(&mut self, statement: Statement) -> Answer<Option<QueryResult>> {
        let (sql, values) = parts(statement);
        Ok(match self {
            Self::Sqlite(to) => {
                let row = sqlx::query_with(sql, values).fetch_optional(to).await?;
                row.map(Into::into)
            }
            Self::Postgres(to) => {
                let row = sqlx::query_with(sql, values).fetch_optional(to).await?;
                row.map(Into::into)
            }
        })
    }

    pub(super) async fn query_all(&mut self, statement: Statement) -> Answer<Vec<QueryResult>> {
        let (sql, values) = parts(statement);
        Ok(match self {
            Self::Sqlite(to) => {
                let rows = sqlx::query_with(sql, values).fetch_all(to).await?;
                rows.into_iter().map(Into::into).collect()
            }
            Self::Postgres(to) => {
                let rows = sqlx::query_with(sql, values).fetch_all(to).await?;
                rows.into_iter().map(Into::into).collect()
            }
        })
    }

    /// Asks whether it lives. What was begun before has ended when the answer is there.
    pub(super) async fn ping(&mut self) -> Answer<()> {
        match self {
            Self::Sqlite(to) => to.ping().await,
            Self::Postgres(to) => to.ping().await,
        }
    }

    /// Ends it in good order.
    pub(super) async fn close(self) -> Answer<()> {
        match self {
            Self::Sqlite(it) => it.close().await,
            Self::Postgres(it) => it.close().await,
        }
    }
}

/// The text comes from the query builder or is written in this program; what callers send is among the values.
fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    (AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// As SeaORM says that there is no connection.
pub(super) fn connecting(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}
