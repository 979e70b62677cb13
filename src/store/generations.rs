//! Raising the generation of accounts: the only way in which a change reaches the engine. Call it in the transaction of the change.

use entity::{account, app};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, JsonValue as Json,
    QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::pauses::by_now;
use super::{Access as _, Result, Tx};
use crate::domain::account::{AccountState, Urgency, WaitReason};
use crate::random;

/// Which accounts a change may concern.
#[derive(Clone, Debug)]
pub enum Scope {
    /// All accounts of one user, in every app.
    User(Uuid),
    /// The account of one user in one app.
    AppUser {
        /// The app.
        app: Uuid,
        /// The user.
        user: Uuid,
    },
    /// The accounts of one user in every app but this one.
    OtherApps {
        /// The user.
        user: Uuid,
        /// The app that is left out.
        except: Uuid,
    },
    /// All accounts of an app, whose switches, mappings, options or connection changed.
    App(Uuid),
    /// One account, when what Okta holds was seen to differ.
    Account(Uuid),
    /// The accounts of an app that wait for their deletion, when the undo window changed.
    AwaitingDeletion(Uuid),
}

impl Scope {
    /// Whether it is about people, and not about a whole app or about what Okta holds: then an approval is about something else by now.
    const fn is_of_people(&self) -> bool {
        matches!(
            self,
            Self::User(_) | Self::AppUser { .. } | Self::OtherApps { .. }
        )
    }

    fn condition(&self) -> Condition {
        let all = Condition::all();
        match *self {
            Self::User(user) => all.add(account::Column::UserId.eq(user)),
            Self::AppUser { app, user } => all
                .add(account::Column::AppId.eq(app))
                .add(account::Column::UserId.eq(user)),
            Self::OtherApps { user, except } => all
                .add(account::Column::UserId.eq(user))
                .add(account::Column::AppId.ne(except)),
            Self::App(app) => all.add(account::Column::AppId.eq(app)),
            Self::Account(id) => all.add(account::Column::Id.eq(id)),
            Self::AwaitingDeletion(app) => all
                .add(account::Column::AppId.eq(app))
                .add(account::Column::WaitReason.eq(WaitReason::DeletionDelayed.as_str())),
        }
    }
}

/// Raises the generation of every account in `scope` and makes them due at once; whoever was due already keeps his place. `activation` counts as a directory activation or
/// assignment, which alone may wake an account that Okta's people put to sleep (design §2). Answers how many accounts it touched.
///
/// # Errors
/// The database's own.
pub async fn raise(
    tx: &Tx,
    organization: Uuid,
    scope: &Scope,
    activation: bool,
    now: i64,
) -> Result<u64> {
    let urgency = match activation {
        true => by_link(),
        false => at_most_as_urgent(),
    };
    let how = How {
        activation,
        change: None,
        urgency,
    };
    raise_how(tx, organization, scope, how, now).await
}

/// As [`raise`], for people who lose access: they go before everybody else. `change` is the change that takes it away
/// ([`directory_changes`](super::directory_changes)); null for a change to somebody who had none before.
///
/// # Errors
/// The database's own.
pub async fn raise_urgently(
    tx: &Tx,
    organization: Uuid,
    scope: &Scope,
    change: Option<Uuid>,
    now: i64,
) -> Result<u64> {
    let how = How {
        activation: false,
        change,
        urgency: Expr::value(Urgency::Leaving.number()),
    };
    raise_how(tx, organization, scope, how, now).await
}

/// Whoever has no Okta account joins; the others change.
fn by_link() -> SimpleExpr {
    let status = Expr::col(account::Column::OktaStatus);
    CaseStatement::new()
        .case(
            Expr::col(account::Column::OktaId)
                .is_null()
                .or(status.eq("DELETED")),
            Urgency::Joining.number(),
        )
        .finally(Urgency::Changing.number())
        .into()
}

/// Whoever is about to lose access stays as urgent until that is done, whatever else changes.
fn at_most_as_urgent() -> SimpleExpr {
    let leaving = Urgency::Leaving.number();
    CaseStatement::new()
        .case(
            Expr::col(account::Column::Urgency)
                .eq(leaving)
                .and(Expr::col(account::Column::DueAt).is_not_null()),
            leaving,
        )
        .finally(by_link())
        .into()
}

/// As [`raise`] for a whole app, when a switch that may take accounts away was switched on by `change`.
///
/// # Errors
/// The database's own.
pub async fn raise_switched(
    tx: &Tx,
    organization: Uuid,
    app: Uuid,
    change: Uuid,
    now: i64,
) -> Result<u64> {
    let how = How {
        activation: false,
        change: Some(change),
        urgency: at_most_as_urgent(),
    };
    raise_how(tx, organization, &Scope::App(app), how, now).await
}

/// How accounts are raised.
struct How {
    activation: bool,
    /// The change that takes access away; null when none does.
    change: Option<Uuid>,
    urgency: SimpleExpr,
}

async fn raise_how(tx: &Tx, organization: Uuid, scope: &Scope, how: How, now: i64) -> Result<u64> {
    use account::Column;
    let mut update = account::Entity::update_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(scope.condition())
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::DueAt, by_now(now))
        .col_expr(Column::Urgency, how.urgency)
        .col_expr(Column::State, pending())
        .col_expr(Column::ProblemCode, Expr::value(Option::<String>::None))
        .col_expr(Column::ProblemDetail, Expr::value(Option::<Json>::None))
        .col_expr(Column::WaitReason, Expr::value(Option::<String>::None))
        .col_expr(Column::NextAttemptAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Refusals, Expr::value(Option::<Json>::None))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::UpdatedAt, Expr::value(now));
    if how.change.is_some() || scope.is_of_people() {
        // What is on the right is the value before.
        let raised = Expr::col(Column::Generation).add(1);
        update = update.col_expr(Column::ChangedGeneration, raised);
    }
    if how.change.is_some() {
        update = update.col_expr(Column::ChangeId, Expr::value(how.change));
    }
    if how.activation {
        update = update.col_expr(
            Column::ActivationWanted,
            Expr::col(Column::ActivationWanted).add(1),
        );
    }
    Ok(update.exec(tx.connection()).await?.rows_affected)
}

/// A raised account waits for its turn, unless the worker has it in hand just now.
pub(super) fn pending() -> SimpleExpr {
    let in_hand = [AccountState::Running, AccountState::Checking].map(AccountState::as_str);
    let state = Expr::col(account::Column::State);
    CaseStatement::new()
        .case(state.clone().is_in(in_hand), state)
        .finally(AccountState::Pending.as_str())
        .into()
}

/// As [`raise_urgently`], for people who lost the app or were deleted: where deleting is switched off now, the account is only ever
/// released, even if the switch is on by the time Okta is told (design §2).
///
/// # Errors
/// The database's own.
pub async fn raise_ended(
    tx: &Tx,
    organization: Uuid,
    scope: &Scope,
    change: Uuid,
    now: i64,
) -> Result<u64> {
    let keeping: Vec<Uuid> = app::Entity::find()
        .select_only()
        .column(app::Column::Id)
        .filter(app::Column::OrganizationId.eq(organization))
        .filter(app::Column::DeleteUsers.eq(false))
        .into_tuple()
        .all(tx.connection())
        .await?;
    account::Entity::update_many()
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(scope.condition())
        .filter(account::Column::AppId.is_in(keeping))
        .col_expr(account::Column::ReleaseOnly, Expr::value(true))
        .exec(tx.connection())
        .await?;
    raise_urgently(tx, organization, scope, Some(change), now).await
}

/// Makes sure that the user has an account row in the app, then raises it as an assignment. Call it when the app is assigned.
///
/// # Errors
/// The database's own.
pub async fn ensure_and_raise(
    tx: &Tx,
    organization: Uuid,
    app: Uuid,
    user: Uuid,
    now: i64,
) -> Result<()> {
    let row = new_account(organization, app, user, now);
    let there = OnConflict::columns([account::Column::AppId, account::Column::UserId])
        .do_nothing()
        .to_owned();
    account::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    let scope = Scope::AppUser { app, user };
    account::Entity::update_many()
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(scope.condition())
        .col_expr(account::Column::ReleaseOnly, Expr::value(false))
        .col_expr(
            account::Column::DeletionFrom,
            Expr::value(Option::<i64>::None),
        )
        .exec(tx.connection())
        .await?;
    raise(tx, organization, &scope, true, now).await?;
    Ok(())
}

fn new_account(organization: Uuid, app: Uuid, user: Uuid, now: i64) -> account::ActiveModel {
    account::ActiveModel {
        id: Set(random::new_id()),
        organization_id: Set(organization),
        app_id: Set(app),
        user_id: Set(user),
        generation: Set(0),
        applied_generation: Set(0),
        revision: Set(0),
        due_at: Set(Some(now)),
        urgency: Set(Urgency::Joining.number()),
        attempts: Set(0),
        state: Set("NOT_PROVISIONED".to_owned()),
        activation_wanted: Set(0),
        activation_applied: Set(0),
        role_known: Set(true),
        transitioning: Set(false),
        admin_confirmed: Set(false),
        release_only: Set(false),
        changed_generation: Set(0),
        deactivated_by_us: Set(false),
        released: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}
