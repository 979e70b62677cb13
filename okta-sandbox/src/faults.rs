//! The one place where an answer can be made to go wrong: before, after and instead of the effect.
//!
//! Every request to the org (not the control endpoints and the page to watch) asks [`Faults::decide`]
//! once: before it is authenticated, and after the concurrency limit let it in.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What is known of a request when its fate is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// HTTP method, in capitals.
    pub method: String,
    /// Path as sent, without the query.
    pub path: String,
    /// The route's pattern, such as `/api/v1/users/{id}`; `(nowhere)` for a path that does not exist.
    pub route: &'static str,
    /// Position in the ledger of requests.
    pub seq: u64,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed without an answer and nothing happens in the org.
    DropBefore,
    /// The effect takes place, then the connection is closed without an answer.
    DropAfterEffect,
    /// This answer instead of the effect.
    AnswerInstead(Answer),
    /// The effect takes place, but this is what the caller sees.
    AnswerAfterEffect(Answer),
    /// The effect takes place; the answer's head and half of its body are sent, then the connection is closed.
    TruncateAfterEffect,
    /// Waits, then all is as usual.
    DelayBefore(Duration),
    /// The effect takes place at once, the answer comes later.
    DelayAfterEffect(Duration),
}

/// A made-up answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers beside those that every answer has; one of the same name replaces it.
    pub headers: Vec<(String, String)>,
    /// Body as sent. Any bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// A JSON answer with this body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
        }
    }
}

/// Decides the fate of each request.
pub trait Faults: Send + Sync + 'static {
    /// The fault that strikes this request, or `None` for an ordinary answer.
    fn decide(&self, arrival: &Arrival) -> Option<Fault>;
}

/// Nothing ever goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn decide(&self, _: &Arrival) -> Option<Fault> {
        None
    }
}

/// Which requests a scripted fault strikes.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    method: Option<String>,
    route: Option<String>,
    path: Option<String>,
    skip: usize,
}

impl Matcher {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests with this method and route pattern, as in `("POST", "/api/v1/users")`.
    pub fn route(method: &str, route: &str) -> Self {
        Self {
            method: Some(method.into()),
            route: Some(route.into()),
            ..Self::default()
        }
    }

    /// Only requests whose path contains this text.
    pub fn path_containing(mut self, text: &str) -> Self {
        self.path = Some(text.into());
        self
    }

    /// Lets this many matching requests pass first.
    pub fn after(mut self, passing: usize) -> Self {
        self.skip = passing;
        self
    }

    fn matches(&self, arrival: &Arrival) -> bool {
        self.method
            .as_ref()
            .is_none_or(|method| *method == arrival.method)
            && self
                .route
                .as_ref()
                .is_none_or(|route| route == arrival.route)
            && self
                .path
                .as_ref()
                .is_none_or(|text| arrival.path.contains(text))
    }
}

/// Faults told beforehand, each used once, the first matching one first.
#[derive(Debug, Default)]
pub struct ScriptedFaults {
    script: Mutex<VecDeque<(Matcher, Fault)>>,
}

impl ScriptedFaults {
    /// Adds a fault for the next request that matches.
    pub fn push(&self, matcher: Matcher, fault: Fault) {
        self.lock().push_back((matcher, fault));
    }

    /// How many faults have not struck yet.
    pub fn pending(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(Matcher, Fault)>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults for ScriptedFaults {
    fn decide(&self, arrival: &Arrival) -> Option<Fault> {
        let mut script = self.lock();
        let index = script
            .iter()
            .position(|(matcher, _)| matcher.matches(arrival))?;
        let entry = script.get_mut(index)?;
        if entry.0.skip > 0 {
            entry.0.skip -= 1;
            return None;
        }
        script.remove(index).map(|(_, fault)| fault)
    }
}
