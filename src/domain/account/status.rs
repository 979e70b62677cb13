//! The status of an Okta account.

use serde::{Deserialize, Serialize};

/// The status of an Okta user (contract §3). Statuses that we do not know are data, not errors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum OktaStatus {
    /// Created, never activated.
    Staged,
    /// Activated; the person has not yet set a password.
    Provisioned,
    /// In use.
    Active,
    /// Resetting a password.
    Recovery,
    /// Must set a new password.
    PasswordExpired,
    /// Too many failed sign-ins.
    LockedOut,
    /// Access stopped by an administrator of Okta.
    Suspended,
    /// Deactivated.
    Deprovisioned,
    /// Not Okta's word: Okta answered that there is no such user any more.
    Deleted,
    /// A status that Okta added since.
    Other(String),
}

impl OktaStatus {
    /// Okta's name of the status; `DELETED` for a user that is gone.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Staged => "STAGED",
            Self::Provisioned => "PROVISIONED",
            Self::Active => "ACTIVE",
            Self::Recovery => "RECOVERY",
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::LockedOut => "LOCKED_OUT",
            Self::Suspended => "SUSPENDED",
            Self::Deprovisioned => "DEPROVISIONED",
            Self::Deleted => "DELETED",
            Self::Other(name) => name,
        }
    }

    /// *Live* in the sense of design §2: the person can get in, if need be after a password step.
    pub const fn is_live(&self) -> bool {
        matches!(
            self,
            Self::Provisioned
                | Self::Active
                | Self::Recovery
                | Self::PasswordExpired
                | Self::LockedOut
        )
    }

    /// Whether an account in this status can hold admin roles. Deactivation takes them away (contract §3).
    pub const fn holds_roles(&self) -> bool {
        !matches!(self, Self::Deprovisioned | Self::Deleted)
    }
}

impl From<String> for OktaStatus {
    fn from(name: String) -> Self {
        match name.as_str() {
            "STAGED" => Self::Staged,
            "PROVISIONED" => Self::Provisioned,
            "ACTIVE" => Self::Active,
            "RECOVERY" => Self::Recovery,
            "PASSWORD_EXPIRED" => Self::PasswordExpired,
            "LOCKED_OUT" => Self::LockedOut,
            "SUSPENDED" => Self::Suspended,
            "DEPROVISIONED" => Self::Deprovisioned,
            "DELETED" => Self::Deleted,
            _ => Self::Other(name),
        }
    }
}

impl From<&str> for OktaStatus {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<OktaStatus> for String {
    fn from(status: OktaStatus) -> Self {
        status.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_as_itself() {
        for name in [
            "STAGED",
            "PROVISIONED",
            "ACTIVE",
            "RECOVERY",
            "PASSWORD_EXPIRED",
            "LOCKED_OUT",
        ] {
            assert_eq!(OktaStatus::from(name).as_str(), name);
        }
        let unknown = OktaStatus::from("QUARANTINED");
        assert_eq!(unknown, OktaStatus::Other("QUARANTINED".into()));
        assert!(!unknown.is_live());
        assert_eq!(serde_json::to_value(&unknown).unwrap(), "QUARANTINED");
    }

    #[test]
    fn live_is_what_the_design_says() {
        let live = [
            "PROVISIONED",
            "ACTIVE",
            "RECOVERY",
            "PASSWORD_EXPIRED",
            "LOCKED_OUT",
        ];
        let dead = ["STAGED", "SUSPENDED", "DEPROVISIONED", "DELETED", "NEW"];
        assert!(live.iter().all(|name| OktaStatus::from(*name).is_live()));
        assert!(dead.iter().all(|name| !OktaStatus::from(*name).is_live()));
    }
}
