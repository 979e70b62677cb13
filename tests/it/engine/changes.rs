//! What each change in the directory becomes in Okta, one call at a time.

use serde_json::json;

use super::world::on_both;

#[tokio::test]
async fn an_assignment_creates_the_account_and_gives_the_role() {
    on_both(async |world| {
        let before = world.position();
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        let okta = world.okta("ann");
        assert_eq!(okta["status"], "PROVISIONED");
        assert_eq!(okta["roles"][0]["type"], "HELP_DESK_ADMIN");
        assert_eq!(world.kinds_since(before), ["user.create", "role.grant"]);
        assert_eq!(world.calls_since(before).len(), 2, "one call per change");
        let account = world.account(&ann).await;
        assert_eq!(account["oktaId"], okta["id"]);
        assert_eq!(account["provenance"], "CREATED");
        assert_eq!(account["grantedRole"]["type"], "HELP_DESK_ADMIN");
    })
    .await;
}

#[tokio::test]
async fn a_rename_is_one_partial_update_of_what_changed() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world
            .update(&ann, json!({ "familyName": "Fox", "title": "Baker" }))
            .await;
        world.reach(&ann, "IN_SYNC").await;
        let calls = world.calls_since(before);
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (
                calls[0].method.as_str(),
                calls[0].path.starts_with("/api/v1/users/")
            ),
            ("POST", true)
        );
        assert_eq!(
            calls[0].body,
            Some(json!({ "profile": { "lastName": "Fox", "title": "Baker" } }))
        );
    })
    .await;
}
