//! The deprovisioning budget: which change took access away, what was decided about each account, and the holds.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{big_integer, big_integer_null, text, text_null, uuid, uuid_null};

use crate::index::{index, unique_where};

/// Creates the tables of the holds, and what accounts keep of them.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all: a process that is killed in the middle leaves a database that can be migrated.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        account(manager).await?;
        directory_change(manager).await?;
        deprovisioning_hold(manager).await?;
        deprovisioning_hold_account(manager).await?;
        index(manager, "operation", &["app_id", "kind", "sent_at"]).await
    }
}

async fn account(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut changed = big_integer("changed_generation");
    changed.default(0);
    // SQLite adds one column at a time.
    for column in [
        uuid_null("change_id"),
        changed,
        text_null("removal_verdict"),
        text_null("removal_kind"),
        big_integer_null("removal_generation"),
        uuid_null("removal_change_id"),
        uuid_null("removal_hold_id"),
        big_integer_null("removal_at"),
    ] {
        let mut table = Table::alter();
        table.table("account").add_column(column);
        manager.alter_table(table).await?;
    }
    index(manager, "account", &["app_id", "change_id"]).await?;
    index(manager, "account", &["app_id", "removal_verdict"]).await?;
    // With the status, so that the live accounts are counted in the index alone.
    index(manager, "account", &["app_id", "released", "okta_status"]).await
}

async fn directory_change(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("directory_change")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(text("cause"))
        .col(uuid_null("user_id"))
        .col(big_integer("created_at"));
    manager.create_table(table).await
}

async fn deprovisioning_hold(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let name = "deprovisioning_hold";
    let mut table = Table::create();
    table
        .table(name)
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(text("reason"))
        .col(text_null("cause"))
        .col(uuid_null("caused_by"))
        .col(text("status"))
        .col(big_integer("version"))
        .col(uuid_null("decided_by"))
        .col(big_integer_null("decided_at"))
        .col(big_integer("created_at"));
    manager.create_table(table).await?;
    index(manager, name, &["app_id", "id"]).await?;
    let waiting = "status = 'OPEN' AND reason = 'BUDGET_SPENT'";
    unique_where(manager, name, &["app_id"], waiting).await
}

async fn deprovisioning_hold_account(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let name = "deprovisioning_hold_account";
    let mut table = Table::create();
    table
        .table(name)
        .col(uuid("hold_id"))
        .col(uuid("account_id"))
        .col(text("kind"))
        .col(big_integer("generation"))
        .col(big_integer("held_at"))
        .primary_key(Index::create().col("hold_id").col("account_id"));
    manager.create_table(table).await?;
    index(manager, name, &["hold_id", "held_at", "account_id"]).await
}
