//! Tables of the import from Okta.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, async_trait,
};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, boolean_null, integer, json_binary, text, text_null,
    uuid, uuid_null,
};

use crate::index::{index, unique, unique_where};

/// Creates the tables of the import.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        okta_import(manager).await?;
        import_seen(manager).await?;
        import_candidate(manager).await
    }
}

async fn okta_import(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("okta_import")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(uuid("okta_org_id"))
        .col(text("mode"))
        .col(text("status"))
        .col(text("phase"))
        .col(text("source_profile"))
        .col(big_integer_null("since"))
        .col(big_integer_null("high_water"))
        .col(text_null("cursor"))
        .col(uuid_null("place"))
        .col(big_integer("step"))
        .col(big_integer("mappings_version"))
        .col(boolean_null("admins_known"))
        .col(big_integer("pages"))
        .col(big_integer("calls"))
        .col(big_integer("fetched"))
        .col(big_integer("matched"))
        .col(big_integer("in_sync"))
        .col(big_integer("ignored"))
        .col(big_integer("vanished"))
        .col(big_integer_null("total_estimate"))
        .col(big_integer("selection_version"))
        .col(big_integer_null("confirmed_selection_version"))
        .col(uuid("started_by"))
        .col(uuid_null("confirmed_by"))
        .col(text_null("problem_code"))
        .col(text_null("problem_detail"))
        .col(integer("attempts"))
        .col(big_integer_null("next_attempt_at"))
        .col(uuid_null("claimed_by"))
        .col(big_integer_null("claimed_until"))
        .col(big_integer("held_deactivations"))
        .col(boolean("deactivations_approved"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("fetched_at"))
        .col(big_integer_null("confirmed_at"))
        .col(big_integer_null("finished_at"));
    manager.create_table(table).await?;
    let running = "status IN ('FETCHING', 'APPLYING')";
    unique_where(manager, "okta_import", &["app_id"], running).await?;
    index(manager, "okta_import", &["app_id", "id"]).await?;
    index(manager, "okta_import", &["status"]).await
}

async fn import_seen(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("import_seen")
        .col(uuid("import_id"))
        .col(text("okta_id"))
        .primary_key(Index::create().col("import_id").col("okta_id"));
    manager.create_table(table).await
}

async fn import_candidate(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("import_candidate")
        .col(uuid("id").primary_key())
        .col(uuid("import_id"))
        .col(uuid("organization_id"))
        .col(text("okta_id"))
        .col(text("category"))
        .col(text_null("conflict"))
        .col(uuid_null("user_id"))
        .col(big_integer_null("user_revision"))
        .col(text("okta_status"))
        .col(big_integer_null("okta_last_updated"))
        .col(boolean("is_admin"))
        .col(boolean("linked"))
        .col(boolean("assigned"))
        .col(boolean("differs"))
        .col(text("display_name"))
        .col(text("sort_name"))
        .col(text("login"))
        .col(text("login_key"))
        .col(text("email"))
        .col(text("email_key"))
        .col(text("search_text"))
        .col(json_binary("profile"))
        .col(json_binary("differences"))
        .col(boolean("selected"))
        .col(text_null("source_profile"))
        .col(text_null("outcome"))
        .col(text_null("outcome_code"))
        .col(text_null("outcome_message"))
        .col(big_integer_null("applied_at"));
    manager.create_table(table).await?;
    let name = "import_candidate";
    unique(manager, name, &["import_id", "okta_id"]).await?;
    index(manager, name, &["import_id", "id"]).await?;
    index(manager, name, &["import_id", "category", "id"]).await?;
    // With the searched text, so that a search reads the index alone.
    let by_name = ["import_id", "sort_name", "id", "search_text"];
    index(manager, name, &by_name).await?;
    index(manager, name, &["import_id", "outcome", "id"]).await?;
    index(manager, name, &["import_id", "selected", "id"]).await?;
    index(manager, name, &["import_id", "user_id"]).await?;
    index(manager, name, &["import_id", "login_key"]).await?;
    index(manager, name, &["import_id", "email_key"]).await
}
