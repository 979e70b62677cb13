//! Tables of the apps: switches, connections, mappings, assignments.

use sea_orm_migration::prelude::{DbErr, SchemaManager, Table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, boolean, integer, json_binary,
    json_binary_null, text, text_null, uuid, uuid_null,
};

use crate::index::{index, unique, unique_where};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    app(manager).await?;
    okta_org(manager).await?;
    okta_snapshot(manager).await?;
    okta_authorization(manager).await?;
    attribute_mapping(manager).await?;
    assignment(manager).await?;
    Ok(())
}

async fn app(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("app")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(text("name"))
        .col(text("status"))
        .col(boolean("create_users"))
        .col(boolean("update_user_profile"))
        .col(boolean("delete_users"))
        .col(boolean("activate_and_deactivate_users"))
        .col(big_integer("settings_version"))
        .col(uuid_null("settings_saved_by"))
        .col(big_integer_null("settings_saved_at"))
        .col(boolean("send_activation_email"))
        .col(json_binary_null("allowed_role_types"))
        .col(integer("rate_limit_share"))
        .col(big_integer("options_version"))
        .col(uuid_null("options_saved_by"))
        .col(big_integer_null("options_saved_at"))
        .col(big_integer("mappings_version"))
        .col(uuid_null("mappings_saved_by"))
        .col(big_integer_null("mappings_saved_at"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("removed_at"));
    manager.create_table(table).await?;
    index(manager, "app", &["organization_id", "id"]).await?;
    Ok(())
}

async fn okta_org(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("okta_org")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(text_null("base_url"))
        .col(text_null("client_id"))
        .col(binary_null("client_secret_sealed"))
        .col(big_integer_null("client_secret_set_at"))
        .col(text("status"))
        .col(text_null("problem_code"))
        .col(text_null("problem_detail"))
        .col(json_binary("granted_scopes"))
        .col(text_null("authorized_by_okta_id"))
        .col(text_null("authorized_by_login"))
        .col(uuid_null("authorized_by"))
        .col(big_integer_null("authorized_at"))
        .col(binary_null("access_token_sealed"))
        .col(big_integer_null("access_token_expires_at"))
        .col(big_integer_null("access_token_refresh_at"))
        .col(binary_null("refresh_token_sealed"))
        .col(big_integer("token_version"))
        .col(uuid_null("refresh_claim"))
        .col(big_integer_null("refresh_claimed_until"))
        .col(json_binary("denied_capabilities"))
        .col(big_integer_null("tested_at"))
        .col(integer("failures"))
        .col(big_integer_null("retry_at"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("archived_at"));
    manager.create_table(table).await?;
    unique_where(manager, "okta_org", &["app_id"], "archived_at IS NULL").await?;
    // Two apps of one organisation on one Okta org would undo each other's work.
    unique_where(
        manager,
        "okta_org",
        &["organization_id", "base_url"],
        "archived_at IS NULL",
    )
    .await?;
    Ok(())
}

async fn okta_snapshot(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("okta_snapshot")
        .col(uuid("okta_org_id"))
        .col(text("kind"))
        .col(json_binary("document"))
        .col(big_integer("fetched_at"))
        .primary_key(
            sea_orm_migration::prelude::Index::create()
                .col("okta_org_id")
                .col("kind"),
        );
    manager.create_table(table).await?;
    Ok(())
}

async fn okta_authorization(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("okta_authorization")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(uuid("okta_org_id"))
        .col(uuid("started_by"))
        .col(text("status"))
        .col(binary("start_hash"))
        .col(binary("state_hash"))
        .col(binary_null("cookie_hash"))
        .col(binary("verifier_sealed"))
        .col(text_null("return_to"))
        .col(text_null("problem_code"))
        .col(text_null("problem_detail"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("returned_at"))
        .col(big_integer_null("completed_at"));
    manager.create_table(table).await?;
    unique(manager, "okta_authorization", &["state_hash"]).await?;
    unique(manager, "okta_authorization", &["start_hash"]).await?;
    index(manager, "okta_authorization", &["app_id", "id"]).await?;
    Ok(())
}

async fn attribute_mapping(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("attribute_mapping")
        .col(uuid("app_id"))
        .col(text("attribute"))
        .col(integer("position"))
        .col(text_null("field_id"))
        .col(json_binary_null("constant"))
        .primary_key(
            sea_orm_migration::prelude::Index::create()
                .col("app_id")
                .col("attribute"),
        );
    manager.create_table(table).await?;
    Ok(())
}

async fn assignment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("assignment")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(uuid("user_id"))
        .col(text_null("role"))
        .col(uuid_null("created_by"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"));
    manager.create_table(table).await?;
    unique(manager, "assignment", &["app_id", "user_id"]).await?;
    index(manager, "assignment", &["app_id", "id"]).await?;
    index(manager, "assignment", &["user_id"]).await?;
    Ok(())
}
