//! The cookie that binds a journey to a browser: one per journey, for ten minutes, for us alone.

use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::service::okta_authorizations::{LIFETIME_MS, Presented};

/// `__Host-` makes browsers insist on https, on this very host, and on the whole of it (RFC 6265bis §4.1.3.2). Without https they would drop it.
const SECURE_PREFIX: &str = "__Host-okta-journey-";
const PLAIN_PREFIX: &str = "okta-journey-";
/// Cookies of ours that are looked at; a browser with more of them is no person's.
const MAX_PRESENTED: usize = 50;

fn prefix(secure: bool) -> &'static str {
    if secure { SECURE_PREFIX } else { PLAIN_PREFIX }
}

/// The cookies of journeys that the browser brought, by label. Of two with one name neither counts.
pub(super) fn presented(headers: &HeaderMap, secure: bool) -> Presented {
    let mut presented = Presented::new();
    let mut twice = Vec::new();
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| Some((name.strip_prefix(prefix(secure))?, value)));
    for (label, value) in pairs.take(MAX_PRESENTED) {
        if presented
            .insert(label.to_owned(), value.to_owned())
            .is_some()
        {
            twice.push(label.to_owned());
        }
    }
    presented.retain(|label, _| !twice.contains(label));
    presented
}

/// Sets the cookie. `Lax` lets it come along when Okta sends the browser back, and with no request that another site makes in the background.
pub(super) fn set(label: &str, secret: &SecretString, secure: bool) -> HeaderValue {
    let seconds = LIFETIME_MS / 1_000;
    let text = cookie(label, secret.expose_secret(), seconds, secure);
    let mut value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Clears the cookie; null when there can be none of that label.
pub(super) fn clear(label: &str, secure: bool) -> Option<HeaderValue> {
    HeaderValue::try_from(cookie(label, "", 0, secure)).ok()
}

fn cookie(label: &str, value: &str, seconds: i64, secure: bool) -> String {
    let name = prefix(secure);
    let only_https = if secure { "; Secure" } else { "" };
    format!("{name}{label}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{only_https}")
}
