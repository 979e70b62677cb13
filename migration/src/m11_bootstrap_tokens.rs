//! One-time tokens with which somebody makes an organisation.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, uuid, uuid_null};

use crate::index::unique;

/// Creates the table.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "bootstrap_token";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all: a process that is killed in the middle leaves a database that can be migrated.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(TABLE)
            .col(uuid("id").primary_key())
            .col(binary("hash"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("used_at"))
            .col(uuid_null("organization_id"));
        manager.create_table(table).await?;
        unique(manager, TABLE, &["hash"]).await
    }
}
