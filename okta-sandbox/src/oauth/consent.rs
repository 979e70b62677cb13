//! The pages of the administrator: sign in, read what is asked, allow or deny.
//!
//! Both forms carry the request's one-time number, which counts only together with the cookie of the
//! browser that the request was made in.

use chrono::Duration;

use super::pending::{self, Pending};
use crate::{
    ids,
    org::{
        event::Target,
        status::UserStatus,
        token::{AuthorizationCode, Session},
        user::User,
    },
    pages::{self, consent as forms},
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Life of an authorization code (OpenAPI description, `TokenRequestAuthorizationCode`).
const CODE_LIFE: Duration = Duration::seconds(300);

/// Life of a sign-in.
const SESSION_LIFE: Duration = Duration::hours(2);

/// `POST /signin`.
pub(crate) fn sign_in(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let form = call.request.form().unwrap_or_default();
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let number = get("request");
    let pending = waiting(call, number)?;
    let user = call.org.users.values().find(|user| {
        crate::org::user::folded(user.login()) == crate::org::user::folded(get("login"))
            && user.status == UserStatus::Active
            && user
                .password
                .as_ref()
                .is_some_and(|password| password.matches(get("password")))
    });
    let Some(user) = user.cloned() else {
        let again = Pending {
            login_hint: get("login").into(),
            ..pending
        };
        let problem = "Unable to sign in. Check the username and the password.";
        return Ok(sign_in_page(call, &again, number, Some(problem)));
    };
    let secret = open_session(call, &user)?;
    let cookie = pending::set_cookie(call, "session", &secret);
    if user.roles.is_empty() {
        return Ok(not_assigned(&pending));
    }
    Ok(Reply::redirect(303, &format!("/consent?request={number}")).with("set-cookie", cookie))
}

/// `GET /consent`.
pub(crate) fn show(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let number = call.request.query("request").unwrap_or_default();
    let pending = waiting(call, &number)?;
    let Some(session) = session(call) else {
        return Ok(sign_in_page(call, &pending, &number, None));
    };
    let user = call.user(&session.user_id)?;
    let granted = pending.granted(call.org);
    let client = call
        .org
        .client(&pending.client_id)
        .map(|client| client.name.clone())
        .unwrap_or_default();
    let page = forms::ConsentPage {
        client: &client,
        person: &user.display_name(),
        login: user.login(),
        role: user
            .roles
            .first()
            .map(|role| role.label.as_str())
            .unwrap_or("No administrator role"),
        host: call.base_url.split_once("://").map_or("", |(_, host)| host),
        redirect_uri: &pending.redirect_uri,
        requested: &pending.requested,
        granted: &granted,
        number: &number,
        other_account: &format!("/oauth2/v1/authorize?{}&prompt=login", pending.query),
    };
    Ok(pages::page_before_client(
        200,
        &format!("Allow {client}?"),
        &page.render(),
    ))
}

/// `POST /consent`.
pub(crate) fn decide(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let form = call.request.form().unwrap_or_default();
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let number = get("request").to_owned();
    let pending = waiting(call, &number)?;
    let Some(session) = session(call) else {
        return Ok(sign_in_page(call, &pending, &number, None));
    };
    match get("decision") {
        "allow" => {
            call.org.pending.remove(&number);
            allow(call, &pending, &session)
        }
        "deny" => {
            call.org.pending.remove(&number);
            Ok(pending.answer(&[
                ("error", "access_denied"),
                (
                    "error_description",
                    "The resource owner denied the request.",
                ),
            ]))
        }
        _ => Err(lost("The form was incomplete.")),
    }
}

/// Issues a code for the person of this session.
pub(crate) fn allow(
    call: &mut Call<'_>,
    pending: &Pending,
    session: &Session,
) -> Result<Reply, Refusal> {
    let user = call.user(&session.user_id)?;
    if user.roles.is_empty() {
        return Ok(not_assigned(pending));
    }
    let code = ids::secret();
    let entry = AuthorizationCode {
        client_id: pending.client_id.clone(),
        user_id: user.id.clone(),
        redirect_uri: pending.redirect_uri.clone(),
        scopes: pending.granted(call.org),
        code_challenge: pending.code_challenge.clone(),
        nonce: pending.nonce.clone(),
        auth_time: session.signed_in_at,
        expires: call.now + CODE_LIFE,
    };
    let target = Target::user(user);
    call.org.codes.insert(ids::digest(&code), entry);
    call.log(
        "app.oauth2.as.authorize.code",
        "OAuth2 authorization code is granted",
        target,
    );
    Ok(pending.answer(&[("code", &code)]))
}

/// The sign-in that the request's cookie stands for.
pub(crate) fn session(call: &Call<'_>) -> Option<Session> {
    let secret = pending::cookie(call, call.request, "session")?;
    let session = call.org.sessions.get(&ids::digest(secret))?;
    let user = call.org.users.get(&session.user_id)?;
    (session.expires > call.now && user.status == UserStatus::Active).then(|| session.clone())
}

/// The sign-in page, with what went wrong the last time.
pub(crate) fn sign_in_page(
    call: &Call<'_>,
    pending: &Pending,
    number: &str,
    problem: Option<&str>,
) -> Reply {
    let client = call
        .org
        .client(&pending.client_id)
        .map(|client| client.name.clone())
        .unwrap_or_default();
    let page = forms::SignInPage {
        client: &client,
        host: call.base_url.split_once("://").map_or("", |(_, host)| host),
        login: &pending.login_hint,
        number,
        problem,
    };
    let status = if problem.is_some() { 401 } else { 200 };
    pages::page_before_client(status, "Sign in", &page.render())
}

fn open_session(call: &mut Call<'_>, user: &User) -> Result<String, Refusal> {
    let (now, second) = (call.now, call.second());
    let secret = ids::secret();
    let session = Session {
        user_id: user.id.clone(),
        signed_in_at: now,
        expires: now + SESSION_LIFE,
    };
    call.org.sessions.insert(ids::digest(&secret), session);
    call.user_mut(&user.id)?.last_login = Some(second);
    call.log(
        "user.session.start",
        "User login to Okta",
        Target::user(user),
    );
    Ok(secret)
}

fn waiting(call: &Call<'_>, number: &str) -> Result<Pending, Refusal> {
    let browser = pending::cookie(call, call.request, "flow")
        .map(ids::digest)
        .unwrap_or_default();
    let found = call.org.waiting(number, &browser, call.now).cloned();
    found.ok_or_else(|| lost("This page is too old, or was opened in another browser."))
}

fn lost(why: &str) -> Refusal {
    let text = format!("{why} Go back to the application and start again.");
    Refusal::Ready(pages::page(400, "Start again", &pages::paragraph(&text)))
}

fn not_assigned(pending: &Pending) -> Reply {
    pending.answer(&[
        ("error", "access_denied"),
        (
            "error_description",
            "User is not assigned to the client application.",
        ),
    ])
}
