//! One change for many people: a list of up to a hundred at once, or all who match as a bulk job.

use uuid::Uuid;

use super::decide::{Change, Wish, check_role, understand};
use super::rows::{Row, Rows};
use crate::domain::deprovisioning::Cause;
use crate::domain::okta_role::RoleCeiling;
use crate::random;
use crate::service::bulk_jobs::{self, BulkJob, Matching};
use crate::service::okta_catalog::custom_role_names;
use crate::service::{Error, Event, PathStep, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::assignments::{self, Assignable};
use crate::store::directory_changes::{self, DirectoryChange};
use crate::store::{Tx, account_lists};

/// People in one list: as many as a screen shows, and few enough for one short transaction.
pub const MAX_LISTED: usize = 100;

/// Whom a change concerns.
#[derive(Clone, Debug)]
pub enum Targets {
    /// These people, at most [`MAX_LISTED`].
    Listed(Vec<Uuid>),
    /// Everybody who matches.
    Matching(Matching),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Answer {
    /// One result for each person of the list, in its order.
    Rows(Vec<Row>),
    /// The job that works on all who match.
    Job(Box<BulkJob>),
}

/// Assigns an app, takes it away, or changes roles.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `ASSIGN_APPS`; `Refused` when the app, the role or the targets are at fault as a whole.
pub async fn change(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    targets: Targets,
    wish: &Wish,
) -> Result<Answer> {
    viewer.require_assign()?;
    let custom = custom_role_names(&services.store, viewer.organization_id, app).await?;
    let custom: Vec<&str> = custom.iter().map(String::as_str).collect();
    let change = understand(wish, &custom)?;
    match targets {
        Targets::Listed(users) => {
            check_length(&users)?;
            change_listed(services, viewer, app, &users, change).await
        }
        Targets::Matching(matching) => {
            let job = bulk_jobs::start(services, viewer, app, matching, change).await?;
            Ok(Answer::Job(Box::new(job)))
        }
    }
}

fn check_length(users: &[Uuid]) -> Result<()> {
    let at = ["targets", "userIds"];
    if users.is_empty() {
        let error = UserError::new(UserErrorCode::Required, "Name at least one user.");
        return Err(error.at(at).into());
    }
    if users.len() > MAX_LISTED {
        let sentence = format!("At most {MAX_LISTED} users at once; use `matching` for more.");
        let error = UserError::new(UserErrorCode::TooMany, sentence).with("max", MAX_LISTED);
        return Err(error.at(at).into());
    }
    Ok(())
}

async fn change_listed(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    users: &[Uuid],
    change: Change,
) -> Result<Answer> {
    let now = services.clock.now_ms();
    let organization = viewer.organization_id;
    let (rows, accounts) = services
        .store
        .transaction(async |tx| {
            let app = assignable(&tx, viewer, app, change).await?;
            let id = random::new_id();
            if matches!(change, Change::Unassign) {
                let change = DirectoryChange {
                    id,
                    organization_id: organization,
                    cause: Cause::UsersUnassign,
                    user_id: Some(viewer.user_id),
                    created_at: now,
                };
                directory_changes::record(&tx, change).await?;
            }
            let rows = Rows {
                tx: &tx,
                viewer,
                app: &app,
                change,
                job: None,
                id,
                now,
            };
            let rows = rows.apply(users).await?;
            let changed = changed_users(&rows);
            let accounts = account_lists::ids_in_app(&*tx, organization, app.id, &changed).await?;
            Ok::<_, Error>((rows, accounts))
        })
        .await?;
    for account in &accounts {
        services.events.publish(Event::Account {
            organization,
            app,
            account: *account,
        });
    }
    if !accounts.is_empty() {
        services.work.notify_one();
    }
    Ok(Answer::Rows(located(rows)))
}

/// The rows with the place of each refusal in the input.
fn located(rows: Vec<Row>) -> Vec<Row> {
    let locate = |(index, row): (usize, Row)| Row {
        outcome: row.outcome.map_err(|error| {
            let path: [PathStep; 3] = ["targets".into(), "userIds".into(), index.into()];
            error.below(path)
        }),
        ..row
    };
    rows.into_iter().enumerate().map(locate).collect()
}

fn changed_users(rows: &[Row]) -> Vec<Uuid> {
    let changed = |row: &&Row| row.outcome.as_ref().is_ok_and(|done| done.changed);
    rows.iter().filter(changed).map(|row| row.user_id).collect()
}

/// The app, held, once it is sure that the viewer may give the role of this change through it.
///
/// # Errors
/// `Refused` with `NOT_FOUND` at `appId`, or with the role's refusal at `role`.
pub(in crate::service) async fn assignable(
    tx: &Tx,
    viewer: &Viewer,
    app: Uuid,
    change: Change,
) -> Result<Assignable> {
    let app = assignments::hold_app(tx, viewer.organization_id, app)
        .await?
        .ok_or_else(|| UserError::not_found("app", "appId"))?;
    let ceiling = RoleCeiling {
        granter: &viewer.role,
        allowed: app.allowed_roles.as_deref(),
    };
    check_role(change, ceiling)?;
    Ok(app)
}
