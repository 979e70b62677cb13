//! Create, read, update and delete one user.

use serde_json::{Map, Value, json};

use super::{given::Credentials, lifecycle, view};
use crate::{
    org::{
        event::Target,
        status::UserStatus,
        user::{Provider, User},
        validate::{is_blank, violations},
    },
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Most groups a user can be created in (E0000093). Groups are not modelled, so any id is unknown.
const MOST_GROUPS: usize = 20;

/// `POST /users`. Answers 200, not 201.
pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let body = call.request.json()?;
    let activate = call.request.flag("activate", true);
    let expire = next_login(call)?;
    check_type(call, &body)?;
    check_groups(&body)?;
    let profile = object(&body, "profile").unwrap_or_default();
    let profile: Map<_, _> = profile
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    check_profile(call, &profile, None)?;
    let profile: Map<_, _> = profile
        .into_iter()
        .filter(|(_, value)| !is_blank(value))
        .collect();
    let credentials = Credentials::read(
        &body,
        profile
            .get("login")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    )?;
    if expire {
        check_expiry(activate, credentials.password.is_some())?;
    }
    let user = new_user(call, profile, credentials, activate, expire);
    let after = json!({ "status": user.status.name(), "profile": user.profile });
    call.effect("user.create", &user, None, Some(after));
    call.log(
        "user.lifecycle.create",
        "Create Okta user",
        Target::user(&user),
    );
    if activate {
        call.log(
            "user.lifecycle.activate",
            "Activate Okta user",
            Target::user(&user),
        );
    }
    answer(call, &user)
}

/// `GET /users/{id}` by id, login, short name or `me`.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let user = call.user(&id)?;
    let mut body = view::single(call.org, user, call.base_url);
    if call
        .request
        .query("expand")
        .is_some_and(|expand| expand == "blocks")
    {
        body["_embedded"] = json!({ "blocks": [] });
    }
    Ok(Reply::json(200, &body).with("etag", view::etag(user)))
}

/// `POST /users/{id}`: what is sent is merged in, an explicit null clears.
pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (id, body) = writable(call)?;
    let mut profile = call.user(&id)?.profile.clone();
    for (name, value) in object(&body, "profile").unwrap_or_default() {
        profile.insert(name, value);
    }
    save(call, &id, profile, &body)
}

/// `PUT /users/{id}`: the profile becomes what is sent; attributes that are not sent are dropped.
pub(crate) fn replace(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (id, body) = writable(call)?;
    let profile = match object(&body, "profile") {
        Some(profile) => profile,
        None => call.user(&id)?.profile.clone(),
    };
    save(call, &id, profile, &body)
}

/// `DELETE /users/{id}`: deactivates; deletes only who is deactivated already.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let user = call.user(&id)?.clone();
    call.may_touch(&user)?;
    if user.status == UserStatus::Deprovisioned {
        call.org.users.remove(&id);
        call.effect(
            "user.delete",
            &user,
            Some(json!({ "status": user.status.name() })),
            None,
        );
        call.log(
            "user.lifecycle.delete.initiated",
            "Initiate delete Okta user",
            Target::user(&user),
        );
        call.log(
            "user.lifecycle.delete.completed",
            "Delete Okta user",
            Target::user(&user),
        );
    } else {
        lifecycle::deprovision(call, &id)?;
    }
    Ok(Reply::new(204))
}

/// The answer that shows a user after a change.
pub(crate) fn answer(call: &Call<'_>, user: &User) -> Result<Reply, Refusal> {
    Ok(Reply::json(
        200,
        &view::single(call.org, user, call.base_url),
    ))
}

/// The user and the body of an update that is allowed to begin.
fn writable(call: &Call<'_>) -> Result<(String, Map<String, Value>), Refusal> {
    let id = call.user_id("id")?;
    let body = call.request.json()?;
    let user = call.user(&id)?;
    call.may_touch(user)?;
    if let Some(expected) = call.request.header("if-match") {
        let current = view::etag(user);
        if expected != "*" && !expected.split(',').any(|tag| tag.trim() == current) {
            return Err(Refusal::api(
                412,
                "E0000231",
                "The resource was modified since it was last read.",
            ));
        }
    }
    if user.status == UserStatus::Deprovisioned {
        return Err(Refusal::wrong_status());
    }
    check_type(call, &body)?;
    Ok((id, body))
}

fn save(
    call: &mut Call<'_>,
    id: &str,
    profile: Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<Reply, Refusal> {
    check_profile(call, &profile, Some(id))?;
    let profile: Map<_, _> = profile
        .into_iter()
        .filter(|(_, value)| !is_blank(value))
        .collect();
    let login = profile
        .get("login")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let credentials = Credentials::read(body, login)?;
    let before = call.user(id)?.clone();
    check_sources(call, &before.profile, &profile)?;
    let (old, new) = difference(&before.profile, &profile);
    let now = call.second();
    let user = call.user_mut(id)?;
    user.profile = profile;
    credentials.apply(user, now);
    let changed = !new.is_empty();
    if changed {
        user.touch(now);
    }
    let user = user.clone();
    if changed {
        let (old, new) = (Value::Object(old), Value::Object(new));
        call.effect("user.update", &user, Some(old.clone()), Some(new.clone()));
        let target = Target {
            change: Some((old, new)),
            ..Target::user(&user)
        };
        call.log(
            "user.account.update_profile",
            "Update user profile for Okta",
            target,
        );
    }
    if user.password_changed != before.password_changed || user.status != before.status {
        call.effect(
            "user.password",
            &user,
            None,
            Some(json!({ "status": user.status.name() })),
        );
        call.log(
            "user.account.update_password",
            "User update password for Okta",
            Target::user(&user),
        );
    }
    answer(call, &user)
}

/// Attributes that differ, with their old and new values; null stands for none.
fn difference(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let names = old
        .keys()
        .chain(new.keys())
        .filter(|name| old.get(*name) != new.get(*name));
    let value =
        |map: &Map<String, Value>, name: &String| map.get(name).cloned().unwrap_or_default();
    names
        .map(|name| {
            (
                (name.clone(), value(old, name)),
                (name.clone(), value(new, name)),
            )
        })
        .unzip()
}

fn check_profile(
    call: &Call<'_>,
    profile: &Map<String, Value>,
    id: Option<&str>,
) -> Result<(), Refusal> {
    let found = violations(call.org, profile, id);
    if found.is_empty() {
        Ok(())
    } else {
        Err(Refusal::violations(&found))
    }
}

/// Values that another system owns cannot be changed (E0000077).
fn check_sources(
    call: &Call<'_>,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Result<(), Refusal> {
    let schema = call.org.schema();
    let owned = difference(old, new).1.into_iter().find(|(name, _)| {
        schema
            .attribute(name)
            .is_some_and(|attribute| attribute.is_sourced_elsewhere())
    });
    match owned {
        Some((name, _)) => Err(Refusal::api(
            403,
            "E0000077",
            "Cannot modify the attribute because it is read-only.",
        )
        .because(format!("{name}: The attribute is read-only"))),
        None => Ok(()),
    }
}

fn check_type(call: &Call<'_>, body: &Map<String, Value>) -> Result<(), Refusal> {
    let wanted = body
        .get("type")
        .and_then(|kind| kind.get("id"))
        .and_then(Value::as_str);
    match wanted {
        Some(id) if id != call.org.meta().type_id && id != "default" => Err(Refusal::validation(
            "type",
            format!("type: No user type with id {id}"),
        )),
        _ => Ok(()),
    }
}

fn check_groups(body: &Map<String, Value>) -> Result<(), Refusal> {
    let groups = body
        .get("groupIds")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if groups.len() > MOST_GROUPS {
        return Err(Refusal::api(400, "E0000093", "Target count limit exceeded"));
    }
    match groups.first() {
        Some(group) => Err(Refusal::not_found(
            group.as_str().unwrap_or_default(),
            "UserGroup",
        )),
        None => Ok(()),
    }
}

/// Whether the password is to be expired at once.
fn next_login(call: &Call<'_>) -> Result<bool, Refusal> {
    match call.request.query("nextLogin").as_deref() {
        None | Some("") => Ok(false),
        Some("changePassword") => Ok(true),
        Some(other) => Err(Refusal::validation(
            "nextLogin",
            format!("nextLogin: Invalid value {other}"),
        )),
    }
}

fn check_expiry(activate: bool, has_password: bool) -> Result<(), Refusal> {
    const PREFIX: &str =
        "Could not create user. To create a user and expire their password immediately,";
    if !activate {
        return Err(Refusal::api(
            400,
            "E0000125",
            format!("{PREFIX} \"activate\" must be true"),
        ));
    }
    if !has_password {
        return Err(Refusal::api(
            400,
            "E0000124",
            format!("{PREFIX} a password must be specified"),
        ));
    }
    Ok(())
}

fn new_user(
    call: &mut Call<'_>,
    profile: Map<String, Value>,
    credentials: Credentials,
    activate: bool,
    expire: bool,
) -> User {
    let now = call.second();
    let ready = credentials.password.is_some() || credentials.is_federated();
    let status = match (activate, ready, expire) {
        (false, ..) => UserStatus::Staged,
        (true, false, _) => UserStatus::Provisioned,
        (true, true, false) => UserStatus::Active,
        (true, true, true) => UserStatus::PasswordExpired,
    };
    let mut user = User {
        id: call.org.new_id("00u"),
        status,
        transitioning: None,
        created: now,
        activated: activate.then_some(now),
        status_changed: Some(now),
        last_login: None,
        last_updated: now,
        password_changed: None,
        profile,
        password: None,
        recovery_question: None,
        provider: Provider::default(),
        roles: Vec::new(),
        link_digest: None,
        version: 1,
    };
    credentials.apply(&mut user, now);
    user.status = status;
    call.org.users.insert(user.id.clone(), user.clone());
    user
}

fn object(body: &Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    body.get(name).and_then(Value::as_object).cloned()
}
