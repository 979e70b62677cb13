//! How an app behaves beyond its switches.

use serde_json::json;
use uuid::Uuid;

use super::{App, Options, Saving, checked_name, held, refuse_taken, version_conflict};
use crate::domain::okta_role::{RoleType, parse_assignable};
use crate::service::assignments::role_refused;
use crate::service::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::apps::Saved;
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};
use crate::store::{apps, organizations};

/// Longest undo window: as long as Okta keeps its own log, after which nobody could tell what the account was like.
const MAX_DELAY_DAYS: i32 = 90;

/// Changes to name and options; `None` keeps what is there.
#[derive(Clone, Debug, Default)]
pub struct OptionsChange {
    /// Name shown to people.
    pub name: Option<String>,
    /// Whether Okta mails the people whom we create or activate.
    pub send_activation_email: Option<bool>,
    /// Names of the roles that may be granted; the inner `None` for all assignable ones.
    pub allowed_role_types: Option<Option<Vec<String>>>,
    /// Share of the rate limit, in percent.
    pub rate_limit_share: Option<i32>,
    /// Days before a deactivated account is deleted; the inner `None` for at once.
    pub deletion_delay_days: Option<Option<i32>>,
}

/// Saves name and options, if nobody saved them since `expected_version`.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` with one refusal per fault.
pub async fn save_options(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    change: OptionsChange,
    expected_version: i64,
) -> Result<Saving<App>> {
    viewer.require_configure()?;
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    let saving = services
        .store
        .transaction(async |tx| {
            organizations::lock(&tx, organization).await?;
            let before = held(&tx, viewer, id).await?;
            if before.options_version != expected_version {
                return Ok(Saving::Conflict(before));
            }
            let (name, options) = changed(&before, &change)?;
            refuse_taken(&tx, viewer, &name, Some(id)).await?;
            if (&name, &options) == (&before.name, &before.options) {
                return Ok(Saving::Done(before));
            }
            let saved = Saved {
                by: viewer.user_id,
                at: now,
            };
            apps::save_options(&tx, id, &name, &options, saved).await?;
            if options.deletion_delay_days != before.options.deletion_delay_days {
                let waiting = Scope::AwaitingDeletion(id);
                generations::raise(&tx, organization, &waiting, false, now).await?;
            }
            let detail = json!({
                "name": { "from": before.name, "to": name },
                "options": { "from": shown(&before.options), "to": shown(&options) },
            });
            let actor = viewer.actor();
            let entry = Entry::new(organization, now, actor, "appOptions.save").app(id);
            audit::record(&tx, entry.detail(detail)).await?;
            Ok::<_, Error>(Saving::Done(held(&tx, viewer, id).await?))
        })
        .await?;
    if let Saving::Done(_) = &saving {
        let app = id;
        services.events.publish(Event::App { organization, app });
        services.work.notify_one();
    }
    Ok(saving)
}

/// The conflict of [`save_options`] as a refusal.
#[must_use]
pub fn options_conflict(current: &App) -> UserError {
    version_conflict(current.options_version)
}

fn shown(options: &Options) -> serde_json::Value {
    json!({
        "sendActivationEmail": options.send_activation_email,
        "allowedRoleTypes": options.allowed_role_types,
        "rateLimitShare": options.rate_limit_share,
        "deletionDelay": options.deletion_delay_days,
    })
}

fn changed(before: &App, change: &OptionsChange) -> Result<(String, Options)> {
    let mut errors = Vec::new();
    let mut options = before.options.clone();
    let name = change.name.as_deref().unwrap_or(&before.name);
    let name = checked_name(name).unwrap_or_else(|error| {
        errors.push(error);
        before.name.clone()
    });
    if let Some(send) = change.send_activation_email {
        options.send_activation_email = send;
    }
    if let Some(allowed) = &change.allowed_role_types {
        options.allowed_role_types = allowed.as_ref().map(|names| roles(names, &mut errors));
    }
    if let Some(share) = change.rate_limit_share {
        if !(1..=100).contains(&share) {
            errors.push(bad_share());
        }
        options.rate_limit_share = share;
    }
    if let Some(days) = change.deletion_delay_days {
        if days.is_some_and(|days| !(1..=MAX_DELAY_DAYS).contains(&days)) {
            errors.push(bad_delay());
        }
        options.deletion_delay_days = days;
    }
    if errors.is_empty() {
        Ok((name, options))
    } else {
        Err(errors.into())
    }
}

/// The roles of these names, sorted, each once.
fn roles(names: &[String], errors: &mut Vec<UserError>) -> Vec<RoleType> {
    let mut roles = Vec::new();
    // There are fourteen types; a longer list is no list of them.
    if names.len() > RoleType::ALL.len() {
        let error = UserError::new(UserErrorCode::TooMany, "There are not so many roles.");
        errors.push(
            error
                .at(["allowedRoleTypes"])
                .with("max", RoleType::ALL.len()),
        );
        return roles;
    }
    for (index, name) in names.iter().enumerate() {
        match parse_assignable(name, &[]) {
            Ok(role) => roles.push(role),
            Err(refusal) => {
                let path = ["allowedRoleTypes".into(), index.into()];
                errors.push(role_refused(refusal).at::<crate::service::PathStep>(path));
            }
        }
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn bad_delay() -> UserError {
    let sentence =
        format!("Accounts are kept for 1 to {MAX_DELAY_DAYS} days before they are deleted.");
    let error = UserError::new(UserErrorCode::InvalidValue, sentence);
    error
        .at(["deletionDelay"])
        .with("min", 1)
        .with("max", MAX_DELAY_DAYS)
}

fn bad_share() -> UserError {
    let sentence = "The share of the rate limit is a percentage between 1 and 100.";
    let error = UserError::new(UserErrorCode::InvalidValue, sentence);
    error.at(["rateLimitShare"]).with("min", 1).with("max", 100)
}
