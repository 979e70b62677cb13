//! The chain over the audit trail: giving rows their places, and reading them in that order.
//!
//! Rows are written without a place and get one here, in a transaction of its own that holds the organisation's `audit_chain` row. Every
//! committed row is found by having no place, so none is left out, whatever the order in which transactions commit.

use entity::{audit_chain, audit_event, operation, organization};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _,
    JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement, Value,
};
use uuid::Uuid;

use super::{Access, Result, Tx};
use crate::domain::audit_chain::{ChainKey, GENESIS, Mac, Record};

pub use entity::audit_event::Model as Row;

/// How far a chain goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The tenant.
    pub organization: Uuid,
    /// Sealed rows.
    pub length: i64,
    /// `link` of the last of them.
    pub head: Vec<u8>,
    /// Authenticates both.
    pub mac: Vec<u8>,
}

/// A row that gets its place.
#[derive(Clone, Debug)]
pub struct Seal {
    /// The row.
    pub id: Uuid,
    /// Its place.
    pub seq: i64,
    /// Its tag.
    pub tag: Mac,
    /// Its link.
    pub link: Mac,
}

impl Tx {
    /// The key of the chain.
    #[must_use]
    pub fn audit_key(&self) -> &ChainKey {
        &self.audit_key
    }
}

/// What the tag of a row is made of.
#[must_use]
pub fn record(row: &Row) -> Record<'_> {
    Record {
        id: row.id,
        organization: row.organization_id,
        at: row.at,
        actor: &row.actor,
        actor_user: row.actor_user_id,
        action: &row.action,
        family: &row.family,
        app: row.app_id,
        user: row.user_id,
        account: row.account_id,
        operation: row.operation_id,
        okta_request_id: row.okta_request_id.as_deref(),
        detail: &row.detail,
    }
}

/// Organisations with rows that have no place yet.
///
/// # Errors
/// The database's own.
pub async fn with_unsealed(db: &impl Access) -> Result<Vec<Uuid>> {
    Ok(audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::OrganizationId)
        .filter(audit_event::Column::Seq.is_null())
        .distinct()
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// Every organisation that exists, or is named by an entry or a chain, with its name if it has one.
///
/// # Errors
/// The database's own.
pub async fn organizations(db: &impl Access) -> Result<Vec<(Uuid, Option<String>)>> {
    let connection = db.connection();
    let named: Vec<(Uuid, String)> = organization::Entity::find()
        .select_only()
        .columns([organization::Column::Id, organization::Column::Name])
        .order_by_asc(organization::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let mut all: Vec<_> = named
        .into_iter()
        .map(|(id, name)| (id, Some(name)))
        .collect();
    let in_events: Vec<Uuid> = audit_event::Entity::find()
        .select_only()
        .column(audit_event::Column::OrganizationId)
        .distinct()
        .into_tuple()
        .all(connection)
        .await?;
    let in_chains: Vec<Uuid> = audit_chain::Entity::find()
        .select_only()
        .column(audit_chain::Column::OrganizationId)
        .into_tuple()
        .all(connection)
        .await?;
    for id in in_events.into_iter().chain(in_chains) {
        if all.iter().all(|(known, _)| *known != id) {
            all.push((id, None));
        }
    }
    Ok(all)
}

/// The chain of an organisation; null when it has none.
///
/// # Errors
/// The database's own.
pub async fn chain(db: &impl Access, organization: Uuid) -> Result<Option<Chain>> {
    let found = audit_chain::Entity::find_by_id(organization);
    Ok(found.one(db.connection()).await?.map(Chain::from))
}

/// The chain of an organisation, which nobody else goes on with before the transaction ends; null when it has none.
///
/// # Errors
/// The database's own.
pub async fn locked(tx: &Tx, organization: Uuid) -> Result<Option<Chain>> {
    let found = audit_chain::Entity::find_by_id(organization).lock_exclusive();
    Ok(found.one(tx.connection()).await?.map(Chain::from))
}

/// Begins the chain of an organisation, unless it has begun.
///
/// # Errors
/// The database's own.
pub async fn begin(tx: &Tx, organization: Uuid) -> Result<()> {
    let row = audit_chain::ActiveModel {
        organization_id: Set(organization),
        length: Set(0),
        head: Set(GENESIS.to_vec()),
        mac: Set(tx.audit_key.head(organization, 0, &GENESIS).to_vec()),
    };
    audit_chain::Entity::insert(row)
        .on_conflict(
            OnConflict::column(audit_chain::Column::OrganizationId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The oldest rows without a place, after `after`.
///
/// # Errors
/// The database's own.
pub async fn unsealed(
    db: &impl Access,
    organization: Uuid,
    after: Uuid,
    limit: u64,
) -> Result<Vec<Row>> {
    Ok(audit_event::Entity::find()
        .filter(audit_event::Column::OrganizationId.eq(organization))
        .filter(audit_event::Column::Seq.is_null())
        .filter(audit_event::Column::Id.gt(after))
        .order_by_asc(audit_event::Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?)
}

/// The rows behind a place, in the order of the chain.
///
/// # Errors
/// The database's own.
pub async fn sealed(
    db: &impl Access,
    organization: Uuid,
    after: i64,
    limit: u64,
) -> Result<Vec<Row>> {
    Ok(audit_event::Entity::find()
        .filter(audit_event::Column::OrganizationId.eq(organization))
        .filter(audit_event::Column::Seq.gt(after))
        .order_by_asc(audit_event::Column::Seq)
        .limit(limit)
        .all(db.connection())
        .await?)
}

/// Gives rows their places, and notes how far the chain goes now.
///
/// # Errors
/// The database's own; `Duplicate` when a place is taken.
pub async fn seal(tx: &Tx, organization: Uuid, seals: &[Seal]) -> Result<()> {
    let Some(last) = seals.last() else {
        return Ok(());
    };
    let mut left = seals;
    while !left.is_empty() {
        // Powers of two: so there are few statements, which stay prepared.
        let (now, later) = left.split_at(1 << left.len().ilog2());
        place(tx, now).await?;
        left = later;
    }
    let db = tx.connection();
    let mac = tx.audit_key.head(organization, last.seq, &last.link);
    audit_chain::Entity::update(audit_chain::ActiveModel {
        organization_id: Set(organization),
        length: Set(last.seq),
        head: Set(last.link.to_vec()),
        mac: Set(mac.to_vec()),
    })
    .exec(db)
    .await?;
    Ok(())
}

/// Gives rows their places in one statement.
async fn place(tx: &Tx, seals: &[Seal]) -> Result<()> {
    let mut rows = Vec::with_capacity(seals.len());
    let mut values: Vec<Value> = Vec::with_capacity(seals.len() * 4);
    for seal in seals {
        let n = values.len();
        rows.push(format!("(${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4));
        values.extend([
            seal.id.into(),
            seal.seq.into(),
            seal.tag.to_vec().into(),
            seal.link.to_vec().into(),
        ]);
    }
    let statement = format!(
        "UPDATE audit_event SET seq = place.column2, tag = place.column3, link = place.column4 \
        FROM (VALUES {}) AS place WHERE audit_event.id = place.column1 AND audit_event.seq IS NULL",
        rows.join(", ")
    );
    let db = tx.connection();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), statement, values);
    db.execute_raw(statement).await?;
    Ok(())
}

/// Operations that had their effect and that the trail does not tell of, the oldest first.
///
/// # Errors
/// The database's own.
pub async fn untold_operations(
    db: &impl Access,
    organization: Uuid,
    limit: u64,
) -> Result<Vec<operation::Model>> {
    let entry = operation::Entity::belongs_to(audit_event::Entity)
        .from(operation::Column::Id)
        .to(audit_event::Column::OperationId)
        .into();
    Ok(operation::Entity::find()
        .join(JoinType::LeftJoin, entry)
        .filter(
            Condition::all()
                .add(operation::Column::OrganizationId.eq(organization))
                .add(operation::Column::Status.eq(super::operations::SUCCEEDED))
                .add(audit_event::Column::Id.is_null()),
        )
        .order_by_asc(operation::Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?)
}

impl From<audit_chain::Model> for Chain {
    fn from(row: audit_chain::Model) -> Self {
        Self {
            organization: row.organization_id,
            length: row.length,
            head: row.head,
            mac: row.mac,
        }
    }
}
