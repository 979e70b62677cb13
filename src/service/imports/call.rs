//! Calls of an import to Okta: one at a time, at the org's pace, and what it means when one comes to nothing.
//!
//! Okta's rate limit is shared with the engine, which is told of it by the same headers: an import stops earlier, so that the accounts' own
//! work always finds room.

use std::sync::Arc;

use chrono::DateTime;
use okta_client::{AdminAssignee, Answer, ErrorCode, Meta, Page, User};
use uuid::Uuid;

use super::Import;
use crate::domain::import::ImportProblem;
use crate::service::okta_port::{OktaFault, OrgAccess, UsersAsked, quoted};
use crate::service::tokens::{self, AccessToken, TokenFault};
use crate::service::{Error, Services};

/// Percent of a rate limit that an import leaves to the engine and to people at a screen, beyond what the app's share leaves to others.
const LEFT_PERCENT: u64 = 15;

/// Why a call came to nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may pass.
    Later {
        /// What it is called when it does not.
        problem: ImportProblem,
        /// What Okta said.
        detail: Option<String>,
        /// When to try again, epoch milliseconds, if Okta says so.
        until: Option<i64>,
    },
    /// It does not pass by itself.
    Never {
        /// What it is called.
        problem: ImportProblem,
        /// What Okta said.
        detail: Option<String>,
    },
    /// The database, or a defect.
    Ours(Error),
}

/// The way of an import to its org.
#[derive(Clone, Debug)]
pub(super) struct Line {
    services: Services,
    organization: Uuid,
    okta_org: Uuid,
}

impl Line {
    pub(super) fn of(services: &Services, import: &Import) -> Self {
        Self {
            services: services.clone(),
            organization: import.organization_id,
            okta_org: import.okta_org_id,
        }
    }

    /// The time by our clock, epoch milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.services.clock.now_ms()
    }

    /// A page of users.
    pub(super) async fn users(&self, asked: UsersAsked) -> Result<Answer<Page<User>>, Trouble> {
        self.call(|org| {
            let (okta, asked) = (Arc::clone(&self.services.okta), asked.clone());
            async move { okta.users_page(&org, &asked).await }
        })
        .await
    }

    /// A page of those who hold admin roles.
    pub(super) async fn admins(
        &self,
        next: Option<String>,
    ) -> Result<Answer<Page<AdminAssignee>>, Trouble> {
        self.call(|org| {
            let (okta, next) = (Arc::clone(&self.services.okta), next.clone());
            async move { okta.admins_page(&org, next).await }
        })
        .await
    }

    /// One user; `None` when Okta has no such user.
    pub(super) async fn user(&self, okta_id: &str) -> Result<Option<User>, Trouble> {
        self.call(|org| {
            let (okta, okta_id) = (Arc::clone(&self.services.okta), okta_id.to_owned());
            async move {
                match okta.user(&org, &okta_id).await {
                    Ok(user) => Ok(Some(user)),
                    Err(OktaFault::Call(error)) if error.is_not_found() => Ok(None),
                    Err(fault) => Err(fault),
                }
            }
        })
        .await
    }

    /// Makes a call; once more with a new token when Okta does not take this one.
    async fn call<T, F, Fut>(&self, send: F) -> Result<T, Trouble>
    where
        F: Fn(OrgAccess) -> Fut,
        Fut: Future<Output = Result<T, OktaFault>>,
    {
        let (services, organization) = (&self.services, self.organization);
        let token = tokens::access(services, organization, self.okta_org).await;
        let token: AccessToken = token.map_err(no_token)?;
        let answer = send(token.org_access()).await;
        let answer = match answer {
            Err(fault) if fault.is_token_invalid() => {
                let newer =
                    tokens::refresh_after(services, organization, self.okta_org, token.version);
                let newer: AccessToken = newer.await.map_err(no_token)?;
                send(newer.org_access()).await
            }
            other => other,
        };
        answer.map_err(|fault| trouble(&fault, self.services.clock.now_ms()))
    }
}

fn no_token(fault: TokenFault) -> Trouble {
    let detail = None;
    match fault {
        TokenFault::NotConnected | TokenFault::NeedsReauthorization(_) => Trouble::Never {
            problem: ImportProblem::NotConnected,
            detail,
        },
        TokenFault::Unavailable(_) | TokenFault::Busy => Trouble::Later {
            problem: ImportProblem::OktaUnavailable,
            detail,
            until: None,
        },
        TokenFault::Store(error) => Trouble::Ours(error.into()),
        TokenFault::Sealed(error) => Trouble::Ours(error.into()),
        TokenFault::Book(error) => Trouble::Ours(error),
    }
}

fn trouble(fault: &OktaFault, now: i64) -> Trouble {
    use okta_client::Error as Call;
    let detail = fault.problem().detail;
    let later = |problem| Trouble::Later {
        problem,
        detail: detail.clone(),
        until: None,
    };
    let never = |problem| Trouble::Never {
        problem,
        detail: detail.clone(),
    };
    let error = match fault {
        OktaFault::Call(error) => error,
        OktaFault::DomainNotAllowed | OktaFault::Unusable(_) | OktaFault::OAuth(_) => {
            return never(ImportProblem::NotConnected);
        }
        OktaFault::Implausible(_) => return later(ImportProblem::BrokenPage),
    };
    match error {
        Call::RateLimited(refusal) => Trouble::Later {
            problem: ImportProblem::OktaUnavailable,
            detail: Some(quoted(&refusal.summary)),
            until: error.meta().and_then(|meta| reset(meta, now)),
        },
        Call::Connect(_) | Call::Timeout | Call::Dropped(_) | Call::Server(_) => {
            later(ImportProblem::OktaUnavailable)
        }
        Call::Garbled { .. } | Call::TooLarge { .. } | Call::Redirected(_) => {
            later(ImportProblem::BrokenPage)
        }
        Call::ForeignLink { .. } => never(ImportProblem::BrokenPage),
        Call::Refused(refusal) if refusal.code == ErrorCode::Absent => {
            later(ImportProblem::OktaUnavailable)
        }
        Call::Refused(_) if error.is_token_invalid() => never(ImportProblem::NotConnected),
        _ => never(ImportProblem::OktaRefused),
    }
}

/// When Okta lets the next call in, by our clock; `None` when nothing says so.
fn reset(meta: &Meta, now: i64) -> Option<i64> {
    let wait = meta.wait(DateTime::from_timestamp_millis(now)?)?;
    Some(now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
}

/// Until when to pause after this answer, epoch milliseconds; `None` when the next call may leave at once. `share` is the percentage of the
/// limit that the app may use.
pub(super) fn pause(meta: &Meta, share: u32, now: i64) -> Option<i64> {
    let limit = meta.rate_limit.filter(|limit| limit.limit > 0)?;
    let kept = u64::from(100_u32.saturating_sub(share)) + LEFT_PERCENT;
    let reserve = (u64::from(limit.limit) * kept.min(95)).div_ceil(100);
    let reserve = reserve.min(u64::from(limit.limit - 1));
    (u64::from(limit.remaining) <= reserve)
        .then(|| reset(meta, now))
        .flatten()
}
