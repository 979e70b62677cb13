//! The mapping of directory fields and constants to Okta attributes.

use serde_json::json;
use uuid::Uuid;

use super::apps::{self, App, Saved, Saving, version_conflict};
use super::{
    Error, Event, PathStep, Result, Services, UserError, UserErrorCode, Viewer, directory_fields,
};
use crate::domain::code::codes;
use crate::domain::directory::FieldDefinition;
use crate::domain::directory::standard_fields;
use crate::domain::mapping::{
    MappingFault, MappingFaultCode, MappingItem, MappingSource, OktaAttribute, default_mapping,
    validate,
};
use crate::domain::permission::Permission;
use crate::domain::value::FieldValue;
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};
use crate::store::okta_snapshots::{self, Schema};
use crate::store::{self, Access, Tx, mappings, okta_orgs, organizations};

codes! {
    /// How a mapping stands.
    pub enum MappingStatus {
        /// Nobody saved one; the default is in force.
        Default = "DEFAULT",
        /// The saved one is in force.
        Saved = "SAVED",
        /// The one in force does not fit the org's schema as it is now.
        Invalid = "INVALID",
    }
}

/// The mapping in force.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingSet {
    /// Goes up each time a mapping is saved; 0 means never saved.
    pub version: i64,
    /// Who saved it last.
    pub saved: Option<Saved>,
    /// How it stands.
    pub status: MappingStatus,
    /// One line per mapped attribute.
    pub items: Vec<MappingItem>,
    /// What is wrong with it by now.
    pub problems: Vec<MappingFault>,
}

/// What mappings are judged by: the org's attributes and the directory's fields.
#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    /// `None` when the org's schema was never read.
    pub attributes: Option<Vec<OktaAttribute>>,
    pub fields: Vec<FieldDefinition>,
}

impl Vocabulary {
    /// What is wrong with a mapping; nothing can be said before the schema was read.
    pub fn faults(&self, items: &[MappingItem]) -> Vec<MappingFault> {
        match &self.attributes {
            Some(attributes) => validate(items, attributes, &self.fields),
            None => Vec::new(),
        }
    }
}

/// The mapping in force in an app.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn of_app(services: &Services, viewer: &Viewer, app: &App) -> Result<MappingSet> {
    viewer.require(Permission::ViewApps)?;
    let vocabulary = vocabulary(&services.store, viewer.organization_id, app.id).await?;
    in_force(&services.store, app, &vocabulary).await
}

/// What mappings of an app are judged by.
pub(super) async fn vocabulary(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
) -> Result<Vocabulary> {
    let org = okta_orgs::of_app(db, organization, app).await?;
    let schema = match org {
        Some(org) => okta_snapshots::find::<Schema>(db, org.id).await?,
        None => None,
    };
    let fields = directory_fields::all(db, organization).await?;
    Ok(Vocabulary {
        attributes: schema.map(|schema| schema.document),
        fields: fields.into_iter().map(|field| field.definition).collect(),
    })
}

pub(super) async fn in_force(
    db: &impl Access,
    app: &App,
    vocabulary: &Vocabulary,
) -> Result<MappingSet> {
    let items = match app.mappings_version {
        0 => default_mapping(
            vocabulary.attributes.as_deref().unwrap_or_default(),
            standard_fields(),
        ),
        _ => mappings::of_app(db, app.id).await?,
    };
    let problems = vocabulary.faults(&items);
    let status = match (problems.is_empty(), app.mappings_version) {
        (false, _) => MappingStatus::Invalid,
        (true, 0) => MappingStatus::Default,
        (true, _) => MappingStatus::Saved,
    };
    Ok(MappingSet {
        version: app.mappings_version,
        saved: app.mappings_saved,
        status,
        items,
        problems,
    })
}

/// Saves a mapping, if nobody saved one since `expected_version`; the accounts follow.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` with one refusal per fault, at `items`.
pub async fn save(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    items: Vec<MappingItem>,
    expected_version: i64,
) -> Result<Saving<MappingSet>> {
    viewer.require_configure()?;
    let items = trimmed(items);
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    let saving = services
        .store
        .transaction(async |tx| {
            // Fields cannot be deleted meanwhile: that takes the same lock.
            organizations::lock(&tx, organization).await?;
            let before = apps::held(&tx, viewer, app).await?;
            let vocabulary = vocabulary(&tx, organization, app).await?;
            let set = in_force(&tx, &before, &vocabulary).await?;
            if before.mappings_version != expected_version {
                return Ok(Saving::Conflict(set));
            }
            refuse(&vocabulary, &items)?;
            if set.status == MappingStatus::Saved && set.items == items {
                return Ok(Saving::Done(set));
            }
            write(&tx, viewer, &before, &set.items, &items, now).await?;
            let after = apps::held(&tx, viewer, app).await?;
            let set = in_force(&tx, &after, &vocabulary).await?;
            Ok::<_, Error>(Saving::Done(set))
        })
        .await?;
    if let Saving::Done(_) = &saving {
        services.events.publish(Event::App { organization, app });
        services.work.notify_one();
    }
    Ok(saving)
}

/// The conflict of [`save`] as a refusal.
#[must_use]
pub fn conflict(current: &MappingSet) -> UserError {
    version_conflict(current.version)
}

async fn write(
    tx: &std::sync::Arc<Tx>,
    viewer: &Viewer,
    app: &App,
    before: &[MappingItem],
    items: &[MappingItem],
    now: i64,
) -> Result<()> {
    let organization = viewer.organization_id;
    let by = viewer.user_id;
    mappings::replace(tx, app.id, items).await?;
    store::apps::mapping_saved(tx, app.id, Saved { by, at: now }).await?;
    generations::raise(tx, organization, &Scope::App(app.id), false, now).await?;
    let entry = Entry::new(organization, now, viewer.actor(), "attributeMappings.save")
        .app(app.id)
        .detail(json!({ "from": before, "to": items }));
    audit::record(tx, entry).await?;
    Ok(())
}

fn refuse(vocabulary: &Vocabulary, items: &[MappingItem]) -> Result<()> {
    if vocabulary.attributes.is_none() {
        let sentence = "Connect the app to Okta first: its attributes are not known yet.";
        return Err(UserError::new(UserErrorCode::AppNotConnected, sentence)
            .at(["appId"])
            .into());
    }
    let faults = vocabulary.faults(items);
    if faults.is_empty() {
        return Ok(());
    }
    Err(faults.iter().map(user_error).collect::<Vec<_>>().into())
}

/// Texts without the white space around them, as people's own values are kept.
fn trimmed(items: Vec<MappingItem>) -> Vec<MappingItem> {
    let trim = |text: String| text.trim().to_owned();
    let source = |source| match source {
        MappingSource::Constant(FieldValue::String(text)) => {
            MappingSource::Constant(FieldValue::String(trim(text)))
        }
        MappingSource::Constant(FieldValue::StringList(texts)) => MappingSource::Constant(
            FieldValue::StringList(texts.into_iter().map(trim).collect()),
        ),
        other => other,
    };
    items
        .into_iter()
        .map(|item| MappingItem {
            attribute: trim(item.attribute),
            source: source(item.source),
        })
        .collect()
}

/// A fault in a mapping as the API says it, at its place in `items`.
#[must_use]
pub fn user_error(fault: &MappingFault) -> UserError {
    let code = match fault.code {
        MappingFaultCode::UnknownAttribute => UserErrorCode::UnknownAttribute,
        MappingFaultCode::DuplicateAttribute => UserErrorCode::DuplicateAttribute,
        MappingFaultCode::RequiredUnmapped => UserErrorCode::RequiredUnmapped,
        MappingFaultCode::TypeMismatch => UserErrorCode::TypeMismatch,
        MappingFaultCode::NotInChoices => UserErrorCode::NotInChoices,
        MappingFaultCode::TooLong => UserErrorCode::TooLong,
        MappingFaultCode::TooShort => UserErrorCode::TooShort,
        MappingFaultCode::PatternMismatch => UserErrorCode::PatternMismatch,
        MappingFaultCode::ReadOnlyAttribute => UserErrorCode::ReadOnlyAttribute,
        MappingFaultCode::UnknownField => UserErrorCode::UnknownField,
        MappingFaultCode::TooMany => UserErrorCode::TooMany,
        MappingFaultCode::ConstantNotAllowed => UserErrorCode::ConstantNotAllowed,
        MappingFaultCode::BadFormat => UserErrorCode::InvalidValue,
    };
    let mut error = UserError::new(code, fault.code.sentence()).at(place(fault));
    if let Some(attribute) = &fault.attribute {
        error = error.with("attribute", attribute);
    }
    ["max", "min", "expected", "actual", "pattern", "format"]
        .into_iter()
        .filter_map(|name| Some((name, fault.params.get(name)?)))
        .fold(error, |error, (name, value)| error.with(name, value))
}

fn place(fault: &MappingFault) -> Vec<PathStep> {
    let mut path: Vec<PathStep> = vec!["items".into()];
    let Some(index) = fault.index else {
        return path;
    };
    path.push(index.into());
    path.push(match fault.code {
        MappingFaultCode::UnknownAttribute
        | MappingFaultCode::DuplicateAttribute
        | MappingFaultCode::ReadOnlyAttribute => "attribute".into(),
        _ => "source".into(),
    });
    path
}
