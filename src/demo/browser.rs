//! The administrator's browser, as far as consent needs one: follows redirects, keeps cookies, fills in the two forms of the sandbox.

use std::collections::HashMap;

use regex::Regex;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response};
use url::Url;

use super::DemoError;

/// Redirects in a row before it is a loop.
const MAX_REDIRECTS: usize = 10;

/// A browser with one tab.
#[derive(Debug)]
pub(super) struct Browser {
    http: Client,
    /// Cookies by origin and name.
    cookies: HashMap<String, HashMap<String, String>>,
}

/// The page that the browser shows.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) html: String,
}

impl Browser {
    pub(super) fn new(http: Client) -> Self {
        Self {
            http,
            cookies: HashMap::new(),
        }
    }

    /// Opens an address and goes where it is sent.
    ///
    /// # Errors
    /// When nobody answers, or the redirects never end.
    pub(super) async fn open(&mut self, url: Url) -> Result<Page, DemoError> {
        let answer = self
            .http
            .get(url.clone())
            .header(COOKIE, self.cookies_for(&url))
            .send()
            .await?;
        self.follow(url, answer).await
    }

    /// Sends the page's form with these fields beside its hidden ones.
    ///
    /// # Errors
    /// When the page has no form, or nobody answers.
    pub(super) async fn submit(
        &mut self,
        page: &Page,
        fields: &[(&str, &str)],
    ) -> Result<Page, DemoError> {
        let action = capture(r#"<form[^>]*\saction="([^"]*)""#, &page.html)
            .ok_or_else(|| DemoError::Page(format!("{} has no form", page.url)))?;
        let url = page
            .url
            .join(&unescape(&action))
            .map_err(|e| DemoError::Page(e.to_string()))?;
        let mut form = hidden_fields(&page.html);
        form.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let request = self
            .http
            .post(url.clone())
            .header(COOKIE, self.cookies_for(&url));
        let origin = page.url.origin().ascii_serialization();
        let answer = request.header("origin", origin).form(&form).send().await?;
        self.follow(url, answer).await
    }

    async fn follow(&mut self, mut url: Url, mut answer: Response) -> Result<Page, DemoError> {
        for _ in 0..MAX_REDIRECTS {
            self.keep_cookies(&url, &answer);
            let Some(location) = answer
                .headers()
                .get(LOCATION)
                .and_then(|value| value.to_str().ok())
            else {
                return Ok(Page {
                    url,
                    html: answer.text().await?,
                });
            };
            url = url
                .join(location)
                .map_err(|e| DemoError::Page(e.to_string()))?;
            answer = self
                .http
                .get(url.clone())
                .header(COOKIE, self.cookies_for(&url))
                .send()
                .await?;
        }
        Err(DemoError::Page(format!("{url} redirects for ever")))
    }

    fn keep_cookies(&mut self, url: &Url, answer: &Response) {
        let jar = self
            .cookies
            .entry(url.origin().ascii_serialization())
            .or_default();
        for cookie in answer
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            if let Some((name, value)) = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
            {
                jar.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }

    fn cookies_for(&self, url: &Url) -> String {
        let jar = self.cookies.get(&url.origin().ascii_serialization());
        let pairs = jar
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let Ok(inputs) = Regex::new(r#"<input[^>]*type="hidden"[^>]*>"#) else {
        return Vec::new();
    };
    let field = |tag: &str| {
        Some((
            unescape(&capture(r#"\sname="([^"]*)""#, tag)?),
            unescape(&capture(r#"\svalue="([^"]*)""#, tag)?),
        ))
    };
    inputs
        .find_iter(html)
        .filter_map(|tag| field(tag.as_str()))
        .collect()
}

fn capture(pattern: &str, text: &str) -> Option<String> {
    Some(
        Regex::new(pattern)
            .ok()?
            .captures(text)?
            .get(1)?
            .as_str()
            .to_owned(),
    )
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
