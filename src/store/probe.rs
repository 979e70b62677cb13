//! Whether the database can be written: by writing.

use entity::write_probe;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use super::{Access as _, Error, Result, Store};

/// The one row.
const ROW: i32 = 1;

impl Store {
    /// Writes a row, durably. On a full disk, a read-only file system or a standby this fails where reading would not.
    ///
    /// # Errors
    /// The database's own.
    pub async fn write_probe(&self, now: i64) -> Result<()> {
        self.transaction(|tx| async move {
            write_probe::Entity::update(write_probe::ActiveModel {
                id: Set(ROW),
                at: Set(now),
            })
            .exec(tx.connection())
            .await?;
            Ok::<_, Error>(())
        })
        .await
    }
}
