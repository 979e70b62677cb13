//! Who somebody is to the identity provider, and what a session of less than its person's rights leaves behind for the work that goes on after it.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{big_integer, json_binary_null, text, uuid};

use crate::index::unique;

/// Adds the table and the column.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "oidc_subject";

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
            .col(uuid("organization_id"))
            .col(text("issuer"))
            .col(text("subject"))
            .col(uuid("user_id"))
            .col(big_integer("created_at"));
        manager.create_table(table).await?;
        // One person to a subject, and one subject to a person.
        unique(manager, TABLE, &["organization_id", "issuer", "subject"]).await?;
        unique(manager, TABLE, &["organization_id", "issuer", "user_id"]).await?;
        for goes_on in ["okta_import", "okta_authorization"] {
            let mut table = Table::alter();
            table.table(goes_on).add_column(json_binary_null("ceiling"));
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
