//! Carrying out what was confirmed, some candidates in one transaction: each one's outcome is committed with what it changed, so after a crash
//! nothing is done twice.

use std::collections::HashMap;

use uuid::Uuid;

use super::call::Trouble;
use super::linking::Linker;
use super::one::{Done, Hands};
use super::rules::{Basis, Place, distinct};
use super::work::{Next, Run, failed};
use super::{Candidate, Import};
use crate::domain::deprovisioning::Cause;
use crate::domain::import::{Category, ImportProblem, ImportStatus};
use crate::domain::permission::Permission;
use crate::service::present::viewer_now;
use crate::service::{Ceiling, Error, Event, Result, Viewer};
use crate::store::directory_changes::{self, DirectoryChange};
use crate::store::{
    Tx, account_imports, assignments, audit, import_candidates, import_matches, organizations,
    users,
};

/// Candidates in one transaction: some tens of milliseconds, so that others get their turn in between.
const BATCH: u64 = 100;

/// Carries out the next candidates; when none is left, the import is complete.
pub(super) async fn batch(run: &Run, import: &Import) -> Result<Next> {
    let now = run.now();
    let stepped = run
        .step(import, async |tx, import| one_batch(&tx, import, now).await)
        .await;
    let stepped = match stepped {
        // Somebody took a name, or was given the app, between our look and our writing: the next look sees it.
        Err(Error::Refused(_)) => return run.stumble(import, overtaken()).await,
        other => other?,
    };
    if let Some(import) = &stepped {
        run.services.events.publish(Event::App {
            organization: import.organization_id,
            app: import.app_id,
        });
        run.services.work.notify_one();
    }
    Ok(Next::after(stepped))
}

fn overtaken() -> Trouble {
    Trouble::Later {
        problem: ImportProblem::Internal,
        detail: None,
        until: None,
    }
}

async fn one_batch(tx: &Tx, mut import: Import, now: i64) -> Result<Import> {
    let (viewer, place) = match standing(tx, &import, now).await? {
        Ok(standing) => standing,
        Err(problem) => return failed(tx, import, problem, None, now).await,
    };
    let candidates = import_candidates::next(tx, import.id, import.place, BATCH).await?;
    if candidates.is_empty() {
        import.status = ImportStatus::Completed;
        import.finished_at = Some(now);
        return Ok(import);
    }
    import.place = candidates.last().map(|each| each.id);
    carry_out(tx, &import, &viewer, &place, candidates, now).await?;
    Ok(import)
}

/// Whether the import may still go on: whose word it goes on, and where.
async fn standing(
    tx: &Tx,
    import: &Import,
    now: i64,
) -> Result<std::result::Result<(Viewer, Place), ImportProblem>> {
    let by = import.confirmed_by.unwrap_or(import.started_by);
    let (organization, token) = (import.organization_id, import.token_id);
    let ceiling = Ceiling::found(import.ceiling.as_ref())?;
    let viewer = viewer_now(tx, organization, by, token, ceiling, now).await?;
    let may =
        |viewer: &Viewer| viewer.can(Permission::ViewApps) && viewer.can(Permission::ImportUsers);
    let Some(viewer) = viewer.filter(may) else {
        return Ok(Err(ImportProblem::PermissionWithdrawn));
    };
    assignments::hold_app(tx, import.organization_id, import.app_id).await?;
    Ok(match Place::of(tx, import).await? {
        None => Err(ImportProblem::NotConnected),
        Some(place) if place.app.mappings_version != import.mappings_version => {
            Err(ImportProblem::MappingChanged)
        }
        Some(place) => Ok((viewer, place)),
    })
}

async fn carry_out(
    tx: &Tx,
    import: &Import,
    viewer: &Viewer,
    place: &Place,
    candidates: Vec<Candidate>,
    now: i64,
) -> Result<()> {
    if candidates
        .iter()
        .any(|each| each.category == Category::Deactivate)
    {
        organizations::lock(tx, import.organization_id).await?;
        let change = DirectoryChange {
            id: import.id,
            organization_id: import.organization_id,
            cause: Cause::Import,
            user_id: Some(viewer.user_id),
            created_at: now,
        };
        directory_changes::record(tx, change).await?;
    }
    let basis = Basis::load(tx, place).await?;
    let reader = basis.reader();
    let linker = Linker {
        app: &place.app,
        org: &place.org,
        rules: &basis.rules,
        admins_known: import.admins_known == Some(true),
        now,
    };
    let mut hands = Hands {
        tx,
        import,
        viewer,
        basis: &basis,
        reader: &reader,
        linker,
        now,
        people: HashMap::new(),
        accounts: HashMap::new(),
        holders: HashMap::new(),
        assignments: HashMap::new(),
        names: HashMap::new(),
        done: Done::default(),
    };
    look(&mut hands, &candidates).await?;
    for candidate in &candidates {
        let ended = hands.one(candidate).await?;
        import_candidates::end(tx, candidate.id, ended, now).await?;
    }
    write(tx, hands.done).await
}

/// Reads everything that the candidates are about, at once.
async fn look(hands: &mut Hands<'_>, candidates: &[Candidate]) -> Result<()> {
    let (tx, import) = (hands.tx, hands.import);
    let (organization, app) = (import.organization_id, import.app_id);
    let ids = distinct(candidates.iter().filter_map(|each| each.user_id));
    for row in import_matches::hold_people(tx, organization, &ids).await? {
        hands.people.insert(row.id, row);
    }
    for row in account_imports::of_people(tx, app, &ids).await? {
        hands.accounts.insert(row.user_id, row);
    }
    hands.assignments = assignments::lock_in_app(tx, organization, app, &ids).await?;
    let okta_ids: Vec<&str> = candidates
        .iter()
        .map(|each| each.okta_id.as_str())
        .collect();
    for (okta_id, user) in account_imports::holders(tx, import.okta_org_id, &okta_ids).await? {
        if let Some(okta_id) = okta_id {
            hands.holders.insert(okta_id, user);
        }
    }
    let new = || {
        candidates
            .iter()
            .filter(|each| each.category == Category::New)
    };
    let logins: Vec<&str> = new().map(|each| each.login_key.as_str()).collect();
    let emails: Vec<&str> = new().map(|each| each.email_key.as_str()).collect();
    for row in import_matches::with_keys(tx, organization, &logins, &emails).await? {
        hands.names.insert(row.user_name_key, row.id);
        hands.names.insert(row.primary_email_key, row.id);
    }
    Ok(())
}

async fn write(tx: &Tx, done: Done) -> Result<()> {
    users::insert_all(tx, done.people).await?;
    assignments::insert_all(tx, done.assignments).await?;
    account_imports::insert(tx, done.accounts).await?;
    Ok(audit::record_all(tx, done.acts).await?)
}

/// Whether somebody other than `user` has a user name or address of this row.
pub(super) async fn is_taken(tx: &Tx, row: &users::UserRow, user: Uuid) -> Result<bool> {
    let organization = row.organization_id;
    let (name, email) = (row.user_name_key.as_str(), row.primary_email_key.as_str());
    let found = import_matches::with_keys(tx, organization, &[name], &[email]).await?;
    let others = found.iter().filter(|other| other.id != user);
    Ok(others.into_iter().any(|other| {
        other.user_name_key == row.user_name_key || other.primary_email_key == row.primary_email_key
    }))
}
