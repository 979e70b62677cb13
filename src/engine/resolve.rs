//! Operations whose outcome is unknown: Okta is read until the domain's rules say what happened; nothing is repeated before.

use okta_client::Call;

use super::act::act;
use super::context::Stop;
use super::execute::record_proof;
use super::executor::Open;
use super::frozen::Frozen;
use super::operate::{Sent, fence, forget_what_changed, refusal_flow, send};
use super::pass::{Change, Flow, Pass, Situation};
use super::pause;
use super::reading::{self, Failure, find_login};
use super::seen;
use super::sessions::Session;
use crate::domain::account::AccountState;
use crate::domain::link::LinkReason;
use crate::domain::plan::OperationKind;
use crate::domain::resolve::{Applied, FrozenRequest, Read, Reading, Seen, SeenUser};
use crate::store::accounts::Standing;
use crate::store::operations::{self, ABANDONED, Ending, NO_EFFECT, SUCCEEDED, Sending};

/// An open row with everything that its verdict depends on.
pub(super) struct Case {
    row: operations::Row,
    frozen: Frozen,
    /// The frozen request, with its times.
    request: FrozenRequest,
    readings: Vec<Reading>,
}

impl Case {
    pub(super) fn open(&self) -> Open<'_> {
        Open {
            request: &self.request,
            readings: &self.readings,
            generation: self.row.generation,
        }
    }

    const fn sending(&self) -> Sending {
        Sending {
            operation: self.row.id,
            kind: self.frozen.kind,
            attempt: self.row.attempt,
        }
    }
}

/// The account's open operation, if it has one.
pub(super) fn open_case(pass: &Pass<'_>, s: &Situation) -> Result<Option<Case>, Stop> {
    s.open.clone().map(|row| thaw(pass, row)).transpose()
}

fn thaw(pass: &Pass<'_>, row: operations::Row) -> Result<Case, Stop> {
    let corrupt = |what: &'static str, error: serde_json::Error| crate::store::Error::Corrupt {
        table: "operation",
        row: row.id.to_string(),
        what,
        value: error.to_string(),
    };
    let frozen: Frozen =
        serde_json::from_value(row.request.clone()).map_err(|error| corrupt("request", error))?;
    let readings =
        serde_json::from_value(row.reads.clone()).map_err(|error| corrupt("readings", error))?;
    // Sent before Okta's clock was ever seen: by now it is.
    let sent_at = match row.sent_at == row.sent_at_okta {
        true => row.sent_at_okta.min(pass.ctx.gateway.to_okta(row.sent_at)),
        false => row.sent_at_okta,
    };
    Ok(Case {
        request: frozen.request(sent_at),
        row,
        frozen,
        readings,
    })
}

/// Nothing can be said before a time of Okta's.
pub(super) async fn keep_checking(
    pass: &Pass<'_>,
    s: &Situation,
    case: &Case,
    at: i64,
    read: &Read,
) -> Result<Flow, Stop> {
    let at = pass.ctx.gateway.to_ours(at);
    tracing::debug!(account = %pass.account, operation = %case.row.id, ?read, at, "the outcome is still unknown");
    let standing = Standing {
        state: AccountState::Checking,
        problem: None,
        wait: None,
        next_attempt_at: Some(at),
        due_at: Some(at),
        attempts: s.facts.account.attempts,
        applied: false,
        activation_applied: None,
    };
    let change = Change {
        standing: Some(standing),
        ..Change::default()
    };
    pass.after(s, change).await
}

/// Reads once and keeps what it showed.
pub(super) async fn read_once(
    pass: &mut Pass<'_>,
    s: &Situation,
    mut case: Case,
    read: Read,
) -> Result<Flow, Stop> {
    let asked_at = pass.ctx.now();
    let seen = match look(pass, &read).await {
        Ok(seen) => seen,
        Err(Failure::NotNow(why)) => return pass.not_now(s, why).await,
        Err(Failure::Okta(error)) => return reading::failed(pass, s, &error).await,
    };
    let at = pass.ctx.gateway.to_okta(asked_at);
    case.readings.push(Reading { at, seen });
    let reads = serde_json::to_value(&case.readings).unwrap_or_default();
    let (ctx, sending) = (pass.ctx, case.sending());
    ctx.services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            operations::keep_readings(&tx, sending, reads).await?;
            Ok::<_, Stop>(())
        })
        .await?;
    Ok(Flow::Again)
}

/// Reads what may tell of a request.
pub(super) async fn look(pass: &Pass<'_>, read: &Read) -> Result<Seen, Failure> {
    let gateway = &pass.ctx.gateway;
    match read {
        Read::UserByLogin(login) => {
            Ok(user_or_none(find_login(pass, login).await?.map(seen::user)))
        }
        Read::UserById(id) => {
            let permit = gateway.permit(Call::GetUser).await;
            let answer = gateway
                .call(
                    permit.map_err(Failure::NotNow)?,
                    async |session: &Session| session.client.users(&session.auth).get(id).await,
                )
                .await;
            match answer {
                Ok(answer) => Ok(user_or_none(Some(seen::user(answer.value)))),
                Err(error) if error.is_not_found() => Ok(Seen::NoUser),
                Err(error) => Err(Failure::Okta(error)),
            }
        }
        Read::Roles(id) => {
            let permit = gateway.permit(Call::ListRoles).await;
            let answer = gateway
                .call(
                    permit.map_err(Failure::NotNow)?,
                    async |session: &Session| session.client.roles(&session.auth).list(id).await,
                )
                .await;
            match answer {
                Ok(answer) => Ok(Seen::Roles(seen::roles(&answer.value))),
                Err(error) if error.is_not_found() => Ok(Seen::NoUser),
                Err(error) => Err(Failure::Okta(error)),
            }
        }
    }
}

fn user_or_none(user: Option<SeenUser>) -> Seen {
    user.map_or(Seen::NoUser, |user| Seen::User(Box::new(user)))
}

fn closing(case: &Case, status: &'static str) -> Change {
    let ending = Ending {
        status,
        error_code: (status == ABANDONED).then(|| NO_EFFECT.to_owned()),
        ..Ending::default()
    };
    Change {
        closing: Some((case.sending(), ending)),
        ..Change::default()
    }
}

/// It had its effect. If another process sent it, the account is read once more later: that process may still be at it.
pub(super) async fn applied(
    pass: &mut Pass<'_>,
    s: &Situation,
    case: Case,
    proof: Applied,
) -> Result<Flow, Stop> {
    if let (OperationKind::Create, Applied::User(user)) = (case.frozen.kind, &proof)
        && reading::known_elsewhere(pass, &user.okta_id)
            .await?
            .is_some()
    {
        // Another person of ours was linked to it meanwhile: one Okta account cannot be both of theirs.
        let user = (**user).clone();
        return suspect(pass, s, case, user).await;
    }
    let mut change = closing(&case, SUCCEEDED);
    let taken_over = case.row.lease_epoch != pass.ctx.hold.epoch;
    let recheck_at = pass.ctx.now() + pass.ctx.config.times.recheck_after_ms;
    let sent = Sent {
        id: case.row.id,
        frozen: case.frozen,
        attempt: case.row.attempt,
    };
    change.audit = Some(act(pass, s, &sent, None));
    forget_what_changed(pass, sent.frozen.kind);
    change.edit = Some(Box::new(move |link| {
        record_proof(link, &sent.frozen, proof);
        if taken_over {
            link.recheck_at = Some(recheck_at);
        }
    }));
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

/// Okta no longer has the user.
pub(super) async fn user_gone(
    pass: &mut Pass<'_>,
    s: &Situation,
    case: Case,
) -> Result<Flow, Stop> {
    forget_what_changed(pass, case.frozen.kind);
    let mut change = closing(&case, ABANDONED);
    change.edit = Some(Box::new(|link| {
        if let Some(account) = &mut link.account {
            account.record_gone();
        }
    }));
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

/// An account with our login came up that may be another's: somebody has to look at it.
pub(super) async fn suspect(
    pass: &mut Pass<'_>,
    s: &Situation,
    case: Case,
    user: SeenUser,
) -> Result<Flow, Stop> {
    let login = case.frozen.login.clone().unwrap_or_default();
    reading::found(pass, s, &login, user, vec![LinkReason::MadeByOthers]).await?;
    pass.commit(s, closing(&case, ABANDONED)).await?;
    Ok(Flow::Again)
}

/// It had no effect, and something else is to be done by now: keep what was read, and look again later for a late effect.
pub(super) async fn plan_again(
    pass: &mut Pass<'_>,
    s: &Situation,
    case: Case,
    recheck_at: i64,
) -> Result<Flow, Stop> {
    let recheck_at = pass.ctx.gateway.to_ours(recheck_at);
    forget_what_changed(pass, case.frozen.kind);
    let mut change = closing(&case, ABANDONED);
    let last = case.readings.into_iter().next_back();
    change.edit = Some(Box::new(move |link| {
        link.recheck_at = Some(recheck_at);
        let Some(account) = &mut link.account else {
            return;
        };
        match last.map(|reading| reading.seen) {
            Some(Seen::User(user)) if user.okta_id == account.okta_id => {
                let transitioning = user.transitioning_to.is_some();
                account.see_user(user.status, transitioning, user.profile);
            }
            Some(Seen::Roles(roles)) => account.see_roles(&roles),
            _ => {}
        }
    }));
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

/// It had no effect: the identical request leaves once more, under the same conditions as any.
pub(super) async fn send_again(
    pass: &mut Pass<'_>,
    s: &Situation,
    case: Case,
    without_email: bool,
    recheck_at: i64,
) -> Result<Flow, Stop> {
    let Some(call) = case.frozen.call() else {
        return plan_again(pass, s, case, recheck_at).await;
    };
    let permit = match pass.ctx.gateway.permit(call).await {
        Ok(permit) => permit,
        Err(why) => return pass.not_now(s, why).await,
    };
    let mut frozen = case.frozen.clone();
    frozen.first_sent_okta.get_or_insert(case.request.sent_at);
    if without_email {
        frozen.send_email = Some(false);
    }
    let recheck_ours = pass.ctx.gateway.to_ours(recheck_at);
    match commit_again(pass, s, &case, &frozen, recheck_ours).await {
        Ok(Ok(())) => {
            let sent = Sent {
                id: case.row.id,
                frozen,
                attempt: case.row.attempt + 1,
            };
            send(pass, s, permit, sent).await
        }
        refused => {
            pass.ctx.gateway.unused(&permit);
            match refused? {
                Err(operations::Refused::Superseded) => Ok(Flow::Again),
                Err(operations::Refused::Paused) => pause::stop_here(pass, s).await,
                Err(refused) => refusal_flow(refused),
                Ok(()) => Ok(Flow::Again),
            }
        }
    }
}

async fn commit_again(
    pass: &Pass<'_>,
    s: &Situation,
    case: &Case,
    frozen: &Frozen,
    recheck_at: i64,
) -> Result<Result<(), operations::Refused>, Stop> {
    let request = serde_json::to_value(frozen).unwrap_or_default();
    let (fence, id, account) = (fence(pass, s), case.row.id, pass.account);
    let (now, okta_now) = (pass.ctx.now(), pass.ctx.gateway.okta_now());
    let org = pass.ctx.gateway.okta_org;
    let outcome = pass
        .ctx
        .services
        .store
        .transaction(|tx| async move {
            let sent = operations::send_again(&tx, &fence, id, request, now, okta_now).await?;
            if sent.is_err() {
                return Ok(sent);
            }
            if let Some(row) = crate::store::accounts::locked(&tx, account).await? {
                let mut link = crate::store::account_links::read(&row, None)?;
                link.recheck_at = Some(recheck_at);
                crate::store::account_links::write(&tx, row, org, &link, now).await?;
            }
            let running = AccountState::Running;
            crate::store::accounts::show(&tx, account, fence.generation, running, now).await?;
            Ok::<_, Stop>(sent)
        })
        .await?;
    pass.ctx.tell(account);
    Ok(outcome)
}
