//! Who has which app: lists, changes for a few at once, and jobs for everybody who matches.

mod ahead;
pub mod assignment;
pub mod bulk_job;
pub mod filter;
pub mod inputs;
pub mod mutations;
pub mod results;
