//! How answers leave: whole, in part, never, or as something that is no answer.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};

use super::{listener::Cut, reply::Reply};
use crate::{
    clock::http_date,
    faults::malformed::{Garbled, Tail},
    limits::Budget,
    world::World,
};

/// Time for the first half of a truncated answer to leave before the connection breaks.
const TRUNCATION_PAUSE: Duration = Duration::from_millis(30);

/// Pause between two bytes of an answer that trickles.
const TRICKLE: Duration = Duration::from_secs(1);

/// What is going to leave for a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// This answer.
    Answer(Reply),
    /// This answer of a proxy before Okta, without the headers that Okta's answers have.
    Edge(Reply),
    /// The head and half of the body.
    Half(Reply),
    /// Nothing; the connection closes. With the status that would have been answered, or 0.
    Dropped(u16),
    /// Nothing for this long; then the connection closes.
    Silence(u16, Duration),
    /// Something malformed.
    Garbled(Garbled),
}

impl Outcome {
    /// The status for the ledger of requests.
    pub fn status(&self) -> u16 {
        match self {
            Self::Answer(reply) | Self::Edge(reply) | Self::Half(reply) => reply.status,
            Self::Dropped(status) | Self::Silence(status, _) => *status,
            Self::Garbled(garbled) => garbled.status(),
        }
    }

    /// Whether a whole answer leaves.
    pub fn is_answered(&self) -> bool {
        match self {
            Self::Answer(_) | Self::Edge(_) => true,
            Self::Half(_) | Self::Dropped(_) | Self::Silence(..) => false,
            Self::Garbled(garbled) => garbled.is_whole(),
        }
    }
}

/// What the connection is to do.
pub(crate) enum Departure {
    /// Send this.
    Response(Response),
    /// Keep silent for this long, then close.
    Silence(Duration),
}

impl Departure {
    /// What is seen of it, once it has come to its end or the sandbox stops.
    pub async fn response(self, world: &World, cut: &Cut) -> Response {
        match self {
            Self::Response(response) => response,
            Self::Silence(hold) => {
                tokio::select! {
                    () = tokio::time::sleep(hold) => {}
                    () = world.stopped() => {}
                }
                dropped(cut)
            }
        }
    }
}

/// Turns an outcome into what leaves.
pub(crate) fn depart(
    world: &Arc<World>,
    outcome: Outcome,
    request_id: &str,
    budget: Budget,
    cut: &Cut,
) -> Departure {
    let dress = |reply| dressed(world, reply, request_id, budget);
    Departure::Response(match outcome {
        Outcome::Answer(reply) => whole(dress(reply)),
        Outcome::Edge(reply) => whole(reply.or_with("date", http_date(world.clock.now()))),
        Outcome::Half(reply) => half(dress(reply), cut.clone()),
        Outcome::Dropped(_) => dropped(cut),
        Outcome::Silence(_, hold) => return Departure::Silence(hold),
        Outcome::Garbled(Garbled::Raw(bytes)) => {
            cut.after(bytes);
            Response::new(Body::empty())
        }
        Outcome::Garbled(Garbled::Http(reply, tail)) => {
            tailed(dress(reply), tail, world, cut.clone())
        }
    })
}

/// Adds the headers that every answer of Okta has.
pub(crate) fn dressed(world: &World, reply: Reply, request_id: &str, budget: Budget) -> Reply {
    let remaining = if budget.exceeded { 0 } else { budget.remaining };
    reply
        .or_with("date", http_date(world.clock.now()))
        .or_with("x-okta-request-id", request_id)
        .or_with("x-rate-limit-limit", budget.limit.to_string())
        .or_with("x-rate-limit-remaining", remaining.to_string())
        .or_with("x-rate-limit-reset", budget.reset.to_string())
        .or_with("cache-control", "no-cache, no-store")
        .or_with("pragma", "no-cache")
        .or_with("expires", "0")
}

/// The answer as it is.
pub(crate) fn whole(mut reply: Reply) -> Response {
    let body = Body::from(std::mem::take(&mut reply.body));
    reply.into_response(body)
}

fn dropped(cut: &Cut) -> Response {
    cut.now();
    Response::new(Body::empty())
}

fn half(mut reply: Reply, cut: Cut) -> Response {
    let body = std::mem::take(&mut reply.body);
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let reply = reply.with("content-length", body.len().to_string());
    streamed(reply, one(half).chain(breaking(cut)))
}

fn tailed(mut reply: Reply, tail: Tail, world: &World, cut: Cut) -> Response {
    if matches!(tail, Tail::End) {
        return whole(reply);
    }
    let body = Bytes::from(std::mem::take(&mut reply.body));
    match tail {
        Tail::End | Tail::EndDeclared => streamed(reply, one(body)),
        Tail::Break => streamed(reply, one(body).chain(breaking(cut))),
        Tail::Long(piece, times, last) => {
            let pieces = stream::iter((0..times).map(move |_| Ok(piece.clone())));
            let all = one(body).chain(pieces).chain(one(last));
            streamed(reply, all.take_until(world.stopped()))
        }
        Tail::Endless(piece) => {
            let pieces = stream::repeat_with(move || Ok(piece.clone()));
            streamed(reply, one(body).chain(pieces).take_until(world.stopped()))
        }
        Tail::Stall => {
            let silence = stream::pending();
            streamed(reply, one(body).chain(silence).take_until(world.stopped()))
        }
        Tail::Trickle => {
            let bytes = stream::unfold(body, async |mut rest: Bytes| {
                if rest.is_empty() {
                    return None;
                }
                tokio::time::sleep(TRICKLE).await;
                Some((Ok(rest.split_to(1)), rest))
            });
            streamed(reply, bytes.take_until(world.stopped()))
        }
    }
}

fn streamed(
    reply: Reply,
    body: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
) -> Response {
    reply.into_response(Body::from_stream(body))
}

fn one(bytes: Bytes) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    stream::iter((!bytes.is_empty()).then_some(Ok(bytes)))
}

/// Breaks the connection after a moment in which what was written can leave.
fn breaking(cut: Cut) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    stream::once(async move {
        tokio::time::sleep(TRUNCATION_PAUSE).await;
        cut.now();
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    })
}
