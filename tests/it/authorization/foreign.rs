//! An id of another organisation answers byte for byte like one that nobody has, wherever an id can stand, and takes as many statements.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provisioner::random;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::acts::ACTS;
use super::edges::{NODES, sections};
use super::outline::{Outline, core_name, name};
use super::reading::arguments;
use super::watching::{STREAMS, first_message};
use super::{Two, on_both};

/// How often each is asked for its least number of statements: the server does other things meanwhile.
const TRIES: usize = 5;

/// A place for an id: an argument, and the way into it.
struct Place {
    root: &'static str,
    of: String,
    field: String,
    path: Vec<String>,
}

impl Place {
    /// Of which kind ids in this place are.
    fn kinds(&self) -> Vec<&'static str> {
        let kind = match self.path.last().map(String::as_str) {
            Some("appId") => "App",
            Some("userId" | "userIds" | "excludedUserIds" | "actorUserId") => "User",
            Some("accountId" | "accountIds") => "Account",
            Some("adminRoleId") => "AdminRole",
            Some("fieldId") => "DirectoryField",
            Some("holdId") => "DeprovisioningHold",
            Some("importId") => "Import",
            Some("candidateIds") => "ImportCandidate",
            Some("personalAccessTokenId") => "PersonalAccessToken",
            _ => match self.field.as_str() {
                "app" => "App",
                "user" => "User",
                "bulkJobProgress" => "BulkJob",
                "importProgress" => "Import",
                "node" | "nodes" => return NODES.iter().map(|(kind, ..)| *kind).collect(),
                _ => panic!(
                    "of which kind are the ids in {}.{} {:?}?",
                    self.of, self.field, self.path
                ),
            },
        };
        vec![kind]
    }
}

/// Every place for an id under the arguments of a field.
fn places(outline: &Outline, root: &'static str, of: &str, field: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    for arg in field["args"].as_array().unwrap() {
        into(
            outline,
            &arg["type"],
            vec![name(arg).to_owned()],
            &mut found,
        );
    }
    let place = |path| Place {
        root,
        of: of.to_owned(),
        field: name(field).to_owned(),
        path,
    };
    found.into_iter().map(place).collect()
}

fn into(outline: &Outline, type_ref: &Value, path: Vec<String>, found: &mut Vec<Vec<String>>) {
    let of = core_name(type_ref);
    if of == "ID" {
        found.push(path);
        return;
    }
    for field in outline.find(of)["inputFields"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let mut path = path.clone();
        path.push(name(field).to_owned());
        into(outline, &field["type"], path, found);
    }
}

fn every_place(outline: &Outline) -> Vec<Place> {
    let mut all = Vec::new();
    for root in ["Mutation", "Subscription"] {
        all.extend(
            outline
                .fields(root)
                .flat_map(|field| places(outline, root, root, field)),
        );
    }
    for of in outline.objects("Query").into_iter().chain(["Query"]) {
        all.extend(
            outline
                .fields(of)
                .flat_map(|field| places(outline, "Query", of, field)),
        );
    }
    all
}

/// A value of this type with the id in its place; the rest as in `base`, else the least that is valid.
fn placed(
    outline: &Outline,
    type_ref: &Value,
    base: Option<&Value>,
    path: &[String],
    id: &str,
) -> Value {
    match type_ref["kind"].as_str().unwrap() {
        "NON_NULL" => placed(outline, &type_ref["ofType"], base, path, id),
        "LIST" => {
            let first = base.and_then(|items| items.get(0));
            json!([placed(outline, &type_ref["ofType"], first, path, id)])
        }
        "INPUT_OBJECT" => {
            let (key, path) = path.split_first().unwrap();
            let of = outline.find(name(type_ref));
            let fields = of["inputFields"].as_array().unwrap();
            let field = fields.iter().find(|field| name(field) == key).unwrap();
            let below = base.and_then(|base| base.get(key));
            let value = placed(outline, &field["type"], below, path, id);
            if of["isOneOf"] == true {
                return json!({ key: value });
            }
            let mut object = base.cloned().unwrap_or_else(|| outline.least(type_ref));
            object[key] = value;
            object
        }
        _ => json!(id),
    }
}

/// Inputs that get as far as the id; the others are those of `ACTS`.
fn input(two: &Two, mutation: &str) -> Value {
    let id = |name: &str| json!(two.own.id(name));
    match mutation {
        "userCreate" => json!({ "userName": "new", "primaryEmail": "new@acme.example" }),
        "userUpdate" => json!({ "userId": id("ann"), "title": "Baker" }),
        "attributeMappingsSave" => {
            json!({ "appId": id("app"), "expectedVersion": 1, "items": two.own.mapping() })
        }
        "appRemove" => json!({}),
        _ => {
            let act = ACTS.iter().find(|act| act.mutation == mutation).unwrap();
            serde_json::from_str(&two.own.fill(act.input)).unwrap()
        }
    }
}

/// The arguments of a field with the id in its place.
fn given(two: &Two, outline: &Outline, place: &Place, id: &str) -> Map<String, Value> {
    let field = outline.field(&place.of, &place.field);
    let mut all = match place.root {
        "Mutation" => Map::from_iter([("input".to_owned(), input(two, &place.field))]),
        "Subscription" => {
            let (_, base, _) = STREAMS
                .iter()
                .find(|(stream, ..)| *stream == place.field)
                .unwrap();
            serde_json::from_str(&two.own.fill(base)).unwrap()
        }
        _ => {
            arguments(&two.own, &place.of, &place.field).unwrap_or_else(|| outline.arguments(field))
        }
    };
    let (first, path) = place.path.split_first().unwrap();
    let mut args = field["args"].as_array().unwrap().iter();
    let arg = args.find(|arg| name(arg) == first).unwrap();
    let value = placed(outline, &arg["type"], all.get(first), path, id);
    all.insert(first.clone(), value);
    all
}

/// Status and body without the id and the number of the request, and how many statements it took at least.
async fn ask(two: &Two, outline: &Outline, place: &Place, id: &str) -> (String, u64) {
    let given = given(two, outline, place, id);
    let metrics = &two.app.server.base.services.metrics;
    let (mut said, mut least) = (String::new(), u64::MAX);
    for _ in 0..TRIES {
        let before = metrics.statements().get();
        said = once(two, outline, place, &given).await;
        least = least.min(metrics.statements().get() - before);
    }
    let request = Regex::new(r#""requestId":"[^"]*""#).unwrap();
    (
        request
            .replace_all(&said.replace(id, "ID"), "")
            .into_owned(),
        least,
    )
}

async fn once(two: &Two, outline: &Outline, place: &Place, given: &Map<String, Value>) -> String {
    let owner = &two.own.owner;
    let field = outline.field(&place.of, &place.field);
    let (operation, way, depth) = match place.root {
        "Subscription" => return first_message(two, outline, owner, &place.field, given).await,
        "Mutation" => ("mutation", "@", 2),
        _ => {
            let section = sections().find(|section| section.of == place.of).unwrap();
            ("query", section.way, 1)
        }
    };
    let document = outline.ask(operation, &two.own.fill(way), field, given, depth);
    let (status, body) = owner
        .send_raw(&document, Value::Object(given.clone()))
        .await;
    format!("{status} {body}")
}

#[tokio::test]
async fn a_foreign_id_answers_byte_for_byte_like_one_that_nobody_has() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        let node = "query($id: ID!) { node(id: $id) { id } }";
        for (kind, id, _) in NODES {
            let id = two.rival.id(id);
            let seen = two.rival.owner.query(node, json!({ "id": id })).await;
            assert_eq!(seen["node"]["id"], id, "the rival has such a {kind}");
        }
        let mut differ = Vec::new();
        for place in every_place(&outline) {
            for kind in place.kinds() {
                let (_, foreign, _) = NODES.iter().find(|(of, ..)| *of == kind).unwrap();
                let foreign = two.rival.id(foreign);
                let missing = URL_SAFE_NO_PAD.encode(format!("{kind}:{}", random::new_id()));
                let mut theirs = ask(&two, &outline, &place, foreign).await;
                let mut nobodys = ask(&two, &outline, &place, &missing).await;
                if theirs.1 != nobodys.1 {
                    theirs = ask(&two, &outline, &place, foreign).await;
                    nobodys = ask(&two, &outline, &place, &missing).await;
                }
                let garbage = ask(&two, &outline, &place, "none-that-we-gave-out").await;
                let here = format!("{}.{} {:?}, {kind}", place.of, place.field, place.path);
                if theirs != nobodys {
                    differ.push(format!(
                        "{here}\n  foreign: {theirs:?}\n  missing: {nobodys:?}"
                    ));
                }
                if garbage.0 != nobodys.0 {
                    differ.push(format!(
                        "{here}\n  made up: {garbage:?}\n  missing: {nobodys:?}"
                    ));
                }
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    })
    .await;
}
