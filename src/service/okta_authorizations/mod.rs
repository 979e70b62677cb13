//! Authorizing a connection: the journey of an administrator's browser to Okta and back.
//!
//! It sets out at an address of our own, whose secret names the journey; there the browser gets a cookie, and goes on to Okta. It comes back with
//! Okta's `state`, which counts once, for ten minutes, in that browser only. Secrets of the journey are stored as hashes, or sealed. A later start
//! is another journey: nobody is locked out by a tab that was closed.

mod accept;
mod come_back;
mod kept;
mod set_out;
mod start;

use std::collections::HashMap;

use url::Url;
use uuid::Uuid;

pub use self::come_back::{Return, come_back};
pub use self::set_out::{Departure, set_out};
pub use self::start::{Started, start};
pub use crate::domain::connection::AuthorizationStatus;

use super::{Result, Services, Viewer};
use crate::domain::connection::{ConnectionProblem, ConnectionProblemCode};
use crate::domain::permission::Permission;
use crate::store;
use crate::store::okta_authorizations::{self, Authorization as Row};

/// How long a journey counts, milliseconds: time to find the second factor, and no more.
pub const LIFETIME_MS: i64 = 600_000;

/// The cookies that a browser brought, by the label of the journey that each belongs to.
pub type Presented = HashMap<String, String>;

/// A journey of a browser to Okta and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OktaAuthorization {
    /// The journey.
    pub id: Uuid,
    /// The app being connected.
    pub app_id: Uuid,
    /// How it ended.
    pub status: AuthorizationStatus,
    /// Why it came to nothing.
    pub problem: Option<ConnectionProblem>,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// After this time it counts for nothing, epoch milliseconds.
    pub expires_at: i64,
    /// When it ended, epoch milliseconds; `None` while it is pending.
    pub completed_at: Option<i64>,
}

/// Where a journey ended that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The journey.
    pub authorization: OktaAuthorization,
    /// Where the browser goes now; `None` shows a page of ours.
    pub return_to: Option<Url>,
}

/// Why a browser is not on any journey of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// No journey has this secret.
    Unknown,
    /// It took longer than ten minutes.
    Expired,
    /// It has been there before.
    Used,
    /// The journey ended so, and the browser comes back once more: the page was loaded again.
    Over(AuthorizationStatus),
    /// It set out in another browser.
    OtherBrowser,
}

/// Why a step of a journey was not taken.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The browser is not on a journey; nothing was used up.
    #[error("not on a journey: {0:?}")]
    Lost(Lost),
    /// Something of ours failed.
    #[error(transparent)]
    Service(#[from] super::Error),
}

impl From<store::Error> for JourneyError {
    fn from(error: store::Error) -> Self {
        Self::Service(error.into())
    }
}

/// The label of the cookie of the journey with this OAuth `state`.
#[must_use]
pub fn cookie_label(state: &str) -> String {
    kept::label(&kept::hash(state))
}

/// The journey; `None` when there is none.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn find(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Option<OktaAuthorization>> {
    viewer.require(Permission::ViewApps)?;
    let row = okta_authorizations::find(&services.store, viewer.organization_id, id).await?;
    Ok(row.map(|row| shown(row, services.clock.now_ms())))
}

/// A pending journey whose time has run out is over, although nobody came by to note it.
fn shown(row: Row, now: i64) -> OktaAuthorization {
    let over = row.status == AuthorizationStatus::Pending && now >= row.expires_at;
    let (status, problem, completed_at) = match over {
        false => (row.status, row.problem, row.completed_at),
        true => {
            let problem = ConnectionProblem::new(ConnectionProblemCode::AuthorizationExpired);
            (
                AuthorizationStatus::Expired,
                Some(problem),
                Some(row.expires_at),
            )
        }
    };
    OktaAuthorization {
        id: row.id,
        app_id: row.app_id,
        status,
        problem,
        created_at: row.created_at,
        expires_at: row.expires_at,
        completed_at,
    }
}
