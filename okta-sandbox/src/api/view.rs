//! A user as Okta answers it. Presence, absence and explicit nulls as recorded.

use serde_json::{Map, Value, json};

use crate::{
    clock::stamp,
    ids,
    org::{Org, user::User},
};

/// Attributes that are answered as null when they have no value; all others are left out.
const EXPLICIT_NULLS: [&str; 2] = ["mobilePhone", "secondEmail"];

/// The user in an answer about that user alone, with the links of its status.
pub(crate) fn single(org: &Org, user: &User, base_url: &str) -> Value {
    let mut body = attributes(org, user);
    body["_links"] = links(org, user, base_url);
    body
}

/// The user in a list, with the link to itself only.
pub(crate) fn listed(org: &Org, user: &User, base_url: &str) -> Value {
    let mut body = attributes(org, user);
    body["_links"] = json!({ "self": { "href": format!("{base_url}/api/v1/users/{}", user.id) } });
    body
}

/// The weak entity tag of the user's present state.
pub(crate) fn etag(user: &User) -> String {
    let state = format!("{}:{}:{}", user.id, user.version, stamp(user.last_updated));
    format!("W/\"{}\"", ids::digest(&state))
}

/// Everything but the links; also what `filter` and `search` look at.
pub(crate) fn attributes(org: &Org, user: &User) -> Value {
    let date = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(stamp);
    let mut body = json!({
        "id": user.id,
        "status": user.status.name(),
        "created": stamp(user.created),
        "activated": date(user.activated),
        "statusChanged": date(user.status_changed),
        "lastLogin": date(user.last_login),
        "lastUpdated": stamp(user.last_updated),
        "passwordChanged": date(user.password_changed),
        "type": { "id": org.meta().type_id },
        "profile": profile(user),
        "credentials": credentials(user),
    });
    if let Some(status) = user.transitioning {
        body["transitioningToStatus"] = json!(status.name());
    }
    body
}

fn profile(user: &User) -> Map<String, Value> {
    let mut profile = user.profile.clone();
    for name in EXPLICIT_NULLS {
        profile.entry(name).or_insert(Value::Null);
    }
    profile
}

fn credentials(user: &User) -> Value {
    let mut credentials = json!({
        "provider": { "type": user.provider.kind, "name": user.provider.name },
        "emails": emails(user),
    });
    if user.password.is_some() {
        credentials["password"] = json!({});
    }
    if let Some(question) = &user.recovery_question {
        credentials["recovery_question"] = json!({ "question": question });
    }
    credentials
}

fn emails(user: &User) -> Vec<Value> {
    [("email", "PRIMARY"), ("secondEmail", "SECONDARY")]
        .into_iter()
        .filter(|(name, _)| user.profile.contains_key(*name))
        .map(|(name, kind)| json!({ "value": user.attribute(name), "status": "VERIFIED", "type": kind }))
        .collect()
}

fn links(org: &Org, user: &User, base_url: &str) -> Value {
    let itself = format!("{base_url}/api/v1/users/{}", user.id);
    let mut links = json!({
        "self": { "href": itself },
        "schema": { "href": format!("{base_url}/api/v1/meta/schemas/user/{}", org.meta().schema_id) },
        "type": { "href": format!("{base_url}/api/v1/meta/types/user/{}", org.meta().type_id) },
    });
    for name in user.status.links() {
        let (path, method) = operation(name);
        links[*name] = json!({ "href": format!("{itself}{path}"), "method": method });
    }
    links
}

fn operation(link: &str) -> (&'static str, &'static str) {
    match link {
        "activate" => ("/lifecycle/activate", "POST"),
        "reactivate" => ("/lifecycle/reactivate", "POST"),
        "deactivate" => ("/lifecycle/deactivate", "POST"),
        "suspend" => ("/lifecycle/suspend", "POST"),
        "unsuspend" => ("/lifecycle/unsuspend", "POST"),
        "unlock" => ("/lifecycle/unlock", "POST"),
        "resetPassword" => ("/lifecycle/reset_password", "POST"),
        "expirePassword" => ("/lifecycle/expire_password", "POST"),
        "resetFactors" => ("/lifecycle/reset_factors", "POST"),
        "forgotPassword" => ("/credentials/forgot_password", "POST"),
        "changePassword" => ("/credentials/change_password", "POST"),
        "changeRecoveryQuestion" => ("/credentials/change_recovery_question", "POST"),
        _ => ("", "DELETE"),
    }
}
