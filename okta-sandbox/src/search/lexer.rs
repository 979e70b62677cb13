//! Tokens of the expression language.

use serde_json::{Number, Value};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Attribute path, operator or keyword.
    Word(String),
    /// String or number.
    Literal(Value),
    Open,
    Close,
}

/// The tokens of an expression, or what is wrong with it.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            '"' => string(rest)?,
            '0'..='9' | '-' => number(rest)?,
            character if character.is_alphabetic() || character == '_' => word(rest),
            other => return Err(format!("Unexpected character '{other}'")),
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// A string in double quotes with JSON's escapes.
fn string(text: &str) -> Result<(Token, &str), String> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match stream.next() {
        Some(Ok(value)) => Ok((
            Token::Literal(Value::String(value)),
            &text[stream.byte_offset()..],
        )),
        _ => Err("Unterminated or malformed string".into()),
    }
}

fn number(text: &str) -> Result<(Token, &str), String> {
    let end =
        text.find(|character: char| !(character.is_ascii_digit() || "+-.eE".contains(character)));
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    let number: Number = digits
        .parse()
        .map_err(|_| format!("Malformed number {digits}"))?;
    Ok((Token::Literal(Value::Number(number)), rest))
}

fn word(text: &str) -> (Token, &str) {
    let end =
        text.find(|character: char| !(character.is_alphanumeric() || "._-:$".contains(character)));
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (Token::Word(word.into()), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_words_strings_numbers_and_parentheses() {
        let found = tokens(r#"(profile.age ge 18)and a eq "x \"y\" ü""#).unwrap();
        assert_eq!(found.len(), 9);
        assert_eq!(found[8], Token::Literal("x \"y\" ü".into()));
        assert_eq!(found[3], Token::Literal(18.into()));
    }

    #[test]
    fn refuses_what_is_no_token() {
        for bad in [r#"a eq "open"#, "a = 1", "a eq -", "a eq 1.2.3"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }
}
