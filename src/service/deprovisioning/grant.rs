//! Leave for the worker to take an account away: from the budget, from an administrator, or not yet.

use serde_json::json;
use uuid::Uuid;

use super::Hold;
use crate::domain::deprovisioning::{
    Budget, Decision, HoldReason, HoldStatus, Leave, Removal, Verdict, leave, removal,
};
use crate::domain::plan::Settings;
use crate::random;
use crate::service::{Error, Result};
use crate::store::accounts::{self, Row};
use crate::store::apps::App;
use crate::store::audit::{self, Actor, Entry};
use crate::store::rulings::{self, Member};
use crate::store::{Tx, deprovisioning, deprovisioning_holds, directory_changes};

/// How often somebody who waits for room is looked at again, milliseconds: room may come earlier than foreseen, when others drop out.
const LOOK_AGAIN_MS: i64 = 3_600_000;
/// How long to wait for the end of a bulk job or an import before its size is judged, milliseconds.
const GROWING_MS: i64 = 5_000;

/// A removal for which the worker asks for leave.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The app.
    pub app: Uuid,
    /// The account.
    pub account: Uuid,
    /// The generation that was planned.
    pub generation: i64,
    /// What is planned.
    pub removal: Removal,
    /// How far Okta's clock is ahead of ours, milliseconds; null while that is not known.
    pub ahead: Option<i64>,
    /// The time, epoch milliseconds.
    pub now: i64,
}

/// What the worker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// It may go on.
    Granted,
    /// The account is held, and shown as such; with others, if `many`.
    Held {
        /// Whether other accounts were changed too.
        many: bool,
    },
    /// When the account is held for want of room.
    HeldUntil {
        /// When its turn is expected, epoch milliseconds.
        turn: i64,
        /// When to look again, epoch milliseconds.
        look: i64,
    },
    /// An administrator decided that the account stays.
    Discarded,
    /// The change that it belongs to still goes on: look again at this time, epoch milliseconds.
    NotYet(i64),
    /// The account changed: plan again.
    Superseded,
}

/// Asks for leave. Everything that follows from the answer is written in this transaction, except how the account itself stands.
///
/// # Errors
/// The database's own.
pub async fn grant(tx: &Tx, case: Case) -> Result<Grant> {
    let Some(app) = deprovisioning::lock(tx, case.app).await? else {
        return Ok(Grant::Superseded);
    };
    let app = App::try_from(app)?;
    let row = accounts::locked(tx, case.account).await?;
    let Some(row) = row.filter(|row| row.generation == case.generation) else {
        return Ok(Grant::Superseded);
    };
    let work = Work {
        tx,
        case,
        settings: app.settings,
        organization: app.organization_id,
    };
    let wish = deprovisioning::wish(&row, case.removal);
    match leave(deprovisioning::ruling(&row)?.as_ref(), &wish, case.now) {
        Leave::Granted | Leave::Admitted => Ok(Grant::Granted),
        Leave::Drawn if deprovisioning::has_drawn(tx, row.id, &wish).await? => Ok(Grant::Granted),
        Leave::Discarded => Ok(Grant::Discarded),
        Leave::Held => match work.open_hold(&row).await? {
            Some(hold) => work.held(&row, &hold).await,
            None => work.judge(&row).await,
        },
        Leave::Drawn | Leave::Undecided => work.judge(&row).await,
    }
}

/// Takes an account out of its hold that is not to be taken away any more. Whoever only cannot be taken away just now stays in it: alone, he would
/// find room in the budget that the others did not.
///
/// # Errors
/// The database's own.
pub async fn withdraw(tx: &Tx, app: Uuid, account: Uuid, now: i64) -> Result<()> {
    let Some(locked) = deprovisioning::lock(tx, app).await? else {
        return Ok(());
    };
    let settings = App::try_from(locked)?.settings;
    let Some(row) = accounts::locked(tx, account).await? else {
        return Ok(());
    };
    let subject = rulings::subject(tx, app, &row).await?;
    if subject.is_some_and(|subject| removal(&subject, settings).is_some()) {
        return Ok(());
    }
    if let Some(hold) = row.removal_hold_id {
        deprovisioning_holds::part(tx, hold, account, now).await?;
    }
    Ok(rulings::undecide(tx, account, now).await?)
}

/// One removal to decide about; the app is locked.
struct Work<'a> {
    tx: &'a Tx,
    case: Case,
    settings: Settings,
    organization: Uuid,
}

impl Work<'_> {
    async fn open_hold(&self, row: &Row) -> Result<Option<Hold>> {
        let Some(id) = row.removal_hold_id else {
            return Ok(None);
        };
        let hold = deprovisioning_holds::get(self.tx, id).await?;
        Ok(hold.filter(|hold| hold.status == HoldStatus::Open))
    }

    /// The account at hand. What the plan does first may be less than what the wish comes to in the end.
    async fn member(&self, row: &Row) -> Result<Member> {
        let planned = self.case.removal;
        let subject = rulings::subject(self.tx, self.case.app, row).await?;
        let whole = subject.and_then(|subject| removal(&subject, self.settings));
        Ok(Member {
            account: row.id,
            removal: whole
                .filter(|whole| whole.covers(planned))
                .unwrap_or(planned),
            generation: row.changed_generation,
        })
    }

    async fn budget(&self) -> Result<Budget> {
        let case = &self.case;
        Ok(deprovisioning::budget(self.tx, case.app, case.now, case.ahead).await?)
    }

    /// Somebody who is held stays so, unless he waits for room and there is some.
    async fn held(&self, row: &Row, hold: &Hold) -> Result<Grant> {
        let (tx, now, member) = (self.tx, self.case.now, self.member(row).await?);
        let waits = hold.reason == HoldReason::BudgetSpent;
        if waits && self.budget().await?.decide(1) == Decision::Admit {
            deprovisioning_holds::part(tx, hold.id, row.id, now).await?;
            rulings::decide(tx, &[member], Verdict::Admitted, None, now).await?;
            return Ok(Grant::Granted);
        }
        let ruling = deprovisioning::ruling(row)?;
        let same = ruling.is_some_and(|ruling| {
            ruling.generation == member.generation && ruling.removal.covers(member.removal)
        });
        if !same {
            self.hold(hold.id, &[member]).await?;
        }
        match waits {
            true => self.turn(row, hold.id).await,
            false => Ok(Grant::Held { many: false }),
        }
    }

    async fn hold(&self, hold: Uuid, members: &[Member]) -> Result<()> {
        let now = self.case.now;
        deprovisioning_holds::join(self.tx, hold, members, now).await?;
        rulings::decide(self.tx, members, Verdict::Held, Some(hold), now).await?;
        Ok(())
    }

    async fn turn(&self, row: &Row, hold: Uuid) -> Result<Grant> {
        let ahead = deprovisioning_holds::ahead_of(self.tx, hold, row.id).await?;
        let (now, soon) = (self.case.now, self.case.now + LOOK_AGAIN_MS);
        let turn = self.budget().await?.turn(ahead).unwrap_or(now);
        // By Okta's clock it may be a little later than by ours.
        let look = turn.clamp(now + 1_000, soon);
        Ok(Grant::HeldUntil {
            turn: turn.max(look),
            look,
        })
    }

    /// Decides about everybody whom the change takes away, this account among them.
    async fn judge(&self, row: &Row) -> Result<Grant> {
        let (tx, now) = (self.tx, self.case.now);
        if let Some(change) = row.change_id
            && directory_changes::goes_on(tx, change).await?
        {
            return Ok(Grant::NotYet(now + GROWING_MS));
        }
        let members = self.members(row).await?;
        match self.budget().await?.decide(members.len() as u64) {
            Decision::Admit => {
                rulings::decide(tx, &members, Verdict::Admitted, None, now).await?;
                Ok(Grant::Granted)
            }
            Decision::HoldWhole => {
                let hold = self
                    .open(HoldReason::TooManyAtOnce, row, members.len())
                    .await?;
                self.hold(hold, &members).await?;
                deprovisioning_holds::show_all(tx, &members, now).await?;
                Ok(Grant::Held { many: true })
            }
            Decision::Wait => {
                let hold = match deprovisioning_holds::waiting(tx, self.case.app).await? {
                    Some(hold) => hold.id,
                    None => self.open(HoldReason::BudgetSpent, row, 1).await?,
                };
                self.hold(hold, &members).await?;
                self.turn(row, hold).await
            }
        }
    }

    /// Everybody whom the change takes away and about whom nothing was decided yet, this account always.
    async fn members(&self, row: &Row) -> Result<Vec<Member>> {
        let mut members = vec![self.member(row).await?];
        let Some(change) = row.change_id else {
            return Ok(members);
        };
        for other in rulings::concerned(self.tx, self.case.app, change).await? {
            let Some(removal) = removal(&other.subject, self.settings) else {
                continue;
            };
            let wish = deprovisioning::wish(&other.row, removal);
            let ruling = deprovisioning::ruling(&other.row)?;
            let open = match leave(ruling.as_ref(), &wish, self.case.now) {
                Leave::Undecided => true,
                Leave::Drawn => !deprovisioning::has_drawn(self.tx, other.row.id, &wish).await?,
                _ => false,
            };
            if open && other.row.id != row.id {
                members.push(Member {
                    account: other.row.id,
                    removal,
                    generation: other.row.changed_generation,
                });
            }
        }
        Ok(members)
    }

    async fn open(&self, reason: HoldReason, row: &Row, accounts: usize) -> Result<Uuid> {
        let now = self.case.now;
        let change = match (reason, row.change_id) {
            (HoldReason::TooManyAtOnce, Some(id)) => directory_changes::find(self.tx, id).await?,
            _ => None,
        };
        let hold = Hold {
            id: random::new_id(),
            organization_id: self.organization,
            app_id: self.case.app,
            reason,
            cause: change.map(|change| change.cause),
            caused_by: change.and_then(|change| change.user_id),
            status: HoldStatus::Open,
            version: 0,
            decided_by: None,
            decided_at: None,
            created_at: now,
        };
        deprovisioning_holds::insert(self.tx, &hold).await?;
        let detail = json!({
            "hold": hold.id, "reason": reason, "cause": hold.cause, "causedBy": hold.caused_by, "accounts": accounts,
        });
        let name = "deprovisioningHold.open";
        let entry = Entry::new(self.organization, now, Actor::Engine, name)
            .app(self.case.app)
            .detail(detail);
        audit::record(self.tx, entry).await?;
        Ok::<_, Error>(hold.id)
    }
}
