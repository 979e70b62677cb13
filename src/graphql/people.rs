//! The person in something that the viewer may see.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use uuid::Uuid;

use super::directory::user::User;
use super::error::{self, Code};
use super::loaders::{StandingLoader, UserLoader};
use crate::service::users::Standing;

/// The person, deleted or not.
///
/// # Errors
/// The database's own; `INTERNAL` when there is no such row, which is a defect.
pub async fn person(ctx: &Context<'_>, id: Uuid) -> async_graphql::Result<User> {
    let found = maybe(ctx, id).await?;
    found.ok_or_else(|| error::coded(Code::Internal, "Something went wrong on our side."))
}

/// The person, deleted or not; `None` when there is none.
///
/// # Errors
/// The database's own.
pub async fn maybe(ctx: &Context<'_>, id: Uuid) -> async_graphql::Result<Option<User>> {
    let found = ctx.data::<DataLoader<UserLoader>>()?.load_one(id).await;
    Ok(found.map_err(|e| error::public_ref(&e))?.map(Into::into))
}

/// Where the person stands; `None` when there is none.
///
/// # Errors
/// The database's own.
pub async fn standing(ctx: &Context<'_>, id: Uuid) -> async_graphql::Result<Option<Standing>> {
    let found = ctx.data::<DataLoader<UserLoader>>()?.load_one(id).await;
    let Some(user) = found.map_err(|e| error::public_ref(&e))? else {
        return Ok(None);
    };
    let subject = user.as_ref().into();
    let found = ctx
        .data::<DataLoader<StandingLoader>>()?
        .load_one(subject)
        .await;
    found.map_err(|e| error::public_ref(&e))
}
