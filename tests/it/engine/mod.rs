//! The engine against the sandbox: what changes in the directory reaches Okta, whatever happens in between.

mod audited;
mod changes;
mod delay;
mod few_calls;
mod hold_decisions;
mod holds;
mod database;
mod disk;
mod linking;
mod pace;
mod pause;
mod quarantine;
mod restart;
mod scale;
mod shutdown;
mod trouble;
mod unknown;
pub mod world;
