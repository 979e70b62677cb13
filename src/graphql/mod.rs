//! The GraphQL view: types, resolvers, ids, paging, errors. A resolver reads its input, calls one use case and maps the answer; nothing here
//! touches the store's queries.

pub mod context;
pub mod error;
pub mod ids;
pub mod limits;
mod limits_scan;
pub mod paging;
pub mod user_error;
