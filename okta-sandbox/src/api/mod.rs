//! `/api/v1`: one file per group of endpoints. Handlers run while the org is locked.

pub(crate) mod activation;
pub(crate) mod credentials;
pub(crate) mod given;
pub(crate) mod iam;
pub(crate) mod lifecycle;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod paging;
pub(crate) mod roles;
pub(crate) mod schema;
pub(crate) mod types;
pub(crate) mod users;
pub(crate) mod view;
