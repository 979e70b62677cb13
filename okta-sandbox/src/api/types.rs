//! `/meta/types/user`: the one user type that an org starts with.

use serde_json::{Value, json};

use crate::{
    clock::stamp,
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// `GET /meta/types/user`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(200, &json!([view(call)])))
}

/// `GET /meta/types/user/{id}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.request.param("id");
    if id == "default" || id == call.org.meta().type_id {
        Ok(Reply::json(200, &view(call)))
    } else {
        Err(Refusal::not_found(id, "UserType"))
    }
}

fn view(call: &Call<'_>) -> Value {
    let meta = call.org.meta();
    let created = stamp(call.org.schema().created);
    json!({
        "id": meta.type_id,
        "displayName": "User",
        "name": "user",
        "description": "Okta user profile template with default permission settings",
        "createdBy": meta.system_id,
        "lastUpdatedBy": meta.system_id,
        "created": created,
        "lastUpdated": created,
        "default": true,
        "_links": {
            "schema": {
                "rel": "schema",
                "href": call.url(&format!("/api/v1/meta/schemas/user/{}", meta.schema_id)),
                "method": "GET",
            },
            "self": {
                "rel": "self",
                "href": call.url(&format!("/api/v1/meta/types/user/{}", meta.type_id)),
                "method": "GET",
            },
        },
    })
}
