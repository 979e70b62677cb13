//! The audit trail as a chain: each entry authenticated by its writer and linked to the one before it; an index for each filter. And a row to
//! see by whether the database can be written.

use sea_orm_migration::prelude::{
    ConnectionTrait as _, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table,
    async_trait,
};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, integer, text, uuid,
};
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::index::{index, index_where, unique};

const TABLE: &str = "audit_event";

/// Adds the chain.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Whole or not at all: a process that is killed in the middle leaves a database that can be migrated.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        audit_chain(manager).await?;
        add_columns(manager).await?;
        fill_family(manager).await?;
        replace_indexes(manager).await?;
        write_probe(manager).await
    }
}

async fn audit_chain(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("audit_chain")
        .col(uuid("organization_id").primary_key())
        .col(big_integer("length"))
        .col(binary("head"))
        .col(binary("mac"));
    manager.create_table(table).await
}

/// One column at a time: SQLite takes no more.
async fn add_columns(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        text("family").default("").to_owned(),
        binary_null("tag"),
        big_integer_null("seq"),
        binary_null("link"),
    ];
    for column in columns {
        let mut table = Table::alter();
        table.table(TABLE).add_column(column);
        manager.alter_table(table).await?;
    }
    Ok(())
}

/// What stands before the dot of an action.
async fn fill_family(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let family = match connection.get_database_backend() {
        DatabaseBackend::Postgres => "split_part(action, '.', 1)",
        _ => "substr(action, 1, instr(action || '.', '.') - 1)",
    };
    let statement = format!("UPDATE {TABLE} SET family = {family}");
    connection.execute_unprepared(&statement).await?;
    Ok(())
}

/// Lists are by time, so each filter has an index that ends with it. What most entries do not have is left out of its index.
async fn replace_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for old in ["ix_audit_event_app_id_id", "ix_audit_event_user_id_id"] {
        let mut index = Index::drop();
        index.name(old).table(TABLE);
        manager.drop_index(index).await?;
    }
    for column in ["action", "family", "actor"] {
        index(manager, TABLE, &["organization_id", column, "at", "id"]).await?;
    }
    for column in ["actor_user_id", "app_id", "user_id", "account_id"] {
        let columns = ["organization_id", column, "at", "id"];
        let present = format!("{column} IS NOT NULL");
        index_where(manager, TABLE, &columns, &present).await?;
    }
    index_where(
        manager,
        TABLE,
        &["operation_id"],
        "operation_id IS NOT NULL",
    )
    .await?;
    index_where(manager, TABLE, &["organization_id", "id"], "seq IS NULL").await?;
    unique(manager, TABLE, &["organization_id", "seq"]).await
}

async fn write_probe(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("write_probe")
        .col(integer("id").primary_key())
        .col(big_integer("at"));
    manager.create_table(table).await?;
    let insert = "INSERT INTO write_probe (id, at) VALUES (1, 0)";
    manager.get_connection().execute_unprepared(insert).await?;
    Ok(())
}
