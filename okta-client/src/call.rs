//! The calls this crate makes, and the rate-limit bucket each of them draws on.

/// One kind of call to Okta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// `GET /api/v1/users`.
    ListUsers,
    /// `POST /api/v1/users`.
    CreateUser,
    /// `GET /api/v1/users/{id or login}`.
    GetUser,
    /// `POST /api/v1/users/{id}`.
    UpdateUser,
    /// `DELETE /api/v1/users/{id}`.
    DeleteUser,
    /// `POST …/lifecycle/activate`.
    ActivateUser,
    /// `POST …/lifecycle/reactivate`.
    ReactivateUser,
    /// `POST …/lifecycle/deactivate`.
    DeactivateUser,
    /// `POST …/lifecycle/suspend`.
    SuspendUser,
    /// `POST …/lifecycle/unsuspend`.
    UnsuspendUser,
    /// `GET …/roles`.
    ListRoles,
    /// `POST …/roles`.
    AssignRole,
    /// `DELETE …/roles/{id}`.
    UnassignRole,
    /// `GET /api/v1/iam/assignees/users`.
    ListAdmins,
    /// `GET /api/v1/iam/roles`.
    ListCustomRoles,
    /// `GET /api/v1/meta/schemas/user/default`.
    GetUserSchema,
    /// `POST /oauth2/v1/token`.
    Token,
    /// `POST /oauth2/v1/revoke`.
    Revoke,
}

/// A rate-limit bucket: calls of one bucket share the numbers in `X-Rate-Limit-*`.
///
/// Source: the last published table of Okta's default limits (developer docs, rl-global-mgmt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateBucket {
    /// List and create users.
    UsersListCreate,
    /// Update and delete one user.
    UserUpdateDelete,
    /// Read one user.
    UserGet,
    /// The system log.
    Logs,
    /// Everything else below `/api/v1`.
    OtherApi,
    /// Token and revocation endpoint.
    OAuth,
}

impl RateBucket {
    /// A stable name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UsersListCreate => "users_list_create",
            Self::UserUpdateDelete => "user_update_delete",
            Self::UserGet => "user_get",
            Self::Logs => "logs",
            Self::OtherApi => "other_api",
            Self::OAuth => "oauth",
        }
    }
}

impl Call {
    /// The bucket that the call draws on.
    #[must_use]
    pub fn bucket(self) -> RateBucket {
        match self {
            Self::ListUsers | Self::CreateUser => RateBucket::UsersListCreate,
            Self::UpdateUser | Self::DeleteUser => RateBucket::UserUpdateDelete,
            Self::GetUser => RateBucket::UserGet,
            Self::ActivateUser
            | Self::ReactivateUser
            | Self::DeactivateUser
            | Self::SuspendUser
            | Self::UnsuspendUser
            | Self::ListRoles
            | Self::AssignRole
            | Self::UnassignRole
            | Self::ListAdmins
            | Self::ListCustomRoles
            | Self::GetUserSchema => RateBucket::OtherApi,
            Self::Token | Self::Revoke => RateBucket::OAuth,
        }
    }

    /// Whether the call changes something in Okta. A token call does: it may use up a code or rotate a token.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::ListUsers
            | Self::GetUser
            | Self::ListRoles
            | Self::ListAdmins
            | Self::ListCustomRoles
            | Self::GetUserSchema => false,
            Self::CreateUser
            | Self::UpdateUser
            | Self::DeleteUser
            | Self::ActivateUser
            | Self::ReactivateUser
            | Self::DeactivateUser
            | Self::SuspendUser
            | Self::UnsuspendUser
            | Self::AssignRole
            | Self::UnassignRole
            | Self::Token
            | Self::Revoke => true,
        }
    }

    /// A stable name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ListUsers => "list_users",
            Self::CreateUser => "create_user",
            Self::GetUser => "get_user",
            Self::UpdateUser => "update_user",
            Self::DeleteUser => "delete_user",
            Self::ActivateUser => "activate_user",
            Self::ReactivateUser => "reactivate_user",
            Self::DeactivateUser => "deactivate_user",
            Self::SuspendUser => "suspend_user",
            Self::UnsuspendUser => "unsuspend_user",
            Self::ListRoles => "list_roles",
            Self::AssignRole => "assign_role",
            Self::UnassignRole => "unassign_role",
            Self::ListAdmins => "list_admins",
            Self::ListCustomRoles => "list_custom_roles",
            Self::GetUserSchema => "get_user_schema",
            Self::Token => "token",
            Self::Revoke => "revoke",
        }
    }
}
