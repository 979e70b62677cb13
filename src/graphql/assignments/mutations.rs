//! Assigning an app, taking it away, changing roles.

use async_graphql::{Context, ID, MaybeUndefined, Object, SimpleObject};

use super::bulk_job::BulkJob;
use super::inputs::{
    AssignmentTargetsInput, AssignmentsRoleChangeInput, UsersAssignInput, UsersUnassignInput,
};
use super::results::{AssignmentResult, Parts, parts};
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::UserError;
use crate::service::assignments::{self, Wish};

/// The assignments' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AssignmentMutation;

/// Answer of `usersAssign`.
#[derive(SimpleObject)]
pub struct UsersAssignPayload {
    /// One result for each of `targets.userIds`, in their order; empty when the whole was refused, and with `targets.matching`.
    pub results: Vec<AssignmentResult>,
    /// The job that works on `targets.matching`; follow it with the subscription `bulkJobProgress`. Null when the whole was refused, and with
    /// `targets.userIds`.
    pub bulk_job: Option<BulkJob>,
    /// Why the whole was refused; the refusals of single users are in `results`.
    pub user_errors: Vec<UserError>,
}

/// Answer of `usersUnassign`.
#[derive(SimpleObject)]
pub struct UsersUnassignPayload {
    /// One result for each of `targets.userIds`, in their order; empty when the whole was refused, and with `targets.matching`.
    pub results: Vec<AssignmentResult>,
    /// The job that works on `targets.matching`; follow it with the subscription `bulkJobProgress`. Null when the whole was refused, and with
    /// `targets.userIds`.
    pub bulk_job: Option<BulkJob>,
    /// Why the whole was refused; the refusals of single users are in `results`.
    pub user_errors: Vec<UserError>,
}

/// Answer of `assignmentsRoleChange`.
#[derive(SimpleObject)]
pub struct AssignmentsRoleChangePayload {
    /// One result for each of `targets.userIds`, in their order; empty when the whole was refused, and with `targets.matching`.
    pub results: Vec<AssignmentResult>,
    /// The job that works on `targets.matching`; follow it with the subscription `bulkJobProgress`. Null when the whole was refused, and with
    /// `targets.userIds`.
    pub bulk_job: Option<BulkJob>,
    /// Why the whole was refused; the refusals of single users are in `results`.
    pub user_errors: Vec<UserError>,
}

/// The assignments' part of `Mutation`.
#[Object]
impl AssignmentMutation {
    /// Assigns the app to users, each with the same role or none. Users succeed or fail on their own; who has the app already with this role, or when no
    /// role is given, counts as done; with another role the result is `ALREADY_EXISTS` (use `assignmentsRoleChange`). Inactive users may be assigned:
    /// their accounts stay `NOT_PROVISIONED` until they are active. The app need not be connected yet: accounts wait.
    ///
    /// Needs `VIEW_APPS` and `ASSIGN_APPS`. `SUPER_ADMIN` and `ORG_ADMIN` are given by owners and admins only, by an admin never to himself; custom
    /// Okta roles by nobody (`CUSTOM_ROLE_NOT_ASSIGNABLE`).
    async fn users_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, whom, with which role.")] input: UsersAssignInput,
    ) -> async_graphql::Result<UsersAssignPayload> {
        let wish = Wish::Assign { role: input.role };
        let Parts {
            results,
            bulk_job,
            user_errors,
        } = change(ctx, &input.app_id, input.targets, &wish).await?;
        Ok(UsersAssignPayload {
            results,
            bulk_job,
            user_errors,
        })
    }

    /// Takes the app from users. What happens in Okta depends on the switch `deleteUsers` as it is now: deactivated and deleted, or left as it is
    /// without the role that was given here. Who does not have the app counts as done.
    ///
    /// Needs `VIEW_APPS` and `ASSIGN_APPS`; from holders of `SUPER_ADMIN` or `ORG_ADMIN` only owners and admins take it.
    async fn users_unassign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, whom.")] input: UsersUnassignInput,
    ) -> async_graphql::Result<UsersUnassignPayload> {
        let Parts {
            results,
            bulk_job,
            user_errors,
        } = change(ctx, &input.app_id, input.targets, &Wish::Unassign).await?;
        Ok(UsersUnassignPayload {
            results,
            bulk_job,
            user_errors,
        })
    }

    /// Changes the role of users who have the app; in Okta the old one is taken back and the new one given. Who has this role already counts as done;
    /// for who does not have the app the result is `NOT_FOUND`.
    ///
    /// Needs `VIEW_APPS` and `ASSIGN_APPS`; who may not give a role may not take it away either.
    async fn assignments_role_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, whom, which role.")] input: AssignmentsRoleChangeInput,
    ) -> async_graphql::Result<AssignmentsRoleChangePayload> {
        let role = match input.role {
            MaybeUndefined::Undefined => None,
            role => Some(role.take()),
        };
        let wish = Wish::ChangeRole { role };
        let Parts {
            results,
            bulk_job,
            user_errors,
        } = change(ctx, &input.app_id, input.targets, &wish).await?;
        Ok(AssignmentsRoleChangePayload {
            results,
            bulk_job,
            user_errors,
        })
    }
}

async fn change(
    ctx: &Context<'_>,
    app: &ID,
    targets: AssignmentTargetsInput,
    wish: &Wish,
) -> async_graphql::Result<Parts> {
    let given = match &targets {
        AssignmentTargetsInput::UserIds(ids) => ids.clone(),
        AssignmentTargetsInput::Matching(_) => Vec::new(),
    };
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let app = ids::row_of(app, NodeKind::App);
    let answer = assignments::change(services, viewer, app, targets.into_targets()?, wish).await;
    parts(answer, given)
}
