//! `POST /users/{id}/lifecycle/…`: changes of status.

use serde_json::{Value, json};

use crate::{
    ids,
    org::{
        event::Target,
        status::{Transition, UserStatus},
        user::User,
    },
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Names of a transition in the ledger of effects and in the system log.
struct Names {
    effect: &'static str,
    event: &'static str,
    message: &'static str,
}

/// `activate`: answers the activation link when no mail is sent.
pub(crate) fn activate(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let names = Names {
        effect: "user.activate",
        event: "user.lifecycle.activate",
        message: "Activate Okta user",
    };
    let already = || {
        Refusal::api(
            403,
            "E0000016",
            "Activation failed because the user is already active",
        )
    };
    let user = transition(call, Transition::Activate, &names, already)?;
    with_link(call, &user, true)
}

/// `reactivate`: a new activation link for somebody who has not used the first.
pub(crate) fn reactivate(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let names = Names {
        effect: "user.reactivate",
        event: "user.lifecycle.reactivate",
        message: "Reactivate Okta user",
    };
    let user = transition(call, Transition::Reactivate, &names, Refusal::wrong_status)?;
    with_link(call, &user, false)
}

/// `deactivate`.
pub(crate) fn deactivate(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.user_id("id")?;
    let user = call.user(&id)?.clone();
    call.may_touch(&user)?;
    deprovision(call, &id)?;
    Ok(Reply::json(200, &json!({})))
}

/// `suspend`.
pub(crate) fn suspend(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let names = Names {
        effect: "user.suspend",
        event: "user.lifecycle.suspend",
        message: "Suspend Okta user",
    };
    let illegal = || Refusal::validation("suspendUser", "Cannot suspend a user that is not active");
    transition(call, Transition::Suspend, &names, illegal)?;
    Ok(Reply::json(200, &json!({})))
}

/// `unsuspend`.
pub(crate) fn unsuspend(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let names = Names {
        effect: "user.unsuspend",
        event: "user.lifecycle.unsuspend",
        message: "Unsuspend Okta user",
    };
    let illegal = || {
        Refusal::validation(
            "unsuspendUser",
            "Cannot unsuspend a user that is not suspended",
        )
    };
    transition(call, Transition::Unsuspend, &names, illegal)?;
    Ok(Reply::json(200, &json!({})))
}

/// `unlock`.
pub(crate) fn unlock(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let names = Names {
        effect: "user.unlock",
        event: "user.account.unlock_by_admin",
        message: "Unlock user account",
    };
    let illegal = || {
        Refusal::api(403, "E0000032", "Unlock is not allowed for this user.")
            .because("The user is not locked out.")
    };
    transition(call, Transition::Unlock, &names, illegal)?;
    Ok(Reply::json(200, &json!({})))
}

/// Deactivates, by the lifecycle call or by a first DELETE. Credentials and, unless configured
/// otherwise, role assignments are lost.
pub(crate) fn deprovision(call: &mut Call<'_>, id: &str) -> Result<(), Refusal> {
    let now = call.second();
    let keep_roles = call.settings.roles_survive_deactivation;
    let before = call.user(id)?.clone();
    let next = Transition::Deactivate.apply(before.status, before.password.is_some());
    let next = next.ok_or_else(Refusal::wrong_status)?;
    let user = call.user_mut(id)?;
    user.password = None;
    user.link_digest = None;
    if !keep_roles {
        user.roles.clear();
    }
    user.enter(next, now);
    let user = user.clone();
    let mut lost = json!({ "status": before.status.name() });
    if before.roles.len() > user.roles.len() {
        lost["roles"] = before
            .roles
            .iter()
            .map(|role| role.kind.as_str())
            .collect::<Vec<_>>()
            .into();
    }
    call.effect(
        "user.deactivate",
        &user,
        Some(lost),
        Some(status_body(&user)),
    );
    call.log(
        "user.lifecycle.deactivate",
        "Deactivate Okta user",
        Target::user(&user),
    );
    Ok(())
}

fn transition(
    call: &mut Call<'_>,
    transition: Transition,
    names: &Names,
    illegal: impl FnOnce() -> Refusal,
) -> Result<User, Refusal> {
    let now = call.second();
    let id = call.user_id("id")?;
    let before = call.user(&id)?.clone();
    call.may_touch(&before)?;
    let next = transition
        .apply(before.status, before.password.is_some())
        .ok_or_else(illegal)?;
    let user = call.user_mut(&id)?;
    if transition == Transition::Activate {
        user.activated = Some(now);
    }
    user.enter(next, now);
    let user = user.clone();
    call.effect(
        names.effect,
        &user,
        Some(status_body(&before)),
        Some(status_body(&user)),
    );
    call.log(names.event, names.message, Target::user(&user));
    Ok(user)
}

fn status_body(user: &User) -> Value {
    json!({ "status": user.status.name() })
}

/// The link and its token, unless a mail carries them. A user with a password has no use for them,
/// yet the recorded answer has them all the same.
fn with_link(call: &mut Call<'_>, user: &User, mails_by_default: bool) -> Result<Reply, Refusal> {
    let token = ids::short_token();
    if user.status == UserStatus::Provisioned {
        call.user_mut(&user.id)?.link_digest = Some(ids::digest(&token));
    }
    if call.request.flag("sendEmail", mails_by_default) {
        return Ok(Reply::json(200, &json!({})));
    }
    let url = call.url(&format!("/tokens/{token}/verify"));
    Ok(Reply::json(
        200,
        &json!({ "activationUrl": url, "activationToken": token }),
    ))
}
