//! `userErrors` as clients see them.

use async_graphql::{Enum, SimpleObject};

use crate::service;

/// Why something was refused. More codes may come; treat an unknown one like `INVALID_VALUE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::UserErrorCode")]
pub enum UserErrorCode {
    /// Another one with this name, e-mail address or key exists.
    AlreadyExists,
    /// The app is not connected to Okta yet, or no longer.
    AppNotConnected,
    /// This attribute must differ from person to person, so it takes no constant.
    ConstantNotAllowed,
    /// More or fewer match than `expectedCount` says; `params.count` is the number now.
    CountMismatch,
    /// Custom Okta roles can be seen but not assigned.
    CustomRoleNotAssignable,
    /// The Okta domain is not one that this server may call.
    DomainNotAllowed,
    /// The attribute is mapped twice.
    DuplicateAttribute,
    /// You may do this kind of thing, but not to this one.
    Forbidden,
    /// It is still used elsewhere; `params` says where.
    InUse,
    /// The value is malformed.
    InvalidValue,
    /// The organisation would be left without an owner.
    LastOwner,
    /// You may do this to others, not to yourself.
    NotAllowedToYourself,
    /// There is no such thing, or not for you.
    NotFound,
    /// The value is not among the choices of the Okta attribute.
    NotInChoices,
    /// It cannot be done in the present state; the message says what comes first.
    NotPossibleNow,
    /// Okta refused; `params.problem` is an `OktaOrgProblemCode`, `params.detail` what Okta said.
    OktaRefused,
    /// Okta cannot be reached just now, or fails; `params` as with `OKTA_REFUSED`.
    OktaUnavailable,
    /// The value does not match the pattern of the Okta attribute.
    PatternMismatch,
    /// Okta does not let this attribute be written.
    ReadOnlyAttribute,
    /// A value is missing.
    Required,
    /// Okta requires this attribute, so it must be mapped.
    RequiredUnmapped,
    /// The address is not one of the configured panel origins.
    ReturnToNotAllowed,
    /// This Okta role is reserved to owners and admins: giving it, taking it away, and changing the people who hold it.
    RoleAboveCeiling,
    /// The app's options do not allow this Okta role.
    RoleNotAllowedByApp,
    /// The value is too long; `params.max` is the limit.
    TooLong,
    /// Too many items; `params.max` is the limit.
    TooMany,
    /// The value is too short; `params.min` is the limit.
    TooShort,
    /// The types of source and Okta attribute do not fit.
    TypeMismatch,
    /// The Okta org has no such attribute.
    UnknownAttribute,
    /// The directory has no such field.
    UnknownField,
    /// Okta has no such role.
    UnknownRole,
    /// Somebody else saved in between; `conflict` of the payload carries the current value.
    VersionConflict,
}

/// A parameter of the message, for translations.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserErrorParam {
    /// Name of the parameter.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// An expected refusal. Nothing was changed, except in bulk mutations, whose items succeed or fail one by one.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// For programs.
    pub code: UserErrorCode,
    /// For people, in English. Translate by `code` and `params`.
    pub message: String,
    /// Path to the faulty part of `input`, list indexes as decimal numbers; empty when it concerns the whole.
    pub field: Vec<String>,
    /// Values that the message mentions.
    pub params: Vec<UserErrorParam>,
}

impl From<service::UserError> for UserError {
    fn from(error: service::UserError) -> Self {
        Self {
            code: error.code.into(),
            message: error.message,
            field: error.field.iter().map(ToString::to_string).collect(),
            params: error
                .params
                .into_iter()
                .map(|(name, value)| UserErrorParam {
                    name: name.to_owned(),
                    value,
                })
                .collect(),
        }
    }
}

/// Separates expected refusals, which a payload carries, from errors, which end the request.
///
/// # Errors
/// Everything but [`service::Error::Refused`], as a top-level error.
pub fn settle<T>(result: service::Result<T>) -> async_graphql::Result<Result<T, Vec<UserError>>> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(service::Error::Refused(errors)) => {
            Ok(Err(errors.into_iter().map(Into::into).collect()))
        }
        Err(error) => Err(super::error::public(error)),
    }
}
