//! Journeys of a browser to Okta and back. Secrets of the journey are found by their hashes only.

use entity::okta_authorization::{self, Column};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{Access, Error, Result, Tx};
use crate::domain::connection::{AuthorizationStatus, ConnectionProblem};

/// A journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The journey.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app being connected.
    pub app_id: Uuid,
    /// The connection being authorized.
    pub okta_org_id: Uuid,
    /// The directory user who started it.
    pub started_by: Uuid,
    /// The personal access token that whoever started it came with.
    pub token_id: Option<Uuid>,
    /// What the session that started it may do at most, as `service::ceiling` keeps it; null for no bound.
    pub ceiling: Option<serde_json::Value>,
    /// How it ended; `Pending` also when its time ran out unnoticed.
    pub status: AuthorizationStatus,
    /// SHA-256 of the OAuth `state`.
    pub state_hash: Vec<u8>,
    /// SHA-256 of the browser's cookie; `None` until the browser came to the start address.
    pub cookie_hash: Option<Vec<u8>>,
    /// Sealed address in Okta, PKCE verifier and nonce; column `verifier_sealed`.
    pub verifier_sealed: Vec<u8>,
    /// Where the browser goes afterwards; `None` shows our own page.
    pub return_to: Option<String>,
    /// Why it came to nothing.
    pub problem: Option<ConnectionProblem>,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// After this time it counts for nothing, epoch milliseconds.
    pub expires_at: i64,
    /// When it ended, epoch milliseconds.
    pub completed_at: Option<i64>,
}

impl TryFrom<okta_authorization::Model> for Authorization {
    type Error = Error;

    fn try_from(row: okta_authorization::Model) -> Result<Self> {
        let corrupt = |what: &'static str, value: &str| Error::Corrupt {
            table: "okta_authorization",
            row: row.id.to_string(),
            what,
            value: value.to_owned(),
        };
        let problem = match &row.problem_code {
            None => None,
            Some(code) => Some(
                ConnectionProblem::new(code.parse().map_err(|_| corrupt("problem_code", code))?)
                    .with_detail(row.problem_detail.clone()),
            ),
        };
        Ok(Self {
            status: row
                .status
                .parse()
                .map_err(|_| corrupt("status", &row.status))?,
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            okta_org_id: row.okta_org_id,
            started_by: row.started_by,
            token_id: row.token_id,
            ceiling: row.ceiling,
            state_hash: row.state_hash,
            cookie_hash: row.cookie_hash,
            verifier_sealed: row.verifier_sealed,
            return_to: row.return_to,
            problem,
            created_at: row.created_at,
            expires_at: row.expires_at,
            completed_at: row.completed_at,
        })
    }
}

/// A journey about to begin.
#[derive(Clone, Debug)]
pub struct NewAuthorization {
    /// The journey.
    pub id: Uuid,
    /// The tenant.
    pub organization: Uuid,
    /// The app being connected.
    pub app: Uuid,
    /// The connection being authorized.
    pub connection: Uuid,
    /// The directory user who starts it.
    pub started_by: Uuid,
    /// The personal access token that whoever started it came with.
    pub token_id: Option<Uuid>,
    /// As [`Self::token_id`], what its session may do at most; null for no bound.
    pub ceiling: Option<serde_json::Value>,
    /// SHA-256 of the secret in our own start address.
    pub start_hash: Vec<u8>,
    /// SHA-256 of the OAuth `state`.
    pub state_hash: Vec<u8>,
    /// Sealed address in Okta, PKCE verifier and nonce.
    pub verifier_sealed: Vec<u8>,
    /// Where the browser goes afterwards.
    pub return_to: Option<String>,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub expires_at: i64,
}

/// Writes a journey down.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, new: NewAuthorization) -> Result<()> {
    let row = okta_authorization::ActiveModel {
        id: Set(new.id),
        organization_id: Set(new.organization),
        app_id: Set(new.app),
        okta_org_id: Set(new.connection),
        started_by: Set(new.started_by),
        token_id: Set(new.token_id),
        ceiling: Set(new.ceiling),
        status: Set(AuthorizationStatus::Pending.as_str().to_owned()),
        start_hash: Set(new.start_hash),
        state_hash: Set(new.state_hash),
        verifier_sealed: Set(new.verifier_sealed),
        return_to: Set(new.return_to),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
        ..Default::default()
    };
    okta_authorization::Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// A journey by its id.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Authorization>> {
    okta_authorization::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id))
        .one(db.connection())
        .await?
        .map(Authorization::try_from)
        .transpose()
}

/// The journey that a browser with the secret of our start address is on. The secret stands for the organisation.
///
/// # Errors
/// As [`find`].
pub async fn by_start(db: &impl Access, hash: &[u8]) -> Result<Option<Authorization>> {
    by_hash(db, Column::StartHash, hash).await
}

/// The journey that a browser coming back with this OAuth `state` is on. The state stands for the organisation.
///
/// # Errors
/// As [`find`].
pub async fn by_state(db: &impl Access, hash: &[u8]) -> Result<Option<Authorization>> {
    by_hash(db, Column::StateHash, hash).await
}

async fn by_hash(db: &impl Access, column: Column, hash: &[u8]) -> Result<Option<Authorization>> {
    okta_authorization::Entity::find()
        .filter(column.eq(hash.to_vec()))
        .one(db.connection())
        .await?
        .map(Authorization::try_from)
        .transpose()
}

/// Binds the journey to a browser, once. Answers whether this was the first browser.
///
/// # Errors
/// The database's own.
pub async fn bind_browser(tx: &Tx, id: Uuid, cookie_hash: &[u8]) -> Result<bool> {
    let change = okta_authorization::ActiveModel {
        cookie_hash: Set(Some(cookie_hash.to_vec())),
        ..Default::default()
    };
    let done = okta_authorization::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::CookieHash.is_null())
        .filter(Column::Status.eq(AuthorizationStatus::Pending.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Uses the journey's `state` up. Answers whether this was the first time.
///
/// # Errors
/// The database's own.
pub async fn use_up(tx: &Tx, id: Uuid, now: i64) -> Result<bool> {
    let change = okta_authorization::ActiveModel {
        returned_at: Set(Some(now)),
        ..Default::default()
    };
    let done = okta_authorization::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::ReturnedAt.is_null())
        .filter(Column::Status.eq(AuthorizationStatus::Pending.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes down how a pending journey ended; its secrets are forgotten.
///
/// # Errors
/// The database's own.
pub async fn complete(
    tx: &Tx,
    id: Uuid,
    status: AuthorizationStatus,
    problem: Option<&ConnectionProblem>,
    now: i64,
) -> Result<()> {
    let change = okta_authorization::ActiveModel {
        status: Set(status.as_str().to_owned()),
        verifier_sealed: Set(Vec::new()),
        problem_code: Set(problem.map(|problem| problem.code.as_str().to_owned())),
        problem_detail: Set(problem.and_then(|problem| problem.detail.clone())),
        completed_at: Set(Some(now)),
        ..Default::default()
    };
    okta_authorization::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(AuthorizationStatus::Pending.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(())
}
