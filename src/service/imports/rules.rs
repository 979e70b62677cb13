//! What accounts are judged by: the mapping in force, the org's attributes, the directory's fields, and who holds admin roles in Okta.

use std::collections::HashSet;

use uuid::Uuid;

use super::Import;
use crate::domain::directory::{
    FieldDefinition, FieldValues, PRIMARY_EMAIL, USER_NAME, check_field_values,
};
use crate::domain::mapping::{EMAIL, FIRST_NAME, LAST_NAME, LOGIN, OktaProfile, Reader};
use crate::domain::value::FieldValue;
use crate::service::apps::App;
use crate::service::planning::Rules;
use crate::service::{Result, mappings};
use crate::store::okta_orgs::OktaOrg;
use crate::store::okta_snapshots::{self, AdminAssignees};
use crate::store::{Access, apps, okta_orgs};

/// Attributes that are kept of every account, mapped or not: they tell people who is meant.
const KEPT: [&str; 4] = [LOGIN, EMAIL, FIRST_NAME, LAST_NAME];

/// The app and its connection, as long as it is the one that was read.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub app: App,
    pub org: OktaOrg,
}

impl Place {
    /// `None` when the app is gone, or another connection took the place of the one that was read. That its grant may be dead is seen when
    /// Okta is called; what is carried out here needs none.
    pub(super) async fn of(db: &impl Access, import: &Import) -> Result<Option<Self>> {
        let (organization, app) = (import.organization_id, import.app_id);
        let Some(app) = apps::find(db, organization, app).await? else {
            return Ok(None);
        };
        let org = okta_orgs::of_app(db, organization, app.id).await?;
        let org = org.filter(|org| org.id == import.okta_org_id);
        Ok(org.map(|org| Self { app, org }))
    }
}

/// What accounts are judged by.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    pub rules: Rules,
    fields: Vec<FieldDefinition>,
    admins: HashSet<String>,
}

impl Basis {
    pub(super) async fn load(db: &impl Access, place: &Place) -> Result<Self> {
        let organization = place.app.organization_id;
        let vocabulary = mappings::vocabulary(db, organization, place.app.id).await?;
        let items = mappings::in_force(db, &place.app, &vocabulary).await?.items;
        let admins = okta_snapshots::find::<AdminAssignees>(db, place.org.id).await?;
        Ok(Self {
            rules: Rules {
                items,
                attributes: vocabulary.attributes.unwrap_or_default(),
            },
            fields: vocabulary.fields,
            admins: admins
                .map(|all| all.document)
                .unwrap_or_default()
                .into_iter()
                .collect(),
        })
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.rules.items, &self.rules.attributes, &self.fields)
    }

    pub(super) fn is_admin(&self, okta_id: &str) -> bool {
        self.admins.contains(okta_id)
    }
}

/// What is kept of a profile: what is mapped, and who it is.
pub(super) fn kept(reader: &Reader<'_>, profile: &OktaProfile) -> OktaProfile {
    let mut kept = reader.mapped(profile);
    for name in KEPT {
        if let Some(value) = profile.get(name) {
            kept.entry(name).or_insert_with(|| value.clone());
        }
    }
    kept
}

/// The values of a person who is made from a profile: what the mapping gives when read backwards; where it gives no user name or address, the
/// login and the primary e-mail address. `None` when the directory cannot take them.
pub(super) fn new_person(
    basis: &Basis,
    reader: &Reader<'_>,
    profile: &OktaProfile,
) -> Option<FieldValues> {
    let read = reader.read(profile).into_iter();
    let mut values: FieldValues = read.filter_map(|(id, value)| Some((id, value?))).collect();
    for (field, attribute) in [(USER_NAME, LOGIN), (PRIMARY_EMAIL, EMAIL)] {
        let text = profile.get(attribute).and_then(|value| value.as_str());
        if let (false, Some(text)) = (values.contains_key(field), text) {
            values.insert(field.to_owned(), FieldValue::String(text.trim().to_owned()));
        }
    }
    check_field_values(&values, &basis.fields)
        .is_empty()
        .then_some(values)
}

/// The person's values after taking over what the mapping gives when read backwards; what the directory refuses stays as it is.
pub(super) fn taken_over(
    reader: &Reader<'_>,
    profile: &OktaProfile,
    before: &FieldValues,
) -> FieldValues {
    let mut values = before.clone();
    for (id, value) in reader.read(profile) {
        match value {
            Some(value) => values.insert(id, value),
            None => values.remove(&id),
        };
    }
    values
}

/// Ids of people, each once.
pub(super) fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut all: Vec<Uuid> = ids.collect();
    all.sort_unstable();
    all.dedup();
    all
}
