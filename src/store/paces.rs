//! The pace that Okta allowed each app last.

use entity::app_pace;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use uuid::Uuid;

use super::{Access, Result, Tx};

/// How many calls Okta allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedPace {
    /// Which of Okta's limits it is.
    pub bucket: String,
    /// Calls that Okta allows in each window of a minute.
    pub limit: i64,
    /// Calls that we may be made in each window of a minute.
    pub usable: i64,
    /// When the present window ends, epoch milliseconds.
    pub window_ends_at: i64,
}

/// The pace of an app; null when nobody ever heard of any limit.
///
/// # Errors
/// The database's own.
pub async fn find(access: &impl Access, app: Uuid) -> Result<Option<AllowedPace>> {
    let row = app_pace::Entity::find_by_id(app)
        .one(access.connection())
        .await?;
    Ok(row.map(|row| AllowedPace {
        bucket: row.bucket,
        limit: row.call_limit,
        usable: row.usable,
        window_ends_at: row.window_ends_at,
    }))
}

/// Notes the pace of an app.
///
/// # Errors
/// The database's own.
pub async fn save(tx: &Tx, app: Uuid, pace: AllowedPace) -> Result<()> {
    let row = app_pace::ActiveModel {
        app_id: Set(app),
        bucket: Set(pace.bucket),
        call_limit: Set(pace.limit),
        usable: Set(pace.usable),
        window_ends_at: Set(pace.window_ends_at),
    };
    let there = OnConflict::column(app_pace::Column::AppId)
        .update_columns([
            app_pace::Column::Bucket,
            app_pace::Column::CallLimit,
            app_pace::Column::Usable,
            app_pace::Column::WindowEndsAt,
        ])
        .to_owned();
    app_pace::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}
