//! From bytes on a connection to a handler and back.
//!
//! Every request to the org takes one way through `dispatch`: route, fault, latency, limits,
//! credentials and scopes, effect, journal, ledger, answer.

pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod dispatch;
pub(crate) mod listener;
pub(crate) mod origin;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod routes;
