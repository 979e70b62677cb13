//! Indexes for the spans of time by which an administrator filters lists.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::index::index;

/// Creates the indexes.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all: a process that is killed in the middle leaves a database that can be migrated.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(manager, "assignment", &["app_id", "created_at"]).await?;
        index(manager, "account", &["app_id", "updated_at"]).await
    }
}
