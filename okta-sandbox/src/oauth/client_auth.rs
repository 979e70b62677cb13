//! How a client proves who it is at `/token`, `/revoke` and `/introspect`.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::assertion;
use crate::{
    org::client::Client,
    server::{call::Call, refusal::Refusal},
};

/// A form's fields.
pub(crate) type Form = BTreeMap<String, String>;

/// The form of a request to one of the client endpoints.
pub(crate) fn form(call: &Call<'_>) -> Result<Form, Refusal> {
    call.request.form().ok_or_else(|| {
        invalid_request(
            "The request body must be a form in which each parameter occurs at most once.",
        )
    })
}

pub(crate) fn invalid_request(text: &str) -> Refusal {
    Refusal::oauth(400, "invalid_request", text)
}

/// The client, authenticated by exactly one method.
pub(crate) fn authenticate(
    call: &mut Call<'_>,
    form: &Form,
    endpoint: &str,
) -> Result<Client, Refusal> {
    let basic = call
        .request
        .header("authorization")
        .and_then(basic_credentials);
    let posted = form.get("client_secret");
    let asserted = form.get("client_assertion");
    let methods = [basic.is_some(), posted.is_some(), asserted.is_some()];
    if methods.iter().filter(|used| **used).count() > 1 {
        return Err(invalid_request(
            "Cannot supply multiple client credentials. Include credentials either in the \
            header or in the request body, but not both.",
        ));
    }
    if let Some(assertion) = asserted {
        return assertion::verify(call, form, assertion, endpoint);
    }
    let by_header = basic.is_some();
    let (id, secret) = match (basic, posted, form.get("client_id")) {
        (Some((id, secret)), ..) => (id, secret),
        (None, Some(secret), Some(id)) => (id.clone(), secret.clone()),
        _ => {
            return Err(invalid_client(
                "Client authentication failed. No client credentials were supplied.",
                false,
            ));
        }
    };
    let client = call
        .org
        .client(&id)
        .filter(|client| client.secret_matches(&secret))
        .cloned();
    client.ok_or_else(|| {
        invalid_client(
            "The client secret supplied for a confidential client is invalid.",
            by_header,
        )
    })
}

pub(crate) fn invalid_client(text: &str, by_header: bool) -> Refusal {
    let refusal = Refusal::oauth(401, "invalid_client", text);
    if by_header {
        refusal.challenging("Basic realm=\"okta\"".into())
    } else {
        refusal
    }
}

/// User and password of HTTP Basic, which OAuth form-encodes first (RFC 6749 §2.3.1).
fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    let pair = format!("v={}", text.replace('&', "%26"));
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("Basic {}", STANDARD.encode("id%3A1:s%26cret+x"));
        assert_eq!(
            basic_credentials(&header),
            Some(("id:1".into(), "s&cret x".into()))
        );
        assert_eq!(basic_credentials("Bearer abc"), None);
        assert_eq!(basic_credentials("Basic !!!"), None);
    }
}
