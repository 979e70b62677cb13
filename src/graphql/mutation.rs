//! The root of all mutations: one part per area.

use async_graphql::MergedObject;

use super::accounts::deletions::DeletionMutation;
use super::accounts::mutations::AccountMutation;
use super::apps::configuration_mutations::ConfigurationMutation;
use super::apps::mutations::AppMutation;
use super::apps::pause::PauseMutation;
use super::assignments::mutations::AssignmentMutation;
use super::connections::mutations::ConnectionMutation;
use super::deprovisioning::mutations::DeprovisioningMutation;
use super::directory::mutations::DirectoryMutation;
use super::imports::mutations::ImportMutation;

/// Changing. Each takes one `input` and answers with what changed and with `userErrors`: as long as that list is not empty, nothing was
/// changed. What the viewer lacks the permission for ends in an error with the code `FORBIDDEN`.
#[derive(Clone, Copy, Debug, Default, MergedObject)]
pub struct Mutation(
    DirectoryMutation,
    AppMutation,
    ConfigurationMutation,
    PauseMutation,
    AssignmentMutation,
    AccountMutation,
    DeletionMutation,
    DeprovisioningMutation,
    ImportMutation,
    ConnectionMutation,
);
