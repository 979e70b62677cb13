//! Looking whether the audit trail is what was written: every entry, its place, the end, and whether each effect on Okta is told of.

use std::fmt;

use uuid::Uuid;

use super::seal::is_ours;
use crate::domain::audit_chain::GENESIS;
use crate::store::audit_chain::{self, Chain, Row};
use crate::store::{Result, Store, Tx};

/// Entries that are read at a time.
const BATCH: u64 = 1_000;

/// What is wrong with a trail: the first thing, in the order of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The content of an entry is not what was written.
    Changed {
        /// Its place; null while it has none.
        seq: Option<i64>,
        /// The row.
        id: Uuid,
    },
    /// An entry is gone.
    Missing {
        /// Its place.
        seq: i64,
    },
    /// An entry does not belong behind the one before it.
    Moved {
        /// Its place.
        seq: i64,
        /// The row.
        id: Uuid,
    },
    /// The note of where the trail ends is gone, was changed, or was made with another key.
    End,
    /// There are no entries at all, though the making of the organisation is one.
    Empty,
    /// An operation had its effect on Okta, and no entry tells of it.
    Untold {
        /// The row of the journal.
        operation: Uuid,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq: Some(seq), id } => {
                write!(
                    f,
                    "entry {seq} ({id}) was changed, or sealed with another key"
                )
            }
            Self::Changed { seq: None, id } => {
                write!(
                    f,
                    "a new entry ({id}) was changed, or not written by provisioner"
                )
            }
            Self::Missing { seq } => write!(f, "entry {seq} is missing"),
            Self::Moved { seq, id } => {
                write!(
                    f,
                    "entry {seq} ({id}) does not belong behind the one before it"
                )
            }
            Self::End => f.write_str("the note of where it ends is missing or does not fit"),
            Self::Empty => f.write_str("it has no entries at all"),
            Self::Untold { operation } => {
                write!(
                    f,
                    "no entry tells of operation {operation}, which changed Okta"
                )
            }
        }
    }
}

/// A trail that is what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intact {
    /// Sealed entries.
    pub entries: i64,
    /// Entries of the last second, whose content was verified and which have no place yet.
    pub unsealed: u64,
    /// Link of the last sealed entry.
    pub head: Vec<u8>,
    /// Which of the expected heads it goes through.
    pub passed: Vec<Vec<u8>>,
}

/// What is to be said of one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The tenant.
    pub organization: Uuid,
    /// Its name; null when its row is gone.
    pub name: Option<String>,
    /// The finding.
    pub outcome: std::result::Result<Intact, Fault>,
}

/// Verifies the trails of all organisations, as of one moment, and looks out for `heads` that were noted earlier.
///
/// # Errors
/// The database's own.
pub async fn verify(store: &Store, heads: &[Vec<u8>]) -> Result<Vec<Verdict>> {
    store
        .snapshot(|tx| async move {
            let mut verdicts = Vec::new();
            for (organization, name) in audit_chain::organizations(&*tx).await? {
                let outcome = Walk::new(organization, heads).run(&tx).await?;
                verdicts.push(Verdict {
                    organization,
                    name,
                    outcome,
                });
            }
            Ok(verdicts)
        })
        .await
}

/// A walk along the chain of one organisation.
struct Walk<'a> {
    organization: Uuid,
    heads: &'a [Vec<u8>],
    seq: i64,
    link: Vec<u8>,
    passed: Vec<Vec<u8>>,
}

type Step = std::result::Result<(), Fault>;

impl<'a> Walk<'a> {
    fn new(organization: Uuid, heads: &'a [Vec<u8>]) -> Self {
        Self {
            organization,
            heads,
            seq: 0,
            link: GENESIS.to_vec(),
            passed: Vec::new(),
        }
    }

    async fn run(mut self, tx: &Tx) -> Result<std::result::Result<Intact, Fault>> {
        loop {
            let rows = audit_chain::sealed(tx, self.organization, self.seq, BATCH).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                if let Err(fault) = self.step(tx, row) {
                    return Ok(Err(fault));
                }
            }
        }
        let chain = audit_chain::chain(tx, self.organization).await?;
        if let Err(fault) = self.end(tx, chain.as_ref()) {
            return Ok(Err(fault));
        }
        let unsealed = match self.unsealed(tx).await? {
            Ok(count) => count,
            Err(fault) => return Ok(Err(fault)),
        };
        if self.seq == 0 && unsealed == 0 {
            return Ok(Err(Fault::Empty));
        }
        let untold = audit_chain::untold_operations(tx, self.organization, 1).await?;
        if let Some(operation) = untold.first() {
            let operation = operation.id;
            return Ok(Err(Fault::Untold { operation }));
        }
        Ok(Ok(Intact {
            entries: self.seq,
            unsealed,
            head: self.link,
            passed: self.passed,
        }))
    }

    fn step(&mut self, tx: &Tx, row: &Row) -> Step {
        let expected = self.seq + 1;
        let (seq, id) = (row.seq.unwrap_or_default(), row.id);
        if seq != expected {
            return Err(Fault::Missing { seq: expected });
        }
        let key = tx.audit_key();
        let tag = key.tag(&audit_chain::record(row));
        if row.tag.as_deref() != Some(tag.as_slice()) {
            return Err(Fault::Changed { seq: row.seq, id });
        }
        let link = key.link(self.organization, seq, &self.link, &tag);
        if row.link.as_deref() != Some(link.as_slice()) {
            return Err(Fault::Moved { seq, id });
        }
        self.seq = seq;
        self.link = link.to_vec();
        if self.heads.contains(&self.link) {
            self.passed.push(self.link.clone());
        }
        Ok(())
    }

    fn end(&self, tx: &Tx, chain: Option<&Chain>) -> Step {
        let chain = chain
            .filter(|chain| is_ours(tx.audit_key(), chain))
            .ok_or(Fault::End)?;
        if self.seq < chain.length {
            return Err(Fault::Missing { seq: self.seq + 1 });
        }
        if self.seq > chain.length || self.link != chain.head {
            return Err(Fault::End);
        }
        Ok(())
    }

    async fn unsealed(&self, tx: &Tx) -> Result<std::result::Result<u64, Fault>> {
        let (mut count, mut after) = (0, Uuid::nil());
        loop {
            let rows = audit_chain::unsealed(tx, self.organization, after, BATCH).await?;
            let Some(last) = rows.last() else {
                return Ok(Ok(count));
            };
            after = last.id;
            for row in &rows {
                let tag = tx.audit_key().tag(&audit_chain::record(row));
                if row.tag.as_deref() != Some(tag.as_slice()) {
                    return Ok(Err(Fault::Changed {
                        seq: None,
                        id: row.id,
                    }));
                }
                count += 1;
            }
        }
    }
}
