//! Faults told one by one.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::{Arrival, Fault, Faults};

/// Which requests a scripted fault strikes.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    method: Option<String>,
    route: Option<String>,
    path: Option<String>,
    body: Option<String>,
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

    /// Only requests whose body contains this text, such as the login of somebody to be created.
    pub fn body_containing(mut self, text: &str) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Lets this many matching requests pass first.
    pub fn after(mut self, passing: usize) -> Self {
        self.skip = passing;
        self
    }

    fn matches(&self, arrival: &Arrival) -> bool {
        let holds = |wanted: &Option<String>, fits: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(fits)
        };
        holds(&self.method, &|method| method == arrival.method)
            && holds(&self.route, &|route| route == arrival.route)
            && holds(&self.path, &|text| arrival.path.contains(text))
            && holds(&self.body, &|text| arrival.body.contains(text))
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
