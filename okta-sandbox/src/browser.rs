//! The administrator's browser, in process: follows an authorization URL through sign-in and consent
//! exactly as the pages do, for tests that care about what comes after.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::to_bytes, response::Response};
use http::{HeaderMap, HeaderValue, Method, header};

use crate::{
    ids,
    server::{dispatch::travel, listener::Cut, request::Request},
    world::World,
};

/// Why a consent did not end at the client.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Not a URL of this org's authorization endpoint.
    #[error("not an authorization URL of this org: {0}")]
    ForeignUrl(String),
    /// The org answered with a page instead of a redirect or a form.
    #[error("the org answered {status} at {path}: {body}")]
    Page {
        /// HTTP status.
        status: u16,
        /// Path that was asked.
        path: String,
        /// The page.
        body: String,
    },
}

/// A browser with its cookies.
pub(crate) struct Browser {
    world: Arc<World>,
    cookies: BTreeMap<String, String>,
}

/// What came back.
struct Arrived {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Browser {
    pub fn new(world: Arc<World>) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
        }
    }

    /// Goes to the authorization URL, signs in as the org's administrator and decides.
    /// Answers the redirect to the client, which may carry an error.
    pub async fn decide(
        mut self,
        authorize_url: &str,
        decision: &str,
    ) -> Result<String, ConsentError> {
        let foreign = || ConsentError::ForeignUrl(authorize_url.into());
        let url = url::Url::parse(authorize_url).map_err(|_| foreign())?;
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or(0)
        );
        if url.path() != "/oauth2/v1/authorize" || !self.world.hosts.contains(&host) {
            return Err(foreign());
        }
        let arrived = self
            .visit(Method::GET, url.path(), url.query().unwrap_or_default(), "")
            .await;
        if let Some(location) = away(&arrived) {
            return Ok(location);
        }
        let number =
            hidden_number(&arrived).ok_or_else(|| page("/oauth2/v1/authorize", arrived))?;
        let admin = &self.world.config.admin;
        let form = encoded(&[
            ("request", &number),
            ("login", &admin.login),
            ("password", &admin.password),
        ]);
        let arrived = self.visit(Method::POST, "/signin", "", &form).await;
        if let Some(location) = away(&arrived) {
            return Ok(location);
        }
        if arrived.status != 303 {
            return Err(page("/signin", arrived));
        }
        let form = encoded(&[("request", &number), ("decision", decision)]);
        let arrived = self.visit(Method::POST, "/consent", "", &form).await;
        away(&arrived).ok_or_else(|| page("/consent", arrived))
    }

    async fn visit(&mut self, method: Method, path: &str, query: &str, form: &str) -> Arrived {
        let request = Request {
            method,
            path: path.into(),
            query: query.into(),
            headers: self.headers(),
            body: form.as_bytes().to_vec().into(),
            params: BTreeMap::new(),
            id: ids::request_id(),
        };
        let cut = Cut::default();
        let departure = travel(Arc::clone(&self.world), cut.clone(), request).await;
        let response = departure.response(&self.world, &cut).await;
        self.keep_cookies(&response);
        let location = response
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        let (status, location) = (response.status().as_u16(), location.map(Into::into));
        let body = to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap_or_default();
        Arrived {
            status,
            location,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn headers(&self) -> HeaderMap {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        if let Ok(cookies) = HeaderValue::try_from(cookies.join("; ")) {
            headers.insert(header::COOKIE, cookies);
        }
        headers
    }

    fn keep_cookies(&mut self, response: &Response) {
        for value in response.headers().get_all(header::SET_COOKIE) {
            let pair = value
                .to_str()
                .ok()
                .and_then(|text| text.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.into(), value.into());
            }
        }
    }
}

/// The redirect to another host than the org, if that is what came.
fn away(arrived: &Arrived) -> Option<String> {
    arrived
        .location
        .clone()
        .filter(|location| !location.starts_with('/'))
}

fn hidden_number(arrived: &Arrived) -> Option<String> {
    let (_, rest) = arrived.body.split_once("name=\"request\" value=\"")?;
    rest.split_once('"').map(|(number, _)| number.into())
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn page(path: &str, arrived: Arrived) -> ConsentError {
    ConsentError::Page {
        status: arrived.status,
        path: path.into(),
        body: arrived.body,
    }
}
