//! Answers to mutations that came with an `Idempotency-Key`.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, blob_null, integer_null, uuid,
};

use crate::index::index;

/// Creates the table.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all: a process that is killed in the middle leaves a database that can be migrated.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("kept_answer")
            .col(uuid("id").primary_key())
            .col(blob("request"))
            .col(big_integer("started_at"))
            .col(big_integer_null("finished_at"))
            .col(integer_null("status"))
            .col(blob_null("body"));
        manager.create_table(table).await?;
        index(manager, "kept_answer", &["started_at"]).await
    }
}
