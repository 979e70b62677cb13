//! Where the accounts of an app stand, and what an administrator can do for one that is stuck. Reading needs `VIEW_APPS`; trying again
//! `ASSIGN_APPS`; taking over an Okta account that was there before, the right to configure provisioning.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

pub use crate::store::account_lists::{AccountFilter, AccountKey, AccountStanding, AccountView};

use super::assignments::role_refused;
use super::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::account::{AccountState, Problem, ProblemCode};
use crate::domain::link::LinkReason;
use crate::domain::okta_role::check_takes_admin;
use crate::domain::permission::Permission;
use crate::domain::plan::LinkConfirmation;
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};
use crate::store::page::{Page, PageRequest};
use crate::store::{Tx, account_lists, rulings};

/// Accounts in one request to try again.
pub const MAX_RETRIED: usize = 100;

/// A page of an app's accounts.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &AccountFilter,
    key: AccountKey,
    request: PageRequest,
) -> Result<Page<AccountView>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    Ok(account_lists::list(&services.store, organization, app, filter, key, request).await?)
}

/// How many accounts [`list`] goes through.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn count(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &AccountFilter,
) -> Result<u64> {
    viewer.require(Permission::ViewApps)?;
    Ok(account_lists::count(&services.store, viewer.organization_id, app, filter).await?)
}

/// The accounts with these ids that the viewer may see.
///
/// # Errors
/// The database's own.
pub async fn by_ids(
    services: &Services,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<Vec<AccountView>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(account_lists::by_ids(&services.store, viewer.organization_id, ids).await?)
}

/// The accounts of these people, as far as the viewer may see them.
///
/// # Errors
/// The database's own.
pub async fn of_people(
    services: &Services,
    viewer: &Viewer,
    users: &[Uuid],
) -> Result<Vec<AccountView>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(account_lists::of_people(&services.store, viewer.organization_id, users).await?)
}

/// What became of one account that was to be tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct Retried {
    /// The account, as asked for.
    pub id: Uuid,
    /// The account as it is now, or why nothing was done.
    pub outcome: std::result::Result<AccountView, UserError>,
}

/// Tries blocked and waiting accounts again at once. Those under way already are left alone, and count as done.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `ASSIGN_APPS`; `Refused` for none or more than [`MAX_RETRIED`].
pub async fn retry(services: &Services, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<Retried>> {
    viewer.require_assign()?;
    check_length(ids)?;
    let now = services.clock.now_ms();
    let mut order = ids.to_vec();
    order.sort_unstable();
    order.dedup();
    let outcomes = services
        .store
        .transaction(async |tx| {
            let mut outcomes = HashMap::with_capacity(order.len());
            for id in order {
                outcomes.insert(id, retry_one(&tx, viewer, id, now).await?);
            }
            Ok::<_, Error>(outcomes)
        })
        .await?;
    for account in outcomes.values().flatten() {
        services.events.publish(changed(account));
        services.work.notify_one();
    }
    let retried = |id: &Uuid| Retried {
        id: *id,
        outcome: outcomes
            .get(id)
            .cloned()
            .unwrap_or_else(|| Err(no_such_account())),
    };
    Ok(ids.iter().map(retried).collect())
}

pub(super) fn check_length(ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        let error = UserError::new(UserErrorCode::Required, "Name at least one account.");
        return Err(error.at(["accountIds"]).into());
    }
    if ids.len() > MAX_RETRIED {
        let sentence = format!("At most {MAX_RETRIED} accounts at once.");
        let error = UserError::new(UserErrorCode::TooMany, sentence).with("max", MAX_RETRIED);
        return Err(error.at(["accountIds"]).into());
    }
    Ok(())
}

async fn retry_one(
    tx: &Tx,
    viewer: &Viewer,
    id: Uuid,
    now: i64,
) -> Result<std::result::Result<AccountView, UserError>> {
    let organization = viewer.organization_id;
    let Some(account) = account_lists::lock(tx, organization, id).await? else {
        return Ok(Err(no_such_account()));
    };
    match account.state {
        AccountState::Pending | AccountState::Running | AccountState::Checking => {
            return Ok(Ok(account));
        }
        AccountState::Blocked | AccountState::Waiting => {}
        AccountState::NotProvisioned
        | AccountState::InSync
        | AccountState::Held
        | AccountState::Released => return Ok(Err(nothing_to_retry())),
    }
    rulings::reconsider(tx, id, now).await?;
    generations::raise(tx, organization, &Scope::Account(id), false, now).await?;
    record(
        tx,
        viewer,
        &account,
        "account.retry",
        now,
        json!({ "state": account.state }),
    )
    .await?;
    let account = account_lists::lock(tx, organization, id).await?;
    Ok(account.ok_or_else(no_such_account))
}

pub(super) async fn record(
    tx: &Tx,
    viewer: &Viewer,
    account: &AccountView,
    action: &'static str,
    now: i64,
    detail: serde_json::Value,
) -> Result<()> {
    let actor = viewer.actor();
    let mut entry = Entry::new(viewer.organization_id, now, actor, action)
        .app(account.app_id)
        .user(account.user_id)
        .detail(detail);
    entry.account = Some(account.id);
    Ok(audit::record(tx, entry).await?)
}

pub(super) fn changed(account: &AccountView) -> Event {
    Event::Account {
        organization: account.organization_id,
        app: account.app_id,
        account: account.id,
    }
}

pub(super) fn no_such_account() -> UserError {
    UserError::new(UserErrorCode::NotFound, "There is no such account.")
}

fn nothing_to_retry() -> UserError {
    let sentence = "Nothing is stuck here: only blocked and waiting accounts can be tried again.";
    UserError::new(UserErrorCode::NotPossibleNow, sentence)
}

/// Agrees that the Okta account which was shown is this person's and may be managed: an account found under the login, or a linked one that
/// holds admin roles given by others. Only for the reasons shown; a further one asks again.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when the account is not there, asks for no confirmation, or for another Okta id, or when it is an
/// admin's and the viewer may not hand that out.
pub async fn confirm_link(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    okta_id: &str,
) -> Result<AccountView> {
    viewer.require_configure()?;
    let now = services.clock.now_ms();
    let organization = viewer.organization_id;
    let account = services
        .store
        .transaction(async |tx| {
            let account = account_lists::lock(&tx, organization, id)
                .await?
                .ok_or_else(|| no_such_account().at(["accountId"]))?;
            let asked = question(&account)?;
            asked.check(viewer, account.user_id)?;
            if asked.okta_id() != okta_id {
                return Err(other_okta_account().into());
            }
            asked.agree(&tx, organization, id).await?;
            generations::raise(&tx, organization, &Scope::Account(id), false, now).await?;
            let detail = json!({ "oktaId": okta_id, "reasons": asked.reasons() });
            record(&tx, viewer, &account, "account.confirmLink", now, detail).await?;
            let account = account_lists::lock(&tx, organization, id).await?;
            account.ok_or(Error::NotFound)
        })
        .await?;
    services.events.publish(changed(&account));
    services.work.notify_one();
    Ok(account)
}

/// Whether the viewer may agree to what this account asks for; as long as it asks for nothing, whether he may agree at all.
#[must_use]
pub fn may_confirm_link(viewer: &Viewer, account: &AccountView) -> bool {
    let person = account.user_id;
    let may_this = question(account).map_or(true, |asked| asked.check(viewer, person).is_ok());
    viewer.require_configure().is_ok() && may_this
}

/// What an administrator is asked to agree to.
enum Question {
    /// Taking over an Okta account.
    Link(LinkConfirmation),
    /// Changing a linked Okta account in spite of the admin roles that it holds.
    Admin { okta_id: String },
}

impl Question {
    fn okta_id(&self) -> &str {
        match self {
            Self::Link(confirmation) => &confirmation.okta_id,
            Self::Admin { okta_id } => okta_id,
        }
    }

    fn reasons(&self) -> serde_json::Value {
        match self {
            Self::Link(confirmation) => json!(confirmation.reasons),
            Self::Admin { .. } => json!([ProblemCode::ProtectedAdmin]),
        }
    }

    /// An account that others made an admin of the org is above the ceiling. Roles that cannot be read are not: then the authorizing administrator
    /// is none who could change admins either (contract §5).
    fn check(&self, viewer: &Viewer, person: Uuid) -> std::result::Result<(), UserError> {
        let admin = match self {
            Self::Link(confirmation) => confirmation.reasons.contains(&LinkReason::AdminRole),
            Self::Admin { .. } => true,
        };
        if !admin {
            return Ok(());
        }
        check_takes_admin(&viewer.role, person == viewer.user_id).map_err(|refusal| {
            let code = role_refused(refusal).code;
            let sentence = "This Okta account holds admin roles: only an owner, or an admin for somebody else, can confirm it.";
            UserError::new(code, sentence).at(["accountId"])
        })
    }

    async fn agree(&self, tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
        match self {
            Self::Link(confirmation) => {
                account_lists::confirm_link(tx, organization, id, confirmation).await?;
            }
            Self::Admin { .. } => account_lists::confirm_admin(tx, organization, id).await?,
        }
        Ok(())
    }
}

fn question(account: &AccountView) -> Result<Question> {
    let asked = account
        .problem
        .as_ref()
        .and_then(|problem| asked(problem, account));
    asked.ok_or_else(|| {
        let sentence = "This account waits for no confirmation.";
        UserError::new(UserErrorCode::NotPossibleNow, sentence)
            .at(["accountId"])
            .into()
    })
}

fn asked(problem: &Problem, account: &AccountView) -> Option<Question> {
    match problem.code {
        ProblemCode::LinkNeedsConfirmation => Some(Question::Link(LinkConfirmation {
            okta_id: problem.okta_id.clone()?,
            reasons: problem.link_reasons.clone(),
        })),
        ProblemCode::ProtectedAdmin => Some(Question::Admin {
            okta_id: account.okta_id.clone()?,
        }),
        _ => None,
    }
}

fn other_okta_account() -> UserError {
    let sentence = "Another Okta account is in question by now; look at it before you confirm.";
    UserError::new(UserErrorCode::NotPossibleNow, sentence).at(["oktaId"])
}
