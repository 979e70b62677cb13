//! A mixture of faults for long runs.

use std::time::Duration;

use super::{
    fault::HOLD,
    plan::{FaultPlan, Rule, RuleMatch},
    planned::{PlannedFault, PlannedSight, Span},
};

/// How bad it gets. The default is the 30 % of bad answers that a client of Okta should bear.
///
/// All of it concerns `/api/v1` only: signing in, consent and tokens are as usual. Kinds: 429 of both kinds, 500, 502,
/// 503, dropped before and after the effect, truncated, timeouts with and without effect, late effects, lagging reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    /// Share of requests that are struck, 0 to 1.
    pub share: f64,
    /// How long a timeout holds the connection, in real time; a test wants a little more than its client's patience.
    pub hold: Duration,
    /// How late late effects are by the org's clock, from and to, in whole seconds.
    pub late: (u64, u64),
    /// How far lagging reads of single users and lists are behind at most, in whole seconds of the org's clock.
    pub lag: u64,
    /// When a bucket that is said to be empty is full again, in whole seconds of the org's clock.
    pub reset: u64,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            share: 0.3,
            hold: HOLD,
            late: (1, 60),
            lag: 10,
            reset: 2,
        }
    }
}

impl Mix {
    /// The mixture as a plan, to be printed, changed or added to.
    pub fn plan(&self, seed: u64) -> FaultPlan {
        let share = self.share.clamp(0.0, 1.0);
        let kinds = self.kinds();
        let whole: f64 = kinds.iter().map(|(weight, _)| weight).sum();
        let mut left = 1.0;
        let rules = kinds.into_iter().map(|(weight, fault)| {
            // Rules draw one after another, so each has its share of what the earlier ones leave.
            let own = share * weight / whole;
            let probability = if left > 0.0 {
                (own / left).min(1.0)
            } else {
                0.0
            };
            left -= own;
            Rule {
                probability,
                ..Rule::new(RuleMatch::path("/api/v1/"), fault)
            }
        });
        // A stale read is no bad answer but one more thing that happens to reads.
        let lagging = Rule {
            probability: share,
            ..Rule::new(
                RuleMatch::path("/api/v1/"),
                PlannedFault::StaleRead {
                    seconds: Span::Between(0, self.lag),
                },
            )
        };
        FaultPlan {
            seed,
            rules: rules
                .collect::<Vec<_>>()
                .into_iter()
                .chain([lagging])
                .collect(),
        }
    }

    /// Kinds with their weights.
    fn kinds(&self) -> Vec<(f64, PlannedFault)> {
        let hold_seconds = self.hold.as_secs().max(1);
        let late = |seen| PlannedFault::LateEffect {
            seconds: Span::Between(self.late.0, self.late.1.max(self.late.0)),
            seen,
            hold_seconds,
        };
        vec![
            (
                2.0,
                PlannedFault::RateLimit {
                    reset_seconds: self.reset.max(1),
                },
            ),
            (1.0, PlannedFault::ConcurrencyLimit {}),
            (2.0, PlannedFault::InternalError { effect: false }),
            (1.0, PlannedFault::InternalError { effect: true }),
            (1.0, PlannedFault::BadGateway { effect: false }),
            (1.0, PlannedFault::BadGateway { effect: true }),
            (1.0, PlannedFault::Unavailable { effect: false }),
            (2.0, PlannedFault::DropBefore {}),
            (3.0, PlannedFault::DropAfterEffect {}),
            (2.0, PlannedFault::TruncateAfterEffect {}),
            (
                1.0,
                PlannedFault::Timeout {
                    effect: false,
                    hold_seconds,
                },
            ),
            (
                1.0,
                PlannedFault::Timeout {
                    effect: true,
                    hold_seconds,
                },
            ),
            (1.0, late(PlannedSight::Drop)),
            (1.0, late(PlannedSight::BadGateway)),
        ]
    }
}
