//! How a call proves who it is from.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;

/// The credential of one call. Neither `Debug` nor any log shows it.
#[derive(Clone, Debug)]
pub enum Auth {
    /// An OAuth access token of the org authorization server.
    Bearer(SecretString),
    /// An API token made in Okta's Admin Console.
    Ssws(SecretString),
}

impl Auth {
    /// The value of `Authorization`, marked sensitive.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCredential`] if the token is empty or not visible ASCII.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let (scheme, token) = match self {
            Self::Bearer(token) => ("Bearer", token.expose_secret()),
            Self::Ssws(token) => ("SSWS", token.expose_secret()),
        };
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::InvalidCredential);
        }
        let mut value = HeaderValue::try_from(format!("{scheme} {token}"))
            .map_err(|_| Error::InvalidCredential)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes_are_written_as_okta_wants_them_and_hidden_from_debug() {
        let bearer = Auth::Bearer("abc".into());
        assert_eq!(bearer.header().unwrap().to_str().unwrap(), "Bearer abc");
        assert!(bearer.header().unwrap().is_sensitive());
        let ssws = Auth::Ssws("abc".into());
        assert_eq!(ssws.header().unwrap().to_str().unwrap(), "SSWS abc");
        assert!(!format!("{bearer:?} {ssws:?}").contains("abc"));
    }

    #[test]
    fn a_token_cannot_smuggle_a_header() {
        for token in ["", "a b", "a\r\nX-Evil: 1", "ü"] {
            assert!(matches!(
                Auth::Bearer(token.into()).header(),
                Err(Error::InvalidCredential)
            ));
        }
    }
}
