//! Pausing an app: between two calls to Okta, for as long as an administrator wants. Reading needs `VIEW_APPS`; pausing and resuming, the
//! right to configure provisioning.

use serde_json::json;
use uuid::Uuid;

pub use crate::store::pauses::Pause;

use super::apps::{App, held};
use super::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Actor, Entry};
use crate::store::{apps, organizations, pauses};

/// Longest note, in characters: a sentence or two.
pub const MAX_NOTE: usize = 500;

/// Pauses the app. From the commit on nothing more is sent that changes Okta; what is under way just then may still arrive. An app that is
/// paused already stays paused by whoever paused it first.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such app, or the note is too long.
pub async fn pause(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    note: Option<&str>,
) -> Result<App> {
    viewer.require_configure()?;
    let note = checked(note)?;
    let pause = Pause {
        by: Some(viewer.user_id),
        at: services.clock.now_ms(),
        note,
    };
    change(services, viewer, app, Some(pause)).await
}

/// Why an operator who restored a back-up has everything paused.
const RESTORED: &str = "The database was restored from a back-up and may know less than Okta. Look at what waits before you resume.";

/// Pauses every app of every organisation, for the database is an older copy: nothing is done in Okta before an administrator has looked at
/// what is still wanted and resumes. Apps that were paused already are told of it, too: their administrator would resume unsuspecting. Answers how
/// many apps are paused now.
///
/// # Errors
/// The database's own.
pub async fn restored(services: &Services) -> Result<usize> {
    let now = services.clock.now_ms();
    services
        .store
        .transaction(async |tx| {
            let mut count = 0;
            for organization in organizations::all(&*tx).await? {
                for app in apps::all(&*tx, organization.id).await? {
                    let app = apps::find_locked(&tx, organization.id, app.id).await?;
                    let Some(app) = app else { continue };
                    let before = app.pause.and_then(|pause| pause.note);
                    let note = match &before {
                        Some(note) if note.starts_with(RESTORED) => note.clone(),
                        Some(note) => format!("{RESTORED} It was paused before: {note}"),
                        None => RESTORED.to_owned(),
                    };
                    let pause = Pause {
                        by: None,
                        at: now,
                        note: Some(note),
                    };
                    pauses::set(&tx, app.id, Some(&pause), now).await?;
                    pauses::park(&tx, app.id, now).await?;
                    let action = "provisioning.pause";
                    let entry = Entry::new(organization.id, now, Actor::Operator, action)
                        .app(app.id)
                        .detail(json!({ "note": pause.note, "restored": true }));
                    audit::record(&tx, entry).await?;
                    count += 1;
                }
            }
            Ok::<_, Error>(count)
        })
        .await
}

/// Ends the pause; whatever waited for it is due at once. An app that is not paused stays as it is.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such app.
pub async fn resume(services: &Services, viewer: &Viewer, app: Uuid) -> Result<App> {
    viewer.require_configure()?;
    change(services, viewer, app, None).await
}

async fn change(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    pause: Option<Pause>,
) -> Result<App> {
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    let changed = services
        .store
        .transaction(async |tx| {
            let before = held(&tx, viewer, app).await?;
            if before.pause.is_some() == pause.is_some() {
                return Ok((before, false));
            }
            pauses::set(&tx, app, pause.as_ref(), now).await?;
            let (action, detail) = match &pause {
                Some(pause) => {
                    pauses::park(&tx, app, now).await?;
                    ("provisioning.pause", json!({ "note": pause.note }))
                }
                None => {
                    pauses::release(&tx, app, now).await?;
                    let since = before.pause.as_ref().map(|pause| pause.at);
                    ("provisioning.resume", json!({ "pausedAt": since }))
                }
            };
            let entry = Entry::new(organization, now, viewer.actor(), action).app(app);
            audit::record(&tx, entry.detail(detail)).await?;
            Ok::<_, Error>((held(&tx, viewer, app).await?, true))
        })
        .await?;
    if changed.1 {
        services.events.publish(Event::App { organization, app });
        services.work.notify_one();
    }
    Ok(changed.0)
}

fn checked(note: Option<&str>) -> Result<Option<String>> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > MAX_NOTE) {
        let sentence = format!("The note may have at most {MAX_NOTE} characters.");
        let error = UserError::new(UserErrorCode::TooLong, sentence).with("max", MAX_NOTE);
        return Err(error.at(["note"]).into());
    }
    if note.is_some_and(|note| note.contains('\0')) {
        let sentence = "The note has characters that cannot be kept.";
        let error = UserError::new(UserErrorCode::InvalidValue, sentence);
        return Err(error.at(["note"]).into());
    }
    Ok(note.map(str::to_owned))
}
