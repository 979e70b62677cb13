//! `/meta/schemas/user/{id}`: the user schema of the default type.

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::{
    clock::stamp,
    org::schema::{Attribute, Attributes, KINDS, UserSchema},
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// `GET /meta/schemas/user/{default|osc…}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_id(call)?;
    Ok(Reply::json(200, &view(call)))
}

/// `POST /meta/schemas/user/{default|osc…}`: adds, changes and (with null) removes custom attributes;
/// of base attributes only some settings can be changed.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_id(call)?;
    let body = call.request.json()?;
    let mut schema = call.org.schema().clone();
    let mut removed = Vec::new();
    for (name, definition) in properties(&body, "custom") {
        if definition.is_null() {
            schema.custom.remove(&name);
            removed.push(name);
        } else {
            let attribute = custom(&schema, &name, definition)?;
            schema.custom.insert(name, attribute);
        }
    }
    for (name, definition) in properties(&body, "base") {
        change_base(&mut schema.base, &name, &definition)?;
    }
    schema.last_updated = call.second();
    call.org.set_schema(schema);
    call.org.forget_values(&removed);
    call.org_effect(
        "schema.update",
        Some(body.get("definitions").cloned().unwrap_or_default()),
    );
    Ok(Reply::json(200, &view(call)))
}

fn check_id(call: &Call<'_>) -> Result<(), Refusal> {
    let id = call.request.param("id");
    if id == "default" || id == call.org.meta().schema_id {
        Ok(())
    } else {
        Err(Refusal::not_found(id, "UserSchema"))
    }
}

fn properties(body: &Map<String, Value>, part: &str) -> Map<String, Value> {
    let properties = body
        .get("definitions")
        .and_then(|definitions| definitions.get(part)?.get("properties"));
    properties
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// A new or changed custom attribute. The type of an existing one stays.
fn custom(schema: &UserSchema, name: &str, definition: Value) -> Result<Attribute, Refusal> {
    let refused = |cause: String| Err(Refusal::validation(name, format!("{name}: {cause}")));
    let Ok(mut attribute) = serde_json::from_value::<Attribute>(definition) else {
        return refused("The attribute's definition is malformed".into());
    };
    let well_named = Regex::new("^[A-Za-z][A-Za-z0-9_]*$").is_ok_and(|form| form.is_match(name));
    if !well_named || schema.base.contains_key(name) {
        return refused("The name is not permitted or belongs to a base attribute".into());
    }
    if attribute.title.is_empty() {
        return refused("The title cannot be left blank".into());
    }
    if !KINDS.contains(&attribute.kind.as_str()) {
        return refused(format!("Unknown type '{}'", attribute.kind));
    }
    if schema
        .custom
        .get(name)
        .is_some_and(|known| known.kind != attribute.kind)
    {
        return refused("The type of an existing attribute cannot be changed".into());
    }
    normalise(&mut attribute);
    Ok(attribute)
}

/// Fills in what Okta fills in, and turns a written `unique` into the one that is read.
fn normalise(attribute: &mut Attribute) {
    attribute.unique = match attribute.unique.take() {
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(Value::String(text)) if text != "UNIQUE_VALIDATED" && text != "PENDING_UNIQUENESS" => {
            None
        }
        Some(_) => Some("UNIQUE_VALIDATED".into()),
    };
    attribute.required = attribute.required.filter(|required| *required);
    attribute
        .mutability
        .get_or_insert_with(|| "READ_WRITE".into());
    attribute
        .other
        .entry("scope")
        .or_insert_with(|| "NONE".into());
    attribute
        .other
        .entry("permissions")
        .or_insert_with(|| json!([{ "principal": "SELF", "action": "READ_ONLY" }]));
    if attribute.kind == "array" && attribute.items.is_none() {
        attribute.items = Some(json!({ "type": "string" }));
    }
}

/// First and last name can be made optional, the login's pattern can change, and everything can be
/// shown or hidden; the rest of a base attribute is Okta's.
fn change_base(base: &mut Attributes, name: &str, definition: &Value) -> Result<(), Refusal> {
    let Some(attribute) = base.get_mut(name) else {
        return Err(Refusal::validation(
            name,
            format!("{name}: No such base attribute"),
        ));
    };
    if let (Some(required), "firstName" | "lastName") = (definition["required"].as_bool(), name) {
        attribute.required = Some(required);
    }
    if let ("login", Some(pattern)) = (name, definition.get("pattern")) {
        attribute.pattern = pattern.as_str().map(Into::into);
    }
    if let Some(master) = definition.get("master") {
        attribute.master = Some(master.clone()).filter(|master| !master.is_null());
    }
    if let Some(permissions) = definition.get("permissions") {
        attribute
            .other
            .insert("permissions".into(), permissions.clone());
    }
    Ok(())
}

fn view(call: &Call<'_>) -> Value {
    let (schema, meta) = (call.org.schema(), call.org.meta());
    json!({
        "id": call.url("/meta/schemas/user/default"),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user",
        "title": "User",
        "description": "Okta user profile template with default permission settings",
        "lastUpdated": stamp(schema.last_updated),
        "created": stamp(schema.created),
        "definitions": {
            "custom": {
                "id": "#custom",
                "type": "object",
                "properties": schema.custom,
                "required": schema.required_custom(),
            },
            "base": {
                "id": "#base",
                "type": "object",
                "properties": schema.base,
                "required": schema.required_base(),
            },
        },
        "type": "object",
        "properties": {
            "profile": { "allOf": [{ "$ref": "#/definitions/custom" }, { "$ref": "#/definitions/base" }] },
        },
        "_links": {
            "self": {
                "rel": "self",
                "href": call.url(&format!("/api/v1/meta/schemas/user/{}", meta.schema_id)),
                "method": "GET",
            },
            "type": {
                "rel": "type",
                "href": call.url(&format!("/api/v1/meta/types/user/{}", meta.type_id)),
                "method": "GET",
            },
        },
    })
}
