//! What somebody has to do something about.

use serde::{Deserialize, Serialize};

use crate::domain::code::codes;
use crate::domain::link::LinkReason;
use crate::domain::mapping::ValueFault;

codes! {
    /// Why an account is `BLOCKED`.
    pub enum ProblemCode {
        /// There is no Okta account, and creating users is switched off.
        CreateDisabled = "CREATE_DISABLED",
        /// Somebody suspended, staged or deactivated the account in Okta.
        StatusChangedInOkta = "STATUS_CHANGED_IN_OKTA",
        /// The account is not live, and activating users is switched off.
        ActivationDisabled = "ACTIVATION_DISABLED",
        /// An account with this login exists, and taking it over needs a confirmation.
        LinkNeedsConfirmation = "LINK_NEEDS_CONFIRMATION",
        /// The mapped profile breaks a rule of Okta's schema.
        ProfileInvalid = "PROFILE_INVALID",
        /// Okta refused the change.
        RejectedByOkta = "REJECTED_BY_OKTA",
        /// Okta refused the role.
        RoleRefused = "ROLE_REFUSED",
        /// The account holds an admin role that we did not give.
        ProtectedAdmin = "PROTECTED_ADMIN",
        /// The account belongs to the administrator who authorized the connection.
        AuthorizingAdmin = "AUTHORIZING_ADMIN",
        /// The account is gone from Okta.
        NotFoundInOkta = "NOT_FOUND_IN_OKTA",
        /// The app's mapping no longer fits Okta's schema.
        MappingInvalid = "MAPPING_INVALID",
        /// An administrator decided that the account is neither deactivated nor deleted.
        DeprovisioningDiscarded = "DEPROVISIONING_DISCARDED",
    }
}

impl ProblemCode {
    /// One sentence for the panel: what is the matter.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CreateDisabled => {
                "This person has no Okta account, and creating users is switched off."
            }
            Self::StatusChangedInOkta => "The account's status was changed in Okta itself.",
            Self::ActivationDisabled => {
                "The Okta account is not active, and activating users is switched off."
            }
            Self::LinkNeedsConfirmation => "An Okta account with this login exists already.",
            Self::ProfileInvalid => "The mapped profile does not fit Okta's schema.",
            Self::RejectedByOkta => "Okta refused the change.",
            Self::RoleRefused => "Okta refused the admin role.",
            Self::ProtectedAdmin => "The Okta account holds an admin role that was not given here.",
            Self::AuthorizingAdmin => {
                "The Okta account belongs to the admin who authorized the connection."
            }
            Self::NotFoundInOkta => "The account was deleted in Okta.",
            Self::MappingInvalid => "The attribute mapping no longer fits Okta's schema.",
            Self::DeprovisioningDiscarded => {
                "An administrator decided that this Okta account stays as it is, although the person no longer has access."
            }
        }
    }

    /// One sentence for the panel: what to do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::CreateDisabled => {
                "Switch on createUsers, or create the account in Okta with the same login."
            }
            Self::StatusChangedInOkta => {
                "Ask Okta's administrators; then deactivate the person here and activate again."
            }
            Self::ActivationDisabled => {
                "Switch on activateAndDeactivateUsers, or activate the account in Okta."
            }
            Self::LinkNeedsConfirmation => {
                "Look at the reasons; confirm the link, or change the person's login."
            }
            Self::ProfileInvalid => "Correct the named values of the person, or the mapping.",
            Self::RejectedByOkta => "Correct what Okta names, then retry.",
            Self::RoleRefused => {
                "Choose another role, or have a super admin authorize the connection."
            }
            Self::ProtectedAdmin => {
                "Take the role away in Okta, or confirm that this account may be changed."
            }
            Self::AuthorizingAdmin => "Have another admin authorize the connection first.",
            Self::NotFoundInOkta => "Assign or activate the person again to create a new account.",
            Self::MappingInvalid => "Correct and save the mapping.",
            Self::DeprovisioningDiscarded => {
                "Give the person access again, or retry to have the account deactivated or deleted after all."
            }
        }
    }
}

/// Why an account is `BLOCKED`, with what a panel needs to explain it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The reason.
    pub code: ProblemCode,
    /// The values that break a rule; only with `PROFILE_INVALID`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<ValueFault>,
    /// Why linking needs a confirmation; only with `LINK_NEEDS_CONFIRMATION`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link_reasons: Vec<LinkReason>,
    /// The Okta account in question, where it is not the one that is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub okta_id: Option<String>,
    /// Okta's own words or status, for display only; null when Okta said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// A problem that its code explains.
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            faults: Vec::new(),
            link_reasons: Vec::new(),
            okta_id: None,
            detail: None,
        }
    }

    /// The mapped profile breaks rules.
    pub fn profile(faults: Vec<ValueFault>) -> Self {
        Self {
            faults,
            ..Self::new(ProblemCode::ProfileInvalid)
        }
    }

    /// Taking over `okta_id` needs a confirmation.
    pub fn link(okta_id: &str, reasons: Vec<LinkReason>) -> Self {
        Self {
            link_reasons: reasons,
            okta_id: Some(okta_id.to_owned()),
            ..Self::new(ProblemCode::LinkNeedsConfirmation)
        }
    }

    /// The same problem with Okta's own words.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_keeps_its_details_in_json() {
        let problem = Problem::link("00u1", vec![LinkReason::AdminRole]).with_detail("ACTIVE");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["code"], "LINK_NEEDS_CONFIRMATION");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
        let short = serde_json::to_value(Problem::new(ProblemCode::CreateDisabled)).unwrap();
        assert_eq!(short, serde_json::json!({"code": "CREATE_DISABLED"}));
    }
}
