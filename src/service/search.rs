//! Searching lists of what belongs to people, by the same rules as searching people.

use super::Result;
use super::users::{UserListQuery, condition};

/// The words of a search as match keys; none for an empty one.
///
/// # Errors
/// `BadInput` for a text that is too long, has too many words or control characters.
pub fn words(search: Option<String>) -> Result<Vec<String>> {
    let query = UserListQuery {
        search,
        ..UserListQuery::default()
    };
    Ok(condition(query)?.words)
}
