//! Cursors: places in a list, opaque to clients. Each names its list and order, so that it is refused everywhere else.

use std::borrow::Cow;

use async_graphql::connection::CursorType;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use uuid::Uuid;

use crate::service::page::{Key, Position};

/// A list and what it is ordered by. Both directions share their cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a list of the schema and its order")]
pub enum Listing {
    AccountsByCreation,
    AccountsByName,
    Apps,
    AssignmentsByCreation,
    AssignmentsByName,
    AuditEvents,
    BulkJobFailures,
    DeprovisioningHoldAccounts,
    DeprovisioningHolds,
    ImportCandidatesByName,
    ImportCandidatesByPlace,
    Imports,
    Operations,
    PersonalAccessTokens,
    UsersByChange,
    UsersByCreation,
    UsersByName,
    UsersByUserName,
}

/// What the rows of a list are ordered by, besides their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    None,
    Text,
    Number,
}

impl Listing {
    /// As cursors name it: short, since every edge carries it.
    const fn tag(self) -> &'static str {
        match self {
            Self::AccountsByCreation => "kc",
            Self::AccountsByName => "kn",
            Self::Apps => "a",
            Self::AssignmentsByCreation => "sc",
            Self::AssignmentsByName => "sn",
            Self::AuditEvents => "e",
            Self::BulkJobFailures => "f",
            Self::DeprovisioningHoldAccounts => "ha",
            Self::DeprovisioningHolds => "h",
            Self::ImportCandidatesByName => "in",
            Self::ImportCandidatesByPlace => "ip",
            Self::Imports => "i",
            Self::Operations => "o",
            Self::PersonalAccessTokens => "t",
            Self::UsersByChange => "uu",
            Self::UsersByCreation => "uc",
            Self::UsersByName => "un",
            Self::UsersByUserName => "ul",
        }
    }

    const fn key_kind(self) -> KeyKind {
        match self {
            Self::AccountsByCreation
            | Self::Apps
            | Self::AssignmentsByCreation
            | Self::BulkJobFailures
            | Self::DeprovisioningHolds
            | Self::ImportCandidatesByPlace
            | Self::Imports
            | Self::Operations
            | Self::PersonalAccessTokens => KeyKind::None,
            Self::AccountsByName
            | Self::AssignmentsByName
            | Self::ImportCandidatesByName
            | Self::UsersByName
            | Self::UsersByUserName => KeyKind::Text,
            Self::AuditEvents
            | Self::DeprovisioningHoldAccounts
            | Self::UsersByChange
            | Self::UsersByCreation => KeyKind::Number,
        }
    }

    /// The cursor of a row of this list.
    #[must_use]
    pub fn cursor(self, at: Position) -> Cursor {
        Cursor {
            list: Cow::Borrowed(self.tag()),
            at,
        }
    }

    /// The place that a client's cursor names in this list.
    ///
    /// # Errors
    /// [`BadCursor`] for anything that this list never gave out.
    pub fn place(self, cursor: &str) -> Result<Position, BadCursor> {
        let Cursor { list, at } = Cursor::decode_cursor(cursor)?;
        let kind = match at.key {
            None => KeyKind::None,
            Some(Key::Text(_)) => KeyKind::Text,
            Some(Key::Number(_)) => KeyKind::Number,
        };
        if list == self.tag() && kind == self.key_kind() {
            Ok(at)
        } else {
            Err(BadCursor)
        }
    }
}

/// A place in a list.
#[derive(Clone, Debug)]
pub struct Cursor {
    list: Cow<'static, str>,
    at: Position,
}

/// A cursor that we never gave out.
#[derive(Debug, thiserror::Error)]
#[error("This cursor was not given out by this list in this order.")]
pub struct BadCursor;

impl CursorType for Cursor {
    type Error = BadCursor;

    fn decode_cursor(text: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
        let part = |index: usize| value.get(index).and_then(Value::as_str);
        let list = part(0).ok_or(BadCursor)?.to_owned().into();
        let id = part(1).and_then(|id| Uuid::try_parse(id).ok());
        let key = match value.get(2) {
            None => None,
            Some(Value::String(text)) if !text.contains('\0') => Some(Key::Text(text.clone())),
            Some(Value::Number(number)) => Some(Key::Number(number.as_i64().ok_or(BadCursor)?)),
            Some(_) => return Err(BadCursor),
        };
        let id = id.ok_or(BadCursor)?;
        Ok(Self {
            list,
            at: Position { key, id },
        })
    }

    fn encode_cursor(&self) -> String {
        let (list, id) = (&self.list, self.at.id);
        let text = match &self.at.key {
            None => serde_json::to_string(&(list, id)),
            Some(Key::Text(text)) => serde_json::to_string(&(list, id, text)),
            Some(Key::Number(number)) => serde_json::to_string(&(list, id, number)),
        };
        // Texts and numbers can always be written.
        URL_SAFE_NO_PAD.encode(text.unwrap_or_default())
    }
}
