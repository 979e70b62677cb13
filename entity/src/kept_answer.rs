//! Answers to mutations that came with an `Idempotency-Key`, so that the same request is not carried out twice.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// An answer to a mutation that came with an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "kept_answer")]
pub struct Model {
    /// Made from the person, or the personal access token, and the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Digest of the request.
    pub request: Vec<u8>,
    /// When it began, epoch milliseconds.
    pub started_at: i64,
    /// When it was answered, epoch milliseconds; null while it is under way, or when nobody knows what came of it.
    pub finished_at: Option<i64>,
    /// The HTTP status; null as above.
    pub status: Option<i32>,
    /// The body, sealed: it may hold a secret that is shown once. Null as above.
    pub body: Option<Vec<u8>>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
