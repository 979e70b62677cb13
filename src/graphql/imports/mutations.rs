//! Starting, ticking, confirming, cancelling.

use std::sync::Arc;

use async_graphql::{Context, MaybeUndefined, Object};

use super::candidate::ImportCandidate;
use super::import::Import;
use super::inputs::{
    ImportCancelInput, ImportCandidatesRetryInput, ImportCandidatesSelectInput, ImportConfirmInput,
    ImportDeactivationsApproveInput, ImportSelectionInput, ImportStartInput,
};
use super::payloads::{
    ImportCancelPayload, ImportCandidateRetryResult, ImportCandidatesRetryPayload,
    ImportCandidatesSelectPayload, ImportConfirmPayload, ImportDeactivationsApprovePayload,
    ImportStartPayload,
};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::settle;
use crate::graphql::{context, error};
use crate::service::apps::{self, Saving};
use crate::service::imports::{self, Selection, SelectionChange};

/// The imports' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportMutation;

/// The imports' part of `Mutation`.
#[Object]
impl ImportMutation {
    /// Starts an import in the background: Okta is read page by page, at its pace. Nothing is changed before `importConfirm`. While one is running, the
    /// answer is that one, with `alreadyRunning`. Needs `VIEW_APPS` and `IMPORT_USERS`.
    async fn import_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, and how.")] input: ImportStartInput,
    ) -> async_graphql::Result<ImportStartPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let (mode, source) = (input.mode.map(Into::into), input.source_profile.into());
        let started = imports::start(services, viewer, app, mode, source).await;
        Ok(match settle(started)? {
            Ok(started) => ImportStartPayload {
                import: Some(Import(started.import)),
                already_running: started.already_running,
                user_errors: Vec::new(),
            },
            Err(user_errors) => ImportStartPayload {
                import: None,
                already_running: false,
                user_errors,
            },
        })
    }

    /// Cancels an import: reading stops between two calls, applying between two batches; what was applied stays. Needs `VIEW_APPS` and
    /// `IMPORT_USERS`.
    async fn import_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import.")] input: ImportCancelInput,
    ) -> async_graphql::Result<ImportCancelPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.import_id, NodeKind::Import);
        ImportCancelPayload::of(imports::cancel(services, viewer, id).await)
    }

    /// Ticks or unticks candidates, or gives them another source. Ticks are shared among administrators; each change raises
    /// `Import.selectionVersion`. Needs `VIEW_APPS` and `IMPORT_USERS`.
    async fn import_candidates_select(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which candidates, and what to change.")]
        input: ImportCandidatesSelectInput,
    ) -> async_graphql::Result<ImportCandidatesSelectPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.import_id, NodeKind::Import);
        let change = SelectionChange {
            selected: input.selected,
            source: match input.source_profile {
                MaybeUndefined::Undefined => None,
                given => Some(given.take().map(Into::into)),
            },
        };
        let selection = match input.candidates {
            ImportSelectionInput::CandidateIds(ids) => Selection::Ids(rows(&ids)),
            ImportSelectionInput::Matching(filter) => Selection::Matching(filter.into_filter()?),
        };
        let changed = imports::select(services, viewer, id, selection, change).await;
        ImportCandidatesSelectPayload::of(changed)
    }

    /// Confirms the ticked candidates: they are applied in the background, each with its own outcome. The last owner and you yourself are never
    /// deactivated by it. Needs `VIEW_APPS` and `IMPORT_USERS`.
    async fn import_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import, and the selection that you saw.")]
        input: ImportConfirmInput,
    ) -> async_graphql::Result<ImportConfirmPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.import_id, NodeKind::Import);
        let (expected, source) = (
            input.expected_selection_version,
            input.source_profile.map(Into::into),
        );
        let confirmed = imports::confirm(services, viewer, id, expected, source).await;
        Ok(match settle(confirmed)? {
            Ok(Saving::Done(import)) => ImportConfirmPayload {
                import: Some(Import(import)),
                conflict: None,
                user_errors: Vec::new(),
            },
            Ok(Saving::Conflict(import)) => ImportConfirmPayload {
                import: None,
                user_errors: vec![
                    apps::version_conflict_at("expectedSelectionVersion", import.selection_version)
                        .into(),
                ],
                conflict: Some(Import(import)),
            },
            Err(user_errors) => ImportConfirmPayload {
                import: None,
                conflict: None,
                user_errors,
            },
        })
    }

    /// Approves the deactivations of an import that were held because there are too many at once: exactly those are carried out, and who changed since
    /// drops out. Owners and admins only.
    async fn import_deactivations_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import, and how many you saw.")]
        input: ImportDeactivationsApproveInput,
    ) -> async_graphql::Result<ImportDeactivationsApprovePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.import_id, NodeKind::Import);
        let expected = u64::try_from(input.expected_count).unwrap_or(0);
        let approved = imports::approve_deactivations(services, viewer, id, expected).await;
        ImportDeactivationsApprovePayload::of(approved)
    }

    /// Tries candidates again that were not applied: `STALE` ones are looked at anew. Needs `VIEW_APPS` and `IMPORT_USERS`.
    async fn import_candidates_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which candidates.")] input: ImportCandidatesRetryInput,
    ) -> async_graphql::Result<ImportCandidatesRetryPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.import_id, NodeKind::Import);
        let retried = imports::retry(services, viewer, id, rows(&input.candidate_ids)).await;
        Ok(match settle(retried)? {
            Ok(retried) => {
                let import = imports::find(services, viewer, id).await;
                let import = import.map_err(error::public)?.map(Arc::new);
                let given = input.candidate_ids.into_iter().zip(retried);
                ImportCandidatesRetryPayload {
                    results: given
                        .map(|(id, (_, outcome))| result(id, import.as_ref(), outcome))
                        .collect(),
                    user_errors: Vec::new(),
                }
            }
            Err(user_errors) => ImportCandidatesRetryPayload {
                results: Vec::new(),
                user_errors,
            },
        })
    }
}

fn rows(ids: &[async_graphql::ID]) -> Vec<uuid::Uuid> {
    ids.iter()
        .map(|id| ids::row_of(id, NodeKind::ImportCandidate))
        .collect()
}

fn result(
    candidate_id: async_graphql::ID,
    import: Option<&Arc<imports::Import>>,
    outcome: Result<imports::Candidate, crate::service::UserError>,
) -> ImportCandidateRetryResult {
    let (candidate, user_errors) = match outcome {
        Ok(candidate) => {
            let view = import.map(|import| ImportCandidate::new(Arc::clone(import), candidate));
            (view, Vec::new())
        }
        Err(error) => (None, vec![error.into()]),
    };
    ImportCandidateRetryResult {
        candidate_id,
        candidate,
        user_errors,
    }
}
