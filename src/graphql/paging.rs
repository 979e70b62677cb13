//! Relay's paging arguments and cursors.

use async_graphql::connection::{Connection, CursorType, Edge, EmptyFields};
use async_graphql::{InputObject, ObjectType, OutputType};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::{self, Code};
use crate::service::page::{Key, Page, PageRequest, Position};

/// Rows on a page when the client does not say.
pub const DEFAULT_PAGE: u64 = 25;
/// Rows on a page at most: enough for any table on a screen, and little enough that a page costs milliseconds.
pub const MAX_PAGE: u64 = 100;

/// A place in a list, opaque to clients.
#[derive(Clone, Debug)]
pub struct Cursor(pub Position);

/// A cursor that we never gave out.
#[derive(Debug, thiserror::Error)]
#[error("this cursor was not given out by this list")]
pub struct BadCursor;

impl CursorType for Cursor {
    type Error = BadCursor;

    fn decode_cursor(text: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
        let id = value
            .get(0)
            .and_then(Value::as_str)
            .and_then(|id| Uuid::try_parse(id).ok())
            .ok_or(BadCursor)?;
        let key = match value.get(1) {
            None => None,
            Some(Value::String(text)) if !text.contains('\0') => Some(Key::Text(text.clone())),
            Some(Value::Number(number)) => Some(Key::Number(number.as_i64().ok_or(BadCursor)?)),
            Some(_) => return Err(BadCursor),
        };
        Ok(Self(Position { key, id }))
    }

    fn encode_cursor(&self) -> String {
        let value = match &self.0.key {
            None => json!([self.0.id]),
            Some(Key::Text(text)) => json!([self.0.id, text]),
            Some(Key::Number(number)) => json!([self.0.id, number]),
        };
        URL_SAFE_NO_PAD.encode(value.to_string())
    }
}

/// What a list is ordered by, as far as a cursor of it must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// By id alone.
    None,
    /// By a text.
    Text,
    /// By a number or time.
    Number,
}

/// The four paging arguments, as a resolver receives them.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PageArgs {
    /// At most this many items from the start; 25 if neither `first` nor `last` is given, at most 100.
    pub first: Option<i32>,
    /// Only items behind this cursor.
    pub after: Option<String>,
    /// At most this many items from the end; at most 100. Not together with `first`.
    pub last: Option<i32>,
    /// Only items before this cursor.
    pub before: Option<String>,
}

impl PageArgs {
    /// The arguments as given in the query.
    #[must_use]
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    /// Checks the arguments.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when a count is below 0 or above 100, both counts are given, or a cursor is not one of this list's.
    pub fn request(self, key: KeyKind, descending: bool) -> async_graphql::Result<PageRequest> {
        let (count, from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(bad("Give `first` or `last`, not both.")),
            (None, Some(last)) => (Some(last), true),
            (first, None) => (first, false),
        };
        let limit = match count.map(u64::try_from) {
            None => DEFAULT_PAGE,
            Some(Ok(count)) if count <= MAX_PAGE => count,
            Some(_) => {
                return Err(bad(&format!(
                    "`first` and `last` must be between 0 and {MAX_PAGE}."
                )));
            }
        };
        Ok(PageRequest {
            limit,
            after: place(self.after, key)?,
            before: place(self.before, key)?,
            from_end,
            descending,
        })
    }
}

fn place(cursor: Option<String>, key: KeyKind) -> async_graphql::Result<Option<Position>> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let Ok(Cursor(place)) = Cursor::decode_cursor(&cursor) else {
        return Err(bad(&BadCursor.to_string()));
    };
    let found = match place.key {
        None => KeyKind::None,
        Some(Key::Text(_)) => KeyKind::Text,
        Some(Key::Number(_)) => KeyKind::Number,
    };
    if found == key {
        Ok(Some(place))
    } else {
        Err(bad(&BadCursor.to_string()))
    }
}

fn bad(message: &str) -> async_graphql::Error {
    error::coded(Code::BadUserInput, message)
}

/// What a connection costs towards the limit on complexity: its children once for every row that may come.
#[must_use]
pub fn cost(first: Option<i32>, last: Option<i32>, children: usize) -> usize {
    let rows = match first.or(last) {
        None => DEFAULT_PAGE,
        Some(count) => u64::try_from(count).unwrap_or(0).min(MAX_PAGE),
    };
    children
        .saturating_mul(usize::try_from(rows).unwrap_or(usize::MAX))
        .saturating_add(1)
}

/// A connection with the rows of a page, turned into nodes by `view`; `extra` holds fields such as `totalCount`.
pub fn connection<T, N: OutputType, F: ObjectType>(
    page: Page<T>,
    extra: F,
    mut view: impl FnMut(T) -> N,
) -> Connection<Cursor, N, F, EmptyFields> {
    let mut connection =
        Connection::with_additional_fields(page.has_previous, page.has_next, extra);
    connection.edges = page
        .rows
        .into_iter()
        .map(|(at, row)| Edge::new(Cursor(at), view(row)))
        .collect();
    connection
}
