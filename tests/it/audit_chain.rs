//! The audit trail as a chain: whatever somebody does to the rows past the server is found out.

use futures::future::join_all;
use provisioner::service::audit_chain::{Fault, Intact};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::json;

use crate::engine::world::on_both;
use crate::support::{TestApp, new_user, wait_until};

/// What `audit verify` says of Acme.
async fn verdict(app: &TestApp, heads: &[Vec<u8>]) -> Result<Intact, Fault> {
    let verdicts = app.server.base.verify_audit(heads).await.unwrap();
    let acme = verdicts
        .into_iter()
        .find(|one| one.name.as_deref() == Some("Acme"));
    acme.unwrap().outcome
}

/// Waits until every entry has its place.
async fn sealed(app: &TestApp) -> Intact {
    wait_until("the trail to be sealed", 20, async || {
        let intact = verdict(app, &[]).await.unwrap();
        (intact.unsealed == 0).then_some(intact)
    })
    .await
}

/// A trail of seven entries: the organisation, its owner's token, and five people.
async fn seven(app: &TestApp) -> Intact {
    let owner = app.owner().await;
    for name in ["ann", "ben", "cy", "dan", "eve"] {
        owner.done("userCreate", new_user(name), "").await;
    }
    let intact = sealed(app).await;
    assert_eq!(intact.entries, 7);
    intact
}

async fn run(db: &DatabaseConnection, statements: &[&str]) {
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap();
    }
}

/// Runs a statement for each place from `first` on, with `{}` in place of the place.
async fn each(db: &DatabaseConnection, first: i64, statement: &str) {
    for seq in first..=7 {
        run(db, &[&statement.replace("{}", &seq.to_string())]).await;
    }
}

const TABLES: [&str; 2] = ["audit_event", "audit_chain"];

async fn keep(db: &DatabaseConnection) {
    for table in TABLES {
        run(
            db,
            &[&format!(
                "CREATE TABLE kept_{table} AS SELECT * FROM {table}"
            )],
        )
        .await;
    }
}

async fn put_back(db: &DatabaseConnection) {
    for table in TABLES {
        run(
            db,
            &[
                &format!("DELETE FROM {table}"),
                &format!("INSERT INTO {table} SELECT * FROM kept_{table}"),
            ],
        )
        .await;
    }
}

/// An entry that never was, made from another one.
const FORGED: &str = "INSERT INTO audit_event (id, organization_id, at, actor, actor_user_id, action, family, app_id, user_id, account_id, \
    operation_id, okta_request_id, detail, tag, seq, link) SELECT {id}, organization_id, at, actor, actor_user_id, action, family, app_id, \
    user_id, account_id, operation_id, okta_request_id, detail, {rest} FROM audit_event WHERE seq = 3";

fn forged(db: &DatabaseConnection, rest: &str) -> String {
    let id = match db.get_database_backend() {
        sea_orm::DatabaseBackend::Postgres => "'00000000-0000-7000-8000-000000000000'",
        _ => "x'00000000000070008000000000000000'",
    };
    FORGED.replace("{id}", id).replace("{rest}", rest)
}

#[tokio::test]
async fn every_change_past_the_server_shows() {
    TestApp::on_both(async |app| {
        let intact = seven(&app).await;
        let db = app.database().await;
        keep(&db).await;
        let mut cases: Vec<(String, &str)> = [
            ("at = at + 1", "entry 3 ("),
            ("actor = 'ENGINE'", "was changed"),
            ("actor_user_id = NULL", "was changed"),
            ("action = 'user.creatf'", "was changed"),
            ("family = 'usr'", "was changed"),
            ("user_id = NULL", "was changed"),
            ("account_id = id", "was changed"),
            ("app_id = id", "was changed"),
            ("operation_id = id", "was changed"),
            ("okta_request_id = 'x'", "was changed"),
            ("detail = '{}'", "was changed"),
            ("tag = NULL", "was changed"),
            ("link = tag", "entry 3 ("),
            ("seq = NULL", "entry 3 is missing"),
            ("seq = 99", "entry 3 is missing"),
        ]
        .map(|(set, fault)| (format!("UPDATE audit_event SET {set} WHERE seq = 3"), fault))
        .to_vec();
        cases.extend([
            (
                "DELETE FROM audit_event WHERE seq = 3".to_owned(),
                "entry 3 is missing",
            ),
            (
                "DELETE FROM audit_event WHERE seq = 1".to_owned(),
                "entry 1 is missing",
            ),
            (
                "DELETE FROM audit_event WHERE seq > 5".to_owned(),
                "entry 6 is missing",
            ),
            ("DELETE FROM audit_event".to_owned(), "entry 1 is missing"),
            ("DELETE FROM audit_chain".to_owned(), "where it ends"),
            (
                "UPDATE audit_chain SET length = 6".to_owned(),
                "where it ends",
            ),
            (forged(&db, "NULL, NULL, NULL"), "a new entry ("),
            (forged(&db, "tag, NULL, NULL"), "a new entry ("),
            (forged(&db, "tag, 8, link"), "entry 8 ("),
        ]);
        for (statement, fault) in cases {
            run(&db, &[&statement]).await;
            let found = verdict(&app, &[]).await;
            let text = found
                .as_ref()
                .map_or_else(Fault::to_string, |_| "intact".to_owned());
            assert!(text.contains(fault), "{statement}: {text}");
            put_back(&db).await;
            assert_eq!(
                verdict(&app, &[]).await.as_ref(),
                Ok(&intact),
                "{statement}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_made_to_fit_without_the_key_does_not() {
    TestApp::on_both(async |app| {
        let intact = seven(&app).await;
        let db = app.database().await;
        keep(&db).await;

        // Two entries change places.
        let swap = [
            "UPDATE audit_event SET seq = -1 WHERE seq = 3",
            "UPDATE audit_event SET seq = 3 WHERE seq = 4",
            "UPDATE audit_event SET seq = 4 WHERE seq = -1",
        ];
        run(&db, &swap).await;
        assert!(matches!(verdict(&app, &[]).await, Err(Fault::Moved { seq: 3, .. })));
        put_back(&db).await;

        // One is removed, and the others close the gap.
        run(&db, &["DELETE FROM audit_event WHERE seq = 3"]).await;
        each(&db, 4, "UPDATE audit_event SET seq = {} - 1 WHERE seq = {}").await;
        assert!(matches!(verdict(&app, &[]).await, Err(Fault::Moved { seq: 3, .. })));
        put_back(&db).await;

        // The tail is cut, and the note of the end is made to say so.
        let cut = [
            "UPDATE audit_chain SET length = 5, head = (SELECT link FROM audit_event WHERE seq = 5)",
            "DELETE FROM audit_event WHERE seq > 5",
        ];
        run(&db, &cut).await;
        assert_eq!(verdict(&app, &[]).await, Err(Fault::End));
        put_back(&db).await;
        assert_eq!(verdict(&app, &[]).await, Ok(intact));
    })
    .await;
}

#[tokio::test]
async fn an_older_state_that_is_put_back_whole_shows_by_a_head_noted_elsewhere() {
    TestApp::on_both(async |app| {
        let early = seven(&app).await;
        let db = app.database().await;
        keep(&db).await;
        let owner = app.owner().await;
        owner.done("userCreate", new_user("gus"), "").await;
        let late = sealed(&app).await;
        let heads = [early.head.clone(), late.head.clone()];
        let both = verdict(&app, &heads).await.unwrap();
        assert_eq!(both.passed, heads, "the trail went on");
        put_back(&db).await;
        let back = verdict(&app, &heads).await.unwrap();
        assert_eq!((back.entries, back.passed), (7, vec![early.head.clone()]));

        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let (early, late) = (hex(&early.head), hex(&late.head));
        let known = app
            .command(&["audit", "verify", "--expect-head", &early])
            .await;
        assert!(known.status.success());
        let said = String::from_utf8(known.stdout).unwrap();
        assert_eq!(
            said.trim_end(),
            format!("Acme: 7 entries, intact, head {early}")
        );
        let cut = app
            .command(&["audit", "verify", "--expect-head", &late])
            .await;
        assert_eq!(cut.status.code(), Some(1));
        let said = String::from_utf8(cut.stderr).unwrap();
        assert!(said.contains(&late) && said.contains("cut off"), "{said}");
        run(&db, &["UPDATE audit_event SET at = 0 WHERE seq = 2"]).await;
        let broken = app.command(&["audit", "verify"]).await;
        assert_eq!(broken.status.code(), Some(1));
        let said = String::from_utf8(broken.stderr).unwrap();
        assert!(
            said.contains("the audit trail of Acme is broken: entry 2 ("),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_somebody_else_wrote_gets_no_place_and_holds_nobody_up() {
    TestApp::on_both(async |app| {
        seven(&app).await;
        let db = app.database().await;
        run(&db, &[&forged(&db, "NULL, NULL, NULL")]).await;
        let owner = app.owner().await;
        owner.done("userCreate", new_user("gus"), "").await;
        let places = "SELECT COUNT(seq) AS sealed, COUNT(*) AS entries FROM audit_event";
        let counted = wait_until("the real one to be sealed", 20, async || {
            let statement = Statement::from_string(db.get_database_backend(), places);
            let row = db.query_one_raw(statement).await.unwrap().unwrap();
            let count = |name| row.try_get::<i64>("", name).unwrap();
            (count("sealed") == 9).then(|| count("entries"))
        })
        .await;
        assert_eq!(counted, 10);
        assert!(matches!(
            verdict(&app, &[]).await,
            Err(Fault::Changed { seq: None, .. })
        ));
    })
    .await;
}

#[tokio::test]
async fn entries_from_before_there_was_a_chain_are_taken_over_at_the_start() {
    TestApp::on_both(async |app| {
        seven(&app).await;
        let db = app.database().await;
        let before = [
            "UPDATE audit_event SET tag = NULL, seq = NULL, link = NULL",
            "DELETE FROM audit_chain",
        ];
        run(&db, &before).await;
        db.close().await.unwrap();
        let app = app.restart().await;
        let intact = verdict(&app, &[]).await.unwrap();
        assert_eq!((intact.entries, intact.unsealed), (7, 0));
    })
    .await;
}

#[tokio::test]
async fn effects_from_before_there_was_a_chain_that_nobody_told_of_get_their_entry_at_the_start() {
    on_both(async |world| {
        world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        let ben = world.provisioned("ben", None).await;
        world.unassign(&ben).await;
        world.reach(&ben, "NOT_PROVISIONED").await;
        sealed(&world.app).await;
        let db = world.app.database().await;
        // As a trail from before chains is: without seals, and silent about some of what was done.
        let before = [
            "DELETE FROM audit_event WHERE operation_id IS NOT NULL AND action <> 'oktaRole.grant'",
            "UPDATE audit_event SET tag = NULL, seq = NULL, link = NULL",
            "DELETE FROM audit_chain",
        ];
        run(&db, &before).await;
        db.close().await.unwrap();
        let world = world.restart().await;
        let trail = sealed(&world.app).await;
        assert!(trail.entries > 5);
        let document = "query($f: AuditEventFilterInput) { auditEvents(filter: $f) { nodes { \
            action actor appId user { userName } accountId detail } } }";
        let filter = json!({ "f": { "families": ["oktaUser", "oktaRole"] } });
        let found = world.owner.query(document, filter).await;
        let entries = found["auditEvents"]["nodes"].as_array().unwrap();
        let mut told: Vec<_> = entries
            .iter()
            .map(|entry| {
                assert_eq!(entry["actor"], "ENGINE");
                assert!(entry["accountId"].is_string(), "{entry:#}");
                let late = entry["detail"]["fromJournal"] == true;
                (
                    entry["action"].as_str().unwrap(),
                    entry["user"]["userName"].as_str().unwrap(),
                    late,
                )
            })
            .collect();
        told.sort_unstable();
        assert_eq!(
            told,
            [
                ("oktaRole.grant", "ann@acme.example", false),
                ("oktaUser.create", "ann@acme.example", true),
                ("oktaUser.create", "ben@acme.example", true),
                ("oktaUser.deactivate", "ben@acme.example", true),
                ("oktaUser.delete", "ben@acme.example", true),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn many_at_once_make_one_chain() {
    TestApp::on_both(async |app| {
        let (owner, rival) = (app.owner().await, app.rival().await);
        let made = (0..40).map(async |n| {
            let client = if n % 4 == 0 { &rival } else { &owner };
            client
                .done("userCreate", new_user(&format!("u{n}")), "")
                .await;
        });
        join_all(made).await;
        wait_until("both trails to be sealed", 20, async || {
            let verdicts = app.server.base.verify_audit(&[]).await.unwrap();
            let all: Vec<_> = verdicts
                .into_iter()
                .map(|one| one.outcome.unwrap())
                .collect();
            let sealed = all.iter().all(|one| one.unsealed == 0);
            sealed.then(|| assert_eq!(all.iter().map(|one| one.entries).sum::<i64>(), 44))
        })
        .await;
        let owner = owner
            .query("{ auditEvents(first: 1) { totalCount } }", json!({}))
            .await;
        assert_eq!(owner["auditEvents"]["totalCount"], 32);
    })
    .await;
}
