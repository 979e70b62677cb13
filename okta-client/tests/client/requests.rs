//! What the client sends.

use okta_client::{Auth, Error};
use serde_json::json;

use crate::server::{Reply, Server, auth};

const ID: &str = "00u1";

fn user() -> Reply {
    Reply::json(
        200,
        &json!({"id": ID, "status": "STAGED", "profile": {"login": "a@b.c"}}),
    )
}

fn nothing() -> Reply {
    Reply::json(200, &json!({}))
}

#[tokio::test]
async fn every_step_is_an_empty_post_with_its_flag() {
    let link = json!({"activationUrl": "https://acme.okta.com/tokens/hunter2/verify", "activationToken": "hunter2"});
    let server = Server::start([
        Reply::json(200, &link),
        nothing(),
        Reply::status(204),
        nothing(),
        nothing(),
        Reply::status(204),
    ])
    .await;
    let (client, auth) = (server.client(), auth());
    let users = client.users(&auth);
    let activation = users.activate(ID, false).await.unwrap();
    assert!(activation.value.token.is_some());
    assert!(!format!("{activation:?}").contains("hunter2"));
    assert!(
        users
            .reactivate(ID, true)
            .await
            .unwrap()
            .value
            .url
            .is_none()
    );
    users.deactivate(ID, false).await.unwrap();
    users.suspend(ID).await.unwrap();
    users.unsuspend(ID).await.unwrap();
    users.delete(ID, false).await.unwrap();
    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /api/v1/users/00u1/lifecycle/activate?sendEmail=false",
            "POST /api/v1/users/00u1/lifecycle/reactivate?sendEmail=true",
            "POST /api/v1/users/00u1/lifecycle/deactivate?sendEmail=false",
            "POST /api/v1/users/00u1/lifecycle/suspend",
            "POST /api/v1/users/00u1/lifecycle/unsuspend",
            "DELETE /api/v1/users/00u1?sendEmail=false",
        ]
    );
    for post in &seen[..5] {
        assert_eq!(post.header("content-length"), Some("0"));
        assert_eq!(post.header("content-type"), None);
        assert_eq!(post.header("authorization"), Some("Bearer sesame-0123"));
    }
}

#[tokio::test]
async fn a_prepared_body_is_sent_identically_each_time() {
    let server = Server::start([user(), user(), user()]).await;
    let (client, auth) = (server.client(), Auth::Ssws("sesame".into()));
    let body = json!({"profile": {"nickName": null, "login": "a@b.c", "n": 1.0}});
    client.users(&auth).create(&body, false).await.unwrap();
    client.users(&auth).create(&body, false).await.unwrap();
    client.users(&auth).update(ID, &body).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /api/v1/users?activate=false");
    assert_eq!(seen[2].line, "POST /api/v1/users/00u1");
    for request in &seen {
        assert_eq!(request.body, body.to_string().into_bytes());
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("authorization"), Some("SSWS sesame"));
    }
}

#[tokio::test]
async fn a_login_is_one_encoded_segment() {
    let server = Server::start([user()]).await;
    let (client, auth) = (server.client(), auth());
    let users = client.users(&auth);
    users.get_by_login("o'neil+x?#%2F@b.c").await.unwrap();
    assert_eq!(
        server.seen()[0].line,
        "GET /api/v1/users/o'neil+x%3F%23%252F@b.c"
    );
}

#[tokio::test]
async fn what_names_something_else_is_never_sent() {
    let server = Server::start([]).await;
    let (client, auth) = (server.client(), auth());
    let (users, roles) = (client.users(&auth), client.roles(&auth));
    for id in ["me", "", ".", "..", "a/b", "a@b.c", "00u1/../00u2"] {
        let refused = [
            users.get(id).await.unwrap_err(),
            users.update(id, &json!({})).await.unwrap_err(),
            users.delete(id, false).await.unwrap_err(),
            users.activate(id, false).await.unwrap_err(),
            users.deactivate(id, false).await.unwrap_err(),
            roles.list(id).await.unwrap_err(),
            roles.unassign("00u1", id).await.unwrap_err(),
        ];
        assert!(
            refused
                .iter()
                .all(|error| matches!(error, Error::InvalidId))
        );
    }
    let slash = users.get_by_login("acme/ada").await.unwrap_err();
    assert!(matches!(slash, Error::LoginNeedsId));
    let me = users.get_by_login("me").await.unwrap_err();
    assert!(matches!(me, Error::InvalidLogin));
    let bad = Auth::Bearer("a\r\nb".into());
    let smuggled = client.users(&bad).get(ID).await.unwrap_err();
    assert!(matches!(smuggled, Error::InvalidCredential));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn every_custom_role_assignment_is_tolerated() {
    let roles = json!([
        {"id": "irb1q92TFAHzySt3x0g4", "role": "cr0Yq6IJxGIr0ouum0g3", "label": "Auditor", "type": "CUSTOM",
         "status": "ACTIVE", "created": "2021-02-06T16:20:57.000Z", "assignmentType": "GROUP",
         "resource-set": "iamoJDFKaJxGIr0oamd9g"},
        {"id": "ra1b8aahBZuGJRRa30g4", "type": "SOMETHING_NEW"},
    ]);
    let server = Server::start([Reply::json(200, &roles)]).await;
    let client = server.client();
    let auth = auth();
    let found = client.roles(&auth).list(ID).await.unwrap().value;
    assert_eq!(
        found[0].resource_set.as_deref(),
        Some("iamoJDFKaJxGIr0oamd9g")
    );
    assert_eq!(found[0].assignment_type.as_str(), "GROUP");
    assert_eq!(
        (found[1].kind.as_str(), found[1].assignment_type.as_str()),
        ("SOMETHING_NEW", "")
    );
}

#[tokio::test]
async fn an_assignment_id_is_nothing_without_its_user() {
    // The id is the base32 of the type, the same for everybody, and for a role that a group brings (recorded).
    const SHARED: &str = "KVJUKUS7IFCE2SKO";
    let assignment = |from: &str| json!({"id": SHARED, "type": "USER_ADMIN", "label": "User Administrator", "assignmentType": from});
    let server = Server::start([
        Reply::json(201, &assignment("USER")),
        Reply::json(200, &json!([assignment("USER"), assignment("GROUP")])),
        Reply::status(204),
        Reply::status(204),
    ])
    .await;
    let (client, auth) = (server.client(), auth());
    let roles = client.roles(&auth);
    let body = json!({"type": "USER_ADMIN"});
    assert_eq!(roles.assign("00u1", &body).await.unwrap().value.id, SHARED);
    let held = roles.list("00u1").await.unwrap().value;
    let ways: Vec<_> = held
        .iter()
        .map(|role| role.assignment_type.as_str())
        .collect();
    assert_eq!(ways, ["USER", "GROUP"]);
    roles.unassign("00u1", SHARED).await.unwrap();
    roles.unassign("00u2", SHARED).await.unwrap();
    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /api/v1/users/00u1/roles",
            "GET /api/v1/users/00u1/roles",
            "DELETE /api/v1/users/00u1/roles/KVJUKUS7IFCE2SKO",
            "DELETE /api/v1/users/00u2/roles/KVJUKUS7IFCE2SKO",
        ]
    );
    assert_eq!(seen[0].body, body.to_string().into_bytes());
}
