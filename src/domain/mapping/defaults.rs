//! What a panel offers: fields that fit an attribute, and a mapping to start from.

use super::{
    EMAIL, FIRST_NAME, LAST_NAME, LOGIN, MappingItem, MappingSource, OktaAttribute, SECOND_EMAIL,
};
use crate::domain::directory::{FieldDefinition, PRIMARY_EMAIL, USER_NAME, match_key};

/// Okta's base attributes that are spelled otherwise than the directory's fields.
const RENAMED: [(&str, &str); 6] = [
    (LOGIN, USER_NAME),
    (EMAIL, PRIMARY_EMAIL),
    (FIRST_NAME, "givenName"),
    (LAST_NAME, "familyName"),
    (SECOND_EMAIL, "secondaryEmail"),
    ("countryCode", "country"),
];

/// The fields that can feed the attribute; none when it cannot be written.
pub fn compatible_fields<'a>(
    attribute: &OktaAttribute,
    fields: &'a [FieldDefinition],
) -> Vec<&'a FieldDefinition> {
    let fits =
        |field: &&FieldDefinition| attribute.writable && field.data_type.fits(attribute.value_type);
    fields.iter().filter(fits).collect()
}

/// A mapping to start from: every base attribute from the standard field of the same meaning, every custom one from
/// the custom field of the same name, where types fit.
pub fn default_mapping(
    attributes: &[OktaAttribute],
    fields: &[FieldDefinition],
) -> Vec<MappingItem> {
    attributes
        .iter()
        .filter_map(|attribute| {
            let field = compatible_fields(attribute, fields)
                .into_iter()
                .find(|field| corresponds(attribute, field))?;
            let source = MappingSource::Field(field.id.clone());
            Some(MappingItem {
                attribute: attribute.name.clone(),
                source,
            })
        })
        .collect()
}

fn corresponds(attribute: &OktaAttribute, field: &FieldDefinition) -> bool {
    if attribute.custom || field.custom {
        let label = match_key(&field.label);
        return attribute.custom
            && field.custom
            && [&attribute.name, &attribute.title]
                .iter()
                .any(|name| match_key(name) == label);
    }
    let renamed = RENAMED.iter().find(|(name, _)| *name == attribute.name);
    field.id == renamed.map_or(attribute.name.as_str(), |(_, id)| *id)
}
