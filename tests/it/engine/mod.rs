//! The engine against the sandbox: what changes in the directory reaches Okta, whatever happens in between.

mod audited;
mod changes;
mod database;
mod disk;
mod linking;
mod restart;
mod scale;
mod shutdown;
mod trouble;
mod unknown;
pub mod world;
