//! A second look, some time after an outcome was unknown: a request that was believed lost may land late, and a process that lost its
//! lease may have sent one (design §3). What it did is recorded as ours, and what differs is planned again.

use serde_json::{Value as Json, json};

use super::context::Stop;
use super::execute::record_proof;
use super::frozen::Frozen;
use super::operate::forget_what_changed;
use super::pass::{Change, Flow, Pass, Situation};
use super::reading::{self, Failure, find_login};
use super::resolve::look;
use super::{lag, seen};
use crate::domain::account::{OktaStatus, WaitReason};
use crate::domain::mapping::diff;
use crate::domain::plan::{KnownAccount, OperationKind, RoleKnowledge};
use crate::domain::resolve::{Applied, Read, Seen, SeenUser, late, read_for};
use crate::store::audit::{Actor, Entry};
use crate::store::operations;

/// How much earlier than the second look was planned a request may have been given up, beyond the time between both, milliseconds.
const SLACK_MS: i64 = 60_000;

/// A request that was believed to have had no effect, and what shows now that it had one.
struct Late {
    frozen: Frozen,
    proof: Applied,
}

/// Reads the account once more. What differs from what is known raises its generation.
pub(super) async fn recheck(pass: &mut Pass<'_>, s: &Situation) -> Result<Flow, Stop> {
    let late = match landed(pass, s).await? {
        Ok(late) => late,
        Err(failure) => return failed(pass, s, failure).await,
    };
    match &s.link.account {
        Some(account) if account.status != OktaStatus::Deleted => {
            recheck_linked(pass, s, account, late).await
        }
        _ => recheck_unlinked(pass, s, late).await,
    }
}

async fn failed(pass: &mut Pass<'_>, s: &Situation, failure: Failure) -> Result<Flow, Stop> {
    match failure {
        Failure::NotNow(why) => pass.not_now(s, why).await,
        Failure::Okta(error) => reading::failed(pass, s, &error).await,
    }
}

/// The newest request of late that landed after all, of those whose author decides what their effect means.
async fn landed(pass: &mut Pass<'_>, s: &Situation) -> Result<Result<Option<Late>, Failure>, Stop> {
    let times = &pass.ctx.config.times;
    let at = s.link.recheck_at.unwrap_or_else(|| pass.ctx.now());
    let since = at - times.recheck_after_ms - SLACK_MS;
    let lost = operations::lost(&pass.ctx.services.store, pass.account, since).await?;
    for row in lost {
        let Ok(frozen) = serde_json::from_value::<Frozen>(row.request.clone()) else {
            continue;
        };
        if !is_telling(&frozen, s.link.account.as_ref()) {
            continue;
        }
        let request = frozen.request(row.sent_at_okta);
        let seen = match look(pass, &read_for(&request)).await {
            Ok(seen) => seen,
            Err(failure) => return Ok(Err(failure)),
        };
        if let Some(proof) = late(&request, &seen, times) {
            return Ok(Ok(Some(Late { frozen, proof })));
        }
    }
    Ok(Ok(None))
}

/// Whether it matters that the effect is ours: a role that nobody would take back, an account that would pass for a stranger's, a
/// deactivation that would pass for Okta's people's.
pub(super) fn is_telling(frozen: &Frozen, account: Option<&KnownAccount>) -> bool {
    match frozen.kind {
        OperationKind::Create => true,
        OperationKind::GrantRole => account.is_some_and(|known| known.roles.granted.is_none()),
        OperationKind::Deactivate => account.is_some_and(|known| known.status.holds_roles()),
        _ => false,
    }
}

async fn recheck_linked(
    pass: &mut Pass<'_>,
    s: &Situation,
    known: &KnownAccount,
    late: Option<Late>,
) -> Result<Flow, Stop> {
    let seen = match look(pass, &Read::UserById(known.okta_id.clone())).await {
        Ok(seen) => seen,
        Err(failure) => return failed(pass, s, failure).await,
    };
    if let Some(at) = lag::caught_up_at(pass, s, &seen).await? {
        return pass.wait(s, WaitReason::Transitioning, Some(at)).await;
    }
    let user = match seen {
        Seen::User(user) => Some(*user),
        Seen::NoUser | Seen::Roles(_) => None,
    };
    let twin = late.as_ref().and_then(twin);
    let late = late.filter(|_| twin.is_none());
    let differs = late.is_some() || user.as_ref().is_none_or(|user| differs(known, user));
    pass.memory.status_fresh = true;
    let audit = (differs || twin.is_some()).then(|| drift(pass, s, user.as_ref(), twin));
    let change = Change {
        edit: Some(Box::new(move |link| {
            link.recheck_at = None;
            if let Some(account) = &mut link.account {
                note(account, user, differs);
            }
            if let Some(late) = late {
                record_proof(link, &late.frozen, late.proof);
            }
        })),
        raise: differs,
        audit,
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

/// The account that a creation made late, when the person has another one by now. It is told in the audit log; what becomes of it is for
/// people to say.
fn twin(late: &Late) -> Option<Json> {
    match (&late.proof, late.frozen.kind) {
        (Applied::User(user), OperationKind::Create) => {
            Some(json!({ "oktaId": user.okta_id, "login": late.frozen.login }))
        }
        _ => None,
    }
}

pub(super) fn note(account: &mut KnownAccount, user: Option<SeenUser>, differs: bool) {
    let Some(user) = user else {
        account.record_gone();
        return;
    };
    let transitioning = user.transitioning_to.is_some();
    if differs {
        account.see_user(user.status, transitioning, user.profile);
    }
    account.roles.knowledge = RoleKnowledge::Unknown;
}

/// Only what we wrote or decide by counts.
pub(super) fn differs(known: &KnownAccount, user: &SeenUser) -> bool {
    known.status != user.status
        || user.transitioning_to.is_some()
        || !diff(&known.profile, &user.profile).is_empty()
}

fn drift(pass: &Pass<'_>, s: &Situation, user: Option<&SeenUser>, twin: Option<Json>) -> Entry {
    let before = s
        .link
        .account
        .as_ref()
        .map(|account| account.status.as_str());
    let after = user.map_or("DELETED", |user| user.status.as_str());
    let mut detail = json!({ "before": before, "after": after });
    if let (Some(twin), Some(detail)) = (twin, detail.as_object_mut()) {
        detail.insert("secondAccount".to_owned(), twin);
    }
    let name = "account.drift";
    let mut entry = Entry::new(pass.ctx.organization, pass.ctx.now(), Actor::Engine, name)
        .app(pass.ctx.hold.app)
        .user(s.facts.account.user_id)
        .detail(detail);
    entry.account = Some(pass.account);
    entry
}

/// A creation that was believed lost may have come to something after all, perhaps under a login that is no longer the wanted one.
async fn recheck_unlinked(
    pass: &mut Pass<'_>,
    s: &Situation,
    late: Option<Late>,
) -> Result<Flow, Stop> {
    if let Some(late) = late
        && let Applied::User(user) = &late.proof
        && reading::known_elsewhere(pass, &user.okta_id)
            .await?
            .is_none()
    {
        return adopt(pass, s, late).await;
    }
    let found = match s.login() {
        None => None,
        Some(login) => match find_login(pass, login).await {
            Ok(user) => user.map(|user| (login.to_owned(), seen::user(user))),
            Err(failure) => return failed(pass, s, failure).await,
        },
    };
    let differs = found.is_some();
    if let Some((login, user)) = found {
        reading::found(pass, s, &login, user, Vec::new()).await?;
    }
    let change = Change {
        edit: Some(Box::new(|link| link.recheck_at = None)),
        raise: differs,
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

/// Records the account that our own request made late.
async fn adopt(pass: &mut Pass<'_>, s: &Situation, late: Late) -> Result<Flow, Stop> {
    forget_what_changed(pass, OperationKind::Create);
    pass.memory.lookup = None;
    let user = match &late.proof {
        Applied::User(user) => Some(user.as_ref()),
        _ => None,
    };
    let audit = drift(pass, s, user, None);
    let change = Change {
        edit: Some(Box::new(move |link| {
            link.recheck_at = None;
            record_proof(link, &late.frozen, late.proof);
        })),
        raise: true,
        audit: Some(audit),
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}
