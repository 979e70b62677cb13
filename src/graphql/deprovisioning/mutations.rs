//! Deciding about a hold.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::hold::DeprovisioningHold;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::apps::Saving;
use crate::service::deprovisioning::{self, Hold, Resolution};

/// The holds' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeprovisioningMutation;

/// A hold to approve.
#[derive(Clone, Debug, InputObject)]
pub struct DeprovisioningHoldApproveInput {
    /// Global id of the hold.
    pub hold_id: ID,
    /// `DeprovisioningHold.version` as you showed it: refused with `VERSION_CONFLICT` if it is another by now, so that nobody approves what he
    /// did not see.
    pub expected_version: i64,
}

/// Answer of `deprovisioningHoldApprove`.
#[derive(SimpleObject)]
pub struct DeprovisioningHoldApprovePayload {
    /// The hold as it is now, with the accounts that are carried out; null when refused.
    pub hold: Option<DeprovisioningHold>,
    /// With `VERSION_CONFLICT`: the hold as it is now; otherwise null.
    pub conflict: Option<DeprovisioningHold>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// A hold to discard.
#[derive(Clone, Debug, InputObject)]
pub struct DeprovisioningHoldDiscardInput {
    /// Global id of the hold.
    pub hold_id: ID,
    /// `DeprovisioningHold.version` as you showed it: refused with `VERSION_CONFLICT` if it is another by now.
    pub expected_version: i64,
}

/// Answer of `deprovisioningHoldDiscard`.
#[derive(SimpleObject)]
pub struct DeprovisioningHoldDiscardPayload {
    /// The hold as it is now, with the accounts that stay; null when refused.
    pub hold: Option<DeprovisioningHold>,
    /// With `VERSION_CONFLICT`: the hold as it is now; otherwise null.
    pub conflict: Option<DeprovisioningHold>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The holds' part of `Mutation`.
#[Object]
impl DeprovisioningMutation {
    /// Has everything carried out that an open hold holds, beyond the budget: exactly these accounts, and exactly what is held for each. Whoever was
    /// given access again, or changed otherwise since the hold was shown, is left out and judged anew. It begins at once and takes as long as Okta's
    /// rate limit does. What is approved counts as used for 24 hours. A hold that is not open any more is refused with `NOT_POSSIBLE_NOW`. Needs
    /// `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn deprovisioning_hold_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which hold.")] input: DeprovisioningHoldApproveInput,
    ) -> async_graphql::Result<DeprovisioningHoldApprovePayload> {
        let (id, version) = (input.hold_id, input.expected_version);
        let (hold, conflict, user_errors) = decide(ctx, &id, version, Resolution::Approve).await?;
        Ok(DeprovisioningHoldApprovePayload {
            hold,
            conflict,
            user_errors,
        })
    }

    /// Decides that the accounts of an open hold stay in Okta as they are, although their people have lost access here. They become `BLOCKED` with
    /// `DEPROVISIONING_DISCARDED` and stay so until access is given back or taken away anew, the switch is switched on anew, or `accountsRetry` asks
    /// for them once more, which then draws on the budget again. Nothing changes in the directory. A hold that is not open any more is refused with
    /// `NOT_POSSIBLE_NOW`. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn deprovisioning_hold_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which hold.")] input: DeprovisioningHoldDiscardInput,
    ) -> async_graphql::Result<DeprovisioningHoldDiscardPayload> {
        let (id, version) = (input.hold_id, input.expected_version);
        let (hold, conflict, user_errors) = decide(ctx, &id, version, Resolution::Discard).await?;
        Ok(DeprovisioningHoldDiscardPayload {
            hold,
            conflict,
            user_errors,
        })
    }
}

type Decided = (
    Option<DeprovisioningHold>,
    Option<DeprovisioningHold>,
    Vec<UserError>,
);

async fn decide(
    ctx: &Context<'_>,
    id: &ID,
    expected: i64,
    resolution: Resolution,
) -> async_graphql::Result<Decided> {
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let id = ids::row_of(id, NodeKind::DeprovisioningHold);
    let done = deprovisioning::resolve(services, viewer, id, expected, resolution).await;
    let view = |hold: Hold| Some(DeprovisioningHold(hold));
    Ok(match settle(done)? {
        Ok(Saving::Done(hold)) => (view(hold), None, Vec::new()),
        Ok(Saving::Conflict(hold)) => {
            let error = deprovisioning::conflict(&hold).into();
            (None, view(hold), vec![error])
        }
        Err(user_errors) => (None, None, user_errors),
    })
}
