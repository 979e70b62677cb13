//! The audit trail as a chain in which changes show (`domain::audit_chain`): sealing it while the server runs, and verifying it.
//!
//! What it costs: no transaction waits for another. What it promises: once an entry is sealed, which takes a second, it cannot be changed,
//! moved or removed by somebody who has the database but not the sealing key. Before that its content is safe by its tag, and that
//! it is there at all by the journal, if it tells of an effect on Okta.

mod seal;
mod verify;

pub use seal::{Refusal, adopt, keep_sealed};
pub use verify::{Fault, Intact, Verdict, verify};
