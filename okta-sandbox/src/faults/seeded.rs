//! Following a plan.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use super::{
    Arrival, Fault, Faults,
    mix::Mix,
    plan::{FaultPlan, PlanError},
};

/// Faults that follow a [`FaultPlan`].
///
/// Whether a rule strikes depends on the seed, the rule's place and how many requests that it concerns came before,
/// and on nothing else: rules do not disturb one another, and the counts are all that a restart needs to go on.
#[derive(Debug)]
pub struct SeededFaults {
    plan: FaultPlan,
    counts: Mutex<Vec<Counts>>,
}

/// How far a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Requests that it concerns.
    pub matched: u64,
    /// Requests that it struck.
    pub struck: u64,
}

impl SeededFaults {
    /// Follows a plan from its start.
    ///
    /// # Errors
    /// When the plan cannot be followed; see [`FaultPlan::check`].
    pub fn new(plan: FaultPlan) -> Result<Self, PlanError> {
        plan.check()?;
        Ok(Self::resume(plan, Vec::new()))
    }

    /// A mixture of everything that goes wrong between two machines, for long runs. See [`Mix`].
    pub fn mix(seed: u64, mix: &Mix) -> Self {
        Self::resume(mix.plan(seed), Vec::new())
    }

    /// Goes on with a plan.
    pub(crate) fn resume(plan: FaultPlan, mut counts: Vec<Counts>) -> Self {
        counts.resize(plan.rules.len(), Counts::default());
        Self {
            plan,
            counts: Mutex::new(counts),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    /// How far each rule is, in the order of the plan.
    pub fn counts(&self) -> Vec<Counts> {
        self.lock().clone()
    }

    /// How many requests were struck.
    pub fn struck(&self) -> u64 {
        self.lock().iter().map(|counts| counts.struck).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Counts>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults for SeededFaults {
    fn decide(&self, arrival: &Arrival) -> Option<Fault> {
        let mut fate = None;
        let mut counts = self.lock();
        for (place, (rule, count)) in self.plan.rules.iter().zip(counts.iter_mut()).enumerate() {
            if !rule.concerns(arrival) {
                continue;
            }
            count.matched += 1;
            let spent = rule.times.is_some_and(|times| count.struck >= times);
            if fate.is_some() || spent || count.matched <= rule.after {
                continue;
            }
            let mut rng = generator(self.plan.seed, place, count.matched);
            if rng.random::<f64>() < rule.probability {
                count.struck += 1;
                fate = Some(rule.fault.draw(&mut rng));
            }
        }
        fate
    }

    fn plan(&self) -> Option<&SeededFaults> {
        Some(self)
    }
}

/// What a rule draws for one request.
fn generator(seed: u64, place: usize, matched: u64) -> StdRng {
    let mut key = [0; 32];
    let parts = [seed, u64::try_from(place).unwrap_or(u64::MAX), matched];
    for (slot, part) in key.chunks_exact_mut(8).zip(parts) {
        slot.copy_from_slice(&part.to_le_bytes());
    }
    StdRng::from_seed(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(seq: u64) -> Arrival {
        Arrival {
            method: "POST".into(),
            path: "/api/v1/users".into(),
            query: String::new(),
            body: String::new(),
            route: "/api/v1/users",
            seq,
        }
    }

    fn fates(faults: &SeededFaults, count: u64) -> Vec<Option<String>> {
        (0..count)
            .map(|seq| faults.decide(&arrival(seq)).map(|fault| fault.name()))
            .collect()
    }

    fn plan(text: &str) -> FaultPlan {
        text.parse().unwrap()
    }

    #[test]
    fn the_seed_decides() {
        let mix = |seed| fates(&SeededFaults::mix(seed, &Mix::default()), 300);
        assert_eq!(mix(1), mix(1));
        assert_ne!(mix(1), mix(2));
    }

    #[test]
    fn a_mix_strikes_as_often_as_it_says() {
        for share in [0.05, 0.3, 0.9] {
            let mix = Mix {
                share,
                ..Mix::default()
            };
            let struck = fates(&SeededFaults::mix(3, &mix), 4000)
                .iter()
                .flatten()
                .count();
            let expected = share * 4000.0;
            let off = (f64::from(u32::try_from(struck).unwrap()) - expected).abs();
            assert!(off < 120.0, "{share}: {struck}");
        }
    }

    #[test]
    fn rules_let_pass_strike_and_are_spent() {
        let faults = SeededFaults::new(plan(
            r#"{"rules": [{"after": 2, "times": 3, "fault": {"kind": "dropBefore"}}]}"#,
        ))
        .unwrap();
        let struck: Vec<_> = fates(&faults, 7).iter().map(Option::is_some).collect();
        assert_eq!(struck, [false, false, true, true, true, false, false]);
        assert_eq!(
            faults.counts(),
            [Counts {
                matched: 7,
                struck: 3
            }]
        );
    }

    #[test]
    fn a_rule_does_not_disturb_the_next_one() {
        let second = r#"{"probability": 0.5, "fault": {"kind": "dropAfterEffect"}}"#;
        let both = plan(&format!(
            r#"{{"seed": 9, "rules": [{{"probability": 0.2, "fault": {{"kind": "dropBefore"}}}}, {second}]}}"#
        ));
        let never = plan(&format!(
            r#"{{"seed": 9, "rules": [{{"probability": 0, "fault": {{"kind": "dropBefore"}}}}, {second}]}}"#
        ));
        let both = fates(&SeededFaults::new(both).unwrap(), 200);
        let alone = fates(&SeededFaults::new(never).unwrap(), 200);
        for (both, alone) in both.iter().zip(&alone) {
            assert!(both == alone || both.as_deref() == Some("DROP_BEFORE"));
        }
    }

    #[test]
    fn going_on_is_the_same_as_never_having_stopped() {
        let plan = Mix::default().plan(5);
        let whole = SeededFaults::new(plan.clone()).unwrap();
        let expected = fates(&whole, 100);
        let first = SeededFaults::new(plan.clone()).unwrap();
        let mut seen = fates(&first, 40);
        seen.extend(fates(&SeededFaults::resume(plan, first.counts()), 60));
        assert_eq!(seen, expected);
    }
}
