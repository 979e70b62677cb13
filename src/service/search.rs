//! Searching lists of what belongs to people, by the same rules as searching people.

use super::Result;
use super::users::{UserFilter, UserListQuery, condition};
use crate::domain::plan::DirectoryStatus;

pub use crate::store::by_person::{PersonFilter, TimeSpan};

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

/// Whose: those whom the search finds, of this department, with one of these statuses.
///
/// # Errors
/// As [`words`], and `BadInput` for such a department.
pub fn people(
    search: Option<String>,
    department: Option<String>,
    statuses: Vec<DirectoryStatus>,
) -> Result<PersonFilter> {
    let filter = UserFilter {
        department,
        statuses,
        ..UserFilter::default()
    };
    let found = condition(UserListQuery { search, filter })?;
    Ok(PersonFilter {
        words: found.words,
        department: found.department,
        statuses: found.statuses,
    })
}
