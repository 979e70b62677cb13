//! A small API behind the real routes.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Error, ID, Object, Schema, SimpleObject, Subscription};
use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use futures::{Stream, StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use super::session::{AuthFailure, Authenticate, Session};
use super::{HttpConfig, HttpState, Readiness, RequestId, Unready, router};
use crate::clock::{Clock as _, SystemClock};
use crate::graphql::error::{Code, coded};
use crate::graphql::limits::{MAX_COMPLEXITY, MAX_DEPTH, MAX_DIRECTIVES_PER_FIELD};
use crate::metrics::Metrics;

/// Who asks, by the test's tokens.
struct Viewer(&'static str);

/// Whose requests `alice` are.
const ALICE: uuid::Uuid = uuid::Uuid::from_u128(1);

struct Query;

#[derive(SimpleObject)]
struct Node {
    id: ID,
}

#[Object]
impl Query {
    async fn hello(
        &self,
        name: Option<String>,
        #[graphql(validator(minimum = 0))] times: Option<i32>,
    ) -> String {
        format!("hello {}", name.unwrap_or_default())
            .repeat(usize::try_from(times.unwrap_or(1)).unwrap())
    }

    async fn viewer(&self, ctx: &async_graphql::Context<'_>) -> Option<&'static str> {
        ctx.data_opt::<Viewer>().map(|viewer| viewer.0)
    }

    async fn request_id(&self, ctx: &async_graphql::Context<'_>) -> String {
        ctx.data_opt::<RequestId>().unwrap().as_str().to_owned()
    }

    async fn again(&self) -> Query {
        Query
    }

    async fn node(&self, id: ID) -> Node {
        Node { id }
    }

    async fn fault(&self) -> Result<bool, Error> {
        Err(std::io::Error::other("password=hunter2").into())
    }

    async fn forbidden(&self) -> Result<Option<bool>, Error> {
        Err(coded(Code::Forbidden, "You lack VIEW_APPS."))
    }

    async fn panics(&self) -> bool {
        "as the test wants".parse().unwrap()
    }

    async fn never(&self) -> bool {
        std::future::pending().await
    }
}

struct Writes;

#[Object]
impl Writes {
    async fn write(&self) -> bool {
        true
    }
}

struct Events;

#[Subscription]
impl Events {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }

    async fn failing(&self) -> impl Stream<Item = Result<i32, Error>> {
        stream::iter([Ok(1), Err(std::io::Error::other("password=hunter2").into())])
    }

    async fn refused(&self) -> Result<stream::Empty<i32>, Error> {
        Err(coded(Code::Forbidden, "You lack VIEW_APPS."))
    }

    async fn panicking(&self) -> impl Stream<Item = i32> {
        stream::once(async { 1 }).map(|_| -> i32 { panic!("as the test wants") })
    }
}

/// Knows the tokens `alice` and `brief`, whose session lasts 300 ms; an anonymous session is given where none is demanded.
struct Tokens {
    demanded: bool,
}

#[async_trait]
impl Authenticate for Tokens {
    async fn authenticate(&self, bearer: Option<&str>) -> Result<Session, AuthFailure> {
        match bearer {
            Some("alice") => {
                Ok(Session::new(None, |request| request.data(Viewer("alice"))).of(ALICE))
            }
            Some("brief") => Ok(Session::new(Some(SystemClock.now_ms() + 300), |request| {
                request
            })),
            Some("later") => Err(AuthFailure::Unavailable),
            Some(_) => Err(AuthFailure::Invalid { reason: "unknown" }),
            None if self.demanded => Err(AuthFailure::Missing),
            None => Ok(Session::new(None, |request| request)),
        }
    }
}

struct Switch(Result<(), Unready>);

#[async_trait]
impl Readiness for Switch {
    async fn check(&self) -> Result<(), Unready> {
        self.0
    }
}

/// What a test wants to differ.
pub(super) struct TestApi {
    pub config: HttpConfig,
    pub token_demanded: bool,
    pub ready: bool,
    pub shutdown: CancellationToken,
}

impl Default for TestApi {
    fn default() -> Self {
        let config = HttpConfig {
            panel_origins: vec!["https://panel.example".to_owned()],
            ..HttpConfig::default()
        };
        Self {
            config,
            token_demanded: false,
            ready: true,
            shutdown: CancellationToken::new(),
        }
    }
}

impl TestApi {
    /// The real routes around the test's schema.
    pub fn router(self) -> Router {
        let schema = Schema::build(Query, Writes, Events)
            .limit_depth(MAX_DEPTH)
            .limit_complexity(MAX_COMPLEXITY)
            .limit_directives(MAX_DIRECTIVES_PER_FIELD)
            .finish();
        let ready = if self.ready {
            Ok(())
        } else {
            Err(Unready {
                reason: "The disk is full.",
            })
        };
        let state = HttpState::new(
            schema,
            Arc::new(Tokens {
                demanded: self.token_demanded,
            }),
            Arc::new(Switch(ready)),
            SystemClock::shared(),
            self.config,
            self.shutdown,
            Arc::new(Metrics::new(0)),
        );
        let extra = Router::new().route(
            "/panics",
            get(async || -> &'static str { panic!("as the test wants") }),
        );
        router(state, extra)
    }

    /// Serves the routes on a port of loopback until the runtime ends.
    pub async fn listen(self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, self.router()).into_future());
        address
    }
}

/// Longer than any wait in these tests should be.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
