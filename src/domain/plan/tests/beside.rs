//! What design §2 says beside the table, and which reads the plan asks for.

use super::*;
use crate::domain::account::ProblemCode;
use crate::domain::link::{Candidate, LinkReason};
use crate::domain::mapping::{ValueFault, ValueFaultCode};
use uuid::Uuid;

fn with_lookup(lookup: Lookup) -> Known {
    Known {
        lookup,
        ..known(None)
    }
}

fn candidate(status: &str) -> Candidate {
    Candidate {
        okta_id: "00u9".into(),
        status: status.into(),
        profile: profile("Clerk"),
        roles: Some(Vec::new()),
        known_elsewhere: None,
        suspicions: Vec::new(),
    }
}

fn found(candidate: Candidate) -> Known {
    with_lookup(Lookup::Found(Box::new(candidate)))
}

fn changed(change: impl FnOnce(&mut KnownAccount)) -> Known {
    let mut account = account();
    change(&mut account);
    known(Some(account))
}

fn unassigned() -> Desired {
    Desired {
        assignment: None,
        ..desired()
    }
}

#[test]
fn creating_is_one_call_with_mail_and_two_without() {
    let mut desired = desired();
    assert_eq!(planned(&desired, &known(None)), "CREATE => IN_SYNC");
    desired.options.send_activation_email = false;
    assert_eq!(
        planned(&desired, &known(None)),
        "CREATE, ACTIVATE => IN_SYNC"
    );
    let plan = plan(&desired, &known(None));
    let operations: Vec<&Operation> = plan.operations().collect();
    assert!(matches!(
        operations[0],
        Operation::Create {
            activate: false,
            stamp: STAMP,
            ..
        }
    ));
    assert_eq!(
        operations[1],
        &Operation::Activate {
            send_email: false,
            stamp: STAMP
        }
    );
    let cut_short = changed(|account| account.status = OktaStatus::Staged);
    assert_eq!(planned(&desired, &cut_short), "ACTIVATE => IN_SYNC");
}

#[test]
fn a_new_account_is_written_without_nulls() {
    let mut desired = desired();
    desired.profile = Ok(serde_json::json!({"login": "a@x.org", "title": null})
        .as_object()
        .unwrap()
        .clone());
    let plan = plan(&desired, &known(None));
    let Some(Step::Do(Operation::Create { profile, .. })) = plan.next() else {
        panic!("{plan:?}")
    };
    assert_eq!(
        serde_json::json!(profile),
        serde_json::json!({"login": "a@x.org"})
    );
}

#[test]
fn a_taken_login_is_looked_up_and_never_created_twice() {
    let desired = desired();
    assert_eq!(
        planned(&desired, &with_lookup(Lookup::LoginTaken)),
        "look up login => IN_SYNC"
    );
    assert_eq!(
        planned(&desired, &with_lookup(Lookup::TakenButNoneFound)),
        "=> WAITING LOGIN_TAKEN"
    );
    assert_eq!(
        planned(&desired, &with_lookup(Lookup::NoneFound)),
        "CREATE => IN_SYNC"
    );
    assert_eq!(
        planned(&desired, &found(candidate("ACTIVE"))),
        "LINK => IN_SYNC"
    );
    let unread = Candidate {
        roles: None,
        ..candidate("ACTIVE")
    };
    assert_eq!(planned(&desired, &found(unread)), "read roles => IN_SYNC");
    let mut short = candidate("ACTIVE");
    short.profile.insert("login".into(), "ann@x.org.uk".into());
    assert_eq!(planned(&desired, &found(short)), "=> WAITING LOGIN_TAKEN");
}

#[test]
fn what_exists_is_linked_even_with_creating_switched_off() {
    let mut desired = desired();
    desired.settings.create_users = false;
    assert_eq!(planned(&desired, &known(None)), "look up login => IN_SYNC");
    assert_eq!(
        planned(&desired, &with_lookup(Lookup::NoneFound)),
        "=> BLOCKED CREATE_DISABLED"
    );
    assert_eq!(
        planned(&desired, &found(candidate("ACTIVE"))),
        "LINK => IN_SYNC"
    );
}

#[test]
fn a_linked_account_is_woken_by_the_assignment() {
    let mut desired = desired();
    desired.assignment = Some(AssignmentWish {
        role: Some(RoleType::AppAdmin),
    });
    assert_eq!(
        planned(&desired, &found(candidate("DEPROVISIONED"))),
        "LINK, ACTIVATE, GRANT_ROLE => IN_SYNC"
    );
    assert_eq!(
        planned(&desired, &found(candidate("SUSPENDED"))),
        "LINK, UNSUSPEND, GRANT_ROLE => IN_SYNC"
    );
    desired.settings.activate_and_deactivate_users = false;
    assert_eq!(
        planned(&desired, &found(candidate("DEPROVISIONED"))),
        "LINK => BLOCKED ACTIVATION_DISABLED"
    );
}

#[test]
fn doubtful_links_wait_for_a_confirmation() {
    let elsewhere = |awaiting_deletion| KnownElsewhere {
        user_id: Uuid::nil(),
        awaiting_deletion,
    };
    let other = Candidate {
        known_elsewhere: Some(elsewhere(false)),
        ..candidate("ACTIVE")
    };
    let mut known = found(other);
    let blocked = plan(&desired(), &known);
    assert_eq!(describe(&blocked), "=> BLOCKED LINK_NEEDS_CONFIRMATION");
    let problem = blocked.settlement.problem.unwrap();
    assert_eq!(problem.link_reasons, [LinkReason::KnownUnderAnotherUser]);
    known.confirmation = Some(LinkConfirmation {
        okta_id: "00u9".into(),
        reasons: problem.link_reasons,
    });
    let linked = plan(&desired(), &known);
    let taken_from = Some(Uuid::nil());
    let link = Operation::Link {
        okta_id: "00u9".into(),
        taken_from,
        admin_confirmed: false,
    };
    assert_eq!(linked.operations().next(), Some(&link));
    let leaving = Candidate {
        known_elsewhere: Some(elsewhere(true)),
        ..candidate("DEPROVISIONED")
    };
    assert_eq!(
        planned(&desired(), &found(leaving)),
        "=> WAITING LOGIN_HELD"
    );
}

#[test]
fn an_invalid_profile_blocks_what_needs_it_and_nothing_else() {
    let fault = ValueFault {
        attribute: "title".into(),
        code: ValueFaultCode::TooLong,
        params: Default::default(),
    };
    let desired = Desired {
        profile: Err(vec![fault]),
        assignment: Some(AssignmentWish {
            role: Some(RoleType::AppAdmin),
        }),
        ..desired()
    };
    assert_eq!(
        planned(&desired, &known(None)),
        "=> BLOCKED PROFILE_INVALID"
    );
    assert_eq!(
        planned(&desired, &known(Some(account()))),
        "GRANT_ROLE => BLOCKED PROFILE_INVALID"
    );
    let gone = Desired {
        user: DirectoryStatus::Deleted,
        ..desired
    };
    assert_eq!(
        planned(&gone, &known(Some(account()))),
        "DEACTIVATE, read user, DELETE => NOT_PROVISIONED"
    );
}

#[test]
fn who_was_released_stays_released_until_assigned_again() {
    let released = changed(|account| account.released = true);
    assert_eq!(planned(&unassigned(), &released), "=> RELEASED");
    let deleted = Desired {
        user: DirectoryStatus::Deleted,
        ..desired()
    };
    assert_eq!(planned(&deleted, &released), "=> RELEASED");
    assert_eq!(planned(&desired(), &released), "RESUME => IN_SYNC");
    let ended_while_off = Desired {
        release_only: true,
        ..unassigned()
    };
    assert_eq!(
        planned(&ended_while_off, &known(Some(account()))),
        "RELEASE => RELEASED"
    );
}

#[test]
fn nothing_is_changed_while_okta_still_works() {
    let stale = changed(|account| {
        account.transitioning = true;
        account.status_fresh = false;
    });
    assert_eq!(planned(&unassigned(), &stale), "read user => WAITING");
    let fresh = changed(|account| account.transitioning = true);
    assert_eq!(planned(&unassigned(), &fresh), "=> WAITING TRANSITIONING");
}

#[test]
fn deleting_takes_a_fresh_reading() {
    let stale = changed(|account| account.status_fresh = false);
    assert_eq!(
        planned(&unassigned(), &stale),
        "DEACTIVATE, read user, DELETE => NOT_PROVISIONED"
    );
    let deactivated = changed(|account| account.record(&Operation::Deactivate));
    assert_eq!(
        planned(&unassigned(), &deactivated),
        "read user, DELETE => NOT_PROVISIONED"
    );
    let by_others = changed(|account| {
        account.status = OktaStatus::Deprovisioned;
        account.roles.knowledge = RoleKnowledge::Unknown;
    });
    assert_eq!(
        planned(&unassigned(), &by_others),
        "read roles, DELETE => NOT_PROVISIONED"
    );
}

#[test]
fn roles_are_read_after_a_reactivation_only_if_they_matter() {
    let deactivated = changed(|account| {
        account.record(&Operation::Deactivate);
        account.activation_applied = STAMP - 1;
    });
    assert_eq!(planned(&desired(), &deactivated), "ACTIVATE => IN_SYNC");
    let role = |role| Desired {
        assignment: Some(AssignmentWish { role: Some(role) }),
        ..desired()
    };
    assert_eq!(
        planned(&role(RoleType::AppAdmin), &deactivated),
        "ACTIVATE, read roles => IN_SYNC"
    );
    let recorded = changed(|account| account.roles.knowledge = RoleKnowledge::Recorded);
    assert_eq!(
        planned(&role(RoleType::AppAdmin), &recorded),
        "GRANT_ROLE => IN_SYNC"
    );
}

#[test]
fn roles_that_we_did_not_give_are_left_alone() {
    let held =
        changed(|account| account.roles.foreign = vec![foreign("APP_ADMIN"), foreign("ORG_ADMIN")]);
    let role = |role| Desired {
        assignment: Some(AssignmentWish { role }),
        ..desired()
    };
    assert_eq!(planned(&role(None), &held), "=> IN_SYNC");
    assert_eq!(
        planned(&role(Some(RoleType::AppAdmin)), &held),
        "=> IN_SYNC",
        "it has it already"
    );
    assert_eq!(
        planned(&role(Some(RoleType::HelpDeskAdmin)), &held),
        "GRANT_ROLE => IN_SYNC"
    );
    let inherited = changed(|account| {
        account.roles.foreign = vec![ListedRole {
            inherited: true,
            ..foreign("APP_ADMIN")
        }];
    });
    assert_eq!(
        planned(&role(Some(RoleType::AppAdmin)), &inherited),
        "GRANT_ROLE => IN_SYNC"
    );
}

#[test]
fn a_role_given_anew_by_others_is_not_ours() {
    let same = ListedRole {
        created: Some(5),
        ..foreign("APP_ADMIN")
    };
    let anew = ListedRole {
        created: Some(6),
        ..foreign("APP_ADMIN")
    };
    let ours = KnownRoles::from_listing(given(RoleType::AppAdmin), std::slice::from_ref(&same));
    assert_eq!(
        (ours.granted, ours.foreign),
        (given(RoleType::AppAdmin), Vec::new())
    );
    let theirs = KnownRoles::from_listing(given(RoleType::AppAdmin), std::slice::from_ref(&anew));
    assert_eq!((theirs.granted, theirs.foreign), (None, vec![anew]));
    let group = ListedRole {
        inherited: true,
        ..same
    };
    let inherited =
        KnownRoles::from_listing(given(RoleType::AppAdmin), std::slice::from_ref(&group));
    assert_eq!((inherited.granted, inherited.foreign), (None, vec![group]));
}

#[test]
fn what_okta_refuses_or_denies_does_not_hold_up_the_rest() {
    let refused = Problem::new(ProblemCode::RejectedByOkta);
    let mut known = changed(|account| account.profile = profile("Baker"));
    let desired = Desired {
        assignment: Some(AssignmentWish {
            role: Some(RoleType::AppAdmin),
        }),
        ..desired()
    };
    known.refusals = vec![Refusal {
        kind: OperationKind::Update,
        problem: refused.clone(),
    }];
    assert_eq!(
        planned(&desired, &known),
        "GRANT_ROLE => BLOCKED REJECTED_BY_OKTA"
    );
    known.refusals.clear();
    known.denied.insert(Capability::ManageRoles);
    assert_eq!(
        planned(&desired, &known),
        "UPDATE => WAITING CAPABILITY_DENIED"
    );
    known.refusals = vec![Refusal {
        kind: OperationKind::Deactivate,
        problem: refused,
    }];
    assert_eq!(
        planned(&unassigned(), &known),
        "=> BLOCKED REJECTED_BY_OKTA"
    );
}

#[test]
fn the_stamp_is_recorded_once_the_account_is_live() {
    let stale = changed(|account| account.activation_applied = STAMP - 1);
    assert_eq!(
        plan(&desired(), &stale).settlement.activation_applied,
        Some(STAMP)
    );
    assert_eq!(
        plan(&desired(), &known(Some(account())))
            .settlement
            .activation_applied,
        None
    );
    let mut off = desired();
    off.settings.activate_and_deactivate_users = false;
    let suspended = changed(|account| {
        account.status = OktaStatus::Suspended;
        account.activation_applied = STAMP - 1;
    });
    assert_eq!(
        plan(&off, &suspended).settlement.activation_applied,
        None,
        "switching it on still wakes it"
    );
    assert_eq!(planned(&desired(), &suspended), "UNSUSPEND => IN_SYNC");
}

#[test]
fn roles_are_unknown_once_the_account_was_seen_deprovisioned() {
    let mut account = account();
    account.see_user(OktaStatus::Deprovisioned, false, profile("Clerk"));
    assert_eq!(account.roles.knowledge, RoleKnowledge::Unknown);
    account.see_roles(&[]);
    account.see_user(OktaStatus::Deprovisioned, false, profile("Clerk"));
    assert_eq!(
        account.roles.knowledge,
        RoleKnowledge::Fresh,
        "seen again, nothing was lost since"
    );
    account.age();
    assert_eq!(account.roles.knowledge, RoleKnowledge::Recorded);
}

#[test]
fn what_we_did_ourselves_is_undone_without_a_new_activation() {
    let landed_late = changed(|account| {
        account.record(&Operation::Deactivate);
        account.activation_applied = STAMP;
    });
    assert_eq!(planned(&desired(), &landed_late), "ACTIVATE => IN_SYNC");
    let by_others = changed(|account| account.status = OktaStatus::Deprovisioned);
    assert_eq!(
        planned(&desired(), &by_others),
        "=> BLOCKED STATUS_CHANGED_IN_OKTA"
    );
}

#[test]
fn a_deactivation_that_okta_still_carries_out_stays_ours() {
    let mut account = account();
    account.record(&Operation::Deactivate);
    account.see_user(OktaStatus::Active, true, profile("Clerk"));
    assert!(account.deactivated_by_us);
    account.see_user(OktaStatus::Active, false, profile("Clerk"));
    assert!(!account.deactivated_by_us, "somebody activated it");
}

#[test]
fn roles_are_unknown_after_a_reactivation_and_known_after_a_creation() {
    let wake = Operation::Activate {
        send_email: false,
        stamp: STAMP,
    };
    let mut linked = account();
    linked.status = OktaStatus::Deprovisioned;
    linked.record(&wake);
    assert_eq!(linked.roles.knowledge, RoleKnowledge::Unknown);
    let mut staged = KnownAccount::created("00u1", OktaStatus::Staged, profile("Clerk"), STAMP);
    staged.record(&wake);
    assert_eq!(staged.roles.knowledge, RoleKnowledge::Recorded);
}

#[test]
fn a_role_is_not_taken_where_roles_cannot_be_read() {
    let mut known = changed(|account| account.roles.granted = given(RoleType::AppAdmin));
    known.denied.insert(Capability::ReadRoles);
    assert_eq!(
        planned(&desired(), &known),
        "=> WAITING CAPABILITY_DENIED",
        "Okta's id of the assignment is in the list"
    );
}
