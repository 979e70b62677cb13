//! Reading who did what and when.

use uuid::Uuid;

use super::{Error, Result, Services, Viewer};
use crate::domain::code::codes;
use crate::domain::permission::Permission;
use crate::store;
use crate::store::audit_lists::AuditRow;

pub use crate::store::audit_lists::AuditFilter;
use crate::store::page::{Page, PageRequest};

codes! {
    /// Who acted.
    pub enum ActorKind {
        /// A person, through the API.
        User = "USER",
        /// The engine, on Okta.
        Engine = "ENGINE",
        /// Somebody at the command line.
        Operator = "OPERATOR",
    }
}

/// An act.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// The row.
    pub id: Uuid,
    /// When, epoch milliseconds.
    pub at: i64,
    /// Who.
    pub actor: ActorKind,
    /// The acting person when `actor` is `User`.
    pub actor_user: Option<Uuid>,
    /// The personal access token that the acting person used.
    pub actor_token: Option<Uuid>,
    /// What was done, as `noun.verb`.
    pub action: String,
    /// The app concerned.
    pub app: Option<Uuid>,
    /// The person concerned.
    pub user: Option<Uuid>,
    /// The account concerned.
    pub account: Option<Uuid>,
    /// The journal row.
    pub operation: Option<Uuid>,
    /// `X-Okta-Request-Id` of Okta's answer.
    pub okta_request_id: Option<String>,
    /// Before and after.
    pub detail: serde_json::Value,
}

impl TryFrom<AuditRow> for AuditEvent {
    type Error = store::Error;

    fn try_from(row: AuditRow) -> std::result::Result<Self, store::Error> {
        let actor = row.actor.parse().map_err(|_| store::Error::Corrupt {
            table: "audit_event",
            row: row.id.to_string(),
            what: "actor",
            value: row.actor.clone(),
        })?;
        Ok(Self {
            id: row.id,
            at: row.at,
            actor,
            actor_user: row.actor_user_id,
            actor_token: by_token(&row.detail),
            action: row.action,
            app: row.app_id,
            user: row.user_id,
            account: row.account_id,
            operation: row.operation_id,
            okta_request_id: row.okta_request_id,
            detail: row.detail,
        })
    }
}

/// The personal access token that the detail of an act names as used.
fn by_token(detail: &serde_json::Value) -> Option<Uuid> {
    let token = detail.get(store::audit::BY_TOKEN)?.as_str()?;
    Uuid::try_parse(token).ok()
}

/// Most actions, and most families, that a filter may name.
const MAX_ACTIONS: usize = 100;
/// Longest name of an action, in bytes; ours have at most 40.
const MAX_ACTION: usize = 100;

/// A page of acts.
///
/// # Errors
/// [`Error::Forbidden`] without `VIEW_AUDIT_LOG`; [`Error::BadInput`] for a filter that is too large.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    filter: &AuditFilter,
    request: PageRequest,
) -> Result<Page<AuditEvent>> {
    check(viewer, filter)?;
    let page =
        store::audit_lists::list(&services.store, viewer.organization_id, filter, request).await?;
    Ok(page.try_map(AuditEvent::try_from)?)
}

/// How many acts match.
///
/// # Errors
/// As [`list`].
pub async fn count(services: &Services, viewer: &Viewer, filter: &AuditFilter) -> Result<u64> {
    check(viewer, filter)?;
    Ok(store::audit_lists::count(&services.store, viewer.organization_id, filter).await?)
}

/// The act; null when there is none.
///
/// # Errors
/// [`Error::Forbidden`] without `VIEW_AUDIT_LOG`.
pub async fn find(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Option<AuditEvent>> {
    viewer.require(Permission::ViewAuditLog)?;
    let row = store::audit_lists::find(&services.store, viewer.organization_id, id).await?;
    Ok(row.map(AuditEvent::try_from).transpose()?)
}

fn check(viewer: &Viewer, filter: &AuditFilter) -> Result<()> {
    viewer.require(Permission::ViewAuditLog)?;
    for (field, names) in [("actions", &filter.actions), ("families", &filter.families)] {
        let odd = |name: &String| name.len() > MAX_ACTION || name.chars().any(char::is_control);
        if names.len() > MAX_ACTIONS || names.iter().any(odd) {
            let message = format!(
                "`{field}` must be a short list of names such as `user.create` and `user`."
            );
            return Err(Error::BadInput(message));
        }
    }
    Ok(())
}
