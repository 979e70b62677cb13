//! Pausing an app, the undo window of deletions, who goes first, and the pace that Okta allows.

use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, integer_null, text, text_null, uuid, uuid_null,
};

use crate::index::index;

/// Adds the columns and the table.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all: a process that is killed in the middle leaves a database that can be migrated.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "app", uuid_null("paused_by")).await?;
        add(manager, "app", big_integer_null("paused_at")).await?;
        add(manager, "app", text_null("pause_note")).await?;
        add(manager, "app", integer_null("deletion_delay_days")).await?;
        add(manager, "account", big_integer_null("deletion_from")).await?;
        let mut urgency = integer("urgency");
        urgency.default(1);
        add(manager, "account", urgency).await?;
        index(manager, "account", &["app_id", "urgency", "due_at"]).await?;
        // For the speed of the last minutes.
        index(manager, "operation", &["app_id", "sent_at"]).await?;
        app_pace(manager).await
    }
}

/// SQLite adds one column at a time.
async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let mut alter = Table::alter();
    alter.table(table).add_column(column);
    manager.alter_table(alter).await
}

async fn app_pace(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("app_pace")
        .col(uuid("app_id").primary_key())
        .col(text("bucket"))
        .col(big_integer("call_limit"))
        .col(big_integer("usable"))
        .col(big_integer("window_ends_at"));
    manager.create_table(table).await
}
