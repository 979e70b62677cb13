//! The engine against the sandbox: what changes in the directory reaches Okta, whatever happens in between.

mod audited;
mod awkward;
mod backup;
mod changes;
mod crash_matrix;
mod database;
mod delay;
mod disk;
mod few_calls;
mod fire;
mod hold_decisions;
mod holds;
mod kept;
mod linking;
mod pace;
mod paging;
mod pause;
mod process;
mod quarantine;
mod restart;
mod scale;
mod shutdown;
mod sweep;
mod thousand;
mod trouble;
mod unknown;
pub mod world;
