//! What became of a change: one result for each user of a list, or the job that works on all who match.

use async_graphql::connection::{Edge, EmptyFields};
use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use uuid::Uuid;

use super::assignment::Assignment;
use super::bulk_job::BulkJob;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::people;
use crate::graphql::user_error::{UserError, settle};
use crate::service;
use crate::service::assignments::{self, Answer, Row};
use crate::service::page::Position;

/// What became of one user.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AssignmentResult {
    #[graphql(skip)]
    known_user: Option<Uuid>,
    /// The id as given.
    pub user_id: ID,
    /// The assignment as it is now, as an edge of `App.assignments` in the order `CREATED_AT_ASC`; null when there is none.
    pub assignment_edge: Option<Edge<Cursor, Assignment, EmptyFields>>,
    /// Global id of the assignment that was taken away just now; null when none was.
    pub removed_assignment_id: Option<ID>,
    /// True when something was changed; false when it was already as asked, or was refused.
    pub changed: bool,
    /// Why it was refused; empty when all is as asked.
    pub user_errors: Vec<UserError>,
}

#[ComplexObject]
impl AssignmentResult {
    /// The user; null when there is no such user.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.known_user {
            Some(id) => people::maybe(ctx, id).await,
            None => Ok(None),
        }
    }
}

impl From<Row> for AssignmentResult {
    fn from(row: Row) -> Self {
        let missing = |error: &service::UserError| error.code == service::UserErrorCode::NotFound;
        let known = !row.outcome.as_ref().is_err_and(missing);
        let user_id = ids::global(NodeKind::User, row.user_id);
        let known_user = known.then_some(row.user_id);
        match row.outcome {
            Ok(done) => Self {
                known_user,
                user_id,
                assignment_edge: done.assignment.map(edge),
                removed_assignment_id: done.removed.map(|id| ids::global(NodeKind::Assignment, id)),
                changed: done.changed,
                user_errors: Vec::new(),
            },
            Err(error) => Self {
                known_user,
                user_id,
                assignment_edge: None,
                removed_assignment_id: None,
                changed: false,
                user_errors: vec![error.into()],
            },
        }
    }
}

fn edge(assignment: assignments::Assignment) -> Edge<Cursor, Assignment, EmptyFields> {
    let place = Position {
        key: None,
        id: assignment.id,
    };
    Edge::new(
        Listing::AssignmentsByCreation.cursor(place),
        assignment.into(),
    )
}

/// The answer of a use case, taken apart for a payload.
pub(super) struct Parts {
    /// One result for each user of the list.
    pub results: Vec<AssignmentResult>,
    /// The job.
    pub bulk_job: Option<BulkJob>,
    /// Why the whole was refused.
    pub user_errors: Vec<UserError>,
}

/// Takes an answer apart. `given` are the ids of the list as they came in.
pub(super) fn parts(
    answer: service::Result<Answer>,
    given: Vec<ID>,
) -> async_graphql::Result<Parts> {
    Ok(match settle(answer)? {
        Ok(Answer::Rows(rows)) => Parts {
            results: given.into_iter().zip(rows).map(result).collect(),
            bulk_job: None,
            user_errors: Vec::new(),
        },
        Ok(Answer::Job(job)) => Parts {
            results: Vec::new(),
            bulk_job: Some(BulkJob(*job)),
            user_errors: Vec::new(),
        },
        Err(user_errors) => Parts {
            results: Vec::new(),
            bulk_job: None,
            user_errors,
        },
    })
}

fn result((user_id, row): (ID, Row)) -> AssignmentResult {
    AssignmentResult {
        user_id,
        ..row.into()
    }
}
