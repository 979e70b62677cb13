//! `/oauth2/v1/authorize`: checks a request and shows the page for it.
//!
//! A bad client or redirect URI gets an error page and never a redirect (RFC 6749 §4.1.2.1);
//! everything else goes back to the client as an error.

use std::collections::BTreeMap;

use http::Method;

use super::{
    consent,
    pending::{self, Pending},
    scopes,
};
use crate::{
    ids, pages,
    server::{call::Call, refusal::Refusal, reply::Reply, request::fields},
};

/// Length of an S256 code challenge (RFC 7636 §4.2).
const CHALLENGE_LENGTH: usize = 43;

/// `GET|POST /oauth2/v1/authorize`.
pub(crate) fn authorize(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let encoded = match call.request.method {
        Method::POST => call.request.body.to_vec(),
        _ => call.request.query.clone().into_bytes(),
    };
    let Some(parameters) = fields(&encoded) else {
        return Err(error_page("A parameter was sent more than once."));
    };
    let client = trusted_client(call, &parameters)?;
    let asked = Asked {
        parameters: &parameters,
        client_id: client,
    };
    let pending = asked
        .check(call)
        .map_err(|refusal| Refusal::Ready(asked.redirect(&refusal)))?;
    proceed(call, pending, asked.get("prompt"))
}

/// Signed in: consent. Not signed in: sign-in page, unless the client forbade any page.
fn proceed(call: &mut Call<'_>, mut pending: Pending, prompt: &str) -> Result<Reply, Refusal> {
    let known = pending::cookie(call, call.request, "flow").map(Into::into);
    let browser: String = known.unwrap_or_else(ids::secret);
    pending.browser = ids::digest(&browser);
    let session = consent::session(call).filter(|_| !prompt.contains("login"));
    if prompt == "none" {
        return match session {
            Some(session) => consent::allow(call, &pending, &session),
            None => Ok(pending.answer(&[
                ("error", "login_required"),
                (
                    "error_description",
                    "The client specified not to prompt, but the user is not logged in.",
                ),
            ])),
        };
    }
    let number = ids::secret();
    let now = call.now;
    let page = match session {
        Some(_) => Reply::redirect(303, &format!("/consent?request={number}")),
        None => consent::sign_in_page(call, &pending, &number, None),
    };
    call.org.await_person(number, pending, now);
    Ok(page.with("set-cookie", pending::set_cookie(call, "flow", &browser)))
}

/// The client, if it exists and the redirect URI is one of its own, character by character.
fn trusted_client(
    call: &Call<'_>,
    parameters: &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let get = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let client = call.org.client(get("client_id"));
    let client = client
        .ok_or_else(|| error_page("The client_id parameter names no application of this org."))?;
    if !client
        .redirect_uris
        .iter()
        .any(|uri| uri == get("redirect_uri"))
    {
        return Err(error_page(
            "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
        ));
    }
    Ok(client.id.clone())
}

fn error_page(text: &str) -> Refusal {
    Refusal::Ready(pages::page(400, "Bad request", &pages::paragraph(text)))
}

/// The parameters of a request whose client and redirect URI are trusted.
struct Asked<'a> {
    parameters: &'a BTreeMap<String, String>,
    client_id: String,
}

/// An error that the client is told: code and description.
type Complaint = (&'static str, String);

impl Asked<'_> {
    fn get(&self, name: &str) -> &str {
        self.parameters
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    }

    fn redirect(&self, (error, description): &Complaint) -> Reply {
        let mode = if self.get("response_mode") == "fragment" {
            "fragment"
        } else {
            "query"
        };
        let parameters = [("error", *error), ("error_description", description)];
        pending::respond(
            self.get("redirect_uri"),
            mode,
            self.get("state"),
            &parameters,
        )
    }

    fn check(&self, call: &Call<'_>) -> Result<Pending, Complaint> {
        let invalid = |text: &str| ("invalid_request", text.to_owned());
        if self.get("state").is_empty() {
            return Err(invalid(
                "The authentication request has an invalid 'state' parameter.",
            ));
        }
        if self.get("response_type") != "code" {
            return Err((
                "unsupported_response_type",
                "The response type is not supported by this client.".into(),
            ));
        }
        if !matches!(
            self.get("response_mode"),
            "" | "query" | "fragment" | "form_post"
        ) {
            return Err(invalid("The response mode is not supported."));
        }
        let code_challenge = self.challenge()?;
        let requested = self.scopes()?;
        if pending::granted(call.org, &self.client_id, &requested).is_empty() {
            return Err((
                "consent_required",
                "You are not allowed any of the requested scopes.".into(),
            ));
        }
        Ok(Pending {
            browser: String::new(),
            query: self.without_prompt(),
            client_id: self.client_id.clone(),
            redirect_uri: self.get("redirect_uri").into(),
            response_mode: self.get("response_mode").into(),
            state: self.get("state").into(),
            requested,
            code_challenge,
            nonce: Some(self.get("nonce").to_owned()).filter(|nonce| !nonce.is_empty()),
            login_hint: self.get("login_hint").into(),
            asked: call.now,
        })
    }

    /// PKCE, S256 only.
    fn challenge(&self) -> Result<Option<String>, Complaint> {
        let (challenge, method) = (
            self.get("code_challenge"),
            self.get("code_challenge_method"),
        );
        let invalid = |text: &str| Err(("invalid_request", text.to_owned()));
        match (challenge, method) {
            ("", "") => Ok(None),
            ("", _) => invalid("A 'code_challenge' is required with a 'code_challenge_method'."),
            (_, "S256") if challenge.len() == CHALLENGE_LENGTH => Ok(Some(challenge.into())),
            (_, "S256") => {
                invalid("The 'code_challenge' is not the base64url of a SHA-256 digest.")
            }
            _ => invalid("The 'code_challenge_method' must be S256."),
        }
    }

    fn scopes(&self) -> Result<Vec<String>, Complaint> {
        let mut requested: Vec<String> = Vec::new();
        for scope in self.get("scope").split_whitespace() {
            if !requested.iter().any(|known| known == scope) {
                requested.push(scope.into());
            }
        }
        if requested.is_empty() || requested.iter().any(|scope| !scopes::exists(scope)) {
            let text =
                "One or more scopes are not configured for the authorization server resource.";
            return Err(("invalid_scope", text.into()));
        }
        Ok(requested)
    }

    fn without_prompt(&self) -> String {
        let kept = self.parameters.iter().filter(|(name, _)| *name != "prompt");
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .finish()
    }
}
