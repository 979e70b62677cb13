//! The root of all queries: one part per area.

use async_graphql::MergedObject;

use super::apps::queries::AppQuery;
use super::directory::queries::DirectoryQuery;
use super::node::NodeQuery;

/// Reading. What the viewer lacks the permission for ends in an error with the code `FORBIDDEN`; what is not there is null.
#[derive(Clone, Copy, Debug, Default, MergedObject)]
pub struct Query(DirectoryQuery, AppQuery, NodeQuery);
