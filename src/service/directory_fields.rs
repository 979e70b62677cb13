//! The fields of the directory: the standard ones, and those that the organisation adds.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::directory::{
    FieldDefinition, FieldFault, FieldFaultCode, MAX_TEXT_LENGTH, check_field_definition,
    match_key, standard_fields,
};
use crate::domain::permission::Permission;
use crate::domain::value::ValueType;
use crate::random;
use crate::store::audit::{self, Entry};
use crate::store::directory_fields::FieldRow;
use crate::store::{self, Access, Tx, user_lists};

/// A field, standard or custom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What values it takes.
    pub definition: FieldDefinition,
    /// The row; null for a standard field, whose key is `definition.id`.
    pub row: Option<Uuid>,
}

/// The permissions with one of which somebody may see which fields there are: whoever sees people, or maps their fields to an app.
const MAY_SEE_FIELDS: [Permission; 4] = [
    Permission::ViewUsers,
    Permission::ManageUsers,
    Permission::AssignApps,
    Permission::ViewApps,
];

/// All fields: the standard ones first, then the organisation's own in the order of their making.
///
/// # Errors
/// [`Error::Forbidden`] for viewers who may see neither people nor apps.
pub async fn list(services: &Services, viewer: &Viewer) -> Result<Vec<Field>> {
    viewer.require_any(&MAY_SEE_FIELDS)?;
    all(&services.store, viewer.organization_id).await
}

/// Departments that a list of them has at most.
pub const MAX_DEPARTMENTS: u64 = 1_000;

/// The departments that people have, in alphabetical order, at most [`MAX_DEPARTMENTS`].
///
/// # Errors
/// `Forbidden` without a permission to see people or apps.
pub async fn departments(services: &Services, viewer: &Viewer) -> Result<Vec<String>> {
    viewer.require_any(&MAY_SEE_FIELDS)?;
    let organization = viewer.organization_id;
    let mut found = user_lists::departments(&services.store, organization, MAX_DEPARTMENTS).await?;
    found.sort_by_cached_key(|name| (match_key(name), name.clone()));
    Ok(found)
}

/// All fields of an organisation. It checks no permission.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl Access, organization: Uuid) -> Result<Vec<Field>> {
    let standard = standard_fields().iter().map(|definition| Field {
        definition: definition.clone(),
        row: None,
    });
    let mut fields: Vec<_> = standard.collect();
    for row in store::directory_fields::all(db, organization).await? {
        fields.push(custom(&row)?);
    }
    Ok(fields)
}

fn custom(row: &FieldRow) -> Result<Field> {
    Ok(Field {
        definition: definition(row)?,
        row: Some(row.id),
    })
}

/// The definition that a row keeps.
pub(super) fn definition(row: &FieldRow) -> Result<FieldDefinition> {
    let data_type = row.data_type.parse().map_err(|_| store::Error::Corrupt {
        table: "directory_field",
        row: row.id.to_string(),
        what: "data type",
        value: row.data_type.clone(),
    })?;
    let mut field = FieldDefinition::custom(row.id.to_string(), row.label.clone(), data_type);
    if let Some(max) = row.max_length.and_then(|max| u32::try_from(max).ok()) {
        field.max_length = max;
    }
    Ok(field)
}

/// Whether the viewer may change and delete the field: standard ones nobody.
#[must_use]
pub fn may_change(viewer: &Viewer, field: &Field) -> bool {
    field.definition.custom && viewer.can(Permission::ManageUsers)
}

/// A field to add.
#[derive(Clone, Debug)]
pub struct NewField {
    /// Name shown to people.
    pub label: String,
    /// The type of its values; it cannot be changed later.
    pub data_type: ValueType,
    /// Longest text in characters; none for the default.
    pub max_length: Option<i32>,
}

/// Adds a field.
///
/// # Errors
/// Refusals; [`Error::Forbidden`] without `MANAGE_USERS`.
pub async fn create(services: &Services, viewer: &Viewer, input: NewField) -> Result<Field> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            let label = input.label.trim().to_owned();
            let row = FieldRow {
                id: random::new_id(),
                organization_id: viewer.organization_id,
                label_key: match_key(&label),
                label,
                data_type: input.data_type.as_str().to_owned(),
                max_length: input.max_length,
                version: 1,
                created_at: now,
                updated_at: now,
            };
            check(&tx, &row).await?;
            store::directory_fields::insert(&tx, row.clone()).await?;
            let detail =
                json!({ "fieldId": row.id, "label": row.label, "dataType": row.data_type });
            record(&tx, viewer, now, "directoryField.create", detail).await?;
            custom(&row)
        })
        .await
}

/// Changes to a field; none keeps what is there.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// The field; the nil id for an id that names no custom field.
    pub field: Uuid,
    /// Name shown to people.
    pub label: Option<String>,
    /// Longest text; the inner none for the default. Values from before stay.
    pub max_length: Option<Option<i32>>,
}

/// Changes a field's label or greatest length.
///
/// # Errors
/// Refusals; [`Error::Forbidden`] without `MANAGE_USERS`.
pub async fn update(services: &Services, viewer: &Viewer, input: FieldChange) -> Result<Field> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            let before = find(&tx, viewer, input.field).await?;
            let mut row = before.clone();
            if let Some(label) = input.label {
                row.label = label.trim().to_owned();
                row.label_key = match_key(&row.label);
            }
            if let Some(max_length) = input.max_length {
                row.max_length = max_length;
            }
            check(&tx, &row).await?;
            if row == before {
                return custom(&row);
            }
            row.version += 1;
            row.updated_at = now;
            store::directory_fields::save(&tx, row.clone()).await?;
            let detail = json!({
                "fieldId": row.id,
                "label": { "from": before.label, "to": row.label },
                "maxLength": { "from": before.max_length, "to": row.max_length },
            });
            record(&tx, viewer, now, "directoryField.update", detail).await?;
            custom(&row)
        })
        .await
}

/// Deletes a field with everybody's value of it. Refused while an app's mapping uses it.
///
/// # Errors
/// Refusals; [`Error::Forbidden`] without `MANAGE_USERS`.
pub async fn delete(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Uuid> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            let row = find(&tx, viewer, id).await?;
            let apps =
                store::directory_fields::mapped_in(&tx, viewer.organization_id, &id.to_string())
                    .await?;
            if !apps.is_empty() {
                let message = "The field is mapped to Okta; take it out of the mapping first.";
                return Err(UserError::new(UserErrorCode::InUse, message)
                    .at(["fieldId"])
                    .with("apps", apps.join(", "))
                    .into());
            }
            store::directory_fields::delete(&tx, viewer.organization_id, id).await?;
            let detail = json!({ "fieldId": id, "label": row.label });
            record(&tx, viewer, now, "directoryField.delete", detail).await?;
            Ok::<_, Error>(id)
        })
        .await
}

/// Reads a custom field to change. The organisation is locked, so that a mapping saved at the same moment is seen.
async fn find(tx: &Arc<Tx>, viewer: &Viewer, id: Uuid) -> Result<FieldRow> {
    store::organizations::lock(tx, viewer.organization_id).await?;
    let row = store::directory_fields::find_for_update(tx, viewer.organization_id, id).await?;
    row.ok_or_else(|| UserError::not_found("custom field", "fieldId").into())
}

async fn check(tx: &Arc<Tx>, row: &FieldRow) -> Result<()> {
    store::organizations::lock(tx, row.organization_id).await?;
    let existing: Vec<_> = all(tx, row.organization_id)
        .await?
        .into_iter()
        .map(|field| field.definition)
        .collect();
    let mut wanted = definition(row)?;
    if let Some(max) = row.max_length {
        wanted.max_length = u32::try_from(max).unwrap_or_default();
    }
    let errors: Vec<_> = check_field_definition(&wanted, &existing)
        .iter()
        .map(definition_error)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.into())
    }
}

fn definition_error(fault: &FieldFault) -> UserError {
    match fault.code {
        FieldFaultCode::BadFormat => {
            let message = format!("The greatest length is between 1 and {MAX_TEXT_LENGTH}.");
            UserError::new(UserErrorCode::InvalidValue, message)
                .at(["maxLength"])
                .with("min", 1)
                .with("max", MAX_TEXT_LENGTH)
        }
        _ => user_error(fault).at(["label"]),
    }
}

async fn record(
    tx: &Arc<Tx>,
    viewer: &Viewer,
    now: i64,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<()> {
    let actor = viewer.actor();
    let entry = Entry::new(viewer.organization_id, now, actor, action).detail(detail);
    Ok(audit::record(tx, entry).await?)
}

/// A fault in a value or definition as the API says it, not yet saying where.
pub(super) fn user_error(fault: &FieldFault) -> UserError {
    let code = match fault.code {
        FieldFaultCode::UnknownField => UserErrorCode::UnknownField,
        FieldFaultCode::Required => UserErrorCode::Required,
        FieldFaultCode::TypeMismatch => UserErrorCode::TypeMismatch,
        FieldFaultCode::TooLong => UserErrorCode::TooLong,
        FieldFaultCode::TooMany => UserErrorCode::TooMany,
        FieldFaultCode::NotAnEmail
        | FieldFaultCode::BadFormat
        | FieldFaultCode::ControlCharacters
        | FieldFaultCode::NotFinite => UserErrorCode::InvalidValue,
        FieldFaultCode::Duplicate => UserErrorCode::AlreadyExists,
    };
    let error = UserError::new(code, fault.code.sentence()).with("reason", fault.code);
    ["max", "expected", "format"]
        .into_iter()
        .filter_map(|name| Some((name, fault.params.get(name)?)))
        .fold(error, |error, (name, value)| error.with(name, value))
}
