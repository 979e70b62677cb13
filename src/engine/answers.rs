//! What Okta's answer to a changing call means. Only `errorCode` and status decide (contract §2); texts are passed on to people.

use okta_client::{Error, ErrorCode, Outcome, Refusal};

use crate::domain::account::{Problem, ProblemCode};
use crate::domain::plan::OperationKind;

/// What a failed call means for its operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// Nobody can say whether it had its effect.
    Unknown,
    /// Okta was not reached; nothing happened.
    NotSent,
    /// Too many calls; nothing happened.
    Throttled,
    /// The token is dead; nothing happened.
    TokenRejected,
    /// The connection lacks the right for this kind of call.
    Denied {
        /// Certain for everybody, not only for this user.
        for_all: bool,
    },
    /// Okta no longer has the user.
    Gone,
    /// What was asked for holds already.
    AlreadySo,
    /// What we believed of the account is no longer so: read it.
    Stale(Problem),
    /// The login may be taken; a lookup says.
    LoginTaken {
        /// Okta's words say so.
        said_so: bool,
        /// What to tell when it is not.
        problem: Problem,
    },
    /// Okta is busy with the account; the same may succeed soon.
    Busy,
    /// It will not succeed before somebody changes something.
    Rejected(Problem),
}

/// Says what `error` means for an operation of `kind`.
pub(super) fn meaning(kind: OperationKind, error: &Error) -> Meaning {
    if error.outcome() == Outcome::Unknown {
        return Meaning::Unknown;
    }
    match error {
        Error::RateLimited(_) => Meaning::Throttled,
        Error::Refused(refusal) => refused(kind, error, refusal),
        Error::Connect(_) => Meaning::NotSent,
        _ => Meaning::Rejected(rejected(kind).with_detail(error.to_string())),
    }
}

fn refused(kind: OperationKind, error: &Error, refusal: &Refusal) -> Meaning {
    let problem = rejected(kind).with_detail(words(refusal));
    if error.insufficient_scope().is_some() {
        return Meaning::Denied { for_all: true };
    }
    if error.is_not_found() {
        return match kind {
            // It may be the role that is not found; reading the roles tells.
            OperationKind::RevokeRole | OperationKind::GrantRole => Meaning::Stale(problem),
            _ => Meaning::Gone,
        };
    }
    match &refusal.code {
        ErrorCode::InvalidToken => Meaning::TokenRejected,
        ErrorCode::NoPermission => Meaning::Denied { for_all: false },
        ErrorCode::FeatureDisabled => Meaning::Denied { for_all: true },
        ErrorCode::AlreadyActive if kind == OperationKind::Activate => Meaning::AlreadySo,
        ErrorCode::AlreadyActive | ErrorCode::StatusNotAllowed => Meaning::Stale(problem),
        ErrorCode::ActivationInProgress | ErrorCode::RoleLocked => Meaning::Busy,
        ErrorCode::RoleExists | ErrorCode::ResourceSetRoleExists => Meaning::Stale(problem),
        ErrorCode::Validation if kind == OperationKind::Create => Meaning::LoginTaken {
            said_so: says_login_taken(refusal),
            problem,
        },
        ErrorCode::Validation if kind == OperationKind::Unsuspend => Meaning::Stale(problem),
        // Not Okta's words: something in between answered, and it may pass.
        ErrorCode::Absent => Meaning::Busy,
        _ if kind == OperationKind::Deactivate => Meaning::Stale(problem),
        _ => Meaning::Rejected(problem),
    }
}

/// Okta refused an operation of `kind`.
pub(super) fn rejected(kind: OperationKind) -> Problem {
    Problem::new(match kind {
        OperationKind::GrantRole | OperationKind::RevokeRole => ProblemCode::RoleRefused,
        _ => ProblemCode::RejectedByOkta,
    })
}

/// The words are not stable, so they only choose between waiting and asking, and only when the lookup found nobody.
fn says_login_taken(refusal: &Refusal) -> bool {
    refusal
        .causes
        .iter()
        .any(|cause| cause.starts_with("login:") && cause.contains("already exists"))
}

/// What Okta said, for people: causes if there are any, else the summary.
pub(super) fn words(refusal: &Refusal) -> String {
    if refusal.causes.is_empty() {
        refusal.summary.clone()
    } else {
        refusal.causes.join(" ")
    }
}

/// Whether the failure speaks against the org as a whole rather than against one request.
pub(super) fn is_org_failing(error: &Error) -> bool {
    match error {
        Error::Connect(_) | Error::Timeout | Error::Dropped(_) | Error::Server(_) => true,
        Error::Garbled { .. } | Error::Redirected(_) | Error::AddressRefused => true,
        Error::Refused(refusal) => refusal.code == ErrorCode::Absent,
        Error::RateLimited(_)
        | Error::TooLarge { .. }
        | Error::InvalidId
        | Error::LoginNeedsId
        | Error::InvalidLogin
        | Error::InvalidCredential
        | Error::ForeignLink { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use okta_client::{Call, Meta};

    fn refusal(status: u16, code: &str, causes: &[&str]) -> Error {
        let meta = Meta {
            call: Call::CreateUser,
            status,
            request_id: None,
            date: None,
            rate_limit: None,
            retry_after: None,
        };
        Error::Refused(Box::new(Refusal {
            status,
            code: code.into(),
            summary: "Api validation failed".to_owned(),
            error_id: None,
            causes: causes.iter().map(|&cause| cause.to_owned()).collect(),
            missing_scope: None,
            meta,
        }))
    }

    fn name(meaning: &Meaning) -> &'static str {
        match meaning {
            Meaning::Unknown => "unknown",
            Meaning::NotSent => "not sent",
            Meaning::Throttled => "throttled",
            Meaning::TokenRejected => "token",
            Meaning::Denied { for_all: true } => "denied for all",
            Meaning::Denied { for_all: false } => "denied",
            Meaning::Gone => "gone",
            Meaning::AlreadySo => "already so",
            Meaning::Stale(_) => "stale",
            Meaning::LoginTaken { said_so: true, .. } => "login taken",
            Meaning::LoginTaken { said_so: false, .. } => "login perhaps taken",
            Meaning::Busy => "busy",
            Meaning::Rejected(_) => "rejected",
        }
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        use OperationKind as K;
        const TAKEN: &str =
            "login: An object with this field already exists in the current organization";
        for (kind, status, code, causes, expected) in [
            (K::Create, 400, "E0000001", &[TAKEN][..], "login taken"),
            (
                K::Create,
                400,
                "E0000001",
                &["title: too long"],
                "login perhaps taken",
            ),
            (K::Update, 400, "E0000001", &[TAKEN], "rejected"),
            (K::Update, 403, "E0000038", &[], "stale"),
            (K::Update, 403, "E0000077", &[], "rejected"),
            (K::Update, 404, "E0000007", &[], "gone"),
            (K::Update, 404, "E0000008", &[], "rejected"),
            (K::Activate, 403, "E0000016", &[], "already so"),
            (K::Activate, 409, "E0000112", &[], "busy"),
            (K::Unsuspend, 400, "E0000001", &[], "stale"),
            (K::Deactivate, 403, "E0000099", &[], "stale"),
            (K::Deactivate, 404, "E0000007", &[], "gone"),
            (K::Delete, 404, "E0000007", &[], "gone"),
            (K::GrantRole, 409, "E0000090", &[], "stale"),
            (K::GrantRole, 409, "E0000268", &[], "busy"),
            (K::GrantRole, 403, "E0000006", &[], "denied"),
            (K::GrantRole, 401, "E0000015", &[], "denied for all"),
            (K::GrantRole, 401, "E0000011", &[], "token"),
            (K::GrantRole, 400, "E0000001", &[], "rejected"),
            (K::RevokeRole, 404, "E0000007", &[], "stale"),
            (K::GrantRole, 404, "E0000007", &[], "stale"),
            (K::Update, 403, "", &[], "busy"),
        ] {
            let meaning = meaning(kind, &refusal(status, code, causes));
            assert_eq!(name(&meaning), expected, "{kind} {status} {code}");
        }
    }

    #[test]
    fn what_may_have_arrived_is_unknown() {
        for error in [Error::Timeout, refusal_of_server()] {
            assert_eq!(meaning(OperationKind::Create, &error), Meaning::Unknown);
            assert!(is_org_failing(&error));
        }
    }

    fn refusal_of_server() -> Error {
        match refusal(503, "E0000010", &[]) {
            Error::Refused(refusal) => Error::Server(refusal),
            other => other,
        }
    }

    #[test]
    fn okta_is_quoted() {
        let Meaning::Rejected(problem) = meaning(
            OperationKind::Update,
            &refusal(400, "E0000001", &["title: no", "x: y"]),
        ) else {
            panic!("a validation error rejects an update");
        };
        assert_eq!(problem.detail.as_deref(), Some("title: no x: y"));
    }
}
