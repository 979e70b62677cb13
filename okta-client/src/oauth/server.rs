//! Calls to the org authorization server, by way of the `oauth2` crate over this crate's own transport.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, StatusCode, header};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, RevocationUrl, Scope, StandardRevocableToken,
    TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::{OAuthError, OAuthErrorCode, OAuthRefusal};
use super::token::{TokenAnswer, TokenSet};
use crate::answer::{Answer, Meta};
use crate::call::Call;
use crate::transport::{Outgoing, Transport};

/// Length of state and nonce: 256 bits, as the PKCE verifier has.
const SECRET_BYTES: u32 = 32;

/// The app through which an org is reached, as registered with Okta.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretString,
    /// Where Okta sends the browser back to; must be registered letter by letter.
    pub redirect_uri: Url,
}

/// A consent about to be asked for. The three secrets are to be kept until the browser returns.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Where the browser goes.
    pub url: Url,
    /// Must come back with the code, else the code is somebody else's.
    pub state: SecretString,
    /// Must be in the ID token.
    pub nonce: SecretString,
    /// Goes with the code (PKCE, RFC 7636).
    pub pkce_verifier: SecretString,
}

type Protocol = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointSet,
>;

/// The org authorization server, as seen by one app.
#[derive(Clone)]
pub struct OrgAuthServer {
    transport: Arc<Transport>,
    app: OAuthApp,
    issuer: String,
}

impl fmt::Debug for OrgAuthServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgAuthServer")
            .field("issuer", &self.issuer)
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl OrgAuthServer {
    pub(crate) fn new(transport: Arc<Transport>, app: OAuthApp) -> Self {
        let base = transport.origin().base().as_str();
        let issuer = base.trim_end_matches('/').to_owned();
        Self {
            transport,
            app,
            issuer,
        }
    }

    /// The issuer: the org's bare URL.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Starts a consent for `scopes`, with fresh state, nonce and PKCE verifier of 256 bits each. Nothing is sent.
    #[must_use]
    pub fn authorize(&self, scopes: &[&str]) -> AuthorizationRequest {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = fresh_secret();
        let (url, state) = self
            .protocol()
            .authorize_url(fresh_secret)
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", nonce.secret().as_str())
            .url();
        AuthorizationRequest {
            url,
            state: state.into_secret().into(),
            nonce: nonce.into_secret().into(),
            pkce_verifier: verifier.into_secret().into(),
        }
    }

    /// Exchanges the code that came back for tokens. A code lives 300 s and works once.
    ///
    /// # Errors
    ///
    /// [`OAuthError`]; an expired or used code shows as [`OAuthError::is_dead_grant`].
    pub async fn exchange_code(
        &self,
        code: &SecretString,
        pkce_verifier: &SecretString,
    ) -> Result<Answer<TokenSet>, OAuthError> {
        let wire = Wire::new(&self.transport, Call::Token);
        let verifier = PkceCodeVerifier::new(pkce_verifier.expose_secret().to_owned());
        let result = self
            .protocol()
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(verifier)
            .request_async(&wire)
            .await;
        wire.tokens(result)
    }

    /// Gets a new access token. Serialise this per grant: under rotation the old refresh token dies soon.
    ///
    /// # Errors
    ///
    /// [`OAuthError`]; a revoked or expired grant shows as [`OAuthError::is_dead_grant`].
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
    ) -> Result<Answer<TokenSet>, OAuthError> {
        let wire = Wire::new(&self.transport, Call::Token);
        let result = self
            .protocol()
            .exchange_refresh_token(&RefreshToken::new(refresh_token.expose_secret().to_owned()))
            .request_async(&wire)
            .await;
        wire.tokens(result)
    }

    /// Revokes a refresh token and its access tokens. Okta answers the same for a token it does not know.
    ///
    /// # Errors
    ///
    /// [`OAuthError`].
    pub async fn revoke_refresh_token(
        &self,
        token: &SecretString,
    ) -> Result<Answer<()>, OAuthError> {
        self.revoke(RefreshToken::new(token.expose_secret().to_owned()).into())
            .await
    }

    /// Revokes an access token; the refresh token stays good.
    ///
    /// # Errors
    ///
    /// [`OAuthError`].
    pub async fn revoke_access_token(
        &self,
        token: &SecretString,
    ) -> Result<Answer<()>, OAuthError> {
        self.revoke(AccessToken::new(token.expose_secret().to_owned()).into())
            .await
    }

    async fn revoke(&self, token: StandardRevocableToken) -> Result<Answer<()>, OAuthError> {
        let wire = Wire::new(&self.transport, Call::Revoke);
        let protocol = self.protocol();
        let request = protocol
            .revoke_token(token)
            .map_err(|_| OAuthError::BadRequest)?;
        let result = request.request_async(&wire).await;
        wire.finish(result)
    }

    /// Client authentication is `client_secret_basic`, the `oauth2` crate's default.
    fn protocol(&self) -> Protocol {
        let endpoint = |name: &str| self.transport.origin().endpoint(&["oauth2", "v1", name]);
        // The crate wants https here even on loopback. The transport sends to its own origin in any case.
        let mut revocation = endpoint("revoke");
        let _ = revocation.set_scheme("https");
        oauth2::Client::new(ClientId::new(self.app.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                self.app.client_secret.expose_secret().to_owned(),
            ))
            .set_redirect_uri(RedirectUrl::from_url(self.app.redirect_uri.clone()))
            .set_auth_uri(AuthUrl::from_url(endpoint("authorize")))
            .set_token_uri(TokenUrl::from_url(endpoint("token")))
            .set_revocation_url(RevocationUrl::from_url(revocation))
    }
}

fn fresh_secret() -> CsrfToken {
    CsrfToken::new_random_len(SECRET_BYTES)
}

/// Carries one request of the `oauth2` crate and remembers the particulars of the answer, which the crate drops.
struct Wire<'a> {
    transport: &'a Transport,
    call: Call,
    meta: Mutex<Option<Meta>>,
}

impl<'a> Wire<'a> {
    fn new(transport: &'a Transport, call: Call) -> Self {
        Self {
            transport,
            call,
            meta: Mutex::new(None),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, OAuthError> {
        let (parts, body) = request.into_parts();
        let endpoint = match self.call {
            Call::Revoke => "revoke",
            _ => "token",
        };
        let outgoing = Outgoing {
            call: self.call,
            method: parts.method,
            url: self
                .transport
                .origin()
                .endpoint(&["oauth2", "v1", endpoint]),
            headers: sensitive(parts.headers),
            body,
        };
        let reply = self.transport.send(outgoing).await?;
        *self.meta.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply.meta.clone());
        if is_unavailable(reply.status) {
            return Err(OAuthError::Unavailable(Box::new(reply.meta)));
        }
        let mut response = HttpResponse::new(reply.body.into());
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        Ok(response)
    }

    fn tokens<TE>(
        self,
        result: Result<TokenAnswer, RequestTokenError<OAuthError, TE>>,
    ) -> Result<Answer<TokenSet>, OAuthError>
    where
        TE: ErrorParts,
    {
        let answer = self.finish(result)?;
        match TokenSet::try_from(answer.value) {
            Ok(value) => Ok(Answer {
                value,
                meta: answer.meta,
            }),
            Err(_) => Err(OAuthError::DpopRequired(Box::new(answer.meta))),
        }
    }

    fn finish<T, TE>(
        self,
        result: Result<T, RequestTokenError<OAuthError, TE>>,
    ) -> Result<Answer<T>, OAuthError>
    where
        TE: ErrorParts,
    {
        let meta = self
            .meta
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match (result, meta) {
            (Err(RequestTokenError::Request(error)), _) => Err(error),
            (_, None) => Err(OAuthError::BadRequest),
            (Ok(value), Some(meta)) => Ok(Answer { value, meta }),
            (Err(RequestTokenError::ServerResponse(answer)), Some(meta)) => {
                Err(refused(answer.parts(), meta))
            }
            // What could not be read may hold tokens: it is dropped unseen.
            (Err(RequestTokenError::Parse(..) | RequestTokenError::Other(_)), Some(meta)) => {
                Err(OAuthError::Garbled(Box::new(meta)))
            }
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Wire<'_> {
    type Error = OAuthError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OAuthError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn refused((code, description): (String, Option<String>), meta: Meta) -> OAuthError {
    match OAuthErrorCode::from(code.as_str()) {
        OAuthErrorCode::InvalidDpopProof | OAuthErrorCode::UseDpopNonce => {
            OAuthError::DpopRequired(Box::new(meta))
        }
        code => OAuthError::Refused(Box::new(OAuthRefusal {
            code,
            description,
            meta,
        })),
    }
}

/// Code and description of an OAuth error body.
trait ErrorParts: oauth2::ErrorResponse + 'static {
    fn parts(&self) -> (String, Option<String>);
}

impl<T> ErrorParts for oauth2::StandardErrorResponse<T>
where
    T: oauth2::ErrorResponseType + fmt::Display + 'static,
{
    fn parts(&self) -> (String, Option<String>) {
        (self.error().to_string(), self.error_description().cloned())
    }
}

/// An overloaded server is not one that declines, whatever its body says.
fn is_unavailable(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

fn sensitive(mut headers: HeaderMap) -> HeaderMap {
    if let Some(credentials) = headers.get_mut(header::AUTHORIZATION) {
        credentials.set_sensitive(true);
    }
    headers
}
