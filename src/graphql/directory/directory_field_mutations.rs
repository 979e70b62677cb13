//! Adding, changing and removing custom fields.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::directory_field::DirectoryField;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::graphql::values::ValueType;
use crate::service::directory_fields::{self, FieldChange, NewField};

/// The fields' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DirectoryFieldMutation;

/// A field to add. An organisation may have 100.
#[derive(Clone, Debug, InputObject)]
pub struct DirectoryFieldCreateInput {
    /// Name to show: 1 to 100 characters, unique among all fields without regard to case.
    pub label: String,
    /// The type of its values. It cannot be changed later.
    pub data_type: ValueType,
    /// Longest text in characters, 1 to 10,000; absent or null: 1,000. Counts for texts only.
    pub max_length: Option<i32>,
}

/// Changes to a custom field. What is absent stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct DirectoryFieldUpdateInput {
    /// The field; standard ones cannot be changed.
    pub field_id: ID,
    /// Name to show; null counts as absent.
    pub label: Option<String>,
    /// Longest text in characters, 1 to 10,000; null: 1,000. Longer values from before stay until they are changed.
    pub max_length: MaybeUndefined<i32>,
}

/// A custom field to delete.
#[derive(Clone, Debug, InputObject)]
pub struct DirectoryFieldDeleteInput {
    /// The field; standard ones cannot be deleted.
    pub field_id: ID,
}

/// Answer of `directoryFieldCreate`.
#[derive(SimpleObject)]
pub struct DirectoryFieldCreatePayload {
    /// The new field; null when refused.
    pub field: Option<DirectoryField>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `directoryFieldUpdate`.
#[derive(SimpleObject)]
pub struct DirectoryFieldUpdatePayload {
    /// The field as changed; null when refused.
    pub field: Option<DirectoryField>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `directoryFieldDelete`.
#[derive(SimpleObject)]
pub struct DirectoryFieldDeletePayload {
    /// Global id of the field that was deleted; null when refused.
    pub deleted_field_id: Option<ID>,
    /// Why it was refused, with `IN_USE` and the names of the apps in `params` while a mapping uses it; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The fields' part of `Mutation`.
#[Object]
impl DirectoryFieldMutation {
    /// Adds a field that people of the organisation can have. Needs `MANAGE_USERS`.
    async fn directory_field_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The field.")] input: DirectoryFieldCreateInput,
    ) -> async_graphql::Result<DirectoryFieldCreatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let new = NewField {
            label: input.label,
            data_type: input.data_type.into(),
            max_length: input.max_length,
        };
        let (field, user_errors) = split(directory_fields::create(services, viewer, new).await)?;
        Ok(DirectoryFieldCreatePayload { field, user_errors })
    }

    /// Changes a custom field. Needs `MANAGE_USERS`.
    async fn directory_field_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which field to change, and what.")] input: DirectoryFieldUpdateInput,
    ) -> async_graphql::Result<DirectoryFieldUpdatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let change = FieldChange {
            field: ids::row_of(&input.field_id, NodeKind::DirectoryField),
            label: input.label,
            max_length: input.max_length.as_opt_ref().map(Option::<&i32>::copied),
        };
        let (field, user_errors) = split(directory_fields::update(services, viewer, change).await)?;
        Ok(DirectoryFieldUpdatePayload { field, user_errors })
    }

    /// Deletes a custom field with everybody's value of it, for ever. Refused while an app's mapping uses it. Needs `MANAGE_USERS`.
    async fn directory_field_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which field to delete.")] input: DirectoryFieldDeleteInput,
    ) -> async_graphql::Result<DirectoryFieldDeletePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.field_id, NodeKind::DirectoryField);
        Ok(
            match settle(directory_fields::delete(services, viewer, id).await)? {
                Ok(id) => DirectoryFieldDeletePayload {
                    deleted_field_id: Some(ids::global(NodeKind::DirectoryField, id)),
                    user_errors: Vec::new(),
                },
                Err(user_errors) => DirectoryFieldDeletePayload {
                    deleted_field_id: None,
                    user_errors,
                },
            },
        )
    }
}

fn split(
    result: crate::service::Result<directory_fields::Field>,
) -> async_graphql::Result<(Option<DirectoryField>, Vec<UserError>)> {
    Ok(match settle(result)? {
        Ok(field) => (Some(field.into()), Vec::new()),
        Err(errors) => (None, errors),
    })
}
