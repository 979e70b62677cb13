//! Refreshing: static or rotating tokens, grace, and what a reuse means (guides/refresh-tokens).

use chrono::Duration;
use serde_json::json;

use super::{
    client_auth::Form,
    issue,
    token::{act_as, invalid_grant},
};
use crate::{
    config::RefreshPolicy,
    ids,
    org::{
        client::{Client, covers},
        event::Target,
        status::UserStatus,
        token::Grant,
    },
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// `grant_type=refresh_token`.
pub(crate) fn refresh(call: &mut Call<'_>, client: &Client, form: &Form) -> Result<Reply, Refusal> {
    let presented = form.get("refresh_token").cloned().unwrap_or_default();
    let grant = usable_grant(call, client, &presented)?;
    let scopes = narrowed(&grant, form.get("scope").map(String::as_str))?;
    let answered = match call.settings.refresh_tokens {
        RefreshPolicy::Static => presented,
        RefreshPolicy::Rotating { grace_seconds } => {
            rotate(call, &grant, &presented, grace_seconds)?
        }
    };
    act_as(call, &grant);
    call.org_effect(
        "token.refresh",
        Some(json!({ "clientId": client.id, "scopes": scopes })),
    );
    issue::answer(call, &grant, &scopes, Some(answered))
}

/// The consent behind a refresh token that still counts for this client.
fn usable_grant(call: &Call<'_>, client: &Client, presented: &str) -> Result<Grant, Refusal> {
    let invalid = || invalid_grant("The refresh token is invalid or expired.");
    let token = call
        .org
        .refresh_tokens
        .get(&ids::digest(presented))
        .ok_or_else(invalid)?;
    let grant = call.org.grants.get(&token.grant_id).ok_or_else(invalid)?;
    let person = grant.user_id.as_ref().and_then(|id| call.org.users.get(id));
    let usable = !grant.revoked
        && grant.client_id == client.id
        && grant.refresh_expires > call.now
        && person.is_some_and(|user| user.status == UserStatus::Active);
    usable.then(|| grant.clone()).ok_or_else(invalid)
}

/// A refresh may ask for less than was consented to, never for more.
fn narrowed(grant: &Grant, asked: Option<&str>) -> Result<Vec<String>, Refusal> {
    let asked: Vec<String> = asked
        .unwrap_or_default()
        .split_whitespace()
        .map(Into::into)
        .collect();
    if asked.is_empty() {
        return Ok(grant.scopes.clone());
    }
    if asked.iter().all(|scope| covers(&grant.scopes, scope)) {
        return Ok(asked);
    }
    Err(Refusal::oauth(
        400,
        "invalid_scope",
        "One or more scopes were not granted with the refresh token.",
    ))
}

/// Replaces the token. A replaced one keeps working for the grace period; after it, its use means that
/// somebody else has it, and everything since the sign-in is revoked.
fn rotate(
    call: &mut Call<'_>,
    grant: &Grant,
    presented: &str,
    grace_seconds: u32,
) -> Result<String, Refusal> {
    let now = call.now;
    let key = ids::digest(presented);
    let superseded = call
        .org
        .refresh_tokens
        .get(&key)
        .and_then(|token| token.superseded);
    if superseded.is_some_and(|at| at + Duration::seconds(grace_seconds.into()) <= now) {
        reused(call, grant);
        return Err(invalid_grant("The refresh token is invalid or expired."));
    }
    let newest: Vec<_> = call.org.current_refresh_tokens(&grant.id);
    for key in newest {
        if let Some(token) = call.org.refresh_tokens.get_mut(&key) {
            token.superseded = Some(now);
        }
    }
    Ok(issue::refresh_token(call, grant))
}

fn reused(call: &mut Call<'_>, grant: &Grant) {
    call.org.revoke_grant(&grant.id);
    call.org_effect("token.reuse", Some(json!({ "clientId": grant.client_id })));
    let target = Target {
        id: grant.client_id.clone(),
        kind: "PublicClientApp",
        alternate_id: grant.client_id.clone(),
        display_name: grant.client_id.clone(),
        change: None,
    };
    call.log(
        "app.oauth2.token.detect_reuse",
        "OAuth 2.0 refresh token reuse detected",
        target,
    );
}
