//! A user's life: the statuses and which operation is legal in which.

use serde::{Deserialize, Serialize};

/// Okta's user statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Created without activation.
    Staged,
    /// Activated, no credentials yet ("pending user action").
    Provisioned,
    /// In use.
    Active,
    /// A password reset is pending.
    Recovery,
    /// The password must be changed at the next sign-in.
    PasswordExpired,
    /// Too many failed sign-ins.
    LockedOut,
    /// Paused by an administrator.
    Suspended,
    /// Deactivated; the login stays taken.
    Deprovisioned,
}

impl UserStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Staged,
        Self::Provisioned,
        Self::Active,
        Self::Recovery,
        Self::PasswordExpired,
        Self::LockedOut,
        Self::Suspended,
        Self::Deprovisioned,
    ];

    /// The name in Okta's API, such as `PASSWORD_EXPIRED`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "STAGED",
            Self::Provisioned => "PROVISIONED",
            Self::Active => "ACTIVE",
            Self::Recovery => "RECOVERY",
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::LockedOut => "LOCKED_OUT",
            Self::Suspended => "SUSPENDED",
            Self::Deprovisioned => "DEPROVISIONED",
        }
    }

    /// The status of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The operations whose links a user in this status publishes (recorded in 2025).
    pub(crate) fn links(self) -> &'static [&'static str] {
        match self {
            Self::Staged => &["activate", "resetFactors"],
            Self::Provisioned => &[
                "suspend",
                "deactivate",
                "reactivate",
                "resetPassword",
                "resetFactors",
            ],
            Self::Active | Self::PasswordExpired => &[
                "suspend",
                "resetPassword",
                "forgotPassword",
                "expirePassword",
                "changeRecoveryQuestion",
                "resetFactors",
                "changePassword",
                "deactivate",
            ],
            Self::Recovery => &[
                "suspend",
                "deactivate",
                "reactivate",
                "resetPassword",
                "resetFactors",
            ],
            Self::LockedOut => &["unlock", "deactivate", "resetPassword", "resetFactors"],
            Self::Suspended => &["unsuspend", "deactivate", "resetFactors"],
            Self::Deprovisioned => &["activate", "delete"],
        }
    }
}

/// A lifecycle operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    Activate,
    Reactivate,
    Deactivate,
    Suspend,
    Unsuspend,
    Unlock,
    ExpirePassword,
    ResetPassword,
}

impl Transition {
    /// The status after the operation, or `None` when it is illegal in this one.
    /// A user who has a password needs no pending step.
    pub fn apply(self, from: UserStatus, has_password: bool) -> Option<UserStatus> {
        use UserStatus::{
            Active, Deprovisioned, LockedOut, PasswordExpired, Provisioned, Recovery, Staged,
            Suspended,
        };
        match (self, from) {
            (Self::Activate, Staged | Deprovisioned) if has_password => Some(Active),
            (Self::Activate, Staged | Deprovisioned) => Some(Provisioned),
            (Self::Reactivate, Provisioned | Recovery) => Some(Provisioned),
            (Self::Deactivate, status) if status != Deprovisioned => Some(Deprovisioned),
            (Self::Suspend, Active) => Some(Suspended),
            (Self::Unsuspend, Suspended) | (Self::Unlock, LockedOut) => Some(Active),
            (Self::ExpirePassword, Active | PasswordExpired) => Some(PasswordExpired),
            (
                Self::ResetPassword,
                Active | Provisioned | Recovery | PasswordExpired | LockedOut,
            ) => Some(Recovery),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Transition as T, UserStatus as S};

    fn legal(transition: T) -> Vec<S> {
        S::ALL
            .into_iter()
            .filter(|status| transition.apply(*status, false).is_some())
            .collect()
    }

    #[test]
    fn operations_are_legal_exactly_where_okta_says() {
        assert_eq!(legal(T::Activate), [S::Staged, S::Deprovisioned]);
        assert_eq!(legal(T::Reactivate), [S::Provisioned, S::Recovery]);
        assert_eq!(legal(T::Deactivate), S::ALL[..7]);
        assert_eq!(legal(T::Suspend), [S::Active]);
        assert_eq!(legal(T::Unsuspend), [S::Suspended]);
        assert_eq!(legal(T::Unlock), [S::LockedOut]);
    }

    #[test]
    fn activation_waits_for_the_person_only_without_a_password() {
        assert_eq!(T::Activate.apply(S::Staged, true), Some(S::Active));
        assert_eq!(T::Activate.apply(S::Staged, false), Some(S::Provisioned));
    }

    #[test]
    fn names_round_trip() {
        for status in S::ALL {
            assert_eq!(S::parse(status.name()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
