//! Okta's expression language for `filter` and `search`: `profile.lastName sw "A" and (status eq "ACTIVE")`.

mod eval;
mod lexer;
mod parser;

pub(crate) use eval::{matches, order, values};
pub(crate) use parser::parse;

/// Which attributes and operators an endpoint permits, and how it compares text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `GET /users?filter=`.
    UserFilter,
    /// `GET /users?search=`.
    UserSearch,
    /// `GET /logs?filter=`.
    Log,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Sw,
    Ew,
    Co,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Present(String),
    Compare(String, Operator, serde_json::Value),
}

/// Attributes in which `search` looks for a part of the text.
const CONTAINS: [&str; 4] = [
    "profile.firstName",
    "profile.lastName",
    "profile.email",
    "profile.login",
];

/// Dates that `search` knows.
const DATES: [&str; 5] = [
    "created",
    "activated",
    "statusChanged",
    "lastUpdated",
    "passwordChanged",
];

impl Dialect {
    /// Whether the attribute can be named at all.
    pub fn knows(self, path: &str) -> bool {
        match self {
            Self::UserFilter => {
                matches!(path, "status" | "id" | "lastUpdated" | "type.id")
                    || CONTAINS.contains(&path)
            }
            Self::UserSearch => {
                matches!(path, "status" | "id" | "type.id")
                    || DATES.contains(&path)
                    || path
                        .strip_prefix("profile.")
                        .is_some_and(|name| !name.is_empty())
            }
            Self::Log => true,
        }
    }

    /// Whether the operator can be applied to the attribute.
    pub fn permits(self, path: &str, operator: Operator) -> bool {
        use Operator::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
        match self {
            Self::UserFilter => match operator {
                Eq => true,
                Gt | Ge | Lt | Le => path == "lastUpdated",
                Ne | Sw | Ew | Co => false,
            },
            Self::UserSearch => match operator {
                Eq | Sw | Gt | Ge | Lt | Le => true,
                Co => CONTAINS.contains(&path),
                Ne | Ew => false,
            },
            Self::Log => true,
        }
    }

    /// Whether an attribute can be tested for having a value (`pr`).
    pub fn permits_presence(self) -> bool {
        self != Self::UserFilter
    }

    /// Whether `not (…)` exists.
    pub fn permits_negation(self) -> bool {
        self == Self::Log
    }

    /// Whether text is compared without regard to case.
    pub fn ignores_case(self) -> bool {
        self != Self::UserFilter
    }
}
