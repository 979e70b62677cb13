//! The form of personal access tokens: `prv_pat_`, 43 random characters, and 8 characters of checksum.
//!
//! Scanners for leaked secrets find them by `prv_pat_[0-9A-Za-z]{51}`. The checksum is keyed, so that a made-up token is known as such without a look
//! into the database; it proves nothing else. What is stored of a token is its SHA-256: 256 random bits need no slow hash.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::key_file::KEY_LENGTH;
use crate::random;

/// What every token begins with.
const PREFIX: &str = "prv_pat_";
/// Random characters of a token; 62^43 is a little more than 2^256.
const RANDOM: usize = 43;
/// Characters of the checksum, 47 bits: whoever guesses may cause one look into the database in 10^14 requests.
const CHECKSUM: usize = 8;
/// Digits, then letters: nothing that a double click does not select, or that an address or a shell takes for something else.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether the text is meant to be a personal access token.
#[must_use]
pub fn is_meant(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// What is stored of a token.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// Makes tokens, and tells them from made-up ones.
pub struct TokenForm(hmac::Key);

impl std::fmt::Debug for TokenForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenForm").finish_non_exhaustive()
    }
}

impl TokenForm {
    /// The form whose key grows from this secret, which serves other purposes as well.
    #[must_use]
    pub fn derived_from(secret: &[u8; KEY_LENGTH]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&secret, b"provisioner personal access token checksum 1");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// A new token.
    #[must_use]
    pub fn make(&self) -> SecretString {
        let body = format!("{PREFIX}{}", random_text());
        let checksum = self.checksum(&body);
        (body + &checksum).into()
    }

    /// Whether this is the form of a token that was made here, and nowhere else.
    #[must_use]
    pub fn is_ours(&self, token: &str) -> bool {
        if token.len() != PREFIX.len() + RANDOM + CHECKSUM || !is_meant(token) {
            return false;
        }
        let Some((body, checksum)) = token.split_at_checked(PREFIX.len() + RANDOM) else {
            return false;
        };
        verify_slices_are_equal(checksum.as_bytes(), self.checksum(body).as_bytes()).is_ok()
    }

    fn checksum(&self, body: &str) -> String {
        let tag = hmac::sign(&self.0, body.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        let mut rest = u64::from_be_bytes(first);
        let mut text = String::with_capacity(CHECKSUM);
        for _ in 0..CHECKSUM {
            text.push(letter(rest % 62));
            rest /= 62;
        }
        text
    }
}

/// Characters that are equally likely: bytes from 248 on, where 62 no longer fits in, are drawn again.
fn random_text() -> String {
    let mut text = String::with_capacity(RANDOM);
    while text.len() < RANDOM {
        let fair = random::bytes::<64>().into_iter().filter(|byte| *byte < 248);
        let left = RANDOM - text.len();
        text.extend(fair.take(left).map(|byte| letter(u64::from(byte) % 62)));
    }
    text
}

fn letter(index: u64) -> char {
    usize::try_from(index)
        .ok()
        .and_then(|index| ALPHABET.get(index))
        .map_or('0', |byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::{ALPHABET, TokenForm, hash, is_meant};

    fn form() -> TokenForm {
        TokenForm::derived_from(&[7; 32])
    }

    #[test]
    fn a_token_is_found_by_scanners_and_known_again() {
        let pattern = regex::Regex::new("^prv_pat_[0-9A-Za-z]{51}$").unwrap();
        let mut seen = BTreeSet::new();
        for _ in 0..200 {
            let token = form().make();
            let token = token.expose_secret();
            assert!(pattern.is_match(token) && is_meant(token), "{token}");
            assert!(form().is_ours(token), "{token}");
            seen.insert(token.to_owned());
        }
        assert_eq!(seen.len(), 200);
        let letters: BTreeSet<_> = seen.iter().flat_map(|token| token[8..].chars()).collect();
        assert_eq!(letters.len(), ALPHABET.len());
        assert_eq!(hash("x").len(), 32);
    }

    #[test]
    fn a_change_anywhere_is_seen() {
        let token = form().make().expose_secret().to_owned();
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(!form().is_ours(&changed), "{changed}");
        }
        let another = TokenForm::derived_from(&[8; 32]);
        assert!(!another.is_ours(&token));
        assert!(!form().is_ours(&token[..token.len() - 1]));
        assert!(!form().is_ours(&format!("{token}0")));
    }

    #[test]
    fn nothing_is_shown_of_the_key_or_a_token() {
        assert_eq!(format!("{:?}", form()), "TokenForm { .. }");
        let shown = format!("{:?}", form().make());
        assert!(!shown.contains("prv_pat_"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "(prv_pat_)?\\PC{0,60}") {
            prop_assert!(!form().is_ours(&text));
        }
    }
}
