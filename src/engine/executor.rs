//! The engine's decision, without I/O: what to do next for one account, from what is journalled, known and wanted, and the time.
//!
//! The order is the promise of design §3: an account with an open operation is never planned, and a request whose outcome is unknown leaves
//! again only on the word of the readings. The worker carries out what is said here; the model (`model`) does so against a made-up Okta,
//! thousands of times.

use crate::domain::plan::{Desired, Known, Plan, plan};
use crate::domain::resolve::{
    Applied, FrozenRequest, Read, Reading, ResolutionTimes, SeenUser, Then, Verdict, read_for,
    resolve,
};

/// How long after a reading a request may be sent again on its word, milliseconds.
const READING_LASTS_MS: i64 = 15_000;

/// What the next step starts from.
pub(super) struct Moment<'a> {
    pub(super) desired: &'a Desired,
    pub(super) known: &'a Known,
    pub(super) generation: i64,
    /// The open operation.
    pub(super) open: Option<Open<'a>>,
    /// When the account is to be read once more, by our clock.
    pub(super) recheck_at: Option<i64>,
    /// Our time.
    pub(super) now: i64,
    /// Okta's time; null before Okta's clock was ever seen.
    pub(super) okta_now: Option<i64>,
    pub(super) times: &'a ResolutionTimes,
}

/// An operation whose outcome is not certain.
pub(super) struct Open<'a> {
    pub(super) request: &'a FrozenRequest,
    /// What was read since it was sent, oldest first.
    pub(super) readings: &'a [Reading],
    /// The generation that it was planned from.
    pub(super) generation: i64,
}

/// What to do next. Times are Okta's.
#[derive(Debug)]
pub(super) enum Next {
    /// The outcome is still unknown: read this, but not before then.
    KeepChecking { at: i64, read: Read },
    /// Read this now, to learn the outcome.
    Look(Read),
    /// The open operation had its effect.
    Applied(Applied),
    /// Okta no longer has the user of the open operation.
    UserGone,
    /// An account came up that may be another's.
    Suspect(Box<SeenUser>),
    /// The open operation had no effect and is still wanted.
    SendAgain {
        without_email: bool,
        recheck_at: i64,
    },
    /// The open operation had no effect, and something else may be wanted by now.
    PlanAgain { recheck_at: i64 },
    /// Read the account once more, in case something landed late.
    Recheck,
    /// Nothing is open: do the first thing of the plan.
    Plan(Plan),
}

/// Says what to do next.
pub(super) fn next(moment: &Moment<'_>) -> Next {
    if let Some(open) = &moment.open {
        return next_of_open(moment, open);
    }
    if moment.recheck_at.is_some_and(|at| at <= moment.now) {
        return Next::Recheck;
    }
    Next::Plan(plan(moment.desired, moment.known))
}

fn next_of_open(moment: &Moment<'_>, open: &Open<'_>) -> Next {
    match resolve(open.request, open.readings, moment.times) {
        // Before Okta's clock was ever seen, nothing is in the future: reading shows it.
        Verdict::ReadAgain { at, read } if moment.okta_now.is_some_and(|now| now < at) => {
            Next::KeepChecking { at, read }
        }
        Verdict::ReadAgain { read, .. } => Next::Look(read),
        Verdict::Applied(proof) => Next::Applied(proof),
        Verdict::UserGone => Next::UserGone,
        Verdict::NeedsConfirmation(user) => Next::Suspect(user),
        Verdict::NotApplied { then, recheck_at } => match then {
            Then::SendAgain { .. } if is_stale(moment, open) => Next::Look(read_for(open.request)),
            Then::SendAgain { without_email } if open.generation == moment.generation => {
                Next::SendAgain {
                    without_email,
                    recheck_at,
                }
            }
            Then::SendAgain { .. } | Then::PlanAgain => Next::PlanAgain { recheck_at },
        },
    }
}

/// Whether the last reading is too old to send anything on its word, as after a long wait for the rate limit or for a new consent.
fn is_stale(moment: &Moment<'_>, open: &Open<'_>) -> bool {
    let last = open.readings.last().map_or(i64::MIN, |reading| reading.at);
    moment
        .okta_now
        .is_none_or(|now| now > last.saturating_add(READING_LASTS_MS))
}
