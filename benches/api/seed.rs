//! A directory in which everybody has the app: written straight into the database, as it looks after an import and a year of work.

use entity::{account, app, assignment, okta_org, operation, user};
use provisioner::domain::directory::match_key;
use provisioner::random::new_id;
use sea_orm::{
    ActiveModelTrait, ConnectOptions, ConnectionTrait as _, Database, DatabaseBackend,
    DatabaseConnection, EntityTrait, IntoActiveModel, TransactionTrait as _,
};
use serde_json::json;
use uuid::Uuid;

use super::support::profile;

/// Rows written at a time: below SQLite's 32,766 values for the widest table.
const CHUNK: usize = 500;
/// Pages in the middle of the list.
const PLACES: usize = 15;
const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

/// A row of the list in the order of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub sort_name: String,
    pub assignment: Uuid,
}

/// Adds people with the app that is there; answers places all over the list of its assignments.
pub async fn sow(url: &str, people: usize) -> Vec<Place> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    let app = app::Entity::find().one(&db).await.unwrap().unwrap();
    let org = okta_org::Entity::find().one(&db).await.unwrap().unwrap();
    let mut places = Vec::with_capacity(people);
    let numbers: Vec<usize> = (0..people).collect();
    for chunk in numbers.chunks(CHUNK) {
        let rows: Vec<Rows> = chunk.iter().map(|n| rows(*n, &app, org.id)).collect();
        places.extend(rows.iter().map(|rows| Place {
            sort_name: rows.user.sort_name.clone(),
            assignment: rows.assignment.id,
        }));
        let tx = db.begin().await.unwrap();
        insert(&tx, rows.iter().map(|rows| rows.user.clone())).await;
        insert(&tx, rows.iter().map(|rows| rows.assignment.clone())).await;
        insert(&tx, rows.iter().map(|rows| rows.account.clone())).await;
        insert(&tx, rows.iter().map(|rows| rows.created.clone())).await;
        insert(&tx, rows.iter().map(|rows| rows.updated.clone())).await;
        tx.commit().await.unwrap();
    }
    settle(&db).await;
    places.sort_unstable();
    let step = people / (PLACES + 1);
    (1..=PLACES).map(|n| places[n * step].clone()).collect()
}

/// Gives the planner its figures at once, which come by themselves in a database that has been there for a while.
async fn settle(db: &DatabaseConnection) {
    let statement = match db.get_database_backend() {
        DatabaseBackend::Postgres => "VACUUM (ANALYZE)",
        _ => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    db.execute_unprepared(statement).await.unwrap();
}

async fn insert<M>(db: &impl sea_orm::ConnectionTrait, rows: impl Iterator<Item = M>)
where
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity>,
{
    M::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
        .exec_without_returning(db)
        .await
        .unwrap();
}

/// One person with all that belongs to him.
struct Rows {
    user: user::Model,
    assignment: assignment::Model,
    account: account::Model,
    created: operation::Model,
    updated: operation::Model,
}

fn rows(n: usize, app: &app::Model, org: Uuid) -> Rows {
    let okta = profile(n);
    let text = |name: &str| okta[name].as_str().unwrap();
    // Ten of a hundred thousand have the same name.
    let second = profile(n / 400 * 16);
    let family = format!(
        "{}-{}",
        text("lastName"),
        second["lastName"].as_str().unwrap()
    );
    let department = ["Bread", "Cakes", "Sales", "Transport"][n % 4];
    let name = format!("{} {family}", text("firstName"));
    let (organization_id, app_id, user_id) = (app.organization_id, app.id, new_id());
    let created_at = NOW - 300 * DAY + n as i64;
    let updated_at = NOW - (n as i64 % 200) * DAY;
    let (blocked, admin) = (n % 50 == 7, n % 20 == 3);
    let user = user::Model {
        id: user_id,
        organization_id,
        status: if n % 100 == 99 { "INACTIVE" } else { "ACTIVE" }.to_owned(),
        user_name: text("login").to_owned(),
        user_name_key: match_key(text("login")),
        primary_email: text("email").to_owned(),
        primary_email_key: match_key(text("email")),
        display_name: name.clone(),
        sort_name: match_key(&name),
        department: department.to_owned(),
        fields: json!({
            "userName": { "STRING": text("login") }, "primaryEmail": { "STRING": text("email") },
            "givenName": { "STRING": text("firstName") }, "familyName": { "STRING": family },
            "department": { "STRING": department }, "title": { "STRING": "Baker" },
        }),
        search_text: match_key(&format!("{} {name} {department}", text("login"))),
        admin_role: "MEMBER".to_owned(),
        admin_role_id: None,
        revision: 2,
        created_at,
        updated_at,
        deleted_at: None,
    };
    let role = admin.then(|| "HELP_DESK_ADMIN".to_owned());
    let assignment = assignment::Model {
        id: new_id(),
        organization_id,
        app_id,
        user_id,
        role: role.clone(),
        created_by: None,
        created_at,
        updated_at: created_at,
    };
    let account = account::Model {
        id: new_id(),
        organization_id,
        app_id,
        user_id,
        generation: 2,
        applied_generation: 2,
        revision: 6,
        due_at: None,
        urgency: 0,
        attempts: 0,
        state: if blocked { "BLOCKED" } else { "IN_SYNC" }.to_owned(),
        problem_code: blocked.then(|| "REJECTED_BY_OKTA".to_owned()),
        problem_detail: blocked
            .then(|| json!({ "code": "REJECTED_BY_OKTA", "detail": "title: too long" })),
        wait_reason: None,
        next_attempt_at: None,
        activation_wanted: 1,
        activation_applied: 1,
        okta_org_id: Some(org),
        okta_id: Some(format!("00u{n:017}")),
        provenance: Some("CREATED".to_owned()),
        okta_status: Some("ACTIVE".to_owned()),
        transitioning: false,
        okta_profile: Some(json!({
            "login": text("login"), "email": text("email"), "firstName": text("firstName"), "lastName": family,
            "department": department, "title": "Baker",
        })),
        observed_at: Some(updated_at),
        granted_role: role,
        granted_role_created: admin.then_some(created_at),
        role_known: true,
        foreign_roles: None,
        admin_confirmed: false,
        deactivated_by_us: false,
        released: false,
        release_only: false,
        deletion_from: None,
        link_confirmation: None,
        candidate: None,
        refusals: None,
        recheck_at: None,
        change_id: None,
        changed_generation: 0,
        removal_verdict: None,
        removal_kind: None,
        removal_generation: None,
        removal_change_id: None,
        removal_hold_id: None,
        removal_at: None,
        created_at,
        updated_at,
    };
    let operation = |kind: &str, at: i64, failed: bool| operation::Model {
        id: new_id(),
        organization_id,
        app_id,
        account_id: account.id,
        user_id,
        okta_org_id: org,
        kind: kind.to_owned(),
        generation: 2,
        status: if failed { "FAILED" } else { "SUCCEEDED" }.to_owned(),
        request: json!({ "login": text("login"), "body": { "profile": account.okta_profile } }),
        lease_epoch: 1,
        attempt: 1,
        outcome_unknown: false,
        reads: json!([]),
        sent_at: at,
        sent_at_okta: at,
        resolved_at: Some(at + 180),
        okta_request_id: Some(format!("reqh{n:020}")),
        error_code: failed.then(|| "E0000001".to_owned()),
        error_message: failed.then(|| "Api validation failed: title".to_owned()),
        created_at: at,
    };
    Rows {
        created: operation("CREATE", created_at, false),
        updated: operation("UPDATE", updated_at, blocked),
        user,
        assignment,
        account,
    }
}
