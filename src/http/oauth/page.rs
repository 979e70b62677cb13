//! The pages that a browser sees at the end of a journey: plain HTML without scripts, everything escaped, nothing from elsewhere.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

use super::Lost;
use super::query::Refused;
use crate::service::okta_authorizations::{AuthorizationStatus, OktaAuthorization};

pub(in crate::http) const STYLE: &str = include_str!("page.css");

/// Permits the one style sheet above, and nothing else.
pub(in crate::http) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'",
    ))
});

/// How a page looks.
#[derive(Clone, Copy)]
enum Mood {
    Good,
    Bad,
}

/// What a page says.
struct Page<'a> {
    mood: Mood,
    title: &'a str,
    /// What happened.
    happened: &'a str,
    /// What to do.
    advice: &'a str,
    /// What Okta said.
    quoted: Option<&'a str>,
}

/// A journey that came to its end, one way or the other.
pub(super) fn arrived(authorization: &OktaAuthorization) -> Response {
    let problem = authorization.problem.as_ref();
    let page = match authorization.status {
        AuthorizationStatus::Succeeded => Page {
            mood: Mood::Good,
            title: "Okta is connected",
            happened: "The authorization was accepted and the connection was tested.",
            advice: "You can close this page and go back to the admin panel.",
            quoted: None,
        },
        AuthorizationStatus::Denied => Page {
            mood: Mood::Bad,
            title: "Access was not granted",
            happened: problem.map_or("", |problem| problem.code.sentence()),
            advice: problem.map_or("", |problem| problem.code.advice()),
            quoted: problem.and_then(|problem| problem.detail.as_deref()),
        },
        AuthorizationStatus::Pending
        | AuthorizationStatus::Failed
        | AuthorizationStatus::Expired => Page {
            mood: Mood::Bad,
            // There may be a connection from before, which lives on.
            title: "The authorization did not succeed",
            happened: problem.map_or("The authorization came to nothing.", |problem| {
                problem.code.sentence()
            }),
            advice: problem.map_or("Authorize again.", |problem| {
                problem.code.advice_on_authorization()
            }),
            quoted: problem.and_then(|problem| problem.detail.as_deref()),
        },
    };
    page.answer(StatusCode::OK)
}

/// A browser that is on no journey of ours.
pub(super) fn lost(lost: Lost) -> Response {
    let happened = match lost {
        Lost::Unknown => "This link does not belong to any authorization.",
        Lost::Expired => "More than ten minutes have passed since the authorization was started.",
        Lost::Used => "This link was used before, and it works only once.",
        Lost::Over(AuthorizationStatus::Succeeded) => return over(),
        Lost::Over(_) => "This authorization came to nothing before, and its link works only once.",
        Lost::OtherBrowser => {
            "The authorization was begun in another browser, or this browser does not keep cookies."
        }
    };
    start_again(StatusCode::BAD_REQUEST, happened)
}

/// Loaded once more after it had succeeded.
fn over() -> Response {
    let page = Page {
        mood: Mood::Good,
        title: "This authorization is over",
        happened: "It was accepted before, and Okta was connected. Nothing was done now.",
        advice: "You can close this page. How the connection is now, the admin panel shows.",
        quoted: None,
    };
    page.answer(StatusCode::OK)
}

/// A query that is not one of a journey.
pub(super) fn refused(refused: Refused) -> Response {
    match refused {
        Refused::TooLong => start_again(StatusCode::URI_TOO_LONG, "The link is too long."),
        Refused::Twice => start_again(StatusCode::BAD_REQUEST, "The link is malformed."),
    }
}

fn start_again(status: StatusCode, happened: &str) -> Response {
    let page = Page {
        mood: Mood::Bad,
        title: "Please start again",
        happened,
        advice: "Nothing was changed. Go back to the admin panel and start the authorization again.",
        quoted: None,
    };
    page.answer(status)
}

/// A fault of ours.
pub(super) fn broken(passing: bool) -> Response {
    let (status, advice) = if passing {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "Please start the authorization again in a minute.",
        )
    } else {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Please start the authorization again. If it happens again, tell the operator of this server.",
        )
    };
    let page = Page {
        mood: Mood::Bad,
        title: "Something went wrong",
        happened: "This server could not finish the authorization.",
        advice,
        quoted: None,
    };
    page.answer(status)
}

impl Page<'_> {
    fn answer(&self, status: StatusCode) -> Response {
        let policy = [(header::CONTENT_SECURITY_POLICY, POLICY.clone())];
        (status, policy, Html(self.html())).into_response()
    }

    fn html(&self) -> String {
        let (class, sign) = match self.mood {
            Mood::Good => ("good", "✓"),
            Mood::Bad => ("bad", "!"),
        };
        let quoted = self.quoted.map(quote).unwrap_or_default();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <title>{title} · provisioner</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <p class=\"sign {class}\" aria-hidden=\"true\">{sign}</p>\n<h1>{title}</h1>\n<p>{happened}</p>\n\
             <p>{advice}</p>\n{quoted}</main>\n</body>\n</html>\n",
            title = escaped(self.title),
            happened = escaped(self.happened),
            advice = escaped(self.advice),
        )
    }
}

fn quote(said: &str) -> String {
    format!(
        "<figure>\n<figcaption>Okta said</figcaption>\n<blockquote>{}</blockquote>\n</figure>\n",
        escaped(said)
    )
}

/// Text made safe in HTML, between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
