//! `/users/{id}/roles`: administrator roles of one user.

use serde_json::{Map, Value, json};

use crate::{
    clock::stamp,
    org::{
        event::Target,
        role::{self, IamRole, IdForm, RoleAssignment},
        status::UserStatus,
        user::User,
    },
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// `GET /users/{id}/roles`, not paged.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let user = call.user(&id)?;
    let body: Vec<_> = user
        .roles
        .iter()
        .map(|role| view(role, user, call.base_url))
        .collect();
    Ok(Reply::json(200, &body.into()))
}

/// `GET /users/{id}/roles/{assignment}`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let user = call.user(&id)?;
    let assignment = call.request.param("assignment");
    let role = user.roles.iter().find(|role| role.id == assignment);
    let role = role.ok_or_else(|| Refusal::not_found(assignment, "RoleAssignment"))?;
    Ok(Reply::json(200, &view(role, user, call.base_url)))
}

/// `POST /users/{id}/roles`. Answers 201.
pub(crate) fn assign(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let body = call.request.json()?;
    let user = call.user(&id)?;
    if user.status == UserStatus::Deprovisioned {
        return Err(Refusal::wrong_status());
    }
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind.is_empty() {
        return Err(Refusal::validation(
            "type",
            "type: The field cannot be left blank",
        ));
    }
    let assignment = if kind == "CUSTOM" {
        custom(call, &id, &body)?
    } else {
        standard(call, &id, kind)?
    };
    let user = call.user_mut(&id)?;
    user.roles.push(assignment.clone());
    let user = user.clone();
    call.effect("role.grant", &user, None, Some(effect_body(&assignment)));
    call.log(
        "user.account.privilege.grant",
        "Grant user privilege",
        Target::user(&user),
    );
    Ok(Reply::json(201, &view(&assignment, &user, call.base_url)))
}

/// `DELETE /users/{id}/roles/{assignment}`. A role that comes from a group is not found here.
pub(crate) fn unassign(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let wanted = call.request.param("assignment").to_owned();
    let user = call.user_mut(&id)?;
    let found = user
        .roles
        .iter()
        .position(|role| role.id == wanted && !role.from_group);
    let index = found.ok_or_else(|| Refusal::not_found(&wanted, "RoleAssignment"))?;
    let assignment = user.roles.remove(index);
    let user = user.clone();
    call.effect("role.revoke", &user, Some(effect_body(&assignment)), None);
    let (event, message) = if user.roles.is_empty() {
        ("user.account.privilege.revoke", "Revoke user privilege")
    } else {
        ("user.account.privilege.grant", "Grant user privilege")
    };
    call.log(event, message, Target::user(&user));
    Ok(Reply::new(204))
}

fn standard(call: &mut Call<'_>, id: &str, kind: &str) -> Result<RoleAssignment, Refusal> {
    let (label, form) = role::standard(kind)
        .ok_or_else(|| Refusal::validation("type", format!("type: Invalid role type {kind}")))?;
    if form == IdForm::Iam && !call.settings.iam_roles_licensed {
        return Err(Refusal::feature_off());
    }
    let held = call
        .user(id)?
        .roles
        .iter()
        .any(|role| role.kind == kind && !role.from_group);
    if held {
        return Err(duplicate(form));
    }
    let now = call.second();
    Ok(call.org.standard_assignment(kind, label, form, false, now))
}

fn custom(
    call: &mut Call<'_>,
    id: &str,
    body: &Map<String, Value>,
) -> Result<RoleAssignment, Refusal> {
    let text = |name: &str| {
        let value = body
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty());
        value.ok_or_else(|| {
            Refusal::validation(name, format!("{name}: The field cannot be left blank"))
        })
    };
    let (role, resource_set) = (text("role")?, text("resource-set")?);
    let found = call
        .org
        .custom_roles
        .values()
        .find(|known| known.id == role || known.label == role);
    let found = found
        .cloned()
        .ok_or_else(|| Refusal::not_found(role, "CustomRole"))?;
    let iam = IamRole {
        role: found.id,
        resource_set: resource_set.into(),
    };
    let same = |held: &RoleAssignment| {
        held.iam
            .as_ref()
            .is_some_and(|held| held.role == iam.role && held.resource_set == iam.resource_set)
    };
    if call.user(id)?.roles.iter().any(same) {
        return Err(duplicate(IdForm::Iam));
    }
    Ok(RoleAssignment {
        id: call.org.new_id("irb"),
        kind: "CUSTOM".into(),
        label: found.label,
        from_group: false,
        created: call.second(),
        iam: Some(iam),
    })
}

fn duplicate(form: IdForm) -> Refusal {
    match form {
        IdForm::Iam => Refusal::api(409, "E0000263", "The role assignment already exists."),
        IdForm::Base32 | IdForm::Unique => Refusal::api(
            409,
            "E0000090",
            "The role specified is already assigned to the user.",
        ),
    }
}

fn effect_body(assignment: &RoleAssignment) -> Value {
    json!({ "type": assignment.kind, "label": assignment.label, "id": assignment.id })
}

fn view(assignment: &RoleAssignment, user: &User, base_url: &str) -> Value {
    let assignee = format!("{base_url}/api/v1/users/{}", user.id);
    let mut body = json!({
        "id": assignment.id,
        "label": assignment.label,
        "type": assignment.kind,
        "status": "ACTIVE",
        "created": stamp(assignment.created),
        "lastUpdated": stamp(assignment.created),
        "assignmentType": if assignment.from_group { "GROUP" } else { "USER" },
        "_links": { "assignee": { "href": assignee } },
    });
    if let Some(iam) = &assignment.iam {
        let sets = format!("{base_url}/api/v1/iam/resource-sets/{}", iam.resource_set);
        let role = format!("{base_url}/api/v1/iam/roles/{}", iam.role);
        body["role"] = json!(iam.role);
        body["resource-set"] = json!(iam.resource_set);
        body["_links"]["role"] = json!({ "href": role });
        body["_links"]["resource-set"] = json!({ "href": sets });
        body["_links"]["permissions"] = json!({ "href": format!("{role}/permissions") });
        body["_links"]["member"] =
            json!({ "href": format!("{sets}/bindings/{}/members/{}", iam.role, assignment.id) });
    }
    body
}
