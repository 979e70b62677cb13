//! Imports as a panel uses them: through GraphQL, with lists, versions, and people who may not.

use serde_json::{Value, json};

use super::world::{Importing, account, on_both, with};
use crate::support::{Client, Socket, wait_until};

async fn start(it: &Importing, client: &Client) -> Value {
    let input = json!({ "appId": it.world.app_id, "mode": "FULL" });
    let selection =
        "alreadyRunning import { id status mode sourceProfile selectionVersion startedBy { id } }";
    client.done("importStart", input, selection).await
}

async fn read(client: &Client, import: &Value, selection: &str) -> Value {
    let document =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on Import {{ {selection} }} }} }}");
    client.query(&document, json!({ "id": import })).await["node"].clone()
}

async fn reach(client: &Client, import: &Value, status: &str) -> Value {
    wait_until(status, 60, async || {
        let seen = read(client, import, "status problem { message }").await;
        (seen["status"] == status).then_some(seen)
    })
    .await
}

/// The names of all candidates, page by page.
async fn names(client: &Client, import: &Value, arguments: &str) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let document = format!(
            "query($id: ID!, $after: String) {{ node(id: $id) {{ ... on Import {{ \
             candidates({arguments}, after: $after) {{ nodes {{ login }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"
        );
        let variables = json!({ "id": import, "after": after });
        let page = client.query(&document, variables).await["node"]["candidates"].take();
        let nodes = page["nodes"].as_array().unwrap().clone();
        names.extend(
            nodes
                .iter()
                .map(|each| each["login"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            return names;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn importing_is_a_step_of_the_setup() {
    on_both(async |it| {
        let owner = &it.world.owner;
        let setup = async || {
            let document =
                "query($id: ID!) { app(id: $id) { setup { nextStep steps { key status } } } }";
            let seen = owner
                .query(document, json!({ "id": it.world.app_id }))
                .await["app"]["setup"]
                .take();
            (seen["steps"][4].clone(), seen["steps"][5]["status"].clone())
        };
        assert_eq!(
            setup().await,
            (
                json!({ "key": "IMPORT_PEOPLE", "status": "TODO" }),
                json!("TODO")
            )
        );
        let import = start(&it, owner).await["import"]["id"].clone();
        reach(owner, &import, "READY").await;
        assert_eq!(
            setup().await,
            (
                json!({ "key": "IMPORT_PEOPLE", "status": "DONE" }),
                json!("TODO")
            )
        );
    })
    .await;
}

#[tokio::test]
async fn a_panel_starts_looks_ticks_and_confirms() {
    on_both(async |it| {
        let owner = &it.world.owner;
        it.world.person("upd").await;
        it.sow(vec![account("fresh"), with("upd", json!({ "title": "Dr. 医者" }))]);
        let started = start(&it, owner).await;
        let import = started["import"]["id"].clone();
        assert_eq!(started["import"]["startedBy"]["id"], owner.user_id);
        reach(owner, &import, "READY").await;

        let seen = read(
            owner,
            &import,
            "counts { category total selected conflicts } progress { fetched calls remainingEstimate } \
             confirmationSummary { selected sentences } candidates(category: [UPDATE], search: \"UPD\") { totalCount nodes { id summary \
             user { id } differences { attribute note okta: oktaValue { ... on StringValue { string } } } } }",
        )
        .await;
        let update = &seen["candidates"]["nodes"][0];
        assert_eq!(seen["candidates"]["totalCount"], 1);
        assert!(update["differences"].as_array().unwrap().contains(
            &json!({ "attribute": "title", "note": null, "okta": { "string": "Dr. 医者" } })
        ));
        assert_eq!(seen["confirmationSummary"]["selected"], 0);
        assert_eq!(seen["progress"]["remainingEstimate"], 0);

        let tick = json!({ "importId": import, "candidates": { "matching": { "conflict": false } }, "selected": true });
        let ticked = owner
            .done("importCandidatesSelect", tick, "import { selectionVersion confirmationSummary { usersCreated usersUpdated } }")
            .await;
        let version = ticked["import"]["selectionVersion"].as_i64().unwrap();
        assert_eq!(ticked["import"]["confirmationSummary"], json!({ "usersCreated": 1, "usersUpdated": 1 }));

        let stale = json!({ "importId": import, "expectedSelectionVersion": version - 1 });
        let answer = owner.mutate("importConfirm", stale, "import { id } conflict { selectionVersion }").await.data();
        assert_eq!(answer["importConfirm"]["userErrors"][0]["code"], "VERSION_CONFLICT");
        assert_eq!(answer["importConfirm"]["userErrors"][0]["field"], json!(["expectedSelectionVersion"]));
        assert_eq!(answer["importConfirm"]["conflict"]["selectionVersion"], version);

        let confirm = json!({ "importId": import, "expectedSelectionVersion": version });
        owner.done("importConfirm", confirm.clone(), "import { status }").await;
        reach(owner, &import, "COMPLETED").await;
        let seen = read(owner, &import, "outcomes { outcome count } confirmedBy { id }").await;
        assert_eq!(seen["outcomes"], json!([{ "outcome": "APPLIED", "count": 2 }]));
        assert_eq!(owner.refused("importConfirm", confirm).await, ["NOT_POSSIBLE_NOW"], "only once");
        let actions = owner.query("{ auditEvents(filter: { actions: [\"import.apply\"] }) { totalCount } }", json!({})).await;
        assert_eq!(actions["auditEvents"]["totalCount"], 2);
    })
    .await;
}

#[tokio::test]
async fn equal_names_keep_their_places_on_every_page() {
    on_both(async |it| {
        let owner = &it.world.owner;
        let twins: Vec<_> = (0..230)
            .map(|n| with(&format!("twin{n:03}"), json!({ "firstName": "Åse", "lastName": "Berg", "displayName": "Åse Berg" })))
            .collect();
        it.sow(twins);
        let import = start(&it, owner).await["import"]["id"].clone();
        reach(owner, &import, "READY").await;
        for order in ["NAME_ASC", "NAME_DESC", "FOUND_ASC"] {
            let arguments = format!("search: \"berg åse\", orderBy: {order}, first: 60");
            let mut seen = names(owner, &import, &arguments).await;
            assert_eq!(seen.len(), 230, "{order}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 230, "{order}");
        }
        let odd = "query($id: ID!) { node(id: $id) { ... on Import { candidates(first: 101) { totalCount } } } }";
        let answer = owner.send(odd, json!({ "id": import })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    })
    .await;
}

#[tokio::test]
async fn an_import_is_followed_as_it_goes_on() {
    on_both(async |it| {
        let owner = &it.world.owner;
        it.sow((0..40).map(|n| account(&format!("new{n:02}"))).collect());
        let import = start(&it, owner).await["import"]["id"].clone();
        let document =
            "subscription($id: ID!) { importProgress(id: $id) { status progress { fetched } } }";
        let base = &it.world.app.base_url;
        let mut socket =
            Socket::subscribe(base, owner.token(), document, json!({ "id": import })).await;
        while socket.event().await["importProgress"]["status"] != "READY" {}
        owner
            .done(
                "importCancel",
                json!({ "importId": import }),
                "import { status }",
            )
            .await;
        while socket.event().await["importProgress"]["status"] != "CANCELLED" {}
        assert_eq!(socket.hear().await["type"], "complete", "it has ended");
    })
    .await;
}

#[tokio::test]
async fn who_may_not_import_sees_no_import() {
    on_both(async |it| {
        let (app, owner) = (&it.world.app, &it.world.owner);
        it.sow(vec![account("fresh")]);
        let import = start(&it, owner).await["import"]["id"].clone();
        reach(owner, &import, "READY").await;
        let seen = read(owner, &import, "candidates { nodes { id } }").await;
        let candidate = seen["candidates"]["nodes"][0]["id"].clone();

        let clerk = app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let rival = app.rival().await;
        for stranger in [&clerk, &rival] {
            for id in [&import, &candidate] {
                let document = "query($id: ID!) { node(id: $id) { id } }";
                assert_eq!(stranger.query(document, json!({ "id": id })).await["node"], Value::Null);
            }
        }
        let cancel = |id: &Value| json!({ "importId": id });
        assert_eq!(clerk.mutate("importCancel", cancel(&import), "").await.code(), "FORBIDDEN");
        let foreign = rival.mutate("importCancel", cancel(&import), "").await.data();
        let missing = rival.mutate("importCancel", cancel(&json!("made-up")), "").await.data();
        assert_eq!(foreign, missing);
        assert_eq!(foreign["importCancel"]["userErrors"][0]["code"], "NOT_FOUND");
        let start = json!({ "appId": it.world.app_id });
        assert_eq!(rival.refused("importStart", start).await, ["NOT_FOUND appId"]);

        let importer = app.custom("importer", &["VIEW_APPS", "IMPORT_USERS"]).await;
        assert_eq!(read(&importer, &import, "status").await["status"], "READY");
        let tick = |ids: Value| json!({ "importId": import, "candidates": { "candidateIds": ids }, "selected": true });
        assert_eq!(
            importer.refused("importCandidatesSelect", tick(json!([candidate, "made-up"]))).await,
            ["NOT_FOUND candidateIds"]
        );
        assert_eq!(read(&importer, &import, "selectionVersion").await["selectionVersion"], 0, "none was ticked");
        let tick = tick(json!([candidate, candidate]));
        let ticked = importer.mutate("importCandidatesSelect", tick, "import { confirmationSummary { selected } }").await;
        assert!(ticked.body.get("errors").is_none(), "{:#}", ticked.body);
    })
    .await;
}
