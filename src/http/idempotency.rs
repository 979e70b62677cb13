//! The header `Idempotency-Key`: a mutation that is sent again, because its answer got lost, is answered again and not carried out again.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::HttpState;
use super::error::ErrorAnswer;
use super::graphql::Report;
use crate::graphql::error::Code;
use crate::service::idempotency::{self, Answer, Begun, Ticket};
use crate::service::{self, Services};

/// The client's name for a request.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Tells that an answer is not a new one.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const LONGEST: usize = 255;
/// How much longer than an operation may take, until one without an answer is given up for lost; milliseconds.
const GRACE_MS: u64 = 5_000;

/// What to do with a request.
pub(super) enum Turn {
    /// Carry it out; with a ticket, keep what comes of it.
    Go(Option<Box<Kept>>),
    /// It was answered before.
    Answered(Answer),
}

/// A request whose answer will be kept.
pub(super) struct Kept {
    services: Services,
    ticket: Ticket,
}

/// Whether a mutation may be carried out.
///
/// # Errors
/// 409 for a request that is under way or whose outcome nobody knows, 422 for a key that came with another
/// request before.
pub(super) async fn turn<E>(
    state: &HttpState<E>,
    owner: Uuid,
    key: &str,
    request: [u8; 32],
) -> Result<Turn, ErrorAnswer> {
    let Some(services) = &state.services else {
        return Ok(Turn::Go(None));
    };
    let longest = state.config.execution_timeout_ms.saturating_add(GRACE_MS);
    let longest = i64::try_from(longest).unwrap_or(i64::MAX);
    let begun = idempotency::begin(services, owner, key, request, longest);
    match begun.await.map_err(unavailable)? {
        Begun::New(ticket) => {
            let services = services.clone();
            Ok(Turn::Go(Some(Box::new(Kept { services, ticket }))))
        }
        Begun::Answered(answer) => Ok(Turn::Answered(answer)),
        Begun::UnderWay => Err(conflict(
            Code::IdempotencyKeyInUse,
            "A request with this Idempotency-Key is under way.",
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from(1))),
        Begun::Lost => Err(conflict(
            Code::IdempotencyOutcomeUnknown,
            "A request with this Idempotency-Key was begun, and nobody knows what came of it. Look, and use a new key.",
        )),
        Begun::Other => Err(ErrorAnswer::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            Code::IdempotencyKeyReused,
            "This Idempotency-Key came with another request before. Use a new one for each.",
        )),
    }
}

impl Kept {
    /// Keeps the answer, or forgets a request that was never executed. Where nobody can say whether it had an effect, and where this fails, who sends
    /// it again is told so.
    pub async fn end(self, status: StatusCode, body: &str, report: &Report) {
        let Self { services, ticket } = &self;
        let kept = if report.is_refusal() {
            idempotency::forget(services, ticket).await
        } else if report.is_uncertain() {
            Ok(())
        } else {
            let answer = Answer {
                status: status.as_u16(),
                body: SecretString::from(body),
            };
            idempotency::finish(services, ticket, &answer).await
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "the answer to a request with an Idempotency-Key was not kept");
        }
    }
}

/// The body and the status of an answer that was kept.
pub(super) fn replay(answer: &Answer) -> (StatusCode, String) {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, answer.body.expose_secret().to_owned())
}

/// The key; null when none was sent. As a structured field it is a text in quotes, but most clients send it without.
///
/// # Errors
/// 400 for a key that cannot be one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<&str>, ErrorAnswer> {
    let mut values = headers.get_all(&KEY).iter();
    let (Some(value), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    let text = value.to_str().ok().filter(|_| more.is_none());
    let bare = text.map(|text| {
        let text = text.trim();
        let quoted = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        quoted.unwrap_or(text)
    });
    match bare.filter(|key| !key.is_empty() && key.len() <= LONGEST && !key.contains('"')) {
        Some(key) => Ok(Some(key)),
        None => Err(ErrorAnswer::bad_request(format!(
            "Idempotency-Key must be one text of 1 to {LONGEST} ASCII characters, such as a UUID."
        ))),
    }
}

fn conflict(code: Code, message: &str) -> ErrorAnswer {
    ErrorAnswer::new(StatusCode::CONFLICT, code, message)
}

fn unavailable(error: service::Error) -> ErrorAnswer {
    tracing::warn!(%error, "a request with an Idempotency-Key could not begin");
    ErrorAnswer::unavailable("This cannot be done just now; please try again.")
}
