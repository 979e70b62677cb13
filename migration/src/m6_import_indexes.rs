//! Indexes over the candidates of an import, where they are needed only: a hundred thousand candidates are written at once, and each index of all of
//! them costs a tenth of that time.

use sea_orm_migration::prelude::{
    ConnectionTrait, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::index::index_where;

/// Makes indexes of the candidates partial.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "import_candidate";

/// The columns of an index, and the rows that it is about.
const PARTIAL: [(&[&str], &str); 5] = [
    (&["import_id", "outcome", "id"], "outcome IS NOT NULL"),
    (&["import_id", "selected", "id"], "selected"),
    (&["import_id", "user_id"], "user_id IS NOT NULL"),
    (&["import_id", "login_key"], "category = 'NEW'"),
    (&["import_id", "email_key"], "category = 'NEW'"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On one connection: another one of SQLite's would still know the index that this one dropped.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (columns, condition) in PARTIAL {
            let name = format!("ix_{TABLE}_{}", columns.join("_"));
            let drop = format!("DROP INDEX {name}");
            manager.get_connection().execute_unprepared(&drop).await?;
            index_where(manager, TABLE, columns, condition).await?;
        }
        Ok(())
    }
}
