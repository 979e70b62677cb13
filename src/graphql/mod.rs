//! The GraphQL view: types, resolvers, ids, paging, errors. A resolver reads its input, calls one use case and maps the answer; nothing here
//! touches the store's queries.

pub mod accounts;
pub mod apps;
pub mod assignments;
pub mod completion;
pub mod connections;
pub mod context;
pub mod cursor;
pub mod deprovisioning;
pub mod directory;
pub mod error;
pub mod filters;
pub mod ids;
pub mod imports;
pub mod limits;
mod limits_scan;
pub mod loaders;
pub mod mutation;
pub mod node;
pub mod operations;
pub mod paging;
pub mod people;
pub mod query;
pub mod schema;
pub mod subscriptions;
pub mod sync;
pub mod total;
pub mod user_error;
pub mod values;
