//! What is known of the Okta account behind an account row: between the columns and the domain's types.

use entity::{account, app, assignment, user};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QuerySelect as _,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::accounts::Edit;
use super::{Access, Error, Result, Tx};
use crate::domain::account::{OktaStatus, Problem};
use crate::domain::deprovisioning::Verdict;
use crate::domain::link::LinkReason;
use crate::domain::plan::{
    GrantedRole, KnownAccount, KnownElsewhere, KnownRoles, LinkConfirmation, OperationKind,
    Refusal, RoleKnowledge,
};

/// An Okta account that came up under the wanted login and is not ours yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredCandidate {
    /// The login that was asked for; the rest counts for no other.
    pub login: String,
    /// Okta's id of the account.
    pub okta_id: String,
    /// Reasons for a confirmation that a later lookup would not show.
    pub suspicions: Vec<LinkReason>,
}

/// What an account row says of Okta.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The linked account; null when there never was one.
    pub account: Option<KnownAccount>,
    /// An account that came up instead.
    pub candidate: Option<StoredCandidate>,
    /// What an administrator agreed to link.
    pub confirmation: Option<LinkConfirmation>,
    /// What Okta refused in this generation.
    pub refusals: Vec<Refusal>,
    /// Read the account once more at this time, epoch milliseconds.
    pub recheck_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StoredRefusal {
    kind: OperationKind,
    problem: Problem,
}

/// Reads the columns. `authorizer` is the Okta id of the administrator who authorized the connection.
///
/// # Errors
/// [`Error::Corrupt`].
pub fn read(row: &account::Model, authorizer: Option<&str>) -> Result<Link> {
    let refusals: Vec<StoredRefusal> = document(row, "refusals", row.refusals.as_ref())?;
    Ok(Link {
        account: linked(row, authorizer)?,
        candidate: document(row, "candidate", row.candidate.as_ref())?,
        confirmation: document(row, "confirmation", row.link_confirmation.as_ref())?,
        refusals: refusals
            .into_iter()
            .map(|StoredRefusal { kind, problem }| Refusal { kind, problem })
            .collect(),
        recheck_at: row.recheck_at,
    })
}

fn linked(row: &account::Model, authorizer: Option<&str>) -> Result<Option<KnownAccount>> {
    let (Some(okta_id), Some(provenance)) = (&row.okta_id, &row.provenance) else {
        return Ok(None);
    };
    let granted = match &row.granted_role {
        Some(role) => Some(GrantedRole {
            role: role.parse().map_err(|_| corrupt(row, "role", role))?,
            created: row.granted_role_created,
        }),
        None => None,
    };
    let knowledge = match row.role_known {
        true => RoleKnowledge::Recorded,
        false => RoleKnowledge::Unknown,
    };
    Ok(Some(KnownAccount {
        okta_id: okta_id.clone(),
        provenance: provenance
            .parse()
            .map_err(|_| corrupt(row, "provenance", provenance))?,
        status: OktaStatus::from(row.okta_status.as_deref().unwrap_or("UNKNOWN")),
        transitioning: row.transitioning,
        status_fresh: false,
        profile: document(row, "profile", row.okta_profile.as_ref())?,
        roles: KnownRoles {
            knowledge,
            granted,
            foreign: document(row, "roles", row.foreign_roles.as_ref())?,
        },
        deactivated_by_us: row.deactivated_by_us,
        activation_applied: row.activation_applied,
        admin_confirmed: row.admin_confirmed,
        is_authorizing_admin: authorizer == Some(okta_id.as_str()),
        released: row.released,
        deletion_from: row.deletion_from,
    }))
}

/// An absent document reads as the empty one, or as null where the type has it.
fn document<T: DeserializeOwned + Default>(
    row: &account::Model,
    what: &'static str,
    stored: Option<&serde_json::Value>,
) -> Result<T> {
    match stored {
        None | Some(serde_json::Value::Null) => Ok(T::default()),
        Some(value) => {
            T::deserialize(value).map_err(|error| corrupt(row, what, &error.to_string()))
        }
    }
}

fn corrupt(row: &account::Model, what: &'static str, value: &str) -> Error {
    Error::Corrupt {
        table: "account",
        row: row.id.to_string(),
        what,
        value: value.to_owned(),
    }
}

/// Writes what is known, through the connection `okta_org`. `row` must be locked in this transaction.
///
/// # Errors
/// As [`Edit::write`].
pub async fn write(
    tx: &Tx,
    row: account::Model,
    okta_org: Uuid,
    link: &Link,
    now: i64,
) -> Result<()> {
    edit(row, okta_org, link, now).write(tx, now).await
}

/// What changes in the row when this is known, through the connection `okta_org`.
#[must_use]
pub fn edit(row: account::Model, okta_org: Uuid, link: &Link, now: i64) -> Edit {
    let mut edit = Edit::of(row);
    let change = &mut edit.change;
    if let Some(known) = &link.account {
        set_linked(change, okta_org, known);
        change.observed_at = Set(Some(now));
    }
    let refusals: Vec<_> = link
        .refusals
        .iter()
        .map(|refusal| StoredRefusal {
            kind: refusal.kind,
            problem: refusal.problem.clone(),
        })
        .collect();
    change.refusals = Set((!refusals.is_empty()).then(|| to_json(&refusals)));
    change.candidate = Set(link.candidate.as_ref().map(to_json));
    change.recheck_at = Set(link.recheck_at);
    edit
}

fn set_linked(change: &mut account::ActiveModel, okta_org: Uuid, known: &KnownAccount) {
    change.okta_org_id = Set(Some(okta_org));
    change.okta_id = Set(Some(known.okta_id.clone()));
    change.provenance = Set(Some(known.provenance.to_string()));
    change.okta_status = Set(Some(known.status.as_str().to_owned()));
    change.transitioning = Set(known.transitioning);
    change.okta_profile = Set(Some(serde_json::Value::Object(known.profile.clone())));
    change.granted_role = Set(known.roles.granted.map(|granted| granted.role.to_string()));
    change.granted_role_created = Set(known.roles.granted.and_then(|granted| granted.created));
    change.role_known = Set(known.roles.knowledge != RoleKnowledge::Unknown);
    change.foreign_roles =
        Set((!known.roles.foreign.is_empty()).then(|| to_json(&known.roles.foreign)));
    change.deactivated_by_us = Set(known.deactivated_by_us);
    change.activation_applied = Set(known.activation_applied);
    change.admin_confirmed = Set(known.admin_confirmed);
    change.released = Set(known.released);
    change.deletion_from = Set(known.deletion_from);
}

fn to_json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The other user of ours to whom an Okta account is linked through the same connection; null when none is.
///
/// # Errors
/// The database's own.
pub async fn linked_elsewhere(
    access: &impl Access,
    okta_org: Uuid,
    okta_id: &str,
    not: Uuid,
) -> Result<Option<KnownElsewhere>> {
    let db = access.connection();
    let other = account::Entity::find()
        .filter(account::Column::OktaOrgId.eq(okta_org))
        .filter(account::Column::OktaId.eq(okta_id))
        .filter(account::Column::Id.ne(not))
        .one(db)
        .await?;
    let Some(other) = other else { return Ok(None) };
    let user = user::Entity::find_by_id(other.user_id).one(db).await?;
    let app = app::Entity::find_by_id(other.app_id).one(db).await?;
    let assigned = assignment::Entity::find()
        .filter(assignment::Column::AppId.eq(other.app_id))
        .filter(assignment::Column::UserId.eq(other.user_id))
        .one(db)
        .await?
        .is_some();
    let gone = user.is_none_or(|user| user.status == "DELETED");
    let deletes = app.is_some_and(|app| app.delete_users);
    Ok(Some(KnownElsewhere {
        user_id: other.user_id,
        awaiting_deletion: deletes
            && (gone || !assigned)
            && !other.release_only
            && !other.released
            && other.removal_verdict.as_deref() != Some(Verdict::Discarded.as_str()),
    }))
}

/// The account of ours that is linked to an Okta account through this connection, locked; null when none is.
///
/// # Errors
/// The database's own.
pub async fn holder(tx: &Tx, okta_org: Uuid, okta_id: &str) -> Result<Option<account::Model>> {
    Ok(account::Entity::find()
        .filter(account::Column::OktaOrgId.eq(okta_org))
        .filter(account::Column::OktaId.eq(okta_id))
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// Takes a linked Okta account away from its [`holder`], whose account is then looked at again.
///
/// # Errors
/// The database's own.
pub async fn take_away(tx: &Tx, holder: account::Model, now: i64) -> Result<()> {
    let (id, organization) = (holder.id, holder.organization_id);
    let mut change = holder.into_active_model();
    change.okta_org_id = Set(None);
    change.okta_id = Set(None);
    change.provenance = Set(None);
    change.okta_status = Set(None);
    change.okta_profile = Set(None);
    change.granted_role = Set(None);
    change.granted_role_created = Set(None);
    change.foreign_roles = Set(None);
    change.link_confirmation = Set(None);
    change.released = Set(false);
    change.deletion_from = Set(None);
    change.update(tx.connection()).await?;
    let scope = super::generations::Scope::Account(id);
    super::generations::raise(tx, organization, &scope, false, now).await?;
    Ok(())
}
