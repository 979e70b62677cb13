//! `GET /users`: plain list, `q`, `filter` and `search`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{paging, view};
use crate::{
    org::{status::UserStatus, user::User},
    search::{self, Dialect, Expression, order},
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Most users on a page, and the default.
const PAGE: usize = 200;

/// How many users `q` answers unless told; it has no second page.
const QUICK: usize = 10;

/// `GET /users`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let given = |name: &str| call.request.query(name).filter(|value| !value.is_empty());
    match (given("search"), given("filter"), given("q")) {
        (Some(_), Some(_), _) => Err(Refusal::api(
            400,
            "E0000033",
            "The search and filter parameters can't be used in the same request.",
        )),
        (Some(search), None, _) => searched(call, &search),
        (None, Some(filter), _) => filtered(call, &filter),
        (None, None, Some(q)) => quick(call, &q),
        (None, None, None) => plain(call, |user| user.status != UserStatus::Deprovisioned),
    }
}

fn filtered(call: &Call<'_>, filter: &str) -> Result<Reply, Refusal> {
    let expression = search::parse(filter, Dialect::UserFilter).map_err(Refusal::invalid_search)?;
    plain(call, |user| {
        search::matches(
            &expression,
            &view::attributes(call.org, user),
            Dialect::UserFilter,
        )
    })
}

/// Users in the order of their ids, paged by a cursor like the recorded `200u…`.
fn plain(call: &Call<'_>, keep: impl Fn(&User) -> bool) -> Result<Reply, Refusal> {
    let limit = paging::limit(call, PAGE, PAGE)?;
    let after = match call.request.query("after") {
        None => String::new(),
        Some(cursor) => match cursor.strip_prefix('2').filter(|id| id.starts_with("00u")) {
            Some(id) => id.to_owned(),
            None => return Err(Refusal::invalid_search("Invalid cursor.")),
        },
    };
    let mut users: Vec<_> = call
        .org
        .users
        .after(&after)
        .filter(|user| keep(user))
        .take(limit + 1)
        .collect();
    let more = users.len() > limit;
    users.truncate(limit);
    let next = users
        .last()
        .filter(|_| more)
        .map(|user| format!("2{}", user.id));
    answer(call, &users, limit, &["filter"], next.as_deref())
}

/// The first users whose name or e-mail starts with the text.
fn quick(call: &Call<'_>, text: &str) -> Result<Reply, Refusal> {
    let limit = paging::limit(call, QUICK, PAGE)?;
    let text = text.to_lowercase();
    let starts = |user: &&User, name: &str| user.attribute(name).to_lowercase().starts_with(&text);
    let users: Vec<_> = call
        .org
        .users
        .values()
        .filter(|user| user.status != UserStatus::Deprovisioned)
        .filter(|user| {
            ["firstName", "lastName", "email", "login"]
                .iter()
                .any(|name| starts(user, name))
                || user.display_name().to_lowercase().starts_with(&text)
        })
        .take(limit)
        .collect();
    answer(call, &users, limit, &["q"], None)
}

fn searched(call: &Call<'_>, text: &str) -> Result<Reply, Refusal> {
    let limit = paging::limit(call, PAGE, PAGE)?;
    let expression = search::parse(text, Dialect::UserSearch).map_err(Refusal::invalid_search)?;
    let attribute = sort_attribute(call)?;
    let descending = match call
        .request
        .query("sortOrder")
        .map(|order| order.to_ascii_lowercase())
        .as_deref()
    {
        None | Some("asc" | "ascending") => false,
        Some("desc" | "descending") => true,
        Some(_) => return Err(Refusal::invalid_search("Invalid sortOrder.")),
    };
    let Some(attribute) = attribute else {
        return unsorted(call, &expression, limit);
    };
    let mut found: Vec<(Value, &User)> = call
        .org
        .users
        .values()
        .map(|user| (view::attributes(call.org, user), user))
        .filter(|(body, _)| search::matches(&expression, body, Dialect::UserSearch))
        .map(|(body, user)| (sort_value(&body, &attribute), user))
        .collect();
    found.sort_by(|left, right| {
        let values = order(&left.0, &right.0);
        (if descending { values.reverse() } else { values })
            .then_with(|| left.1.id.cmp(&right.1.id))
    });
    let start = match call.request.query("after") {
        None => 0,
        Some(cursor) => {
            let (value, id) = read_cursor(&cursor)?;
            found.partition_point(|(other, user)| {
                let values = order(other, &value);
                (if descending { values.reverse() } else { values })
                    .then_with(|| user.id.as_str().cmp(&id))
                    .is_le()
            })
        }
    };
    let page: Vec<_> = found.iter().skip(start).take(limit).collect();
    let more = found.len() > start + page.len();
    let next = page
        .last()
        .filter(|_| more)
        .map(|(value, user)| cursor(value, &user.id));
    let users: Vec<_> = page.into_iter().map(|(_, user)| *user).collect();
    answer(
        call,
        &users,
        limit,
        &["search", "sortBy", "sortOrder"],
        next.as_deref(),
    )
}

/// Those found in the order of their ids. Only a page of them is looked for, as an org may hold a hundred thousand.
fn unsorted(call: &Call<'_>, expression: &Expression, limit: usize) -> Result<Reply, Refusal> {
    let after = match call.request.query("after") {
        None => String::new(),
        Some(cursor) => read_cursor(&cursor)?.1,
    };
    let found = call.org.users.after(&after).filter(|user| {
        let body = view::attributes(call.org, user);
        search::matches(expression, &body, Dialect::UserSearch)
    });
    let mut users: Vec<_> = found.take(limit + 1).collect();
    let more = users.len() > limit;
    users.truncate(limit);
    let next = users.last().filter(|_| more).map(|user| user.id.clone());
    answer(
        call,
        &users,
        limit,
        &["search", "sortBy", "sortOrder"],
        next.as_deref(),
    )
}

fn sort_attribute(call: &Call<'_>) -> Result<Option<String>, Refusal> {
    let Some(name) = call.request.query("sortBy").filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    if Dialect::UserSearch.knows(&name) {
        Ok(Some(name))
    } else {
        Err(Refusal::invalid_search("Invalid sortBy."))
    }
}

fn sort_value(body: &Value, attribute: &str) -> Value {
    match search::values(body, attribute).into_iter().next() {
        Some(Value::String(text)) => Value::String(text.to_lowercase()),
        other => other.cloned().unwrap_or_default(),
    }
}

/// Sort value and id of the last user on a page: later pages do not shift when users come or go.
fn cursor(value: &Value, id: &str) -> String {
    if value.is_null() {
        return id.to_owned();
    }
    URL_SAFE_NO_PAD.encode(serde_json::json!([value, id]).to_string())
}

fn read_cursor(cursor: &str) -> Result<(Value, String), Refusal> {
    if cursor.starts_with("00u") {
        return Ok((Value::Null, cursor.to_owned()));
    }
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Refusal::invalid_search("Invalid cursor."))
}

fn answer(
    call: &Call<'_>,
    users: &[&User],
    limit: usize,
    kept: &[&str],
    next: Option<&str>,
) -> Result<Reply, Refusal> {
    let body: Vec<_> = users
        .iter()
        .map(|user| view::listed(call.org, user, call.base_url))
        .collect();
    Ok(paging::linked(
        call,
        Reply::json(200, &body.into()),
        limit,
        kept,
        next,
    ))
}
