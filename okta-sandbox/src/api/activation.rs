//! `/tokens/{token}/verify` and `/reset_password/{token}`: where activation and reset links lead a person.

use serde_json::json;

use crate::{
    ids,
    org::{
        event::Target,
        password::{StoredPassword, policy_violation},
        status::UserStatus,
    },
    pages,
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Shows the form for a new password.
pub(crate) fn show(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let user = holder(call)?;
    let login = call.user(&user)?.login();
    Ok(pages::page(
        200,
        "Set your password",
        &pages::password_form(login, None),
    ))
}

/// Sets the password; the person is then active.
pub(crate) fn finish(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = holder(call)?;
    let password = call
        .request
        .form()
        .and_then(|mut form| form.remove("password"))
        .unwrap_or_default();
    let login = call.user(&id)?.login().to_owned();
    if let Some(cause) = policy_violation(&password, &login) {
        return Ok(pages::page(
            400,
            "Set your password",
            &pages::password_form(&login, Some(&cause)),
        ));
    }
    let now = call.second();
    let user = call.user_mut(&id)?;
    user.password = Some(StoredPassword::new(&password));
    user.password_changed = Some(now);
    user.link_digest = None;
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
    let text = pages::paragraph(
        "Your password is set and your account is active. You can close this page.",
    );
    Ok(pages::page(200, "Welcome", &text))
}

/// The user who was sent this link, if it is still good.
fn holder(call: &Call<'_>) -> Result<String, Refusal> {
    let digest = ids::digest(call.request.param("token"));
    let waiting = [
        UserStatus::Provisioned,
        UserStatus::Recovery,
        UserStatus::Active,
    ];
    let found =
        call.org.users.values().find(|user| {
            user.link_digest.as_ref() == Some(&digest) && waiting.contains(&user.status)
        });
    found.map(|user| user.id.clone()).ok_or_else(|| {
        let text = pages::paragraph(
            "This link is not valid any more. Ask your administrator for a new one.",
        );
        Refusal::Ready(pages::page(404, "Link expired", &text))
    })
}
