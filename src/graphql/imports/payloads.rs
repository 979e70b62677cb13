//! What mutations of imports answer.

use async_graphql::{ID, SimpleObject};

use super::candidate::ImportCandidate;
use super::import::Import;
use crate::graphql::user_error::{UserError, settle};
use crate::service::{self, imports};

/// Answer of `importStart`.
#[derive(SimpleObject)]
pub struct ImportStartPayload {
    /// The import; null when refused.
    pub import: Option<Import>,
    /// Whether it was running already: an app has one running import at a time, and a second start answers with it.
    pub already_running: bool,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Declares the answer of a mutation that changes one import.
macro_rules! import_payload {
    ($(#[doc = $doc:tt])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(SimpleObject)]
        pub struct $name {
            /// The import as changed; null when refused.
            pub import: Option<Import>,
            /// Why it was refused; empty when it was done.
            pub user_errors: Vec<UserError>,
        }

        impl $name {
            pub(super) fn of(result: service::Result<imports::Import>) -> async_graphql::Result<Self> {
                Ok(match settle(result)? {
                    Ok(import) => Self { import: Some(Import(import)), user_errors: Vec::new() },
                    Err(user_errors) => Self { import: None, user_errors },
                })
            }
        }
    };
}

import_payload! {
    /// Answer of `importCancel`.
    ImportCancelPayload
}
import_payload! {
    /// Answer of `importCandidatesSelect`.
    ImportCandidatesSelectPayload
}
import_payload! {
    /// Answer of `importDeactivationsApprove`.
    ImportDeactivationsApprovePayload
}

/// Answer of `importConfirm`.
#[derive(SimpleObject)]
pub struct ImportConfirmPayload {
    /// The import, being applied; null when refused.
    pub import: Option<Import>,
    /// With `VERSION_CONFLICT`: the import as it is, with its present selection; otherwise null.
    pub conflict: Option<Import>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// What became of one candidate that was to be tried again.
#[derive(SimpleObject)]
pub struct ImportCandidateRetryResult {
    /// The id as given.
    pub candidate_id: ID,
    /// The candidate as it is now; null when refused.
    pub candidate: Option<ImportCandidate>,
    /// Why it was refused; empty when it is tried again.
    pub user_errors: Vec<UserError>,
}

/// Answer of `importCandidatesRetry`.
#[derive(SimpleObject)]
pub struct ImportCandidatesRetryPayload {
    /// One result for each id, in their order; empty when the whole was refused.
    pub results: Vec<ImportCandidateRetryResult>,
    /// Why the whole was refused; the refusals of single candidates are in `results`.
    pub user_errors: Vec<UserError>,
}
