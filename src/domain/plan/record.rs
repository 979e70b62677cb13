//! What success and readings mean for what is known.

use super::{GrantedRole, KnownAccount, KnownRoles, ListedRole, Operation, RoleKnowledge};
use crate::domain::account::{OktaStatus, Provenance};
use crate::domain::link::Candidate;
use crate::domain::mapping::OktaProfile;

impl KnownRoles {
    /// The roles of an account that was just created: nobody can have given it any.
    pub const fn none() -> Self {
        Self {
            knowledge: RoleKnowledge::Recorded,
            granted: None,
            foreign: Vec::new(),
        }
    }

    /// The roles after a reading. The role that we gave is still ours unless it is gone, or was assigned at another
    /// time than we did: then somebody took it away and gave it anew.
    pub fn from_listing(granted: Option<GrantedRole>, listed: &[ListedRole]) -> Self {
        let is_ours = |role: &&ListedRole| granted.is_some_and(|granted| granted.is(role));
        let still_there = listed.iter().any(|role| is_ours(&role));
        Self {
            knowledge: RoleKnowledge::Fresh,
            granted: granted.filter(|_| still_there),
            foreign: listed
                .iter()
                .filter(|role| !is_ours(role))
                .cloned()
                .collect(),
        }
    }
}

impl GrantedRole {
    /// Whether the listed role is this one.
    pub fn is(&self, listed: &ListedRole) -> bool {
        let same_time = match (self.created, listed.created) {
            (Some(given), Some(listed)) => given == listed,
            _ => true,
        };
        !listed.inherited && listed.role_type == self.role.as_str() && same_time
    }
}

impl KnownAccount {
    /// An account that we just created. `profile` is what we sent, over whatever else Okta answered: a value that Okta
    /// writes differently must not look like a change to be made again.
    pub fn created(okta_id: &str, status: OktaStatus, profile: OktaProfile, stamp: i64) -> Self {
        Self {
            okta_id: okta_id.to_owned(),
            provenance: Provenance::Created,
            status,
            transitioning: false,
            status_fresh: false,
            profile,
            roles: KnownRoles::none(),
            deactivated_by_us: false,
            activation_applied: stamp,
            admin_confirmed: false,
            is_authorizing_admin: false,
            released: false,
            deletion_from: None,
        }
    }

    /// An account that existed before and is taken over. No activation counts as applied, so that the assignment
    /// which led to the link can wake it.
    pub fn linked(
        candidate: &Candidate,
        admin_confirmed: bool,
        is_authorizing_admin: bool,
    ) -> Self {
        let roles = candidate.roles.as_ref().map_or_else(
            || KnownRoles {
                knowledge: RoleKnowledge::Unknown,
                ..KnownRoles::none()
            },
            |listed| KnownRoles::from_listing(None, listed),
        );
        Self {
            provenance: Provenance::Linked,
            roles,
            admin_confirmed,
            is_authorizing_admin,
            ..Self::created(
                &candidate.okta_id,
                candidate.status.clone(),
                candidate.profile.clone(),
                0,
            )
        }
    }

    /// Records that an operation on this account succeeded. `CREATE` and `LINK` make a new account instead, and
    /// `GRANT_ROLE` is recorded by [`KnownAccount::record_grant`]; they change nothing here.
    pub fn record(&mut self, operation: &Operation) {
        match operation {
            Operation::Update { changes } => self.profile.extend(changes.clone()),
            Operation::Activate { stamp, .. } => self.record_live(OktaStatus::Provisioned, *stamp),
            Operation::Unsuspend { stamp } => self.record_live(OktaStatus::Active, *stamp),
            Operation::Deactivate => self.record_deactivated(),
            Operation::Delete => self.record_gone(),
            Operation::RevokeRole { .. } => self.roles.granted = None,
            Operation::Resume => self.released = false,
            Operation::Release => self.released = true,
            Operation::Create { .. } | Operation::Link { .. } | Operation::GrantRole { .. } => {}
        }
    }

    /// Records the role that we gave. `created` is Okta's time of the assignment, null when it did not say.
    pub const fn record_grant(&mut self, role: GrantedRole) {
        self.roles.granted = Some(role);
    }

    /// Records that the account is gone from Okta.
    pub fn record_gone(&mut self) {
        self.deletion_from = None;
        self.status = OktaStatus::Deleted;
        self.transitioning = false;
        self.status_fresh = true;
        self.roles = KnownRoles::none();
    }

    /// Records a reading of the user.
    pub fn see_user(&mut self, status: OktaStatus, transitioning: bool, profile: OktaProfile) {
        // Live, but on its way to another status: it may be our own deactivation that Okta is still carrying out.
        if status.is_live() && !transitioning {
            self.deactivated_by_us = false;
        }
        if self.status.holds_roles() && !status.holds_roles() {
            self.roles.knowledge = RoleKnowledge::Unknown;
        }
        if status != OktaStatus::Deprovisioned {
            self.deletion_from = None;
        }
        self.status = status;
        self.transitioning = transitioning;
        self.status_fresh = true;
        self.profile = profile;
    }

    /// Records a reading of the user's roles.
    pub fn see_roles(&mut self, listed: &[ListedRole]) {
        self.roles = KnownRoles::from_listing(self.roles.granted, listed);
    }

    /// What was read just now is no longer so: call it at the end of a pass, before the account is stored.
    pub fn age(&mut self) {
        self.status_fresh = false;
        if self.roles.knowledge == RoleKnowledge::Fresh {
            self.roles.knowledge = RoleKnowledge::Recorded;
        }
    }

    fn record_live(&mut self, status: OktaStatus, stamp: i64) {
        if !self.status.holds_roles() {
            self.roles.knowledge = RoleKnowledge::Unknown;
        }
        self.status = status;
        self.status_fresh = false;
        self.deactivated_by_us = false;
        self.deletion_from = None;
        self.activation_applied = stamp;
    }

    fn record_deactivated(&mut self) {
        self.status = OktaStatus::Deprovisioned;
        self.status_fresh = false;
        self.deactivated_by_us = true;
        self.deletion_from = None;
        self.roles.knowledge = RoleKnowledge::Unknown;
    }
}
