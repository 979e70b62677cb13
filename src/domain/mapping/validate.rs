//! Whether a mapping can be saved.

use std::collections::BTreeSet;

use super::rule::{Params, check, params};
use super::{
    EMAIL, LOGIN, MAX_ITEMS, MappingFault, MappingFaultCode, MappingItem, MappingSource,
    OktaAttribute, SECOND_EMAIL,
};
use crate::domain::directory::FieldDefinition;
use crate::domain::value::AttributeValue;

/// Everything wrong with the mapping, line by line, then the required attributes that are missing; empty when it can
/// be saved. With too many lines nothing else is looked at.
pub fn validate(
    items: &[MappingItem],
    attributes: &[OktaAttribute],
    fields: &[FieldDefinition],
) -> Vec<MappingFault> {
    if items.len() > MAX_ITEMS {
        let params = params([("max", MAX_ITEMS.to_string())]);
        return vec![MappingFault {
            index: None,
            attribute: None,
            code: MappingFaultCode::TooMany,
            params,
        }];
    }
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let first = seen.insert(item.attribute.as_str());
        let found = if first {
            check_item(item, attributes, fields)
        } else {
            Some(duplicate())
        };
        faults.extend(found.map(|(code, params)| MappingFault {
            index: Some(index),
            attribute: Some(item.attribute.clone()),
            code,
            params,
        }));
    }
    faults.extend(
        attributes
            .iter()
            .filter(|each| is_missing(each, &seen))
            .map(unmapped),
    );
    faults
}

type Found = (MappingFaultCode, Params);

fn duplicate() -> Found {
    (MappingFaultCode::DuplicateAttribute, Params::new())
}

/// Attributes that are mastered elsewhere are filled there, required or not.
fn is_missing(attribute: &OktaAttribute, seen: &BTreeSet<&str>) -> bool {
    attribute.required && attribute.writable && !seen.contains(attribute.name.as_str())
}

fn unmapped(attribute: &OktaAttribute) -> MappingFault {
    MappingFault {
        index: None,
        attribute: Some(attribute.name.clone()),
        code: MappingFaultCode::RequiredUnmapped,
        params: Params::new(),
    }
}

fn check_item(
    item: &MappingItem,
    attributes: &[OktaAttribute],
    fields: &[FieldDefinition],
) -> Option<Found> {
    let plain = |code| Some((code, Params::new()));
    let Some(attribute) = attributes.iter().find(|each| each.name == item.attribute) else {
        return plain(MappingFaultCode::UnknownAttribute);
    };
    if !attribute.writable {
        return plain(MappingFaultCode::ReadOnlyAttribute);
    }
    match &item.source {
        MappingSource::Constant(value) => check_constant(attribute, value),
        MappingSource::Field(id) => match fields.iter().find(|field| field.id == *id) {
            None => plain(MappingFaultCode::UnknownField),
            Some(field) => check_field(attribute, field),
        },
    }
}

fn check_field(attribute: &OktaAttribute, field: &FieldDefinition) -> Option<Found> {
    if field.data_type.fits(attribute.value_type) {
        return None;
    }
    let expected = ("expected", attribute.value_type.to_string());
    let actual = ("actual", field.data_type.to_string());
    Some((MappingFaultCode::TypeMismatch, params([expected, actual])))
}

/// Recovery mail goes to both addresses: a constant would let one mailbox take everybody's account.
fn check_constant(attribute: &OktaAttribute, value: &AttributeValue) -> Option<Found> {
    if [LOGIN, EMAIL, SECOND_EMAIL].contains(&attribute.name.as_str()) || attribute.unique {
        return Some((MappingFaultCode::ConstantNotAllowed, Params::new()));
    }
    if value.is_blank() && value.value_type().fits(attribute.value_type) {
        return attribute
            .required
            .then(|| (MappingFaultCode::RequiredUnmapped, Params::new()));
    }
    check(attribute, value).map(|(violation, params)| (violation.into(), params))
}
