//! Reads that the plan asks for, and what they mean for what is known.

use okta_client::{Answer, Attribute, Call, Error, RoleAssignment, User, UserQuery};
use uuid::Uuid;

use super::context::Stop;
use super::gateway::NotNow;
use super::pass::{Change, Flow, Pass, Situation};
use super::sessions::Session;
use super::{health, lag, outcome, seen};
use crate::domain::account::{Capability, WaitReason};
use crate::domain::directory::match_key;
use crate::domain::link::Candidate;
use crate::domain::plan::{Lookup, NeedsRead, OperationKind, Refusal};
use crate::domain::resolve::{Seen, SeenUser};
use crate::store::account_links::{self, StoredCandidate};

/// Carries out a read and records what it showed.
pub(super) async fn read(
    pass: &mut Pass<'_>,
    s: &Situation,
    read: &NeedsRead,
) -> Result<Flow, Stop> {
    match read {
        NeedsRead::User { okta_id } => read_user(pass, s, okta_id).await,
        NeedsRead::Roles { okta_id } => read_roles(pass, s, okta_id).await,
        NeedsRead::LoginLookup { login } => look_up(pass, s, login).await,
    }
}

/// Reads the linked account.
pub(super) async fn read_user(
    pass: &mut Pass<'_>,
    s: &Situation,
    okta_id: &str,
) -> Result<Flow, Stop> {
    let permit = match pass.ctx.gateway.permit(Call::GetUser).await {
        Ok(permit) => permit,
        Err(why) => return pass.not_now(s, why).await,
    };
    let answer = pass
        .ctx
        .gateway
        .call(permit, async |session: &Session| {
            session.client.users(&session.auth).get(okta_id).await
        })
        .await;
    match answer {
        Ok(answer) if answer.value.id != okta_id => {
            tracing::warn!(account = %pass.account, okta_id, "Okta showed another user than was asked for");
            let at = pass.backoff(s);
            return pass.wait(s, WaitReason::OktaUnavailable, Some(at)).await;
        }
        Ok(answer) => {
            let user = seen::user(answer.value);
            let shown = Seen::User(Box::new(user.clone()));
            if let Some(at) = lag::caught_up_at(pass, s, &shown).await? {
                return pass.wait(s, WaitReason::Transitioning, Some(at)).await;
            }
            pass.memory.status_fresh = true;
            record_user(pass, s, user).await?;
        }
        Err(error) if error.is_not_found() => return gone(pass, s).await,
        Err(error) => return failed(pass, s, &error).await,
    }
    Ok(Flow::Again)
}

async fn record_user(pass: &Pass<'_>, s: &Situation, user: SeenUser) -> Result<(), Stop> {
    let change = Change {
        edit: Some(Box::new(move |link| {
            if let Some(account) = &mut link.account {
                let transitioning = user.transitioning_to.is_some();
                account.see_user(user.status, transitioning, user.profile);
            }
        })),
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(())
}

/// Okta no longer has the linked account, or does not show it yet.
async fn gone(pass: &mut Pass<'_>, s: &Situation) -> Result<Flow, Stop> {
    if let Some(at) = lag::caught_up_at(pass, s, &Seen::NoUser).await? {
        return pass.wait(s, WaitReason::Transitioning, Some(at)).await;
    }
    record_gone(pass, s).await?;
    Ok(Flow::Again)
}

/// Records that Okta no longer has the linked account.
async fn record_gone(pass: &mut Pass<'_>, s: &Situation) -> Result<(), Stop> {
    pass.memory.listed = None;
    let change = Change {
        edit: Some(Box::new(|link| {
            if let Some(account) = &mut link.account {
                account.record_gone();
            }
        })),
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(())
}

/// Reads the admin roles of the linked account or of the candidate.
pub(super) async fn read_roles(
    pass: &mut Pass<'_>,
    s: &Situation,
    okta_id: &str,
) -> Result<Flow, Stop> {
    let permit = match pass.ctx.gateway.permit(Call::ListRoles).await {
        Ok(permit) => permit,
        Err(why) => return pass.not_now(s, why).await,
    };
    let answer = pass
        .ctx
        .gateway
        .call(permit, async |session: &Session| {
            session.client.roles(&session.auth).list(okta_id).await
        })
        .await;
    match answer {
        Ok(answer) => {
            pass.ctx.granted(Capability::ReadRoles);
            let shown = Seen::Roles(seen::roles(&answer.value));
            if s.okta_id() == Some(okta_id)
                && let Some(at) = lag::caught_up_at(pass, s, &shown).await?
            {
                return pass.wait(s, WaitReason::Transitioning, Some(at)).await;
            }
            record_roles(pass, s, okta_id, answer).await?;
        }
        Err(error) if error.is_not_found() && s.okta_id() == Some(okta_id) => {
            return gone(pass, s).await;
        }
        Err(error) if error.is_not_found() => forget_candidate(pass, s).await?,
        Err(error) if error.insufficient_scope().is_some() => {
            health::deny(pass.ctx, Capability::ReadRoles).await?;
        }
        Err(error) if error.is_capability_denied() => unreadable(pass).await?,
        Err(error) => return failed(pass, s, &error).await,
    }
    Ok(Flow::Again)
}

/// Denied for one person it is about him, and he is treated as somebody whose roles cannot be read; denied for two, the connection lacks
/// the right.
async fn unreadable(pass: &mut Pass<'_>) -> Result<(), Stop> {
    pass.memory.roles_unreadable = true;
    if pass.ctx.denied(Capability::ReadRoles, pass.account) {
        health::deny(pass.ctx, Capability::ReadRoles).await?;
    }
    Ok(())
}

async fn record_roles(
    pass: &mut Pass<'_>,
    s: &Situation,
    okta_id: &str,
    answer: Answer<Vec<RoleAssignment>>,
) -> Result<(), Stop> {
    let listed = seen::roles(&answer.value);
    pass.memory.listed = Some((okta_id.to_owned(), answer.value));
    if s.okta_id() == Some(okta_id) {
        let change = Change {
            edit: Some(Box::new(move |link| {
                if let Some(account) = &mut link.account {
                    account.see_roles(&listed);
                }
            })),
            ..Change::default()
        };
        pass.commit(s, change).await?;
    } else if let Some((_, Lookup::Found(candidate))) = &mut pass.memory.lookup {
        candidate.roles = Some(listed);
    }
    Ok(())
}

/// The candidate vanished between the lookup and the next read.
async fn forget_candidate(pass: &mut Pass<'_>, s: &Situation) -> Result<(), Stop> {
    pass.memory.lookup = None;
    let change = Change {
        edit: Some(Box::new(|link| link.candidate = None)),
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(())
}

/// Asks Okta who has the login.
async fn look_up(pass: &mut Pass<'_>, s: &Situation, login: &str) -> Result<Flow, Stop> {
    match find_login(pass, login).await {
        Err(Failure::NotNow(why)) => pass.not_now(s, why).await,
        Err(Failure::Okta(error)) => failed(pass, s, &error).await,
        Ok(Some(user)) => {
            let user = seen::user(user);
            found(pass, s, login, user, Vec::new()).await?;
            Ok(Flow::Again)
        }
        Ok(None) => {
            none_found(pass, s, login).await?;
            Ok(Flow::Again)
        }
    }
}

/// Why a lookup brought no answer.
pub(super) enum Failure {
    NotNow(NotNow),
    Okta(Error),
}

/// The user with exactly this login, if there is one. Okta also matches ids and short names, so what comes back is compared.
pub(super) async fn find_login(pass: &Pass<'_>, login: &str) -> Result<Option<User>, Failure> {
    let gateway = &pass.ctx.gateway;
    let permit = gateway
        .permit(Call::GetUser)
        .await
        .map_err(Failure::NotNow)?;
    let answer = gateway
        .call(permit, async |session: &Session| {
            session
                .client
                .users(&session.auth)
                .get_by_login(login)
                .await
        })
        .await;
    match answer {
        Ok(answer) => Ok(Some(answer.value).filter(|user| has_login(user, login))),
        Err(Error::LoginNeedsId) => list_login(pass, login).await,
        Err(Error::InvalidLogin) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(Failure::Okta(error)),
    }
}

/// A login with a slash cannot stand in a path (contract §3).
async fn list_login(pass: &Pass<'_>, login: &str) -> Result<Option<User>, Failure> {
    let gateway = &pass.ctx.gateway;
    let permit = gateway
        .permit(Call::ListUsers)
        .await
        .map_err(Failure::NotNow)?;
    let Ok(attribute) = Attribute::new("profile.login") else {
        return Ok(None);
    };
    let query = UserQuery::filter(attribute.eq(login));
    let answer = gateway
        .call(permit, async |session: &Session| {
            session.client.users(&session.auth).list(&query).await
        })
        .await
        .map_err(Failure::Okta)?;
    let page = answer.value;
    let found = page.items.into_iter().find(|user| has_login(user, login));
    if found.is_none() && page.next.is_some() {
        // One login is on one page: whoever is not on a list that goes on may still be there.
        return Err(Failure::Okta(Error::Garbled {
            reason: "a list of one login that goes on".to_owned(),
            meta: Box::new(answer.meta),
        }));
    }
    Ok(found)
}

fn has_login(user: &User, login: &str) -> bool {
    user.login()
        .is_some_and(|found| match_key(found) == match_key(login))
}

/// Remembers who has the login. `suspicions` are reasons for a confirmation that a lookup alone does not show; earlier ones stay.
pub(super) async fn found(
    pass: &mut Pass<'_>,
    s: &Situation,
    login: &str,
    user: SeenUser,
    mut suspicions: Vec<crate::domain::link::LinkReason>,
) -> Result<(), Stop> {
    if let Some(earlier) = &s.link.candidate
        && earlier.okta_id == user.okta_id
    {
        suspicions.extend(earlier.suspicions.iter().copied());
        suspicions.sort_unstable();
        suspicions.dedup();
    }
    let elsewhere = known_elsewhere(pass, &user.okta_id).await?;
    let stored = StoredCandidate {
        login: login.to_owned(),
        okta_id: user.okta_id.clone(),
        suspicions: suspicions.clone(),
    };
    let candidate = Candidate {
        okta_id: user.okta_id,
        status: user.status,
        profile: user.profile,
        roles: None,
        known_elsewhere: elsewhere,
        suspicions,
    };
    pass.memory.lookup = Some((login.to_owned(), Lookup::Found(Box::new(candidate))));
    let change = Change {
        edit: Some(Box::new(move |link| link.candidate = Some(stored))),
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(())
}

/// Another person of ours to whom the Okta account is linked.
pub(super) async fn known_elsewhere(
    pass: &Pass<'_>,
    okta_id: &str,
) -> Result<Option<crate::domain::plan::KnownElsewhere>, Stop> {
    let (store, org): (_, Uuid) = (&pass.ctx.services.store, pass.ctx.gateway.okta_org);
    Ok(account_links::linked_elsewhere(store, org, okta_id, pass.account).await?)
}

/// Nobody has the login. If Okta had refused to create the account without saying that the login is taken, it meant something else.
async fn none_found(pass: &mut Pass<'_>, s: &Situation, login: &str) -> Result<(), Stop> {
    let refused = pass.memory.refused_create.take();
    let said_so = refused.as_ref().is_some_and(|(said_so, _)| *said_so);
    let lookup = match said_so {
        true => Lookup::TakenButNoneFound,
        false => Lookup::NoneFound,
    };
    pass.memory.lookup = Some((login.to_owned(), lookup));
    let refusal = refused.filter(|_| !said_so).map(|(_, problem)| Refusal {
        kind: OperationKind::Create,
        problem,
    });
    let change = Change {
        edit: Some(Box::new(|link| link.candidate = None)),
        refusal,
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(())
}

/// A read that brought no answer is tried again later; nothing is known by it.
pub(super) async fn failed(
    pass: &mut Pass<'_>,
    s: &Situation,
    error: &Error,
) -> Result<Flow, Stop> {
    if error.is_token_invalid() && pass.memory.rejected_tokens < 2 {
        pass.memory.rejected_tokens += 1;
        return Ok(Flow::Again);
    }
    let okta_request_id = outcome::request_id(error);
    tracing::info!(account = %pass.account, okta_request_id, %error, "a read of Okta failed");
    let (reason, at) = match error {
        Error::RateLimited(refusal) => {
            let at = health::throttled_until(pass.ctx, &refusal.meta);
            let at = at.unwrap_or_else(|| pass.backoff(s));
            return pass.not_now(s, NotNow::Throttled(at)).await;
        }
        Error::Refused(_) => (WaitReason::Retry, pass.backoff(s)),
        _ => (WaitReason::OktaUnavailable, pass.backoff(s)),
    };
    pass.wait(s, reason, Some(at)).await
}
