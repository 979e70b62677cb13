//! What the process counts and measures, for Prometheus (OpenMetrics text).
//!
//! Labels are names from closed vocabularies: never a login, an id, a host or an organisation, so that the figures give nobody away and their
//! number is bounded. What the database knows (accounts, queues, connections) is set from there when somebody asks; see `service::gauges`.

mod families;
mod headroom;

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use uuid::Uuid;

use self::families::{Families, Pair, Single};
use self::headroom::Headroom;

/// Media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The figures of one process.
pub struct Metrics {
    registry: Registry,
    families: Families,
    headroom: Headroom,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// What the database knows, as of one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gauges {
    /// Accounts by state: every state, as a figure that is left out stays as it was.
    pub accounts: Vec<(&'static str, i64)>,
    /// How long the account that has waited longest for its turn has waited, milliseconds; 0 when none waits.
    pub queue_age_ms: i64,
    /// Connections in use: every status.
    pub connections: Vec<(&'static str, i64)>,
    /// Imports that are not over: every such status.
    pub imports: Vec<(&'static str, i64)>,
    /// Okta accounts that the running imports have read.
    pub import_fetched: i64,
    /// Okta accounts that the running imports expect to read.
    pub import_expected: i64,
    /// Entries of the audit trail without a place in its chain.
    pub audit_unsealed: i64,
}

impl Metrics {
    /// Nothing counted yet. `started_ms`: when the process started, epoch milliseconds.
    #[must_use]
    pub fn new(started_ms: i64) -> Self {
        let mut registry = Registry::default();
        let families = Families::register(&mut registry, started_ms);
        Self {
            registry,
            families,
            headroom: Headroom::default(),
        }
    }

    /// Where statements sent to the database are counted.
    #[must_use]
    pub fn statements(&self) -> Counter {
        self.families.database_statements.clone()
    }

    /// An operation on Okta came to an end.
    pub fn operation(&self, kind: &'static str, outcome: &'static str) {
        let labels = Pair::of(kind, outcome);
        self.families.operations.get_or_create(&labels.into()).inc();
    }

    /// What became of an operation was unknown.
    pub fn lost_answer(&self, kind: &'static str) {
        let lost = &self.families.lost_answers;
        lost.get_or_create(&Single(kind).into()).inc();
    }

    /// A request to Okta; `status` is null when no answer came.
    pub fn okta_request(&self, call: &'static str, status: Option<u16>, took: Duration) {
        let outcome = match status {
            None => "no_answer",
            Some(200..=299) => "ok",
            Some(401) => "unauthorized",
            Some(429) => "rate_limited",
            Some(400..=499) => "refused",
            Some(_) => "failed",
        };
        let labels = Pair::of(call, outcome);
        let requests = &self.families.okta_requests;
        requests.get_or_create(&labels.into()).inc();
        let durations = &self.families.okta_durations;
        durations
            .get_or_create(&Single(call).into())
            .observe(took.as_secs_f64());
    }

    /// What Okta said of a rate limit: how many calls are left of how many, until when (epoch milliseconds).
    pub fn rate_limit(
        &self,
        connection: Uuid,
        bucket: &'static str,
        left: (u32, u32),
        until_ms: i64,
    ) {
        self.headroom.note(connection, bucket, left, until_ms);
    }

    /// An attempt to get a new access token.
    pub fn token_refresh(&self, outcome: &'static str) {
        let refreshes = &self.families.token_refreshes;
        refreshes.get_or_create(&Single(outcome).into()).inc();
    }

    /// An HTTP request; `route` is the pattern, not the path.
    pub fn http_request(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let labels = families::HttpLabels {
            route: route.to_owned(),
            method,
            status,
        };
        self.families.http_requests.get_or_create(&labels).inc();
        let labels = families::RouteLabel {
            route: route.to_owned(),
        };
        self.families
            .http_durations
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// A GraphQL query or mutation that was answered.
    pub fn graphql(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        let labels = Pair::of(kind, outcome);
        self.families
            .graphql_operations
            .get_or_create(&labels.into())
            .inc();
        self.families
            .graphql_durations
            .get_or_create(&Single(kind).into())
            .observe(took.as_secs_f64());
    }

    /// Sets what the database knows; null when it could not be asked. The figures of before then stay, and `provisioner_database_up` says so.
    pub fn set(&self, gauges: Option<&Gauges>) {
        self.families.database_up.set(i64::from(gauges.is_some()));
        if let Some(gauges) = gauges {
            self.families.set(gauges);
        }
    }

    /// Everything, as text. `now_ms`: epoch milliseconds.
    ///
    /// # Errors
    /// None but those of writing to a string.
    pub fn render(&self, now_ms: i64) -> Result<String, fmt::Error> {
        for (bucket, ratio) in self.headroom.tightest(now_ms) {
            let headroom = &self.families.headroom;
            headroom.get_or_create(&Single(bucket).into()).set(ratio);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
