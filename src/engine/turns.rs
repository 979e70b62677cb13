//! Whose turn it is among the accounts that are due: who loses access before who changes before who joins, and nobody for ever behind
//! others.
//!
//! Each kind stands in a lane of its own, the longest waiting first. Of every sixteen turns one belongs to those who join and two to those
//! who change, if there are any; the rest goes to the most urgent lane. So a steady stream of urgent work slows the others down, but never
//! stops them. A lane whose people are sent away one after another, because the rate limit is used up, is closed until the limit is reset:
//! they keep their places, and nobody is asked in vain.

use std::collections::{BTreeSet, HashMap, VecDeque};

use uuid::Uuid;

use crate::domain::account::Urgency;

/// Accounts of one lane that were sent away in a row before the lane is closed. More than one: the lane's calls draw on several limits,
/// and one that is used up says nothing of the others.
const CLOSE_AFTER: u32 = 32;
/// Turns after which the pattern begins again.
const ROUND: u32 = 16;

/// The accounts that are due and known of, in this process.
#[derive(Debug, Default)]
pub(super) struct Turns {
    lanes: [Lane; 3],
    /// Accounts that are left alone until a time, epoch milliseconds, because something broke.
    alone: HashMap<Uuid, i64>,
    /// When those who were sent away may ask again.
    away: BTreeSet<i64>,
    turn: u32,
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Uuid>,
    /// Sent away in a row.
    sent_away: u32,
    closed_until: i64,
}

impl Turns {
    /// Whether nobody is known to be due.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.queue.is_empty())
    }

    /// Forgets who is due: look anew.
    pub(super) fn clear(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.queue.clear());
    }

    /// Lanes that may be asked for, at a time in epoch milliseconds; forgets whose time alone is over.
    pub(super) fn open(&mut self, now: i64) -> Vec<Urgency> {
        self.alone.retain(|_, until| *until > now);
        self.away.retain(|until| *until > now);
        let open = |urgency: &Urgency| self.lane(*urgency).closed_until <= now;
        Urgency::ALL.into_iter().filter(open).collect()
    }

    /// Those who are left alone.
    pub(super) fn alone(&self) -> impl Iterator<Item = Uuid> {
        self.alone.keys().copied()
    }

    /// Puts accounts that are due into their lane, the longest waiting first.
    pub(super) fn put(&mut self, urgency: Urgency, due: Vec<Uuid>) {
        self.lane_mut(urgency).queue = due.into();
    }

    /// Whose turn it is.
    pub(super) fn next(&mut self) -> Option<(Uuid, Urgency)> {
        let favoured = match self.turn % ROUND {
            5 | 11 => Urgency::Changing,
            15 => Urgency::Joining,
            _ => Urgency::Leaving,
        };
        let order = [favoured].into_iter().chain(Urgency::ALL);
        for urgency in order {
            if let Some(account) = self.lane_mut(urgency).queue.pop_front() {
                self.turn = self.turn.wrapping_add(1);
                return Some((account, urgency));
            }
        }
        None
    }

    /// Leaves an account alone until a time.
    pub(super) fn leave_alone(&mut self, account: Uuid, until: i64) {
        self.alone.insert(account, until);
    }

    /// An account of this lane was sent away until a time, because the rate limit is used up.
    pub(super) fn sent_away(&mut self, urgency: Urgency, until: i64) {
        self.away.insert(until);
        let lane = self.lane_mut(urgency);
        lane.sent_away += 1;
        if lane.sent_away >= CLOSE_AFTER {
            lane.sent_away = 0;
            lane.closed_until = until;
            lane.queue.clear();
        }
    }

    /// An account of this lane went on.
    pub(super) fn went_on(&mut self, urgency: Urgency) {
        self.lane_mut(urgency).sent_away = 0;
    }

    /// When the next lane opens or the next account is no longer left alone, after `now`.
    pub(super) fn next_at(&self, now: i64) -> Option<i64> {
        let lanes = self.lanes.iter().map(|lane| lane.closed_until);
        let accounts = self.alone.values().chain(&self.away).copied();
        let times = lanes.chain(accounts);
        times.filter(|at| *at > now).min()
    }

    fn lane(&self, urgency: Urgency) -> &Lane {
        let [leaving, changing, joining] = &self.lanes;
        match urgency {
            Urgency::Leaving => leaving,
            Urgency::Changing => changing,
            Urgency::Joining => joining,
        }
    }

    fn lane_mut(&mut self, urgency: Urgency) -> &mut Lane {
        let [leaving, changing, joining] = &mut self.lanes;
        match urgency {
            Urgency::Leaving => leaving,
            Urgency::Changing => changing,
            Urgency::Joining => joining,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Urgency::{Changing, Joining, Leaving};

    fn some(count: usize) -> Vec<Uuid> {
        (0..count).map(|_| crate::random::new_id()).collect()
    }

    fn taken(turns: &mut Turns, count: usize) -> Vec<Urgency> {
        (0..count)
            .map_while(|_| turns.next().map(|(_, urgency)| urgency))
            .collect()
    }

    fn how_many(taken: &[Urgency], urgency: Urgency) -> usize {
        taken.iter().filter(|each| **each == urgency).count()
    }

    #[test]
    fn the_most_urgent_go_first_and_the_others_get_a_share() {
        let mut turns = Turns::default();
        for urgency in Urgency::ALL {
            turns.put(urgency, some(64));
        }
        let first = taken(&mut turns, 32);
        assert_eq!(how_many(&first, Leaving), 26);
        assert_eq!(how_many(&first, Changing), 4);
        assert_eq!(how_many(&first, Joining), 2);
        assert_eq!(first[..5], [Leaving; 5]);
    }

    #[test]
    fn a_steady_stream_of_urgent_work_stops_nobody() {
        let mut turns = Turns::default();
        let joiner = some(1);
        let mut waited = 0;
        // Whoever becomes due makes the worker look anew before each turn.
        loop {
            turns.clear();
            turns.put(Leaving, some(10));
            turns.put(Joining, joiner.clone());
            let (account, _) = turns.next().unwrap();
            if account == joiner[0] {
                break;
            }
            waited += 1;
            assert!(waited < 16, "for ever behind others");
        }
    }

    #[test]
    fn without_urgent_work_nobody_waits_for_it() {
        let mut turns = Turns::default();
        let joiners = some(20);
        turns.put(Joining, joiners.clone());
        let order: Vec<Uuid> = (0..20)
            .map_while(|_| turns.next())
            .map(|(id, _)| id)
            .collect();
        assert_eq!(order, joiners, "the longest waiting first");
        assert!(turns.is_empty());
    }

    #[test]
    fn a_lane_is_closed_when_its_people_are_sent_away_in_a_row() {
        let mut turns = Turns::default();
        for _ in 1..CLOSE_AFTER {
            turns.sent_away(Joining, 60_000);
        }
        turns.went_on(Joining);
        assert_eq!(turns.open(0).len(), 3, "one went on");
        for _ in 0..CLOSE_AFTER {
            turns.sent_away(Joining, 60_000);
        }
        assert_eq!(turns.open(1), [Leaving, Changing]);
        assert_eq!(turns.next_at(1), Some(60_000));
        assert_eq!(turns.open(60_000).len(), 3);
        assert_eq!(turns.next_at(60_000), None);
    }
}
