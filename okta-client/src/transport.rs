//! One request, one answer: sent at most once, to the pinned origin, within the limits.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::redirect;
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use crate::address::{AddressPolicy, Forbidden, GuardedResolver};
use crate::answer::Meta;
use crate::auth::Auth;
use crate::call::Call;
use crate::client::{BuildError, ClientBuilder, Limits, Observer};
use crate::error::Error;
use crate::origin::Origin;
use crate::refusal::Refusal;

/// Idle connections are closed before Okta or a balancer does: a request that meets a closing connection
/// has an unknown outcome.
const IDLE: Duration = Duration::from_secs(20);

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// HTTP towards one org.
#[derive(Debug)]
pub(crate) struct Transport {
    http: reqwest::Client,
    origin: Origin,
    limits: Limits,
    observer: Option<Arc<dyn Observer>>,
}

/// A request that is ready to leave, and may leave once.
pub(crate) struct Outgoing {
    pub(crate) call: Call,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// An answer with any status except a redirect, read to its end.
pub(crate) struct Reply {
    pub(crate) meta: Meta,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Transport {
    pub(crate) fn new(
        origin: Origin,
        settings: &ClientBuilder,
        loopback_allowed: bool,
    ) -> Result<Self, BuildError> {
        let limits = settings.limits;
        let http = http_client(
            settings.address_policy,
            loopback_allowed,
            &limits,
            &settings.user_agent,
        )?;
        Ok(Self {
            http,
            origin,
            limits,
            observer: settings.observer.clone(),
        })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// Whatever keeps a complete answer from arriving; a status of 400 and above is an answer.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Reply, Error> {
        let call = outgoing.call;
        let begun = now();
        let result = timeout(self.limits.total_timeout, self.exchange(outgoing))
            .await
            .unwrap_or(Err(Error::Timeout));
        if let Some(observer) = &self.observer {
            let status = match &result {
                Ok(reply) => Some(reply.meta.status),
                Err(error) => error.meta().map(|meta| meta.status),
            };
            observer.observed(call, status, begun.elapsed());
        }
        match &result {
            Ok(reply) => tracing::debug!(
                call = call.name(),
                status = reply.meta.status,
                request_id = reply.meta.request_id,
                "Okta answered"
            ),
            Err(error) => tracing::debug!(call = call.name(), %error, "no answer from Okta"),
        }
        result
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Reply, Error> {
        let mut headers = outgoing.headers;
        headers.insert(header::ACCEPT, JSON);
        if outgoing.method == Method::POST {
            headers.insert(header::CONTENT_LENGTH, outgoing.body.len().into());
        }
        let mut response = self
            .http
            .request(outgoing.method, outgoing.url)
            .headers(headers)
            .body(outgoing.body)
            .send()
            .await
            .map_err(failure)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let meta = Meta::read(outgoing.call, status, &headers);
        if status.is_redirection() {
            return Err(Error::Redirected(Box::new(meta)));
        }
        let body = match self.read_body(&mut response, &meta).await {
            Ok(body) => body,
            // The status alone says that it failed; a broken body adds nothing.
            Err(_) if !status.is_success() => Bytes::new(),
            Err(error) => return Err(error),
        };
        Ok(Reply {
            meta,
            status,
            headers,
            body,
        })
    }

    async fn read_body(
        &self,
        response: &mut reqwest::Response,
        meta: &Meta,
    ) -> Result<Bytes, Error> {
        let limit = self.limits.max_body;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > limit {
                return Err(Error::TooLarge {
                    limit,
                    meta: Box::new(meta.clone()),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a request took is told, and decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

/// HTTP without redirects, retries and proxies, to permitted addresses alone.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where an HTTP client is made"
)]
pub(crate) fn http_client(
    policy: AddressPolicy,
    loopback_allowed: bool,
    limits: &Limits,
    user_agent: &str,
) -> Result<reqwest::Client, BuildError> {
    // A proxy of the environment would resolve names itself, past the address policy.
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .dns_resolver(GuardedResolver::new(policy, loopback_allowed))
        .pool_idle_timeout(IDLE)
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.read_timeout)
        .user_agent(user_agent)
        .build()
        .map_err(BuildError::Http)
}

/// Sorts a failure by what may have reached Okta. The URL is dropped, since it may contain a login.
pub(crate) fn failure(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return Error::AddressRefused;
        }
        cause = inner.source();
    }
    if error.is_connect() || error.is_builder() {
        Error::Connect(error)
    } else if error.is_timeout() {
        Error::Timeout
    } else {
        Error::Dropped(error)
    }
}

/// The transport with the credential of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) auth: &'a Auth,
}

impl Caller<'_> {
    pub(crate) async fn get(&self, call: Call, url: Url) -> Result<Reply, Error> {
        self.send(call, Method::GET, url, None).await
    }

    /// Posts `body` as it is; without one the request is empty, with `Content-Length: 0` (else Okta answers 411).
    pub(crate) async fn post(
        &self,
        call: Call,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Reply, Error> {
        self.send(call, Method::POST, url, body).await
    }

    pub(crate) async fn delete(&self, call: Call, url: Url) -> Result<Reply, Error> {
        self.send(call, Method::DELETE, url, None).await
    }

    async fn send(
        &self,
        call: Call,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Reply, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.auth.header()?);
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, JSON);
        }
        let reply = self
            .transport
            .send(Outgoing {
                call,
                method,
                url,
                headers,
                body: body
                    .map(|body| body.to_string().into_bytes())
                    .unwrap_or_default(),
            })
            .await?;
        accept(reply)
    }
}

/// Lets successes pass and types the rest.
fn accept(reply: Reply) -> Result<Reply, Error> {
    let status = reply.status;
    if status.is_success() {
        return Ok(reply);
    }
    let refusal = Box::new(Refusal::read(reply.meta, &reply.headers, &reply.body));
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS => Error::RateLimited(refusal),
        StatusCode::REQUEST_TIMEOUT => Error::Server(refusal),
        _ if status.is_client_error() => Error::Refused(refusal),
        _ => Error::Server(refusal),
    })
}
