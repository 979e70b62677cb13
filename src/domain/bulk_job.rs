//! Changes for everybody who matches a filter.

use super::code::codes;

codes! {
    /// What a bulk job does to everybody.
    pub enum BulkJobKind {
        /// Assigns the app.
        Assign = "ASSIGN",
        /// Takes the app away.
        Unassign = "UNASSIGN",
        /// Sets the role.
        RoleChange = "ROLE_CHANGE",
    }
}

codes! {
    /// How far a bulk job is.
    pub enum BulkJobStatus {
        /// Nobody was handled yet.
        Queued = "QUEUED",
        /// Some were handled.
        Running = "RUNNING",
        /// Everybody was handled; some may have been refused.
        Completed = "COMPLETED",
        /// Stopped before the end.
        Failed = "FAILED",
    }
}

impl BulkJobStatus {
    /// Whether nothing is left to do.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}
