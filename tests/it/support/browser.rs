//! An administrator's browser, as far as consent needs one: cookies by origin, redirects one at a time, the two forms of the sandbox.

use std::collections::HashMap;

use regex::Regex;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{RequestBuilder, Response};
use url::Url;

/// Redirects in a row before it is a loop.
const MAX_REDIRECTS: usize = 10;

/// A browser with one tab.
#[derive(Clone, Debug)]
pub struct Browser {
    http: reqwest::Client,
    cookies: HashMap<String, HashMap<String, String>>,
}

/// What the browser got.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The page.
    pub html: String,
}

impl Page {
    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser; `None` when it shows a page.
    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION)?.to_str().unwrap();
        Some(self.url.join(location).unwrap())
    }
}

impl Default for Browser {
    fn default() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the suite's browser, which looks at every redirect itself"
        )]
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            cookies: HashMap::new(),
        }
    }
}

impl Browser {
    /// Opens an address, and goes nowhere from there.
    pub async fn get(&mut self, url: &str) -> Page {
        let url = Url::parse(url).unwrap();
        let request = self.http.get(url.clone());
        self.send(url, request).await
    }

    /// Opens an address and goes where it is sent, until a page comes or an address of `until` is reached, which is not opened.
    pub async fn follow(&mut self, url: &str, until: &str) -> Page {
        let page = self.get(url).await;
        self.go_on(page, until).await
    }

    async fn go_on(&mut self, mut page: Page, until: &str) -> Page {
        for _ in 0..MAX_REDIRECTS {
            match page.location() {
                Some(next) if !next.as_str().starts_with(until) => {
                    page = self.get(next.as_str()).await
                }
                _ => return page,
            }
        }
        panic!("{} redirects for ever", page.url)
    }

    /// Sends the page's form with these fields beside its hidden ones, and goes on like [`Self::follow`].
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)], until: &str) -> Page {
        let action = capture(r#"<form[^>]*\saction="([^"]*)""#, &page.html);
        let action = action.unwrap_or_else(|| panic!("{} has no form: {}", page.url, page.html));
        let url = page.url.join(&unescape(&action)).unwrap();
        let mut form = hidden_fields(&page.html);
        form.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let origin = page.url.origin().ascii_serialization();
        let request = self
            .http
            .post(url.clone())
            .header(ORIGIN, origin)
            .form(&form);
        let page = self.send(url, request).await;
        self.go_on(page, until).await
    }

    async fn send(&mut self, url: Url, request: RequestBuilder) -> Page {
        let jar = self
            .cookies
            .entry(url.origin().ascii_serialization())
            .or_default();
        let cookies = jar.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let answer = request.header(COOKIE, cookies).send().await.unwrap();
        keep_cookies(jar, &answer);
        Page {
            url,
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            html: answer.text().await.unwrap(),
        }
    }
}

fn keep_cookies(jar: &mut HashMap<String, String>, answer: &Response) {
    for cookie in answer.headers().get_all(SET_COOKIE) {
        let text = cookie.to_str().unwrap();
        let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
        if text.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let inputs = Regex::new(r#"<input[^>]*type="hidden"[^>]*>"#).unwrap();
    let field = |tag: &str| {
        let name = capture(r#"\sname="([^"]*)""#, tag)?;
        let value = capture(r#"\svalue="([^"]*)""#, tag)?;
        Some((unescape(&name), unescape(&value)))
    };
    inputs
        .find_iter(html)
        .filter_map(|tag| field(tag.as_str()))
        .collect()
}

fn capture(pattern: &str, text: &str) -> Option<String> {
    let found = Regex::new(pattern).unwrap().captures(text)?;
    Some(found[1].to_owned())
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
