//! From bytes on a connection to a handler and back.
//!
//! Every request to the org takes one way through `dispatch`: route, fault, latency, limits, then `journey`
//! (credentials and scopes, effect, journal, ledger), and leaves through `departure`. What a fault changes on that way is
//! in `strike`; effects that it postpones are in `late`.

pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod departure;
pub(crate) mod dispatch;
pub(crate) mod journey;
pub(crate) mod late;
pub(crate) mod listener;
pub(crate) mod origin;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod routes;
pub(crate) mod strike;
