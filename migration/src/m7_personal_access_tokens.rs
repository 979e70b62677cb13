//! Personal access tokens, and which of them began what goes on in the background.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, json_binary, text, text_null, uuid, uuid_null,
};

use crate::index::{index, unique};

/// Adds the table and the columns.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "personal_access_token";

/// What goes on under the name of whoever began it, after the request that began it.
const BEGUN: [&str; 3] = ["bulk_job", "okta_authorization", "okta_import"];

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
            .col(uuid("user_id"))
            .col(text("name"))
            .col(text_null("name_key"))
            .col(json_binary("scopes"))
            .col(binary("hash"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("last_used_at"))
            .col(big_integer_null("revoked_at"));
        manager.create_table(table).await?;
        unique(manager, TABLE, &["hash"]).await?;
        // Both engines take nulls for different from each other: tokens without a name key are in nobody's way.
        unique(manager, TABLE, &["organization_id", "user_id", "name_key"]).await?;
        index(manager, TABLE, &["organization_id", "user_id", "id"]).await?;
        for begun in BEGUN {
            let mut alter = Table::alter();
            alter.table(begun).add_column(uuid_null("token_id"));
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
