//! The form of the tokens that are kept: personal access tokens are `prv_pat_`, 43 random characters, and 8 characters of checksum; bootstrap tokens
//! begin with `prv_bst_`.
//!
//! Scanners for leaked secrets find them by `prv_(pat|bst)_[0-9A-Za-z]{51}`. The checksum is keyed, so that a made-up token is known as such without a look
//! into the database; it proves nothing else. What is stored of a token is its SHA-256: 256 random bits need no slow hash.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::key_file::KEY_LENGTH;
use crate::random;

/// What a token is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenKind {
    /// Lets programs in under a person's name.
    PersonalAccess,
    /// Makes an organisation, once.
    Bootstrap,
}

impl TokenKind {
    /// What every such token begins with; 8 characters.
    const fn prefix(self) -> &'static str {
        match self {
            Self::PersonalAccess => "prv_pat_",
            Self::Bootstrap => "prv_bst_",
        }
    }

    /// Whether the text is meant to be such a token.
    #[must_use]
    pub fn is_meant(self, token: &str) -> bool {
        token.starts_with(self.prefix())
    }
}

/// Random characters of a token; 62^43 is a little more than 2^256.
const RANDOM: usize = 43;
/// Characters of the checksum, 47 bits: whoever guesses may cause one look into the database in 10^14 requests.
const CHECKSUM: usize = 8;
/// Digits, then letters: nothing that a double click does not select, or that an address or a shell takes for something else.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

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
    pub fn make(&self, kind: TokenKind) -> SecretString {
        let body = format!("{}{}", kind.prefix(), random_text());
        let checksum = self.checksum(&body);
        (body + &checksum).into()
    }

    /// Whether this is the form of a token of this kind that was made here, and nowhere else.
    #[must_use]
    pub fn is_ours(&self, kind: TokenKind, token: &str) -> bool {
        let body = kind.prefix().len() + RANDOM;
        if token.len() != body + CHECKSUM || !kind.is_meant(token) {
            return false;
        }
        let Some((body, checksum)) = token.split_at_checked(body) else {
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

    use super::TokenKind::{Bootstrap, PersonalAccess};
    use super::{ALPHABET, TokenForm, hash};

    fn form() -> TokenForm {
        TokenForm::derived_from(&[7; 32])
    }

    #[test]
    fn a_token_is_found_by_scanners_and_known_again() {
        let pattern = regex::Regex::new("^prv_pat_[0-9A-Za-z]{51}$").unwrap();
        let mut seen = BTreeSet::new();
        for _ in 0..200 {
            let token = form().make(PersonalAccess);
            let token = token.expose_secret();
            assert!(
                pattern.is_match(token) && PersonalAccess.is_meant(token),
                "{token}"
            );
            assert!(form().is_ours(PersonalAccess, token), "{token}");
            seen.insert(token.to_owned());
        }
        assert_eq!(seen.len(), 200);
        let letters: BTreeSet<_> = seen.iter().flat_map(|token| token[8..].chars()).collect();
        assert_eq!(letters.len(), ALPHABET.len());
        assert_eq!(hash("x").len(), 32);
    }

    #[test]
    fn a_change_anywhere_is_seen() {
        let token = form().make(PersonalAccess).expose_secret().to_owned();
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(!form().is_ours(PersonalAccess, &changed), "{changed}");
        }
        let other = form().make(Bootstrap).expose_secret().to_owned();
        assert!(form().is_ours(Bootstrap, &other) && !form().is_ours(PersonalAccess, &other));
        assert!(!form().is_ours(PersonalAccess, &other.replace("_bst_", "_pat_")));
        let another = TokenForm::derived_from(&[8; 32]);
        assert!(!another.is_ours(PersonalAccess, &token));
        assert!(!form().is_ours(PersonalAccess, &token[..token.len() - 1]));
        assert!(!form().is_ours(PersonalAccess, &format!("{token}0")));
    }

    #[test]
    fn nothing_is_shown_of_the_key_or_a_token() {
        assert_eq!(format!("{:?}", form()), "TokenForm { .. }");
        let shown = format!("{:?}", form().make(PersonalAccess));
        assert!(!shown.contains("prv_pat_"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "(prv_pat_)?\\PC{0,60}") {
            prop_assert!(!form().is_ours(PersonalAccess, &text));
        }
    }
}
