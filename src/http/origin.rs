//! Which web pages may talk to us: those of the configured panels and our own.

use http::{HeaderMap, HeaderValue, header};

/// Whether a page of this origin belongs to a panel. Origins are compared byte by byte (RFC 6454 §6.2 serialization).
pub(super) fn is_panel(origin: &HeaderValue, panel_origins: &[String]) -> bool {
    panel_origins
        .iter()
        .any(|panel| panel.as_bytes() == origin.as_bytes())
}

/// Whether the request comes from a panel, from a page of this host, or from no page at all.
pub(super) fn permitted(headers: &HeaderMap, panel_origins: &[String]) -> bool {
    match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => is_panel(origin, panel_origins) || is_own(origin, headers),
    }
}

fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let (Ok(origin), Some(Ok(host))) = (
        origin.to_str(),
        headers.get(header::HOST).map(HeaderValue::to_str),
    ) else {
        return false;
    };
    let authority = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// Whether the request was addressed to this machine by a name that no DNS server can point elsewhere.
pub(super) fn is_loopback(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        let port = host
            .strip_prefix(name)
            .map(|rest| rest.strip_prefix(':').unwrap_or(rest));
        port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        pairs.collect()
    }

    #[test]
    fn pages_of_panels_and_our_own_are_permitted() {
        let panels = ["https://panel.example".to_owned()];
        let cases = [
            (None, true),
            (Some("https://panel.example"), true),
            (Some("http://api.example:8080"), true),
            (Some("https://panel.example.evil"), false),
            (Some("http://panel.example"), false),
            (Some("http://api.example"), false),
            (Some("null"), false),
        ];
        for (origin, expected) in cases {
            let mut map = headers(&[("host", "api.example:8080")]);
            map.extend(origin.map(|origin| (header::ORIGIN, HeaderValue::from_static(origin))));
            assert_eq!(permitted(&map, &panels), expected, "{origin:?}");
        }
    }

    #[test]
    fn loopback_is_told_by_the_host_header() {
        for (host, expected) in [
            ("localhost:8080", true),
            ("127.0.0.1", true),
            ("[::1]:8080", true),
            ("localhost.evil.example", false),
            ("localhost:80@evil.example", false),
            ("[::1].evil.example", false),
            ("rebound.example:8080", false),
            ("", false),
        ] {
            assert_eq!(is_loopback(&headers(&[("host", host)])), expected, "{host}");
        }
    }
}
