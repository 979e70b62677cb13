//! Keeps other web pages out: a browser on this machine may visit a hostile site, which can send
//! requests to loopback (or rebind its own name to it), but cannot forge `Host` and `Origin`.

use http::HeaderMap;

use crate::world::World;

/// Whether a request to the control endpoints or forms comes from this org's own pages or from no page at all.
pub(crate) fn is_own(world: &World, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text("host") else {
        return false;
    };
    let known = world.config.allow_remote
        || world
            .hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host));
    let same_site = match text("origin") {
        None => text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none"),
        Some(origin) => origin
            .split_once("://")
            .is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host)),
    };
    known && same_site
}
