//! The worker: takes due accounts, plans, and carries the plan out in Okta.

pub mod clients;
