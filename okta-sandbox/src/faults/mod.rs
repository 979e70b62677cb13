//! The one place where an answer can be made to go wrong: before, after and instead of the effect.
//!
//! Every request to the org (not the control endpoints and the page to watch) asks [`Faults::decide`]
//! once: before it is authenticated, and after the concurrency limit let it in. [`ScriptedFaults`] are told one by
//! one by a test; [`SeededFaults`] follow a [`FaultPlan`], which can also come from a file or over HTTP.
//! What a fault does to a request is in `server/strike.rs`.

mod fault;
pub(crate) mod malformed;
mod mix;
mod paging;
mod plan;
mod planned;
mod scripted;
mod seeded;

pub use fault::{Answer, Fault, HOLD, Seen, ServerError};
pub use malformed::{Family, Malformed};
pub use mix::Mix;
pub use paging::Paging;
pub use plan::{FaultPlan, PlanError, Rule, RuleMatch};
pub use planned::{PlannedFault, PlannedPaging, PlannedSight, Span};
pub use scripted::{Matcher, ScriptedFaults};
pub use seeded::{Counts, SeededFaults};

/// What is known of a request when its fate is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// HTTP method, in capitals.
    pub method: String,
    /// Path as sent, without the query.
    pub path: String,
    /// Query as sent, without `?`.
    pub query: String,
    /// Body as sent; bytes that are no UTF-8 are replaced.
    pub body: String,
    /// The route's pattern, such as `/api/v1/users/{id}`; `(nowhere)` for a path that does not exist.
    pub route: &'static str,
    /// Position in the ledger of requests.
    pub seq: u64,
}

impl Arrival {
    /// Whether the request reads users or their roles: what a lagging replica would answer late.
    pub fn reads_users(&self) -> bool {
        let about_users =
            self.route.starts_with("/api/v1/users") || self.route == "/api/v1/iam/assignees/users";
        self.method == "GET" && about_users
    }

    /// Whether the request asks the index of users: `search`, `filter` or `q`.
    pub fn searches_users(&self) -> bool {
        self.method == "GET"
            && self.route == "/api/v1/users"
            && url::form_urlencoded::parse(self.query.as_bytes()).any(|(name, value)| {
                matches!(&*name, "search" | "filter" | "q") && !value.is_empty()
            })
    }

    /// Whether the request tells the org to change something.
    pub fn changes(&self) -> bool {
        self.method != "GET"
    }
}

/// Decides the fate of each request.
pub trait Faults: Send + Sync + 'static {
    /// The fault that strikes this request, or `None` for an ordinary answer.
    fn decide(&self, arrival: &Arrival) -> Option<Fault>;

    /// The plan that is followed, if it is one: then it is shown at `/_control/faults` and survives a restart.
    fn plan(&self) -> Option<&SeededFaults> {
        None
    }
}

/// Nothing ever goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn decide(&self, _: &Arrival) -> Option<Fault> {
        None
    }
}
