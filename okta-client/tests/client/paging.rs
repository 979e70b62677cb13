//! Listings: cursors are followed as they are, and never out of their listing.

use okta_client::{Attribute, Cursor, Error, SortOrder, UserQuery, UserSelection};
use serde_json::{Value, json};

use crate::server::{Reply, Server, auth};

fn page(ids: &[&str], link: Option<&str>) -> Reply {
    let users: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "status": "ACTIVE", "profile": {}}))
        .collect();
    let own = "<{origin}/api/v1/users?limit=2>; rel=\"self\"";
    let reply = Reply::json(200, &Value::Array(users)).header("link", own);
    match link {
        Some(link) => reply.header("link", &format!("<{link}>; rel=\"next\"")),
        None => reply,
    }
}

#[tokio::test]
async fn pages_are_walked_to_the_end() {
    let next = "{origin}/api/v1/users?after=200u%2Bopaque&limit=2";
    let server = Server::start([page(&["00u1", "00u2"], Some(next)), page(&["00u3"], None)]).await;
    let (client, auth) = (server.client(), auth());
    let query = UserQuery {
        limit: 2,
        ..UserQuery::default()
    };
    let first = client.users(&auth).list(&query).await.unwrap().value;
    let stored = first.next.unwrap().as_str().to_owned();
    let last = client
        .users(&auth)
        .list_next(&Cursor::from(stored))
        .await
        .unwrap()
        .value;
    assert_eq!(first.items.len() + last.items.len(), 3);
    assert_eq!(last.next, None);
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/users?limit=2",
            "GET /api/v1/users?after=200u%2Bopaque&limit=2"
        ]
    );
}

#[tokio::test]
async fn a_link_to_another_origin_is_not_followed() {
    let elsewhere = Server::start([page(&[], None)]).await;
    let foreign = format!("{}/api/v1/users?after=x", elsewhere.origin);
    let server = Server::start([page(&["00u1"], Some(&foreign))]).await;
    let (client, auth) = (server.client(), auth());
    let error = client
        .users(&auth)
        .list(&UserQuery::default())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::ForeignLink { meta: Some(_) }),
        "{error:?}"
    );
    for cursor in [
        foreign,
        format!("{}/api/v1/apps", server.origin),
        "x".into(),
    ] {
        let error = client
            .users(&auth)
            .list_next(&Cursor::from(cursor))
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::ForeignLink { meta: None }),
            "{error:?}"
        );
    }
    assert!(elsewhere.seen().is_empty());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_page_that_follows_itself_is_no_listing() {
    let own = "{origin}/api/v1/users?limit=200";
    let server = Server::start([page(&["00u1"], Some(own))]).await;
    let error = server
        .client()
        .users(&auth())
        .list(&UserQuery::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Garbled { .. }), "{error:?}");
}

#[tokio::test]
async fn selections_are_written_as_okta_reads_them() {
    let status = Attribute::new("status").unwrap();
    let search = UserQuery {
        selection: UserSelection::Search {
            expression: status.eq("ACT\"IVE&x=1"),
            sort_by: Some(Attribute::new("lastUpdated").unwrap()),
            order: SortOrder::Descending,
        },
        limit: 999,
    };
    let server = Server::start([page(&[], None), page(&[], None)]).await;
    let (client, auth) = (server.client(), auth());
    client.users(&auth).list(&search).await.unwrap();
    let filter = UserQuery::filter(status.eq("STAGED"));
    client.users(&auth).list(&filter).await.unwrap();
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/users?limit=200&search=status+eq+%22ACT%5C%22IVE%26x%3D1%22\
             &sortBy=lastUpdated&sortOrder=desc",
            "GET /api/v1/users?limit=200&filter=status+eq+%22STAGED%22"
        ]
    );
}

#[tokio::test]
async fn admins_and_custom_roles_page_by_links_in_the_body() {
    let admins = json!({"value": [{"id": "00u1", "orn": "orn:okta:x"}], "_links": {"next": {"href": "NEXT"}}});
    let roles = json!({"roles": [{"id": "cr01", "label": "Auditor", "description": "Reads", "created":
        "2021-02-06T16:20:57.000Z", "lastUpdated": "2021-02-06T16:20:57.000Z"}], "_links": {}});
    let last = json!({"value": [{"id": "00u2"}]});
    let server = Server::start([
        Reply::json(200, &admins).templated("NEXT", "/api/v1/iam/assignees/users?after=c1"),
        Reply::json(200, &last),
        Reply::json(200, &roles),
    ])
    .await;
    let (client, auth) = (server.client(), auth());
    let roles = client.roles(&auth);
    let first = roles.admins(None).await.unwrap().value;
    assert_eq!(first.items[0].id, "00u1");
    let second = roles.admins(first.next.as_ref()).await.unwrap().value;
    assert_eq!((second.items[0].id.as_str(), second.next), ("00u2", None));
    let custom = roles.custom_roles(None).await.unwrap().value;
    assert_eq!(
        (custom.items[0].label.as_str(), custom.next),
        ("Auditor", None)
    );
    let foreign = roles.custom_roles(first.next.as_ref()).await.unwrap_err();
    assert!(matches!(foreign, Error::ForeignLink { meta: None }));
    assert_eq!(server.seen().len(), 3);
    assert_eq!(
        server.seen()[1].line,
        "GET /api/v1/iam/assignees/users?after=c1"
    );
}
