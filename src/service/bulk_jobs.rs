//! A change for everybody who matches a filter: accepted when the number is the one that the administrator saw, then worked in batches.
//!
//! Each batch is one transaction with the cursor in it, so a crash loses nothing and repeats nobody. People are taken as they are when the job
//! reaches them: who no longer matches is passed over, who was added after the start is not reached. The starter's permissions count as they are
//! at each batch.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub use crate::store::bulk_jobs::{BulkJob, BulkJobFailure};

use super::assignments::{Change, Row, Rows, assignable};
use super::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer, viewer};
use crate::domain::bulk_job::BulkJobStatus;
use crate::domain::permission::Permission;
use crate::random;
use crate::store::audit::{self, Actor, Entry};
use crate::store::page::{Page, PageRequest};
use crate::store::user_lists::{AppFilter, UserFilter, condition};
use crate::store::{self, Tx, bulk_jobs};

/// People in one transaction: some tens of milliseconds, so that others get their turn in between.
const BATCH: u64 = 200;
/// People who can be left out of a job: what somebody can untick by hand.
pub const MAX_EXCLUDED: usize = 1000;

/// Everybody who matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matching {
    /// Who matches; deleted people never do.
    pub filter: UserFilter,
    /// Who is left out nevertheless, at most [`MAX_EXCLUDED`].
    pub excluded: Vec<Uuid>,
    /// How many the administrator was told.
    pub expected_count: u64,
}

impl Matching {
    fn condition(&self, organization: Uuid, app: Uuid, change: Change) -> sea_orm_condition::Condition {
        unimplemented!()
    }
}
