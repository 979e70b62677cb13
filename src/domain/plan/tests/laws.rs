//! Laws of the plan, for arbitrary wishes, knowledge and worlds.

use proptest::prelude::*;

use super::world::{Run, World, WorldUser, run};
use super::*;
use crate::domain::deprovisioning::{Removal, Subject, removal};

/// The longest way: refused creation, lookup, roles, link, wake, write, revoke or grant.
const MOST_STEPS: usize = 8;
const ACCESS: [&str; 5] = ["login", "email", "secondEmail", "firstName", "lastName"];

fn role() -> impl Strategy<Value = Option<RoleType>> {
    prop::option::of(prop::sample::select(vec![
        RoleType::AppAdmin,
        RoleType::HelpDeskAdmin,
    ]))
}

fn some_profile() -> impl Strategy<Value = OktaProfile> {
    let title = prop::sample::select(vec!["Clerk", "Baker"]);
    let name = prop::sample::select(vec!["Ann", "Bea"]);
    (title, name).prop_map(|(title, name)| {
        let mut profile = profile(title);
        profile.insert("firstName".into(), name.into());
        profile
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    any::<[bool; 4]>().prop_map(
        |[create_users, update_user_profile, delete_users, activate]| Settings {
            create_users,
            update_user_profile,
            delete_users,
            activate_and_deactivate_users: activate,
        },
    )
}

prop_compose! {
    fn wish()(
        user in prop::sample::select(DirectoryStatus::ALL),
        assigned in any::<bool>(),
        role in role(),
        profile in some_profile(),
        invalid in prop::bool::weighted(0.1),
        settings in settings(),
        send_activation_email in any::<bool>(),
        activation_stamp in 0..4_i64,
        release_only in any::<bool>(),
    ) -> Desired {
        Desired {
            user,
            assignment: assigned.then_some(AssignmentWish { role }),
            profile: if invalid { Err(Vec::new()) } else { Ok(profile) },
            settings,
            options: AppOptions { send_activation_email, ..AppOptions::default() },
            activation_stamp,
            release_only,
        }
    }
}

fn status() -> impl Strategy<Value = OktaStatus> {
    let names = [
        "STAGED",
        "PROVISIONED",
        "ACTIVE",
        "RECOVERY",
        "PASSWORD_EXPIRED",
        "LOCKED_OUT",
        "SUSPENDED",
        "DEPROVISIONED",
        "QUARANTINED",
    ];
    prop::sample::select(names.map(OktaStatus::from).to_vec())
}

prop_compose! {
    fn world_user()(
        status in status(),
        profile in some_profile(),
        roles in prop::collection::vec(prop::sample::select(vec!["APP_ADMIN", "SUPER_ADMIN", "CUSTOM"]), 0..3),
        inherited in any::<bool>(),
    ) -> WorldUser {
        let mut roles: Vec<ListedRole> =
            roles.into_iter().map(|name| ListedRole { inherited, ..foreign(name) }).collect();
        roles.dedup();
        WorldUser { okta_id: "00u1".into(), status, profile, roles }
    }
}

prop_compose! {
    /// An account as we know it; the role that we gave is in the world unless it was lost.
    fn known_account()(
        provenance in prop::sample::select(Provenance::ALL),
        activation_applied in 0..4_i64,
        granted in role(),
        flags in any::<[bool; 5]>(),
        knowledge in prop::sample::select(RoleKnowledge::ALL),
    ) -> (KnownAccount, [bool; 2]) {
        let [deactivated_by_us, admin_confirmed, is_authorizing_admin, released, role_lost] = flags;
        let mut account = KnownAccount::created("00u1", OktaStatus::Active, OktaProfile::new(), activation_applied);
        account.provenance = provenance;
        account.roles.granted = granted.map(|role| GrantedRole { role, created: Some(50) });
        account.roles.knowledge = knowledge;
        account.deactivated_by_us = deactivated_by_us;
        account.admin_confirmed = admin_confirmed;
        account.is_authorizing_admin = is_authorizing_admin && provenance != Provenance::Created;
        account.released = released;
        (account, [role_lost, knowledge == RoleKnowledge::Unknown])
    }
}

/// A world, and what is known of it: nothing, or one account truly.
fn situation() -> impl Strategy<Value = (Known, World)> {
    let pair = (
        prop::option::weighted(0.8, world_user()),
        prop::option::weighted(0.7, known_account()),
    );
    pair.prop_map(|(mut user, account)| {
        let account = account
            .map(|(account, [lost, unknown])| truthful(account, lost && unknown, user.as_mut()));
        (known(account), World { user, clock: 100 })
    })
}

fn truthful(mut account: KnownAccount, lost: bool, user: Option<&mut WorldUser>) -> KnownAccount {
    let Some(user) = user else {
        account.record_gone();
        return account;
    };
    account.status = user.status.clone();
    account.profile = user.profile.clone();
    if !user.status.holds_roles() {
        account.roles.knowledge = RoleKnowledge::Unknown;
        return account;
    }
    if let Some(granted) = account.roles.granted.filter(|_| !lost) {
        let is_twin = |held: &ListedRole| held.role_type == granted.role.as_str();
        user.roles.retain(|held| !is_twin(held));
        let role_type = granted.role.to_string();
        user.roles.push(ListedRole {
            role_type,
            inherited: false,
            created: granted.created,
        });
    }
    if account.roles.knowledge != RoleKnowledge::Unknown {
        let knowledge = account.roles.knowledge;
        account.see_roles(&user.roles);
        account.roles.knowledge = knowledge;
    }
    account
}

fn index(done: &[Operation], kind: OperationKind) -> Option<usize> {
    done.iter().position(|operation| operation.kind() == kind)
}

fn in_order(done: &[Operation], first: OperationKind, then: OperationKind) -> bool {
    match (index(done, first), index(done, then)) {
        (Some(first), Some(then)) => first < then,
        _ => true,
    }
}

fn carry_out(desired: &Desired, known: &mut Known, world: &mut World) -> Run {
    let run = run(desired, known, world);
    assert!(
        run.steps <= MOST_STEPS,
        "{} steps: {:?}",
        run.steps,
        run.done
    );
    run
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn planning_again_after_applying_gives_nothing((mut known, mut world) in situation(), desired in wish()) {
        let first = carry_out(&desired, &mut known, &mut world);
        let quiet = world.clone();
        let again = carry_out(&desired, &mut known, &mut world);
        prop_assert_eq!(&again.done, &Vec::new(), "after {:?}", first.done);
        prop_assert_eq!(again.settlement.state, first.settlement.state);
        prop_assert_eq!(world.user, quiet.user);
    }

    #[test]
    fn no_account_is_taken_away_that_the_budget_would_not_count((known, _) in situation(), desired in wish()) {
        if let Some(planned) = Removal::planned(&plan(&desired, &known)) {
            let account = known.account.as_ref().unwrap();
            let subject = Subject {
                user: desired.user,
                assigned: desired.assignment.is_some(),
                release_only: desired.release_only,
                released: account.released,
                status: account.status.clone(),
            };
            let counted = removal(&subject, desired.settings);
            prop_assert!(counted.is_some_and(|counted| counted.covers(planned)), "{:?} {}", counted, planned);
        }
    }

    #[test]
    fn operations_come_in_order((mut known, mut world) in situation(), desired in wish()) {
        use OperationKind::{Activate, Create, Deactivate, Delete, GrantRole, Link, Release, RevokeRole, Update};
        let done = carry_out(&desired, &mut known, &mut world).done;
        let pairs = [
            (Create, Activate), (Create, GrantRole), (Link, Activate), (Activate, Update), (RevokeRole, GrantRole),
            (RevokeRole, Deactivate), (Deactivate, Delete), (RevokeRole, Release), (Deactivate, Release),
        ];
        for (first, then) in pairs {
            prop_assert!(in_order(&done, first, then), "{} before {}: {:?}", first, then, done);
        }
        let kinds: std::collections::BTreeSet<OperationKind> = done.iter().map(Operation::kind).collect();
        prop_assert_eq!(kinds.len(), done.len(), "nothing is done twice: {:?}", done);
    }

    #[test]
    fn nothing_is_taken_away_without_its_switch((mut known, mut world) in situation(), desired in wish()) {
        let before = known.account.clone();
        let over = desired.assignment.is_none() || desired.user == DirectoryStatus::Deleted;
        let deletes = over && desired.settings.delete_users && !desired.release_only;
        let deactivates = desired.settings.activate_and_deactivate_users
            && (desired.user == DirectoryStatus::Deleted
                || desired.user == DirectoryStatus::Inactive && desired.assignment.is_some());
        let done = carry_out(&desired, &mut known, &mut world).done;
        let did = |kind| index(&done, kind).is_some();
        prop_assert!(!did(OperationKind::Delete) || deletes);
        prop_assert!(!did(OperationKind::Deactivate) || deletes || deactivates);
        prop_assert!(!did(OperationKind::Create) || desired.settings.create_users && !over);
        prop_assert!(!did(OperationKind::Update) || desired.settings.update_user_profile);
        if let Some(account) = before {
            let destroyed = done.iter().any(|operation| operation.kind().is_destructive());
            prop_assert!(!(destroyed && account.is_authorizing_admin));
            prop_assert!(!(destroyed && account.released && over));
        }
    }

    #[test]
    fn foreign_admins_and_foreign_roles_stay((mut known, mut world) in situation(), desired in wish()) {
        let before = world.user.clone();
        let account = known.account.clone();
        let done = carry_out(&desired, &mut known, &mut world).done;
        let (Some(user), Some(account)) = (before, account) else { return Ok(()) };
        let is_ours = |role: &ListedRole| account.roles.granted.is_some_and(|granted| granted.is(role));
        let foreign: Vec<&ListedRole> = user.roles.iter().filter(|role| !is_ours(role)).collect();
        if foreign.is_empty() || account.admin_confirmed || account.status == OktaStatus::Deprovisioned {
            return Ok(());
        }
        let left = world.user.map(|user| user.roles).unwrap_or_default();
        prop_assert!(foreign.iter().all(|role| left.contains(role)));
        for operation in &done {
            prop_assert!(!operation.kind().is_destructive());
            if let Operation::Update { changes } = operation {
                let recorded = account.roles.knowledge != RoleKnowledge::Unknown;
                prop_assert!(!recorded || !ACCESS.iter().any(|name| changes.contains_key(*name)), "{:?}", changes);
            }
        }
    }

    #[test]
    fn the_settlement_explains_itself((mut known, mut world) in situation(), desired in wish()) {
        let settlement = carry_out(&desired, &mut known, &mut world).settlement;
        prop_assert_eq!(settlement.problem.is_some(), settlement.state == AccountState::Blocked);
        prop_assert_eq!(settlement.wait.is_some(), settlement.state == AccountState::Waiting);
    }

    #[test]
    fn the_certain_path_reads_nothing(desired in wish(), profile in some_profile()) {
        let mut account = account();
        account.profile = profile;
        account.age();
        let plan = plan(&Desired { user: DirectoryStatus::Active, ..desired }, &known(Some(account)));
        let destroys = plan.operations().any(|operation| operation.kind().is_destructive());
        let reads = plan.steps.iter().any(|step| matches!(step, Step::Read(_)));
        prop_assert!(!reads || destroys);
    }
}
