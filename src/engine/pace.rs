//! When the next call may leave, so that Okta's rate limits are used and never overrun.
//!
//! Okta says with each answer how many calls its window still allows and when the window ends (contract §7). A bucket that was never
//! heard of admits one call at a time. Calls under way count as not yet included in what the last answer said. All times are epoch
//! milliseconds of our own clock.

use std::collections::HashMap;

use okta_client::RateBucket;

use crate::domain::backoff;
use crate::store::paces::AllowedPace;

/// Length of Okta's windows (contract §7).
const WINDOW_MS: i64 = 60_000;
/// Okta counts in whole seconds; a call right at the end of a window may still fall into it.
const MARGIN_MS: i64 = 1_000;
/// What is kept for people in front of a screen is given away this long before the end of a window, milliseconds: whoever comes later waits
/// a few seconds at most.
const LATE_MS: i64 = 5_000;

/// The limits that calls of the work draw on.
const BUCKETS: [RateBucket; 4] = [
    RateBucket::UsersListCreate,
    RateBucket::UserUpdateDelete,
    RateBucket::UserGet,
    RateBucket::OtherApi,
];

/// Whether a call may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Now. Report its answer, or that there was none.
    Go,
    /// Not before this time.
    NotBefore(i64),
    /// Once the first call of all is answered, which is under way: only then is it known how many may go.
    AfterFirst,
}

/// What an answer said of its bucket, in our own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Calls per window.
    pub limit: u32,
    /// Calls left in this window.
    pub remaining: u32,
    /// When the window ends.
    pub reset_at: i64,
}

/// The pace of one connection.
#[derive(Debug)]
pub struct Pace {
    /// Percent of each limit that may be used.
    share: u32,
    /// Percent of each limit that is kept for what people wait for on a screen, which is not paced here.
    interactive: u32,
    buckets: HashMap<RateBucket, Bucket>,
    /// No call at all before this time: Okta found too many at once.
    paused_until: i64,
    /// Consecutive breaches of the concurrency limit.
    strikes: u32,
}

#[derive(Debug, Default)]
struct Bucket {
    known: Option<Window>,
    in_flight: u32,
    /// Calls given out, those of earlier windows counting half as much with each window.
    given: u32,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    limit: u32,
    /// What is left, calls under way already taken off.
    left: u32,
    reset_at: i64,
}

impl Pace {
    /// A pace that knows nothing yet. Shares are in percent.
    #[must_use]
    pub fn new(share: u32, interactive: u32) -> Self {
        Self {
            share: share.clamp(1, 100),
            interactive: interactive.min(50),
            buckets: HashMap::new(),
            paused_until: 0,
            strikes: 0,
        }
    }

    /// Changes the share that may be used.
    pub fn set_share(&mut self, share: u32) {
        self.share = share.clamp(1, 100);
    }

    /// Asks to make a call now.
    pub fn take(&mut self, bucket: RateBucket, now: i64) -> Grant {
        if now < self.paused_until {
            return Grant::NotBefore(self.paused_until);
        }
        let others = 100 - self.share;
        let bucket = self.buckets.entry(bucket).or_default();
        let Some(window) = &mut bucket.known else {
            return bucket.first_of_all();
        };
        if window.roll(now, bucket.in_flight) {
            bucket.given /= 2;
        }
        let late = window.reset_at - LATE_MS;
        let kept = match now < late {
            true => others + self.interactive,
            false => others,
        };
        if window.left > window.reserve(kept) {
            window.left -= 1;
            bucket.in_flight += 1;
            bucket.given = bucket.given.saturating_add(1);
            return Grant::Go;
        }
        Grant::NotBefore(match now < late && window.left > window.reserve(others) {
            true => late,
            false => window.reset_at + MARGIN_MS,
        })
    }

    /// How many calls a window of the bucket that is used most allows, and when its window ends; `None` while no limit is known.
    #[must_use]
    pub fn allowed(&self) -> Option<AllowedPace> {
        let limited = |bucket: &Bucket| bucket.known.is_some_and(|known| known.limit < u32::MAX);
        let (bucket, most) = self
            .buckets
            .iter()
            .filter(|(_, bucket)| limited(bucket))
            .max_by_key(|(_, bucket)| bucket.given)?;
        let window = most.known?;
        Some(AllowedPace {
            bucket: format!("{bucket:?}"),
            limit: window.limit.into(),
            usable: (window.limit - window.reserve(100 - self.share)).into(),
            window_ends_at: window.reset_at,
        })
    }

    /// Takes up where another process left off: what it told, and how many calls were made since the window began.
    pub fn resume(&mut self, told: &AllowedPace, used: u64, now: i64) {
        let bucket = BUCKETS
            .into_iter()
            .find(|bucket| format!("{bucket:?}") == told.bucket);
        let (Some(bucket), Ok(limit)) = (bucket, u32::try_from(told.limit)) else {
            return;
        };
        // A window that lies further ahead than any does was told before the clock was put back.
        let ahead = told.window_ends_at > now + WINDOW_MS + MARGIN_MS;
        if ahead || told.window_ends_at + MARGIN_MS <= now {
            return;
        }
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        self.buckets.entry(bucket).or_default().known = Some(Window {
            limit,
            left: limit.saturating_sub(used),
            reset_at: told.window_ends_at,
        });
    }

    /// Reports the answer of a call; null when it said nothing of the limit.
    pub fn answered(&mut self, bucket: RateBucket, said: Option<Allowance>, now: i64) {
        self.strikes = 0;
        let bucket = self.buckets.entry(bucket).or_default();
        bucket.in_flight = bucket.in_flight.saturating_sub(1);
        match said {
            Some(said) => bucket.learn(said, now),
            None => bucket.unlimited(now),
        }
    }

    /// Reports that a call brought no answer; it is taken as counted by Okta.
    pub fn unanswered(&mut self, bucket: RateBucket) {
        let bucket = self.buckets.entry(bucket).or_default();
        bucket.in_flight = bucket.in_flight.saturating_sub(1);
    }

    /// Gives back a grant without having called.
    pub fn unused(&mut self, bucket: RateBucket) {
        let bucket = self.buckets.entry(bucket).or_default();
        bucket.in_flight = bucket.in_flight.saturating_sub(1);
        if let Some(window) = &mut bucket.known {
            window.left = window.left.saturating_add(1).min(window.limit);
        }
    }

    /// Leaves the whole connection alone until `until`, as something in between asked for.
    pub fn pause(&mut self, until: i64) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Reports a 429. Without an allowance, or with one of nothing, it was the concurrency limit, whose reset is only a hint: pause
    /// with jitter. `random` is from 0 to 1. Answers when the call may be tried again.
    pub fn refused(
        &mut self,
        bucket: RateBucket,
        said: Option<Allowance>,
        random: f64,
        now: i64,
    ) -> i64 {
        match said.filter(|said| said.limit > 0) {
            Some(said) => {
                let bucket = self.buckets.entry(bucket).or_default();
                bucket.in_flight = bucket.in_flight.saturating_sub(1);
                let spent = Allowance {
                    remaining: 0,
                    ..said
                };
                bucket.learn(spent, now);
                said.reset_at.max(now) + MARGIN_MS
            }
            None => {
                self.unanswered(bucket);
                self.strikes = self.strikes.saturating_add(1);
                self.pause(now + backoff::pause_ms(self.strikes, random));
                self.paused_until
            }
        }
    }
}

impl Bucket {
    fn first_of_all(&mut self) -> Grant {
        if self.in_flight > 0 {
            return Grant::AfterFirst;
        }
        self.in_flight += 1;
        Grant::Go
    }

    /// Takes over what Okta said. Answers may come in another order than they were given, so within a window the lower number counts. A
    /// window that ends at another time than ours replaces it, as ours was a guess ([`Window::roll`]); unless it is over already, for then
    /// the answer is merely late.
    fn learn(&mut self, said: Allowance, now: i64) {
        let left = said.remaining.saturating_sub(self.in_flight);
        let open = self.known.filter(|window| window.reset_at > now);
        if open.is_some() && said.reset_at <= now {
            return;
        }
        let same = |window: &Window| (window.reset_at - said.reset_at).abs() <= MARGIN_MS;
        self.known = Some(match open {
            Some(window) if same(&window) => Window {
                limit: said.limit,
                left: left.min(window.left),
                ..window
            },
            _ => Window {
                limit: said.limit,
                left,
                reset_at: said.reset_at,
            },
        });
    }

    /// An org that says nothing about limits is not held back beyond the calls in flight.
    fn unlimited(&mut self, now: i64) {
        let window = Window {
            limit: u32::MAX,
            left: u32::MAX,
            reset_at: now + WINDOW_MS,
        };
        self.known.get_or_insert(window);
    }
}

impl Window {
    /// Opens the next window when this one is over, and answers whether it did. Calls still under way may count into the new one.
    fn roll(&mut self, now: i64, in_flight: u32) -> bool {
        if now < self.reset_at + MARGIN_MS {
            return false;
        }
        self.left = self.limit.saturating_sub(in_flight);
        let windows = (now - self.reset_at) / WINDOW_MS + 1;
        self.reset_at += windows * WINDOW_MS;
        true
    }

    /// Calls of each window that are not ours to use; always leaves one.
    fn reserve(&self, kept: u32) -> u32 {
        let reserve = (u64::from(self.limit) * u64::from(kept)).div_ceil(100);
        u32::try_from(reserve)
            .unwrap_or(u32::MAX)
            .min(self.limit.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B: RateBucket = RateBucket::UserGet;

    fn said(remaining: u32, reset_at: i64) -> Option<Allowance> {
        Some(Allowance {
            limit: 100,
            remaining,
            reset_at,
        })
    }

    fn taken(pace: &mut Pace, now: i64) -> u32 {
        let mut count = 0;
        while pace.take(B, now) == Grant::Go {
            count += 1;
            assert!(count <= 1_000);
        }
        count
    }

    #[test]
    fn an_unknown_bucket_admits_one_call_until_it_was_heard_of() {
        let mut pace = Pace::new(90, 5);
        assert_eq!(taken(&mut pace, 0), 1);
        assert_eq!(pace.take(B, 1), Grant::AfterFirst);
        pace.answered(B, said(99, 60_000), 10);
        assert!(taken(&mut pace, 10) > 1);
    }

    #[test]
    fn the_share_is_used_and_the_rest_left_alone() {
        for (share, expected) in [(90, 84), (100, 94), (50, 44), (1, 0)] {
            let mut pace = Pace::new(share, 5);
            pace.take(B, 0);
            pace.answered(B, said(99, 60_000), 0);
            assert_eq!(taken(&mut pace, 0), expected, "{share}");
        }
    }

    #[test]
    fn what_is_kept_for_screens_is_given_away_late() {
        let mut pace = Pace::new(90, 5);
        pace.take(B, 0);
        pace.answered(B, said(99, 60_000), 0);
        assert_eq!(taken(&mut pace, 0), 84);
        assert_eq!(pace.take(B, 1), Grant::NotBefore(55_000));
        assert_eq!(taken(&mut pace, 55_000), 5);
        assert_eq!(pace.take(B, 55_000), Grant::NotBefore(61_000));
        let allowed = pace.allowed().unwrap();
        assert_eq!((allowed.usable, allowed.window_ends_at), (90, 60_000));
    }

    #[test]
    fn the_pace_told_is_that_of_the_bucket_in_use() {
        let mut pace = Pace::new(100, 0);
        assert_eq!(pace.allowed(), None);
        pace.take(RateBucket::OtherApi, 0);
        pace.answered(RateBucket::OtherApi, said(9, 60_000), 0);
        pace.take(B, 0);
        let few = Allowance {
            limit: 20,
            remaining: 19,
            reset_at: 60_000,
        };
        pace.answered(B, Some(few), 0);
        assert_eq!(taken(&mut pace, 1), 19);
        let allowed = pace.allowed().unwrap();
        assert_eq!((allowed.usable, allowed.bucket.as_str()), (20, "UserGet"));
    }

    #[test]
    fn another_process_takes_up_where_one_left_off() {
        let mut pace = Pace::new(90, 0);
        pace.take(B, 0);
        pace.answered(B, said(99, 60_000), 0);
        let told = pace.allowed().unwrap();
        let mut next = Pace::new(90, 0);
        next.resume(&told, 88, 30_000);
        assert_eq!(taken(&mut next, 30_000), 2);
        let mut later = Pace::new(90, 0);
        later.resume(&told, 88, 61_000);
        assert_eq!(taken(&mut later, 61_000), 1, "it is to be heard of anew");
    }

    #[test]
    fn calls_under_way_are_not_given_out_twice() {
        let mut pace = Pace::new(100, 0);
        pace.take(B, 0);
        pace.answered(B, said(5, 60_000), 0);
        assert_eq!(taken(&mut pace, 0), 5);
        pace.answered(B, said(4, 60_000), 1);
        assert_eq!(taken(&mut pace, 1), 0);
    }

    #[test]
    fn a_late_answer_of_an_old_window_is_ignored() {
        let mut pace = Pace::new(100, 0);
        pace.take(B, 0);
        pace.answered(B, said(50, 120_000), 60_500);
        pace.take(B, 60_500);
        pace.answered(B, said(0, 60_000), 60_600);
        assert!(taken(&mut pace, 60_700) > 40);
    }

    #[test]
    fn a_window_that_ends_before_our_guess_counts() {
        let mut pace = Pace::new(100, 0);
        pace.take(B, 0);
        pace.answered(B, said(99, 60_000), 0);
        assert_eq!(pace.take(B, 90_000), Grant::Go, "guessed: until 120 s");
        pace.answered(B, said(0, 100_000), 90_001);
        assert_eq!(pace.take(B, 90_002), Grant::NotBefore(101_000));
        pace.refused(B, said(0, 95_000), 0.5, 90_003);
        assert_eq!(taken(&mut pace, 95_999), 0);
        assert!(taken(&mut pace, 96_000) > 0);
    }

    #[test]
    fn a_grant_that_was_not_used_is_given_to_others() {
        let mut pace = Pace::new(100, 0);
        pace.take(B, 0);
        pace.answered(B, said(1, 60_000), 0);
        assert_eq!(pace.take(B, 1), Grant::Go);
        pace.unused(B);
        assert_eq!(taken(&mut pace, 2), 1);
    }

    #[test]
    fn a_pause_that_was_asked_for_holds_for_all_calls() {
        let mut pace = Pace::new(90, 5);
        pace.pause(5_000);
        assert_eq!(
            pace.take(RateBucket::OtherApi, 4_999),
            Grant::NotBefore(5_000)
        );
        assert_eq!(pace.take(RateBucket::OtherApi, 5_000), Grant::Go);
    }

    #[test]
    fn a_new_window_opens_by_itself() {
        let mut pace = Pace::new(100, 0);
        pace.take(B, 0);
        pace.answered(B, said(0, 60_000), 0);
        assert_eq!(taken(&mut pace, 60_900), 0);
        assert_eq!(taken(&mut pace, 61_000), 100);
    }

    #[test]
    fn too_many_at_once_pauses_the_whole_connection_ever_longer() {
        let mut pace = Pace::new(90, 5);
        let first = pace.refused(B, None, 1.0, 0);
        let nothing = Allowance {
            limit: 0,
            remaining: 0,
            reset_at: 60_000,
        };
        let second = pace.refused(B, Some(nothing), 1.0, 0);
        assert!(second > first && first > 0);
        let other = RateBucket::OtherApi;
        assert_eq!(pace.take(other, 1), Grant::NotBefore(second));
    }

    #[test]
    fn an_overrun_waits_for_the_end_of_the_window() {
        let mut pace = Pace::new(90, 5);
        pace.take(B, 0);
        assert_eq!(pace.refused(B, said(0, 30_000), 0.5, 0), 31_000);
        assert_eq!(taken(&mut pace, 30_000), 0);
        assert!(taken(&mut pace, 31_000) > 80);
    }

    #[test]
    fn an_org_without_limits_is_not_held_back() {
        let mut pace = Pace::new(90, 5);
        pace.take(B, 0);
        pace.answered(B, None, 0);
        for _ in 0..500 {
            assert_eq!(pace.take(B, 0), Grant::Go);
        }
    }
}
