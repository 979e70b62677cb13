//! Giving entries their places. One process at a time does it for an organisation; any process may.

use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::audit_chain::ChainKey;
use crate::domain::plan::OperationKind;
use crate::service::Services;
use crate::store::audit::{self, Actor, Entry};
use crate::store::audit_chain::{self, Chain, Row, Seal};
use crate::store::{self, Store, Tx, operations};

/// Between two looks for new entries, milliseconds.
const PAUSE_MS: u64 = 500;
/// Entries that get their places at a time: a few milliseconds of the database.
const BATCH: u64 = 200;

/// Why a chain is not gone on with.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// How far it goes is not noted, or not with our key.
    #[error(
        "the note of where the audit trail of organisation {0} ends is missing, was changed, or was made with another sealing key"
    )]
    Head(Uuid),
}

/// Entries without our tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Strange {
    /// Taken over, as they are older than tags.
    adopted: usize,
    /// Left out, as somebody else wrote or changed them.
    left_out: usize,
}

/// Which entries are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Take {
    /// Those that were written with our key.
    Tagged,
    /// As they are: nothing speaks for them but that they were there before there was a chain.
    All,
}

/// Seals what others write, until `shutdown`, and then once more.
pub async fn keep_sealed(services: Services, shutdown: CancellationToken) {
    let mut troubled = false;
    let mut left_out = 0;
    let mut last = false;
    while !last {
        tokio::select! {
            () = shutdown.cancelled() => last = true,
            () = services.clock.sleep_ms(PAUSE_MS) => {}
        }
        let outcome = seal_all(&services.store).await;
        match &outcome {
            Ok(count) if *count > left_out => {
                tracing::error!(
                    entries = count,
                    "entries of the audit trail were not written by us and are not sealed; see `provisioner audit verify`"
                );
            }
            Err(error) if !troubled => {
                tracing::error!(%error, "the audit trail is not being sealed; see `provisioner audit verify`");
            }
            Ok(_) | Err(_) => {}
        }
        troubled = outcome.is_err();
        left_out = outcome.unwrap_or(left_out);
    }
}

/// Begins the chains of organisations that have none, because they are older than chains, with the entries that they have: nobody can say
/// whether those were changed. Effects of the journal that no entry tells of, as it was before every one had its own, get one that says so:
/// else the trail would count as broken from its first day. Only for a process that starts, and always logged, as it is also what an intruder would want to happen who
/// rewrote the whole trail.
///
/// # Errors
/// [`Refusal`].
pub async fn adopt(store: &Store) -> Result<(), Refusal> {
    for organization in audit_chain::with_unsealed(store).await? {
        if audit_chain::chain(store, organization).await?.is_some() {
            continue;
        }
        if !audit_chain::sealed(store, organization, 0, 1)
            .await?
            .is_empty()
        {
            tracing::error!(%organization, "the note of where the audit trail ends is gone; it is not gone on with");
            continue;
        }
        let (untagged, told) = store
            .transaction(|tx| async move { adopt_one(&tx, organization).await })
            .await?;
        tracing::warn!(%organization, untagged, told, "the audit trail had no chain, which begins now; its entries are taken as they are");
    }
    Ok(())
}

/// How many entries were taken as they are, and for how many effects one was made.
async fn adopt_one(tx: &Tx, organization: Uuid) -> Result<(usize, usize), Refusal> {
    audit_chain::begin(tx, organization).await?;
    let told = tell_untold(tx, organization).await?;
    let mut strange = Strange::default();
    let mut after = Uuid::nil();
    while let Some(last) = step(tx, organization, after, Take::All, &mut strange).await? {
        after = last;
    }
    Ok((strange.adopted, told))
}

async fn tell_untold(tx: &Tx, organization: Uuid) -> Result<usize, Refusal> {
    let mut told = 0;
    loop {
        let untold = audit_chain::untold_operations(tx, organization, BATCH).await?;
        if untold.is_empty() {
            return Ok(told);
        }
        told += untold.len();
        let entries: Result<Vec<Entry>, store::Error> = untold.into_iter().map(late).collect();
        audit::record_all(tx, entries?).await?;
    }
}

/// The entry of an effect that had none, from what the journal kept of it.
fn late(row: operations::Row) -> Result<Entry, store::Error> {
    let kind: OperationKind = row.kind.parse().map_err(|_| store::Error::Corrupt {
        table: "operation",
        row: row.id.to_string(),
        what: "kind",
        value: row.kind.clone(),
    })?;
    let detail = json!({
        "oktaId": row.request.get("okta_id"),
        "login": row.request.get("login"),
        "role": row.request.get("role"),
        "fromJournal": true,
    });
    let at = row.resolved_at.unwrap_or(row.sent_at);
    let mut entry = Entry::new(row.organization_id, at, Actor::Engine, kind.act())
        .app(row.app_id)
        .user(row.user_id)
        .detail(detail);
    entry.account = Some(row.account_id);
    entry.operation = Some(row.id);
    entry.okta_request_id = row.okta_request_id;
    Ok(entry)
}

/// Seals all entries of all organisations; answers how many were left out.
async fn seal_all(store: &Store) -> Result<usize, Refusal> {
    let mut left_out = 0;
    let mut first = Ok(());
    for organization in audit_chain::with_unsealed(store).await? {
        match seal_one(store, organization).await {
            Ok(count) => left_out += count,
            Err(refusal) => first = first.and(Err(refusal)),
        }
    }
    first.map(|()| left_out)
}

async fn seal_one(store: &Store, organization: Uuid) -> Result<usize, Refusal> {
    let mut left_out = 0;
    let mut after = Uuid::nil();
    loop {
        let (last, strange) = store
            .transaction(|tx| async move {
                let mut strange = Strange::default();
                let last = step(&tx, organization, after, Take::Tagged, &mut strange).await?;
                Ok::<_, Refusal>((last, strange))
            })
            .await?;
        left_out += strange.left_out;
        match last {
            Some(last) => after = last,
            None => return Ok(left_out),
        }
    }
}

/// Seals the next entries behind `after`; answers the last one that was looked at, or nothing when there was none.
async fn step(
    tx: &Tx,
    organization: Uuid,
    after: Uuid,
    take: Take,
    strange: &mut Strange,
) -> Result<Option<Uuid>, Refusal> {
    let key = tx.audit_key();
    let chain = audit_chain::locked(tx, organization)
        .await?
        .filter(|chain| is_ours(key, chain))
        .ok_or(Refusal::Head(organization))?;
    let rows = audit_chain::unsealed(tx, organization, after, BATCH).await?;
    let seals = places(key, &chain, &rows, take, strange);
    audit_chain::seal(tx, organization, &seals).await?;
    Ok(rows.last().map(|row| row.id))
}

pub(super) fn is_ours(key: &ChainKey, chain: &Chain) -> bool {
    chain.mac == key.head(chain.organization, chain.length, &chain.head)
}

fn places(
    key: &ChainKey,
    chain: &Chain,
    rows: &[Row],
    take: Take,
    strange: &mut Strange,
) -> Vec<Seal> {
    let (mut seq, mut previous) = (chain.length, chain.head.clone());
    let mut seals = Vec::with_capacity(rows.len());
    for row in rows {
        let tag = key.tag(&audit_chain::record(row));
        let ours = row.tag.as_deref() == Some(tag.as_slice());
        if !ours {
            if take == Take::Tagged || row.tag.is_some() {
                strange.left_out += 1;
                continue;
            }
            strange.adopted += 1;
        }
        seq += 1;
        let link = key.link(chain.organization, seq, &previous, &tag);
        previous = link.to_vec();
        seals.push(Seal {
            id: row.id,
            seq,
            tag,
            link,
        });
    }
    seals
}
