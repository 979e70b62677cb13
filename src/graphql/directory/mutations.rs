//! The directory's part of `Mutation`.

use async_graphql::MergedObject;

use super::admin_role_mutations::AdminRoleMutation;
use super::bootstrap_mutations::BootstrapMutation;
use super::directory_field_mutations::DirectoryFieldMutation;
use super::personal_access_token_mutations::PersonalAccessTokenMutation;
use super::user_mutations::UserMutation;

/// The directory's part of `Mutation`: one part for all, as each part of the root costs those behind it a piece of the stack.
#[derive(Clone, Copy, Debug, Default, MergedObject)]
pub struct DirectoryMutation(
    UserMutation,
    DirectoryFieldMutation,
    AdminRoleMutation,
    PersonalAccessTokenMutation,
    BootstrapMutation,
);
