//! The organisation's apps: which can be added, adding, removing, and how they behave beyond their switches.
//!
//! Reading needs `VIEW_APPS`; changing, the right to configure provisioning.

mod add;
mod options;
mod remove;

use uuid::Uuid;

pub use self::add::{DEFAULT_NAME, MAX_APPS, add};
pub use self::options::{OptionsChange, options_conflict, save_options};
pub use self::remove::remove;
pub use crate::store::apps::{App, Options, Saved};

use super::{Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::code::codes;
use crate::domain::directory::{is_hidden_control, match_key};
use crate::domain::permission::Permission;
use crate::store::page::{Page, PageRequest};
use crate::store::{Tx, apps};

codes! {
    /// The kinds of app that an organisation can add.
    pub enum AppKind {
        /// Okta.
        Okta = "OKTA",
    }
}

impl AppKind {
    /// Name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
        }
    }

    /// What it does, in one sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Okta => {
                "Creates, updates, activates, deactivates and deletes people in an Okta org to match the directory."
            }
        }
    }
}

/// Saving something that carries a version: done, or somebody else saved in between.
#[derive(Clone, Debug, PartialEq)]
pub enum Saving<T> {
    /// It was saved; this is how it is now.
    Done(T),
    /// Nothing was saved, because this was saved in between.
    Conflict(T),
}

impl<T> Saving<T> {
    /// The same of another form of the thing.
    ///
    /// # Errors
    /// What `form` says.
    pub fn try_map<U, E>(
        self,
        form: impl FnOnce(T) -> std::result::Result<U, E>,
    ) -> std::result::Result<Saving<U>, E> {
        match self {
            Self::Done(saved) => form(saved).map(Saving::Done),
            Self::Conflict(current) => form(current).map(Saving::Conflict),
        }
    }
}

/// What a conflict is called at the argument that was too old.
#[must_use]
pub fn version_conflict(current: i64) -> UserError {
    version_conflict_at("expectedVersion", current)
}

/// As [`version_conflict`], of an argument with another name.
#[must_use]
pub fn version_conflict_at(argument: &'static str, current: i64) -> UserError {
    let sentence = "Somebody else saved in between; look at the current value and save again.";
    UserError::new(UserErrorCode::VersionConflict, sentence)
        .at([argument])
        .with("version", current)
}

/// A page of the organisation's apps, oldest first.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(services: &Services, viewer: &Viewer, request: PageRequest) -> Result<Page<App>> {
    viewer.require(Permission::ViewApps)?;
    Ok(apps::list(&services.store, viewer.organization_id, request).await?)
}

/// How many apps the organisation has.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn count(services: &Services, viewer: &Viewer) -> Result<u64> {
    viewer.require(Permission::ViewApps)?;
    Ok(apps::count(&services.store, viewer.organization_id).await?)
}

/// The app; null when there is none, or it was removed.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn find(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Option<App>> {
    viewer.require(Permission::ViewApps)?;
    Ok(apps::find(&services.store, viewer.organization_id, id).await?)
}

/// The app to change, held until the transaction ends.
pub(super) async fn held(tx: &Tx, viewer: &Viewer, id: Uuid) -> Result<App> {
    let found = apps::find_locked(tx, viewer.organization_id, id).await?;
    found.ok_or_else(|| UserError::not_found("app", "appId").into())
}

/// Longest name of an app, in characters: what fits a menu.
const MAX_NAME: usize = 100;

/// The name as it is kept.
///
/// # Errors
/// `REQUIRED`, `TOO_LONG` or `INVALID_VALUE` at `name`.
fn checked_name(name: &str) -> std::result::Result<String, UserError> {
    let name = name.trim();
    let refuse = |code, sentence: &str| Err(UserError::new(code, sentence).at(["name"]));
    if name.is_empty() {
        return refuse(UserErrorCode::Required, "Give the app a name.");
    }
    if name.chars().any(is_hidden_control) {
        return refuse(
            UserErrorCode::InvalidValue,
            "The name has characters that cannot be shown.",
        );
    }
    if name.chars().count() > MAX_NAME {
        let sentence = format!("The name may have at most {MAX_NAME} characters.");
        let error = UserError::new(UserErrorCode::TooLong, sentence).with("max", MAX_NAME);
        return Err(error.at(["name"]));
    }
    Ok(name.to_owned())
}

/// Refuses a name that another app of the organisation has, without regard to case.
async fn refuse_taken(tx: &Tx, viewer: &Viewer, name: &str, own: Option<Uuid>) -> Result<()> {
    let key = match_key(name);
    let all = apps::all(tx, viewer.organization_id).await?;
    let taken = all
        .iter()
        .any(|app| Some(app.id) != own && match_key(&app.name) == key);
    if taken {
        let error = UserError::new(UserErrorCode::AlreadyExists, "Another app has this name.");
        return Err(error.at(["name"]).into());
    }
    Ok(())
}
