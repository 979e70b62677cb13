//! The journal of calls that change Okta.

use super::code::codes;

codes! {
    /// How far an operation is.
    pub enum OperationStatus {
        /// Sent; the outcome is not certain yet.
        Sent = "SENT",
        /// Done in Okta.
        Succeeded = "SUCCEEDED",
        /// Refused by Okta.
        Failed = "FAILED",
        /// Certain not to have happened, and no longer wanted.
        Abandoned = "ABANDONED",
    }
}
