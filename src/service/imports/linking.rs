//! The account row of somebody whom an import takes over: what is known of Okta now, and whether anything is left for the engine to do.
//!
//! What came from Okta is what is known of Okta, so where both sides then agree the plan is empty and no call is made.

use super::Candidate;
use crate::domain::account::{AccountState, OktaStatus, Provenance};
use crate::domain::plan::{AssignmentWish, Now, plan};
use crate::service::Result;
use crate::service::apps::App;
use crate::service::planning::{self, Rules};
use crate::store::accounts::{Facts, Person, Row};
use crate::store::okta_orgs::OktaOrg;

/// Links accounts of one app.
pub(super) struct Linker<'a> {
    pub app: &'a App,
    pub org: &'a OktaOrg,
    pub rules: &'a Rules,
    /// Whether Okta told who holds admin roles.
    pub admins_known: bool,
    pub now: i64,
}

/// Whether the engine has a call for this account under way: then it knows better.
pub(super) fn in_hand(row: &Row) -> bool {
    [AccountState::Running, AccountState::Checking]
        .iter()
        .any(|state| row.state == state.as_str())
}

/// Whether the account is linked to this Okta account through the connection.
pub(super) fn is_link(row: &Row, org: &OktaOrg, okta_id: &str) -> bool {
    row.okta_org_id == Some(org.id) && row.okta_id.as_deref() == Some(okta_id)
}

/// Whether the account is linked through the connection to another Okta account that is not known to be gone.
pub(super) fn has_other(row: &Row, org: &OktaOrg, okta_id: &str) -> bool {
    row.okta_org_id == Some(org.id)
        && row.okta_id.as_deref().is_some_and(|known| known != okta_id)
        && row.okta_status.as_deref() != Some("DELETED")
}

impl Linker<'_> {
    /// Writes into the row what the candidate says of Okta. `woken` counts as an activation or assignment that was carried out: it wakes
    /// nobody whom Okta's people put to sleep.
    pub(super) fn link(&self, row: &mut Row, candidate: &Candidate, woken: bool) {
        self.raise(row);
        if woken {
            row.activation_wanted += 1;
            row.activation_applied = row.activation_wanted;
            row.release_only = false;
        }
        if in_hand(row) {
            return;
        }
        let known = is_link(row, self.org, &candidate.okta_id);
        if !known {
            self.relink(row, candidate);
        }
        let mut profile = match row.okta_profile.take() {
            Some(serde_json::Value::Object(profile)) if known => profile,
            _ => Default::default(),
        };
        profile.extend(candidate.profile.clone());
        row.okta_profile = Some(profile.into());
        row.deactivated_by_us &= !candidate.okta_status.is_live();
        row.okta_status = Some(candidate.okta_status.as_str().to_owned());
        row.transitioning = false;
        row.observed_at = Some(self.now);
        row.deletion_from = None;
        row.released = false;
    }

    /// Another Okta account than before, or the first.
    fn relink(&self, row: &mut Row, candidate: &Candidate) {
        row.okta_org_id = Some(self.org.id);
        row.okta_id = Some(candidate.okta_id.clone());
        row.provenance = Some(Provenance::Imported.to_string());
        row.granted_role = None;
        row.granted_role_created = None;
        row.foreign_roles = None;
        // Whoever is on the org's list of admins has roles that nobody has read yet.
        row.role_known = self.admins_known && !candidate.is_admin;
        row.admin_confirmed = false;
        row.deactivated_by_us = false;
        row.link_confirmation = None;
        row.candidate = None;
    }

    /// Writes into the row that the account is no longer in Okta.
    pub(super) fn forget(&self, row: &mut Row) {
        self.raise(row);
        row.okta_status = Some(OktaStatus::Deleted.as_str().to_owned());
        row.transitioning = false;
        row.granted_role = None;
        row.granted_role_created = None;
        row.foreign_roles = None;
        row.role_known = true;
        row.observed_at = Some(self.now);
    }

    fn raise(&self, row: &mut Row) {
        row.generation += 1;
        row.changed_generation = row.generation;
        row.revision += 1;
        row.problem_code = None;
        row.problem_detail = None;
        row.wait_reason = None;
        row.next_attempt_at = None;
        row.refusals = None;
        row.attempts = 0;
        row.due_at = Some(self.now);
        row.updated_at = self.now;
        if !in_hand(row) {
            row.state = AccountState::Pending.as_str().to_owned();
        }
    }

    /// Settles the account if the plan leaves nothing to do; else it stays due.
    pub(super) fn settle(
        &self,
        row: &mut Row,
        person: Person,
        assignment: Option<AssignmentWish>,
    ) -> Result<()> {
        if in_hand(row) || self.rules.attributes.is_empty() {
            return Ok(());
        }
        let facts = Facts {
            account: row.clone(),
            person,
            assignment,
            app: self.app.clone(),
            okta_org: Some(self.org.clone()),
        };
        let known = planning::known(&facts, planning::link(&facts)?, Now::at(self.now));
        let plan = plan(&planning::desired(&facts, self.rules), &known);
        let settlement = &plan.settlement;
        if !plan.steps.is_empty() || !settlement.state.is_settled() {
            return Ok(());
        }
        row.state = settlement.state.as_str().to_owned();
        if let Some(problem) = &settlement.problem {
            row.problem_code = Some(problem.code.to_string());
            row.problem_detail = serde_json::to_value(problem).ok();
        }
        if let Some(stamp) = settlement.activation_applied {
            row.activation_applied = stamp;
        }
        row.applied_generation = row.generation;
        row.due_at = row.recheck_at;
        Ok(())
    }
}
