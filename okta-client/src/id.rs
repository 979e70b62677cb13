//! What may stand in a path: ids and logins that name one resource and nothing else.

use serde::{Deserialize, Deserializer, de};

use crate::error::Error;

/// Okta's own ids have 20 characters, base32 role ids a few more.
const LONGEST_ID: usize = 64;

/// A login has at most 100 characters (Okta's base user schema), at most four bytes each.
const LONGEST_LOGIN: usize = 400;

/// Words that Okta reads as something other than an id or a login: `me` is the token's own user.
const RESERVED: [&str; 3] = ["me", ".", ".."];

/// Accepts what looks like an id, `[A-Za-z0-9_-]{1,64}`, and is not reserved.
pub(crate) fn check(id: &str) -> Result<&str, Error> {
    let shaped = (1..=LONGEST_ID).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if shaped && !is_reserved(id) {
        Ok(id)
    } else {
        Err(Error::InvalidId)
    }
}

/// Accepts a login that can be a path segment.
pub(crate) fn check_login(login: &str) -> Result<&str, Error> {
    if login.contains('/') {
        return Err(Error::LoginNeedsId);
    }
    let fits = (1..=LONGEST_LOGIN).contains(&login.len());
    if fits && !is_reserved(login) && !login.chars().any(char::is_control) {
        Ok(login)
    } else {
        Err(Error::InvalidLogin)
    }
}

/// Reads an id out of an answer, so that no other string can later reach a path.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    match check(&id) {
        Ok(_) => Ok(id),
        Err(_) => Err(de::Error::custom("not an Okta id")),
    }
}

fn is_reserved(word: &str) -> bool {
    RESERVED
        .iter()
        .any(|reserved| word.eq_ignore_ascii_case(reserved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_every_kind_pass() {
        for id in [
            "00usf9bc3bkDNI42V4x6",
            "IFIFAX2BIRGUSTQ",
            "irb1q92TFAHzySt3x0g4",
            "a-b_c",
        ] {
            assert_eq!(check(id).unwrap(), id);
        }
    }

    #[test]
    fn what_would_name_something_else_does_not() {
        let long = "a".repeat(LONGEST_ID + 1);
        for id in [
            "", "me", "ME", ".", "..", "a/b", "a?b", "a#b", "a%2Fb", "a b", "ü", "a\n", &long,
        ] {
            assert!(matches!(check(id), Err(Error::InvalidId)), "{id:?}");
        }
    }

    #[test]
    fn logins_are_freer_but_never_two_segments() {
        for login in [
            "ada@example.com",
            "o'neil+x@example.com",
            "ä%20@x.de",
            "50%?#",
        ] {
            assert_eq!(check_login(login).unwrap(), login);
        }
        assert!(matches!(check_login("a/b"), Err(Error::LoginNeedsId)));
        for login in ["", "me", "..", "a\u{0}b"] {
            assert!(matches!(check_login(login), Err(Error::InvalidLogin)));
        }
    }
}
