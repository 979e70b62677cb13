//! Points at which a debug build can be told to die, so that tests prove what a crash there loses: nothing (`docs/reliability.md`).
//!
//! The environment variable `PROVISIONER_CRASH_AT` names one, as `POINT`, `POINT/KIND` or either with `:N` for the N-th time that it is
//! reached; `KIND` is a kind of operation. The process then aborts: no destructor runs, nothing is flushed, nobody is told, as with
//! `kill -9`. A build without debug assertions, such as every release build, knows neither the points nor the variable.

/// The environment variable that names a point.
pub const VARIABLE: &str = "PROVISIONER_CRASH_AT";

/// A point in the life of a call that changes Okta. What lies between `AfterIntent` and `Answered` needs no point: there the process waits,
/// and can be killed from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The plan is made; nothing is in the journal yet.
    BeforeIntent,
    /// The frozen request is in the journal; nothing was sent.
    AfterIntent,
    /// Okta answered; the journal does not know yet.
    Answered,
    /// The outcome is in the journal.
    Recorded,
    /// Okta answered a refresh of tokens; the new ones are not stored yet.
    TokenRefresh,
}

impl Point {
    /// Its name in the variable.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before-intent",
            Self::AfterIntent => "after-intent",
            Self::Answered => "answered",
            Self::Recorded => "recorded",
            Self::TokenRefresh => "token-refresh",
        }
    }
}

/// Says that a point is reached, with the kind of operation (empty where there is none). Does not return if it is the one.
#[cfg(debug_assertions)]
pub fn reached(point: Point, kind: &str) {
    if armed::strikes(point, kind) {
        std::process::abort();
    }
}

/// Says that a point is reached: of no consequence in this build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn reached(_: Point, _: &str) {}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Point, VARIABLE};

    static PLAN: LazyLock<Option<Plan>> =
        LazyLock::new(|| std::env::var(VARIABLE).ok().map(|text| Plan::read(&text)));

    pub(super) fn strikes(point: Point, kind: &str) -> bool {
        PLAN.as_ref().is_some_and(|plan| plan.strikes(point, kind))
    }

    /// The point to die at.
    #[derive(Debug)]
    struct Plan {
        point: String,
        /// Empty for any kind.
        kind: String,
        /// How often it has yet to be reached.
        left: AtomicU32,
    }

    impl Plan {
        fn read(text: &str) -> Self {
            let (place, times) = text.split_once(':').unwrap_or((text, "1"));
            let (point, kind) = place.split_once('/').unwrap_or((place, ""));
            Self {
                point: point.to_owned(),
                kind: kind.to_owned(),
                left: AtomicU32::new(times.parse().unwrap_or(1)),
            }
        }

        fn strikes(&self, point: Point, kind: &str) -> bool {
            let here = self.point == point.name() && (self.kind.is_empty() || self.kind == kind);
            here && self.left.fetch_sub(1, Ordering::SeqCst) == 1
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_the_named_point_strikes_and_at_the_named_time() {
            let plan = Plan::read("answered/CREATE:2");
            assert!(!plan.strikes(Point::Answered, "CREATE"));
            assert!(!plan.strikes(Point::Answered, "UPDATE"), "another kind");
            assert!(!plan.strikes(Point::Recorded, "CREATE"), "another point");
            assert!(plan.strikes(Point::Answered, "CREATE"));
            assert!(Plan::read("token-refresh").strikes(Point::TokenRefresh, ""));
        }
    }
}
