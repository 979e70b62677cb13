//! The schema: the three roots and the limits on what a document may cost.

use async_graphql::{Schema, SchemaBuilder};

use super::limits::{MAX_COMPLEXITY, MAX_DEPTH, MAX_DIRECTIVES_PER_FIELD};
use super::mutation::Mutation;
use super::query::Query;
use super::subscriptions::Subscription;
use crate::service::Services;

/// The schema with everything that resolvers need, except what comes with each request.
pub type AppSchema = Schema<Query, Mutation, Subscription>;

/// The schema over these use cases.
#[must_use]
pub fn build(services: Services) -> AppSchema {
    builder().data(services).finish()
}

/// The schema in GraphQL's own language, sorted, with its descriptions.
#[must_use]
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_arguments()
        .sorted_enum_items()
        .sorted_fields()
        .include_specified_by();
    builder().finish().sdl_with_options(options)
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
    .limit_depth(MAX_DEPTH)
    .limit_complexity(MAX_COMPLEXITY)
    .limit_directives(MAX_DIRECTIVES_PER_FIELD)
}
