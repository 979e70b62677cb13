//! `/iam`: who holds roles, and the org's custom roles.

use serde_json::{Value, json};

use super::paging;
use crate::{
    clock::stamp,
    org::role::CustomRole,
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Page size of both lists, default and most.
const PAGE: usize = 100;

/// `GET /iam/assignees/users`: everybody who holds a role, directly or through a group.
pub(crate) fn assignees(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let limit = paging::limit(call, PAGE, PAGE)?;
    let after = cursor(call, "00u")?;
    let mut users: Vec<_> = call
        .org
        .users
        .after(&after)
        .filter(|user| !user.roles.is_empty())
        .take(limit + 1)
        .collect();
    let more = users.len() > limit;
    users.truncate(limit);
    let org_id = &call.org.meta().org_id;
    let value: Vec<_> = users
        .iter()
        .map(|user| {
            let itself = call.url(&format!("/api/v1/users/{}", user.id));
            json!({
                "id": user.id,
                "orn": format!("orn:okta:directory:{org_id}:users:{}", user.id),
                "_links": { "self": { "href": itself }, "roles": { "href": format!("{itself}/roles") } },
            })
        })
        .collect();
    let next = users.last().filter(|_| more).map(|user| user.id.clone());
    Ok(Reply::json(
        200,
        &json!({ "value": value, "_links": next_link(call, limit, next) }),
    ))
}

/// `GET /iam/roles`: custom roles only.
pub(crate) fn roles(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let limit = paging::limit(call, PAGE, PAGE)?;
    let after = cursor(call, "cr0")?;
    let mut roles: Vec<_> = call
        .org
        .custom_roles
        .after(&after)
        .take(limit + 1)
        .collect();
    let more = roles.len() > limit;
    roles.truncate(limit);
    let next = roles.last().filter(|_| more).map(|role| role.id.clone());
    let body: Vec<_> = roles.into_iter().map(|role| view(call, role)).collect();
    Ok(Reply::json(
        200,
        &json!({ "roles": body, "_links": next_link(call, limit, next) }),
    ))
}

/// `GET /iam/roles/{id}` by id or label.
pub(crate) fn role(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let key = call.request.param("id");
    let found = call
        .org
        .custom_roles
        .values()
        .find(|role| role.id == key || role.label == key);
    let role = found.ok_or_else(|| Refusal::not_found(key, "CustomRole"))?;
    Ok(Reply::json(200, &view(call, role)))
}

fn view(call: &Call<'_>, role: &CustomRole) -> Value {
    let itself = call.url(&format!("/api/v1/iam/roles/{}", role.id));
    json!({
        "id": role.id,
        "label": role.label,
        "description": role.description,
        "created": stamp(role.created),
        "lastUpdated": stamp(role.last_updated),
        "_links": {
            "self": { "href": itself },
            "permissions": { "href": format!("{itself}/permissions") },
        },
    })
}

fn cursor(call: &Call<'_>, prefix: &str) -> Result<String, Refusal> {
    match call.request.query("after") {
        None => Ok(String::new()),
        Some(after) if after.starts_with(prefix) => Ok(after),
        Some(_) => Err(Refusal::invalid_paging().because("Invalid cursor.")),
    }
}

fn next_link(call: &Call<'_>, limit: usize, next: Option<String>) -> Value {
    match next {
        Some(next) => {
            json!({ "next": { "href": call.url(&format!("{}?after={next}&limit={limit}", call.request.path)) } })
        }
        None => json!({}),
    }
}
