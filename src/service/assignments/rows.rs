//! Carrying a change out for some people, one by one, in one transaction: each succeeds or is refused on its own.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::decide::{Change, Step, decide};
use crate::domain::okta_role::{RoleCeiling, RoleType};
use crate::service::{Result, UserError, UserErrorCode, Viewer};
use crate::store::Tx;
use crate::store::assignments::{self, Assignable, Assignment};
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};

/// What became of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The person, as asked for.
    pub user_id: Uuid,
    /// The assignment as it is now, or why it was refused.
    pub outcome: std::result::Result<Done, UserError>,
}

/// A person for whom all is as asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// The assignment as it is now; `None` when there is none.
    pub assignment: Option<Assignment>,
    /// The assignment that was taken away just now.
    pub removed: Option<Uuid>,
    /// False when it was already so.
    pub changed: bool,
}

/// The work on some people, within one transaction.
pub(in crate::service) struct Rows<'a> {
    /// The transaction.
    pub tx: &'a Tx,
    /// Who wants it, as of now.
    pub viewer: &'a Viewer,
    /// The app, held.
    pub app: &'a Assignable,
    /// What is wanted.
    pub change: Change,
    /// The bulk job that it belongs to, for the audit trail.
    pub job: Option<Uuid>,
    /// The change that it is, for whom it takes the app away from.
    pub id: Uuid,
    /// The time, epoch milliseconds.
    pub now: i64,
}

impl Rows<'_> {
    /// Changes these people, in the order of their ids so that nobody waits for each other in a ring, and answers in the order given. Who is named
    /// twice is changed once.
    ///
    /// # Errors
    /// The database's own; then nobody was changed.
    pub(in crate::service) async fn apply(&self, users: &[Uuid]) -> Result<Vec<Row>> {
        let mut order = users.to_vec();
        order.sort_unstable();
        order.dedup();
        let organization = self.viewer.organization_id;
        let people = assignments::hold_people(self.tx, organization, &order).await?;
        let current = assignments::lock_in_app(self.tx, organization, self.app.id, &order).await?;
        let mut outcomes = HashMap::with_capacity(order.len());
        for user in order {
            let outcome = if people.contains(&user) {
                self.change_one(user, current.get(&user).cloned()).await?
            } else {
                Err(no_such_person())
            };
            outcomes.insert(user, outcome);
        }
        let row = |user: &Uuid| Row {
            user_id: *user,
            outcome: outcomes
                .get(user)
                .cloned()
                .unwrap_or_else(|| Err(no_such_person())),
        };
        Ok(users.iter().map(row).collect())
    }

    async fn change_one(
        &self,
        user: Uuid,
        current: Option<Assignment>,
    ) -> Result<std::result::Result<Done, UserError>> {
        let ceiling = RoleCeiling {
            granter: &self.viewer.role,
            allowed: self.app.allowed_roles.as_deref(),
        };
        let own = user == self.viewer.user_id;
        let step = match decide(self.change, current.as_ref(), ceiling, own) {
            Ok(step) => step,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let done = match (step, current) {
            (Step::Insert(role), _) => self.insert(user, role).await?,
            (Step::SetRole(role), Some(now)) => Some(self.set_role(now, role).await?),
            (Step::Remove, Some(now)) => Some(self.remove(now).await?),
            (Step::Keep | Step::SetRole(_) | Step::Remove, assignment) => Some(Done {
                assignment,
                ..Done::default()
            }),
        };
        Ok(done.ok_or_else(overtaken))
    }

    /// `None` when somebody else assigned the person between our look and our writing, with another role.
    async fn insert(&self, user: Uuid, role: Option<RoleType>) -> Result<Option<Done>> {
        let organization = self.viewer.organization_id;
        let by = self.viewer.user_id;
        let new = assignments::new(organization, self.app.id, user, role, by, self.now);
        if !assignments::insert(self.tx, &new).await? {
            let app = self.app.id;
            let there = assignments::lock_in_app(self.tx, organization, app, &[user]).await?;
            let same = |found: &Assignment| role.is_none() || found.role == role;
            let assignment = there.into_values().find(same);
            return Ok(assignment.map(|found| Done {
                assignment: Some(found),
                ..Done::default()
            }));
        }
        generations::ensure_and_raise(self.tx, organization, self.app.id, user, self.now).await?;
        self.record("assignment.create", user, json!({ "role": role }))
            .await?;
        Ok(Some(Done {
            assignment: Some(new),
            removed: None,
            changed: true,
        }))
    }

    async fn set_role(&self, now: Assignment, role: Option<RoleType>) -> Result<Done> {
        let organization = self.viewer.organization_id;
        assignments::set_role(self.tx, organization, now.id, role, self.now).await?;
        let scope = self.account_of(now.user_id);
        generations::raise(self.tx, organization, &scope, false, self.now).await?;
        let detail = json!({ "before": now.role, "role": role });
        self.record("assignment.changeRole", now.user_id, detail)
            .await?;
        let assignment = Assignment {
            role,
            updated_at: self.now,
            ..now
        };
        Ok(Done {
            assignment: Some(assignment),
            removed: None,
            changed: true,
        })
    }

    async fn remove(&self, now: Assignment) -> Result<Done> {
        let organization = self.viewer.organization_id;
        assignments::remove(self.tx, organization, now.id).await?;
        let scope = self.account_of(now.user_id);
        generations::raise_ended(self.tx, organization, &scope, self.id, self.now).await?;
        let detail = json!({ "before": now.role });
        self.record("assignment.delete", now.user_id, detail)
            .await?;
        Ok(Done {
            assignment: None,
            removed: Some(now.id),
            changed: true,
        })
    }

    fn account_of(&self, user: Uuid) -> Scope {
        Scope::AppUser {
            app: self.app.id,
            user,
        }
    }

    async fn record(&self, action: &'static str, user: Uuid, mut detail: Value) -> Result<()> {
        if let (Some(job), Some(detail)) = (self.job, detail.as_object_mut()) {
            detail.insert("bulkJob".to_owned(), json!(job));
        }
        let actor = self.viewer.actor();
        let entry = Entry::new(self.viewer.organization_id, self.now, actor, action)
            .app(self.app.id)
            .user(user)
            .detail(detail);
        Ok(audit::record(self.tx, entry).await?)
    }
}

fn no_such_person() -> UserError {
    UserError::new(UserErrorCode::NotFound, "There is no such user.")
}

fn overtaken() -> UserError {
    UserError::new(
        UserErrorCode::AlreadyExists,
        "Somebody else has just given this person the app, with another role.",
    )
}
