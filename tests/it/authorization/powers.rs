//! What a panel is told about people and roles is what comes of it: nobody above him, not himself, not the last owner.

use serde_json::{Value, json};

use super::acting::{carry_out, told};
use super::outline::Outline;
use super::personas::{Persona, everybody};
use super::{Two, on_both};
use crate::support::Client;

/// The mutations of a person, each with the field that tells of it.
const OF_PEOPLE: [(&str, &str); 4] = [
    ("userUpdate", "viewerCanUpdate"),
    ("userActivate", "viewerCanActivate"),
    ("userDeactivate", "viewerCanDeactivate"),
    ("userDelete", "viewerCanDelete"),
];

/// Each side of each question that was answered.
#[derive(Default)]
struct Tally {
    yes: usize,
    no: usize,
}

impl Tally {
    /// Compares what was told with what came.
    fn note(&mut self, told: bool, came: bool, what: &str) {
        assert_eq!(told, came, "{what}");
        if told {
            self.yes += 1;
        } else {
            self.no += 1;
        }
    }
}

#[tokio::test]
async fn what_may_be_done_to_people_is_told_beforehand() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        let personas = everybody(&two).await;
        let mut people = high_and_low(&two, &personas);
        people.extend(["ann", "boss"].map(|name| two.own.id(name).to_owned()));
        let mut tally = Tally::default();
        for persona in &personas {
            for person in people.iter().chain([&persona.client.user_id]) {
                changes(&outline, persona, person, &mut tally).await;
            }
        }
        assert!(
            tally.yes > 50 && tally.no > 50,
            "{} times yes, {} times no",
            tally.yes,
            tally.no
        );
    })
    .await;
}

/// People of every kind of standing.
fn high_and_low(two: &Two, personas: &[Persona]) -> Vec<String> {
    let named = |name: &str| {
        let found = personas
            .iter()
            .find(|persona| persona.name.starts_with(name));
        found.unwrap().client.user_id.clone()
    };
    let mut people = ["the owner", "an admin", "mighty"].map(named).to_vec();
    people.push(two.own.id("auditor").to_owned());
    people
}

async fn changes(outline: &Outline, persona: &Persona, person: &str, tally: &mut Tally) {
    for (mutation, field) in OF_PEOPLE {
        let gate = format!("user(id: \"{person}\") {{ it: {field} }}");
        let Some(told) = told(&persona.client, &gate).await else {
            continue;
        };
        let input = json!({ "userId": person, "expectedRevision": -1 });
        let outcome = carry_out(outline, &persona.client, mutation, &input).await;
        let what = format!("{}: {mutation} {:#}", persona.name, outcome.body);
        tally.note(told, outcome.is_let_through(), &what);
    }
}

#[tokio::test]
async fn who_may_be_given_which_role_is_told_beforehand() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        let mut personas = everybody(&two).await;
        personas.retain(|persona| !persona.token);
        let mut people = high_and_low(&two, &personas);
        people.push(two.own.id("ann").to_owned());
        let mut tally = Tally::default();
        // With one owner, who has to stay, and with two.
        for round in 0..2 {
            for persona in &personas {
                for person in people.iter().chain([&persona.client.user_id]) {
                    for role in ["owners", "admins", "members", "role"] {
                        gives(&two, &outline, persona, (person, role), &mut tally).await;
                    }
                }
            }
            if round == 0 {
                two.app.person("second", "OWNER").await;
            }
        }
        assert!(
            tally.yes > 50 && tally.no > 50,
            "{} times yes, {} times no",
            tally.yes,
            tally.no
        );
    })
    .await;
}

async fn gives(
    two: &Two,
    outline: &Outline,
    persona: &Persona,
    (person, role): (&str, &str),
    tally: &mut Tally,
) {
    let role = two.own.id(role);
    let document = "query($user: ID!, $role: ID!) { user(id: $user) { adminRole { id } viewerCanSetAdminRole } \
        node(id: $role) { ... on AdminRole { id viewerCanAssign } } }";
    let body = persona
        .client
        .send(document, json!({ "user": person, "role": role }))
        .await
        .body;
    let (user, given) = (&body["data"]["user"], &body["data"]["node"]);
    if user.is_null() || given.is_null() || user["adminRole"]["id"] == role {
        return;
    }
    let told = user["viewerCanSetAdminRole"] == true && given["viewerCanAssign"] == true;
    let input = json!({ "userId": person, "adminRoleId": role, "expectedRevision": -1 });
    let outcome = carry_out(outline, &persona.client, "userAdminRoleSet", &input).await;
    let what = format!("{}: {body:#} {:#}", persona.name, outcome.body);
    tally.note(told, outcome.is_let_through(), &what);
}

#[tokio::test]
async fn whose_role_in_okta_may_be_taken_away_is_told_beforehand() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        let document = "query($user: ID!) { user(id: $user) { assignments { viewerCanUnassign viewerCanChangeRole role { type } } } }";
        let mut tally = Tally::default();
        for persona in everybody(&two).await {
            for person in ["ann", "boss"].map(|name| two.own.id(name)) {
                let body = persona.client.send(document, json!({ "user": person })).await.body;
                let assignment = &body["data"]["user"]["assignments"][0];
                if assignment.is_null() {
                    continue;
                }
                let (role, targets) = (assignment["role"]["type"].clone(), json!({ "userIds": [person] }));
                let app = two.own.id("app");
                let mutations = [
                    ("assignmentsRoleChange", "viewerCanChangeRole", json!({ "appId": app, "targets": targets, "role": null })),
                    ("usersUnassign", "viewerCanUnassign", json!({ "appId": app, "targets": targets })),
                ];
                for (mutation, field, input) in mutations {
                    let outcome = carry_out(&outline, &persona.client, mutation, &input).await;
                    let what = format!("{}: {mutation} {:#}", persona.name, outcome.body);
                    tally.note(assignment[field] == true, outcome.is_let_through(), &what);
                    restore(&two, &outline, person, &role).await;
                }
            }
        }
        assert!(tally.yes > 5 && tally.no > 5, "{} times yes, {} times no", tally.yes, tally.no);
    })
    .await;
}

/// The person has the app with this role again.
async fn restore(two: &Two, outline: &Outline, person: &str, role: &Value) {
    for mutation in ["usersAssign", "assignmentsRoleChange"] {
        let input =
            json!({ "appId": two.own.id("app"), "targets": { "userIds": [person] }, "role": role });
        carry_out(outline, &two.own.owner, mutation, &input).await;
    }
}

/// Somebody new who is an admin in Okta, somebody who stands above an importer, and somebody plain.
const FOUND: [&str; 3] = ["auditor", "chief", "eve"];

#[tokio::test]
async fn whom_an_import_changes_on_whose_word_is_told_beforehand() {
    on_both(async |two| {
        let own = &two.own;
        let input = json!({ "importId": own.id("import") });
        own.owner.done("importCancel", input, "").await;
        own.sow(&two.app, "auditor", &[], "Auditrix");
        own.sow(&two.app, "chief", &["HELP_DESK_ADMIN"], "Chief");
        let importer = two
            .app
            .custom("importer", &["VIEW_APPS", "IMPORT_USERS"])
            .await;
        let mut seen = Vec::new();
        for client in [&importer, &own.owner] {
            let import = own.start_import(&two.app, client).await;
            own.import_reaches(&import, "READY").await;
            let told = candidates(&two, client, &import, "viewerCanApply").await;
            confirm(client, &import, &told).await;
            own.import_reaches(&import, "COMPLETED").await;
            let came = candidates(&two, client, &import, "outcome").await;
            let came: Vec<_> = came
                .iter()
                .map(|(_, outcome)| *outcome == "APPLIED")
                .collect();
            let told: Vec<_> = told.iter().map(|(_, may)| *may == true).collect();
            assert_eq!(told, came);
            seen.push(told);
        }
        assert_eq!(seen[0], [false, false, true], "by the importer: {FOUND:?}");
        assert_eq!(seen[1][..2], [true, true], "by the owner");
    })
    .await;
}

/// The id of each candidate whom we look at, as far as he is found, and a field of him.
async fn candidates(two: &Two, client: &Client, import: &str, field: &str) -> Vec<(Value, Value)> {
    let document = format!(
        "query($id: ID!, $search: String) {{ node(id: $id) {{ ... on Import {{ candidates(search: $search) {{ nodes {{ id {field} }} }} }} }} }}"
    );
    let mut all = Vec::new();
    for name in FOUND {
        let variables = json!({ "id": import, "search": two.own.login(name) });
        let found = client.query(&document, variables).await;
        let nodes = found["node"]["candidates"]["nodes"].as_array().unwrap();
        all.extend(
            nodes
                .iter()
                .map(|node| (node["id"].clone(), node[field].clone())),
        );
    }
    all
}

async fn confirm(client: &Client, import: &str, candidates: &[(Value, Value)]) {
    let ids: Vec<_> = candidates.iter().map(|(id, _)| id).collect();
    // Others of the same Okta org are none of our business.
    let none = json!({ "importId": import, "candidates": { "matching": {} }, "selected": false });
    client.done("importCandidatesSelect", none, "").await;
    let these =
        json!({ "importId": import, "candidates": { "candidateIds": ids }, "selected": true });
    let selection = "import { selectionVersion }";
    let ticked = client
        .done("importCandidatesSelect", these, selection)
        .await;
    let input = json!({
        "importId": import, "sourceProfile": "OKTA", "expectedSelectionVersion": ticked["import"]["selectionVersion"],
    });
    client.done("importConfirm", input, "").await;
}
