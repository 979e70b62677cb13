//! Listings in pages. Okta's cursors are opaque: the link to the next page is followed as it is.

use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::answer::{Answer, Meta};
use crate::body::garbled;
use crate::error::Error;
use crate::origin::Origin;

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The page's items, in Okta's order.
    pub items: Vec<T>,
    /// Where the next page is; `None` at the end.
    pub next: Option<Cursor>,
}

/// Where a listing goes on. It may be stored; it is checked against the listing whenever it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// The cursor for storage.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Cursor {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

/// A listing at one endpoint of one org.
pub(crate) struct Listing<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) endpoint: Url,
}

impl Listing<'_> {
    /// The URL behind a cursor.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignLink`] if it is not a page of this listing.
    pub(crate) fn resume(&self, cursor: &Cursor) -> Result<Url, Error> {
        self.origin
            .page(&self.endpoint, cursor.as_str())
            .ok_or(Error::ForeignLink { meta: None })
    }

    /// A page, with its link checked: a link that leaves the listing would carry the token away, and one
    /// back to the page itself would never end.
    pub(crate) fn page<T>(
        &self,
        asked: &Url,
        answer: Answer<Vec<T>>,
        link: Option<String>,
    ) -> Result<Answer<Page<T>>, Error> {
        let next = link
            .map(|link| self.check(asked, &link, &answer.meta))
            .transpose()?;
        Ok(answer.map(|items| Page { items, next }))
    }

    fn check(&self, asked: &Url, link: &str, meta: &Meta) -> Result<Cursor, Error> {
        let next = self
            .origin
            .page(&self.endpoint, link)
            .ok_or_else(|| Error::ForeignLink {
                meta: Some(Box::new(meta.clone())),
            })?;
        if next == *asked {
            return Err(garbled("a page that follows itself", meta.clone()));
        }
        Ok(Cursor(next.into()))
    }
}

/// The target of `rel="next"` among the `Link` headers, which Okta sends one by one (RFC 8288).
pub(crate) fn next_link(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Links)
        .find(|(_, parameters)| is_next(parameters))
        .map(|(target, _)| target.to_owned())
}

/// Splits one header into (target, parameters); commas inside a target or quotes do not split.
struct Links<'a>(&'a str);

impl<'a> Iterator for Links<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (_, after) = self.0.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let mut quoted = false;
        let end = after.find(|character| {
            quoted ^= character == '"';
            character == ',' && !quoted
        });
        let (parameters, rest) = after.split_at(end.unwrap_or(after.len()));
        self.0 = rest;
        Some((target, parameters))
    }
}

fn is_next(parameters: &str) -> bool {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"))
        .flat_map(|(_, value)| value.trim().trim_matches('"').split_whitespace())
        .any(|relation| relation.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn next(values: &[&'static str]) -> Option<String> {
        let headers = values
            .iter()
            .map(|value| (header::LINK, HeaderValue::from_static(value)))
            .collect();
        next_link(&headers)
    }

    #[test]
    fn next_is_found_in_either_form() {
        const SELF: &str = r#"<https://acme.okta.com/api/v1/users?limit=1>; rel="self""#;
        const NEXT: &str =
            r#"<https://acme.okta.com/api/v1/users?after=000u,1&limit=1>; rel="next""#;
        let target = Some("https://acme.okta.com/api/v1/users?after=000u,1&limit=1".to_owned());
        assert_eq!(next(&[SELF, NEXT]), target);
        assert_eq!(next(&[NEXT, SELF]), target);
        assert_eq!(next(&[SELF]), None);
        assert_eq!(
            next(&[
                r#"<https://a/x>; rel="self"; title="a, <b>", <https://a/y,z>; title="t"; rel=next"#
            ]),
            Some("https://a/y,z".to_owned())
        );
    }

    #[test]
    fn broken_headers_are_the_end_of_the_list() {
        for value in [
            "",
            "<",
            "<>",
            "https://a; rel=next",
            "<https://a",
            r#"<https://a>; rel="prev""#,
        ] {
            assert_eq!(next(&[value]), None, "{value}");
        }
    }
}
