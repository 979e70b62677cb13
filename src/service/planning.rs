//! From rows to what the plan is made from. Reads and decides nothing else; the worker and the previews share it.

use std::collections::BTreeMap;

use entity::{attribute_mapping, okta_org};
use uuid::Uuid;

use super::error::Result;
use crate::domain::directory::{FieldValues, standard_fields};
use crate::domain::mapping::{
    MappingItem, MappingSource, OktaAttribute, ValueFault, ValueFaultCode, apply, default_mapping,
};
use crate::domain::plan::{
    AppOptions, AssignmentWish, Desired, DirectoryStatus, Known, Lookup, Plan, Settings, plan,
};
use crate::store::account_links::{self, Link};
use crate::store::accounts::Facts;
use crate::store::{self, Access, connection_health};

/// The mapping in force and the schema that it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// One line per mapped attribute.
    pub items: Vec<MappingItem>,
    /// The attributes of the org's schema as last fetched; empty when it never was.
    pub attributes: Vec<OktaAttribute>,
}

/// What the directory, the mapping and the settings want.
///
/// # Errors
/// When a row holds what this version does not understand.
pub fn desired(facts: &Facts, rules: &Rules) -> Result<Desired> {
    let user: DirectoryStatus = parse("user", facts.user.id, "status", &facts.user.status)?;
    let assignment = match &facts.assignment {
        None => None,
        Some(row) => Some(AssignmentWish {
            role: match &row.role {
                Some(role) => Some(parse("assignment", row.id, "role", role)?),
                None => None,
            },
        }),
    };
    Ok(Desired {
        user,
        assignment,
        profile: profile(facts, rules)?,
        settings: settings(facts),
        options: AppOptions {
            send_activation_email: facts.app.send_activation_email,
        },
        activation_stamp: facts.account.activation_wanted,
        release_only: facts.account.release_only,
    })
}

/// The four switches of the app.
#[must_use]
pub fn settings(facts: &Facts) -> Settings {
    Settings {
        create_users: facts.app.create_users,
        update_user_profile: facts.app.update_user_profile,
        delete_users: facts.app.delete_users,
        activate_and_deactivate_users: facts.app.activate_and_deactivate_users,
    }
}

fn profile(
    facts: &Facts,
    rules: &Rules,
) -> Result<std::result::Result<crate::domain::mapping::OktaProfile, Vec<ValueFault>>> {
    let values: FieldValues = serde_json::from_value(facts.user.fields.clone())
        .map_err(|error| corrupt("user", facts.user.id, "fields", &error.to_string()))?;
    if rules.attributes.is_empty() {
        return Ok(Err(vec![ValueFault {
            attribute: crate::domain::mapping::LOGIN.to_owned(),
            code: ValueFaultCode::NotWritable,
            params: BTreeMap::new(),
        }]));
    }
    Ok(apply(&rules.items, &rules.attributes, &values))
}

/// What the account row says of Okta.
///
/// # Errors
/// When the row holds what this version does not understand.
pub fn link(facts: &Facts) -> Result<Link> {
    let authorizer = facts
        .okta_org
        .as_ref()
        .and_then(|org| org.authorized_by_okta_id.as_deref());
    Ok(account_links::read(&facts.account, authorizer)?)
}

/// What is known of Okta when nothing was asked yet.
///
/// # Errors
/// When a row holds what this version does not understand.
pub fn known(facts: &Facts) -> Result<Known> {
    let link = link(facts)?;
    let denied = match &facts.okta_org {
        Some(org) => connection_health::denied(org)?,
        None => Default::default(),
    };
    Ok(Known {
        account: link.account,
        lookup: Lookup::NotLookedUp,
        confirmation: link.confirmation,
        refusals: link.refusals,
        denied,
    })
}

/// The plan as it is foreseen from the rows alone: what a preview shows.
///
/// # Errors
/// When a row holds what this version does not understand.
pub fn foresee(facts: &Facts, rules: &Rules) -> Result<Plan> {
    Ok(plan(&desired(facts, rules)?, &known(facts)?))
}

/// The mapping in force: the saved one, else the default for the org's schema.
///
/// # Errors
/// The database's own, or when a row holds what this version does not understand.
pub async fn rules(access: &impl Access, facts: &Facts) -> Result<Rules> {
    let attributes = match &facts.okta_org {
        Some(org) => schema(access, org).await?,
        None => Vec::new(),
    };
    if facts.app.mappings_version == 0 {
        let items = default_mapping(&attributes, standard_fields());
        return Ok(Rules { items, attributes });
    }
    let items = store::mapping_rows::of_app(access, facts.app.id)
        .await?
        .into_iter()
        .map(item)
        .collect::<Result<_>>()?;
    Ok(Rules { items, attributes })
}

async fn schema(access: &impl Access, org: &okta_org::Model) -> Result<Vec<OktaAttribute>> {
    match store::mapping_rows::schema(access, org.id).await? {
        None => Ok(Vec::new()),
        Some(document) => serde_json::from_value(document)
            .map_err(|error| corrupt("okta_snapshot", org.id, "schema", &error.to_string())),
    }
}

fn item(row: attribute_mapping::Model) -> Result<MappingItem> {
    let source = match (row.field_id, row.constant) {
        (Some(field), _) => MappingSource::Field(field),
        (None, constant) => {
            let value = serde_json::from_value(constant.unwrap_or_default()).map_err(|error| {
                corrupt(
                    "attribute_mapping",
                    row.app_id,
                    "constant",
                    &error.to_string(),
                )
            })?;
            MappingSource::Constant(value)
        }
    };
    Ok(MappingItem {
        attribute: row.attribute,
        source,
    })
}

fn parse<T: std::str::FromStr>(
    table: &'static str,
    row: Uuid,
    what: &'static str,
    value: &str,
) -> Result<T> {
    value.parse().map_err(|_| corrupt(table, row, what, value))
}

fn corrupt(table: &'static str, row: Uuid, what: &'static str, value: &str) -> super::Error {
    store::Error::Corrupt {
        table,
        row: row.to_string(),
        what,
        value: value.to_owned(),
    }
    .into()
}
