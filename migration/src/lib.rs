//! Database migrations, the same on SQLite and PostgreSQL. A landed migration is never edited; the next one changes it.

mod index;
mod initial;
mod m10_list_indexes;
mod m11_bootstrap_tokens;
mod m12_date_indexes;
mod m2_import;
mod m3_deprovisioning;
mod m4_audit_chain;
mod m5_pause_and_delay;
mod m6_import_indexes;
mod m7_personal_access_tokens;
mod m8_oidc_subjects;
mod m9_idempotency;

use sea_orm_migration::prelude::MigrationTrait;

pub use sea_orm_migration::prelude::MigratorTrait;

/// All migrations in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(initial::Migration),
            Box::new(m2_import::Migration),
            Box::new(m3_deprovisioning::Migration),
            Box::new(m4_audit_chain::Migration),
            Box::new(m5_pause_and_delay::Migration),
            Box::new(m6_import_indexes::Migration),
            Box::new(m7_personal_access_tokens::Migration),
            Box::new(m8_oidc_subjects::Migration),
            Box::new(m9_idempotency::Migration),
            Box::new(m10_list_indexes::Migration),
            Box::new(m11_bootstrap_tokens::Migration),
            Box::new(m12_date_indexes::Migration),
        ]
    }
}
