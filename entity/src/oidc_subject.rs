//! Who a person is to an identity provider: from the first sign-in on the subject counts, whatever becomes of the e-mail address.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// Who a person is to an identity provider.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "oidc_subject")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The issuer, letter by letter as its tokens name it.
    pub issuer: String,
    /// The `sub` of its tokens; unique with the issuer in the organisation.
    pub subject: String,
    /// The person; unique with the issuer in the organisation.
    pub user_id: Uuid,
    /// When the person first signed in, epoch milliseconds.
    pub created_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
