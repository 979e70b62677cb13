//! Indexes for the filters of an administrator's lists. Partial ones hold what is rare, so that the engine's writes hardly pay for them.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::index::{index, index_where};

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
        index(manager, "assignment", &["app_id", "role"]).await?;
        index(manager, "audit_event", &["actor_user_id", "at", "id"]).await?;
        let partial: [(&str, &[&str], &str); 3] = [
            (
                "account",
                &["app_id", "problem_code"],
                "problem_code IS NOT NULL",
            ),
            (
                "account",
                &["app_id", "wait_reason"],
                "wait_reason IS NOT NULL",
            ),
            (
                "operation",
                &["app_id", "status", "id"],
                "status <> 'SUCCEEDED'",
            ),
        ];
        for (table, columns, condition) in partial {
            index_where(manager, table, columns, condition).await?;
        }
        Ok(())
    }
}
