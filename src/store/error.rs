//! What can go wrong with the database.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A database error, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique index refused the row; the text names the index or its columns.
    #[error("already exists: {0}")]
    Duplicate(String),
    /// A foreign key refused the change.
    #[error("still referred to: {0}")]
    Reference(String),
    /// Another transaction was in the way; the same work may be tried again.
    #[error("another change was in the way: {0}")]
    Conflict(String),
    /// No connection could be had; nothing was done.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// A row holds what this version does not understand.
    #[error("row {row} of {table} holds an unknown {what}: {value}")]
    Corrupt {
        /// Table of the row.
        table: &'static str,
        /// Key of the row.
        row: String,
        /// Which field.
        what: &'static str,
        /// What it holds.
        value: String,
    },
    /// A transaction handle was kept beyond its transaction.
    #[error("a transaction handle outlived its transaction")]
    LeakedTransaction,
    /// Anything else the database said.
    #[error("database: {0}")]
    Database(String),
}

impl Error {
    /// Whether the same work may succeed when it is tried again.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Conflict(_) | Self::Unreachable(_) => true,
            Self::Duplicate(_)
            | Self::Reference(_)
            | Self::Corrupt { .. }
            | Self::LeakedTransaction
            | Self::Database(_) => false,
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => return Self::Duplicate(what),
            Some(SqlErr::ForeignKeyConstraintViolation(what)) => return Self::Reference(what),
            _ => {}
        }
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unreachable(error.to_string()),
            DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => {
                match conflict_or_lost(e) {
                    Some(kind) => kind(error.to_string()),
                    None => Self::Database(error.to_string()),
                }
            }
            _ => Self::Database(error.to_string()),
        }
    }
}

/// Serialization failure and deadlock (PostgreSQL 40001, 40P01; SQLite `BUSY` 5 and its extended codes), or a lost connection.
fn conflict_or_lost(error: &sqlx::Error) -> Option<fn(String) -> Error> {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            Some(Error::Unreachable)
        }
        sqlx::Error::Database(e) => match e.code().as_deref() {
            Some("40001" | "40P01" | "5" | "261" | "517" | "773") => Some(Error::Conflict),
            // The server stops, starts, has no room for one more connection, or has ended a transaction that stood still.
            Some("57P01" | "57P02" | "57P03" | "53300" | "25P03") => Some(Error::Unreachable),
            _ => None,
        },
        _ => None,
    }
}
