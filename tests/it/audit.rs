//! The audit trail.

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

#[tokio::test]
async fn the_trail_can_be_narrowed() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let before = owner.query(EVENTS, json!({})).await["auditEvents"]["nodes"][0].clone();
        assert_eq!(before["action"], "organization.create");
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
            2,
            "`from` is included"
        );
        assert_eq!(count(json!({ "actorUserId": owner.user_id })).await, 1);
        assert_eq!(count(json!({ "appId": "made-up" })).await, 0);
        let rival = app.rival().await;
        let theirs = rival
            .query(EVENTS, json!({ "f": { "actorUserId": owner.user_id } }))
            .await;
        assert_eq!(theirs["auditEvents"]["totalCount"], 0);
    })
    .await;
}
