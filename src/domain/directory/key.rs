//! One notion of sameness for names and addresses, for uniqueness and search alike.

use unicode_normalization::UnicodeNormalization;

/// The key under which user names, e-mail addresses and search words are compared: compatibility-normalised (NFKC),
/// without regard to case, trimmed.
///
/// Lower-casing is done twice around upper-casing, so that letters with several lower-case forms (`ς`, `ß`) meet.
/// Applying it twice changes nothing.
pub fn match_key(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_ascii_lowercase();
    }
    let folded = fold(text);
    let again = fold(&folded);
    if again == folded {
        folded
    } else {
        fold(&again)
    }
}

/// Whether mail for the one reaches the other as well: the same address but for the case of its letters.
///
/// [`match_key`] is wider, and right where two people should not be mixed up: it takes `ı` for `i`, and a domain with the one is somebody else's than
/// the domain with the other. Who is let in by his address must be judged by this.
pub fn is_same_address(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one.is_ascii() || other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    let plain = |text: &str| text.nfc().collect::<String>().to_lowercase();
    plain(one) == plain(other)
}

fn fold(text: &str) -> String {
    let normal: String = text.nfkc().collect();
    let folded: String = normal.to_uppercase().to_lowercase().nfkc().collect();
    folded.replace('ς', "σ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{fold, is_same_address, match_key};
    use proptest::prelude::*;

    #[test]
    fn what_people_hold_for_the_same_is_the_same() {
        for (one, other) in [
            (" Ann@Example.COM ", "ann@example.com"),
            ("ＡＮＮ", "ann"),
            ("Straße", "STRASSE"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("e\u{301}", "é"),
            ("ﬁne", "FINE"),
        ] {
            assert_eq!(match_key(one), match_key(other));
        }
        assert_ne!(match_key("ann"), match_key("anne"));
        assert_ne!(match_key("é"), match_key("e"));
    }

    #[test]
    fn an_address_is_not_the_same_because_it_looks_so() {
        for (one, other) in [
            (" Ann@Example.COM ", "ann@example.com"),
            ("Zoe\u{308}@Example.com", "zoë@example.com"),
            ("ÄRZTE@example.com", "ärzte@example.com"),
        ] {
            assert!(is_same_address(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("ann@gıthub.example", "ann@github.example"),
            ("ann@faſt.example", "ann@fast.example"),
            ("\u{212a}im@example.com", "kim@example.com"),
            ("ａnn@example.com", "ann@example.com"),
            ("ann@straße.example", "ann@strasse.example"),
            ("ann@straße.example", "ann@STRASSE.example"),
            ("zoë@gıthub.example", "zoë@github.example"),
        ] {
            assert_eq!(match_key(one), match_key(other), "{one} {other}");
            assert!(!is_same_address(one, other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn plain_letters_are_no_exception(text in "[ -~]{0,20}") {
            prop_assert_eq!(match_key(&text), fold(&text));
        }

        #[test]
        fn the_key_of_a_key_is_itself(text in "\\PC{0,20}") {
            let key = match_key(&text);
            prop_assert_eq!(match_key(&key), key);
        }
    }
}
