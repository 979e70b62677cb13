//! Links to a next page that lead astray.

use serde_json::{Value, json};
use url::Url;

use crate::server::reply::Reply;

/// Where the link to the next page leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// Back to this very page.
    Loop,
    /// To a page after this one, for ever: each has another address and holds the same.
    Endless,
    /// To this origin, such as `https://elsewhere.example`.
    OtherHost(String),
    /// To the same host by `https`, or by `http` if it was `https`.
    OtherScheme,
    /// To the next port of the same host.
    OtherPort,
}

/// Parameter by which endless pages differ.
const AGAIN: &str = "again";

impl Paging {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Loop => "LOOP",
            Self::Endless => "ENDLESS",
            Self::OtherHost(_) => "OTHER_HOST",
            Self::OtherScheme => "OTHER_SCHEME",
            Self::OtherPort => "OTHER_PORT",
        }
    }

    /// Bends the link of a list's answer; `page` is the URL that was asked. What is no list stays as it is.
    pub(crate) fn bend(&self, reply: Reply, page: &str) -> Reply {
        let Ok(page) = Url::parse(page) else {
            return reply;
        };
        if reply.status != 200 {
            return reply;
        }
        if links(&reply).next().is_some() {
            let genuine = links(&reply).find_map(|link| target(link, "next"));
            let next = self.next(&page, genuine.as_deref());
            return with_next(reply, &format!("<{next}>; rel=\"next\""));
        }
        match serde_json::from_slice::<Value>(&reply.body) {
            Ok(mut body) if body["_links"].is_object() && body.get("id").is_none() => {
                let genuine = body["_links"]["next"]["href"].as_str().map(str::to_owned);
                let next = self.next(&page, genuine.as_deref());
                body["_links"]["next"] = json!({ "href": next });
                Reply {
                    body: body.to_string().into_bytes(),
                    ..reply
                }
            }
            _ => reply,
        }
    }

    fn next(&self, page: &Url, genuine: Option<&str>) -> String {
        let onward = genuine
            .and_then(|next| Url::parse(next).ok())
            .unwrap_or_else(|| page.clone());
        let rest = &onward[url::Position::BeforePath..];
        let host = onward.host_str().unwrap_or_default();
        let port = onward.port_or_known_default().unwrap_or(0);
        match self {
            Self::Loop => page.to_string(),
            Self::Endless => further(page),
            Self::OtherHost(origin) => format!("{}{rest}", origin.trim_end_matches('/')),
            Self::OtherScheme if onward.scheme() == "https" => {
                format!("http://{host}:{port}{rest}")
            }
            Self::OtherScheme => format!("https://{host}:{port}{rest}"),
            Self::OtherPort => {
                let other = port.checked_add(1).unwrap_or(port - 1);
                format!("{}://{host}:{other}{rest}", onward.scheme())
            }
        }
    }
}

/// The same page under the next of its addresses.
fn further(page: &Url) -> String {
    let (mut next, mut again) = (page.clone(), 1_u64);
    next.query_pairs_mut().clear();
    for (name, value) in page.query_pairs() {
        if name == AGAIN {
            again = value.parse::<u64>().unwrap_or(0).saturating_add(1);
        } else {
            next.query_pairs_mut().append_pair(&name, &value);
        }
    }
    next.query_pairs_mut()
        .append_pair(AGAIN, &again.to_string());
    next.into()
}

/// The answer with this `Link` header in place of the one to the next page.
pub(super) fn with_next(mut reply: Reply, link: &str) -> Reply {
    reply
        .headers
        .retain(|(name, value)| name != "link" || target(value, "next").is_none());
    reply.with("link", link)
}

fn links(reply: &Reply) -> impl Iterator<Item = &str> {
    reply
        .headers
        .iter()
        .filter(|(name, _)| name == "link")
        .map(|(_, value)| value.as_str())
}

fn target(link: &str, rel: &str) -> Option<String> {
    let url = link.strip_suffix(&format!(">; rel=\"{rel}\""))?;
    Some(url.trim_start_matches('<').to_owned())
}
