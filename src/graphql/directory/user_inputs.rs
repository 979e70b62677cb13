//! What clients send to add and change people.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use super::user_profile::{self, UserProfileInput};
use crate::domain::directory::{PRIMARY_EMAIL, USER_NAME};
use crate::domain::value::FieldValue;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::values::AttributeValueInput;
use crate::service::users::{CustomValue, NewUser, ProfilePatch, UserChange};

/// Whether a new person may work from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum InitialUserStatus {
    /// May work.
    #[default]
    Active,
    /// May not work yet.
    Inactive,
}

/// A value of a custom field.
#[derive(Clone, Debug, InputObject)]
pub struct CustomFieldValueInput {
    /// The field, one of `organization.directoryFields` with `custom: true`.
    pub field_id: ID,
    /// The value, of the type that the field has; null empties the field.
    pub value: Option<AttributeValueInput>,
}

/// Somebody to add.
#[derive(Clone, Debug, InputObject)]
pub struct UserCreateInput {
    /// Name to sign in with: 1 to 100 characters without spaces, unique in the organisation without regard to case.
    pub user_name: String,
    /// Address that mail goes to, unique in the organisation without regard to case.
    pub primary_email: String,
    /// Whether the person may work from the start.
    #[graphql(default)]
    pub status: InitialUserStatus,
    /// The other standard fields.
    #[graphql(flatten)]
    pub profile: UserProfileInput,
    /// Values of custom fields, each field at most once.
    #[graphql(default)]
    pub custom_fields: Vec<CustomFieldValueInput>,
}

impl From<UserCreateInput> for NewUser {
    fn from(input: UserCreateInput) -> Self {
        let mut standard = vec![
            (USER_NAME, Some(FieldValue::String(input.user_name))),
            (PRIMARY_EMAIL, Some(FieldValue::String(input.primary_email))),
        ];
        standard.extend(input.profile.into_changes());
        Self {
            active: input.status == InitialUserStatus::Active,
            profile: ProfilePatch {
                standard,
                custom: custom(input.custom_fields),
            },
        }
    }
}

/// Changes to a person. What is absent stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct UserUpdateInput {
    /// The person.
    pub user_id: ID,
    /// The `revision` that you showed: the change is refused with `VERSION_CONFLICT` if it is another by now. Absent or null: no check.
    pub expected_revision: Option<i64>,
    /// Name to sign in with; cannot be emptied.
    pub user_name: MaybeUndefined<String>,
    /// Address that mail goes to; cannot be emptied.
    pub primary_email: MaybeUndefined<String>,
    /// The other standard fields.
    #[graphql(flatten)]
    pub profile: UserProfileInput,
    /// Values of custom fields to change, each field at most once; those not listed stay.
    #[graphql(default)]
    pub custom_fields: Vec<CustomFieldValueInput>,
}

impl From<UserUpdateInput> for UserChange {
    fn from(input: UserUpdateInput) -> Self {
        let mut standard = Vec::new();
        user_profile::put(&mut standard, USER_NAME, input.user_name);
        user_profile::put(&mut standard, PRIMARY_EMAIL, input.primary_email);
        standard.extend(input.profile.into_changes());
        Self {
            user: ids::row_of(&input.user_id, NodeKind::User),
            expected_revision: input.expected_revision,
            profile: ProfilePatch {
                standard,
                custom: custom(input.custom_fields),
            },
        }
    }
}

fn custom(values: Vec<CustomFieldValueInput>) -> Vec<CustomValue> {
    let change = |input: CustomFieldValueInput| CustomValue {
        field: ids::row_of(&input.field_id, NodeKind::DirectoryField),
        value: input.value.map(Into::into),
    };
    values.into_iter().map(change).collect()
}

/// Declares the input of a mutation that names one person and nothing else.
macro_rules! person_input {
    ($(#[doc = $doc:tt])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, InputObject)]
        pub struct $name {
            /// The person.
            pub user_id: ID,
            /// The `revision` that you showed: the change is refused with `VERSION_CONFLICT` if it is another by now. Absent or null: no
            /// check.
            pub expected_revision: Option<i64>,
        }
    };
}

person_input! {
    /// Whom to activate.
    UserActivateInput
}
person_input! {
    /// Whom to deactivate.
    UserDeactivateInput
}
person_input! {
    /// Whom to delete.
    UserDeleteInput
}
