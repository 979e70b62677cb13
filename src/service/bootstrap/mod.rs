//! What an operator does at the command line: the first owner of an organisation, and tokens for people.

pub mod founding;

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::users::new_row;
use super::{Error, Services, organization::Organization};
use crate::domain::directory::{
    FieldValues, PRIMARY_EMAIL, USER_NAME, check_field_values, is_hidden_control, match_key,
    standard_fields,
};
use crate::domain::permission::AdminRoleKind;
use crate::domain::plan::DirectoryStatus;
use crate::domain::value::FieldValue;
use crate::keys::{self, SigningKey, Subject};
use crate::random;
use crate::store::audit::{self, Actor, Entry};
use crate::store::audit_chain;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{self, Tx};

/// Longest name of an organisation, in characters.
const MAX_NAME: usize = 200;

/// Why an operator's wish was refused. Each is one clear line.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The name cannot be one.
    #[error(
        "the organization's name must have 1 to 200 characters, none of them control characters"
    )]
    Name,
    /// The address is none.
    #[error("{0:?} is not an e-mail address")]
    Email(String),
    /// An organisation of this name has another owner.
    #[error(
        "an organization named {0:?} exists already, and this person is not its owner; nothing was changed"
    )]
    OrganizationExists(String),
    /// Nobody active has this address.
    #[error("nobody active has the e-mail address {0:?}; `provisioner init` makes the first owner")]
    NoSuchUser(String),
    /// People of several organisations have this address.
    #[error(
        "{email:?} is in several organizations: say which with --organization, one of {names:?}"
    )]
    Ambiguous {
        /// The address.
        email: String,
        /// Names of the organisations.
        names: Vec<String>,
    },
    /// The subject of a provider is somebody else's.
    #[error("this subject is linked with {0:?}; `provisioner unlink` ends that")]
    SubjectTaken(String),
    /// The configuration lets the issuer vouch for nobody of this organisation by subject.
    #[error(
        "no [[oidc]] of the configuration with the issuer {0:?} and match_by = \"subject\" is for this person's organization"
    )]
    NotVouchedFor(String),
    /// The token could not be signed.
    #[error(transparent)]
    Key(#[from] keys::Error),
    /// The database failed.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Self::Other(error.into())
    }
}

/// What `init` found or made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initialized {
    /// The organisation.
    pub organization: Organization,
    /// Its owner.
    pub owner: Uuid,
    /// False when both were there already and nothing was changed.
    pub created: bool,
}

/// Makes an organisation with its first owner. Done again with the same name and owner it changes nothing.
///
/// # Errors
/// [`Refusal`] for a name or address that cannot be used, and for an organisation of this name with another owner.
pub async fn init(
    services: &Services,
    name: &str,
    owner_email: &str,
) -> Result<Initialized, Refusal> {
    let name = organization_name(name)?;
    let values = owner_values(owner_email)?;
    let now = services.clock.now_ms();
    let values = &values;
    services
        .store
        .transaction(|tx| async move {
            store::organizations::one_at_a_time(&tx).await?;
            match named(&tx, name).await? {
                Some(organization) => existing(&tx, organization, owner_email).await,
                None => create(&tx, name, values, now).await,
            }
        })
        .await
}

fn organization_name(name: &str) -> Result<&str, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(is_hidden_control) {
        return Err(Refusal::Name);
    }
    Ok(name)
}

fn owner_values(email: &str) -> Result<FieldValues, Refusal> {
    let email = email.trim();
    let value = |id: &str| (id.to_owned(), FieldValue::String(email.to_owned()));
    let values = FieldValues::from([value(USER_NAME), value(PRIMARY_EMAIL)]);
    if check_field_values(&values, standard_fields()).is_empty() {
        Ok(values)
    } else {
        Err(Refusal::Email(email.to_owned()))
    }
}

async fn named(tx: &Arc<Tx>, name: &str) -> Result<Option<OrganizationRow>, Refusal> {
    let key = match_key(name);
    let all = store::organizations::all(tx).await?;
    Ok(all.into_iter().find(|row| match_key(&row.name) == key))
}

async fn existing(
    tx: &Arc<Tx>,
    organization: OrganizationRow,
    owner_email: &str,
) -> Result<Initialized, Refusal> {
    let people = store::users::with_email_anywhere(tx, &match_key(owner_email)).await?;
    let is_owner = |row: &&UserRow| {
        row.organization_id == organization.id && row.admin_role == AdminRoleKind::Owner.as_str()
    };
    match people.iter().find(is_owner) {
        Some(owner) => Ok(Initialized {
            organization: organization.into(),
            owner: owner.id,
            created: false,
        }),
        None => Err(Refusal::OrganizationExists(organization.name)),
    }
}

async fn create(
    tx: &Arc<Tx>,
    name: &str,
    values: &FieldValues,
    now: i64,
) -> Result<Initialized, Refusal> {
    let organization = OrganizationRow {
        id: random::new_id(),
        name: name.to_owned(),
        created_at: now,
    };
    store::organizations::insert(tx, organization.clone()).await?;
    let mut owner = new_row(organization.id, DirectoryStatus::Active, values, now)?;
    AdminRoleKind::Owner
        .as_str()
        .clone_into(&mut owner.admin_role);
    store::users::insert(tx, owner.clone()).await?;
    let entry = Entry::new(organization.id, now, Actor::Operator, "organization.create")
        .user(owner.id)
        .detail(json!({ "name": name, "owner": owner.primary_email }));
    audit::record(tx, entry).await?;
    audit_chain::begin(tx, organization.id).await?;
    Ok(Initialized {
        organization: organization.into(),
        owner: owner.id,
        created: true,
    })
}

/// A token for the active person with this address, valid for `lifetime_seconds`. The audit trail tells of it, or there is none.
///
/// # Errors
/// [`Refusal`] when nobody has the address, or people of several organisations do and `organization` (a name) does not choose one.
pub async fn token(
    services: &Services,
    key: &SigningKey,
    email: &str,
    organization: Option<&str>,
    lifetime_seconds: u32,
) -> Result<SecretString, Refusal> {
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            let subject = subject(&tx, email, organization).await?;
            let token = key.mint(subject, now, lifetime_seconds)?;
            let expires_at = now.div_euclid(1_000) + i64::from(lifetime_seconds);
            let entry = Entry::new(subject.organization, now, Actor::Operator, "token.issue")
                .user(subject.user)
                .detail(json!({ "expiresAt": expires_at * 1_000 }));
            audit::record(&tx, entry).await?;
            Ok(token)
        })
        .await
}

/// The active person with this address, in the organisation of this name if one is given.
pub(super) async fn subject(
    tx: &Arc<Tx>,
    email: &str,
    organization: Option<&str>,
) -> Result<Subject, Refusal> {
    let organizations = store::organizations::all(tx).await?;
    let wanted = organization.map(match_key);
    let mut found = Vec::new();
    for user in store::users::with_email_anywhere(tx, &match_key(email)).await? {
        let at = organizations
            .iter()
            .find(|row| row.id == user.organization_id);
        let chosen = |row: &&OrganizationRow| {
            wanted
                .as_ref()
                .is_none_or(|name| *name == match_key(&row.name))
        };
        if let Some(row) = at
            .filter(chosen)
            .filter(|_| user.status == DirectoryStatus::Active.as_str())
        {
            found.push((user.id, row));
        }
    }
    let names = || found.iter().map(|(_, row)| row.name.clone()).collect();
    let email = email.to_owned();
    match found.as_slice() {
        [] => Err(Refusal::NoSuchUser(email)),
        [(user, row)] => Ok(Subject {
            user: *user,
            organization: row.id,
        }),
        _ => Err(Refusal::Ambiguous {
            email,
            names: names(),
        }),
    }
}
