//! A small Okta with one login, for carrying plans out. It refuses what the real one refuses, and panics at what the
//! real one would do wrongly for us.

use super::*;
use crate::domain::link::Candidate;
use crate::domain::mapping::diff;

/// The one account, or none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) user: Option<WorldUser>,
    pub(super) clock: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct WorldUser {
    pub(super) okta_id: String,
    pub(super) status: OktaStatus,
    pub(super) profile: OktaProfile,
    pub(super) roles: Vec<ListedRole>,
}

/// What was carried out, and how it ended.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) done: Vec<Operation>,
    pub(super) steps: usize,
    pub(super) settlement: Settlement,
}

/// Plans and carries out the first step until nothing is left.
pub(super) fn run(desired: &Desired, known: &mut Known, world: &mut World) -> Run {
    let mut done = Vec::new();
    for steps in 0..20 {
        let plan = plan(desired, known);
        match plan.next() {
            None => {
                settle(known, &plan.settlement);
                return Run {
                    done,
                    steps,
                    settlement: plan.settlement,
                };
            }
            Some(Step::Read(read)) => world.read(read, known),
            Some(Step::Do(operation)) if world.carry_out(operation, known) => {
                done.push(operation.clone())
            }
            Some(Step::Do(_)) => {}
        }
    }
    panic!("no end: {done:?}, then {:?}", plan(desired, known));
}

fn settle(known: &mut Known, settlement: &Settlement) {
    if let Some(account) = &mut known.account {
        account.activation_applied = settlement
            .activation_applied
            .unwrap_or(account.activation_applied);
        account.age();
    }
}

impl World {
    fn read(&self, read: &NeedsRead, known: &mut Known) {
        match (read, &mut known.account, &self.user) {
            (NeedsRead::User { .. }, Some(account), Some(user)) => {
                account.see_user(user.status.clone(), false, user.profile.clone());
            }
            (NeedsRead::User { .. }, Some(account), None) => account.record_gone(),
            (NeedsRead::Roles { .. }, Some(account), Some(user))
                if account.okta_id == user.okta_id =>
            {
                account.see_roles(&user.roles);
            }
            (NeedsRead::Roles { .. }, Some(account), None)
                if account.status != OktaStatus::Deleted =>
            {
                account.record_gone();
            }
            (NeedsRead::Roles { .. }, _, user) => read_candidate_roles(known, user.as_ref()),
            (NeedsRead::LoginLookup { .. }, _, user) => self.look_up(user.as_ref(), known),
            (NeedsRead::User { .. }, None, _) => panic!("nobody to read"),
        }
    }

    fn look_up(&self, user: Option<&WorldUser>, known: &mut Known) {
        let taken = known.lookup == Lookup::LoginTaken;
        known.lookup = match user {
            Some(user) => Lookup::Found(Box::new(Candidate {
                okta_id: user.okta_id.clone(),
                status: user.status.clone(),
                profile: user.profile.clone(),
                roles: None,
                known_elsewhere: None,
                suspicions: Vec::new(),
            })),
            None if taken => Lookup::TakenButNoneFound,
            None => Lookup::NoneFound,
        };
    }

    /// Whether the operation had its effect.
    fn carry_out(&mut self, operation: &Operation, known: &mut Known) -> bool {
        self.clock += 1;
        match operation {
            Operation::Create {
                profile,
                activate,
                stamp,
            } => self.create(profile, *activate, *stamp, known),
            Operation::Link {
                admin_confirmed, ..
            } => link(known, *admin_confirmed),
            Operation::Resume | Operation::Release => record(known, operation),
            _ => self.change(operation, known),
        }
    }

    fn create(
        &mut self,
        profile: &OktaProfile,
        activate: bool,
        stamp: i64,
        known: &mut Known,
    ) -> bool {
        if self.user.is_some() {
            known.lookup = Lookup::LoginTaken;
            return false;
        }
        let status = if activate {
            OktaStatus::Provisioned
        } else {
            OktaStatus::Staged
        };
        let okta_id = format!("00u{}", self.clock);
        known.account = Some(KnownAccount::created(
            &okta_id,
            status.clone(),
            profile.clone(),
            stamp,
        ));
        self.user = Some(WorldUser {
            okta_id,
            status,
            profile: profile.clone(),
            roles: Vec::new(),
        });
        true
    }

    fn change(&mut self, operation: &Operation, known: &mut Known) -> bool {
        let Some(user) = &mut self.user else {
            known.account.as_mut().unwrap().record_gone();
            return false;
        };
        assert_eq!(
            known.account.as_ref().unwrap().okta_id,
            user.okta_id,
            "another's account"
        );
        if let Operation::GrantRole { role } = operation {
            return grant(user, *role, self.clock, known);
        }
        user.change(operation, known.account.as_ref().unwrap());
        if operation == &Operation::Delete {
            self.user = None;
        }
        record(known, operation)
    }
}

impl WorldUser {
    fn change(&mut self, operation: &Operation, account: &KnownAccount) {
        match operation {
            Operation::Update { changes } => {
                assert!(self.status != OktaStatus::Deprovisioned, "E0000038");
                assert_eq!(&diff(changes, &self.profile), changes, "only what differs");
                self.profile.extend(changes.clone());
            }
            Operation::Activate { .. } => {
                assert!(
                    matches!(self.status, OktaStatus::Staged | OktaStatus::Deprovisioned),
                    "E0000016"
                );
                self.status = OktaStatus::Provisioned;
            }
            Operation::Unsuspend { .. } => {
                assert_eq!(self.status, OktaStatus::Suspended);
                self.status = OktaStatus::Active;
            }
            Operation::Deactivate => {
                assert_ne!(self.status, OktaStatus::Deprovisioned);
                self.status = OktaStatus::Deprovisioned;
                self.roles.retain(|role| role.inherited);
            }
            Operation::Delete => assert_eq!(
                self.status,
                OktaStatus::Deprovisioned,
                "never a live account"
            ),
            Operation::RevokeRole { role } => {
                let granted = account.roles.granted.expect("a role that we gave");
                assert_eq!(granted.role, *role);
                self.roles.retain(|listed| !granted.is(listed));
            }
            other => panic!("no change of the account: {other:?}"),
        }
    }
}

fn grant(user: &mut WorldUser, role: RoleType, clock: i64, known: &mut Known) -> bool {
    let account = known.account.as_mut().unwrap();
    if user
        .roles
        .iter()
        .any(|held| !held.inherited && held.role_type == role.as_str())
    {
        account.roles.knowledge = RoleKnowledge::Unknown;
        return false;
    }
    user.roles.push(ListedRole {
        role_type: role.to_string(),
        inherited: false,
        created: Some(clock),
    });
    account.record_grant(GrantedRole {
        role,
        created: Some(clock),
    });
    true
}

fn record(known: &mut Known, operation: &Operation) -> bool {
    known.account.as_mut().unwrap().record(operation);
    true
}

fn link(known: &mut Known, admin_confirmed: bool) -> bool {
    let Lookup::Found(candidate) = &known.lookup else {
        panic!("nobody was found")
    };
    known.account = Some(KnownAccount::linked(candidate, admin_confirmed, false));
    true
}

fn read_candidate_roles(known: &mut Known, user: Option<&WorldUser>) {
    let Lookup::Found(candidate) = &mut known.lookup else {
        panic!("nobody was found")
    };
    candidate.roles = Some(user.map(|user| user.roles.clone()).unwrap_or_default());
}
