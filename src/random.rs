//! The one place that draws randomness: ids, secrets, jitter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore as _;
use uuid::Uuid;

/// A new id. Version 7, so ids made later sort later, also within one millisecond of one process.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// `N` bytes from the operating system's generator.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that draws random bytes"
)]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A secret of 256 bits in the URL-safe alphabet, 43 characters.
#[must_use]
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A number in `0.0..1.0`, for jitter.
#[must_use]
pub fn unit() -> f64 {
    f64::from(u32::from_le_bytes(bytes::<4>())) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::{new_id, secret, unit};

    #[test]
    fn ids_sort_in_the_order_they_were_made() {
        let ids: Vec<_> = (0..1000).map(|_| new_id()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn secrets_carry_256_bits_and_differ() {
        assert_eq!(secret().len(), 43);
        assert_ne!(secret(), secret());
        assert!((0..100).map(|_| unit()).all(|u| (0.0..1.0).contains(&u)));
    }
}
