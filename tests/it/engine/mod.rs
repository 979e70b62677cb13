//! The engine against the sandbox: what changes in the directory reaches Okta, whatever happens in between.

mod awkward;
mod changes;
mod crash_matrix;
mod fire;
mod linking;
mod process;
mod restart;
mod scale;
mod sweep;
mod trouble;
mod unknown;
pub mod world;
