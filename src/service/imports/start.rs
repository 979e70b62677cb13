//! Starting an import, and ending it.

use serde_json::json;
use uuid::Uuid;

use super::{Import, announce, held, require};
use crate::domain::connection::ConnectionStatus;
use crate::domain::import::{ImportMode, ImportPhase, ImportStatus, SourceProfile};
use crate::random;
use crate::service::apps::App;
use crate::service::{
    Ceiling, Error, Result, Services, UserError, UserErrorCode, Viewer, apps, okta_orgs,
};
use crate::store::audit::{self, Entry};
use crate::store::okta_orgs::OktaOrg;
use crate::store::{self, Tx, imports};

/// How much earlier than the last fetch an incremental one begins, milliseconds: Okta's index lags by about a second (contract §3), and by
/// more on a bad day.
const OVERLAP_MS: i64 = 120_000;

/// An import that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    /// The import.
    pub import: Import,
    /// True when it was running before; nothing was started then.
    pub already_running: bool,
}

/// Starts to read the org. Without a mode, only what changed since the last complete import through this connection is read, if there was a
/// full one; else everything. An import that is still waiting for its confirmation is ended: a newer one takes its place.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `Refused` when there is no such app, or it is not connected.
pub async fn start(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    mode: Option<ImportMode>,
    source: SourceProfile,
) -> Result<Started> {
    require(viewer)?;
    let now = services.clock.now_ms();
    let (started, ended) = services
        .store
        .transaction(async |tx| {
            let app = apps::held(&tx, viewer, app).await?;
            let open = imports::open(&*tx, viewer.organization_id, app.id).await?;
            if let Some(import) = open.iter().find(|import| import.status.is_running()) {
                let started = Started {
                    import: import.clone(),
                    already_running: true,
                };
                return Ok((started, Vec::new()));
            }
            let org = connected(&tx, viewer, &app).await?;
            let ended = replace(&tx, viewer, open, now).await?;
            let import = new(&tx, viewer, &app, &org, mode, source, now).await?;
            imports::insert(&tx, &import).await?;
            let detail = json!({ "mode": import.mode, "sourceProfile": source });
            record(&tx, viewer, &import, "import.start", detail, now).await?;
            let started = Started {
                import,
                already_running: false,
            };
            Ok::<_, Error>((started, ended))
        })
        .await?;
    if !started.already_running {
        ended.iter().for_each(|import| announce(services, import));
        announce(services, &started.import);
        services.work.notify_one();
    }
    Ok(started)
}

async fn connected(tx: &Tx, viewer: &Viewer, app: &App) -> Result<OktaOrg> {
    let org = store::okta_orgs::of_app_locked(tx, viewer.organization_id, app.id).await?;
    match org {
        Some(org) if org.status.has_grant() => Ok(org),
        Some(org) => Err(okta_orgs::not_connected(org.status).into()),
        None => Err(okta_orgs::not_connected(ConnectionStatus::NotConfigured).into()),
    }
}

/// Ends the imports that wait for a confirmation.
async fn replace(tx: &Tx, viewer: &Viewer, open: Vec<Import>, now: i64) -> Result<Vec<Import>> {
    let mut ended = Vec::with_capacity(open.len());
    for import in open {
        let mut import = held(tx, viewer, import.id).await?;
        end(&mut import, now);
        imports::save(tx, &import).await?;
        ended.push(import);
    }
    Ok(ended)
}

fn end(import: &mut Import, now: i64) {
    import.status = ImportStatus::Cancelled;
    import.finished_at = Some(now);
    import.updated_at = now;
    import.next_attempt_at = None;
    import.claimed_by = None;
    import.claimed_until = None;
}

async fn new(
    tx: &Tx,
    viewer: &Viewer,
    app: &App,
    org: &OktaOrg,
    mode: Option<ImportMode>,
    source: SourceProfile,
    now: i64,
) -> Result<Import> {
    let full = imports::last_complete(tx, org.id, Some(ImportMode::Full)).await?;
    let last = imports::last_complete(tx, org.id, None).await?;
    let known_until = last.and_then(|import| import.high_water);
    let since = match (mode, &full, known_until) {
        (Some(ImportMode::Full), _, _) | (_, None, _) | (_, _, None) => None,
        (_, Some(_), Some(until)) => Some(until - OVERLAP_MS),
    };
    let mode = match since {
        Some(_) => ImportMode::Incremental,
        None => ImportMode::Full,
    };
    Ok(Import {
        id: random::new_id(),
        organization_id: viewer.organization_id,
        app_id: app.id,
        okta_org_id: org.id,
        mode,
        status: ImportStatus::Fetching,
        phase: ImportPhase::Admins,
        source_profile: source,
        since,
        high_water: None,
        cursor: None,
        place: None,
        step: 0,
        mappings_version: app.mappings_version,
        admins_known: None,
        pages: 0,
        calls: 0,
        fetched: 0,
        matched: 0,
        in_sync: 0,
        ignored: 0,
        vanished: 0,
        total_estimate: full
            .filter(|_| mode == ImportMode::Full)
            .map(|import| import.fetched),
        selection_version: 0,
        confirmed_selection_version: None,
        started_by: viewer.user_id,
        confirmed_by: None,
        ceiling: Ceiling::kept(viewer.ceiling.as_ref())?,
        token_id: viewer.token,
        problem: None,
        problem_detail: None,
        attempts: 0,
        next_attempt_at: None,
        claimed_by: None,
        claimed_until: None,
        held_deactivations: 0,
        deactivations_approved: false,
        created_at: now,
        updated_at: now,
        fetched_at: None,
        confirmed_at: None,
        finished_at: None,
    })
}

/// Ends an import: no further call is made and no further candidate is applied; what was applied stays. Done twice it changes nothing.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `Refused` when there is no such import, or it has ended otherwise.
pub async fn cancel(services: &Services, viewer: &Viewer, import: Uuid) -> Result<Import> {
    require(viewer)?;
    let now = services.clock.now_ms();
    let import = services
        .store
        .transaction(async |tx| {
            let mut import = held(&tx, viewer, import).await?;
            if import.status == ImportStatus::Cancelled {
                return Ok(import);
            }
            if !import.status.may_become(ImportStatus::Cancelled) {
                let sentence = "The import has ended already.";
                return Err(UserError::new(UserErrorCode::NotPossibleNow, sentence).into());
            }
            let detail = json!({ "status": import.status });
            end(&mut import, now);
            imports::save(&tx, &import).await?;
            record(&tx, viewer, &import, "import.cancel", detail, now).await?;
            Ok::<_, Error>(import)
        })
        .await?;
    announce(services, &import);
    Ok(import)
}

/// Writes what an administrator did with an import into the audit trail.
pub(super) async fn record(
    tx: &Tx,
    viewer: &Viewer,
    import: &Import,
    action: &'static str,
    mut detail: serde_json::Value,
    now: i64,
) -> Result<()> {
    detail["import"] = json!(import.id);
    let actor = viewer.actor();
    let entry = Entry::new(import.organization_id, now, actor, action)
        .app(import.app_id)
        .detail(detail);
    Ok(audit::record(tx, entry).await?)
}
