//! What clients send to start, tick, confirm and cancel imports.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use super::filter::ImportCandidateFilterInput;
use super::vocabulary::{ImportMode, SourceProfile};

/// An import to start.
#[derive(Clone, Debug, InputObject)]
pub struct ImportStartInput {
    /// The app.
    pub app_id: ID,
    /// How much to read; absent or null: what Okta changed since the last complete import, else everything.
    pub mode: Option<ImportMode>,
    /// Whose values win; it can still be changed when confirming, and for each candidate.
    #[graphql(default_with = "SourceProfile::Okta")]
    pub source_profile: SourceProfile,
}

/// An import to cancel.
#[derive(Clone, Debug, InputObject)]
pub struct ImportCancelInput {
    /// The import.
    pub import_id: ID,
}

/// Which candidates. Give exactly one of the fields.
#[derive(Clone, Debug, OneofObject)]
pub enum ImportSelectionInput {
    /// These, 1 to 1,000. Candidates that hold admin roles in Okta can be named only here.
    CandidateIds(Vec<ID>),
    /// All that match now, except those with a conflict or an admin role in Okta.
    Matching(ImportCandidateFilterInput),
}

/// Candidates to tick or untick, or to give another source.
#[derive(Clone, Debug, InputObject)]
pub struct ImportCandidatesSelectInput {
    /// The import.
    pub import_id: ID,
    /// Which candidates.
    pub candidates: ImportSelectionInput,
    /// True ticks, false unticks; absent or null leaves the ticks.
    pub selected: Option<bool>,
    /// Whose values win for these; null: the import's; absent leaves it.
    pub source_profile: MaybeUndefined<SourceProfile>,
}

/// An import to confirm.
#[derive(Clone, Debug, InputObject)]
pub struct ImportConfirmInput {
    /// The import.
    pub import_id: ID,
    /// `Import.selectionVersion` as you showed it: refused with `VERSION_CONFLICT` if somebody ticked or unticked since.
    pub expected_selection_version: i64,
    /// Whose values win; absent or null: as the import says.
    pub source_profile: Option<SourceProfile>,
}

/// Held deactivations to approve.
#[derive(Clone, Debug, InputObject)]
pub struct ImportDeactivationsApproveInput {
    /// The import.
    pub import_id: ID,
    /// `Import.heldDeactivations` as you showed it: refused with `COUNT_MISMATCH` if it is another by now.
    pub expected_count: i32,
}

/// Candidates to try again.
#[derive(Clone, Debug, InputObject)]
pub struct ImportCandidatesRetryInput {
    /// The import.
    pub import_id: ID,
    /// Which, 1 to 100: those with the outcome `FAILED`, `STALE` or `UNRESOLVED`.
    pub candidate_ids: Vec<ID>,
}
