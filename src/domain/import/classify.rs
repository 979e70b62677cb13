//! Which person an account fits, and which category it belongs to.

use uuid::Uuid;

use super::{Category, ConflictReason};
use crate::domain::account::OktaStatus;
use crate::domain::plan::DirectoryStatus;

/// What is known here of a person whom an account may fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The person.
    pub id: Uuid,
    /// Whether the person works here.
    pub status: DirectoryStatus,
    /// Okta's id of the account that is linked to the person through this connection, unless it is known to be gone.
    pub okta_id: Option<String>,
    /// Whether the person has the app.
    pub assigned: bool,
}

/// Who an account fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit<'a> {
    /// Nobody.
    Nobody,
    /// This person.
    One(&'a Known),
    /// The login fits the first, the e-mail address the second.
    Two(&'a Known, &'a Known),
}

/// Who an account fits, in order: whoever is linked to it; else whoever has its login as user name; else whoever has its primary e-mail
/// address. Login and address are compared as match keys, without regard to case and Unicode form.
pub fn fit<'a>(
    linked: Option<&'a Known>,
    by_login: Option<&'a Known>,
    by_email: Option<&'a Known>,
) -> Fit<'a> {
    match (linked, by_login, by_email) {
        (Some(person), _, _) => Fit::One(person),
        (None, Some(one), Some(other)) if one.id != other.id => Fit::Two(one, other),
        (None, Some(person), _) | (None, None, Some(person)) => Fit::One(person),
        (None, None, None) => Fit::Nobody,
    }
}

/// What an account is proposed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is on the list.
    Listed(Category, Option<ConflictReason>),
    /// Both sides agree; it is counted.
    InSync,
    /// It is deactivated in Okta and nobody's here; it is counted.
    Ignored,
}

/// The category of an account. `differs` says whether a mapped value of the person differs; it counts only where there is one person.
///
/// An account is in one category only. Status comes before values: whoever may not get in must not be hidden behind a changed phone number,
/// and whoever is activated gets the right values with it. So, in this order:
/// `DEACTIVATE` (DEPROVISIONED in Okta, active here); `ACTIVATE` (live in Okta, inactive here); `UPDATE` (active here, and a value differs, or
/// the account is not linked, or the person is not assigned); `NEW` (nobody fits and the account is not DEPROVISIONED).
///
/// SUSPENDED and STAGED never mean `DEACTIVATE`: the first is Okta's security team's doing and may be over tomorrow, the second was never let
/// in. Where the person is inactive here as well, nothing is proposed.
pub fn classify(okta_id: &str, status: &OktaStatus, fit: Fit<'_>, differs: bool) -> Verdict {
    let over = matches!(status, OktaStatus::Deprovisioned | OktaStatus::Deleted);
    match fit {
        Fit::Nobody if over => Verdict::Ignored,
        Fit::Nobody => Verdict::Listed(Category::New, None),
        Fit::Two(one, other) => {
            let active = [one, other].iter().any(|each| is_active(each));
            if over && !active {
                return Verdict::Ignored;
            }
            let category = if over {
                Category::Deactivate
            } else {
                Category::Update
            };
            Verdict::Listed(category, Some(ConflictReason::AccountFitsTwoPeople))
        }
        Fit::One(person) if person.status == DirectoryStatus::Deleted => match over {
            true => Verdict::InSync,
            false => Verdict::Listed(Category::New, Some(ConflictReason::PersonDeleted)),
        },
        Fit::One(person) if has_another(person, okta_id) => match over {
            true => Verdict::Ignored,
            false => {
                let conflict = ConflictReason::PersonHasAnotherAccount;
                Verdict::Listed(Category::Update, Some(conflict))
            }
        },
        Fit::One(person) => of_person(person, status, over, differs),
    }
}

fn of_person(person: &Known, status: &OktaStatus, over: bool, differs: bool) -> Verdict {
    let settled = person.okta_id.is_some() && person.assigned && !differs;
    match (is_active(person), over) {
        (true, true) => Verdict::Listed(Category::Deactivate, None),
        (false, true) => Verdict::InSync,
        (false, false) if status.is_live() => Verdict::Listed(Category::Activate, None),
        (false, false) => Verdict::InSync,
        (true, false) if settled => Verdict::InSync,
        (true, false) => Verdict::Listed(Category::Update, None),
    }
}

fn is_active(person: &Known) -> bool {
    person.status == DirectoryStatus::Active
}

fn has_another(person: &Known, okta_id: &str) -> bool {
    person
        .okta_id
        .as_deref()
        .is_some_and(|known| known != okta_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Category::*;
    use ConflictReason::*;

    const OURS: &str = "00u1";

    fn person(id: u128, status: DirectoryStatus, okta_id: Option<&str>, assigned: bool) -> Known {
        Known {
            id: Uuid::from_u128(id),
            status,
            okta_id: okta_id.map(str::to_owned),
            assigned,
        }
    }

    fn verdict(status: &str, fit: Fit<'_>, differs: bool) -> Verdict {
        classify(OURS, &OktaStatus::from(status), fit, differs)
    }

    #[test]
    fn a_person_is_matched_by_link_then_login_then_address() {
        let [a, b, c] = [1, 2, 3].map(|id| person(id, DirectoryStatus::Active, None, true));
        assert_eq!(fit(Some(&a), Some(&b), Some(&c)), Fit::One(&a));
        assert_eq!(fit(None, Some(&b), Some(&b)), Fit::One(&b));
        assert_eq!(fit(None, Some(&b), None), Fit::One(&b));
        assert_eq!(fit(None, None, Some(&c)), Fit::One(&c));
        assert_eq!(fit(None, Some(&b), Some(&c)), Fit::Two(&b, &c));
        assert_eq!(fit(None, None, None), Fit::Nobody);
    }

    #[test]
    fn every_status_against_every_standing() {
        let live = [
            "PROVISIONED",
            "ACTIVE",
            "RECOVERY",
            "PASSWORD_EXPIRED",
            "LOCKED_OUT",
        ];
        let asleep = ["STAGED", "SUSPENDED", "QUARANTINED"];
        let cases = |statuses: &[&str], active: Verdict, inactive: Verdict, nobody: Verdict| {
            for status in statuses {
                for (directory, expected) in [
                    (DirectoryStatus::Active, active),
                    (DirectoryStatus::Inactive, inactive),
                ] {
                    let settled = person(1, directory, Some(OURS), true);
                    assert_eq!(
                        verdict(status, Fit::One(&settled), false),
                        expected,
                        "{status}"
                    );
                }
                assert_eq!(verdict(status, Fit::Nobody, false), nobody, "{status}");
            }
        };
        let new = Verdict::Listed(New, None);
        cases(&live, Verdict::InSync, Verdict::Listed(Activate, None), new);
        cases(&asleep, Verdict::InSync, Verdict::InSync, new);
        let gone = Verdict::Listed(Deactivate, None);
        cases(&["DEPROVISIONED"], gone, Verdict::InSync, Verdict::Ignored);
    }

    #[test]
    fn an_active_person_is_updated_for_values_link_or_assignment() {
        for (okta_id, assigned, differs, expected) in [
            (Some(OURS), true, false, Verdict::InSync),
            (Some(OURS), true, true, Verdict::Listed(Update, None)),
            (Some(OURS), false, false, Verdict::Listed(Update, None)),
            (None, true, false, Verdict::Listed(Update, None)),
            (None, false, true, Verdict::Listed(Update, None)),
        ] {
            let known = person(1, DirectoryStatus::Active, okta_id, assigned);
            assert_eq!(verdict("ACTIVE", Fit::One(&known), differs), expected);
        }
    }

    #[test]
    fn status_comes_before_values() {
        let inactive = person(1, DirectoryStatus::Inactive, None, false);
        assert_eq!(
            verdict("ACTIVE", Fit::One(&inactive), true),
            Verdict::Listed(Activate, None)
        );
        let active = person(1, DirectoryStatus::Active, Some(OURS), true);
        assert_eq!(
            verdict("DEPROVISIONED", Fit::One(&active), true),
            Verdict::Listed(Deactivate, None)
        );
    }

    #[test]
    fn nobody_chooses_silently() {
        let [one, other] = [1, 2].map(|id| person(id, DirectoryStatus::Active, None, true));
        let two = Fit::Two(&one, &other);
        let listed = |category, conflict| Verdict::Listed(category, Some(conflict));
        assert_eq!(
            verdict("ACTIVE", two, false),
            listed(Update, AccountFitsTwoPeople)
        );
        assert_eq!(
            verdict("DEPROVISIONED", two, false),
            listed(Deactivate, AccountFitsTwoPeople)
        );
        let taken = person(1, DirectoryStatus::Active, Some("00u2"), true);
        let fit = Fit::One(&taken);
        assert_eq!(
            verdict("ACTIVE", fit, false),
            listed(Update, PersonHasAnotherAccount)
        );
        assert_eq!(verdict("DEPROVISIONED", fit, false), Verdict::Ignored);
        let deleted = person(1, DirectoryStatus::Deleted, Some(OURS), false);
        assert_eq!(
            verdict("ACTIVE", Fit::One(&deleted), false),
            listed(New, PersonDeleted)
        );
        assert_eq!(
            verdict("DEPROVISIONED", Fit::One(&deleted), false),
            Verdict::InSync
        );
    }
}
