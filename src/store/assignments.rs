//! Who has which app, with which Okta role.

use std::collections::{HashMap, HashSet};

use entity::assignment::{self, Column};
use entity::{app, user};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::account_lists::AccountStanding;
use super::by_person::{PersonFilter, TimeSpan};
use super::{Access, Error, Result, Tx, apps};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::DirectoryStatus;
use crate::random;

/// A person has an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The assignment.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// The Okta role that comes with it; `None` for none.
    pub role: Option<RoleType>,
    /// Who assigned it; `None` when the system did.
    pub created_by: Option<Uuid>,
    /// Since when, epoch milliseconds.
    pub created_at: i64,
    /// Last change of the role, epoch milliseconds.
    pub updated_at: i64,
}

impl TryFrom<assignment::Model> for Assignment {
    type Error = Error;

    fn try_from(row: assignment::Model) -> Result<Self> {
        let role = row.role.map(|name| role(row.id, &name)).transpose()?;
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            user_id: row.user_id,
            role,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl AssignmentFilter {
    pub(super) fn takes_all(&self) -> bool {
        *self == Self::default()
    }
}

fn role(row: Uuid, name: &str) -> Result<RoleType> {
    name.parse().map_err(|_| Error::Corrupt {
        table: "assignment",
        row: row.to_string(),
        what: "role",
        value: name.to_owned(),
    })
}

/// Which assignments of an app to list; the default takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentFilter {
    /// Whose.
    pub people: PersonFilter,
    /// When they were assigned.
    pub created: TimeSpan,
    /// How their accounts stand.
    pub account: AccountStanding,
    /// Only those with one of these roles.
    pub roles: Option<Vec<RoleType>>,
    /// True: only those with a role; false: only those without.
    pub has_role: Option<bool>,
}

/// How many assignments such a list goes through in all.
///
/// # Errors
/// The database's own.
pub async fn count(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    filter: &AssignmentFilter,
) -> Result<u64> {
    Ok(matching(organization, app, filter)
        .count(db.connection())
        .await?)
}

/// Whether anybody has the app.
///
/// # Errors
/// The database's own.
pub async fn any(db: &impl Access, organization: Uuid, app: Uuid) -> Result<bool> {
    let one: Option<Uuid> = matching(organization, app, &AssignmentFilter::default())
        .select_only()
        .column(Column::Id)
        .limit(1)
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(one.is_some())
}

pub(super) fn matching(
    organization: Uuid,
    app: Uuid,
    filter: &AssignmentFilter,
) -> Select<assignment::Entity> {
    let mut condition = Condition::all()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::AppId.eq(app));
    let accounts = filter.account.people(app);
    condition = condition
        .add_option(filter.people.condition(organization, Column::UserId))
        .add_option(accounts.map(|people| Column::UserId.in_subquery(people)))
        .add(filter.created.condition(Column::CreatedAt));
    if let Some(roles) = &filter.roles {
        condition = condition.add(Column::Role.is_in(roles.iter().map(|role| role.as_str())));
    }
    match filter.has_role {
        Some(true) => condition = condition.add(Column::Role.is_not_null()),
        Some(false) => condition = condition.add(Column::Role.is_null()),
        None => {}
    }
    assignment::Entity::find().filter(condition)
}

/// The assignments with these ids, in no order.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_ids(db: &impl Access, organization: Uuid, ids: &[Uuid]) -> Result<Vec<Assignment>> {
    all(
        db,
        organization,
        Condition::all()
            .add(Column::Id.is_in(ids.iter().copied()))
            .add(Column::AppId.in_subquery(apps::present_ids(organization))),
    )
    .await
}

/// All assignments of these people, of every app.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn of_people(
    db: &impl Access,
    organization: Uuid,
    users: &[Uuid],
) -> Result<Vec<Assignment>> {
    let theirs = Condition::all()
        .add(Column::UserId.is_in(users.iter().copied()))
        .add(Column::AppId.in_subquery(apps::present_ids(organization)));
    all(db, organization, theirs).await
}

/// The assignments of these people to one app, by person.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn in_app(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Assignment>> {
    let theirs = Condition::all()
        .add(Column::AppId.eq(app))
        .add(Column::UserId.is_in(users.iter().copied()));
    let rows = all(db, organization, theirs).await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row)).collect())
}

/// As [`in_app`], and nobody else changes them before the transaction ends.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn lock_in_app(
    tx: &Tx,
    organization: Uuid,
    app: Uuid,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Assignment>> {
    let rows = assignment::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.eq(app))
        .filter(Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(Column::UserId)
        .lock_exclusive()
        .all(tx.connection())
        .await?;
    let rows = rows.into_iter().map(|row| (row.user_id, row));
    rows.map(|(user, row)| Ok((user, row.try_into()?)))
        .collect()
}

async fn all(
    db: &impl Access,
    organization: Uuid,
    condition: Condition,
) -> Result<Vec<Assignment>> {
    let rows = assignment::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(condition)
        .all(db.connection())
        .await?;
    rows.into_iter().map(Assignment::try_from).collect()
}

/// A new assignment, not yet written.
#[must_use]
pub fn new(
    organization: Uuid,
    app: Uuid,
    user: Uuid,
    role: Option<RoleType>,
    by: Uuid,
    now: i64,
) -> Assignment {
    Assignment {
        id: random::new_id(),
        organization_id: organization,
        app_id: app,
        user_id: user,
        role,
        created_by: Some(by),
        created_at: now,
        updated_at: now,
    }
}

/// Writes a new assignment. False when the person was assigned already, perhaps just now by somebody else: nothing is changed then.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, new: &Assignment) -> Result<bool> {
    let row = assignment::ActiveModel {
        id: Set(new.id),
        organization_id: Set(new.organization_id),
        app_id: Set(new.app_id),
        user_id: Set(new.user_id),
        role: Set(new.role.map(|role| role.as_str().to_owned())),
        created_by: Set(new.created_by),
        created_at: Set(new.created_at),
        updated_at: Set(new.updated_at),
    };
    let there = OnConflict::columns([Column::AppId, Column::UserId])
        .do_nothing()
        .to_owned();
    let written = assignment::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(written > 0)
}

/// Writes new assignments of people who have none.
///
/// # Errors
/// [`Error::Duplicate`] when one of them has the app by now; the database's own.
pub async fn insert_all(tx: &Tx, new: Vec<Assignment>) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let rows = new.into_iter().map(|new| assignment::ActiveModel {
        id: Set(new.id),
        organization_id: Set(new.organization_id),
        app_id: Set(new.app_id),
        user_id: Set(new.user_id),
        role: Set(new.role.map(|role| role.as_str().to_owned())),
        created_by: Set(new.created_by),
        created_at: Set(new.created_at),
        updated_at: Set(new.updated_at),
    });
    assignment::Entity::insert_many(rows)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Sets the role.
///
/// # Errors
/// The database's own.
pub async fn set_role(
    tx: &Tx,
    organization: Uuid,
    id: Uuid,
    role: Option<RoleType>,
    now: i64,
) -> Result<()> {
    use sea_orm::sea_query::Expr;
    let role = role.map(|role| role.as_str().to_owned());
    assignment::Entity::update_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id))
        .col_expr(Column::Role, Expr::value(role))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Takes the assignment away.
///
/// # Errors
/// The database's own.
pub async fn remove(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    assignment::Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// An app that can be assigned, as far as assigning has to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignable {
    /// The app.
    pub id: Uuid,
    /// The roles to which it narrows the choice; `None` when it does not.
    pub allowed_roles: Option<Vec<RoleType>>,
}

/// The app, unless it was removed; it stays as it is until the transaction ends.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn hold_app(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<Assignable>> {
    let row = app::Entity::find_by_id(id)
        .filter(app::Column::OrganizationId.eq(organization))
        .filter(app::Column::RemovedAt.is_null())
        .lock_shared()
        .one(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let allowed = row
        .allowed_role_types
        .map(serde_json::from_value)
        .transpose();
    let allowed_roles = allowed.map_err(|e| Error::Corrupt {
        table: "app",
        row: id.to_string(),
        what: "allowed_role_types",
        value: e.to_string(),
    })?;
    Ok(Some(Assignable { id, allowed_roles }))
}

/// Which of these people exist; they are neither changed nor deleted until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn hold_people(tx: &Tx, organization: Uuid, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let found: Vec<Uuid> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::OrganizationId.eq(organization))
        .filter(user::Column::Status.ne(DirectoryStatus::Deleted.as_str()))
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock_shared()
        .into_tuple()
        .all(tx.connection())
        .await?;
    Ok(found.into_iter().collect())
}
