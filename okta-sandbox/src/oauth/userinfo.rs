//! `/oauth2/v1/userinfo`: who consented.

use serde_json::json;

use crate::server::{auth::Actor, call::Call, refusal::Refusal, reply::Reply};

/// The claims that the token's scopes permit.
pub(crate) fn userinfo(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let header = call.request.header("authorization").unwrap_or_default();
    let token = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let invalid = |text: &str| {
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{text}\"");
        Refusal::oauth(401, "invalid_token", text).challenging(challenge)
    };
    let Some((_, token)) = token else {
        return Err(invalid("The access token is missing."));
    };
    call.actor = Actor::by_access_token(call.org, token.trim(), call.now)
        .map_err(|_| invalid("The access token is invalid."))?;
    let Actor::Person {
        user_id,
        scopes: Some(scopes),
        ..
    } = &call.actor
    else {
        return Err(invalid("The access token is not for a user."));
    };
    let has = |scope: &str| scopes.iter().any(|known| known == scope);
    if !has("openid") {
        let text = "The access token must provide the scope openid.";
        let challenge =
            format!("Bearer error=\"insufficient_scope\", error_description=\"{text}\"");
        return Err(Refusal::oauth(403, "insufficient_scope", text).challenging(challenge));
    }
    let user = call.user(user_id)?;
    let mut body = json!({ "sub": user.id });
    if has("profile") {
        body["name"] = user.display_name().into();
        body["preferred_username"] = user.login().into();
        body["given_name"] = user.attribute("firstName").into();
        body["family_name"] = user.attribute("lastName").into();
        body["locale"] = "en_US".into();
        body["zoneinfo"] = "America/Los_Angeles".into();
        body["updated_at"] = user.last_updated.timestamp().into();
    }
    if has("email") {
        body["email"] = user.attribute("email").into();
        body["email_verified"] = true.into();
    }
    Ok(Reply::json(200, &body))
}
