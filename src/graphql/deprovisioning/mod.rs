//! The daily budget of deactivations and deletions, and what is held beyond it.

pub mod app;
pub mod budget;
pub mod hold;
pub mod mutations;
