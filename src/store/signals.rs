//! Messages between the processes that share a PostgreSQL database. They are told at once and kept nowhere: who is not listening misses them.

use sea_orm::{ConnectionTrait as _, Statement};
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::pool::{ACQUIRE_TIMEOUT, Target};
use super::{Error, Result, Store};

/// The channel of PostgreSQL's `NOTIFY`.
const CHANNEL: &str = "provisioner";

/// Longest message, bytes: PostgreSQL takes less than 8,000.
pub const LONGEST: usize = 7_900;

/// Tells all processes, this one too. On SQLite there is nobody to tell.
///
/// # Errors
/// The database's own.
pub async fn tell(store: &Store, message: &str) -> Result<()> {
    if !store.is_shared() {
        return Ok(());
    }
    let db = &store.db;
    let values = [CHANNEL.into(), message.into()];
    let tell = "SELECT pg_notify($1, $2)";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), tell, values);
    db.execute_raw(statement).await?;
    Ok(())
}

/// Listens on a connection of its own.
#[derive(Debug)]
pub struct Listener(PgListener);

/// Begins to listen; null on SQLite.
///
/// # Errors
/// The database's own.
pub async fn listen(store: &Store) -> Result<Option<Listener>> {
    let Target::Postgres(options) = store.db.inner().target() else {
        return Ok(None);
    };
    // The listener takes its connection out of a pool, for as long as it lives.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(*options.clone());
    let mut listener = PgListener::connect_with(&pool).await.map_err(database)?;
    // Whoever listens begins anew; what was missed meanwhile he has to ask for.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await.map_err(database)?;
    Ok(Some(Listener(listener)))
}

impl Listener {
    /// The next message.
    ///
    /// # Errors
    /// When the connection is lost. Messages may have been missed then.
    pub async fn next(&mut self) -> Result<String> {
        match self.0.try_recv().await.map_err(database)? {
            Some(notification) => Ok(notification.payload().to_owned()),
            None => Err(Error::Database("the connection was lost".to_owned())),
        }
    }
}

fn database(error: sqlx::Error) -> Error {
    Error::Database(error.to_string())
}
