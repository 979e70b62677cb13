//! Giving entries their places. One process at a time does it for an organisation; any process may.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::audit_chain::ChainKey;
use crate::service::Services;
use crate::store::audit_chain::{self, Chain, Row, Seal};
use crate::store::{self, Store, Tx};

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
    let mut last = false;
    while !last {
        tokio::select! {
            () = shutdown.cancelled() => last = true,
            () = services.clock.sleep_ms(PAUSE_MS) => {}
        }
        let outcome = seal_all(&services.store).await;
        if let Err(error) = &outcome
            && !troubled
        {
            tracing::error!(%error, "the audit trail is not being sealed; see `provisioner audit verify`");
        }
        troubled = outcome.is_err();
    }
}

/// Begins the chains of organisations that have none, because they are older than chains, with the entries that they have: nobody can say
/// whether those were changed. Only for a process that starts, and always logged, as it is also what an intruder would want to happen who
/// rewrote the whole trail.
///
/// # Errors
/// [`Refusal`].
pub async fn adopt(store: &Store) -> Result<(), Refusal> {
    for organization in audit_chain::with_unsealed(store).await? {
        if audit_chain::chain(store, organization).await?.is_some() {
            continue;
        }
        let untagged = store
            .transaction(|tx| async move { adopt_one(&tx, organization).await })
            .await?;
        tracing::warn!(%organization, untagged, "the audit trail had no chain, which begins now; its entries are taken as they are");
    }
    Ok(())
}

async fn adopt_one(tx: &Tx, organization: Uuid) -> Result<usize, Refusal> {
    audit_chain::begin(tx, organization).await?;
    let mut untagged = 0;
    let mut after = Uuid::nil();
    while let Some(last) = step(tx, organization, after, Take::All, &mut untagged).await? {
        after = last;
    }
    Ok(untagged)
}

/// Seals all entries of all organisations.
///
/// # Errors
/// [`Refusal`], the first, when the others are done.
pub async fn seal_all(store: &Store) -> Result<(), Refusal> {
    let mut first = Ok(());
    for organization in audit_chain::with_unsealed(store).await? {
        let sealed = seal_one(store, organization).await;
        first = first.and(sealed);
    }
    first
}

async fn seal_one(store: &Store, organization: Uuid) -> Result<(), Refusal> {
    let mut after = Uuid::nil();
    loop {
        let last = store
            .transaction(
                |tx| async move { step(&tx, organization, after, Take::Tagged, &mut 0).await },
            )
            .await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// Seals the next entries behind `after`; answers the last one that was looked at, or nothing when there was none.
async fn step(
    tx: &Tx,
    organization: Uuid,
    after: Uuid,
    take: Take,
    untagged: &mut usize,
) -> Result<Option<Uuid>, Refusal> {
    let key = tx.audit_key();
    let chain = audit_chain::locked(tx, organization)
        .await?
        .filter(|chain| is_ours(key, chain))
        .ok_or(Refusal::Head(organization))?;
    let rows = audit_chain::unsealed(tx, organization, after, BATCH).await?;
    let seals = places(key, &chain, &rows, take, untagged);
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
    untagged: &mut usize,
) -> Vec<Seal> {
    let (mut seq, mut previous) = (chain.length, chain.head.clone());
    let mut seals = Vec::with_capacity(rows.len());
    for row in rows {
        let tag = key.tag(&audit_chain::record(row));
        let ours = row.tag.as_deref() == Some(tag.as_slice());
        if !ours {
            if take == Take::Tagged || row.tag.is_some() {
                tracing::error!(entry = %row.id, organization = %row.organization_id, "an entry of the audit trail was not written by us; it is left out");
                continue;
            }
            *untagged += 1;
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
