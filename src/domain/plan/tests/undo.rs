//! The undo window: when it begins and ends, and what ends it early.

use super::*;
use crate::domain::account::ProblemCode;

const DELAY: i64 = 1_000;

fn over() -> Desired {
    Desired {
        assignment: None,
        options: AppOptions {
            deletion_delay_ms: DELAY,
            ..AppOptions::default()
        },
        ..desired()
    }
}

/// Deactivated by us, waiting since `from`.
fn deactivated(from: Option<i64>) -> Known {
    let mut account = account();
    account.record(&Operation::Deactivate);
    account.deletion_from = from;
    known(Some(account))
}

fn awaited(known: &Known) -> Option<Awaited> {
    plan(&over(), known).settlement.deletion
}

#[test]
fn the_window_begins_with_the_first_look_after_the_deactivation() {
    let begun = Awaited {
        from: NOW,
        until: NOW + DELAY,
    };
    assert_eq!(awaited(&deactivated(None)), Some(begun));
    let live = known(Some(account()));
    assert_eq!(
        planned(&over(), &live),
        "DEACTIVATE => WAITING DELETION_DELAYED"
    );
    let mut elsewhere = live;
    elsewhere.account.as_mut().unwrap().deletion_from = Some(0);
    assert_eq!(
        awaited(&elsewhere),
        Some(begun),
        "live again: it begins anew"
    );
}

#[test]
fn it_ends_after_the_delay_and_not_before() {
    for (from, expected) in [
        (NOW, "=> WAITING DELETION_DELAYED"),
        (NOW - DELAY + 1, "=> WAITING DELETION_DELAYED"),
        (NOW - DELAY, "read user, DELETE => NOT_PROVISIONED"),
        (0, "read user, DELETE => NOT_PROVISIONED"),
    ] {
        assert_eq!(
            planned(&over(), &deactivated(Some(from))),
            expected,
            "{from}"
        );
    }
}

#[test]
fn its_end_moves_with_the_option() {
    let waiting = deactivated(Some(NOW - DELAY + 1));
    let mut desired = over();
    desired.options.deletion_delay_ms = 2 * DELAY;
    let until = plan(&desired, &waiting).settlement.deletion.unwrap().until;
    assert_eq!(until, NOW + DELAY + 1);
    desired.options.deletion_delay_ms = 0;
    assert_eq!(
        planned(&desired, &waiting),
        "read user, DELETE => NOT_PROVISIONED"
    );
}

#[test]
fn one_wrong_clock_deletes_nobody() {
    let mut known = deactivated(Some(NOW));
    known.now = Now::by_both(NOW + 10 * DELAY, NOW + 1);
    assert_eq!(planned(&over(), &known), "=> WAITING DELETION_DELAYED");
    known.now = Now::by_both(NOW + DELAY, NOW + 10 * DELAY);
    assert_eq!(
        planned(&over(), &known),
        "read user, DELETE => NOT_PROVISIONED"
    );
    let mut fresh = deactivated(None);
    fresh.now = Now::by_both(NOW - 5 * DELAY, NOW);
    assert_eq!(awaited(&fresh).unwrap().until, NOW + DELAY);
}

#[test]
fn whoever_comes_back_is_activated() {
    let known = deactivated(Some(NOW));
    let desired = Desired {
        assignment: Some(AssignmentWish { role: None }),
        ..over()
    };
    assert_eq!(planned(&desired, &known), "ACTIVATE => IN_SYNC");
}

#[test]
fn whoever_is_kept_is_released_and_switching_deleting_off_keeps() {
    let known = deactivated(Some(NOW));
    let mut desired = over();
    desired.release_only = true;
    assert_eq!(planned(&desired, &known), "RELEASE => RELEASED");
    let mut desired = over();
    desired.settings.delete_users = false;
    assert_eq!(planned(&desired, &known), "RELEASE => RELEASED");
}

#[test]
fn the_authorizing_admin_waits_for_nothing() {
    let mut known = deactivated(None);
    known.account.as_mut().unwrap().is_authorizing_admin = true;
    let blocked = plan(&over(), &known);
    let problem = blocked.settlement.problem.map(|problem| problem.code);
    assert_eq!(problem, Some(ProblemCode::AuthorizingAdmin));
}

#[test]
fn whoever_wakes_the_account_in_okta_ends_the_wait() {
    let mut account = deactivated(Some(0)).account.unwrap();
    account.see_user(OktaStatus::Active, false, profile("Clerk"));
    assert_eq!(account.deletion_from, None);
    let known = known(Some(account));
    assert!(planned(&over(), &known).contains("DEACTIVATE => WAITING DELETION_DELAYED"));
}
