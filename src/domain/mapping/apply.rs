//! The profile that a mapping gives for one person.

use serde_json::Value as Json;

use super::rule::{Params, check};
use super::{MappingItem, MappingSource, OktaAttribute, OktaProfile, ValueFault, ValueFaultCode};
use crate::domain::directory::FieldValues;
use crate::domain::value::FieldValue;

/// The Okta profile of a person. Mapped attributes without a value are null, so that clearing a field in the
/// directory clears it in Okta.
///
/// # Errors
/// Every attribute whose value Okta would refuse by its schema as we last read it. The attributes are named and the
/// values are not, so that faults can be stored and shown.
pub fn apply(
    items: &[MappingItem],
    attributes: &[OktaAttribute],
    values: &FieldValues,
) -> Result<OktaProfile, Vec<ValueFault>> {
    let mut profile = OktaProfile::new();
    let mut faults = Vec::new();
    for item in items {
        match resolve(item, attributes, values) {
            Ok(Some(value)) => _ = profile.insert(item.attribute.clone(), value),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    let is_mapped =
        |attribute: &OktaAttribute| items.iter().any(|item| item.attribute == attribute.name);
    let missing = attributes
        .iter()
        .filter(|each| each.required && each.writable && !is_mapped(each));
    faults.extend(
        missing.map(|each| fault(&each.name, ValueFaultCode::RequiredMissing, Params::new())),
    );
    if faults.is_empty() {
        Ok(profile)
    } else {
        Err(faults)
    }
}

/// The JSON value of one line; `None` when there is nothing to write.
fn resolve(
    item: &MappingItem,
    attributes: &[OktaAttribute],
    values: &FieldValues,
) -> Result<Option<Json>, ValueFault> {
    let value = source_value(&item.source, values).filter(|value| !value.is_blank());
    let attribute = attributes
        .iter()
        .find(|each| each.name == item.attribute && each.writable);
    let Some(attribute) = attribute else {
        return match value {
            None => Ok(None),
            Some(_) => Err(fault(
                &item.attribute,
                ValueFaultCode::NotWritable,
                Params::new(),
            )),
        };
    };
    match value {
        None if attribute.required => Err(fault(
            &attribute.name,
            ValueFaultCode::RequiredMissing,
            Params::new(),
        )),
        None => Ok(Some(Json::Null)),
        Some(value) => match check(attribute, value) {
            None => Ok(Some(value.to_json())),
            Some((violation, params)) => Err(fault(&attribute.name, violation.into(), params)),
        },
    }
}

fn source_value<'a>(source: &'a MappingSource, values: &'a FieldValues) -> Option<&'a FieldValue> {
    match source {
        MappingSource::Field(id) => values.get(id),
        MappingSource::Constant(value) => Some(value),
    }
}

fn fault(attribute: &str, code: ValueFaultCode, params: Params) -> ValueFault {
    ValueFault {
        attribute: attribute.to_owned(),
        code,
        params,
    }
}
