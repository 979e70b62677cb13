//! The schema: the three roots and the limits on what a document may cost.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use async_graphql::{Schema, SchemaBuilder};

use super::accounts::account::AccountConnection;
use super::apps::app::AppConnection;
use super::assignments::assignment::AssignmentConnection;
use super::assignments::bulk_job::BulkJobFailureConnection;
use super::completion::{Complete, Types};
use super::deprovisioning::hold::{
    DeprovisioningHoldAccountConnection, DeprovisioningHoldConnection,
};
use super::directory::audit_event::AuditEventConnection;
use super::directory::personal_access_token::PersonalAccessTokenConnection;
use super::directory::user::UserConnection;
use super::imports::candidate::ImportCandidateConnection;
use super::imports::import::ImportConnection;
use super::limits::{EngineLimits, MAX_DIRECTIVES_PER_FIELD};
use super::mutation::Mutation;
use super::operations::operation::OperationConnection;
use super::query::Query;
use super::subscriptions::Subscription;
use crate::service::Services;

/// The schema with everything that resolvers need, except what comes with each request.
pub type AppSchema = Schema<Query, Mutation, Subscription>;

/// The schema over these use cases.
#[must_use]
pub fn build(services: Services, limits: EngineLimits) -> Complete<AppSchema> {
    static TYPES: LazyLock<Arc<Types>> = LazyLock::new(|| Arc::new(Types::read(&sdl())));
    let schema = builder(limits).data(services).finish();
    Complete::new(schema, Arc::clone(&TYPES), limits)
}

/// Names of the types that variables may have.
#[must_use]
pub fn input_types() -> HashSet<String> {
    const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];
    let definitions = parse_schema(sdl()).map(|document| document.definitions);
    let named = definitions
        .unwrap_or_default()
        .into_iter()
        .filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            let is_input = matches!(
                definition.node.kind,
                TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_)
            );
            is_input.then(|| definition.node.name.node.to_string())
        });
    named.chain(BUILT_IN.map(str::to_owned)).collect()
}

/// The schema in GraphQL's own language, sorted, with its descriptions.
#[must_use]
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .sorted_arguments()
        .sorted_enum_items()
        .sorted_fields()
        .include_specified_by();
    builder(EngineLimits::default())
        .finish()
        .sdl_with_options(options)
}

fn builder(limits: EngineLimits) -> SchemaBuilder<Query, Mutation, Subscription> {
    let builder = Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    );
    describe_pages(builder)
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_directives(MAX_DIRECTIVES_PER_FIELD)
}

/// Says what each connection lists: the engine has one generic type for all, without a description.
fn describe_pages<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S> {
    builder
        .override_output_type_description::<AccountConnection>("A page of accounts.")
        .override_output_type_description::<AppConnection>("A page of apps.")
        .override_output_type_description::<AssignmentConnection>("A page of assignments.")
        .override_output_type_description::<AuditEventConnection>("A page of the audit trail.")
        .override_output_type_description::<BulkJobFailureConnection>(
            "A page of people whom a job could not change.",
        )
        .override_output_type_description::<DeprovisioningHoldAccountConnection>(
            "A page of accounts that a hold concerns.",
        )
        .override_output_type_description::<DeprovisioningHoldConnection>("A page of holds.")
        .override_output_type_description::<ImportCandidateConnection>(
            "A page of people whom an import found.",
        )
        .override_output_type_description::<ImportConnection>("A page of imports.")
        .override_output_type_description::<OperationConnection>("A page of calls to Okta.")
        .override_output_type_description::<PersonalAccessTokenConnection>(
            "A page of personal access tokens.",
        )
        .override_output_type_description::<UserConnection>("A page of people.")
}
