//! The engine against the sandbox: what changes in the directory reaches Okta, whatever happens in between.

mod changes;
mod hold_decisions;
mod holds;
mod linking;
mod restart;
mod scale;
mod trouble;
mod unknown;
pub mod world;
