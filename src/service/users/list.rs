//! Lists of people.

use super::{MAY_SEE_USERS, User};
use crate::domain::directory::match_key;
use crate::service::{Error, Result, Services, Viewer};
use crate::store;
use crate::store::page::{Page, PageRequest};
use crate::store::user_lists::{UserFilter, UserOrder};

/// Longest search text in characters: longer than any name or address that can be found.
const MAX_SEARCH: usize = 254;
/// Words of a search that count; each costs a pass over the people.
const MAX_WORDS: usize = 8;

/// What a list of people shows, as asked.
#[derive(Clone, Debug, Default)]
pub struct UserListQuery {
    /// Words that must all occur in the person's names, addresses, title, department or employee number.
    pub search: Option<String>,
    /// The rest; its `words` are filled from `search`.
    pub filter: UserFilter,
}

/// A page of the organisation's people.
///
/// # Errors
/// [`Error::Forbidden`] without a permission of [`MAY_SEE_USERS`]; [`Error::BadInput`] for an impossible search.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    query: UserListQuery,
    order: UserOrder,
    request: PageRequest,
) -> Result<Page<User>> {
    viewer.require_any(&MAY_SEE_USERS)?;
    let filter = condition(query)?;
    let page = store::user_lists::list(
        &services.store,
        viewer.organization_id,
        &filter,
        order,
        request,
    )
    .await?;
    Ok(page.try_map(User::try_from)?)
}

/// How many people the query matches.
///
/// # Errors
/// As [`list`].
pub async fn count(services: &Services, viewer: &Viewer, query: UserListQuery) -> Result<u64> {
    viewer.require_any(&MAY_SEE_USERS)?;
    let filter = condition(query)?;
    Ok(store::user_lists::count(&services.store, viewer.organization_id, &filter).await?)
}

/// The query as the store understands it; for every use case that works on "all people who match".
///
/// # Errors
/// [`Error::BadInput`] for a search text that is too long or has control characters.
pub fn condition(query: UserListQuery) -> Result<UserFilter> {
    let mut filter = query.filter;
    let search = query.search.unwrap_or_default();
    for text in [Some(search.as_str()), filter.department.as_deref()]
        .into_iter()
        .flatten()
    {
        check_text(text)?;
    }
    filter.words = match_key(&search)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if filter.words.len() > MAX_WORDS {
        return Err(Error::BadInput(format!(
            "A search may have at most {MAX_WORDS} words."
        )));
    }
    Ok(filter)
}

fn check_text(text: &str) -> Result<()> {
    if text.chars().count() > MAX_SEARCH {
        return Err(Error::BadInput(format!(
            "A search may have at most {MAX_SEARCH} characters."
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::BadInput(
            "A search cannot have control characters.".to_owned(),
        ));
    }
    Ok(())
}
