//! Expected refusals: what a person did that cannot be done, said so that a panel can translate it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Every code that `userErrors` may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "described once, for front-end developers, in graphql::user_error"
)]
pub enum UserErrorCode {
    AlreadyExists,
    AppNotConnected,
    ConstantNotAllowed,
    CountMismatch,
    CustomRoleNotAssignable,
    DomainNotAllowed,
    DuplicateAttribute,
    Forbidden,
    InUse,
    InvalidValue,
    LastOwner,
    NotAllowedToYourself,
    NotFound,
    NotInChoices,
    NotPossibleNow,
    OktaRefused,
    OktaUnavailable,
    PatternMismatch,
    ReadOnlyAttribute,
    Required,
    RequiredUnmapped,
    ReturnToNotAllowed,
    RoleAboveCeiling,
    RoleNotAllowedByApp,
    TooLong,
    TooMany,
    TooShort,
    TypeMismatch,
    UnknownAttribute,
    UnknownField,
    UnknownRole,
    VersionConflict,
}

/// A step of the path to the input that is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// A field of an input object.
    Field(&'static str),
    /// An index into a list.
    Index(usize),
}

impl fmt::Display for PathStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

impl From<&'static str> for PathStep {
    fn from(name: &'static str) -> Self {
        Self::Field(name)
    }
}

impl From<usize> for PathStep {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// For programs.
    pub code: UserErrorCode,
    /// For people, in English.
    pub message: String,
    /// Where in the mutation's `input`; empty when it concerns the whole.
    pub field: Vec<PathStep>,
    /// What a translation of the message needs.
    pub params: BTreeMap<&'static str, String>,
}

impl UserError {
    /// A refusal that concerns the whole input.
    #[must_use]
    pub fn new(code: UserErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: Vec::new(),
            params: BTreeMap::new(),
        }
    }

    /// Says where: `error.at(["items", 3.into()])` becomes `items.3`.
    #[must_use]
    pub fn at<S: Into<PathStep>>(mut self, path: impl IntoIterator<Item = S>) -> Self {
        self.field = path.into_iter().map(Into::into).collect();
        self
    }

    /// Puts steps before the path, when the faulty value is part of something larger.
    #[must_use]
    pub fn below<S: Into<PathStep>>(mut self, path: impl IntoIterator<Item = S>) -> Self {
        self.field = path.into_iter().map(Into::into).chain(self.field).collect();
        self
    }

    /// Adds a parameter for translations.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// The thing that an id names is not there, or not for this viewer: both read the same.
    #[must_use]
    pub fn not_found(what: &'static str, field: &'static str) -> Self {
        Self::new(UserErrorCode::NotFound, format!("There is no such {what}.")).at([field])
    }
}
