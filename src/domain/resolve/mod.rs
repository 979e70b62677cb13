//! Operations whose outcome is unknown: what was read, what it proves, and what to read next (design §3).
//!
//! All times are by Okta's clock. A request is never repeated on a guess: "applied" needs one positive reading, "not
//! applied" two negative ones.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::account::OktaStatus;
use super::mapping::OktaProfile;
use super::plan::{ListedRole, OperationKind};

/// How long to look before believing that a request had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolutionTimes {
    /// Least time between the two negative readings.
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
    /// When it was sent, by Okta's clock.
    pub sent_at: i64,
}

/// An Okta user as read.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// The user.
    User(Box<SeenUser>),
    /// Okta knows no such user.
    NoUser,
    /// The user's admin roles.
    Roles(Vec<ListedRole>),
}

/// One reading.
#[derive(Debug, Clone, PartialEq)]
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
    /// An account with our login came up that may be another's: treat it as found by lookup, with the reason
    /// `MADE_BY_OTHERS`.
    NeedsConfirmation(Box<SeenUser>),
}
