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
    let name = name("uq", table, columns);
    partial(
        manager,
        &format!("UNIQUE INDEX {name}"),
        table,
        columns,
        condition,
    )
    .await
}

/// As [`unique_where`], of rows that may repeat.
pub(crate) async fn index_where(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Result<(), DbErr> {
    let name = name("ix", table, columns);
    partial(manager, &format!("INDEX {name}"), table, columns, condition).await
}

async fn partial(
    manager: &SchemaManager<'_>,
    what: &str,
    table: &str,
    columns: &[&str],
    condition: &str,
) -> Result<(), DbErr> {
    let columns = columns.join(", ");
    let statement = format!("CREATE {what} ON {table} ({columns}) WHERE {condition}");
    manager
        .get_connection()
        .execute_unprepared(&statement)
        .await?;
    Ok(())
}

fn name(prefix: &str, table: &str, columns: &[&str]) -> String {
    format!("{prefix}_{table}_{}", columns.join("_"))
}
