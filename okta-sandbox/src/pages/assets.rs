//! Files that the pages load, compiled in.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

const FILES: [(&str, &str, &str); 4] = [
    (
        "sandbox.css",
        "text/css; charset=utf-8",
        include_str!("sandbox.css"),
    ),
    (
        "watch.js",
        "text/javascript; charset=utf-8",
        include_str!("watch.js"),
    ),
    (
        "submit.js",
        "text/javascript; charset=utf-8",
        include_str!("submit.js"),
    ),
    ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
];

/// Policy of the page to watch: everything from here, nothing inline.
const WATCH_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file by name.
pub(crate) fn file(name: &str) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
                (
                    header::X_CONTENT_TYPE_OPTIONS,
                    HeaderValue::from_static("nosniff"),
                ),
            ],
            *text,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The page that a person watches.
pub(crate) fn watch() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, WATCH_POLICY),
            (header::CACHE_CONTROL, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
        ],
        include_str!("watch.html"),
    )
        .into_response()
}
