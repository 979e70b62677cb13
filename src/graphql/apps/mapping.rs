//! The mapping of directory fields and constants to Okta attributes.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject, Union};
use chrono::{DateTime, Utc};

use crate::domain::mapping::{MappingItem, MappingSource as Source};
use crate::graphql::directory::directory_field::DirectoryField;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::FieldLoader;
use crate::graphql::user_error::UserError;
use crate::graphql::values::{AttributeValue, AttributeValueInput};
use crate::graphql::{context, error, people};
use crate::service;
use crate::service::mappings::{self, MappingSet};

/// How a mapping stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::mappings::MappingStatus")]
pub enum AttributeMappingStatus {
    /// Nobody saved one: the default is in force, every standard field to the Okta attribute of the same meaning.
    Default,
    /// The saved one is in force.
    Saved,
    /// The one in force no longer fits the org's schema: see `problems`. People whom it concerns are blocked, the rest go on.
    Invalid,
}

/// The directory field that feeds an attribute.
#[derive(Clone, Debug)]
pub struct DirectoryFieldSource(String);

/// The directory field that feeds an attribute.
#[Object]
impl DirectoryFieldSource {
    /// Global id of the field.
    async fn field_id(&self) -> ID {
        ids::global_key(NodeKind::DirectoryField, &self.0)
    }

    /// The field; null when the directory has no such field.
    async fn field(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DirectoryField>> {
        let loaded = ctx.data::<DataLoader<FieldLoader>>()?.load_one(()).await;
        let fields = loaded.map_err(|e| error::public_ref(&e))?;
        let mut fields = fields.iter().flat_map(|fields| fields.iter());
        let field = fields.find(|field| field.definition.id == self.0);
        Ok(field.cloned().map(Into::into))
    }
}

/// A value that everybody gets.
#[derive(Clone, Debug, SimpleObject)]
pub struct ConstantSource {
    /// The value.
    pub value: AttributeValue,
}

/// Where the value of an attribute comes from.
#[derive(Clone, Debug, Union)]
pub enum MappingSource {
    /// A field of the directory.
    Field(DirectoryFieldSource),
    /// A constant.
    Constant(ConstantSource),
}

impl From<Source> for MappingSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Field(id) => Self::Field(DirectoryFieldSource(id)),
            Source::Constant(value) => Self::Constant(ConstantSource {
                value: value.into(),
            }),
        }
    }
}

/// One line of a mapping.
#[derive(Clone, Debug, SimpleObject)]
pub struct AttributeMapping {
    /// Name of the Okta attribute.
    pub attribute: String,
    /// Where its value comes from.
    pub source: MappingSource,
}

impl From<MappingItem> for AttributeMapping {
    fn from(item: MappingItem) -> Self {
        Self {
            attribute: item.attribute,
            source: item.source.into(),
        }
    }
}

/// The mapping in force. Attributes that it does not name are left alone in Okta.
#[derive(Clone, Debug)]
pub struct AttributeMappingSet(pub MappingSet);

/// The mapping in force. Attributes that it does not name are left alone in Okta.
#[Object]
impl AttributeMappingSet {
    /// Goes up each time a mapping is saved; 0 means never. Send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// How it stands.
    async fn status(&self) -> AttributeMappingStatus {
        self.0.status.into()
    }

    /// One line per mapped attribute, in the order in which they were saved; empty before the org's schema was read.
    #[graphql(complexity = "child_complexity.saturating_mul(30).saturating_add(1)")]
    async fn items(&self) -> Vec<AttributeMapping> {
        self.0.items.iter().cloned().map(Into::into).collect()
    }

    /// What is wrong with it by the org's schema as we last read it; `field` leads into `items`. Empty unless `INVALID`.
    async fn problems(&self) -> Vec<UserError> {
        let problems = self.0.problems.iter().map(mappings::user_error);
        problems.map(Into::into).collect()
    }

    /// Who saved it last; null when never saved.
    async fn saved_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.saved {
            Some(saved) => people::maybe(ctx, saved.by).await,
            None => Ok(None),
        }
    }

    /// When it was saved last; null when never saved.
    async fn saved_at(&self) -> Option<DateTime<Utc>> {
        self.0.saved.map(|saved| context::time(saved.at))
    }
}

/// Where the value of an attribute shall come from. Give exactly one of the fields.
#[derive(Clone, Debug, OneofObject)]
pub enum MappingSourceInput {
    /// Global id of a directory field whose type fits.
    FieldId(ID),
    /// The same value for everybody. Not for `login`, `email`, `secondEmail` and other attributes that must differ from person to person.
    Constant(AttributeValueInput),
}

/// One line of a mapping to save.
#[derive(Clone, Debug, InputObject)]
pub struct AttributeMappingInput {
    /// Name of the Okta attribute, such as `firstName`.
    pub attribute: String,
    /// Where its value comes from.
    pub source: MappingSourceInput,
}

impl From<AttributeMappingInput> for MappingItem {
    fn from(input: AttributeMappingInput) -> Self {
        let source = match input.source {
            // An id that names no field names no field of the directory either.
            MappingSourceInput::FieldId(id) => {
                Source::Field(ids::key_of(&id, NodeKind::DirectoryField).unwrap_or_default())
            }
            MappingSourceInput::Constant(value) => Source::Constant(value.into()),
        };
        Self {
            attribute: input.attribute,
            source,
        }
    }
}

/// The lines as the use cases take them.
#[must_use]
pub fn items(input: Vec<AttributeMappingInput>) -> Vec<MappingItem> {
    input.into_iter().map(Into::into).collect()
}
