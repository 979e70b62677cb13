//! Counts what a GraphQL text holds without parsing it: one pass over the bytes, no recursion, no allocation.
//!
//! Strings and comments are skipped as the GraphQL specification (§2.1) delimits them. Apart from strings that do not end, a text
//! that is not GraphQL gives some count; the parser refuses it later. A string without end is reported, because the engine's
//! parser reads an open `"""` again as `""` and goes on behind it, where this count would see nothing.

/// What stands in a text.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Counts {
    /// Lexical tokens.
    pub tokens: usize,
    /// The most brackets that are open at once.
    pub brackets: usize,
    /// `...`
    pub spreads: usize,
    /// `@`
    pub directives: usize,
    /// A string begins that does not end.
    pub unterminated: bool,
}

/// Counts until `enough` tokens are exceeded, so that a long text costs no more than a permitted one.
pub(super) fn count(text: &str, enough: usize) -> Counts {
    let mut counts = Counts::default();
    let mut open = 0_usize;
    let mut rest = text.as_bytes();
    while let Some(&byte) = rest.first() {
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => {
                rest = &rest[1..];
                continue;
            }
            b'#' => {
                rest = &rest[line(rest)..];
                continue;
            }
            b'"' => {
                let Some(length) = string(rest) else {
                    counts.unterminated = true;
                    return counts;
                };
                length
            }
            b'.' if rest.starts_with(b"...") => {
                counts.spreads += 1;
                3
            }
            byte if is_word(byte) => rest.iter().take_while(|b| is_word(**b)).count(),
            _ => 1,
        };
        match byte {
            b'{' | b'(' | b'[' => open += 1,
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            b'@' => counts.directives += 1,
            _ => {}
        }
        counts.brackets = counts.brackets.max(open);
        counts.tokens += 1;
        if counts.tokens > enough {
            break;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    counts
}

/// Names and numbers; a sign or a point inside a number may split it, which only counts it twice.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line(rest: &[u8]) -> usize {
    rest.iter()
        .position(|b| matches!(b, b'\n' | b'\r'))
        .unwrap_or(rest.len())
}

/// Length of the string or block string that begins here; `None` when it does not end.
fn string(rest: &[u8]) -> Option<usize> {
    let block = rest.starts_with(b"\"\"\"");
    let quote: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = quote.len();
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        match tail[0] {
            _ if tail.starts_with(quote) => return Some(at + quote.len()),
            b'\\' if block && tail.starts_with(b"\\\"\"\"") => at += 4,
            b'\\' if !block => at += 2,
            b'\n' | b'\r' if !block => return None,
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_hide_what_is_in_them() {
        let text = r##"{ a(x: "}{ ... @ \" {", y: """ { \""" [ """) # ((( ...
            b @skip(if: true) ...F }"##;
        assert_eq!(
            count(text, 1_000),
            Counts {
                tokens: 21,
                brackets: 2,
                spreads: 1,
                directives: 1,
                unterminated: false
            }
        );
    }

    #[test]
    fn a_string_without_end_is_reported() {
        for text in [
            "{a(x:\"\n\")}",
            "{a(x:\"\\",
            "{a(x:[\"\"\"b\"[[[[",
            "{a(x:\"\"\" \\\"\"\"",
        ] {
            assert!(count(text, 1_000).unterminated, "{text}");
        }
        assert!(!count(r#"{a(x:["", "\\", """"""])}"#, 1_000).unterminated);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_counted_to_its_end(text in "\\PC{0,200}") {
            let counts = count(&text, usize::MAX);
            proptest::prop_assert!(counts.tokens <= text.len());
        }
    }
}
