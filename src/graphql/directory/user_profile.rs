//! The standard fields of a person, each under its own name, out and in.

use std::sync::Arc;

use async_graphql::{InputObject, MaybeUndefined, Object};

use crate::domain::value::FieldValue;
use crate::service::users;

/// The standard fields of a person that may be empty.
#[derive(Debug)]
pub struct UserProfile(pub(super) Arc<users::User>);

/// Declares the optional standard fields once: as resolvers, and as an input in which absent, null and a text differ.
macro_rules! standard_fields {
    ($($(#[doc = $doc:tt])* $name:ident => $key:literal),+ $(,)?) => {
        /// The standard fields of a person that may be empty.
        #[Object]
        impl UserProfile {
            $(
                $(#[doc = $doc])*
                async fn $name(&self) -> Option<&str> {
                    self.0.fields.get($key).and_then(FieldValue::as_text)
                }
            )+
        }

        /// Values of the standard fields that may be empty. Absent keeps the value; null or a blank text empties the field.
        #[derive(Clone, Debug, Default, InputObject)]
        pub struct UserProfileInput {
            $(
                $(#[doc = $doc])*
                pub $name: MaybeUndefined<String>,
            )+
        }

        impl UserProfileInput {
            /// What to change, by key.
            #[must_use]
            pub fn into_changes(self) -> Vec<(&'static str, Option<FieldValue>)> {
                let mut changes = Vec::new();
                $(put(&mut changes, $key, self.$name);)+
                changes
            }
        }

        #[cfg(test)]
        const KEYS: &[&str] = &[$($key),+];
    };
}

/// Adds the change of one field, if there is one.
pub(super) fn put(
    changes: &mut Vec<(&'static str, Option<FieldValue>)>,
    key: &'static str,
    value: MaybeUndefined<String>,
) {
    match value {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => changes.push((key, None)),
        MaybeUndefined::Value(text) => changes.push((key, Some(FieldValue::String(text)))),
    }
}

standard_fields! {
    /// First name. At most 100 characters.
    given_name => "givenName",
    /// Last name. At most 100 characters.
    family_name => "familyName",
    /// Middle name. At most 100 characters.
    middle_name => "middleName",
    /// Title before the name, such as `Dr.`. At most 100 characters.
    honorific_prefix => "honorificPrefix",
    /// Title after the name, such as `MSc`. At most 100 characters.
    honorific_suffix => "honorificSuffix",
    /// Full name as the person likes to be called; null when nobody set one. At most 255 characters.
    display_name => "displayName",
    /// Nickname. At most 100 characters.
    nick_name => "nickName",
    /// Address of a page about the person, http or https. At most 2,000 characters.
    profile_url => "profileUrl",
    /// A second e-mail address, often a private one.
    secondary_email => "secondaryEmail",
    /// Mobile phone. At most 100 characters.
    mobile_phone => "mobilePhone",
    /// Phone at work. At most 100 characters.
    primary_phone => "primaryPhone",
    /// Job title. At most 255 characters.
    title => "title",
    /// Department. At most 255 characters. Lists can filter by it.
    department => "department",
    /// Division. At most 255 characters.
    division => "division",
    /// Name of the company or organisation. At most 255 characters.
    organization => "organization",
    /// Cost center. At most 100 characters.
    cost_center => "costCenter",
    /// Number of the person as an employee. At most 100 characters.
    employee_number => "employeeNumber",
    /// Kind of employment, such as `Employee` or `Contractor`. At most 100 characters.
    user_type => "userType",
    /// Name of the person's manager. At most 255 characters.
    manager => "manager",
    /// Id of the person's manager in another system. At most 100 characters.
    manager_id => "managerId",
    /// Street and number; may have several lines. At most 255 characters.
    street_address => "streetAddress",
    /// City. At most 100 characters.
    city => "city",
    /// State or region. At most 100 characters.
    state => "state",
    /// Postal code. At most 100 characters.
    zip_code => "zipCode",
    /// Country, as a code of two letters (ISO 3166-1).
    country => "country",
    /// Address for letters; may have several lines. At most 255 characters.
    postal_address => "postalAddress",
    /// Language that the person prefers, such as `de-AT` (RFC 5646).
    preferred_language => "preferredLanguage",
    /// Locale, such as `en_US`.
    locale => "locale",
    /// Time zone, such as `Europe/Vienna`.
    timezone => "timezone",
}

#[cfg(test)]
mod tests {
    use super::KEYS;
    use crate::domain::directory::{PRIMARY_EMAIL, USER_NAME, standard_fields};

    #[test]
    fn every_standard_field_has_its_own_name() {
        let keys = standard_fields().iter().map(|field| field.id.as_str());
        let optional: Vec<_> = keys
            .filter(|key| ![USER_NAME, PRIMARY_EMAIL].contains(key))
            .collect();
        assert_eq!(KEYS, optional);
    }
}
