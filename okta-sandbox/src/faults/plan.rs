//! A plan of faults: rules in JSON, checked when they are read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Arrival, planned::PlannedFault};
use crate::server::routes;

/// Faults by rules and a seed. The same seed and the same sequence of requests give the same faults.
///
/// ```json
/// { "seed": 7, "rules": [
///   { "match": { "method": "POST", "route": "/api/v1/users" }, "after": 10, "times": 3, "probability": 0.3,
///     "fault": { "kind": "dropAfterEffect" } } ] }
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct FaultPlan {
    /// Decides what the rules draw.
    pub seed: u64,
    /// Asked in order; the first one that strikes decides.
    pub rules: Vec<Rule>,
}

/// Which requests meet which fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What the rule is called where it is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which requests it concerns.
    #[serde(default, rename = "match")]
    pub matching: RuleMatch,
    /// So many of them pass first.
    #[serde(default)]
    pub after: u64,
    /// So often it strikes; `None` is without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How likely it strikes, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// What happens then. A fault that exists for some requests only, such as `staleRead`, passes over the others.
    pub fault: PlannedFault,
}

/// Conditions on a request; all that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleMatch {
    /// HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Pattern of a route, such as `/api/v1/users/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Text in the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Text in the query, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_contains: Option<String>,
    /// Text in the body, such as a login or `grant_type=refresh_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_contains: Option<String>,
}

/// Why a plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It is not JSON in the form of a plan.
    #[error("the plan of faults cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// One of its rules is wrong.
    #[error("rule {number} of the plan of faults: {why}")]
    Rule {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// A plan as it is written, with rules not yet read, so that a complaint can name the rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    seed: u64,
    rules: Vec<Value>,
}

impl TryFrom<Written> for FaultPlan {
    type Error = PlanError;

    fn try_from(written: Written) -> Result<Self, PlanError> {
        let mut rules = Vec::new();
        for (index, rule) in written.rules.into_iter().enumerate() {
            let rule: Result<Rule, _> = serde_json::from_value(rule);
            rules.push(rule.map_err(|error| PlanError::Rule {
                number: index + 1,
                why: error.to_string(),
            })?);
        }
        let plan = Self {
            seed: written.seed,
            rules,
        };
        plan.check()?;
        Ok(plan)
    }
}

impl std::str::FromStr for FaultPlan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        serde_json::from_str::<Written>(text)?.try_into()
    }
}

impl FaultPlan {
    /// Whether every rule can be followed.
    ///
    /// # Errors
    /// A probability outside 0 to 1, a method or route that does not exist, or an impossible fault.
    pub fn check(&self) -> Result<(), PlanError> {
        for (index, rule) in self.rules.iter().enumerate() {
            rule.check().map_err(|why| PlanError::Rule {
                number: index + 1,
                why,
            })?;
        }
        Ok(())
    }
}

impl Rule {
    /// A rule that always strikes.
    pub fn new(matching: RuleMatch, fault: PlannedFault) -> Self {
        Self {
            name: None,
            matching,
            after: 0,
            times: None,
            probability: always(),
            fault,
        }
    }

    pub(super) fn concerns(&self, arrival: &Arrival) -> bool {
        self.matching.holds(arrival) && self.fault.can_strike(arrival)
    }

    fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(format!(
                "a probability is from 0 to 1, not {}",
                self.probability
            ));
        }
        self.matching.check()?;
        self.fault.check()
    }
}

impl RuleMatch {
    /// Requests with this method and route pattern, as in `("POST", "/api/v1/users")`.
    pub fn route(method: &str, route: &str) -> Self {
        Self {
            method: Some(method.into()),
            route: Some(route.into()),
            ..Self::default()
        }
    }

    /// Requests whose path contains this text.
    pub fn path(text: &str) -> Self {
        Self {
            path_contains: Some(text.into()),
            ..Self::default()
        }
    }

    fn holds(&self, arrival: &Arrival) -> bool {
        let within = |wanted: &Option<String>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| text.contains(wanted))
        };
        self.method
            .as_ref()
            .is_none_or(|method| *method == arrival.method)
            && self
                .route
                .as_ref()
                .is_none_or(|route| route == arrival.route)
            && within(&self.path_contains, &arrival.path)
            && within(&self.query_contains, &arrival.query)
            && within(&self.body_contains, &arrival.body)
    }

    fn check(&self) -> Result<(), String> {
        let (method, route) = (self.method.as_deref(), self.route.as_deref());
        let known = |method: Option<&str>, route: Option<&str>| {
            routes::patterns().any(|(a_method, a_route)| {
                method.is_none_or(|method| method == a_method)
                    && route.is_none_or(|route| route == a_route)
            })
        };
        match (method, route) {
            (_, Some(route)) if !known(None, Some(route)) => Err(format!(
                "there is no route {route:?}; a pattern such as \"/api/v1/users/{{id}}\" is expected"
            )),
            (Some(method), _) if !known(Some(method), None) => Err(format!(
                "there is no method {method:?}; GET, POST, PUT or DELETE is expected"
            )),
            (Some(method), Some(route)) if !known(Some(method), Some(route)) => {
                Err(format!("route {route:?} has no method {method}"))
            }
            _ => Ok(()),
        }
    }
}

fn always() -> f64 {
    1.0
}
