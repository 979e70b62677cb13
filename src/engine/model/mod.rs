//! Thousands of schedules of edits, lost answers, late effects, lagging reads and crashes, against the engine's decisions.
//!
//! What is real: the decision (`executor`), the plan, the verdicts, what success and readings mean for what is known, frozen requests, what a
//! pass remembers. What is made up: Okta, the journal's table, and the few lines of `operate`, `outcome`, `reading` and `recheck` that carry
//! the decision out, which `worker` repeats without a database. Pace, tokens, leases, budgets, several accounts and links to accounts of
//! others are left to the integration suite.
//!
//! Whatever happened, once all is quiet Okta holds what is wanted, nothing was done twice, nothing was repeated on a guess, nobody else's
//! account was touched. A schedule that fails is printed, shortened, and kept in `proptest-regressions`, from where it is run first next time.

mod okta;
mod worker;

use okta::Fate;
use proptest::prelude::*;
use worker::{Beat, Crash, Edit, Worker};

use crate::domain::account::{AccountState, OktaStatus};
use crate::domain::mapping::diff;
use crate::domain::okta_role::RoleType;
use crate::domain::plan::OperationKind;

/// More steps than any schedule takes to become quiet.
const PATIENCE: usize = 300;

const CALM: Beat = Beat {
    edit: None,
    edit_meanwhile: None,
    fate: Fate::Fine,
    read_fails: false,
    lag_ms: 0,
    crash: None,
    pause_ms: 0,
};

fn edit() -> impl Strategy<Value = Edit> {
    let role = prop::sample::select(vec![
        None,
        Some(RoleType::HelpDeskAdmin),
        Some(RoleType::UserAdmin),
    ]);
    prop_oneof![
        3 => (0..3_u8).prop_map(Edit::Title),
        1 => (0..2_u8).prop_map(Edit::Login),
        2 => any::<bool>().prop_map(Edit::Active),
        2 => any::<bool>().prop_map(Edit::Assigned),
        2 => role.prop_map(Edit::Role),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => Just(Fate::Fine),
        2 => Just(Fate::LostAfter),
        2 => Just(Fate::LostBefore),
        2 => (0..60_000_i64).prop_map(Fate::Late),
        1 => Just(Fate::NotSent),
    ]
}

fn crash() -> impl Strategy<Value = Crash> {
    prop::sample::select(vec![
        Crash::BeforeIntent,
        Crash::AfterIntent,
        Crash::Sent,
        Crash::Answered,
        Crash::Recorded,
    ])
}

prop_compose! {
    fn beat(most_lag: i64)(
        edit in prop::option::weighted(0.25, edit()),
        edit_meanwhile in prop::option::weighted(0.05, self::edit()),
        fate in fate(),
        read_fails in prop::bool::weighted(0.1),
        lag_ms in 0..=most_lag,
        crash in prop::option::weighted(0.15, crash()),
        pause_ms in prop_oneof![Just(0), 0..3_000_i64, 0..40_000_i64],
    ) -> Beat {
        Beat { edit, edit_meanwhile, fate, read_fails, lag_ms, crash, pause_ms }
    }
}

fn schedule(most_lag: i64) -> impl Strategy<Value = Vec<Beat>> {
    prop::collection::vec(beat(most_lag), 0..40)
}

/// Plays a schedule, then lets all become quiet.
fn play(schedule: &[Beat], with_mail: bool) -> Worker {
    let mut worker = Worker::new(with_mail);
    for beat in schedule {
        worker.step(beat);
    }
    for _ in 0..PATIENCE {
        if worker.is_quiet() {
            return worker;
        }
        worker.skip();
        worker.step(&CALM);
    }
    panic!("never quiet: {:?}\n{:#?}", worker.state, worker.journal());
}

fn count(worker: &Worker, kind: OperationKind) -> usize {
    let effects = worker.okta.effects.iter();
    effects.filter(|effect| effect.kind == kind).count()
}

/// What must hold whatever happened on the way.
fn nothing_is_lost_or_done_twice(worker: &Worker) -> Result<(), TestCaseError> {
    let told = || {
        format!(
            "{:?} {:#?}\n{:#?}",
            worker.wish,
            worker.okta,
            worker.journal()
        )
    };
    prop_assert!(worker.okta.crimes.is_empty(), "{}", told());
    let rows: Vec<usize> = worker
        .okta
        .effects
        .iter()
        .map(|effect| effect.row)
        .collect();
    let once: std::collections::BTreeSet<usize> = rows.iter().copied().collect();
    prop_assert_eq!(once.len(), rows.len(), "a row had two effects: {}", told());
    // Each edit can call for one change of a kind, and each activation for the role and the profile once more.
    for kind in OperationKind::ALL {
        let most = worker.edits + count(worker, OperationKind::Activate);
        prop_assert!(
            count(worker, *kind) <= most,
            "{} times {}: {}",
            count(worker, *kind),
            kind,
            told()
        );
    }
    let ours: Vec<_> = worker.okta.users.iter().filter(|user| user.ours).collect();
    prop_assert!(ours.len() <= 1, "a twin: {}", told());
    let linked = worker
        .link
        .account
        .as_ref()
        .map(|account| account.okta_id.as_str());
    for user in &ours {
        prop_assert_eq!(linked, Some(user.id.as_str()), "an orphan: {}", told());
    }
    let (wish, user) = (&worker.wish, ours.first());
    if worker.state == AccountState::Blocked {
        let has_stranger = worker.okta.users.iter().any(|user| !user.ours);
        prop_assert!(has_stranger, "blocked without a reason: {}", told());
        return Ok(());
    }
    match (wish.assigned, wish.active, user) {
        (false, _, user) => prop_assert!(user.is_none(), "not deleted: {}", told()),
        (true, true, None) => prop_assert!(false, "not created: {}", told()),
        (true, true, Some(user)) => {
            prop_assert!(user.status.is_live(), "not live: {}", told());
            prop_assert!(
                diff(&worker.profile(), &user.profile).is_empty(),
                "profile: {}",
                told()
            );
            let held: Vec<&str> = user
                .roles
                .iter()
                .map(|role| role.role_type.as_str())
                .collect();
            let wanted: Vec<&str> = wish.role.iter().map(|role| role.as_str()).collect();
            prop_assert_eq!(held, wanted, "roles: {}", told());
            prop_assert_eq!(
                worker.granted().map(|granted| granted.role),
                wish.role,
                "{}",
                told()
            );
        }
        (true, false, None) => {}
        (true, false, Some(user)) => {
            prop_assert_eq!(
                &user.status,
                &OktaStatus::Deprovisioned,
                "not deactivated: {}",
                told()
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn any_schedule_ends_with_what_is_wanted_done_once(schedule in schedule(0), with_mail in any::<bool>()) {
        nothing_is_lost_or_done_twice(&play(&schedule, with_mail))?;
    }

    #[test]
    fn also_where_reads_lag(schedule in schedule(10_000), with_mail in any::<bool>()) {
        nothing_is_lost_or_done_twice(&play(&schedule, with_mail))?;
    }

    #[test]
    fn a_strangers_account_is_never_touched(
        schedule in schedule(0),
        moments in prop::collection::vec(0..40_usize, 1..3),
        with_mail in any::<bool>(),
    ) {
        let mut schedule = schedule;
        for moment in moments {
            if let Some(beat) = schedule.get_mut(moment) {
                beat.edit = Some(Edit::Stranger);
            }
        }
        nothing_is_lost_or_done_twice(&play(&schedule, with_mail))?;
    }
}
