//! Fields of the directory.

use async_graphql::{Context, Enum, ID, Object};

use crate::domain;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::values::ValueType;
use crate::service::directory_fields::{self, Field};

/// What shape the text of a field must have beyond its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::directory::TextFormat")]
pub enum TextFormat {
    /// One line of any text.
    Line,
    /// Text that may have several lines.
    Paragraph,
    /// Name to sign in with: no spaces.
    UserName,
    /// E-mail address.
    Email,
    /// Absolute http or https address.
    Url,
    /// Country code of two letters (ISO 3166-1).
    Country,
    /// Language tag such as `en` or `de-AT` (RFC 5646).
    Language,
    /// Locale such as `en_US`.
    Locale,
    /// Name of a time zone such as `Europe/Vienna`.
    TimeZone,
}

/// A field that people of the directory have: a standard one, or one that the organisation added.
#[derive(Clone, Debug)]
pub struct DirectoryField(Field);

impl From<Field> for DirectoryField {
    fn from(field: Field) -> Self {
        Self(field)
    }
}

impl DirectoryField {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(self.global_id())
    }

    fn global_id(&self) -> ID {
        ids::global_key(NodeKind::DirectoryField, &self.0.definition.id)
    }
}

/// A field that people of the directory have: a standard one, or one that the organisation added.
#[Object]
impl DirectoryField {
    /// Global id; `fieldId` of mappings and custom values.
    async fn id(&self) -> ID {
        self.global_id()
    }

    /// Name of the field of `User` for a standard one, such as `givenName`; null for a custom one.
    async fn key(&self) -> Option<&str> {
        (!self.0.definition.custom).then_some(self.0.definition.id.as_str())
    }

    /// Name to show; in English for the standard ones.
    async fn label(&self) -> &str {
        &self.0.definition.label
    }

    /// The type of its values.
    async fn data_type(&self) -> ValueType {
        self.0.definition.data_type.into()
    }

    /// The shape of its text; null when the values are no texts.
    async fn format(&self) -> Option<TextFormat> {
        let text = self.0.definition.data_type.scalar() == domain::value::ScalarType::String;
        text.then(|| self.0.definition.format.into())
    }

    /// Whether every person must have a value.
    async fn required(&self) -> bool {
        self.0.definition.required
    }

    /// Longest text, in characters; null when the values are no texts.
    async fn max_length(&self) -> Option<u32> {
        let text = self.0.definition.data_type.scalar() == domain::value::ScalarType::String;
        text.then_some(self.0.definition.max_length)
    }

    /// Whether the organisation added it.
    async fn custom(&self) -> bool {
        self.0.definition.custom
    }

    /// Whether `directoryFieldUpdate` is open to the viewer: never for standard fields; it takes `MANAGE_USERS`.
    async fn viewer_can_update(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(directory_fields::may_change(viewer, &self.0))
    }

    /// Whether `directoryFieldDelete` is open to the viewer: as `viewerCanUpdate`. It is refused all the same while a mapping uses the field.
    async fn viewer_can_delete(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(directory_fields::may_change(viewer, &self.0))
    }
}
