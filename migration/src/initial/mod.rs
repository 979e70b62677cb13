//! The first schema.

mod apps;
mod directory;
mod engine;

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

/// Creates every table of the first release.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        directory::up(manager).await?;
        apps::up(manager).await?;
        engine::up(manager).await
    }
}
