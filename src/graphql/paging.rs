//! Relay's paging arguments, and connections.

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{InputObject, ObjectType, OutputType};

use super::cursor::{Cursor, Listing};
use super::error::{self, Code};
use crate::service::page::{Page, PageRequest, Position};

/// Rows on a page when the client does not say.
pub const DEFAULT_PAGE: u64 = 25;
/// Rows on a page at most: enough for any table on a screen, and little enough that a page costs milliseconds.
pub const MAX_PAGE: u64 = 100;

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
    pub fn request(self, list: Listing, descending: bool) -> async_graphql::Result<PageRequest> {
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
            after: place(self.after, list)?,
            before: place(self.before, list)?,
            from_end,
            descending,
        })
    }
}

fn place(cursor: Option<String>, list: Listing) -> async_graphql::Result<Option<Position>> {
    let place = cursor.map(|cursor| list.place(&cursor)).transpose();
    place.map_err(|refused| bad(&refused.to_string()))
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

/// A connection with the rows of a page of `list`, turned into nodes by `view`; `extra` holds fields such as `totalCount`.
pub fn connection<T, N: OutputType, F: ObjectType>(
    list: Listing,
    page: Page<T>,
    extra: F,
    mut view: impl FnMut(T) -> N,
) -> Connection<Cursor, N, F, EmptyFields> {
    let mut connection =
        Connection::with_additional_fields(page.has_previous, page.has_next, extra);
    connection.edges = page
        .rows
        .into_iter()
        .map(|(at, row)| Edge::new(list.cursor(at), view(row)))
        .collect();
    connection
}
