//! What the deprovisioning budget is counted from, and the leave of each account to be deactivated or deleted (`domain::deprovisioning`).
//!
//! Whoever decides locks the app first ([`lock`]), so that two accounts never share one place. What was sent is counted in the journal; what
//! was admitted and not sent yet, on the accounts.

use std::collections::HashMap;

use entity::{account, app, operation};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::accounts::{self, Row};
use super::operations::{NewOperation, SENT, SUCCEEDED};
use super::{Access, Error, Result, Tx, import_candidates, rulings};
use crate::domain::account::OktaStatus;
use crate::domain::deprovisioning::{
    Budget, Leave, Removal, Ruling, Verdict, WINDOW_MS, Wish, leave,
};
use crate::domain::plan::OperationKind;

/// How far back rows are read, milliseconds: the window, and as much again for a clock of ours that was set.
const REACH_MS: i64 = 2 * WINDOW_MS;

/// Keeps everybody else from deciding about removals of the app, and from changing its switches, until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx, app: Uuid) -> Result<Option<app::Model>> {
    Ok(app::Entity::find_by_id(app)
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// The budget of an app at `now`. `ahead` is how far Okta's clock is ahead of ours, null where that is not known: with it, a removal only leaves the
/// window when it is a day old by both clocks, so that nothing is gained by setting ours.
///
/// # Errors
/// The database's own.
pub async fn budget(db: &impl Access, app: Uuid, now: i64, ahead: Option<i64>) -> Result<Budget> {
    let mut leaving: HashMap<Uuid, i64> = HashMap::new();
    let mut note = |user: Uuid, at: i64| {
        let leaves = at.saturating_add(WINDOW_MS);
        if leaves > now {
            let known = leaving.entry(user).or_insert(leaves);
            *known = Ord::max(*known, leaves);
        }
    };
    for (user, sent_at, sent_at_okta) in sent(db, app, now).await? {
        let by_okta = ahead.map_or(sent_at, |ahead| sent_at_okta - ahead);
        note(user, Ord::max(sent_at, by_okta));
    }
    for (user, at) in import_candidates::deactivated_in_app(db, app, now - WINDOW_MS).await? {
        note(user, at);
    }
    let admitted = admitted(db, app, now).await?;
    let importing = import_candidates::deactivations_under_way(db, app).await?;
    let live = live(db, app).await?;
    let times = leaving.into_values().collect();
    Ok(Budget::new(live, times, admitted + importing, now))
}

/// Removals that were sent: person, our time, Okta's. The deletion of an account whose deactivation was sent for the same wish, and has left the
/// window, counted then.
async fn sent(db: &impl Access, app: Uuid, now: i64) -> Result<Vec<(Uuid, i64, i64)>> {
    use operation::Column;
    let earlier = "earlier";
    let of_earlier = |column: Column| Expr::col((earlier, column));
    let wish = Query::select()
        .column((account::Entity, account::Column::ChangedGeneration))
        .from(account::Entity)
        .and_where(
            Expr::col((account::Entity, account::Column::Id))
                .equals((operation::Entity, Column::AccountId)),
        )
        .take();
    let deactivated = Query::select()
        .expr(Expr::val(1))
        .from_as(operation::Entity, earlier)
        .and_where(of_earlier(Column::AccountId).equals((operation::Entity, Column::AccountId)))
        .and_where(of_earlier(Column::Kind).eq(OperationKind::Deactivate.as_str()))
        .and_where(of_earlier(Column::Status).eq(SUCCEEDED))
        .and_where(of_earlier(Column::SentAt).lte(now - WINDOW_MS))
        .and_where(of_earlier(Column::Generation).gte(Expr::SubQuery(None, Box::new(wish.into()))))
        .take();
    let counted_then = Expr::col((operation::Entity, Column::Kind))
        .eq(OperationKind::Delete.as_str())
        .and(Expr::exists(deactivated));
    Ok(operation::Entity::find()
        .select_only()
        .column(Column::UserId)
        .column(Column::SentAt)
        .column(Column::SentAtOkta)
        .filter(Column::AppId.eq(app))
        .filter(
            Column::Kind.is_in(
                [OperationKind::Deactivate, OperationKind::Delete].map(OperationKind::as_str),
            ),
        )
        .filter(Column::SentAt.gt(now - REACH_MS))
        .filter(Column::Status.is_in([SENT, SUCCEEDED]))
        .filter(counted_then.not())
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// Removals that were admitted and may still be sent.
async fn admitted(db: &impl Access, app: Uuid, now: i64) -> Result<u64> {
    use account::Column;
    Ok(account::Entity::find()
        .filter(Column::AppId.eq(app))
        .filter(Column::RemovalVerdict.eq(Verdict::Admitted.as_str()))
        .filter(Column::RemovalAt.gt(now - WINDOW_MS))
        .filter(Expr::col(Column::RemovalGeneration).equals(Column::ChangedGeneration))
        .filter(Expr::col(Column::AppliedGeneration).lt(Expr::col(Column::Generation)))
        .count(db.connection())
        .await?)
}

/// Accounts that we manage and that are not deactivated.
async fn live(db: &impl Access, app: Uuid) -> Result<u64> {
    use account::Column;
    let over = [OktaStatus::Deprovisioned, OktaStatus::Deleted];
    Ok(account::Entity::find()
        .filter(Column::AppId.eq(app))
        .filter(Column::Released.eq(false))
        .filter(Column::OktaStatus.is_not_in(over.iter().map(OktaStatus::as_str)))
        .count(db.connection())
        .await?)
}

/// What was decided about the account; null for nothing.
///
/// # Errors
/// [`Error::Corrupt`].
pub fn ruling(row: &Row) -> Result<Option<Ruling>> {
    let (Some(verdict), Some(removal)) = (&row.removal_verdict, &row.removal_kind) else {
        return Ok(None);
    };
    Ok(Some(Ruling {
        verdict: verdict.parse().map_err(|_| corrupt(row.id, verdict))?,
        removal: removal.parse().map_err(|_| corrupt(row.id, removal))?,
        generation: row.removal_generation.unwrap_or_default(),
        change: row.removal_change_id,
        at: row.removal_at.unwrap_or_default(),
    }))
}

pub(super) fn corrupt(row: Uuid, value: &str) -> Error {
    Error::Corrupt {
        table: "account",
        row: row.to_string(),
        what: "removal",
        value: value.to_owned(),
    }
}

/// The removal as it is wanted of this account now.
#[must_use]
pub const fn wish(row: &Row, removal: Removal) -> Wish {
    Wish {
        removal,
        generation: row.changed_generation,
        change: row.change_id,
    }
}

/// Whether an earlier request of the same wish counts in the journal already.
///
/// # Errors
/// The database's own.
pub async fn has_drawn(db: &impl Access, account: Uuid, wish: &Wish) -> Result<bool> {
    use operation::Column;
    let kinds = [OperationKind::Deactivate, OperationKind::Delete].map(OperationKind::as_str);
    let found = operation::Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Kind.is_in(kinds))
        .filter(Column::Status.is_in([SENT, SUCCEEDED]))
        .filter(Column::Generation.gte(wish.generation))
        .count(db.connection())
        .await?;
    Ok(found > 0)
}

/// Whether a request that takes an account away may leave, in the transaction that commits it as sent. The app is locked. False means that it
/// has to be decided anew.
///
/// # Errors
/// The database's own; [`Error::Corrupt`].
pub(super) async fn draw(tx: &Tx, new: &NewOperation) -> Result<bool> {
    let (Some(removal), Some(row)) = (
        Removal::of(new.kind),
        accounts::locked(tx, new.account).await?,
    ) else {
        return Ok(false);
    };
    let wish = wish(&row, removal);
    match leave(ruling(&row)?.as_ref(), &wish, new.sent_at) {
        Leave::Granted => Ok(true),
        Leave::Drawn => has_drawn(tx, new.account, &wish).await,
        Leave::Admitted => {
            let ahead = new.sent_at_okta - new.sent_at;
            let budget = budget(tx, new.app, new.sent_at, Some(ahead)).await?;
            let fits = budget.sent() < budget.limit();
            let verdict = fits.then_some(Verdict::Drawn);
            rulings::set_verdict(&[new.account], verdict, new.sent_at)
                .exec(tx.connection())
                .await?;
            Ok(fits)
        }
        Leave::Held | Leave::Discarded | Leave::Undecided => Ok(false),
    }
}
