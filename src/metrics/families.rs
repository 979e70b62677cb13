//! The figures by name, each with what it says.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Gauges;

/// Of Okta's answers: from the fastest to where the client gives up, seconds.
const OKTA_SECONDS: [f64; 11] = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6];
/// Of our own answers: from an indexed read to the limit of an operation, seconds.
const OWN_SECONDS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

macro_rules! labels {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),+ })+) => {
        $($(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $name { $(pub(super) $field: $type),+ })+
    };
}

labels! {
    KindOutcome { kind: &'static str, outcome: &'static str }
    CallOutcome { call: &'static str, outcome: &'static str }
    Kind { kind: &'static str }
    CallLabel { call: &'static str }
    Bucket { bucket: &'static str }
    Outcome { outcome: &'static str }
    State { state: &'static str }
    Status { status: &'static str }
    RouteLabel { route: String }
    HttpLabels { route: String, method: &'static str, status: u16 }
}

/// One value, to become whichever label a family has.
pub(super) struct Single(pub(super) &'static str);

/// A value and an outcome, to become whichever labels a family has.
pub(super) struct Pair {
    of: &'static str,
    outcome: &'static str,
}

impl Pair {
    pub(super) const fn of(of: &'static str, outcome: &'static str) -> Self {
        Self { of, outcome }
    }
}

macro_rules! from_single {
    ($($name:ident.$field:ident)+) => {
        $(impl From<Single> for $name {
            fn from(value: Single) -> Self {
                Self { $field: value.0 }
            }
        })+
    };
}

from_single! { Kind.kind CallLabel.call Bucket.bucket Outcome.outcome State.state Status.status }

impl From<Pair> for KindOutcome {
    fn from(pair: Pair) -> Self {
        Self {
            kind: pair.of,
            outcome: pair.outcome,
        }
    }
}

impl From<Pair> for CallOutcome {
    fn from(pair: Pair) -> Self {
        Self {
            call: pair.of,
            outcome: pair.outcome,
        }
    }
}

/// Makes histograms of seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(&'static [f64]);

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

type Histograms<L> = Family<L, Histogram, Seconds>;
type Ratio = Gauge<f64, AtomicU64>;

pub(super) struct Families {
    pub(super) operations: Family<KindOutcome, Counter>,
    pub(super) lost_answers: Family<Kind, Counter>,
    pub(super) okta_requests: Family<CallOutcome, Counter>,
    pub(super) okta_durations: Histograms<CallLabel>,
    pub(super) headroom: Family<Bucket, Ratio>,
    pub(super) token_refreshes: Family<Outcome, Counter>,
    pub(super) http_requests: Family<HttpLabels, Counter>,
    pub(super) http_durations: Histograms<RouteLabel>,
    pub(super) graphql_operations: Family<KindOutcome, Counter>,
    pub(super) graphql_durations: Histograms<Kind>,
    pub(super) database_statements: Counter,
    pub(super) database_up: Gauge,
    accounts: Family<State, Gauge>,
    queue_age: Ratio,
    connections: Family<Status, Gauge>,
    imports: Family<Status, Gauge>,
    import_fetched: Gauge,
    import_expected: Gauge,
    audit_unsealed: Gauge,
}

impl Families {
    pub(super) fn register(registry: &mut Registry, started_ms: i64) -> Self {
        constants(registry, started_ms);
        let ours = registry.sub_registry_with_prefix("provisioner");
        let families = Self {
            operations: Family::default(),
            lost_answers: Family::default(),
            okta_requests: Family::default(),
            okta_durations: Family::new_with_constructor(Seconds(&OKTA_SECONDS)),
            headroom: Family::default(),
            token_refreshes: Family::default(),
            http_requests: Family::default(),
            http_durations: Family::new_with_constructor(Seconds(&OWN_SECONDS)),
            graphql_operations: Family::default(),
            graphql_durations: Family::new_with_constructor(Seconds(&OWN_SECONDS)),
            database_statements: Counter::default(),
            database_up: Gauge::default(),
            accounts: Family::default(),
            queue_age: Ratio::default(),
            connections: Family::default(),
            imports: Family::default(),
            import_fetched: Gauge::default(),
            import_expected: Gauge::default(),
            audit_unsealed: Gauge::default(),
        };
        families.register_work(ours);
        families.register_okta(ours);
        families.register_api(ours);
        families
    }

    fn register_work(&self, ours: &mut Registry) {
        ours.register(
            "okta_operations",
            "Operations on Okta that came to an end, by kind and outcome",
            self.operations.clone(),
        );
        ours.register(
            "okta_lost_answers",
            "Operations whose outcome had to be found out by reading Okta",
            self.lost_answers.clone(),
        );
        ours.register(
            "accounts",
            "Accounts by state; HELD ones await an approval",
            self.accounts.clone(),
        );
        ours.register_with_unit(
            "queue_age",
            "How long the account that has waited longest for its turn has waited",
            Unit::Seconds,
            self.queue_age.clone(),
        );
        ours.register(
            "imports",
            "Imports that are not over, by status",
            self.imports.clone(),
        );
        ours.register(
            "import_fetched_accounts",
            "Okta accounts that the running imports have read",
            self.import_fetched.clone(),
        );
        ours.register(
            "import_expected_accounts",
            "Okta accounts that the running imports expect to read",
            self.import_expected.clone(),
        );
        ours.register(
            "audit_unsealed_entries",
            "Entries of the audit trail without a place in its chain",
            self.audit_unsealed.clone(),
        );
    }

    fn register_okta(&self, ours: &mut Registry) {
        ours.register(
            "okta_requests",
            "Requests to Okta, by call and outcome",
            self.okta_requests.clone(),
        );
        ours.register_with_unit(
            "okta_request_duration",
            "How long Okta took to answer",
            Unit::Seconds,
            self.okta_durations.clone(),
        );
        ours.register_with_unit(
            "okta_rate_limit_headroom",
            "Share of the rate limit that is left, of the connection with the least",
            Unit::Other("ratio".to_owned()),
            self.headroom.clone(),
        );
        ours.register(
            "okta_token_refreshes",
            "Attempts to get a new access token, by outcome",
            self.token_refreshes.clone(),
        );
        ours.register(
            "okta_connections",
            "Connections in use, by status",
            self.connections.clone(),
        );
    }

    fn register_api(&self, ours: &mut Registry) {
        ours.register(
            "http_requests",
            "HTTP requests, by route, method and status",
            self.http_requests.clone(),
        );
        ours.register_with_unit(
            "http_request_duration",
            "How long answers took; of streams, until they began",
            Unit::Seconds,
            self.http_durations.clone(),
        );
        ours.register(
            "graphql_operations",
            "GraphQL queries and mutations, by kind and outcome",
            self.graphql_operations.clone(),
        );
        ours.register_with_unit(
            "graphql_operation_duration",
            "How long GraphQL queries and mutations took",
            Unit::Seconds,
            self.graphql_durations.clone(),
        );
        ours.register(
            "database_statements",
            "Statements sent to the database, without the beginnings and ends of transactions",
            self.database_statements.clone(),
        );
        ours.register(
            "database_up",
            "Whether the database answered when these figures were gathered",
            self.database_up.clone(),
        );
    }

    pub(super) fn set(&self, gauges: &Gauges) {
        for (state, count) in &gauges.accounts {
            self.accounts
                .get_or_create(&Single(state).into())
                .set(*count);
        }
        for (status, count) in &gauges.connections {
            self.connections
                .get_or_create(&Single(status).into())
                .set(*count);
        }
        for (status, count) in &gauges.imports {
            self.imports
                .get_or_create(&Single(status).into())
                .set(*count);
        }
        self.queue_age.set(seconds(gauges.queue_age_ms));
        self.import_fetched.set(gauges.import_fetched);
        self.import_expected.set(gauges.import_expected);
        self.audit_unsealed.set(gauges.audit_unsealed);
    }
}

fn constants(registry: &mut Registry, started_ms: i64) {
    registry.register_with_unit(
        "process_start_time",
        "When the process started, since the epoch",
        Unit::Seconds,
        ConstGauge::new(seconds(started_ms)),
    );
    let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("provisioner_build", "The program", version);
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
