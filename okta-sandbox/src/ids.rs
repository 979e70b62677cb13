//! Identifiers and secrets, and the only source of randomness in this crate.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest, Sha256};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of an Okta id after its three-letter prefix.
const ID_TAIL: usize = 17;

/// The last characters of every id in one org are the same; recorded orgs end in `4x6`, `5d7`, …
const ORG_SUFFIX: &str = "5d7";

/// The serial part starts high, so that ids look like those of a grown org and sort by age.
const SERIAL_BASE: u64 = 40_000_000_000;

/// An id such as `00usfdbbnIjyhFqU74x6`. Ids of one prefix sort in the order of their serials.
pub(crate) fn okta_id(prefix: &str, serial: u64) -> String {
    let head = base62(SERIAL_BASE + serial);
    let random = random_base62(ID_TAIL - head.len() - ORG_SUFFIX.len());
    format!("{prefix}{head}{random}{ORG_SUFFIX}")
}

/// The id of one answer, 32 hexadecimal digits as in recent recordings.
pub(crate) fn request_id() -> String {
    hex(&random_bytes::<16>())
}

/// The id of one error, `oae` and 22 characters.
pub(crate) fn error_id() -> String {
    format!("oae{}", URL_SAFE_NO_PAD.encode(random_bytes::<16>()))
}

/// A random UUID, for system log events.
pub(crate) fn uuid() -> String {
    let mut bytes = random_bytes::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// An unguessable value of 256 bits, safe in URLs.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// A short token as in activation links: 20 characters.
pub(crate) fn short_token() -> String {
    random_base62(20)
}

/// The key under which a secret is stored: its SHA-256 in hexadecimal. The secret itself is never kept.
pub(crate) fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base62(mut value: u64) -> String {
    let mut digits = Vec::new();
    while value > 0 {
        digits.push(BASE62[usize::try_from(value % 62).unwrap_or(0)]);
        value /= 62;
    }
    digits.reverse();
    String::from_utf8_lossy(&digits).into_owned()
}

fn random_base62(length: usize) -> String {
    let mut rng = generator();
    (0..length)
        .map(|_| char::from(BASE62[rng.random_range(0..62)]))
        .collect()
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::RngCore::fill_bytes(&mut generator(), &mut bytes);
    bytes
}

fn generator() -> rand::rngs::ThreadRng {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that takes randomness"
    )]
    rand::rng()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_oktas_length_and_sort_by_age() {
        let first = okta_id("00u", 1);
        let second = okta_id("00u", 2);
        assert_eq!(first.len(), 20);
        assert!(first < second);
    }
}
