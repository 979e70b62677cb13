//! Taking over an Okta account that existed before: when it is safe, and when an administrator has to confirm it.

use super::account::OktaStatus;
use super::code::codes;
use super::directory::match_key;
use super::mapping::{EMAIL, FIRST_NAME, LAST_NAME, LOGIN, OktaProfile};
use super::plan::{KnownElsewhere, LinkConfirmation, ListedRole};

codes! {
    /// Why taking over an account needs a confirmation (design §2).
    pub enum LinkReason {
        /// The account is DEPROVISIONED and bears another name: perhaps a leaver's.
        OtherName = "OTHER_NAME",
        /// The account is linked to another user of ours.
        KnownUnderAnotherUser = "KNOWN_UNDER_ANOTHER_USER",
        /// The account has another primary e-mail address.
        OtherEmail = "OTHER_EMAIL",
        /// The account holds an admin role that we did not give.
        AdminRole = "ADMIN_ROLE",
        /// Okta does not let us see whether the account holds admin roles.
        RolesUnreadable = "ROLES_UNREADABLE",
        /// The account appeared while our own request to create it had no answer, and may be somebody else's.
        MadeByOthers = "MADE_BY_OTHERS",
    }
}

/// An account that a lookup by login brought back.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Okta's id of the user.
    pub okta_id: String,
    /// Its status.
    pub status: OktaStatus,
    /// Its profile, with `login`.
    pub profile: OktaProfile,
    /// Its admin roles; `None` when not yet read.
    pub roles: Option<Vec<ListedRole>>,
    /// Another user of ours to whom it is linked in this Okta org; null when none.
    pub known_elsewhere: Option<KnownElsewhere>,
    /// Further reasons for a confirmation, found while the outcome of a creation was unknown.
    pub suspicions: Vec<LinkReason>,
}

/// What to do with the account that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkDecision {
    /// Take it over.
    Link {
        /// An administrator confirmed it although it holds roles that we did not give.
        admin_confirmed: bool,
    },
    /// Its admin roles have to be read first.
    ReadRoles,
    /// An administrator has to confirm it.
    NeedsConfirmation(Vec<LinkReason>),
    /// It still waits for its deletion: wait until the login is free.
    Hold,
    /// It has another login: Okta matched a short name, nobody was found.
    NotSame,
}

/// What is known when deciding.
#[derive(Debug, Clone, Copy)]
pub struct LinkQuestion<'a> {
    /// The mapped profile of the user.
    pub wanted: &'a OktaProfile,
    /// The account that was found.
    pub candidate: &'a Candidate,
    /// The confirmation that an administrator gave.
    pub confirmation: Option<&'a LinkConfirmation>,
    /// Whether Okta lets us read admin roles.
    pub roles_readable: bool,
}

impl LinkQuestion<'_> {
    /// Decides what to do with the account that was found (design §2, beside the table).
    ///
    /// Admin roles are always read before a confirmation is asked for or given effect, so that nobody confirms another
    /// address and gets a super admin with it.
    pub fn decide(&self) -> LinkDecision {
        if !same_text(self.wanted, &self.candidate.profile, LOGIN) {
            return LinkDecision::NotSame;
        }
        if self
            .candidate
            .known_elsewhere
            .is_some_and(|other| other.awaiting_deletion)
        {
            return LinkDecision::Hold;
        }
        if self.candidate.roles.is_none() && self.roles_readable {
            return LinkDecision::ReadRoles;
        }
        let reasons = self.reasons();
        if reasons.iter().all(|reason| self.is_confirmed(*reason)) {
            return LinkDecision::Link {
                admin_confirmed: reasons.contains(&LinkReason::AdminRole),
            };
        }
        LinkDecision::NeedsConfirmation(reasons)
    }

    fn is_confirmed(&self, reason: LinkReason) -> bool {
        self.confirmation.is_some_and(|given| {
            given.okta_id == self.candidate.okta_id && given.reasons.contains(&reason)
        })
    }

    fn reasons(&self) -> Vec<LinkReason> {
        let found = self.candidate;
        let renamed = found.status == OktaStatus::Deprovisioned
            && !(self.is_same(FIRST_NAME) && self.is_same(LAST_NAME));
        let checks = [
            (LinkReason::OtherName, renamed),
            (
                LinkReason::KnownUnderAnotherUser,
                found.known_elsewhere.is_some(),
            ),
            (LinkReason::OtherEmail, !self.is_same(EMAIL)),
            (
                LinkReason::AdminRole,
                found.roles.as_ref().is_some_and(|roles| !roles.is_empty()),
            ),
            (LinkReason::RolesUnreadable, found.roles.is_none()),
        ];
        let apparent = checks
            .into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(reason, _)| reason);
        let mut reasons: Vec<LinkReason> =
            apparent.chain(found.suspicions.iter().copied()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    fn is_same(&self, attribute: &str) -> bool {
        same_text(self.wanted, &self.candidate.profile, attribute)
    }
}

/// Whether both profiles have the same text, without regard to case and form; absent and empty are the same.
fn same_text(one: &OktaProfile, other: &OktaProfile, attribute: &str) -> bool {
    let key = |profile: &OktaProfile| {
        profile
            .get(attribute)
            .and_then(|value| value.as_str())
            .map(match_key)
            .unwrap_or_default()
    };
    key(one) == key(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn profile(login: &str, email: &str, first: &str) -> OktaProfile {
        let json = json!({"login": login, "email": email, "firstName": first, "lastName": "Lee"});
        json.as_object().unwrap().clone()
    }

    fn candidate() -> Candidate {
        Candidate {
            okta_id: "00u1".into(),
            status: OktaStatus::Active,
            profile: profile("Ann@x.org", "ann@X.org", "Ann"),
            roles: Some(Vec::new()),
            known_elsewhere: None,
            suspicions: Vec::new(),
        }
    }

    fn decide(candidate: &Candidate, confirmation: Option<&LinkConfirmation>) -> LinkDecision {
        let wanted = profile("ann@x.org", "ann@x.org", "Ann");
        LinkQuestion {
            wanted: &wanted,
            candidate,
            confirmation,
            roles_readable: true,
        }
        .decide()
    }

    fn admin() -> Vec<ListedRole> {
        vec![ListedRole {
            role_type: "SUPER_ADMIN".into(),
            inherited: false,
            created: None,
        }]
    }

    const LINK: LinkDecision = LinkDecision::Link {
        admin_confirmed: false,
    };

    #[test]
    fn the_same_person_is_linked() {
        assert_eq!(decide(&candidate(), None), LINK);
        let returned = Candidate {
            status: OktaStatus::Deprovisioned,
            ..candidate()
        };
        assert_eq!(decide(&returned, None), LINK);
        let married = Candidate {
            profile: profile("ann@x.org", "ann@x.org", "Anna"),
            ..candidate()
        };
        assert_eq!(
            decide(&married, None),
            LINK,
            "another name matters only for leavers"
        );
    }

    #[test]
    fn doubt_asks_for_a_confirmation() {
        let elsewhere = |awaiting_deletion| {
            Some(KnownElsewhere {
                user_id: Uuid::nil(),
                awaiting_deletion,
            })
        };
        let other_name = profile("ann@x.org", "ann@x.org", "Bea");
        let rows = [
            (
                Candidate {
                    status: OktaStatus::Deprovisioned,
                    profile: other_name,
                    ..candidate()
                },
                LinkReason::OtherName,
            ),
            (
                Candidate {
                    profile: profile("ann@x.org", "bea@x.org", "Ann"),
                    ..candidate()
                },
                LinkReason::OtherEmail,
            ),
            (
                Candidate {
                    known_elsewhere: elsewhere(false),
                    ..candidate()
                },
                LinkReason::KnownUnderAnotherUser,
            ),
            (
                Candidate {
                    roles: Some(admin()),
                    ..candidate()
                },
                LinkReason::AdminRole,
            ),
            (
                Candidate {
                    suspicions: vec![LinkReason::MadeByOthers],
                    ..candidate()
                },
                LinkReason::MadeByOthers,
            ),
        ];
        for (candidate, reason) in rows {
            assert_eq!(
                decide(&candidate, None),
                LinkDecision::NeedsConfirmation(vec![reason])
            );
            let given = LinkConfirmation {
                okta_id: "00u1".into(),
                reasons: vec![reason],
            };
            let admin_confirmed = reason == LinkReason::AdminRole;
            assert_eq!(
                decide(&candidate, Some(&given)),
                LinkDecision::Link { admin_confirmed }
            );
            let other_account = LinkConfirmation {
                okta_id: "00u2".into(),
                ..given
            };
            assert_eq!(
                decide(&candidate, Some(&other_account)),
                LinkDecision::NeedsConfirmation(vec![reason])
            );
        }
        let held = Candidate {
            known_elsewhere: elsewhere(true),
            ..candidate()
        };
        assert_eq!(decide(&held, None), LinkDecision::Hold);
    }

    #[test]
    fn a_confirmation_covers_only_what_was_shown() {
        let grown = Candidate {
            profile: profile("ann@x.org", "bea@x.org", "Ann"),
            roles: Some(admin()),
            ..candidate()
        };
        let given = LinkConfirmation {
            okta_id: "00u1".into(),
            reasons: vec![LinkReason::OtherEmail],
        };
        let both = vec![LinkReason::OtherEmail, LinkReason::AdminRole];
        assert_eq!(
            decide(&grown, Some(&given)),
            LinkDecision::NeedsConfirmation(both)
        );
    }

    #[test]
    fn roles_are_read_first_where_okta_lets_us() {
        let unread = Candidate {
            roles: None,
            ..candidate()
        };
        assert_eq!(decide(&unread, None), LinkDecision::ReadRoles);
        let wanted = profile("ann@x.org", "ann@x.org", "Ann");
        let question = LinkQuestion {
            wanted: &wanted,
            candidate: &unread,
            confirmation: None,
            roles_readable: false,
        };
        assert_eq!(
            question.decide(),
            LinkDecision::NeedsConfirmation(vec![LinkReason::RolesUnreadable])
        );
    }

    #[test]
    fn a_short_name_match_is_nobody() {
        let other = Candidate {
            profile: profile("ann@x.com", "ann@x.org", "Ann"),
            ..candidate()
        };
        assert_eq!(decide(&other, None), LinkDecision::NotSame);
    }
}
