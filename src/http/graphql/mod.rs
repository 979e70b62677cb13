//! `/graphql`: GraphQL over HTTP, to the letter, on top of any [`Executor`].
//!
//! async-graphql-axum is not used: it takes mutations by GET, most content types and bodies of any length, and answers every
//! request with 200.

mod events;
mod negotiate;
mod operation;
mod params;
mod report;
mod variables;

use async_graphql::Executor;
use async_graphql::parser::types::OperationType;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use tracing::Instrument as _;

pub use negotiate::Media;
pub(super) use operation::{Operation, operation};
pub(super) use params::{Params, Wanted};
pub(super) use report::Report;

use super::callers::{Left, Slot};
use super::deadline::within;
use super::error::ErrorAnswer;
use super::idempotency::{self, Turn};
use super::metrics::Stopwatch;
use super::request_id::RequestId;
use super::session::{AuthFailure, Session, bearer_of};
use super::{HttpState, graphiql, ws};
use crate::graphql::error::Code;

/// Methods that `/graphql` knows.
const METHODS: &str = "GET, POST";

/// Serves queries and mutations, streams, upgrades to WebSocket, and GraphiQL's page for a browser.
pub(super) async fn endpoint<E: Executor>(
    State(state): State<HttpState<E>>,
    request: Request,
) -> Response {
    match *request.method() {
        Method::GET if ws::is_upgrade(request.headers()) => ws::upgrade(state, request).await,
        Method::GET if state.config.graphiql.is_some() && wants_page(&request) => graphiql::page(),
        Method::GET | Method::POST => answer(state, request)
            .await
            .unwrap_or_else(IntoResponse::into_response),
        _ => ErrorAnswer::method_not_allowed(METHODS, "Use GET or POST.").into_response(),
    }
}

fn wants_page(request: &Request) -> bool {
    request.uri().query().is_none_or(str::is_empty) && negotiate::prefers_html(request.headers())
}

async fn answer<E: Executor>(
    state: HttpState<E>,
    request: Request,
) -> Result<Response, ErrorAnswer> {
    let media = negotiate::negotiate(request.headers())?;
    respond(state, request, media)
        .await
        .map_err(|error| error.in_media(media))
}

async fn respond<E: Executor>(
    state: HttpState<E>,
    request: Request,
    media: Media,
) -> Result<Response, ErrorAnswer> {
    let (parts, body) = request.into_parts();
    if parts.method == Method::POST {
        negotiate::require_json(&parts.headers)?;
    }
    let (session, admitted) = enter(&state, bearer_of(&parts.headers)).await?;
    let (left, slot) = admitted.unzip();
    let left = left.map(Left::headers).into_iter().flatten();
    match run(&state, parts, body, media, &session, slot).await {
        Ok(mut response) => {
            response.headers_mut().extend(left);
            Ok(response)
        }
        Err(error) => Err(error.with_headers(left)),
    }
}

async fn run<E: Executor>(
    state: &HttpState<E>,
    parts: Parts,
    body: Body,
    media: Media,
    session: &Session,
    slot: Option<Slot>,
) -> Result<Response, ErrorAnswer> {
    let request_id = RequestId::of(&parts.extensions);
    let params = read(state, &parts, body).await?;
    let operation = match operation(state, session, params).await {
        Ok(operation) => operation,
        Err(errors) => return Ok(reply(media, &Report::refused(errors, &request_id))),
    };
    permit(&parts.method, media, operation.kind)?;
    let kind = operation.kind;
    let key = match kind {
        OperationType::Mutation => idempotency::key(&parts.headers)?,
        OperationType::Query | OperationType::Subscription => None,
    };
    let keyed = key.map(|key| (key.to_owned(), operation.digest()));
    let request = session.attach(operation.request.data(request_id.clone()));
    if media == Media::EventStream {
        if keyed.is_some() {
            return Err(ErrorAnswer::bad_request(
                "A mutation with an Idempotency-Key is answered as JSON, not as a stream.",
            ));
        }
        return events::stream(state, request, kind, session, request_id);
    }
    let (Some((key, digest)), Some(owner)) = (keyed, session.keys_of()) else {
        let report = execute(state.clone(), request, kind, request_id).await?;
        drop(slot);
        return Ok(reply(media, &report));
    };
    let state = state.clone();
    // It is carried out, and its answer kept, also when the client goes away meanwhile.
    let work = async move {
        let _running = slot;
        let ticket = match idempotency::turn(&state, owner, &key, digest).await? {
            Turn::Go(ticket) => ticket,
            Turn::Answered(answer) => return Ok((true, idempotency::replay(&answer))),
        };
        let report = execute(state, request, kind, request_id).await?;
        let (status, body) = text(media, &report)?;
        if let Some(ticket) = ticket {
            ticket.end(status, &body, &report).await;
        }
        Ok::<_, ErrorAnswer>((false, (status, body)))
    };
    let (replayed, (status, body)) = match tokio::spawn(work.in_current_span()).await {
        Ok(answer) => answer?,
        Err(error) => {
            tracing::error!(%error, "a mutation broke off");
            return Err(ErrorAnswer::internal());
        }
    };
    let told = replayed.then_some((idempotency::REPLAYED, HeaderValue::from_static("?1")));
    let mut response = written(media, status, body);
    response.headers_mut().extend(told);
    Ok(response)
}

async fn execute<E: Executor>(
    state: HttpState<E>,
    request: async_graphql::Request,
    kind: OperationType,
    request_id: RequestId,
) -> Result<Report, ErrorAnswer> {
    let watch = Stopwatch::start(&state, kind);
    let execution = state.executor.execute(request);
    let response = within(&state.clock, state.config.execution_timeout_ms, execution).await;
    let report = response.map(|response| Report::of(response, &request_id));
    watch.stop(report.as_ref());
    report.ok_or_else(|| {
        ErrorAnswer::new(
            StatusCode::GATEWAY_TIMEOUT,
            Code::Timeout,
            "The operation took too long.",
        )
    })
}

/// Who asks, if he may ask now; null for a caller without a name. Whose a token is, is remembered, so that a refusal costs no look-up.
async fn enter<E>(
    state: &HttpState<E>,
    bearer: Result<Option<&str>, AuthFailure>,
) -> Result<(Session, Option<(Left, Slot)>), ErrorAnswer> {
    let token = bearer?;
    let known = match token {
        Some(token) => {
            state.callers.count_refused(token).await?;
            state.callers.known(token).await
        }
        None => None,
    };
    let admitted = known
        .map(|caller| state.callers.begin(caller))
        .transpose()?;
    let session = recognize(state, token).await?;
    let caller = session.caller();
    if let Some(caller) = caller {
        tracing::Span::current().record("caller", tracing::field::display(caller));
    }
    if known == caller && admitted.is_some() {
        return Ok((session, admitted));
    }
    // Now as whom it was accepted.
    drop(admitted);
    let admitted = caller.map(|caller| state.callers.begin(caller));
    Ok((session, admitted.transpose()?))
}

/// As [`authenticate`], and remembers what came of it.
pub(super) async fn recognize<E>(
    state: &HttpState<E>,
    token: Option<&str>,
) -> Result<Session, AuthFailure> {
    let session = authenticate(state, Ok(token)).await;
    match (token, &session) {
        (Some(token), Err(AuthFailure::Invalid { .. })) => state.callers.refuse(token).await,
        (Some(token), Ok(session)) => {
            if let Some(caller) = session.caller() {
                state.callers.remember(token, caller).await;
            }
        }
        _ => {}
    }
    session
}

/// Verifies a token, within the time that an operation may take.
pub(super) async fn authenticate<E>(
    state: &HttpState<E>,
    bearer: Result<Option<&str>, AuthFailure>,
) -> Result<Session, AuthFailure> {
    let verification = state.authenticate.authenticate(bearer?);
    let verified = within(
        &state.clock,
        state.config.execution_timeout_ms,
        verification,
    )
    .await;
    verified.unwrap_or(Err(AuthFailure::Unavailable))
}

async fn read<E>(state: &HttpState<E>, parts: &Parts, body: Body) -> Result<Params, ErrorAnswer> {
    let params = if parts.method == Method::GET {
        Params::from_query_string(parts.uri.query().unwrap_or_default())
    } else {
        Params::from_json(&collect(state, parts, body).await?)
    };
    params.map_err(|malformed| ErrorAnswer::bad_request(malformed.to_string()))
}

async fn collect<E>(state: &HttpState<E>, parts: &Parts, body: Body) -> Result<Bytes, ErrorAnswer> {
    let limit = state.config.max_body_bytes;
    let too_large = || {
        let message = format!("The body is larger than {limit} bytes.");
        ErrorAnswer::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::PayloadTooLarge,
            message,
        )
    };
    let announced = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if announced
        .and_then(|length| length.parse::<usize>().ok())
        .is_some_and(|length| length > limit)
    {
        return Err(too_large());
    }
    match within(
        &state.clock,
        state.config.body_timeout_ms,
        to_bytes(body, limit),
    )
    .await
    {
        Some(Ok(bytes)) => Ok(bytes),
        Some(Err(error)) if is_length_limit(&error) => Err(too_large()),
        Some(Err(_)) => Err(ErrorAnswer::bad_request("The body could not be read.")),
        None => {
            let message = "The body took too long to arrive.";
            Err(ErrorAnswer::new(
                StatusCode::REQUEST_TIMEOUT,
                Code::Timeout,
                message,
            ))
        }
    }
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// Whether this kind of operation may come in this way.
fn permit(method: &Method, media: Media, kind: OperationType) -> Result<(), ErrorAnswer> {
    match kind {
        OperationType::Mutation if method == Method::GET => Err(ErrorAnswer::method_not_allowed(
            "POST",
            "Mutations must be sent with POST.",
        )),
        OperationType::Subscription if media != Media::EventStream => {
            Err(ErrorAnswer::bad_request(
                "Subscriptions need a WebSocket (graphql-transport-ws) or Accept: text/event-stream.",
            ))
        }
        _ => Ok(()),
    }
}

fn reply(media: Media, report: &Report) -> Response {
    match text(media, report) {
        Ok((status, body)) => written(media, status, body),
        Err(error) => error.into_response(),
    }
}

/// The status and the body of an answer.
fn text(media: Media, report: &Report) -> Result<(StatusCode, String), ErrorAnswer> {
    let status = if report.is_refusal() {
        media.refusal()
    } else {
        StatusCode::OK
    };
    let body = serde_json::to_string(report).map_err(|error| {
        tracing::error!(%error, "a response cannot be written as JSON");
        ErrorAnswer::internal()
    })?;
    Ok((status, body))
}

fn written(media: Media, status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, media.content_type())], body).into_response()
}
