//! What a mapping makes of one person, and what would change in Okta: with the mapping in force, or with one that is not saved yet.

use uuid::Uuid;

use super::apps::App;
use super::mappings::{self, Vocabulary};
use super::planning::{self, Rules};
use super::users::MAY_SEE_USERS;
use super::{Error, Result, Services, Viewer};
use crate::domain::account::{AccountState, Problem};
use crate::domain::directory::FieldValues;
use crate::domain::mapping::{
    MAX_ITEMS, MappingFault, MappingItem, MappingSource, OktaAttribute, OktaProfile, ValueFault,
    apply, same_value,
};
use crate::domain::permission::Permission;
use crate::domain::plan::{
    Desired, DirectoryStatus, Known, Lookup, Now, OperationKind, Plan, plan,
};
use crate::domain::value::FieldValue;
use crate::store::account_facts;
use crate::store::accounts::Facts;
use crate::store::apps;

/// What a mapping makes of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The person.
    pub user: Uuid,
    /// One line per mapped attribute, in the order of the mapping.
    pub lines: Vec<Line>,
    /// Values that Okta would refuse.
    pub faults: Vec<ValueFault>,
    /// What is wrong with the mapping itself.
    pub problems: Vec<MappingFault>,
    /// What would be done in Okta if the person had the app.
    pub operations: Vec<OperationKind>,
    /// How the account would stand then.
    pub state: AccountState,
    /// What would be in the way.
    pub problem: Option<Problem>,
}

/// One attribute of the person's Okta profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name of the attribute.
    pub attribute: String,
    /// Okta's title; the name when the org has no such attribute.
    pub title: String,
    /// Where the value comes from.
    pub source: MappingSource,
    /// What the mapping gives; `None` for no value, or one that cannot be.
    pub value: Option<FieldValue>,
    /// What Okta holds, as far as we know; `None` for no value, and for no account.
    pub current: Option<FieldValue>,
    /// Whether Okta would hold something else than now.
    pub changes: bool,
}

/// Previews a mapping for a person; `None` when there is no such person. `items` is the mapping to try; `None` takes the one in force.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`, or without a permission to see people; `BadInput` for more items than a mapping may have.
pub async fn preview(
    services: &Services,
    viewer: &Viewer,
    app: &App,
    user: Uuid,
    items: Option<Vec<MappingItem>>,
) -> Result<Option<Preview>> {
    viewer.require(Permission::ViewApps)?;
    viewer.require_any(&MAY_SEE_USERS)?;
    if items.as_ref().is_some_and(|items| items.len() > MAX_ITEMS) {
        let sentence = format!("`mappings` may have at most {MAX_ITEMS} items.");
        return Err(Error::BadInput(sentence));
    }
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    services
        .store
        .snapshot(async |tx| {
            let found = apps::find(&*tx, organization, app.id).await?;
            let app = found.ok_or(Error::NotFound)?;
            let Some(person) = crate::store::users::find(&*tx, organization, user).await? else {
                return Ok(None);
            };
            let person = super::users::User::try_from(person)?;
            let vocabulary = mappings::vocabulary(&tx, organization, app.id).await?;
            let items = match items {
                Some(items) => items,
                None => mappings::in_force(&tx, &app, &vocabulary).await?.items,
            };
            let facts = account_facts::of_person(&*tx, organization, app.id, user).await?;
            let subject = Subject {
                app: &app,
                user,
                status: person.status,
                fields: &person.fields,
                facts,
                now,
            };
            Ok::<_, Error>(Some(build(&subject, items, vocabulary)?))
        })
        .await
}

/// Whose preview it is.
struct Subject<'a> {
    app: &'a App,
    user: Uuid,
    status: DirectoryStatus,
    fields: &'a FieldValues,
    /// `None` for a person who never had the app.
    facts: Option<Facts>,
    /// Epoch milliseconds.
    now: i64,
}

fn build(subject: &Subject<'_>, items: Vec<MappingItem>, known: Vocabulary) -> Result<Preview> {
    let problems = known.faults(&items);
    let attributes = known.attributes.unwrap_or_default();
    let current = current_profile(subject)?;
    let (mut lines, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for item in &items {
        let attribute = attributes.iter().find(|each| each.name == item.attribute);
        let made = one(item, attribute, subject.fields).unwrap_or_else(|found| {
            faults.extend(found);
            OktaProfile::new()
        });
        lines.push(line(item, attribute, &made, current.as_ref()));
    }
    let plan = foresee(subject, Rules { items, attributes })?;
    Ok(Preview {
        user: subject.user,
        lines,
        faults,
        problems,
        operations: plan.operations().map(|each| each.kind()).collect(),
        state: plan.settlement.state,
        problem: plan.settlement.problem,
    })
}

/// What one line of the mapping gives.
fn one(
    item: &MappingItem,
    attribute: Option<&OktaAttribute>,
    fields: &FieldValues,
) -> std::result::Result<OktaProfile, Vec<ValueFault>> {
    let attribute = attribute.map(std::slice::from_ref).unwrap_or_default();
    apply(std::slice::from_ref(item), attribute, fields)
}

fn line(
    item: &MappingItem,
    attribute: Option<&OktaAttribute>,
    made: &OktaProfile,
    current: Option<&OktaProfile>,
) -> Line {
    let null = serde_json::Value::Null;
    let typed = |json: &serde_json::Value| FieldValue::from_json(json, attribute?.value_type);
    let (wanted, held) = (
        made.get(&item.attribute),
        current.map(|p| p.get(&item.attribute)),
    );
    let held = held.flatten();
    Line {
        title: attribute
            .map_or(&item.attribute, |known| &known.title)
            .clone(),
        attribute: item.attribute.clone(),
        source: item.source.clone(),
        value: wanted.and_then(typed),
        current: held.and_then(typed),
        changes: wanted.is_some_and(|wanted| !same_value(wanted, held.unwrap_or(&null))),
    }
}

/// What Okta holds of the person, as far as we know; `None` without an account.
fn current_profile(subject: &Subject<'_>) -> Result<Option<OktaProfile>> {
    let Some(facts) = &subject.facts else {
        return Ok(None);
    };
    Ok(planning::link(facts)?
        .account
        .map(|account| account.profile))
}

/// The plan if the person had the app.
fn foresee(subject: &Subject<'_>, rules: Rules) -> Result<Plan> {
    if let Some(facts) = &subject.facts {
        let mut facts = facts.clone();
        facts.account.release_only = facts.account.release_only && facts.assignment.is_some();
        facts.assignment.get_or_insert_default();
        return planning::foresee(&facts, &rules, subject.now);
    }
    let desired = Desired {
        user: subject.status,
        assignment: Some(Default::default()),
        profile: planning::profile_of(subject.fields, &rules),
        settings: subject.app.settings,
        options: planning::options(&subject.app.options),
        activation_stamp: 1,
        release_only: false,
    };
    let known = Known {
        account: None,
        lookup: Lookup::NoneFound,
        confirmation: None,
        refusals: Vec::new(),
        denied: Default::default(),
        now: Now::at(subject.now),
    };
    Ok(plan(&desired, &known))
}
