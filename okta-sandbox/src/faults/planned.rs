//! A fault as a plan describes it: with ranges from which each strike draws.

use std::time::Duration;

use rand::{Rng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Arrival,
    fault::{Answer, Fault, HOLD, Seen, ServerError},
    malformed::Malformed,
    paging::Paging,
};
use crate::org::{history::LONGEST_LAG, schema_change::SchemaChange};

/// Where links and redirects lead unless told otherwise. The name is reserved: nobody is there.
const ELSEWHERE: &str = "https://elsewhere.example";

/// Statuses that redirect.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// A fault in a plan, as JSON with its `kind`. See [`Fault`] for what each does; `effect` says whether the effect
/// takes place, and is false unless given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[expect(
    missing_docs,
    reason = "the kinds and their settings are described with `Fault` and in the README"
)]
pub enum PlannedFault {
    DropBefore {},
    DropAfterEffect {},
    TruncateAfterEffect {},
    DelayBefore {
        millis: u64,
    },
    DelayAfterEffect {
        millis: u64,
    },
    RateLimit {
        #[serde(default = "a_minute")]
        reset_seconds: u64,
    },
    ConcurrencyLimit {},
    InternalError {
        #[serde(default)]
        effect: bool,
    },
    BadGateway {
        #[serde(default)]
        effect: bool,
    },
    Unavailable {
        #[serde(default)]
        effect: bool,
    },
    GatewayTimeout {
        #[serde(default)]
        effect: bool,
    },
    Answer {
        status: u16,
        #[serde(default)]
        body: Value,
        #[serde(default)]
        effect: bool,
    },
    Timeout {
        #[serde(default)]
        effect: bool,
        #[serde(default = "hold_seconds")]
        hold_seconds: u64,
    },
    LateEffect {
        seconds: Span,
        #[serde(default)]
        seen: PlannedSight,
        #[serde(default = "hold_seconds")]
        hold_seconds: u64,
    },
    StaleRead {
        seconds: Span,
    },
    StaleSearch {
        seconds: Span,
    },
    RevokeTokens {},
    ExpireAccessTokens {},
    ChangeSchema {
        change: SchemaChange,
    },
    Malformed {
        shape: String,
        #[serde(default)]
        effect: bool,
    },
    Paging {
        how: PlannedPaging,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    Redirect {
        #[serde(default = "found")]
        status: u16,
        #[serde(default = "elsewhere")]
        to: String,
        #[serde(default)]
        effect: bool,
    },
    Asynchronous {
        seconds: Span,
    },
}

/// What the caller sees of a late effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "as in `Seen`")]
pub enum PlannedSight {
    #[default]
    Timeout,
    Drop,
    BadGateway,
}

/// Where the link to the next page leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "as in `Paging`")]
pub enum PlannedPaging {
    Loop,
    Endless,
    OtherHost,
    OtherScheme,
    OtherPort,
}

/// Whole seconds by the org's clock: a number, or a range from which each strike draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected seconds: a whole number or [from, to]")]
pub enum Span {
    /// Always this many.
    Exactly(u64),
    /// From the first to the second, both included.
    Between(u64, u64),
}

impl Span {
    fn most(self) -> u64 {
        match self {
            Self::Exactly(seconds) | Self::Between(_, seconds) => seconds,
        }
    }

    fn draw(self, rng: &mut StdRng) -> Duration {
        Duration::from_secs(match self {
            Self::Exactly(seconds) => seconds,
            Self::Between(from, to) => rng.random_range(from..=to),
        })
    }

    fn check(self, longest: u64) -> Result<(), String> {
        match self {
            Self::Between(from, to) if from > to => {
                Err(format!("the range of seconds [{from}, {to}] is empty"))
            }
            _ if self.most() > longest => Err(format!("at most {longest} seconds are possible")),
            _ => Ok(()),
        }
    }
}

/// A late effect or the end of a transition may be this far ahead: a day.
const LATEST: u64 = 86_400;

impl PlannedFault {
    /// Whether a request is of the kind that this fault can strike.
    pub(super) fn can_strike(&self, arrival: &Arrival) -> bool {
        match self {
            Self::StaleRead { .. } => arrival.reads_users(),
            Self::StaleSearch { .. } => arrival.searches_users(),
            Self::LateEffect { .. } => arrival.changes(),
            Self::Paging { .. } => arrival.method == "GET",
            Self::Asynchronous { .. } => {
                let lifecycle = ["/activate", "/deactivate"]
                    .iter()
                    .any(|end| arrival.route.ends_with(&format!("/lifecycle{end}")));
                lifecycle || (arrival.method == "DELETE" && arrival.route == "/api/v1/users/{id}")
            }
            _ => true,
        }
    }

    /// Why this fault is impossible, if it is.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::StaleRead { seconds } | Self::StaleSearch { seconds } => {
                seconds.check(LONGEST_LAG.as_secs())
            }
            Self::LateEffect { seconds, .. } | Self::Asynchronous { seconds } => {
                seconds.check(LATEST)
            }
            Self::RateLimit { reset_seconds } if !(1..=LATEST).contains(reset_seconds) => {
                Err(format!("resetSeconds must be from 1 to {LATEST}"))
            }
            Self::Answer { status, .. } if !(200..=599).contains(status) => {
                Err(format!("{status} is no status of an answer"))
            }
            Self::Redirect { status, .. } if !REDIRECTS.contains(status) => {
                Err(format!("{status} is no redirect; one of {REDIRECTS:?} is"))
            }
            Self::Malformed { shape, .. }
                if shape != "any" && Malformed::named(shape).is_none() =>
            {
                Err(format!(
                    "there is no malformed answer {shape:?}; GET /_control/faults/malformed lists them, and \"any\" draws one"
                ))
            }
            Self::Paging { how, to: Some(_) } if *how != PlannedPaging::OtherHost => {
                Err("only otherHost takes `to`".into())
            }
            Self::ChangeSchema { change } => change.check().map_err(|error| error.to_string()),
            _ => Ok(()),
        }
    }

    /// The fault of one strike.
    pub(super) fn draw(&self, rng: &mut StdRng) -> Fault {
        let error = |error, effect: &bool| Fault::ServerError {
            error,
            effect: *effect,
        };
        match self {
            Self::DropBefore {} => Fault::DropBefore,
            Self::DropAfterEffect {} => Fault::DropAfterEffect,
            Self::TruncateAfterEffect {} => Fault::TruncateAfterEffect,
            Self::DelayBefore { millis } => Fault::DelayBefore(Duration::from_millis(*millis)),
            Self::DelayAfterEffect { millis } => {
                Fault::DelayAfterEffect(Duration::from_millis(*millis))
            }
            Self::RateLimit { reset_seconds } => Fault::RateLimit {
                reset: Duration::from_secs(*reset_seconds),
            },
            Self::ConcurrencyLimit {} => Fault::ConcurrencyLimit,
            Self::InternalError { effect } => error(ServerError::Internal, effect),
            Self::BadGateway { effect } => error(ServerError::BadGateway, effect),
            Self::Unavailable { effect } => error(ServerError::Unavailable, effect),
            Self::GatewayTimeout { effect } => error(ServerError::GatewayTimeout, effect),
            Self::Answer {
                status,
                body,
                effect,
            } => match effect {
                true => Fault::AnswerAfterEffect(Answer::json(*status, body)),
                false => Fault::AnswerInstead(Answer::json(*status, body)),
            },
            Self::Timeout {
                effect,
                hold_seconds,
            } => Fault::Timeout {
                effect: *effect,
                hold: Duration::from_secs(*hold_seconds),
            },
            Self::LateEffect {
                seconds,
                seen,
                hold_seconds,
            } => Fault::Late {
                by: seconds.draw(rng),
                seen: match seen {
                    PlannedSight::Timeout => Seen::Timeout(Duration::from_secs(*hold_seconds)),
                    PlannedSight::Drop => Seen::Drop,
                    PlannedSight::BadGateway => Seen::BadGateway,
                },
            },
            Self::StaleRead { seconds } | Self::StaleSearch { seconds } => {
                Fault::StaleRead(seconds.draw(rng))
            }
            Self::RevokeTokens {} => Fault::RevokeTokens,
            Self::ExpireAccessTokens {} => Fault::ExpireAccessTokens,
            Self::ChangeSchema { change } => Fault::ChangeSchema(change.clone()),
            Self::Malformed { shape, effect } => Fault::Malformed {
                shape: Malformed::named(shape).unwrap_or_else(|| Malformed::any(rng)),
                effect: *effect,
            },
            Self::Paging { how, to } => Fault::Paging(match how {
                PlannedPaging::Loop => Paging::Loop,
                PlannedPaging::Endless => Paging::Endless,
                PlannedPaging::OtherHost => Paging::OtherHost(to.clone().unwrap_or_else(elsewhere)),
                PlannedPaging::OtherScheme => Paging::OtherScheme,
                PlannedPaging::OtherPort => Paging::OtherPort,
            }),
            Self::Redirect { status, to, effect } => Fault::Redirect {
                status: *status,
                to: to.clone(),
                effect: *effect,
            },
            Self::Asynchronous { seconds } => Fault::Asynchronous(seconds.draw(rng)),
        }
    }
}

fn a_minute() -> u64 {
    60
}

fn hold_seconds() -> u64 {
    HOLD.as_secs()
}

fn found() -> u16 {
    302
}

fn elsewhere() -> String {
    ELSEWHERE.into()
}
