//! From rows to what the plan is made from. Reads and decides nothing else; the worker and the previews share it.

use super::error::Result;
use crate::domain::directory::{FieldValues, standard_fields};
use crate::domain::mapping::{
    LOGIN, MappingItem, OktaAttribute, OktaProfile, ValueFault, ValueFaultCode, apply,
    default_mapping,
};
use crate::domain::plan::{AppOptions, Desired, Known, Lookup, Now, Plan, plan};
use crate::store::account_links::{self, Link};
use crate::store::accounts::Facts;
use crate::store::apps::Options;
use crate::store::{Access, mappings, okta_snapshots};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The mapping in force and the schema that it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// One line per mapped attribute.
    pub items: Vec<MappingItem>,
    /// The attributes of the org's schema as last fetched; empty when it never was.
    pub attributes: Vec<OktaAttribute>,
}

/// The mapping in force: the saved one, else the default for the org's schema.
///
/// # Errors
/// The database's own, or when a row holds what this version does not understand.
pub async fn rules(access: &impl Access, facts: &Facts) -> Result<Rules> {
    let schema = match &facts.okta_org {
        Some(org) => okta_snapshots::find::<okta_snapshots::Schema>(access, org.id).await?,
        None => None,
    };
    let attributes = schema.map(|schema| schema.document).unwrap_or_default();
    let items = match facts.app.mappings_version {
        0 => default_mapping(&attributes, standard_fields()),
        _ => mappings::of_app(access, facts.app.id).await?,
    };
    Ok(Rules { items, attributes })
}

/// What the directory, the mapping and the settings want.
#[must_use]
pub fn desired(facts: &Facts, rules: &Rules) -> Desired {
    Desired {
        user: facts.person.status,
        assignment: facts.assignment,
        profile: profile(facts, rules),
        settings: facts.app.settings,
        options: options(&facts.app.options),
        activation_stamp: facts.account.activation_wanted,
        release_only: facts.account.release_only,
    }
}

/// The app's options as the plan takes them.
#[must_use]
pub fn options(options: &Options) -> AppOptions {
    AppOptions {
        send_activation_email: options.send_activation_email,
        deletion_delay_ms: i64::from(options.deletion_delay_days.unwrap_or(0)) * DAY_MS,
    }
}

/// The profile of the person, or why there is none.
///
/// # Errors
/// The values that break a rule; of a schema that was never fetched, the login.
pub fn profile(facts: &Facts, rules: &Rules) -> std::result::Result<OktaProfile, Vec<ValueFault>> {
    profile_of(&facts.person.fields, rules)
}

/// As [`profile`], of a person with these values.
///
/// # Errors
/// As [`profile`].
pub fn profile_of(
    fields: &FieldValues,
    rules: &Rules,
) -> std::result::Result<OktaProfile, Vec<ValueFault>> {
    if rules.attributes.is_empty() {
        return Err(vec![ValueFault {
            attribute: LOGIN.to_owned(),
            code: ValueFaultCode::NotWritable,
            params: Default::default(),
        }]);
    }
    apply(&rules.items, &rules.attributes, fields)
}

/// What the account row says of Okta.
///
/// # Errors
/// When the row holds what this version does not understand.
pub fn link(facts: &Facts) -> Result<Link> {
    let org = facts.okta_org.as_ref();
    let authorizer = org.and_then(|org| org.authorized_by_okta_id.as_deref());
    Ok(account_links::read(&facts.account, authorizer)?)
}

/// What is known of Okta when nothing was asked yet.
#[must_use]
pub fn known(facts: &Facts, link: Link, now: Now) -> Known {
    let org = facts.okta_org.as_ref();
    Known {
        account: link.account,
        lookup: Lookup::NotLookedUp,
        confirmation: link.confirmation,
        refusals: link.refusals,
        denied: org.map(|org| org.denied.clone()).unwrap_or_default(),
        now,
    }
}

/// The plan as it is foreseen from the rows alone: what a preview shows. A login of which nobody knows whether Okta has
/// it is taken to be free. `now` in epoch milliseconds.
///
/// # Errors
/// When the row holds what this version does not understand.
pub fn foresee(facts: &Facts, rules: &Rules, now: i64) -> Result<Plan> {
    let mut known = known(facts, link(facts)?, Now::at(now));
    known.lookup = Lookup::NoneFound;
    Ok(plan(&desired(facts, rules), &known))
}
