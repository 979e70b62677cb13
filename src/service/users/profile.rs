//! From field values to a row, and what is wrong with them.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::directory::{
    FieldDefinition, FieldFault, FieldValues, PRIMARY_EMAIL, USER_NAME, match_key, standard_fields,
};
use crate::domain::permission::AdminRoleKind;
use crate::domain::plan::DirectoryStatus;
use crate::domain::value::FieldValue;
use crate::random;
use crate::service::directory_fields::user_error;
use crate::service::{PathStep, Result, UserError, UserErrorCode};
use crate::store;
use crate::store::users::UserRow;

/// Changes to a person's values; what is not mentioned stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfilePatch {
    /// Standard fields by key; none empties the field.
    pub standard: Vec<(&'static str, Option<FieldValue>)>,
    /// Custom fields as the client listed them.
    pub custom: Vec<CustomValue>,
}

/// A change to the value of a custom field.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomValue {
    /// Id of the field; the nil id for an id that names none.
    pub field: Uuid,
    /// The value; none empties the field.
    pub value: Option<FieldValue>,
}

impl ProfilePatch {
    /// Puts the changes over the values. Texts are trimmed, and a blank value empties its field.
    ///
    /// # Errors
    /// A refusal for each custom field that does not exist or is mentioned twice.
    pub(super) fn apply(
        self,
        values: &mut FieldValues,
        fields: &[FieldDefinition],
    ) -> std::result::Result<Touched, Vec<UserError>> {
        let mut touched = Touched::default();
        let mut errors = Vec::new();
        for (id, value) in self.standard {
            put(values, id.to_owned(), value);
            touched.standard.insert(id);
        }
        for (index, CustomValue { field, value }) in self.custom.into_iter().enumerate() {
            let id = field.to_string();
            if !fields.iter().any(|known| known.custom && known.id == id) {
                errors.push(at_field_id(
                    UserErrorCode::UnknownField,
                    "The directory has no such field.",
                    index,
                ));
            } else if touched.custom.contains(&id) {
                errors.push(at_field_id(
                    UserErrorCode::InvalidValue,
                    "This field is mentioned twice.",
                    index,
                ));
            } else {
                put(values, id.clone(), value);
                touched.custom.push(id);
            }
        }
        if errors.is_empty() {
            Ok(touched)
        } else {
            Err(errors)
        }
    }
}

fn at_field_id(code: UserErrorCode, message: &str, index: usize) -> UserError {
    let path: [PathStep; 3] = ["customFields".into(), index.into(), "fieldId".into()];
    UserError::new(code, message).at(path)
}

fn put(values: &mut FieldValues, id: String, value: Option<FieldValue>) {
    match value.map(trimmed).filter(|value| !value.is_blank()) {
        Some(value) => values.insert(id, value),
        None => values.remove(&id),
    };
}

fn trimmed(value: FieldValue) -> FieldValue {
    match value {
        FieldValue::String(text) => FieldValue::String(text.trim().to_owned()),
        other => other,
    }
}

/// Which fields a patch mentioned, custom ones in its order.
#[derive(Debug, Default)]
pub(super) struct Touched {
    standard: BTreeSet<&'static str>,
    custom: Vec<String>,
}

impl Touched {
    /// Where in the input the value of this field stands; none when the input does not mention it.
    fn path(&self, field: &str) -> Option<Vec<PathStep>> {
        if let Some(&id) = self.standard.get(field) {
            return Some(vec![id.into()]);
        }
        let index = self.custom.iter().position(|id| id == field)?;
        Some(vec!["customFields".into(), index.into(), "value".into()])
    }

    /// The faults in what the patch mentioned. Values from before a field became stricter do not stand in the way.
    pub(super) fn errors(&self, faults: Vec<FieldFault>) -> Vec<UserError> {
        let located = |fault: FieldFault| {
            let path = self.path(&fault.field)?;
            Some(user_error(&fault).at(path))
        };
        faults.into_iter().filter_map(located).collect()
    }
}

/// A new active or inactive member with these values.
pub(crate) fn new_row(
    organization: Uuid,
    status: DirectoryStatus,
    values: &FieldValues,
    now: i64,
) -> Result<UserRow> {
    let mut row = UserRow {
        id: random::new_id(),
        organization_id: organization,
        status: status.as_str().to_owned(),
        user_name: String::new(),
        user_name_key: String::new(),
        primary_email: String::new(),
        primary_email_key: String::new(),
        display_name: String::new(),
        sort_name: String::new(),
        department: String::new(),
        fields: serde_json::Value::Null,
        search_text: String::new(),
        admin_role: AdminRoleKind::Member.as_str().to_owned(),
        admin_role_id: None,
        revision: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    write(&mut row, values)?;
    Ok(row)
}

/// Puts the values into the row, with the columns that lists, search and uniqueness need.
pub(in crate::service) fn write(row: &mut UserRow, values: &FieldValues) -> Result<()> {
    let text = |id| {
        values
            .get(id)
            .and_then(FieldValue::as_text)
            .unwrap_or_default()
    };
    row.user_name = text(USER_NAME).to_owned();
    row.user_name_key = match_key(&row.user_name);
    row.primary_email = text(PRIMARY_EMAIL).to_owned();
    row.primary_email_key = match_key(&row.primary_email);
    row.display_name = shown_name(
        text("displayName"),
        text("givenName"),
        text("familyName"),
        &row.user_name,
    );
    row.sort_name = match_key(&row.display_name);
    row.department = text("department").to_owned();
    let searched = SEARCHED.map(|id| match_key(text(id)));
    row.search_text = searched.join("\n");
    row.fields =
        serde_json::to_value(values).map_err(|e| crate::service::Error::Internal(e.to_string()))?;
    Ok(())
}

/// The fields that a search looks into.
const SEARCHED: [&str; 10] = [
    USER_NAME,
    PRIMARY_EMAIL,
    "secondaryEmail",
    "displayName",
    "givenName",
    "familyName",
    "nickName",
    "title",
    "department",
    "employeeNumber",
];

fn shown_name(display: &str, given: &str, family: &str, user_name: &str) -> String {
    if !display.is_empty() {
        return display.to_owned();
    }
    let full = format!("{given} {family}");
    match full.trim() {
        "" => user_name.to_owned(),
        full => full.to_owned(),
    }
}

/// Standard and custom fields of an organisation.
pub(super) async fn all_fields(
    db: &impl store::Access,
    organization: Uuid,
) -> Result<Vec<FieldDefinition>> {
    let custom = store::directory_fields::all(db, organization).await?;
    let mut fields = standard_fields().to_vec();
    for row in custom {
        fields.push(super::super::directory_fields::definition(&row)?);
    }
    Ok(fields)
}
