//! A second look, some time after an outcome was unknown: a request that was believed lost may land late (design §3).

use okta_client::Call;

use super::context::Stop;
use super::pass::{Change, Flow, Pass, Situation};
use super::reading::{self, Failure, find_login};
use super::seen;
use super::sessions::Session;
use crate::domain::account::OktaStatus;
use crate::domain::mapping::diff;
use crate::domain::plan::{KnownAccount, RoleKnowledge};
use crate::domain::resolve::SeenUser;
use crate::store::audit::{Actor, Entry};

/// Whether the account is to be read once more now.
pub(super) fn is_due(pass: &Pass<'_>, s: &Situation) -> bool {
    s.link.recheck_at.is_some_and(|at| at <= pass.ctx.now())
}

/// Reads the account once more. What differs from what is known raises its generation.
pub(super) async fn recheck(pass: &mut Pass<'_>, s: &Situation) -> Result<Flow, Stop> {
    match &s.link.account {
        Some(account) if account.status != OktaStatus::Deleted => {
            recheck_linked(pass, s, account).await
        }
        _ => recheck_unlinked(pass, s).await,
    }
}

async fn recheck_linked(
    pass: &mut Pass<'_>,
    s: &Situation,
    known: &KnownAccount,
) -> Result<Flow, Stop> {
    let permit = match pass.ctx.gateway.permit(Call::GetUser).await {
        Ok(permit) => permit,
        Err(why) => return pass.not_now(s, why).await,
    };
    let id = known.okta_id.as_str();
    let answer = pass
        .ctx
        .gateway
        .call(permit, async |session: &Session| {
            session.client.users(&session.auth).get(id).await
        })
        .await;
    let user = match answer {
        Ok(answer) => Some(seen::user(answer.value)),
        Err(error) if error.is_not_found() => None,
        Err(error) => return reading::failed(pass, s, &error).await,
    };
    let differs = user.as_ref().is_none_or(|user| differs(known, user));
    record(pass, s, user, differs).await
}

/// Only what we wrote or decide by counts.
fn differs(known: &KnownAccount, user: &SeenUser) -> bool {
    known.status != user.status
        || user.transitioning_to.is_some()
        || !diff(&known.profile, &user.profile).is_empty()
}

async fn record(
    pass: &mut Pass<'_>,
    s: &Situation,
    user: Option<SeenUser>,
    differs: bool,
) -> Result<Flow, Stop> {
    pass.memory.status_fresh = true;
    let audit = differs.then(|| drift(pass, s, user.as_ref()));
    let change = Change {
        edit: Some(Box::new(move |link| {
            link.recheck_at = None;
            let Some(account) = &mut link.account else {
                return;
            };
            match user {
                None => account.record_gone(),
                Some(user) => {
                    let transitioning = user.transitioning_to.is_some();
                    if differs {
                        account.see_user(user.status, transitioning, user.profile);
                    }
                    account.roles.knowledge = RoleKnowledge::Unknown;
                }
            }
        })),
        raise: differs,
        audit,
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

fn drift(pass: &Pass<'_>, s: &Situation, user: Option<&SeenUser>) -> Entry {
    let before = s
        .link
        .account
        .as_ref()
        .map(|account| account.status.as_str());
    let after = user.map_or("DELETED", |user| user.status.as_str());
    let detail = serde_json::json!({ "before": before, "after": after });
    let name = "account.drift";
    let mut entry = Entry::new(pass.ctx.organization, pass.ctx.now(), Actor::Engine, name)
        .app(pass.ctx.hold.app)
        .user(s.facts.account.user_id)
        .detail(detail);
    entry.account = Some(pass.account);
    entry
}

/// A creation that was believed lost may have come to something after all.
async fn recheck_unlinked(pass: &mut Pass<'_>, s: &Situation) -> Result<Flow, Stop> {
    let found = match s.login() {
        None => None,
        Some(login) => match find_login(pass, login).await {
            Ok(user) => user.map(|user| (login.to_owned(), seen::user(user))),
            Err(Failure::NotNow(why)) => return pass.not_now(s, why).await,
            Err(Failure::Okta(error)) => return reading::failed(pass, s, &error).await,
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
