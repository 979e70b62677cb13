//! What the way to Okta and back does with odd addresses, headers and cookies.

use http::{HeaderMap, HeaderValue, header};
use url::Url;

use super::query::{Query, Refused};
use super::{cookies, is_prefetch, with_authorization};

#[test]
fn a_query_counts_only_when_it_is_short_and_clear() {
    let read = Query::read(Some("state=a%20b&code=c&other=1&other=2"))
        .ok()
        .unwrap();
    assert_eq!(
        (read.state.as_deref(), read.code.as_deref()),
        (Some("a b"), Some("c"))
    );
    assert_eq!(
        Query::read(Some("state=a&state=b")).err(),
        Some(Refused::Twice)
    );
    assert_eq!(Query::read(Some(&"x".repeat(4_096))).err(), None);
    assert_eq!(
        Query::read(Some(&"x".repeat(4_097))).err(),
        Some(Refused::TooLong)
    );
    assert!(Query::read(None).is_ok());
}

#[test]
fn the_panel_gets_the_authorization_and_keeps_its_own_query() {
    for (before, after) in [
        (
            "https://panel.example/",
            "https://panel.example/?oktaAuthorization=T2s",
        ),
        (
            "https://panel.example/okta?tab=1&q=a+b#top",
            "https://panel.example/okta?tab=1&q=a+b&oktaAuthorization=T2s#top",
        ),
        (
            "https://panel.example/?oktaAuthorization=old&tab=1",
            "https://panel.example/?tab=1&oktaAuthorization=T2s",
        ),
    ] {
        let url = Url::parse(before).unwrap();
        assert_eq!(with_authorization(url, "T2s").as_str(), after);
    }
}

#[test]
fn what_is_fetched_beforehand_is_known_by_its_headers() {
    for (name, value, early) in [
        ("sec-purpose", "prefetch;prerender", true),
        ("purpose", "Prefetch", true),
        ("x-moz", "prefetch", true),
        ("sec-fetch-mode", "navigate", false),
        ("sec-purpose", "", false),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(is_prefetch(&headers), early, "{name}: {value}");
    }
}

#[test]
fn cookies_insist_on_https_where_there_is_https() {
    let set = |secure| {
        cookies::set("ab", &"s3cret".into(), secure)
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        set(true),
        "__Host-okta-journey-ab=s3cret; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
    );
    assert_eq!(
        set(false),
        "okta-journey-ab=s3cret; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"
    );
    let mut headers = HeaderMap::new();
    let brought = "a=1; __Host-okta-journey-ab=s3cret; okta-journey-ab=planted; __Host-okta-journey-cd=1; __Host-okta-journey-cd=2";
    headers.insert(header::COOKIE, HeaderValue::from_static(brought));
    let presented = cookies::presented(&headers, true);
    assert_eq!(presented.len(), 1, "two with one name: neither counts");
    assert_eq!(presented["ab"], "s3cret");
}
