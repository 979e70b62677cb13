//! Tables of the engine: accounts, journal, leases, jobs, audit.

use sea_orm_migration::prelude::{DbErr, SchemaManager, Table};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, json_binary, json_binary_null, text,
    text_null, uuid, uuid_null,
};

use crate::index::{index, unique, unique_where};

pub(super) async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    account(manager).await?;
    archived_link(manager).await?;
    operation(manager).await?;
    app_lease(manager).await?;
    bulk_job(manager).await?;
    bulk_job_failure(manager).await?;
    audit_event(manager).await?;
    Ok(())
}

async fn account(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("account")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(uuid("user_id"))
        .col(big_integer("generation"))
        .col(big_integer("applied_generation"))
        .col(big_integer("revision"))
        .col(big_integer_null("due_at"))
        .col(integer("attempts"))
        .col(text("state"))
        .col(text_null("problem_code"))
        .col(json_binary_null("problem_detail"))
        .col(text_null("wait_reason"))
        .col(big_integer_null("next_attempt_at"))
        .col(big_integer("activation_wanted"))
        .col(big_integer("activation_applied"))
        .col(uuid_null("okta_org_id"))
        .col(text_null("okta_id"))
        .col(text_null("provenance"))
        .col(text_null("okta_status"))
        .col(boolean("transitioning"))
        .col(json_binary_null("okta_profile"))
        .col(big_integer_null("observed_at"))
        .col(text_null("granted_role"))
        .col(big_integer_null("granted_role_created"))
        .col(boolean("role_known"))
        .col(json_binary_null("foreign_roles"))
        .col(boolean("admin_confirmed"))
        .col(boolean("deactivated_by_us"))
        .col(boolean("released"))
        .col(boolean("release_only"))
        .col(json_binary_null("link_confirmation"))
        .col(json_binary_null("candidate"))
        .col(json_binary_null("refusals"))
        .col(big_integer_null("recheck_at"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"));
    manager.create_table(table).await?;
    unique(manager, "account", &["app_id", "user_id"]).await?;
    unique(manager, "account", &["okta_org_id", "okta_id"]).await?;
    index(manager, "account", &["app_id", "due_at"]).await?;
    index(manager, "account", &["due_at"]).await?;
    index(manager, "account", &["app_id", "state", "id"]).await?;
    index(manager, "account", &["user_id"]).await?;
    Ok(())
}

async fn archived_link(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("archived_link")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("account_id"))
        .col(uuid("okta_org_id"))
        .col(text("okta_id"))
        .col(text("provenance"))
        .col(text_null("granted_role"))
        .col(big_integer("archived_at"));
    manager.create_table(table).await?;
    index(manager, "archived_link", &["account_id"]).await?;
    Ok(())
}

async fn operation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("operation")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(uuid("account_id"))
        .col(uuid("user_id"))
        .col(uuid("okta_org_id"))
        .col(text("kind"))
        .col(big_integer("generation"))
        .col(text("status"))
        .col(json_binary("request"))
        .col(big_integer("lease_epoch"))
        .col(integer("attempt"))
        .col(boolean("outcome_unknown"))
        .col(json_binary("reads"))
        .col(big_integer("sent_at"))
        .col(big_integer("sent_at_okta"))
        .col(big_integer_null("resolved_at"))
        .col(text_null("okta_request_id"))
        .col(text_null("error_code"))
        .col(text_null("error_message"))
        .col(big_integer("created_at"));
    manager.create_table(table).await?;
    unique_where(manager, "operation", &["account_id"], "status = 'SENT'").await?;
    index(manager, "operation", &["account_id", "id"]).await?;
    index(manager, "operation", &["app_id", "id"]).await?;
    Ok(())
}

async fn app_lease(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("app_lease")
        .col(uuid("app_id").primary_key())
        .col(uuid_null("holder"))
        .col(big_integer("epoch"))
        .col(big_integer("heartbeat"));
    manager.create_table(table).await?;
    Ok(())
}

async fn bulk_job(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bulk_job")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(uuid("app_id"))
        .col(text("kind"))
        .col(text("status"))
        .col(json_binary("request"))
        .col(big_integer("total"))
        .col(big_integer("processed"))
        .col(big_integer("succeeded"))
        .col(big_integer("failed"))
        .col(uuid_null("cursor"))
        .col(uuid("until"))
        .col(text_null("problem"))
        .col(uuid("started_by"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("finished_at"));
    manager.create_table(table).await?;
    index(manager, "bulk_job", &["app_id", "status"]).await?;
    Ok(())
}

async fn bulk_job_failure(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bulk_job_failure")
        .col(uuid("bulk_job_id"))
        .col(uuid("user_id"))
        .col(text("code"))
        .col(text("message"))
        .primary_key(
            sea_orm_migration::prelude::Index::create()
                .col("bulk_job_id")
                .col("user_id"),
        );
    manager.create_table(table).await?;
    Ok(())
}

async fn audit_event(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("audit_event")
        .col(uuid("id").primary_key())
        .col(uuid("organization_id"))
        .col(big_integer("at"))
        .col(text("actor"))
        .col(uuid_null("actor_user_id"))
        .col(text("action"))
        .col(uuid_null("app_id"))
        .col(uuid_null("user_id"))
        .col(uuid_null("account_id"))
        .col(uuid_null("operation_id"))
        .col(text_null("okta_request_id"))
        .col(json_binary("detail"));
    manager.create_table(table).await?;
    index(manager, "audit_event", &["organization_id", "at", "id"]).await?;
    index(manager, "audit_event", &["app_id", "id"]).await?;
    index(manager, "audit_event", &["user_id", "id"]).await?;
    Ok(())
}
