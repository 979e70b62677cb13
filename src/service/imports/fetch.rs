//! Reading the org: who holds admin roles, page after page of users, and who is no longer there.
//!
//! Pages are asked for ahead while others are sorted (`ahead`), so that reading takes hardly longer than Okta takes to answer. What was read counts
//! only once it is committed together with the link to the page behind it.

use chrono::DateTime;
use okta_client::User;
use uuid::Uuid;

use super::Import;
use super::ahead::{Read, Reading};
use super::call::{Line, Trouble};
use super::gone;
use super::rules::{Basis, Place};
use super::sort::Sorter;
use super::work::{Next, Run, failed};
use crate::domain::import::{ImportMode, ImportPhase, ImportProblem, ImportStatus};
use crate::service::okta_port::UsersAsked;
use crate::service::{Error, Result};
use crate::store::okta_snapshots::{self, AdminAssignees};
use crate::store::{Tx, account_imports, import_candidates, import_seen};

/// Pages of admins that are believed: more than any org has.
const MAX_ADMIN_PAGES: usize = 100;
/// Pages of users that are believed: ten million accounts.
const MAX_PAGES: i64 = 50_000;
/// How much earlier than the fetch the question for changes since begins, milliseconds: Okta's index lags by about a second (contract §3).
const LAG_MS: i64 = 5_000;
/// Linked accounts looked at in one transaction.
const LOOKED_AT: u64 = 500;
/// Rows forgotten in one transaction: some tens of milliseconds.
const FORGOTTEN: u64 = 5_000;

/// Reads who holds admin roles. Okta may refuse that: then nobody is known to, and the engine looks before it does anything that matters.
pub(super) async fn admins(run: &Run, import: &Import) -> Result<Next> {
    let line = Line::of(&run.services, import);
    let (mut ids, mut next, mut calls, mut date) = (Vec::new(), None, 0, None);
    let mut known = true;
    for _ in 0..MAX_ADMIN_PAGES {
        calls += 1;
        match line.admins(next.take()).await {
            Ok(answer) => {
                date = date.or(answer.meta.date);
                ids.extend(answer.value.items.into_iter().map(|admin| admin.id));
                next = answer.value.next.map(|link| link.as_str().to_owned());
            }
            Err(Trouble::Never {
                problem: ImportProblem::OktaRefused,
                ..
            }) => known = false,
            Err(trouble) => return run.stumble(import, trouble).await,
        }
        if next.is_none() {
            break;
        }
    }
    let now = run.now();
    let stepped = run
        .step(import, async |tx, mut import| {
            let kept = if known { ids } else { Vec::new() };
            okta_snapshots::store::<AdminAssignees>(&tx, import.okta_org_id, &kept, now).await?;
            import.admins_known = Some(known);
            import.calls += calls;
            import.high_water = date.map(|date| date.timestamp_millis());
            import.phase = ImportPhase::Pages;
            Ok(import)
        })
        .await?;
    Ok(Next::after(stepped))
}

/// Reads and sorts pages until the last one, a pause, or trouble.
pub(super) async fn pages(run: &Run, import: &Import) -> Result<Next> {
    let Some((place, basis)) = basis(run, import).await? else {
        return run.fail(import, ImportProblem::NotConnected, None).await;
    };
    if place.app.mappings_version != import.mappings_version {
        return run.fail(import, ImportProblem::MappingChanged, None).await;
    }
    let share = u32::try_from(place.app.options.rate_limit_share).unwrap_or(1);
    let reading = Reading {
        line: Line::of(&run.services, import),
        share,
        stopping: run.stopping.clone(),
    };
    let mut import = import.clone();
    let mut coming = reading.start(first(&import));
    loop {
        let (some, trouble) = coming.next().await;
        if !some.is_empty() {
            let Some(stepped) = keep(run, &import, &basis, some).await? else {
                return Ok(Next::Rest);
            };
            import = stepped;
        } else if trouble.is_none() {
            let over = import.phase != ImportPhase::Pages
                || import.next_attempt_at.is_some()
                || run.stopping.is_cancelled();
            if !over {
                return Err(Error::Internal("the reading of an import broke off".into()));
            }
            return Ok(Next::after(Some(import)));
        }
        match trouble {
            Some(trouble) if import.status.is_running() => {
                return run.stumble(&import, trouble).await;
            }
            _ if import.status == ImportStatus::Fetching => {}
            _ => return Ok(Next::after(Some(import))),
        }
    }
}

async fn basis(run: &Run, import: &Import) -> Result<Option<(Place, Basis)>> {
    run.services
        .store
        .snapshot(async |tx| {
            let Some(place) = Place::of(&tx, import).await? else {
                return Ok(None);
            };
            let basis = Basis::load(&tx, &place).await?;
            Ok::<_, Error>(Some((place, basis)))
        })
        .await
}

fn first(import: &Import) -> UsersAsked {
    match &import.cursor {
        Some(link) => UsersAsked::Next(link.clone()),
        None => changed_after(import.since.unwrap_or(0)),
    }
}

fn changed_after(ms: i64) -> UsersAsked {
    UsersAsked::ChangedAfter(DateTime::from_timestamp_millis(ms.max(0)).unwrap_or_default())
}

/// Sorts pages and commits them together with where to go on.
async fn keep(
    run: &Run,
    import: &Import,
    basis: &Basis,
    pages: Vec<Read>,
) -> Result<Option<Import>> {
    let now = run.now();
    let stepped = run
        .step(import, async |tx, mut import| {
            let ids: Vec<&str> = pages.iter().flat_map(|page| page.ids()).collect();
            let mut seen = import_seen::among(&*tx, import.id, &ids).await?;
            let mut fresh: Vec<&User> = Vec::with_capacity(ids.len());
            for page in &pages {
                let news = fresh.len();
                fresh.extend(
                    page.users
                        .iter()
                        .filter(|user| seen.insert(user.id.clone())),
                );
                import.calls += 1;
                if let Some(problem) = implausible(&import, page, fresh.len() == news) {
                    return failed(&tx, import, problem, None, now).await;
                }
                import.pages += 1;
                import.high_water = import.high_water.or(page.date);
                import.next_attempt_at = page.until;
                import.cursor.clone_from(&page.link);
            }
            sort(&tx, &mut import, basis, &fresh, now).await?;
            if import.cursor.is_none() {
                import.phase = ImportPhase::Vanished;
            }
            Ok(import)
        })
        .await;
    // The engine may have to look at some.
    run.services.work.notify_one();
    stepped
}

/// What speaks against believing the page. A list that repeats itself or never ends is not a list: nobody could say who is missing.
fn implausible(import: &Import, page: &Read, nobody_new: bool) -> Option<ImportProblem> {
    if !page.users.is_empty() && nobody_new {
        return Some(ImportProblem::RepeatedPage);
    }
    let endless = page.endless || import.pages >= MAX_PAGES;
    (endless && page.link.is_some()).then_some(ImportProblem::EndlessPages)
}

async fn sort(
    tx: &Tx,
    import: &mut Import,
    basis: &Basis,
    fresh: &[&User],
    now: i64,
) -> Result<()> {
    let reader = basis.reader();
    let sorter = Sorter {
        import,
        basis,
        reader: &reader,
    };
    let sorted = sorter.sort(tx, fresh, None).await?;
    let ids: Vec<&str> = fresh.iter().map(|user| user.id.as_str()).collect();
    import_seen::insert(tx, import.id, &ids).await?;
    import_candidates::insert(tx, sorted.candidates).await?;
    for (reason, earlier) in sorted.conflicts {
        import_candidates::conflict(tx, &earlier, reason).await?;
    }
    // Where nothing is proposed nobody else would notice; where something is, what becomes of it is the administrator's choice.
    account_imports::look_again(tx, &sorted.strayed, now).await?;
    import.fetched += i64::try_from(fresh.len()).unwrap_or_default();
    import.matched += sorted.matched;
    import.in_sync += sorted.in_sync;
    import.ignored += sorted.ignored;
    Ok(())
}

/// After the last page: of a full import, lists those who are linked and were on no page; then the list is complete.
pub(super) async fn vanished(run: &Run, import: &Import) -> Result<Next> {
    if import.mode == ImportMode::Incremental || import.place == Some(Uuid::max()) {
        return complete(run, import).await;
    }
    let Some((_, basis)) = basis(run, import).await? else {
        return run.fail(import, ImportProblem::NotConnected, None).await;
    };
    let stepped = run
        .step(import, async |tx, mut import| {
            let rows = import_seen::unseen_links(
                &*tx,
                import.id,
                import.okta_org_id,
                import.created_at,
                import.place,
                LOOKED_AT,
            )
            .await?;
            // Behind the last one nobody is looked for again, for soon it is forgotten who was seen.
            let more = rows.len() as u64 == LOOKED_AT;
            import.place = rows
                .last()
                .map(|row| row.id)
                .filter(|_| more)
                .or(Some(Uuid::max()));
            let candidates = gone::candidates(&tx, &import, &basis, rows).await?;
            import.vanished += i64::try_from(candidates.len()).unwrap_or_default();
            import_candidates::insert(&tx, candidates).await?;
            Ok(import)
        })
        .await?;
    Ok(Next::after(stepped))
}

/// The list is complete. Who was seen is no longer needed.
async fn complete(run: &Run, import: &Import) -> Result<Next> {
    while forget(run, import.id).await? {}
    let now = run.now();
    let stepped = run
        .step(import, async |_, mut import| {
            import.status = ImportStatus::Ready;
            import.fetched_at = Some(now);
            import.place = None;
            Ok(import)
        })
        .await?;
    Ok(Next::after(stepped))
}

/// Forgets some of those who were seen. False when nobody is left.
async fn forget(run: &Run, import: Uuid) -> Result<bool> {
    run.services
        .store
        .transaction(async |tx| Ok::<_, Error>(import_seen::forget(&tx, import, FORGOTTEN).await?))
        .await
}

/// Asks Okta once, before anything is applied, whose accounts changed since they were read.
pub(super) async fn recheck(run: &Run, import: &Import) -> Result<Next> {
    let asked = match &import.cursor {
        Some(link) => UsersAsked::Next(link.clone()),
        None => changed_after(import.high_water.unwrap_or(import.created_at) - LAG_MS),
    };
    let answer = match Line::of(&run.services, import).users(asked).await {
        Ok(answer) => answer,
        Err(trouble) => return run.stumble(import, trouble).await,
    };
    let now = run.now();
    let stepped = run
        .step(import, async |tx, mut import| {
            let users = &answer.value.items;
            let changed = users.iter().map(|user| {
                let time = user.last_updated.map(|time| time.timestamp_millis());
                (user.id.as_str(), time)
            });
            import_candidates::outdate(&tx, import.id, &changed.collect(), now).await?;
            import.calls += 1;
            import.pages += 1;
            import.cursor = answer
                .value
                .next
                .as_ref()
                .map(|link| link.as_str().to_owned());
            if import.pages >= 2 * MAX_PAGES && import.cursor.is_some() {
                return failed(&tx, import, ImportProblem::EndlessPages, None, now).await;
            }
            if import.cursor.is_none() {
                import.phase = ImportPhase::Apply;
            }
            Ok(import)
        })
        .await?;
    Ok(Next::after(stepped))
}
