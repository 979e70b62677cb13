//! Operations whose outcome is unknown: what was read, what it proves, and what to read next (design §3).
//!
//! All times are by Okta's clock. A request is never repeated on a guess: "applied" needs one positive reading that cannot be from before
//! the request, "not applied" two negative ones, the later when whatever lands late has landed. Per operation, what is read and what it means
//! (the table of design §3 is `evidence`):
//!
//! | operation | read | had its effect | had none |
//! |---|---|---|---|
//! | create | the login | made since we sent it, fields equal, never signed in; else somebody has to confirm it | nobody has exactly this login: the identical request again |
//! | update | the user | the written fields are as written | they are not: again |
//! | activate | the user | not (or no longer becoming) STAGED or DEPROVISIONED | again, without mail |
//! | unsuspend | the user | live | SUSPENDED: again; else plan anew |
//! | deactivate | the user | (becoming) DEPROVISIONED | again, by the lifecycle call |
//! | delete | the user | missing twice | DEPROVISIONED: again; else plan anew |
//! | grant | the roles | there since we sent it; there before, it is somebody else's | absent: again |
//! | revoke | the roles | absent, or given by somebody since | there: again |
//!
//! A user who is missing twice is gone. "Again" holds as long as the same is wanted; else it is planned anew.

mod evidence;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use evidence::{Evidence, judge};

use super::account::OktaStatus;
use super::mapping::OktaProfile;
use super::plan::{ListedRole, OperationKind};

/// How long to look before believing that a request had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolutionTimes {
    /// Least time between the two negative readings, and how long a reading may lag: what it shows is no older.
    pub negative_gap_ms: i64,
    /// Least time between sending and the later negative reading: late effects and lagging reads take that long.
    pub negative_after_ms: i64,
    /// How long after a takeover or a "not applied" the account is read once more.
    pub recheck_after_ms: i64,
    /// How far our idea of Okta's clock may be off when comparing with Okta's own times.
    pub clock_tolerance_ms: i64,
}

impl Default for ResolutionTimes {
    fn default() -> Self {
        Self {
            negative_gap_ms: 10_000,
            negative_after_ms: 75_000,
            recheck_after_ms: 90_000,
            clock_tolerance_ms: 2_000,
        }
    }
}

/// A request exactly as it was committed before it left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenRequest {
    /// The kind of operation; one that calls Okta.
    pub kind: OperationKind,
    /// The login; only for `CREATE`.
    pub login: Option<String>,
    /// Okta's id of the user; for all but `CREATE`.
    pub okta_id: Option<String>,
    /// The body. `CREATE` and `UPDATE`: `{"profile": {…}}`; `GRANT_ROLE`, `REVOKE_ROLE`: `{"type": …}`; else null.
    pub body: Json,
    /// When it was last sent, by Okta's clock.
    pub sent_at: i64,
    /// When it was first sent; the same unless it was sent again.
    pub first_sent_at: i64,
}

/// An Okta user as read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenUser {
    /// Okta's id of the user.
    pub okta_id: String,
    /// Its status.
    pub status: OktaStatus,
    /// The status to which Okta is still bringing it (`transitioningToStatus`); null when none.
    pub transitioning_to: Option<OktaStatus>,
    /// When it was created.
    pub created: i64,
    /// Whether the person ever signed in.
    pub signed_in: bool,
    /// Its profile.
    pub profile: OktaProfile,
}

/// What one reading showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Seen {
    /// The user.
    User(Box<SeenUser>),
    /// Okta knows no such user.
    NoUser,
    /// The user's admin roles.
    Roles(Vec<ListedRole>),
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was asked for, by Okta's clock.
    pub at: i64,
    /// What it showed.
    pub seen: Seen,
}

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// `GET /users/{login}`.
    UserByLogin(String),
    /// `GET /users/{id}`.
    UserById(String),
    /// `GET /users/{id}/roles`.
    Roles(String),
}

/// What an applied operation left behind.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// The user as read: record status and profile. After `CREATE` with provenance `CREATED`.
    User(Box<SeenUser>),
    /// The user is gone: record the status DELETED.
    Gone,
    /// The role is there and ours: record it as granted.
    RoleGranted(ListedRole),
    /// Our role is gone; these roles are left, none of them ours.
    RoleRevoked(Vec<ListedRole>),
}

/// What to do after a request without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Send the identical request again, under the same conditions as any (generation, lease, pause).
    SendAgain {
        /// Whether activation mail has to be suppressed (`sendEmail=false`), as the first request may have sent it.
        without_email: bool,
    },
    /// The world has changed: record what was read and plan again.
    PlanAgain,
}

/// What the readings prove.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The request had its effect.
    Applied(Applied),
    /// The request had no effect.
    NotApplied {
        /// What to do.
        then: Then,
        /// When to read the account once more, as a late effect cannot be excluded.
        recheck_at: i64,
    },
    /// Nothing is proved yet.
    ReadAgain {
        /// No sooner than this.
        at: i64,
        /// What to read.
        read: Read,
    },
    /// Okta no longer has the user: record the status DELETED and plan again.
    UserGone,
    /// An account with our login came up that may be another's: treat it as found by lookup, with the reason
    /// `MADE_BY_OTHERS`.
    NeedsConfirmation(Box<SeenUser>),
}

impl ResolutionTimes {
    /// When to read an account once more after a takeover or a "not applied" at the given time.
    pub const fn recheck_at(&self, from: i64) -> i64 {
        from + self.recheck_after_ms
    }
}

/// Says what the readings, oldest first, prove about the request. Readings from before it was sent do not count.
pub fn resolve(request: &FrozenRequest, readings: &[Reading], times: &ResolutionTimes) -> Verdict {
    let counted = || {
        readings
            .iter()
            .filter(|reading| reading.at >= request.sent_at)
    };
    let mut without_effect = Times::default();
    let mut missing = Times::default();
    let mut then = Then::PlanAgain;
    let mut first_at = first_reading_at(request, times);
    for reading in counted() {
        let evidence = judge(request, &reading.seen, times);
        if may_be_of_before(request, reading, &evidence, times) {
            first_at = caught_up_at(request, times);
            continue;
        }
        match evidence {
            Evidence::Applied(applied) => return Verdict::Applied(applied),
            Evidence::Suspect(user) => return Verdict::NeedsConfirmation(user),
            Evidence::Superseded => {
                let recheck_at = times.recheck_at(reading.at);
                return Verdict::NotApplied {
                    then: Then::PlanAgain,
                    recheck_at,
                };
            }
            Evidence::NoEffect(next) => {
                without_effect.note(reading.at);
                then = next;
            }
            Evidence::NoUser => missing.note(reading.at),
            Evidence::Irrelevant => {}
        }
    }
    if missing.last > without_effect.last {
        return gone(request, missing, times);
    }
    let due = without_effect.due(first_at, request.sent_at, times);
    match without_effect.last {
        Some(last) if last >= due => Verdict::NotApplied {
            then,
            recheck_at: times.recheck_at(last),
        },
        _ => Verdict::ReadAgain {
            at: due,
            read: read_for(request),
        },
    }
}

/// When readings show what was so when the request was sent.
const fn caught_up_at(request: &FrozenRequest, times: &ResolutionTimes) -> i64 {
    request.sent_at + times.negative_gap_ms
}

/// An account that was made tells when; all else tells only once readings have caught up, so that the past is not taken for the effect.
const fn first_reading_at(request: &FrozenRequest, times: &ResolutionTimes) -> i64 {
    match request.kind {
        OperationKind::Create => request.sent_at,
        _ => caught_up_at(request, times),
    }
}

/// Whether the reading may show how it was before the request: a person who was live before a deactivation and an activation, a role before
/// it was given anew, an account that we deleted. What is missing is no such thing, as it takes two readings anyway.
fn may_be_of_before(
    request: &FrozenRequest,
    reading: &Reading,
    evidence: &Evidence,
    times: &ResolutionTimes,
) -> bool {
    let dated = request.kind == OperationKind::Create && matches!(evidence, Evidence::Applied(_));
    let missing = matches!(
        evidence,
        Evidence::NoEffect(_) | Evidence::NoUser | Evidence::Irrelevant
    );
    reading.at < caught_up_at(request, times) && !dated && !missing
}

/// Whether what was read is from before a request that is known to have had its effect: readings may lag.
pub fn is_behind(request: &FrozenRequest, seen: &Seen, times: &ResolutionTimes) -> bool {
    match request.kind {
        OperationKind::Create => matches!(seen, Seen::NoUser),
        _ => matches!(
            judge(request, seen, times),
            Evidence::NoEffect(_) | Evidence::NoUser
        ),
    }
}

/// What a later look proves of a request that was believed to have had no effect: it landed after all (design §3). Null
/// when it shows nothing of it.
pub fn late(request: &FrozenRequest, seen: &Seen, times: &ResolutionTimes) -> Option<Applied> {
    match judge(request, seen, times) {
        Evidence::Applied(applied) => Some(applied),
        _ => None,
    }
}

/// A user who was missing twice is gone: reads by id are consistent (contract §3).
fn gone(request: &FrozenRequest, missing: Times, times: &ResolutionTimes) -> Verdict {
    let due = missing.first.unwrap_or(request.sent_at) + times.negative_gap_ms;
    if missing.last.is_none_or(|last| last < due) {
        return Verdict::ReadAgain {
            at: due,
            read: read_for(request),
        };
    }
    match request.kind {
        OperationKind::Delete => Verdict::Applied(Applied::Gone),
        _ => Verdict::UserGone,
    }
}

/// When the same was read first and last.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    first: Option<i64>,
    last: Option<i64>,
}

impl Times {
    fn note(&mut self, at: i64) {
        self.first.get_or_insert(at);
        self.last = Some(at);
    }

    /// When a reading would prove that the request had no effect; `first_at` for the first.
    fn due(&self, first_at: i64, sent_at: i64, times: &ResolutionTimes) -> i64 {
        self.first.map_or(first_at, |first| {
            (first + times.negative_gap_ms).max(sent_at + times.negative_after_ms)
        })
    }
}

/// What tells whether the request had its effect.
pub fn read_for(request: &FrozenRequest) -> Read {
    let id = || request.okta_id.clone().unwrap_or_default();
    match request.kind {
        OperationKind::Create => Read::UserByLogin(request.login.clone().unwrap_or_default()),
        OperationKind::GrantRole | OperationKind::RevokeRole => Read::Roles(id()),
        _ => Read::UserById(id()),
    }
}
