//! Whether the org carries out changes. Reads may work while every change fails, so changes are counted for themselves: when several people's
//! fail in a row, the org is left alone. After that it is trusted with one account at a time, until a change gets a sound answer; until
//! then one more failure is enough, and the pauses grow on.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// What changes came to lately.
#[derive(Debug, Default)]
pub(super) struct Trust(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Accounts whose change failed since the last one that got a sound answer.
    failed: BTreeSet<Uuid>,
    /// The org was left alone, and no change got a sound answer since.
    careful: bool,
    /// A change got a sound answer after the org was left alone, and nobody noted it yet.
    healed: bool,
}

impl Trust {
    /// A change got a sound answer, if only a refusal.
    pub(super) fn sound(&self) {
        let mut state = self.state();
        state.failed.clear();
        state.healed |= state.careful;
        state.careful = false;
    }

    /// A change of this account failed in a way that speaks against the org.
    pub(super) fn failed(&self, account: Uuid) {
        self.state().failed.insert(account);
    }

    /// Whether changes of so many different accounts failed that the org is to be left alone.
    pub(super) fn is_lost(&self, most: u32) -> bool {
        let state = self.state();
        let most = if state.careful { 1 } else { most.max(1) };
        state.failed.len() >= usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// The org was left alone and answers again.
    pub(super) fn be_careful(&self) {
        let mut state = self.state();
        state.failed.clear();
        state.careful = true;
    }

    /// Whether it is trusted with one account at a time only.
    pub(super) fn is_careful(&self) -> bool {
        self.state().careful
    }

    /// Forgets the failures, as something was done about them.
    pub(super) fn forgive(&self) {
        self.state().failed.clear();
    }

    /// Whether the org has shown since the last time that it is well again.
    pub(super) fn take_healed(&self) -> bool {
        std::mem::take(&mut self.state().healed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Trust;
    use crate::random::new_id;

    #[test]
    fn one_person_whose_changes_fail_says_nothing_of_the_org() {
        let trust = Trust::default();
        let ann = new_id();
        (0..10).for_each(|_| trust.failed(ann));
        assert!(!trust.is_lost(2));
        trust.failed(new_id());
        assert!(trust.is_lost(2));
        trust.sound();
        assert!(!trust.is_lost(1));
        assert!(!trust.take_healed(), "it was never left alone");
    }

    #[test]
    fn after_a_pause_one_failure_is_enough_until_a_change_is_answered() {
        let trust = Trust::default();
        trust.be_careful();
        assert!(trust.is_careful() && !trust.is_lost(5));
        trust.failed(new_id());
        assert!(trust.is_lost(5));
        trust.forgive();
        trust.be_careful();
        trust.sound();
        assert!(trust.take_healed() && !trust.take_healed());
        trust.failed(new_id());
        assert!(!trust.is_careful() && !trust.is_lost(5));
    }
}
