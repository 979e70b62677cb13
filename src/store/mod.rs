//! The only place with database queries. One file per noun; every finder takes the organisation, except those of the engine,
//! which works by app.
//!
//! Readers take `&impl Access` (the store, or a transaction), writers take `&Tx`: nothing is written outside a transaction.

pub mod account_facts;
pub mod account_imports;
pub mod account_links;
pub mod account_lists;
pub mod accounts;
pub mod admin_roles;
pub mod apps;
pub mod apps_worked;
pub mod archived_links;
pub mod assignment_lists;
pub mod assignments;
pub mod audit;
pub mod audit_chain;
pub mod audit_lists;
pub mod bootstrap_tokens;
pub mod bulk_jobs;
pub mod by_person;
mod columns;
mod connect;
mod connection;
pub mod deletions;
pub mod deprovisioning;
pub mod deprovisioning_hold_lists;
pub mod deprovisioning_holds;
pub mod directory_changes;
pub mod directory_fields;
pub mod error;
pub mod gauges;
pub mod generations;
pub mod held_roles;
mod import_candidate_filter;
pub mod import_candidates;
pub mod import_matches;
pub mod import_seen;
pub mod imports;
pub mod kept_answers;
pub mod leases;
mod limited;
pub mod look;
pub mod mappings;
pub mod oidc_subjects;
pub mod okta_authorizations;
pub mod okta_health;
pub mod okta_orgs;
pub mod okta_snapshots;
pub mod okta_tokens;
pub mod operation_lists;
pub mod operations;
pub mod organizations;
pub mod paces;
pub mod page;
pub mod pauses;
pub mod personal_access_tokens;
mod pool;
mod probe;
pub mod rulings;
pub mod signals;
pub mod situations;
pub mod sync_counts;
pub mod user_lists;
pub mod users;

use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::Mutex;

pub use error::Error;

use self::limited::Limited;
use self::pool::{Pool, Transaction};
use crate::domain::audit_chain::ChainKey;

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// The database: SQLite in the data directory, or PostgreSQL.
#[derive(Clone, Debug)]
pub struct Store {
    db: Limited<Pool>,
    /// SQLite has one writer: writers of this process queue here, instead of polling the file's lock.
    writer: Option<Arc<Mutex<()>>>,
    /// Authenticates the entries of the audit trail.
    audit_key: Arc<ChainKey>,
}

/// A running write transaction.
#[derive(Debug)]
pub struct Tx {
    db: Limited<Transaction>,
    audit_key: Arc<ChainKey>,
}

/// What can be read from: the store, or a transaction.
pub trait Access: Send + Sync {
    /// The connection beneath.
    type Connection: ConnectionTrait;
    /// The connection beneath; only modules of the store use it.
    fn connection(&self) -> &Self::Connection;
}

impl Access for Store {
    type Connection = Limited<Pool>;
    fn connection(&self) -> &Self::Connection {
        &self.db
    }
}

impl Access for Tx {
    type Connection = Limited<Transaction>;
    fn connection(&self) -> &Self::Connection {
        &self.db
    }
}

impl Access for Arc<Tx> {
    type Connection = Limited<Transaction>;
    fn connection(&self) -> &Self::Connection {
        &self.db
    }
}

impl Store {
    /// Runs `work` in one transaction and commits if it succeeds; else nothing of it happened.
    /// On SQLite it is `BEGIN IMMEDIATE`, so it never fails half-way for want of the write lock.
    ///
    /// Never wait for the network inside.
    ///
    /// # Errors
    /// What `work` returned, or the database's own error from begin or commit.
    pub async fn transaction<T, E, F, Fut>(&self, work: F) -> std::result::Result<T, E>
    where
        F: FnOnce(Arc<Tx>) -> Fut,
        Fut: Future<Output = std::result::Result<T, E>>,
        E: From<Error>,
    {
        let _turn = match &self.writer {
            Some(writer) => Some(writer.lock().await),
            None => None,
        };
        // In a box: such work is large.
        Box::pin(self.run(self.db.inner().begin(), work)).await
    }

    /// Runs `read` against one unchanging state of the database.
    ///
    /// # Errors
    /// What `read` returned, or the database's own error.
    pub async fn snapshot<T, E, F, Fut>(&self, read: F) -> std::result::Result<T, E>
    where
        F: FnOnce(Arc<Tx>) -> Fut,
        Fut: Future<Output = std::result::Result<T, E>>,
        E: From<Error>,
    {
        Box::pin(self.run(self.db.inner().begin_snapshot(), read)).await
    }

    async fn run<T, E, F, Fut>(
        &self,
        begin: impl Future<Output = std::result::Result<Transaction, DbErr>>,
        work: F,
    ) -> std::result::Result<T, E>
    where
        F: FnOnce(Arc<Tx>) -> Fut,
        Fut: Future<Output = std::result::Result<T, E>>,
        E: From<Error>,
    {
        let begun = self.db.wait(begin).await.map_err(Error::from)?;
        let tx = Arc::new(Tx {
            db: self.db.with(begun),
            audit_key: Arc::clone(&self.audit_key),
        });
        let outcome = work(Arc::clone(&tx)).await;
        let Tx { db: tx, .. } = Arc::into_inner(tx).ok_or(Error::LeakedTransaction)?;
        match outcome {
            Ok(done) => {
                let commit = self.db.wait(tx.into_inner().commit());
                commit.await.map_err(Error::from)?;
                Ok(done)
            }
            Err(error) => {
                if let Err(e) = self.db.wait(tx.into_inner().rollback()).await {
                    tracing::warn!(error = %e, "a transaction could not be rolled back; the database does it when the connection closes");
                }
                Err(error)
            }
        }
    }

    /// The same, counting statements there from now on, without the beginnings and ends of transactions.
    #[must_use]
    pub fn counted_by(mut self, statements: Counter) -> Self {
        self.db = self.db.counted_by(statements);
        self
    }

    /// Whether this is PostgreSQL, where several processes may share the database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.writer.is_none()
    }

    /// Closes the pool once everything borrowed has come back.
    ///
    /// # Errors
    /// When the database refuses to close.
    pub async fn close(self) -> Result<()> {
        Ok(self.db.into_inner().close().await?)
    }
}
