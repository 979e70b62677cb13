//! Everything about one account that the engine decides by, in one statement: it is asked before each step, and a statement sees one moment.

use entity::{account, app, assignment, okta_org, okta_snapshot, operation, user};
use sea_orm::sea_query::IntoCondition as _;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait, FromQueryResult,
    IdenStatic as _, Iterable as _, JoinType, QueryFilter as _, QueryResult, QuerySelect as _,
    QueryTrait as _, RelationDef, Select,
};
use uuid::Uuid;

use super::accounts::{Facts, Person, wish_of};
use super::apps::App;
use super::okta_orgs::OktaOrg;
use super::okta_snapshots::{Kind as _, Schema};
use super::{Access, Error, Result, operations};

/// What stands before the names of each table's columns in the result.
const ACCOUNT: &str = "a_";
const APP: &str = "p_";
const PERSON: &str = "u_";
const ASSIGNMENT: &str = "s_";
const OKTA_ORG: &str = "o_";
const OPEN: &str = "r_";
const FETCHED_AT: &str = "schema_fetched_at";

/// An account with everything that decides about it.
#[derive(Clone, Debug)]
pub struct Situation {
    /// What decides what it needs.
    pub facts: Facts,
    /// Its request that was sent and of which nobody knows yet what came of it; null when it has none.
    pub open: Option<operations::Row>,
    /// When the schema of its Okta org was fetched, epoch milliseconds; null before the first time.
    pub schema_fetched_at: Option<i64>,
}

/// The account, as of one moment; null when there is none.
///
/// # Errors
/// The database's own, or [`Error::Corrupt`].
pub async fn find(access: &impl Access, account: Uuid) -> Result<Option<Box<Situation>>> {
    let db = access.connection();
    let statement = query(account).build(db.get_database_backend());
    let row = db.query_one_raw(statement).await?;
    row.as_ref().map(read).transpose()
}

fn query(id: Uuid) -> Select<account::Entity> {
    use account::Column;
    let person = account::Entity::belongs_to(user::Entity)
        .from(Column::UserId)
        .to(user::Column::Id);
    let app = account::Entity::belongs_to(app::Entity)
        .from(Column::AppId)
        .to(app::Column::Id);
    let assigned: RelationDef = account::Entity::belongs_to(assignment::Entity)
        .from((Column::AppId, Column::UserId))
        .to((assignment::Column::AppId, assignment::Column::UserId))
        .into();
    let connected: RelationDef = account::Entity::belongs_to(okta_org::Entity)
        .from((Column::AppId, Column::OrganizationId))
        .to((okta_org::Column::AppId, okta_org::Column::OrganizationId))
        .into();
    let connected =
        connected.on_condition(|_, _| okta_org::Column::ArchivedAt.is_null().into_condition());
    let schema: RelationDef = okta_org::Entity::belongs_to(okta_snapshot::Entity)
        .from(okta_org::Column::Id)
        .to(okta_snapshot::Column::OktaOrgId)
        .into();
    let schema = schema
        .on_condition(|_, _| Condition::all().add(okta_snapshot::Column::Kind.eq(Schema::NAME)));
    let open: RelationDef = account::Entity::belongs_to(operation::Entity)
        .from(Column::Id)
        .to(operation::Column::AccountId)
        .into();
    let open = open
        .on_condition(|_, _| Condition::all().add(operation::Column::Status.eq(operations::SENT)));
    let query = account::Entity::find()
        .select_only()
        .filter(Column::Id.eq(id))
        .join(JoinType::LeftJoin, person.into())
        .join(JoinType::LeftJoin, app.into())
        .join(JoinType::LeftJoin, assigned)
        .join(JoinType::LeftJoin, connected)
        .join(JoinType::LeftJoin, schema)
        .join(JoinType::LeftJoin, open);
    let query = with::<account::Entity>(query, ACCOUNT);
    let query = with::<app::Entity>(query, APP);
    let query = with::<user::Entity>(query, PERSON);
    let query = with::<assignment::Entity>(query, ASSIGNMENT);
    let query = with::<okta_org::Entity>(query, OKTA_ORG);
    with::<operation::Entity>(query, OPEN).column_as(okta_snapshot::Column::FetchedAt, FETCHED_AT)
}

/// Adds all columns of a table.
fn with<E: EntityTrait>(query: Select<account::Entity>, prefix: &str) -> Select<account::Entity> {
    E::Column::iter().fold(query, |query, column| {
        let name = format!("{prefix}{}", column.as_str());
        query.column_as(column, name)
    })
}

/// A row of a table that need not have one. What cannot be understood is an error, and not a row that is not there.
fn optional<M: FromQueryResult>(row: &QueryResult, prefix: &str) -> Result<Option<M>> {
    let id: Option<Uuid> = row.try_get(prefix, "id")?;
    Ok(match id {
        Some(_) => Some(M::from_query_result(row, prefix)?),
        None => None,
    })
}

fn read(row: &QueryResult) -> Result<Box<Situation>> {
    let account = account::Model::from_query_result(row, ACCOUNT)?;
    let missing = |what, value: Uuid| Error::Corrupt {
        table: "account",
        row: account.id.to_string(),
        what,
        value: value.to_string(),
    };
    let app = optional::<app::Model>(row, APP)?.ok_or_else(|| missing("app", account.app_id))?;
    let person =
        optional::<user::Model>(row, PERSON)?.ok_or_else(|| missing("user", account.user_id))?;
    let assigned = optional::<assignment::Model>(row, ASSIGNMENT)?;
    let connected = optional::<okta_org::Model>(row, OKTA_ORG)?;
    Ok(Box::new(Situation {
        facts: Facts {
            person: Person::try_from(person)?,
            assignment: assigned.as_ref().map(wish_of).transpose()?,
            app: App::try_from(app)?,
            okta_org: connected.map(OktaOrg::try_from).transpose()?,
            account,
        },
        open: optional::<operation::Model>(row, OPEN)?,
        schema_fetched_at: row.try_get("", FETCHED_AT)?,
    }))
}
