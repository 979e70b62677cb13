//! Tables of the directory: organisations, people, custom fields, admin roles.

use sea_orm_migration::prelude::{DbErr, SchemaManager, Table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer_null, json_binary, text, uuid, uuid_null,
};

use crate::index::{index, unique, unique_where};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    organization(manager).await?;
    admin_role(manager).await?;
    directory_field(manager).await?;
    directory_user(manager).await?;
    Ok(())
}

async fn organization(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("organization")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(big_integer("created_at"));
    manager.create_table(table).await?;
    Ok(())
}

async fn admin_role(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("admin_role")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(text("description"))
        .col(json_binary("permissions"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"));
    manager.create_table(table).await?;
    unique(manager, "admin_role", &["organization_id", "name_key"]).await?;
    Ok(())
}

async fn directory_field(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("directory_field")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(text("label"))
        .col(text("label_key"))
        .col(text("data_type"))
        .col(integer_null("max_length"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"));
    manager.create_table(table).await?;
    unique(
        manager,
        "directory_field",
        &["organization_id", "label_key"],
    )
    .await?;
    Ok(())
}

async fn directory_user(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("directory_user")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(text("status"))
        .col(text("user_name"))
        .col(text("user_name_key"))
        .col(text("primary_email"))
        .col(text("primary_email_key"))
        .col(text("display_name"))
        .col(text("sort_name"))
        .col(text("department"))
        .col(json_binary("fields"))
        .col(text("search_text"))
        .col(text("admin_role"))
        .col(uuid_null("admin_role_id"))
        .col(big_integer("revision"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("deleted_at"));
    manager.create_table(table).await?;
    unique_where(
        manager,
        "directory_user",
        &["organization_id", "user_name_key"],
        "status <> 'DELETED'",
    )
    .await?;
    unique_where(
        manager,
        "directory_user",
        &["organization_id", "primary_email_key"],
        "status <> 'DELETED'",
    )
    .await?;
    index(
        manager,
        "directory_user",
        &["organization_id", "sort_name", "id"],
    )
    .await?;
    index(
        manager,
        "directory_user",
        &["organization_id", "created_at", "id"],
    )
    .await?;
    index(
        manager,
        "directory_user",
        &["organization_id", "updated_at", "id"],
    )
    .await?;
    index(
        manager,
        "directory_user",
        &["organization_id", "department", "id"],
    )
    .await?;
    index(
        manager,
        "directory_user",
        &["organization_id", "admin_role"],
    )
    .await?;
    Ok(())
}
