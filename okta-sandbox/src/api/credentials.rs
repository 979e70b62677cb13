//! Passwords and recovery of a user.

use serde_json::{Value, json};

use super::{users, view};
use crate::{
    ids,
    org::{
        event::Target,
        password::{StoredPassword, policy_violation},
        status::{Transition, UserStatus},
        user::User,
    },
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// `expire_password`: the next sign-in demands a new one. Answers the user.
pub(crate) fn expire(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let user = enter(
        call,
        Transition::ExpirePassword,
        "user.account.expire_password",
        "Expire password",
    )?;
    users::answer(call, &user)
}

/// `expire_password_with_temp_password`: sets and answers a temporary password.
pub(crate) fn expire_with_temporary(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let user = enter(
        call,
        Transition::ExpirePassword,
        "user.account.expire_password",
        "Expire password",
    )?;
    let password = format!("Tp1{}", &ids::short_token()[..9]);
    let now = call.second();
    let user = call.user_mut(&user.id)?;
    user.password = Some(StoredPassword::new(&password));
    user.password_changed = Some(now);
    Ok(Reply::json(200, &json!({ "tempPassword": password })))
}

/// `reset_password`: answers the link when no mail is sent.
pub(crate) fn reset(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let user = enter(
        call,
        Transition::ResetPassword,
        "user.account.reset_password",
        "Reset password",
    )?;
    link(call, &user.id)
}

/// `reset_factors`: there are no factors here; legal for everybody who is not deactivated.
pub(crate) fn reset_factors(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    if call.user(&id)?.status == UserStatus::Deprovisioned {
        return Err(Refusal::wrong_status());
    }
    Ok(Reply::json(200, &json!({})))
}

/// `change_password`: with the old one, as the user would.
pub(crate) fn change(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let body = call.request.json()?;
    let user = call.user(&id)?;
    call.may_touch(user)?;
    let value = |name: &str| {
        body.get(name)
            .and_then(|part| part["value"].as_str())
            .unwrap_or_default()
    };
    let changeable = [
        UserStatus::Active,
        UserStatus::PasswordExpired,
        UserStatus::Recovery,
    ];
    if !changeable.contains(&user.status) {
        return Err(Refusal::wrong_status());
    }
    let refused =
        |cause: &str| Refusal::api(403, "E0000014", "Update of credentials failed").because(cause);
    if !user
        .password
        .as_ref()
        .is_some_and(|stored| stored.matches(value("oldPassword")))
    {
        return Err(refused("Old Password is not correct"));
    }
    if let Some(cause) = policy_violation(value("newPassword"), user.login()) {
        return Err(Refusal::api(
            403,
            "E0000080",
            "The password does not meet the complexity requirements of the current password policy.",
        )
        .because(cause));
    }
    let password = StoredPassword::new(value("newPassword"));
    let now = call.second();
    let user = call.user_mut(&id)?;
    user.password = Some(password);
    user.password_changed = Some(now);
    user.enter(UserStatus::Active, now);
    let user = user.clone();
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
    Ok(Reply::json(200, &credentials(call, &user)))
}

/// `change_recovery_question`.
pub(crate) fn change_question(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let body = call.request.json()?;
    let user = call.user(&id)?;
    call.may_touch(user)?;
    let refused =
        |cause: &str| Refusal::api(403, "E0000014", "Update of credentials failed").because(cause);
    let password = body
        .get("password")
        .and_then(|part| part["value"].as_str())
        .unwrap_or_default();
    if !user
        .password
        .as_ref()
        .is_some_and(|stored| stored.matches(password))
    {
        return Err(refused("Password is not correct"));
    }
    let question = body
        .get("recovery_question")
        .and_then(|part| part["question"].as_str());
    let Some(question) = question else {
        return Err(Refusal::validation(
            "recovery_question",
            "question: The field cannot be left blank",
        ));
    };
    let user = call.user_mut(&id)?;
    user.recovery_question = Some(question.into());
    let user = user.clone();
    Ok(Reply::json(200, &credentials(call, &user)))
}

/// `forgot_password`: a link for the user to choose a new password. The status stays.
pub(crate) fn forgot(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let user = call.user(&id)?;
    call.may_touch(user)?;
    if user.status != UserStatus::Active {
        return Err(Refusal::wrong_status());
    }
    link(call, &id)
}

/// The answer with a link to `/reset_password/{token}`, as recorded, or an empty one when a mail carries it.
fn link(call: &mut Call<'_>, id: &str) -> Result<Reply, Refusal> {
    let token = ids::short_token();
    call.user_mut(id)?.link_digest = Some(ids::digest(&token));
    if call.request.flag("sendEmail", true) {
        return Ok(Reply::json(200, &json!({})));
    }
    let url = call.url(&format!("/reset_password/{token}"));
    Ok(Reply::json(200, &json!({ "resetPasswordUrl": url })))
}

fn enter(
    call: &mut Call<'_>,
    transition: Transition,
    event: &'static str,
    message: &'static str,
) -> Result<User, Refusal> {
    let id = call.user_id("id")?;
    let now = call.second();
    let user = call.user(&id)?;
    call.may_touch(user)?;
    let next = transition
        .apply(user.status, user.password.is_some())
        .ok_or_else(Refusal::wrong_status)?;
    let before = json!({ "status": user.status.name() });
    let user = call.user_mut(&id)?;
    user.enter(next, now);
    let user = user.clone();
    call.effect(
        "user.password",
        &user,
        Some(before),
        Some(json!({ "status": user.status.name() })),
    );
    call.log(event, message, Target::user(&user));
    Ok(user)
}

fn credentials(call: &Call<'_>, user: &User) -> Value {
    view::attributes(call.org, user)["credentials"].clone()
}
