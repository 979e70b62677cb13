//! Indexes, named after what they hold, on both engines.

use sea_orm_migration::prelude::{ConnectionTrait, DbErr, Index, SchemaManager};

pub(crate) async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name("ix", table, columns)).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

pub(crate) async fn unique(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name("uq", table, columns)).table(table).unique();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

/// A unique index over the rows that satisfy `condition`, which both SQLite and PostgreSQL know.
pub(crate) async fn unique_where(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Result<(), DbErr> {
    partial(manager, "UNIQUE INDEX uq", table, columns, condition).await
}

/// An index over the rows that satisfy `condition`. SQLite takes it only for queries in which the condition is written out, not bound.
pub(crate) async fn index_where(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Result<(), DbErr> {
    partial(manager, "INDEX ix", table, columns, condition).await
}

async fn partial(
    manager: &SchemaManager<'_>,
    kind: &str,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Result<(), DbErr> {
    let name = name(kind, table, columns);
    let columns = columns.join(", ");
    let statement = format!("CREATE {name} ON {table} ({columns}) WHERE {condition}");
    manager
        .get_connection()
        .execute_unprepared(&statement)
        .await?;
    Ok(())
}

fn name(prefix: &str, table: &str, columns: &[&str]) -> String {
    format!("{prefix}_{table}_{}", columns.join("_"))
}
