//! Raising the generation of accounts: the only way in which a change reaches the engine. Call it in the transaction of the change.

use entity::account;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{Access as _, Result, Tx};
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
    /// All accounts of an app, whose switches, mappings, options or connection changed.
    App(Uuid),
    /// One account, when what Okta holds was seen to differ.
    Account(Uuid),
}

impl Scope {
    fn condition(&self) -> Condition {
        let all = Condition::all();
        match *self {
            Self::User(user) => all.add(account::Column::UserId.eq(user)),
            Self::AppUser { app, user } => all
                .add(account::Column::AppId.eq(app))
                .add(account::Column::UserId.eq(user)),
            Self::App(app) => all.add(account::Column::AppId.eq(app)),
            Self::Account(id) => all.add(account::Column::Id.eq(id)),
        }
    }
}

/// Raises the generation of every account in `scope` and makes them due at once. `activation` counts as a directory activation or
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
    use account::Column;
    let mut update = account::Entity::update_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(scope.condition())
        .col_expr(Column::Generation, Expr::col(Column::Generation).add(1))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::DueAt, Expr::value(Some(now)))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::UpdatedAt, Expr::value(now));
    if activation {
        update = update.col_expr(
            Column::ActivationWanted,
            Expr::col(Column::ActivationWanted).add(1),
        );
    }
    Ok(update.exec(tx.connection()).await?.rows_affected)
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
    raise(tx, organization, &Scope::AppUser { app, user }, true, now).await?;
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
        attempts: Set(0),
        state: Set("NOT_PROVISIONED".to_owned()),
        activation_wanted: Set(0),
        activation_applied: Set(0),
        role_known: Set(true),
        foreign_admin: Set(false),
        deactivated_by_us: Set(false),
        released: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}
