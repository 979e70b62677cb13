//! Adding people and changing their values.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::profile::{self, ProfilePatch};
use super::{Raise, User, announce, managed, raise};
use crate::domain::directory::{
    FieldValues, PRIMARY_EMAIL, USER_NAME, check_field_values, renames,
};
use crate::domain::permission::Permission;
use crate::domain::plan::DirectoryStatus;
use crate::service::apps::Saving;
use crate::service::{Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::users::UserRow;
use crate::store::{self, Tx};

/// Somebody to add.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Whether the person may work from the start.
    pub active: bool,
    /// The values.
    pub profile: ProfilePatch,
}

/// Adds a person, as a `MEMBER`.
///
/// # Errors
/// Refusals per field; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn create(services: &Services, viewer: &Viewer, input: NewUser) -> Result<User> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    let done = services.store.transaction(|tx| async move {
        let fields = profile::all_fields(&tx, viewer.organization_id).await?;
        let mut values = FieldValues::new();
        let mut patch = input.profile;
        for id in [USER_NAME, PRIMARY_EMAIL] {
            if !patch.standard.iter().any(|(given, _)| *given == id) {
                patch.standard.push((id, None));
            }
        }
        let touched = patch.apply(&mut values, &fields)?;
        refuse(touched.errors(check_field_values(&values, &fields)))?;
        let status = if input.active {
            DirectoryStatus::Active
        } else {
            DirectoryStatus::Inactive
        };
        let row = profile::new_row(viewer.organization_id, status, &values, now)?;
        refuse_taken(&tx, &row).await?;
        store::users::insert(&tx, row.clone())
            .await
            .map_err(taken_meanwhile)?;
        let entry = Entry::new(row.organization_id, now, viewer.actor(), "user.create")
            .user(row.id)
            .detail(json!({ "status": status, "fields": plain(&values) }));
        audit::record(&tx, entry).await?;
        Ok::<_, crate::service::Error>(row)
    });
    Ok(done.await?.try_into()?)
}

/// Changes to a person.
#[derive(Clone, Debug)]
pub struct UserChange {
    /// The person.
    pub user: Uuid,
    /// Refuse when the person's revision is another by now.
    pub expected_revision: Option<i64>,
    /// The values to change.
    pub profile: ProfilePatch,
}

/// Changes values of a person, if nobody did since `expected_revision`; the accounts follow.
///
/// # Errors
/// Refusals per field; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn update(
    services: &Services,
    viewer: &Viewer,
    input: UserChange,
) -> Result<Saving<User>> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    let (saving, events) = services
        .store
        .transaction(|tx| async move {
            let (mut row, role) = managed(&tx, viewer, input.user).await?;
            if is_stale(&row, input.expected_revision) {
                return Ok((Saving::Conflict(row), Vec::new()));
            }
            let before = User::try_from(row.clone())?.fields;
            let fields = profile::all_fields(&tx, viewer.organization_id).await?;
            let mut values = before.clone();
            let touched = input.profile.apply(&mut values, &fields)?;
            refuse(touched.errors(check_field_values(&values, &fields)))?;
            if values == before {
                return Ok((Saving::Done(row), Vec::new()));
            }
            if renames(&before, &values) && !viewer.may_rename(&role) {
                return Err(not_with_a_token().into());
            }
            profile::write(&mut row, &values)?;
            row.revision += 1;
            row.updated_at = now;
            refuse_taken(&tx, &row).await?;
            store::users::save(&tx, row.clone())
                .await
                .map_err(taken_meanwhile)?;
            let entry = Entry::new(row.organization_id, now, viewer.actor(), "user.update")
                .user(row.id)
                .detail(json!({ "changed": changes(&before, &values) }));
            audit::record(&tx, entry).await?;
            let events = raise(&tx, &row, Raise::Values, now).await?;
            Ok::<_, crate::service::Error>((Saving::Done(row), events))
        })
        .await?;
    announce(services, events);
    Ok(saving.try_map(User::try_from)?)
}

fn not_with_a_token() -> UserError {
    let sentence = "A token may not change the user name or e-mail address of somebody who has permissions: people sign in by them.";
    UserError::new(UserErrorCode::Forbidden, sentence).at(["userId"])
}

pub(super) fn is_stale(row: &UserRow, expected: Option<i64>) -> bool {
    expected.is_some_and(|expected| expected != row.revision)
}

/// What it is called when the person's revision is another than the one shown.
#[must_use]
pub fn conflict(revision: i64) -> UserError {
    let sentence = "Somebody else changed this person in between.";
    UserError::new(UserErrorCode::VersionConflict, sentence)
        .at(["expectedRevision"])
        .with("revision", revision)
}

fn refuse(errors: Vec<UserError>) -> Result<()> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.into())
    }
}

async fn refuse_taken(tx: &Arc<Tx>, row: &UserRow) -> Result<()> {
    let taken = store::users::taken(tx, row).await?;
    let mut errors = Vec::new();
    if taken.user_name {
        errors.push(already(USER_NAME, "Somebody else has this user name."));
    }
    if taken.primary_email {
        errors.push(already(
            PRIMARY_EMAIL,
            "Somebody else has this e-mail address.",
        ));
    }
    refuse(errors)
}

/// Two people saved the same name at the same moment: the unique index, named after its column, refused the later one.
fn taken_meanwhile(error: store::Error) -> crate::service::Error {
    match &error {
        store::Error::Duplicate(what) if what.contains("primary_email_key") => {
            already(PRIMARY_EMAIL, "Somebody else has this e-mail address.").into()
        }
        store::Error::Duplicate(_) => {
            already(USER_NAME, "Somebody else has this user name.").into()
        }
        _ => error.into(),
    }
}

fn already(field: &'static str, message: &str) -> UserError {
    UserError::new(UserErrorCode::AlreadyExists, message).at([field])
}

pub(in crate::service) fn plain(values: &FieldValues) -> Map<String, Value> {
    values
        .iter()
        .map(|(id, value)| (id.clone(), value.to_json()))
        .collect()
}

/// What changed, as `{field: {from, to}}`.
pub(in crate::service) fn changes(before: &FieldValues, after: &FieldValues) -> Map<String, Value> {
    let (before, after) = (plain(before), plain(after));
    let ids = before.keys().chain(after.keys());
    ids.filter(|id| before.get(*id) != after.get(*id))
        .map(|id| {
            (
                id.clone(),
                json!({ "from": before.get(id), "to": after.get(id) }),
            )
        })
        .collect()
}
