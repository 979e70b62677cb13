//! Confirming what is ticked, and approving what was held.

use serde_json::json;
use uuid::Uuid;

use super::look::safe_left;
use super::select::not_ready;
use super::start::record;
use super::{Import, announce, held, require};
use crate::domain::connection::ConnectionStatus;
use crate::domain::import::{Category, ImportPhase, ImportStatus, OutcomeReason, SourceProfile};
use crate::domain::permission::AdminRole;
use crate::service::apps::Saving;
use crate::service::{
    Ceiling, Error, Result, Services, UserError, UserErrorCode, Viewer, apps, okta_orgs,
};
use crate::store::import_candidates::{self, CandidateFilter, Reopen};
use crate::store::{self, Tx, imports};

/// Carries out what is ticked, in the background. Nothing is started when other ticks were set since `expected`.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `Refused` when there is no such import, it is not ready, nothing is ticked, the mapping
/// was changed since the fetch, or the app is no longer connected to the org that was read.
pub async fn confirm(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
    expected: i64,
    source: Option<SourceProfile>,
) -> Result<Saving<Import>> {
    require(viewer)?;
    let now = services.clock.now_ms();
    let saving = services
        .store
        .transaction(async |tx| {
            let mut import = held(&tx, viewer, import).await?;
            if import.status != ImportStatus::Ready {
                return Err(not_ready(import.status).into());
            }
            if import.selection_version != expected {
                return Ok(Saving::Conflict(import));
            }
            check_basis(&tx, viewer, &import).await?;
            let selected = ticked(&tx, &import, None).await?;
            if selected == 0 {
                let sentence = "Nothing is ticked.";
                return Err(UserError::new(UserErrorCode::NotPossibleNow, sentence).into());
            }
            import.source_profile = source.unwrap_or(import.source_profile);
            import.confirmed_selection_version = Some(expected);
            import.confirmed_by = Some(viewer.user_id);
            import.ceiling = Ceiling::kept(viewer.ceiling.as_ref())?;
            import.token_id = viewer.token;
            import.confirmed_at = Some(now);
            import.held_deactivations = hold(&tx, &import, now).await?;
            go_on(&mut import, now);
            imports::save(&tx, &import).await?;
            let detail = json!({
                "selectionVersion": expected, "sourceProfile": import.source_profile, "selected": selected,
                "heldDeactivations": import.held_deactivations,
            });
            record(&tx, viewer, &import, "import.confirm", detail, now).await?;
            Ok::<_, Error>(Saving::Done(import))
        })
        .await?;
    if let Saving::Done(import) = &saving {
        announce(services, import);
        services.work.notify_one();
    }
    Ok(saving)
}

/// What was read must still be about the org and the mapping that are in force.
async fn check_basis(tx: &Tx, viewer: &Viewer, import: &Import) -> Result<()> {
    let app = apps::held(tx, viewer, import.app_id).await?;
    if app.mappings_version != import.mappings_version {
        let sentence = "The attribute mapping was changed since Okta was read; import again.";
        return Err(UserError::new(UserErrorCode::NotPossibleNow, sentence).into());
    }
    let org = store::okta_orgs::of_app(tx, viewer.organization_id, app.id).await?;
    match org {
        Some(org) if org.id == import.okta_org_id && org.status.has_grant() => Ok(()),
        Some(org) if org.id == import.okta_org_id => {
            Err(okta_orgs::not_connected(org.status).into())
        }
        _ => Err(okta_orgs::not_connected(ConnectionStatus::Disconnected).into()),
    }
}

async fn ticked(tx: &Tx, import: &Import, category: Option<Category>) -> Result<u64> {
    let filter = CandidateFilter {
        selected: Some(true),
        category: category.map(|category| vec![category]),
        ..CandidateFilter::default()
    };
    Ok(import_candidates::count(tx, import.id, &filter).await?)
}

/// More deactivations than is safe are held, all of them. Answers how many.
async fn hold(tx: &Tx, import: &Import, now: i64) -> Result<i64> {
    let wanted = ticked(tx, import, Some(Category::Deactivate)).await?;
    if wanted <= safe_left(tx, import, now).await? {
        return Ok(0);
    }
    let reason = OutcomeReason::TooManyDeactivations;
    let held = import_candidates::hold_deactivations(tx, import.id, reason).await?;
    Ok(i64::try_from(held).unwrap_or(i64::MAX))
}

/// Makes the worker take the import up: from the first candidate, after asking Okta what changed meanwhile.
pub(super) fn go_on(import: &mut Import, now: i64) {
    import.status = ImportStatus::Applying;
    import.phase = ImportPhase::Recheck;
    import.cursor = None;
    import.place = None;
    import.attempts = 0;
    import.next_attempt_at = None;
    import.step += 1;
    import.claimed_by = None;
    import.updated_at = now;
    import.finished_at = None;
}

/// Approves the deactivations that were held, `expected` in number; they are carried out now.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `Refused` for anybody but owners and admins, when there is no such import, nothing is
/// held, or the number is another one (`COUNT_MISMATCH`).
pub async fn approve_deactivations(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
    expected: u64,
) -> Result<Import> {
    check_approves(viewer)?;
    let now = services.clock.now_ms();
    let import = services
        .store
        .transaction(async |tx| {
            let mut import = held(&tx, viewer, import).await?;
            check_held(&import, expected)?;
            import_candidates::reopen(&tx, import.id, Reopen::Held).await?;
            import.held_deactivations = 0;
            import.deactivations_approved = true;
            go_on(&mut import, now);
            imports::save(&tx, &import).await?;
            let detail = json!({ "count": expected });
            record(
                &tx,
                viewer,
                &import,
                "import.approveDeactivations",
                detail,
                now,
            )
            .await?;
            Ok::<_, Error>(import)
        })
        .await?;
    announce(services, &import);
    services.work.notify_one();
    Ok(import)
}

/// Whether the viewer may approve deactivations that are held.
#[must_use]
pub fn may_approve(viewer: &Viewer) -> bool {
    check_approves(viewer).is_ok()
}

fn check_approves(viewer: &Viewer) -> Result<()> {
    require(viewer)?;
    if matches!(viewer.role, AdminRole::Owner | AdminRole::Admin) {
        return Ok(());
    }
    let sentence = "Only an owner or admin may approve this.";
    Err(UserError::new(UserErrorCode::Forbidden, sentence).into())
}

fn check_held(import: &Import, expected: u64) -> Result<()> {
    let held = u64::try_from(import.held_deactivations).unwrap_or_default();
    let confirmed = matches!(
        import.status,
        ImportStatus::Applying | ImportStatus::Completed
    );
    if held == 0 || !confirmed {
        let sentence = "No deactivation of this import awaits approval.";
        return Err(UserError::new(UserErrorCode::NotPossibleNow, sentence).into());
    }
    if held == expected {
        return Ok(());
    }
    let sentence =
        format!("{held} deactivations await approval, not {expected}. Look again before going on.");
    let error = UserError::new(UserErrorCode::CountMismatch, sentence).with("count", held);
    Err(error.at(["expectedCount"]).into())
}
