//! The journal: each call that changes Okta is committed as `SENT` before it leaves, on condition that nothing speaks against it by
//! then, and closed together with what it changed.

use entity::{app, app_lease, okta_org, operation};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait, FromQueryResult, JoinType, JsonValue as Json,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, UpdateMany,
};
use uuid::Uuid;

use super::leases::{Hold, holds};
use super::{Access, Result, Tx, accounts, deprovisioning};
use crate::domain::connection::ConnectionStatus;
use crate::domain::plan::OperationKind;

/// A row of the journal.
pub use entity::operation::Model as Row;

/// Status of a row whose outcome is open.
pub const SENT: &str = "SENT";
/// Status of a row that had its effect.
pub const SUCCEEDED: &str = "SUCCEEDED";
/// Status of a row that Okta refused.
pub const FAILED: &str = "FAILED";
/// Status of a row that had no effect and is not sent again.
pub const ABANDONED: &str = "ABANDONED";
/// Code of an abandoned row of which reading showed no effect.
pub const NO_EFFECT: &str = "NO_EFFECT";
/// Rows that [`lost`] looks back at: more than one account loses within minutes.
const MAX_LOST: u64 = 5;

/// A row to write.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// Its id.
    pub id: Uuid,
    /// The tenant.
    pub organization: Uuid,
    /// The app.
    pub app: Uuid,
    /// The account.
    pub account: Uuid,
    /// The account's person.
    pub user: Uuid,
    /// The connection.
    pub okta_org: Uuid,
    /// What is done.
    pub kind: OperationKind,
    /// The generation that it was planned from.
    pub generation: i64,
    /// The frozen request.
    pub request: Json,
    /// When it is sent, our clock.
    pub sent_at: i64,
    /// When it is sent, Okta's clock.
    pub sent_at_okta: i64,
}

/// Why a request may not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another process works the app by now.
    LeaseLost,
    /// The app was removed, or its connection changed or is left alone.
    OutOfUse,
    /// An administrator paused the app.
    Paused,
    /// The generation was raised: plan again.
    Superseded,
    /// An earlier request is still open: resolve it first.
    Open,
    /// A request of the person who is to lose the Okta account is still open.
    HolderBusy,
    /// It would take an account away for which there is no leave: see `deprovisioning`.
    NoLeave,
}

/// What is checked before a request leaves.
#[derive(Clone, Copy, Debug)]
pub struct Fence {
    /// Our lease.
    pub hold: Hold,
    /// The account.
    pub account: Uuid,
    /// The generation that was planned.
    pub generation: i64,
    /// The connection that was planned for.
    pub okta_org: Uuid,
}

/// The account's open row; null when it has none.
///
/// # Errors
/// The database's own.
pub async fn open(access: &impl Access, account: Uuid) -> Result<Option<Row>> {
    Ok(operation::Entity::find()
        .filter(operation::Column::AccountId.eq(account))
        .filter(operation::Column::Status.eq(SENT))
        .one(access.connection())
        .await?)
}

/// What a request stands on besides its account.
#[derive(FromQueryResult)]
struct Ground {
    epoch: i64,
    holder: Option<Uuid>,
    app_status: String,
    paused_at: Option<i64>,
    org_status: String,
    archived_at: Option<i64>,
}

/// The lease, the app and the connection, which nobody changes before the transaction ends; null when one of them is gone.
async fn ground(tx: &Tx, fence: &Fence) -> Result<Option<Ground>> {
    let app = app_lease::Entity::belongs_to(app::Entity)
        .from(app_lease::Column::AppId)
        .to(app::Column::Id);
    let org = app::Entity::belongs_to(okta_org::Entity)
        .from(app::Column::Id)
        .to(okta_org::Column::AppId);
    let query = app_lease::Entity::find()
        .select_only()
        .column(app_lease::Column::Epoch)
        .column(app_lease::Column::Holder)
        .column_as(app::Column::Status, "app_status")
        .column(app::Column::PausedAt)
        .column_as(okta_org::Column::Status, "org_status")
        .column(okta_org::Column::ArchivedAt)
        .join(JoinType::InnerJoin, app.into())
        .join(JoinType::InnerJoin, org.into())
        .filter(app_lease::Column::AppId.eq(fence.hold.app))
        .filter(okta_org::Column::Id.eq(fence.okta_org))
        .lock_shared();
    Ok(query.into_model().one(tx.connection()).await?)
}

/// Whether a request may leave; what it checks stays so until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn check(tx: &Tx, fence: &Fence) -> Result<std::result::Result<(), Refused>> {
    let Some(ground) = ground(tx, fence).await? else {
        return Ok(Err(match holds(tx, fence.hold).await? {
            true => Refused::OutOfUse,
            false => Refused::LeaseLost,
        }));
    };
    if ground.epoch != fence.hold.epoch || ground.holder.is_none() {
        return Ok(Err(Refused::LeaseLost));
    }
    let works = ground.app_status == "ACTIVE"
        && ground.org_status == ConnectionStatus::Connected.as_str()
        && ground.archived_at.is_none();
    if !works {
        return Ok(Err(Refused::OutOfUse));
    }
    if ground.paused_at.is_some() {
        return Ok(Err(Refused::Paused));
    }
    let current = accounts::locked(tx, fence.account)
        .await?
        .is_some_and(|account| account.generation == fence.generation);
    Ok(if current {
        Ok(())
    } else {
        Err(Refused::Superseded)
    })
}

/// Commits a new request as `SENT`, unless something speaks against it.
///
/// # Errors
/// The database's own.
pub async fn send(
    tx: &Tx,
    fence: &Fence,
    new: NewOperation,
) -> Result<std::result::Result<(), Refused>> {
    let destructive = new.kind.is_destructive();
    if destructive {
        deprovisioning::lock(tx, new.app).await?;
    }
    if let Err(refused) = check(tx, fence).await? {
        return Ok(Err(refused));
    }
    if open(tx, fence.account).await?.is_some() {
        return Ok(Err(Refused::Open));
    }
    if destructive && !deprovisioning::draw(tx, &new).await? {
        return Ok(Err(Refused::NoLeave));
    }
    insert(tx, fence.hold, new, SENT, None).await?;
    Ok(Ok(()))
}

/// Records an act that needed no call.
///
/// # Errors
/// The database's own.
pub async fn record_done(tx: &Tx, hold: Hold, new: NewOperation) -> Result<()> {
    let at = new.sent_at;
    insert(tx, hold, new, SUCCEEDED, Some(at)).await
}

async fn insert(
    tx: &Tx,
    hold: Hold,
    new: NewOperation,
    status: &str,
    resolved_at: Option<i64>,
) -> Result<()> {
    let row = operation::ActiveModel {
        id: Set(new.id),
        organization_id: Set(new.organization),
        app_id: Set(new.app),
        account_id: Set(new.account),
        user_id: Set(new.user),
        okta_org_id: Set(new.okta_org),
        kind: Set(new.kind.to_string()),
        generation: Set(new.generation),
        status: Set(status.to_owned()),
        request: Set(new.request),
        lease_epoch: Set(hold.epoch),
        attempt: Set(1),
        outcome_unknown: Set(false),
        reads: Set(Json::Array(Vec::new())),
        sent_at: Set(new.sent_at),
        sent_at_okta: Set(new.sent_at_okta),
        resolved_at: Set(resolved_at),
        created_at: Set(new.sent_at),
        ..Default::default()
    };
    operation::Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Commits that the request of an open row leaves once more, unless something speaks against it.
///
/// # Errors
/// The database's own.
pub async fn send_again(
    tx: &Tx,
    fence: &Fence,
    id: Uuid,
    request: Json,
    sent_at: i64,
    sent_at_okta: i64,
) -> Result<std::result::Result<(), Refused>> {
    use operation::Column;
    if let Err(refused) = check(tx, fence).await? {
        return Ok(Err(refused));
    }
    let changed = operation::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(SENT))
        .col_expr(Column::Attempt, Expr::col(Column::Attempt).add(1))
        .col_expr(Column::OutcomeUnknown, Expr::value(false))
        .col_expr(Column::Reads, Expr::value(Json::Array(Vec::new())))
        .col_expr(Column::Request, Expr::value(request))
        .col_expr(Column::LeaseEpoch, Expr::value(fence.hold.epoch))
        .col_expr(Column::Generation, Expr::value(fence.generation))
        .col_expr(Column::SentAt, Expr::value(sent_at))
        .col_expr(Column::SentAtOkta, Expr::value(sent_at_okta))
        .exec(tx.connection())
        .await?;
    Ok(if changed.rows_affected == 1 {
        Ok(())
    } else {
        Err(Refused::Superseded)
    })
}

/// One sending of an open row. What comes of it says nothing of a later one, which a process that took over may have made meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The row.
    pub operation: Uuid,
    /// What it does.
    pub kind: OperationKind,
    /// How often it was sent by then.
    pub attempt: i32,
}

impl Sending {
    /// The row, while it is open and was not sent again since.
    fn update(self) -> UpdateMany<operation::Entity> {
        use operation::Column;
        operation::Entity::update_many()
            .filter(Column::Id.eq(self.operation))
            .filter(Column::Status.eq(SENT))
            .filter(Column::Attempt.eq(self.attempt))
    }
}

/// Marks the outcome of a sending as unknown. What was read since it was sent stays. False when the row is closed, or was sent again.
///
/// # Errors
/// The database's own.
pub async fn mark_unknown(tx: &Tx, sending: Sending) -> Result<bool> {
    let changed = sending
        .update()
        .col_expr(operation::Column::OutcomeUnknown, Expr::value(true))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// As [`mark_unknown`], and keeps what was read since it was sent.
///
/// # Errors
/// The database's own.
pub async fn keep_readings(tx: &Tx, sending: Sending, reads: Json) -> Result<bool> {
    use operation::Column;
    let changed = sending
        .update()
        .col_expr(Column::OutcomeUnknown, Expr::value(true))
        .col_expr(Column::Reads, Expr::value(reads))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Requests of an account that were believed to have had no effect, since a time of ours, the newest first.
///
/// # Errors
/// The database's own.
pub async fn lost(access: &impl Access, account: Uuid, since: i64) -> Result<Vec<Row>> {
    use operation::Column;
    Ok(operation::Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.eq(ABANDONED))
        .filter(Column::ErrorCode.eq(NO_EFFECT))
        .filter(Column::ResolvedAt.gte(since))
        .order_by_desc(Column::Id)
        .limit(MAX_LOST)
        .all(access.connection())
        .await?)
}

/// Requests of an account that had their effect, as known since a time of ours, the newest first.
///
/// # Errors
/// The database's own.
pub async fn done_since(access: &impl Access, account: Uuid, since: i64) -> Result<Vec<Row>> {
    use operation::Column;
    Ok(operation::Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.eq(SUCCEEDED))
        .filter(Column::ResolvedAt.gt(since))
        .order_by_desc(Column::Id)
        .all(access.connection())
        .await?)
}

/// Closes every open row of a connection that is out of use: nothing can be learnt about them any more. Answers them as they were.
///
/// # Errors
/// The database's own.
pub async fn abandon_all(tx: &Tx, okta_org: Uuid, now: i64) -> Result<Vec<Row>> {
    use operation::Column;
    let open = operation::Entity::find()
        .filter(Column::OktaOrgId.eq(okta_org))
        .filter(Column::Status.eq(SENT))
        .lock_exclusive()
        .all(tx.connection())
        .await?;
    operation::Entity::update_many()
        .filter(Column::OktaOrgId.eq(okta_org))
        .filter(Column::Status.eq(SENT))
        .col_expr(Column::Status, Expr::value(ABANDONED))
        .col_expr(Column::ResolvedAt, Expr::value(Some(now)))
        .col_expr(Column::ErrorCode, Expr::value(Some("CONNECTION_CHANGED")))
        .exec(tx.connection())
        .await?;
    Ok(open)
}

/// How a row ends.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// [`SUCCEEDED`], [`FAILED`] or [`ABANDONED`].
    pub status: &'static str,
    /// `X-Okta-Request-Id` of the answer.
    pub okta_request_id: Option<String>,
    /// Okta's code, or ours.
    pub error_code: Option<String>,
    /// What Okta said; for people.
    pub error_message: Option<String>,
}

/// Closes an open row. False when it is closed already, or was sent again: then whoever did that records the outcome.
///
/// # Errors
/// The database's own.
pub async fn close(tx: &Tx, sending: Sending, ending: Ending, now: i64) -> Result<bool> {
    use operation::Column;
    let changed = sending
        .update()
        .col_expr(Column::Status, Expr::value(ending.status))
        .col_expr(Column::ResolvedAt, Expr::value(Some(now)))
        .col_expr(Column::OktaRequestId, Expr::value(ending.okta_request_id))
        .col_expr(Column::ErrorCode, Expr::value(ending.error_code))
        .col_expr(Column::ErrorMessage, Expr::value(ending.error_message))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}
