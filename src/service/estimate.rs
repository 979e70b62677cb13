//! How long a backlog will take: by the speed of the last minutes, and by the rate limit of Okta, whichever takes longer.
//!
//! Where Okta limits the work it goes in bursts, one a window, so that the speed of a moment says nothing: then whole windows are counted.

/// Length of Okta's windows, milliseconds (contract §7).
const WINDOW_MS: i64 = 60_000;
/// How much later than the end of a window the next one is used, milliseconds: Okta counts in whole seconds.
const BETWEEN_MS: i64 = 1_000;
/// How much earlier than it seems a window of Okta's may have begun, milliseconds: its end is told in whole seconds, and so is Okta's time.
/// Less than what lies between the last calls of one window and the first of the next.
const DOUBT_MS: i64 = 2_500;
/// Operations that must have succeeded before anybody is told a time.
const SAMPLE: u64 = 5;

/// What was done lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    /// Operations that succeeded.
    pub done: u64,
    /// When the first of them was sent, epoch milliseconds; `None` without one.
    pub since: Option<i64>,
}

/// What Okta allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Calls a window.
    pub usable: u64,
    /// When the present window ends, epoch milliseconds; long past when nothing was called for long.
    pub window_ends_at: i64,
    /// Calls made in the present window.
    pub used: u64,
    /// Calls made in the window before it.
    pub used_before: u64,
}

impl Pace {
    /// Whether the limit is what the work waits for: this window is used up, or the one before was.
    const fn governs(self, now: i64) -> bool {
        let most = self.usable - self.usable / 10;
        let recent = now < self.window_ends_at + WINDOW_MS;
        recent && (self.used >= most || self.used_before >= most)
    }

    /// When the window that the next call falls into ends, and how many calls are left of it.
    const fn present_window(self, now: i64) -> (i64, u64) {
        if self.window_ends_at + BETWEEN_MS > now {
            return (self.window_ends_at, self.usable.saturating_sub(self.used));
        }
        // A window that nobody has used yet begins with the next call.
        (now + WINDOW_MS, self.usable)
    }
}

/// When the window that ends at this time began, at the earliest, epoch milliseconds.
#[must_use]
pub const fn window_begun(ends_at: i64) -> i64 {
    ends_at - WINDOW_MS - DOUBT_MS
}

/// When the window before the one that ends at this time began, at the earliest, epoch milliseconds.
#[must_use]
pub const fn window_before_begun(ends_at: i64) -> i64 {
    window_begun(ends_at) - WINDOW_MS - BETWEEN_MS
}

/// When the backlog will be done, epoch milliseconds, with one call for each account: most need no more (design §3). `None` without a backlog,
/// or when the speed is not known yet.
#[must_use]
pub fn completion(backlog: u64, speed: Speed, pace: Option<Pace>, now: i64) -> Option<i64> {
    let since = speed
        .since
        .filter(|_| backlog > 0 && speed.done >= SAMPLE)?;
    let took = u64::try_from(now - since).unwrap_or(0).max(1);
    let left = backlog.saturating_mul(took) / speed.done;
    let by_speed = now.saturating_add(i64::try_from(left).unwrap_or(i64::MAX));
    let Some(pace) = pace else {
        return Some(by_speed);
    };
    let by_pace = limited(backlog, pace, now);
    if !pace.governs(now) {
        return Some(by_pace.map_or(by_speed, |at| at.max(by_speed)));
    }
    // Bursts and pauses, of which the last minutes may hold more of the one or of the other: their mean is no speed.
    Some(by_pace.unwrap_or_else(|| by_speed.min(now.max(pace.present_window(now).0))))
}

/// When the last window that the backlog takes begins; `None` when what is left of the present one is enough.
fn limited(backlog: u64, pace: Pace, now: i64) -> Option<i64> {
    let (ends, left) = pace.present_window(now);
    let later = backlog.checked_sub(left).filter(|later| *later > 0)?;
    let windows = later.div_ceil(pace.usable.max(1)) - 1;
    let windows = i64::try_from(windows).unwrap_or(i64::MAX / WINDOW_MS / 2);
    Some(ends + BETWEEN_MS + windows.saturating_mul(WINDOW_MS + BETWEEN_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn speed(done: u64, since: i64) -> Speed {
        Speed {
            done,
            since: Some(since),
        }
    }

    #[test]
    fn a_time_is_only_told_when_the_speed_is_known() {
        assert_eq!(completion(0, speed(100, 0), None, 1_000), None);
        assert_eq!(completion(10, speed(SAMPLE - 1, 0), None, 1_000), None);
        assert_eq!(completion(60, speed(120, 0), None, 2_000), Some(3_000));
    }

    #[test]
    fn where_okta_limits_windows_are_counted() {
        let pace = |used| {
            Some(Pace {
                usable: 540,
                window_ends_at: 60_000,
                used,
                used_before: 0,
            })
        };
        // Eight whole windows and a part of the ninth are left, the first of which begins a second after this one ends.
        let at = completion(4_460, speed(540, 0), pace(540), 6_000);
        assert_eq!(at, Some(61_000 + 8 * 61_000));
        let early = completion(4_900, speed(100, 0), pace(100), 1_000);
        assert_eq!(early, at);
        // What fits into the present window is a matter of speed.
        assert_eq!(completion(40, speed(100, 0), pace(100), 1_000), Some(1_400));
        let slow = completion(900, speed(10, 0), pace(10), 10_000);
        assert_eq!(slow, Some(910_000), "the limit is not what holds it up");
    }

    #[test]
    fn where_the_limit_governs_the_mean_of_bursts_and_pauses_says_nothing() {
        let pace = |used, used_before| Pace {
            usable: 32,
            window_ends_at: 121_000,
            used,
            used_before,
        };
        // A burst, a pause, and the end of the burst before: 37 in 119 s, where 32 fit into every 61 s.
        let mean = speed(37, 0);
        let at = |pace| completion(44, mean, Some(pace), 119_000);
        assert_eq!(at(pace(32, 32)), Some(122_000 + 61_000));
        assert_eq!(at(pace(10, 32)), Some(122_000), "22 now, 22 later");
        assert_eq!(
            at(pace(10, 10)),
            Some(119_000 + 141_513),
            "slower than that"
        );
        let last = completion(20, mean, Some(pace(5, 32)), 70_000);
        assert_eq!(last, Some(70_000 + 37_837));
        let last = completion(20, mean, Some(pace(5, 32)), 119_000);
        assert_eq!(last, Some(121_000), "within the window");
        let next = completion(20, mean, Some(pace(32, 32)), 125_000);
        assert_eq!(next, Some(125_000 + 60_000), "in the window to come");
    }

    #[test]
    fn a_window_of_the_past_says_nothing_of_the_present_one() {
        let pace = Pace {
            usable: 100,
            window_ends_at: 60_000,
            used: 100,
            used_before: 100,
        };
        let at = completion(150, speed(5, 599_000), Some(pace), 600_000);
        assert_eq!(at, Some(600_000 + 61_000));
    }
}
