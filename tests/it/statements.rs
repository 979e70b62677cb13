//! A screen asks the database hardly more often for forty rows than for two: nothing is looked up row by row.

use serde_json::json;

use crate::engine::world::{World, on_both};
use crate::support::Client;

/// Lists of an administrator's screens with all that a row may show. `$n` is the length of the page.
const SCREENS: [(&str, &str); 6] = [
    (
        "assignments",
        "query($app: ID!, $n: Int) { app(id: $app) { assignments(first: $n) { totalCount edges { node {
            id role { type label } createdBy { name } createdAt
            viewerCanChangeRole viewerCanUnassign
            user { id name userName status department viewerCanUpdate viewerCanDelete adminRole { name userCount viewerCanAssign } }
            account { id viewerCanRetry viewerCanConfirmLink state oktaStatus { code } grantedRole { label } problem { code message } updatedAt
                lastOperation { kind status sentAt user { name } } deprovisioningHold { id }
                operations(first: 3) { totalCount nodes { kind } pageInfo { hasNextPage } } }
        } } } } }",
    ),
    (
        "users",
        "query($app: ID!, $n: Int) { app(id: $app) { id } users(first: $n) { totalCount edges { node {
            id name userName status fields { field { key } } adminRole { name kind userCount }
            viewerCanUpdate viewerCanActivate viewerCanDeactivate viewerCanDelete viewerCanSetAdminRole
            assignments { role { label } account { state } }
            accounts { state assignment { id } lastOperation { kind } }
        } } } }",
    ),
    (
        "accounts",
        "query($app: ID!, $n: Int) { app(id: $app) { accounts(first: $n) { edges { node {
            id state user { name status adminRole { name } } assignment { role { label } createdBy { name } }
            lastOperation { status }
        } } } } }",
    ),
    (
        "operations",
        "query($app: ID!, $n: Int) { app(id: $app) { operations(first: $n) { edges { node {
            id kind status user { name adminRole { name } accounts { state } }
        } } } } }",
    ),
    (
        "audit trail",
        "query($app: ID!, $n: Int) { app(id: $app) { id } auditEvents(first: $n) { edges { node {
            id action at actorUser { name adminRole { name } } user { name accounts { state } }
        } } } }",
    ),
    (
        "import",
        "query($app: ID!, $n: Int) { app(id: $app) { imports(first: 1) { edges { node { candidates(first: $n) {
            totalCount edges { node { login category viewerCanApply differences { attribute } user { name adminRole { name } } } }
        } } } } } }",
    ),
];

/// Every permission.
const EVERYTHING: [&str; 7] = [
    "VIEW_APPS",
    "ASSIGN_APPS",
    "IMPORT_USERS",
    "VIEW_USERS",
    "MANAGE_USERS",
    "MANAGE_ADMIN_ROLES",
    "VIEW_AUDIT_LOG",
];
/// A list of assignments that needs no loader.
const READ_AHEAD: &str =
    "query($app: ID!, $n: Int) { app(id: $app) { assignments(first: $n) { edges { node {
    id role { type label } createdAt user { id name userName status }
    account { id state problem { code message } lastOperation { kind status sentAt } } } } } } }";

/// How many more statements there may be: on a busy machine what is looked up together may be so in two parts. Row by row there would be 38 more.
const SPLIT: u64 = 6;
/// People who have the app, and as many who are only in Okta.
const PEOPLE: usize = 40;

#[tokio::test]
async fn a_screen_looks_nothing_up_row_by_row() {
    on_both(async |world| {
        let people = world.people("p", PEOPLE).await;
        world.assign(&people, None).await;
        for user in &people {
            world.reach(user, "IN_SYNC").await;
        }
        for n in 0..PEOPLE {
            let login = format!("only{n}@acme.example");
            let profile =
                json!({ "login": login, "email": login, "firstName": "Only", "lastName": "Okta" });
            world.create_in_okta(json!({ "profile": profile })).await;
        }
        let start = json!({ "appId": world.app_id });
        world.owner.done("importStart", start, "").await;
        world
            .until("the import to be fetched", async || {
                let (rows, _) = screen(&world, &world.owner, "import", SCREENS[5].1, PEOPLE).await;
                (rows >= PEOPLE).then_some(())
            })
            .await;
        // What people hold in Okta matters to whoever is neither owner nor admin.
        let mighty = world.app.custom("mighty", &EVERYTHING).await;
        for client in [&world.owner, &mighty] {
            for (name, document) in SCREENS {
                let (few, for_few) = screen(&world, client, name, document, 2).await;
                let (many, for_many) = screen(&world, client, name, document, PEOPLE).await;
                assert_eq!((few, many), (2, PEOPLE), "rows of {name}");
                assert!(
                    for_many <= for_few + SPLIT,
                    "{name}: {for_few} statements for two rows, {for_many} for {PEOPLE}"
                );
                assert!(for_many <= 20, "{name}: {for_many} statements");
            }
        }
        // In any other way of asking, too.
        let newest = "query($app: ID!) { app(id: $app) { operations(first: 1) { pageInfo { endCursor } } } }";
        let newest = world.owner.query(newest, json!({ "app": world.app_id })).await;
        let cursor = &newest["app"]["operations"]["pageInfo"]["endCursor"];
        for page in [
            "last: 2, filter: { kinds: [CREATE] }".to_owned(),
            "first: 0, filter: { statuses: [FAILED] }".to_owned(),
            format!("first: 1, after: {cursor}, filter: {{ from: \"2020-01-01T00:00:00Z\" }}"),
        ] {
            let document = format!(
                "query($app: ID!, $n: Int) {{ app(id: $app) {{ accounts(first: $n) {{ edges {{ node {{
                    operations({page}) {{ totalCount nodes {{ id }} }} }} }} }} }} }}"
            );
            let (_, few) = screen(&world, &world.owner, "accounts", &document, 2).await;
            let (_, many) = screen(&world, &world.owner, "accounts", &document, PEOPLE).await;
            assert!(many <= few + SPLIT, "{page}: {few} and {many} statements");
        }
        // Who asks, the app, and the list with all that belongs to its rows.
        let (_, ahead) = screen(&world, &world.owner, "assignments", READ_AHEAD, PEOPLE).await;
        assert!(ahead <= 3, "{ahead} statements for what is read ahead");
    })
    .await;
}

/// The rows of a screen, and the statements that it took: the least of a few tries, as the server does other things meanwhile.
async fn screen(
    world: &World,
    client: &Client,
    name: &str,
    document: &str,
    n: usize,
) -> (usize, u64) {
    let statements = world.app.server.base.services.metrics.statements();
    let mut least = u64::MAX;
    let mut rows = 0;
    for _ in 0..5 {
        let before = statements.get();
        let variables = json!({ "app": world.app_id, "n": n });
        let data = client.query(document, variables).await;
        least = least.min(statements.get() - before);
        let list = match name {
            "users" => &data["users"],
            "audit trail" => &data["auditEvents"],
            "import" => &data["app"]["imports"]["edges"][0]["node"]["candidates"],
            list => &data["app"][list],
        };
        rows = list["edges"].as_array().map_or(0, Vec::len);
    }
    (rows, least)
}
