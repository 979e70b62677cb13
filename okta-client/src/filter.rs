//! Expressions for `filter` and `search`, built so that no value can become syntax.
//!
//! Grammar: SCIM filters (RFC 7644 §3.4.2.2), as far as Okta knows them: no `ne`, no `not`. Which attribute
//! allows which operator depends on the listing; Okta answers 400 where it does not.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// The name of an attribute, such as `lastUpdated` or `profile.costCenter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute(String);

/// Why there is no expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Not the name of an attribute: dot-separated words of ASCII letters, digits and `_`.
    #[error("not the name of an attribute")]
    BadAttribute,
}

/// An expression over attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    /// Whether the expression is an `or` at its top, which must be grouped before it joins an `and`.
    alternative: bool,
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// Any text; it is quoted and escaped.
    Text(String),
    /// A truth value.
    Boolean(bool),
    /// A moment, written as Okta writes it, to the millisecond.
    Time(DateTime<Utc>),
}

impl From<&str> for Literal {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Literal {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<DateTime<Utc>> for Literal {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Time(value)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A SCIM string is a JSON string.
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Time(time) => {
                write!(
                    f,
                    "\"{}\"",
                    time.to_rfc3339_opts(SecondsFormat::Millis, true)
                )
            }
        }
    }
}

impl Attribute {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`FilterError::BadAttribute`] for anything that could be more than a name.
    pub fn new(name: &str) -> Result<Self, FilterError> {
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if name.split('.').all(is_word) {
            Ok(Self(name.to_owned()))
        } else {
            Err(FilterError::BadAttribute)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Equal. Case counts in `filter`, not in `search`.
    #[must_use]
    pub fn eq(&self, value: impl Into<Literal>) -> Filter {
        self.compare("eq", value.into())
    }

    /// Greater than.
    #[must_use]
    pub fn gt(&self, value: impl Into<Literal>) -> Filter {
        self.compare("gt", value.into())
    }

    /// Greater than or equal.
    #[must_use]
    pub fn ge(&self, value: impl Into<Literal>) -> Filter {
        self.compare("ge", value.into())
    }

    /// Less than.
    #[must_use]
    pub fn lt(&self, value: impl Into<Literal>) -> Filter {
        self.compare("lt", value.into())
    }

    /// Less than or equal.
    #[must_use]
    pub fn le(&self, value: impl Into<Literal>) -> Filter {
        self.compare("le", value.into())
    }

    /// Starts with; `search` only.
    #[must_use]
    pub fn sw(&self, value: impl Into<Literal>) -> Filter {
        self.compare("sw", value.into())
    }

    /// Contains; `search` only, and only for names, login and email.
    #[must_use]
    pub fn co(&self, value: impl Into<Literal>) -> Filter {
        self.compare("co", value.into())
    }

    /// Has a value; `search` only.
    #[must_use]
    pub fn pr(&self) -> Filter {
        Filter::simple(format!("{} pr", self.0))
    }

    fn compare(&self, operator: &str, value: Literal) -> Filter {
        Filter::simple(format!("{} {operator} {value}", self.0))
    }
}

impl Filter {
    fn simple(text: String) -> Self {
        Self {
            text,
            alternative: false,
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::simple(format!("{} and {}", self.grouped(), other.grouped()))
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            text: format!("{} or {}", self.text, other.text),
            alternative: true,
        }
    }

    /// The expression as Okta reads it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn grouped(&self) -> String {
        if self.alternative {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attribute(name: &str) -> Attribute {
        Attribute::new(name).unwrap()
    }

    #[test]
    fn expressions_read_as_okta_writes_them() {
        let time = DateTime::from_timestamp_millis(1_598_552_055_007).unwrap();
        assert_eq!(
            attribute("lastUpdated").gt(time).to_string(),
            r#"lastUpdated gt "2020-08-27T18:14:15.007Z""#
        );
        let either = attribute("status")
            .eq("STAGED")
            .or(attribute("status").eq("ACTIVE"));
        assert_eq!(
            either.and(attribute("profile.on").eq(true)).to_string(),
            r#"(status eq "STAGED" or status eq "ACTIVE") and profile.on eq true"#
        );
        assert_eq!(attribute("profile.a_b").pr().to_string(), "profile.a_b pr");
    }

    #[test]
    fn names_are_only_names() {
        for name in [
            "",
            ".",
            "a.",
            "a b",
            "a\"",
            "profile.x eq \"1\" or id",
            "é",
            "a-b",
            "1a",
        ] {
            assert_eq!(Attribute::new(name), Err(FilterError::BadAttribute));
        }
    }

    #[test]
    fn a_quote_stays_inside_the_value() {
        assert_eq!(
            attribute("profile.login")
                .eq(r#"x" or status eq "ACTIVE\"#)
                .to_string(),
            r#"profile.login eq "x\" or status eq \"ACTIVE\\""#
        );
    }

    proptest! {
        #[test]
        fn any_text_is_one_literal(value in any::<String>()) {
            let filter = attribute("profile.login").eq(value.as_str()).to_string();
            let literal = filter.strip_prefix("profile.login eq ").unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(literal).unwrap(), value);
        }
    }
}
