//! The budget and the rulings, case by case. That no plan takes an account away which [`removal`] would not have counted, the laws of the
//! plan say.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW: i64 = 1_000_000_000_000;

fn budget(accounts: u64, sent: u64, reserved: u64) -> Budget {
    let leaving = (0..sent).map(|n| NOW + 1_000 + i64::try_from(n).unwrap());
    Budget::new(accounts, leaving.collect(), reserved, NOW)
}

#[test]
fn the_limit_is_five_percent_and_at_least_ten() {
    for (accounts, expected) in [
        (0, 10),
        (199, 10),
        (219, 10),
        (220, 11),
        (1_000, 50),
        (100_000, 5_000),
    ] {
        assert_eq!(limit(accounts), expected, "{accounts}");
    }
}

#[test]
fn what_was_removed_today_still_counts_as_an_account() {
    for gone in 0..=50 {
        assert_eq!(budget(1_000 - gone, gone, 0).limit(), 50, "{gone} gone");
    }
}

#[test]
fn a_change_goes_whole_or_is_held_whole_and_a_single_one_waits() {
    use Decision::{Admit, HoldWhole, Wait};
    for (sent, reserved, wanted, expected) in [
        (0, 0, 10, Admit),
        (0, 0, 11, HoldWhole),
        (9, 0, 1, Admit),
        (9, 0, 2, HoldWhole),
        (5, 4, 1, Admit),
        (5, 5, 1, Wait),
        (10, 0, 1, Wait),
        (40, 0, 1, Wait),
        (40, 0, 2, HoldWhole),
    ] {
        let decided = budget(0, sent, reserved).decide(wanted);
        assert_eq!(
            decided, expected,
            "{sent} sent, {reserved} reserved, {wanted} wanted"
        );
    }
}

#[test]
fn who_waits_is_told_when() {
    let full = budget(0, 10, 0);
    assert_eq!(
        full.turn(0),
        Some(NOW + 1_000),
        "the first to leave makes room"
    );
    assert_eq!(full.turn(9), Some(NOW + 1_009));
    assert_eq!(
        full.turn(10),
        Some(NOW + 1_009 + WINDOW_MS),
        "the day after"
    );
    assert_eq!(full.turn(20), Some(NOW + 1_009 + 2 * WINDOW_MS));
    let over = budget(0, 12, 0);
    assert_eq!(
        over.turn(0),
        Some(NOW + 1_002),
        "two leave without making room"
    );
    let free = budget(0, 8, 0);
    assert_eq!((free.turn(0), free.turn(1)), (None, None));
    assert_eq!(free.turn(2), Some(NOW + 1_000));
    let coming = budget(0, 0, 10);
    assert_eq!(coming.turn(0), Some(NOW + WINDOW_MS), "about to be sent");
}

#[test]
fn the_budget_grows_when_somebody_leaves_the_window() {
    assert_eq!(budget(0, 0, 0).grows_at(), None);
    assert_eq!(budget(0, 3, 0).grows_at(), Some(NOW + 1_000));
    assert_eq!(budget(0, 12, 0).grows_at(), Some(NOW + 1_002));
}

#[test]
fn a_ruling_covers_what_it_was_about_and_no_more() {
    let change = Some(Uuid::from_u128(1));
    let wish = Wish {
        removal: Removal::Deactivate,
        generation: 7,
        change,
    };
    let ruling = |verdict| Ruling {
        verdict,
        removal: Removal::Deactivate,
        generation: 7,
        change,
        at: NOW,
    };
    let later = Wish {
        generation: 8,
        ..wish
    };
    let more = Wish {
        removal: Removal::Delete,
        ..wish
    };
    let anew = Wish {
        generation: 8,
        change: Some(Uuid::from_u128(2)),
        ..wish
    };
    use Leave::{Admitted, Discarded, Drawn, Granted, Held, Undecided};
    for (verdict, expected) in [
        (
            Verdict::Admitted,
            [Admitted, Undecided, Undecided, Undecided],
        ),
        (Verdict::Drawn, [Drawn, Undecided, Undecided, Undecided]),
        (Verdict::Held, [Held, Held, Held, Held]),
        (
            Verdict::Approved,
            [Granted, Undecided, Undecided, Undecided],
        ),
        (
            Verdict::Discarded,
            [Discarded, Discarded, Discarded, Undecided],
        ),
    ] {
        let ruling = ruling(verdict);
        let got = [wish, later, more, anew].map(|wish| leave(Some(&ruling), &wish, NOW));
        assert_eq!(got, expected, "{verdict}");
    }
    assert_eq!(leave(None, &wish, NOW), Undecided);
    let unused = ruling(Verdict::Admitted);
    assert_eq!(leave(Some(&unused), &wish, NOW + WINDOW_MS), Undecided);
}

proptest! {
    #[test]
    fn nothing_unapproved_ever_goes_beyond_the_limit(
        accounts in 0_u64..2_000,
        sent in 0_u64..200,
        reserved in 0_u64..50,
        wanted in 1_u64..300,
    ) {
        let budget = budget(accounts, sent, reserved);
        if budget.decide(wanted) == Decision::Admit {
            prop_assert!(budget.used() + wanted <= budget.limit());
        }
        prop_assert_eq!(budget.turn(0).is_none(), budget.left() > 0);
    }
}
