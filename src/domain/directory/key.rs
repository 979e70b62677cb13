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

fn fold(text: &str) -> String {
    let normal: String = text.nfkc().collect();
    let folded: String = normal.to_uppercase().to_lowercase().nfkc().collect();
    folded.replace('ς', "σ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{fold, match_key};
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
