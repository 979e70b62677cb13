//! One connection: a single task that reads messages, runs operations and watches the deadlines.

use std::ops::ControlFlow;
use std::sync::Arc;

use async_graphql::Executor;
use async_graphql::parser::types::OperationType;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::operations::{Event, Operations};
use super::protocol::{ClientMessage, Close, ServerMessage};
use crate::graphql::error::Code;
use crate::http::callers::Slot;
use crate::http::deadline::{reached, within};
use crate::http::graphql::{Operation, Params, Report, authenticate, operation, recognize};
use crate::http::request_id::RequestId;
use crate::http::session::{AuthFailure, NOT_BEARER, Session, bearer};
use crate::http::{HttpState, execution};

/// How long the other side's part of the closing handshake is awaited, so that our close frame is not lost with the socket.
const CLOSE_GRACE_MS: u64 = 1_000;

/// What is known from the upgrade request.
pub(super) struct Upgraded {
    /// The id of everything on this connection in the log.
    pub request_id: RequestId,
    /// The token of the `Authorization` header, for clients that can set one.
    pub bearer: Result<Option<String>, AuthFailure>,
    /// The connection's share of all streams.
    pub _permit: OwnedSemaphorePermit,
}

/// `Break(None)`: the peer is gone, there is nobody to send a close frame to.
type Flow = ControlFlow<Option<Close>>;

pub(super) struct Connection<E> {
    state: HttpState<E>,
    upgraded: Upgraded,
    socket: WebSocket,
    session: Option<Session>,
    /// The connection's share of its caller's streams.
    _slot: Option<Slot>,
    /// What the session was opened with; `None` too for a session without a token.
    token: Option<SecretString>,
    operations: Operations,
    /// Before `connection_init` the time for it, afterwards the session's end.
    deadline: BoxFuture<'static, ()>,
    heartbeat: BoxFuture<'static, ()>,
    /// A ping of ours has not been answered yet.
    silent: bool,
}

impl<E: Executor> Connection<E> {
    pub fn new(state: HttpState<E>, upgraded: Upgraded, socket: WebSocket) -> Self {
        let deadline = state.clock.sleep_ms(state.config.socket.init_timeout_ms);
        let heartbeat = state.clock.sleep_ms(state.config.socket.ping_interval_ms);
        let operations = Operations::default();
        Self {
            state,
            upgraded,
            socket,
            session: None,
            _slot: None,
            token: None,
            operations,
            deadline,
            heartbeat,
            silent: false,
        }
    }

    /// Serves the connection to its end.
    pub async fn serve(mut self) {
        let close = if self.socket.protocol().is_some() {
            self.run().await
        } else {
            Some(Close::BAD_SUBPROTOCOL)
        };
        if let Some(close) = close {
            tracing::debug!(code = close.code, "closing");
            self.close(close).await;
        }
    }

    async fn run(&mut self) -> Option<Close> {
        let shutdown = self.state.shutdown.clone();
        loop {
            let flow = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Some(Close::GOING_AWAY),
                () = &mut self.deadline => return Some(self.overdue()),
                () = &mut self.heartbeat => self.beat().await,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.receive(message).await,
                    Some(Err(_)) | None => return None,
                },
                (id, event) = self.operations.next() => self.deliver(&id, event).await,
            };
            if let ControlFlow::Break(close) = flow {
                return close;
            }
        }
    }

    fn overdue(&self) -> Close {
        if self.session.is_some() {
            Close::EXPIRED
        } else {
            Close::INIT_TIMEOUT
        }
    }

    /// Sends a ping; a client that left the previous one unanswered is gone.
    async fn beat(&mut self) -> Flow {
        if self.silent {
            return ControlFlow::Break(None);
        }
        self.silent = true;
        self.heartbeat = self
            .state
            .clock
            .sleep_ms(self.state.config.socket.ping_interval_ms);
        self.send_frame(Message::Ping(Bytes::new())).await
    }

    async fn receive(&mut self, message: Message) -> Flow {
        self.silent = false;
        match message {
            Message::Text(text) if text.len() > self.state.config.socket.max_message_bytes => {
                ControlFlow::Break(Some(Close::TOO_LONG))
            }
            Message::Text(text) => match ClientMessage::parse(&text) {
                Ok(message) => self.handle(message).await,
                Err(reason) => ControlFlow::Break(Some(Close::invalid(reason))),
            },
            Message::Binary(_) => {
                ControlFlow::Break(Some(Close::invalid("Invalid message: not a text")))
            }
            Message::Close(_) => {
                self.drain().await;
                ControlFlow::Break(None)
            }
            Message::Ping(_) | Message::Pong(_) => ControlFlow::Continue(()),
        }
    }

    async fn handle(&mut self, message: ClientMessage) -> Flow {
        match message {
            ClientMessage::ConnectionInit(payload) => self.init(&payload).await,
            ClientMessage::Ping(payload) => self.send(ServerMessage::Pong { payload }).await,
            ClientMessage::Pong => ControlFlow::Continue(()),
            ClientMessage::Subscribe { id, params } => self.subscribe(&id, params).await,
            ClientMessage::Complete { id } => {
                self.operations.stop(&id);
                ControlFlow::Continue(())
            }
        }
    }

    async fn init(&mut self, payload: &Map<String, Value>) -> Flow {
        if self.session.is_some() {
            return ControlFlow::Break(Some(Close::SECOND_INIT));
        }
        let token = token_of(payload, &self.upgraded.bearer);
        if let Ok(Some(token)) = token
            && self.state.callers.count_refused(token).await.is_err()
        {
            return ControlFlow::Break(Some(Close::TRY_AGAIN_LATER));
        }
        let session = match token {
            Ok(token) => recognize(&self.state, token).await,
            Err(failure) => Err(failure),
        };
        match session {
            Ok(session) => {
                let caller = session.caller();
                let slot = caller.map(|caller| self.state.callers.stream(caller));
                let Ok(slot) = slot.transpose() else {
                    return ControlFlow::Break(Some(Close::TOO_MANY));
                };
                self._slot = slot;
                self.token = token.ok().flatten().map(SecretString::from);
                self.deadline = match session.expires_at_ms() {
                    Some(at) => reached(self.state.clock.clone(), at).boxed(),
                    None => std::future::pending().boxed(),
                };
                self.session = Some(session);
                self.send(ServerMessage::ConnectionAck).await
            }
            Err(AuthFailure::Missing | AuthFailure::Invalid { .. }) => {
                ControlFlow::Break(Some(Close::UNAUTHORIZED))
            }
            Err(AuthFailure::Unavailable) => ControlFlow::Break(Some(Close::TRY_AGAIN_LATER)),
        }
    }

    /// The session as of now: a connection lasts for hours, and its person may have lost rights, or be gone.
    async fn renewed(&mut self) -> Result<Session, AuthFailure> {
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        authenticate(&self.state, Ok(token)).await
    }

    async fn subscribe(&mut self, id: &str, params: Params) -> Flow {
        let Some(session) = &self.session else {
            return ControlFlow::Break(Some(Close::UNAUTHORIZED));
        };
        if self.operations.contains(id) {
            return ControlFlow::Break(Some(Close::DUPLICATE_ID));
        }
        let request_id = &self.upgraded.request_id;
        if self.operations.len() >= self.state.config.socket.max_operations {
            let message = "This connection already runs as many operations as it may.";
            return self
                .refuse(
                    id,
                    Report::fault(Code::TooManyOperations, message, request_id),
                )
                .await;
        }
        let caller = session.caller();
        if let Some(Err(refused)) = caller.map(|caller| self.state.callers.count(caller)) {
            let report = Report::fault(refused.code(), refused.message(), request_id);
            return self.refuse(id, report).await;
        }
        match operation(&self.state, session, params).await {
            Ok(operation) => self.start(id, operation).await,
            Err(errors) => self.refuse(id, Report::refused(errors, request_id)).await,
        }
    }

    async fn start(&mut self, id: &str, Operation { request, kind, .. }: Operation) -> Flow {
        let request_id = self.upgraded.request_id.clone();
        let caller = self.session.as_ref().and_then(Session::caller);
        let caller = caller.filter(|_| kind != OperationType::Subscription);
        let slot = caller.map(|caller| self.state.callers.run(caller));
        let slot = match slot.transpose() {
            Ok(slot) => slot,
            Err(refused) => {
                let report = Report::fault(refused.code(), refused.message(), &request_id);
                return self.refuse(id, report).await;
            }
        };
        let session = match self.renewed().await {
            Ok(session) => session,
            Err(AuthFailure::Missing | AuthFailure::Invalid { .. }) => {
                return ControlFlow::Break(Some(Close::UNAUTHORIZED));
            }
            Err(AuthFailure::Unavailable) => {
                let message = "Tokens cannot be verified just now; try again.";
                let report = Report::fault(Code::Unavailable, message, &request_id);
                return self.refuse(id, report).await;
            }
        };
        let request = session.attach(request.data(request_id.clone()));
        let results = execution::results(&self.state, request, kind, request_id);
        let results = results.map(move |report| {
            let _running = &slot;
            report
        });
        self.operations.start(id, results);
        ControlFlow::Continue(())
    }

    async fn deliver(&mut self, id: &Arc<str>, event: Event) -> Flow {
        match event {
            Event::Result(report) if report.is_refusal() => {
                self.operations.stop(id);
                self.refuse(id, report).await
            }
            Event::Result(report) => {
                self.send(ServerMessage::Next {
                    id,
                    payload: &report,
                })
                .await
            }
            Event::End => {
                self.operations.stop(id);
                self.send(ServerMessage::Complete { id }).await
            }
        }
    }

    async fn refuse(&mut self, id: &str, report: Report) -> Flow {
        self.send(ServerMessage::Error {
            id,
            payload: &report.errors,
        })
        .await
    }

    async fn send(&mut self, message: ServerMessage<'_>) -> Flow {
        match message.frame() {
            Some(frame) => self.send_frame(frame).await,
            None => ControlFlow::Break(Some(Close::TRY_AGAIN_LATER)),
        }
    }

    async fn send_frame(&mut self, frame: Message) -> Flow {
        let limit_ms = self.state.config.socket.send_timeout_ms;
        match within(&self.state.clock, limit_ms, self.socket.send(frame)).await {
            Some(Ok(())) => ControlFlow::Continue(()),
            Some(Err(_)) | None => ControlFlow::Break(None),
        }
    }

    async fn close(mut self, close: Close) {
        if self.send_frame(close.frame()).await.is_continue() {
            self.drain().await;
        }
    }

    /// Finishes the closing handshake: reading on is what sends our part and takes the peer's.
    async fn drain(&mut self) {
        let rest = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        within(&self.state.clock, CLOSE_GRACE_MS, rest).await;
    }
}

/// The token of the init message, else the one of the upgrade request.
fn token_of<'a>(
    payload: &'a Map<String, Value>,
    upgrade: &'a Result<Option<String>, AuthFailure>,
) -> Result<Option<&'a str>, AuthFailure> {
    let named = payload
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match named
        .map(|(_, value)| value)
        .filter(|value| !value.is_null() && *value != "")
    {
        None => upgrade
            .as_ref()
            .map(Option::as_deref)
            .map_err(|failure| *failure),
        Some(value) => value.as_str().and_then(bearer).map(Some).ok_or(NOT_BEARER),
    }
}
