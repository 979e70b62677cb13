//! The audit trail.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};
use serde_json::{Value, json};

use crate::support::{TestApp, new_user};

const EVENTS: &str = "query($f: AuditEventFilterInput) { auditEvents(filter: $f) { totalCount nodes \
    { id at actor action actorUser { id } user { id status } detail } } }";

#[tokio::test]
async fn who_did_what_and_when_is_kept() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let user = owner
            .done("userCreate", new_user("ann"), "user { id }")
            .await["user"]["id"]
            .clone();
        owner
            .done("userUpdate", json!({ "userId": user, "title": "Boss" }), "")
            .await;
        owner
            .refused("userUpdate", json!({ "userId": user, "userName": "" }))
            .await;
        owner
            .done("userDelete", json!({ "userId": user }), "")
            .await;
        let events = owner
            .query(EVENTS, json!({ "f": { "userId": user } }))
            .await["auditEvents"]
            .clone();
        let actions: Vec<_> = events["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["action"].clone())
            .collect();
        assert_eq!(actions, ["user.delete", "user.update", "user.create"]);
        assert_eq!(events["totalCount"], 3);
        let update = &events["nodes"][1];
        assert_eq!(update["actor"], "USER");
        assert_eq!(update["actorUser"]["id"], owner.user_id);
        assert_eq!(update["user"], json!({ "id": user, "status": "DELETED" }));
        assert_eq!(
            update["detail"]["changed"],
            json!({ "title": { "from": null, "to": "Boss" } })
        );
    })
    .await;
}

/// Indexes that begin with the organisation and the filter, and end with the order of the list.
#[tokio::test]
async fn each_filter_has_an_index_that_also_sorts() {
    TestApp::on_both(async |app| {
        let db = app.database().await;
        if db.get_database_backend() == DatabaseBackend::Postgres {
            return; // It reads so small a table from end to end.
        }
        for column in [
            "action",
            "family",
            "actor",
            "actor_user_id",
            "app_id",
            "user_id",
            "account_id",
        ] {
            let statement = format!(
                "EXPLAIN QUERY PLAN SELECT * FROM audit_event WHERE organization_id = x'00' AND {column} = x'00' \
                 ORDER BY at DESC, id DESC LIMIT 25"
            );
            let statement = Statement::from_string(db.get_database_backend(), statement);
            let rows = db.query_all_raw(statement).await.unwrap();
            let plan: Vec<String> = rows
                .iter()
                .map(|row| row.try_get("", "detail").unwrap())
                .collect();
            let index = format!("ix_audit_event_organization_id_{column}_at_id");
            assert_eq!(plan.len(), 1, "{plan:?}");
            assert!(plan[0].contains(&index), "{plan:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_trail_can_be_narrowed() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let first = json!({ "f": { "actions": ["organization.create"] } });
        let before = owner.query(EVENTS, first).await["auditEvents"]["nodes"][0].clone();
        assert_eq!(before["actor"], "OPERATOR");
        app.clock.advance(std::time::Duration::from_secs(60));
        owner.done("userCreate", new_user("ann"), "").await;
        let count = async |filter: Value| {
            owner.query(EVENTS, json!({ "f": filter })).await["auditEvents"]["totalCount"].clone()
        };
        assert_eq!(
            count(json!({ "actions": ["user.create", "user.delete"] })).await,
            1
        );
        assert_eq!(
            count(json!({ "until": before["at"] })).await,
            0,
            "`until` is not included"
        );
        assert_eq!(
            count(json!({ "from": before["at"] })).await,
            3,
            "`from` is included: the organisation, a token, a person"
        );
        assert_eq!(count(json!({ "actorUserId": owner.user_id })).await, 1);
        assert_eq!(count(json!({ "appId": "made-up" })).await, 0);
        assert_eq!(count(json!({ "accountId": "made-up" })).await, 0);
        assert_eq!(count(json!({ "families": ["user"] })).await, 1);
        assert_eq!(
            count(json!({ "families": ["user", "organization"] })).await,
            2
        );
        assert_eq!(count(json!({ "families": ["use"] })).await, 0);
        assert_eq!(count(json!({ "actor": "OPERATOR" })).await, 2);
        assert_eq!(
            count(json!({ "actor": "OPERATOR", "families": ["user"] })).await,
            0
        );
        let many = json!({ "f": { "families": vec!["user"; 101] } });
        assert_eq!(owner.send(EVENTS, many).await.code(), "BAD_USER_INPUT");
        let rival = app.rival().await;
        let theirs = rival
            .query(EVENTS, json!({ "f": { "actorUserId": owner.user_id } }))
            .await;
        assert_eq!(theirs["auditEvents"]["totalCount"], 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_done_at_the_command_line_is_told_of() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        owner.done("userCreate", new_user("ann"), "").await;
        let told = async |actions: &[&str]| {
            let filter = json!({ "f": { "actor": "OPERATOR", "actions": actions } });
            owner.query(EVENTS, filter).await["auditEvents"]["nodes"].clone()
        };
        let made = told(&["organization.create"]).await;
        assert_eq!(made.as_array().unwrap().len(), 1);
        assert_eq!(made[0]["user"]["id"], owner.user_id);
        assert_eq!(made[0]["detail"]["owner"], "owner@acme.example");

        let before = told(&["token.issue"]).await.as_array().unwrap().len();
        let hours = ["token", "--user", "ann@acme.example", "--hours", "5"];
        let issued = app.command(&hours).await;
        assert!(issued.status.success());
        let token = String::from_utf8(issued.stdout).unwrap();
        let all = told(&["token.issue"]).await;
        assert_eq!(all.as_array().unwrap().len(), before + 1);
        let events = all.as_array().unwrap().iter();
        let newest = events
            .max_by_key(|event| event["at"].as_str().unwrap())
            .unwrap();
        assert_ne!(newest["user"]["id"], owner.user_id, "for whom it speaks");
        assert_eq!(newest["user"]["status"], "ACTIVE");
        let claims = URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1).unwrap())
            .unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let expires_at = newest["detail"]["expiresAt"].as_i64().unwrap();
        assert_eq!(expires_at, claims["exp"].as_i64().unwrap() * 1_000);
        assert!(
            !all.to_string().contains(token.trim_end()),
            "the token itself is nowhere"
        );

        let nobody = app
            .command(&["token", "--user", "nobody@acme.example"])
            .await;
        assert!(!nobody.status.success());
        let again = [
            "init",
            "--organization",
            "Acme",
            "--owner",
            "owner@acme.example",
        ];
        assert!(app.command(&again).await.status.success());
        let acts = told(&[]).await.as_array().unwrap().len();
        assert_eq!(
            acts,
            before + 2,
            "what was refused, or changed nothing, leaves nothing"
        );
    })
    .await;
}
