//! Okta's error codes, the only part of an error body that stays the same between releases.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// `errorCode` of an error body. Source: Okta's error-code catalogue.
    ErrorCode {
        /// 400: the body breaks a rule; the causes say which.
        Validation = "E0000001",
        /// 400: the body is not JSON.
        BadJson = "E0000003",
        /// 401: wrong credentials of a sign-in, not of an API call.
        AuthenticationFailed = "E0000004",
        /// 403: no session.
        InvalidSession = "E0000005",
        /// 403: the token or its administrator may not do this.
        NoPermission = "E0000006",
        /// 404: no such object.
        NotFound = "E0000007",
        /// 404: no such path.
        NoSuchPath = "E0000008",
        /// 500: failure inside Okta.
        Internal = "E0000009",
        /// 503: the org is read-only for maintenance.
        ReadOnly = "E0000010",
        /// 401: the token is unknown, expired or revoked.
        InvalidToken = "E0000011",
        /// 401: the org lacks the feature. The token is fine.
        FeatureDisabled = "E0000015",
        /// 403: the user is active already.
        AlreadyActive = "E0000016",
        /// 405: the path knows no such method.
        MethodNotAllowed = "E0000022",
        /// 403: the attribute is mastered elsewhere.
        MasteredElsewhere = "E0000023",
        /// 400: a parameter is missing.
        MissingParameter = "E0000028",
        /// 400: bad cursor or page size.
        BadPaging = "E0000029",
        /// 400: bad filter or search expression.
        BadSearch = "E0000031",
        /// 403: the user is not locked out.
        UnlockNotAllowed = "E0000032",
        /// 400: filter and search exclude each other.
        SearchAndFilter = "E0000033",
        /// 403: the user's status does not allow it.
        StatusNotAllowed = "E0000038",
        /// 429: too many calls.
        TooManyRequests = "E0000047",
        /// 403: the attribute is read-only.
        ReadOnlyAttribute = "E0000077",
        /// 403: the password breaks the org's policy.
        PasswordPolicy = "E0000080",
        /// 409: the user has the role already.
        RoleExists = "E0000090",
        /// 400: the filter is not supported.
        UnsupportedFilter = "E0000094",
        /// 409: an activation is still running.
        ActivationInProgress = "E0000112",
        /// 412: the object changed since it was read.
        PreconditionFailed = "E0000231",
        /// 409: the user has the resource-set role already.
        ResourceSetRoleExists = "E0000263",
        /// 409: another change of roles holds the lock.
        RoleLocked = "E0000268",
        /// Not Okta's word: the answer had no error body of Okta's.
        Absent = "",
    }
}
