//! The running plan of faults, so that it goes on after a restart.

use serde_json::json;

use super::Org;
use crate::faults::{Counts, FaultPlan, SeededFaults};

/// Key of the plan itself.
const PLAN: &str = "plan";

/// Key of how far it is; apart, because it changes with every request.
const COUNTS: &str = "counts";

impl Org {
    /// Keeps this plan, or none.
    pub fn keep_plan(&mut self, faults: Option<&SeededFaults>) {
        match faults {
            Some(faults) => {
                self.faults.insert(PLAN.into(), json!(faults.plan()));
                self.keep_counts(faults);
            }
            None => self.faults.retain(|_| false),
        }
    }

    /// Keeps how far the plan is.
    pub fn keep_counts(&mut self, faults: &SeededFaults) {
        self.faults.insert(COUNTS.into(), json!(faults.counts()));
    }

    /// The plan that was running, as far as it was. A plan that this version cannot read is none.
    pub fn kept_plan(&self) -> Option<SeededFaults> {
        let plan: FaultPlan = serde_json::from_value(self.faults.get(PLAN)?.clone()).ok()?;
        let counts: Option<Vec<Counts>> = self
            .faults
            .get(COUNTS)
            .and_then(|counts| serde_json::from_value(counts.clone()).ok());
        Some(SeededFaults::resume(plan, counts.unwrap_or_default()))
    }
}
