//! Okta apps of an organisation: their switches, options and versions.

use entity::account;
use entity::app::{self, Column};
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use uuid::Uuid;

use super::page::{Page, PageRequest, Position, page};
use super::pauses::Pause;
use super::{Access, Error, Result, Tx};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::Settings;

const ACTIVE: &str = "ACTIVE";
const REMOVED: &str = "REMOVED";

/// Who saved something last, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The directory user.
    pub by: Uuid,
    /// Epoch milliseconds.
    pub at: i64,
}

/// An app that the organisation has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The app.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// Name shown to people.
    pub name: String,
    /// The four switches.
    pub settings: Settings,
    /// Goes up each time the switches are saved; 0 means never saved.
    pub settings_version: i64,
    /// Who saved the switches last; `None` when never saved.
    pub settings_saved: Option<Saved>,
    /// The options.
    pub options: Options,
    /// Goes up each time the options are saved; 0 means never saved.
    pub options_version: i64,
    /// Who saved name and options last; `None` when never saved.
    pub options_saved: Option<Saved>,
    /// Goes up each time the mapping is saved; 0 means never saved.
    pub mappings_version: i64,
    /// Who saved the mapping last; `None` when never saved.
    pub mappings_saved: Option<Saved>,
    /// Who paused the work; `None` while it is not paused.
    pub pause: Option<Pause>,
    /// Epoch milliseconds.
    pub created_at: i64,
}

/// How an app behaves beyond its switches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether Okta mails the people whom we create or activate.
    pub send_activation_email: bool,
    /// The roles that may be granted through the app; `None` means all assignable ones.
    pub allowed_role_types: Option<Vec<RoleType>>,
    /// Share of the rate limit that the engine may use, in percent.
    pub rate_limit_share: i32,
    /// Days that a deactivated account is kept before it is deleted; `None`: it is deleted at once.
    pub deletion_delay_days: Option<i32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            send_activation_email: true,
            allowed_role_types: None,
            // 5 % is kept for what people wait for on a screen, the rest as a margin (design §3).
            rate_limit_share: 90,
            deletion_delay_days: None,
        }
    }
}

fn saved(by: Option<Uuid>, at: Option<i64>) -> Option<Saved> {
    Some(Saved { by: by?, at: at? })
}

impl TryFrom<app::Model> for App {
    type Error = Error;

    fn try_from(row: app::Model) -> Result<Self> {
        let pause = Pause::of(&row);
        let allowed_role_types = match row.allowed_role_types {
            None => None,
            Some(json) => {
                Some(
                    serde_json::from_value(json.clone()).map_err(|_| Error::Corrupt {
                        table: "app",
                        row: row.id.to_string(),
                        what: "allowed_role_types",
                        value: json.to_string(),
                    })?,
                )
            }
        };
        Ok(Self {
            pause,
            id: row.id,
            organization_id: row.organization_id,
            name: row.name,
            settings: Settings {
                create_users: row.create_users,
                update_user_profile: row.update_user_profile,
                delete_users: row.delete_users,
                activate_and_deactivate_users: row.activate_and_deactivate_users,
            },
            settings_version: row.settings_version,
            settings_saved: saved(row.settings_saved_by, row.settings_saved_at),
            options: Options {
                send_activation_email: row.send_activation_email,
                allowed_role_types,
                rate_limit_share: row.rate_limit_share,
                deletion_delay_days: row.deletion_delay_days,
            },
            options_version: row.options_version,
            options_saved: saved(row.options_saved_by, row.options_saved_at),
            mappings_version: row.mappings_version,
            mappings_saved: saved(row.mappings_saved_by, row.mappings_saved_at),
            created_at: row.created_at,
        })
    }
}

fn present(organization: Uuid) -> Select<app::Entity> {
    app::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Status.eq(ACTIVE))
}

/// The app, unless it was removed.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, organization: Uuid, app: Uuid) -> Result<Option<App>> {
    present(organization)
        .filter(Column::Id.eq(app))
        .one(db.connection())
        .await?
        .map(App::try_from)
        .transpose()
}

/// As [`find`], and nobody else changes the row before the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_locked(tx: &Tx, organization: Uuid, app: Uuid) -> Result<Option<App>> {
    present(organization)
        .filter(Column::Id.eq(app))
        .lock_exclusive()
        .one(tx.connection())
        .await?
        .map(App::try_from)
        .transpose()
}

/// Several apps at once; removed and foreign ones are left out.
///
/// # Errors
/// As [`find`].
pub async fn find_many(db: &impl Access, organization: Uuid, ids: &[Uuid]) -> Result<Vec<App>> {
    present(organization)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db.connection())
        .await?
        .into_iter()
        .map(App::try_from)
        .collect()
}

/// A page of the organisation's apps, oldest first.
///
/// # Errors
/// As [`find`].
pub async fn list(db: &impl Access, organization: Uuid, request: PageRequest) -> Result<Page<App>> {
    let rows = page(
        db,
        present(organization),
        None,
        Column::Id,
        request,
        |row| Position {
            key: None,
            id: row.id,
        },
    )
    .await?;
    let mut rows = rows.map(App::try_from);
    let (has_next, has_previous) = (rows.has_next, rows.has_previous);
    let read = std::mem::take(&mut rows.rows)
        .into_iter()
        .map(|(at, app)| app.map(|app| (at, app)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Page {
        rows: read,
        has_next,
        has_previous,
    })
}

/// How many apps the organisation has.
///
/// # Errors
/// The database's own.
pub async fn count(db: &impl Access, organization: Uuid) -> Result<u64> {
    Ok(present(organization).count(db.connection()).await?)
}

/// All apps of the organisation, oldest first.
///
/// # Errors
/// As [`find`].
pub async fn all(db: &impl Access, organization: Uuid) -> Result<Vec<App>> {
    present(organization)
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?
        .into_iter()
        .map(App::try_from)
        .collect()
}

/// Adds an app with every switch off.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, app: &App) -> Result<()> {
    let options = &app.options;
    let row = app::ActiveModel {
        id: Set(app.id),
        organization_id: Set(app.organization_id),
        name: Set(app.name.clone()),
        status: Set(ACTIVE.to_owned()),
        create_users: Set(app.settings.create_users),
        update_user_profile: Set(app.settings.update_user_profile),
        delete_users: Set(app.settings.delete_users),
        activate_and_deactivate_users: Set(app.settings.activate_and_deactivate_users),
        settings_version: Set(0),
        settings_saved_by: Set(None),
        settings_saved_at: Set(None),
        send_activation_email: Set(options.send_activation_email),
        allowed_role_types: Set(options.allowed_role_types.as_deref().map(role_names)),
        rate_limit_share: Set(options.rate_limit_share),
        deletion_delay_days: Set(options.deletion_delay_days),
        options_version: Set(0),
        options_saved_by: Set(None),
        options_saved_at: Set(None),
        mappings_version: Set(0),
        mappings_saved_by: Set(None),
        mappings_saved_at: Set(None),
        paused_by: Set(None),
        paused_at: Set(None),
        pause_note: Set(None),
        created_at: Set(app.created_at),
        updated_at: Set(app.created_at),
        removed_at: Set(None),
    };
    app::Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

fn role_names(roles: &[RoleType]) -> serde_json::Value {
    roles.iter().map(|role| role.as_str()).collect()
}

/// Saves the switches and raises their version. The caller holds the row ([`find_locked`]) and has compared versions.
///
/// # Errors
/// The database's own.
pub async fn save_settings(tx: &Tx, app: Uuid, settings: Settings, saved: Saved) -> Result<()> {
    let change = app::ActiveModel {
        create_users: Set(settings.create_users),
        update_user_profile: Set(settings.update_user_profile),
        delete_users: Set(settings.delete_users),
        activate_and_deactivate_users: Set(settings.activate_and_deactivate_users),
        settings_saved_by: Set(Some(saved.by)),
        settings_saved_at: Set(Some(saved.at)),
        updated_at: Set(saved.at),
        ..Default::default()
    };
    raise_version(tx, app, Column::SettingsVersion, change).await
}

/// Saves name and options and raises their version. The caller holds the row and has compared versions.
///
/// # Errors
/// The database's own.
pub async fn save_options(
    tx: &Tx,
    app: Uuid,
    name: &str,
    options: &Options,
    saved: Saved,
) -> Result<()> {
    let change = app::ActiveModel {
        name: Set(name.to_owned()),
        send_activation_email: Set(options.send_activation_email),
        allowed_role_types: Set(options.allowed_role_types.as_deref().map(role_names)),
        rate_limit_share: Set(options.rate_limit_share),
        deletion_delay_days: Set(options.deletion_delay_days),
        options_saved_by: Set(Some(saved.by)),
        options_saved_at: Set(Some(saved.at)),
        updated_at: Set(saved.at),
        ..Default::default()
    };
    raise_version(tx, app, Column::OptionsVersion, change).await
}

/// Notes that a mapping was saved and raises its version. The caller holds the row and has compared versions.
///
/// # Errors
/// The database's own.
pub async fn mapping_saved(tx: &Tx, app: Uuid, saved: Saved) -> Result<()> {
    let change = app::ActiveModel {
        mappings_saved_by: Set(Some(saved.by)),
        mappings_saved_at: Set(Some(saved.at)),
        updated_at: Set(saved.at),
        ..Default::default()
    };
    raise_version(tx, app, Column::MappingsVersion, change).await
}

async fn raise_version(
    tx: &Tx,
    app: Uuid,
    version: Column,
    change: app::ActiveModel,
) -> Result<()> {
    use sea_orm::sea_query::ExprTrait as _;
    app::Entity::update_many()
        .set(change)
        .col_expr(version, Expr::col(version).add(1))
        .filter(Column::Id.eq(app))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Removes the app: it is listed no more and the engine leaves it alone. Accounts and assignments stay for the record.
///
/// # Errors
/// The database's own.
pub async fn remove(tx: &Tx, organization: Uuid, app: Uuid, now: i64) -> Result<()> {
    let change = app::ActiveModel {
        status: Set(REMOVED.to_owned()),
        updated_at: Set(now),
        removed_at: Set(Some(now)),
        ..Default::default()
    };
    app::Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(app))
        .exec(tx.connection())
        .await?;
    account::Entity::update_many()
        .col_expr(account::Column::DueAt, Expr::value(Option::<i64>::None))
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::AppId.eq(app))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The ids of the organisation's apps that were not removed, as a condition for what belongs to apps.
pub(super) fn present_ids(organization: Uuid) -> SelectStatement {
    present(organization)
        .select_only()
        .column(Column::Id)
        .into_query()
}
