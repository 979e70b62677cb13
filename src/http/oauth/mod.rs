//! `/oauth/start` and `/oauth/callback`: the way of an administrator's browser to Okta and back.
//!
//! Only a person's own GET counts: what browsers and scanners fetch beforehand uses nothing up. A browser that is not on a journey of ours sees a
//! page and is never sent anywhere. Addresses here hold secrets, so nothing logs their queries, and they tell no other page where they came from.

mod cookies;
pub(super) mod page;
mod query;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tracing::Instrument as _;
use url::Url;

use self::query::Query;
use crate::graphql::ids::{self, NodeKind};
use crate::service::config::{CALLBACK_PATH, START_PATH};
use crate::service::okta_authorizations::{
    self, Arrival, JourneyError, Lost, Presented, Return, come_back,
};
use crate::service::{Error, Services};

/// The parameter that a panel gets with the address to which consent returns.
const RETURN_PARAMETER: &str = "oktaAuthorization";

/// The two routes.
pub fn routes(services: Services) -> Router {
    Router::new()
        .route(START_PATH, get(start).head(not_by_head))
        .route(CALLBACK_PATH, get(callback).head(not_by_head))
        .with_state(services)
}

async fn start(
    State(services): State<Services>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if is_prefetch(&headers) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let query = match Query::read(query.as_deref()) {
        Ok(query) => query,
        Err(refused) => return page::refused(refused),
    };
    let secure = services.config.is_https();
    let presented = cookies::presented(&headers, secure);
    let secret = query.journey.unwrap_or_default();
    match okta_authorizations::set_out(&services, &secret, &presented).await {
        Ok(departure) => {
            let cookie = departure
                .cookie
                .map(|secret| cookies::set(&departure.label, &secret, secure));
            redirect(&departure.okta_url, cookie.into_iter().collect())
        }
        Err(error) => not_on_the_way(error),
    }
}

async fn callback(
    State(services): State<Services>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if is_prefetch(&headers) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let query = match Query::read(query.as_deref()) {
        Ok(query) => query,
        Err(refused) => return page::refused(refused),
    };
    let secure = services.config.is_https();
    let presented = cookies::presented(&headers, secure);
    let state = query.state.clone().unwrap_or_default();
    match arrive(services, query, presented).await {
        Ok(arrival) => {
            let over = cookies::clear(&okta_authorizations::cookie_label(&state), secure);
            arrived(arrival, over)
        }
        Err(error) => not_on_the_way(error),
    }
}

/// Goes on to its end although the browser may not wait: a code that was exchanged is either kept or given back.
async fn arrive(
    services: Services,
    query: Query,
    presented: Presented,
) -> Result<Arrival, JourneyError> {
    let back = Return {
        state: query.state.unwrap_or_default(),
        code: query.code.map(Into::into),
        issuer: query.issuer,
        error: query.error,
        error_description: query.error_description,
    };
    let ending = async move { come_back(&services, back, &presented).await };
    let ended = tokio::spawn(ending.in_current_span()).await;
    ended.unwrap_or_else(|broken| Err(Error::Internal(broken.to_string()).into()))
}

fn arrived(arrival: Arrival, cookie: Option<HeaderValue>) -> Response {
    let cookies = cookie.into_iter().collect();
    match arrival.return_to {
        Some(url) => {
            let id = ids::global(NodeKind::OktaAuthorization, arrival.authorization.id);
            redirect(&with_authorization(url, &id), cookies)
        }
        None => with_cookies(page::arrived(&arrival.authorization), cookies),
    }
}

/// The panel's address with the id of the authorization; whatever else its query holds stays.
fn with_authorization(mut url: Url, id: &str) -> Url {
    if url.query_pairs().any(|(name, _)| name == RETURN_PARAMETER) {
        let others: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| name != RETURN_PARAMETER)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(RETURN_PARAMETER, id);
    url
}

fn not_on_the_way(error: JourneyError) -> Response {
    match error {
        JourneyError::Lost(lost) => {
            tracing::info!(?lost, "a browser is on no journey");
            page::lost(lost)
        }
        JourneyError::Service(error) => {
            tracing::error!(%error, "a step of a journey failed");
            page::broken(error.retryable())
        }
    }
}

/// 303, so that whatever the request was, the next one is a GET.
fn redirect(to: &Url, cookies: Vec<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::try_from(to.as_str()) else {
        return page::broken(false);
    };
    let response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]);
    with_cookies(response.into_response(), cookies)
}

fn with_cookies(mut response: Response, cookies: Vec<HeaderValue>) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What a browser fetches before anybody clicked (`Sec-Purpose`, and its older names).
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .into_iter()
        .filter_map(|name| headers.get(name))
        .any(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            [&b"prefetch"[..], b"prerender", b"preview"]
                .into_iter()
                .any(|early| value.windows(early.len()).any(|part| part == early))
        })
}

async fn not_by_head() -> Response {
    let allow = [(header::ALLOW, HeaderValue::from_static("GET"))];
    (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
}
