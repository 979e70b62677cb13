//! A plan in the making: steps are added in order, and whatever stands in the way is noted for the settlement.

use super::{
    AccountState, Capability, Desired, DirectoryStatus, Known, KnownAccount, NeedsRead, Operation,
    Plan, Problem, Settlement, Step, WaitReason,
};
use crate::domain::account::ProblemCode;

/// Whether the next step may be added. `Stop` means that what comes later depends on a step that is impossible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    On,
    Stop,
}

/// The steps so far, and why some are missing.
pub(super) struct Draft<'a> {
    pub(super) desired: &'a Desired,
    pub(super) known: &'a Known,
    steps: Vec<Step>,
    problem: Option<Problem>,
    wait: Option<WaitReason>,
}

impl<'a> Draft<'a> {
    pub(super) const fn new(desired: &'a Desired, known: &'a Known) -> Self {
        Self {
            desired,
            known,
            steps: Vec::new(),
            problem: None,
            wait: None,
        }
    }

    /// Adds an operation, unless Okta refused it in this generation or denies its kind as a whole (design §3).
    pub(super) fn operation(&mut self, operation: Operation) -> Go {
        let kind = operation.kind();
        if let Some(refusal) = self
            .known
            .refusals
            .iter()
            .find(|refusal| refusal.kind == kind)
        {
            return self.block(refusal.problem.clone());
        }
        if kind
            .capabilities()
            .iter()
            .any(|right| self.known.denied.contains(right))
        {
            return self.wait(WaitReason::CapabilityDenied);
        }
        self.steps.push(Step::Do(operation));
        Go::On
    }

    pub(super) fn read(&mut self, read: NeedsRead) {
        self.steps.push(Step::Read(read));
    }

    /// Notes a problem; the first one is shown.
    pub(super) fn block(&mut self, problem: Problem) -> Go {
        self.problem.get_or_insert(problem);
        Go::Stop
    }

    pub(super) fn block_with(&mut self, code: ProblemCode) -> Go {
        self.block(Problem::new(code))
    }

    pub(super) fn wait(&mut self, reason: WaitReason) -> Go {
        self.wait.get_or_insert(reason);
        Go::Stop
    }

    pub(super) fn can_read_roles(&self) -> bool {
        !self.known.denied.contains(&Capability::ReadRoles)
    }

    /// Whether the assignment is over: the user is unassigned, or deleted.
    pub(super) fn is_over(&self) -> bool {
        self.desired.assignment.is_none() || self.desired.user == DirectoryStatus::Deleted
    }

    /// Whether an activation or assignment in the directory is newer than the last one brought to effect.
    pub(super) fn has_new_activation(&self, account: &KnownAccount) -> bool {
        self.desired.activation_stamp > account.activation_applied
    }

    /// Ends the plan: a problem outweighs a wait, and both outweigh the state that holds otherwise.
    pub(super) fn settle(self, state: AccountState) -> Plan {
        let state = match (&self.problem, self.wait) {
            (Some(_), _) => AccountState::Blocked,
            (None, Some(_)) => AccountState::Waiting,
            (None, None) => state,
        };
        let wait = if self.problem.is_some() {
            None
        } else {
            self.wait
        };
        let settlement = Settlement {
            state,
            problem: self.problem,
            wait,
            activation_applied: None,
            deletion: None,
        };
        Plan {
            steps: self.steps,
            settlement,
        }
    }
}
