//! Everything that is read, by everybody.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::{Map, Value, json};

use super::edges::{NODES, Section, VALUES, sections};
use super::outline::{Outline, found, is_something};
use super::personas::{Persona, Rule, Verdict, everybody, forbidden, refusals, verdict};
use super::tenant::Tenant;
use super::{Two, on_both};
use crate::support::Client;

/// How the names of types end that only answer a mutation or a subscription: they belong to whoever was let through to it.
const ANSWERS: [&str; 3] = ["Payload", "Result", "Change"];

#[tokio::test]
async fn every_field_is_open_to_whom_the_table_says_and_to_nobody_else() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        check_table(&outline);
        let personas = everybody(&two).await;
        let asking = personas
            .iter()
            .map(|persona| read_all(&two, &outline, persona));
        let mut wrong = join_all(asking).await.concat();
        let (rival, nobody) = (&two.rival.owner, two.app.anonymous());
        wrong.extend(read_nothing(&two, &outline, rival, "NOT_FOUND").await);
        wrong.extend(read_nothing(&two, &outline, &nobody, "UNAUTHENTICATED").await);
        wrong.extend(lists_apart(&two).await);
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    })
    .await;
}

/// Every list that needs no id.
const LISTS: &str = "{ users(first: 100) { nodes { id accounts { id } assignments { id } } } auditEvents(first: 100) { nodes { id detail } } \
    apps { nodes { id imports { nodes { id } } operations(first: 100) { nodes { id } } deprovisioningHolds { nodes { id } } } } \
    viewer { personalAccessTokens { nodes { id } } organization { id directoryFields { id } adminRoles { id } availableApps { apps { id } } } } }";

/// The lists of one organisation hold nothing of the other.
async fn lists_apart(two: &Two) -> Vec<String> {
    let mut wrong = Vec::new();
    for (seen_by, other) in [(&two.own, &two.rival), (&two.rival, &two.own)] {
        let seen = seen_by.owner.query(LISTS, json!({})).await.to_string();
        for name in [
            "account",
            "app",
            "assignment",
            "ann",
            "field",
            "hold",
            "import",
            "operation",
            "organization",
            "role",
        ] {
            if !seen.contains(seen_by.id(name)) {
                wrong.push(format!("{} does not see its own {name}", seen_by.domain));
            }
            if seen.contains(other.id(name)) {
                wrong.push(format!(
                    "{} sees the {name} of {}",
                    seen_by.domain, other.domain
                ));
            }
        }
    }
    wrong
}

fn bare(field: &str) -> &str {
    field.trim_start_matches('?')
}

/// The rows are those of the schema.
fn check_table(outline: &Outline) {
    let mut rows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for each in sections() {
        let fields = each
            .open
            .iter()
            .copied()
            .chain(each.guarded.iter().map(|(field, _)| *field));
        rows.entry(each.of).or_default().extend(fields.map(bare));
    }
    let objects = outline.objects("Query");
    let mut wrong = Vec::new();
    for of in objects.iter().copied().chain(["Query"]) {
        let edges: BTreeSet<_> = outline.edges(of).into_iter().collect();
        match rows.remove(of) {
            None if VALUES.contains(&of) && edges.is_empty() => {}
            None => wrong.push(format!("no way to {of}: add a section for it")),
            Some(rows) => {
                let missing = edges
                    .difference(&rows)
                    .map(|field| format!("no row for {of}.{field}"));
                wrong.extend(missing);
                let leaves: BTreeSet<_> = outline.leaves(of).into_iter().collect();
                let gone = rows
                    .iter()
                    .filter(|row| !edges.contains(*row) && !leaves.contains(*row));
                wrong.extend(gone.map(|row| format!("a row without a field: {of}.{row}")));
            }
        }
    }
    wrong.extend(
        rows.keys()
            .map(|of| format!("a section without a type: {of}")),
    );
    let implementors: BTreeSet<_> = outline.implementors("Node").into_iter().collect();
    let nodes: BTreeSet<_> = NODES.iter().map(|(of, ..)| *of).collect();
    wrong.extend(
        implementors
            .symmetric_difference(&nodes)
            .map(|of| format!("NODES and the schema differ in {of}")),
    );
    for root in ["Mutation", "Subscription"] {
        let only_there = outline
            .objects(root)
            .into_iter()
            .filter(|of| !objects.contains(of));
        let odd = only_there.filter(|of| !ANSWERS.iter().any(|end| of.ends_with(end)));
        wrong.extend(
            odd.map(|of| format!("{of} is no answer by its name, and nothing leads to it")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Arguments of fields that take some.
pub fn arguments(tenant: &Tenant, of: &str, field: &str) -> Option<Map<String, Value>> {
    let id = |name: &str| json!(tenant.id(name));
    let given = match (of, field) {
        ("Query", "app") => json!({ "id": id("app") }),
        ("Query", "user") => json!({ "id": id("ann") }),
        ("Query", "node") => json!({ "id": id("organization") }),
        ("Query", "nodes") => json!({ "ids": [id("organization")] }),
        ("App", "mappingPreview") => json!({ "userId": id("ann") }),
        ("App", "impactPreview") => json!({ "change": { "settings": { "deleteUsers": false } } }),
        _ => return None,
    };
    given.as_object().cloned()
}

/// One question.
struct Question {
    /// For messages.
    what: String,
    document: String,
    variables: Value,
    rules: Vec<Rule>,
    /// Whether there may be nothing although it is open.
    may_be_empty: bool,
}

fn questions(tenant: &Tenant, outline: &Outline, each: &Section) -> Vec<Question> {
    let way = tenant.fill(each.way);
    let ask = |row: &str, besides: Rule| {
        let field = outline.field(each.of, bare(row));
        let arguments =
            arguments(tenant, each.of, bare(row)).unwrap_or_else(|| outline.arguments(field));
        Question {
            what: format!("{} in {}", bare(row), each.way),
            document: outline.ask("query", &way, field, &arguments, 0),
            variables: Value::Object(arguments),
            rules: each.rules.iter().copied().chain([besides]).collect(),
            may_be_empty: row.starts_with('?'),
        }
    };
    let open = each.open.iter().map(|row| ask(row, Rule::Open));
    let guarded = each.guarded.iter().map(|(row, rule)| ask(row, *rule));
    let mut all: Vec<_> = open.chain(guarded).collect();
    let is_guarded = |leaf: &&str| each.guarded.iter().any(|(row, _)| row == leaf);
    let leaves = outline
        .leaves(each.of)
        .into_iter()
        .filter(|leaf| !is_guarded(leaf));
    let leaves: Vec<_> = std::iter::once("it: __typename").chain(leaves).collect();
    all.push(Question {
        what: format!("the values in {}", each.way),
        document: format!("{{ {} }}", way.replace('@', &leaves.join(" "))),
        variables: json!({}),
        rules: each.rules.to_vec(),
        // Nothing is wrong with the mapping, and nobody has a value that Okta would refuse.
        may_be_empty: ["UserError", "AttributeFault", "OktaAttributeChoice"].contains(&each.of),
    });
    all
}

fn nodes(tenant: &Tenant) -> impl Iterator<Item = Question> {
    NODES.iter().map(|(of, name, rule)| Question {
        what: format!("node of {of}"),
        document: format!("query($id: ID!) {{ it: node(id: $id) {{ ... on {of} {{ id }} }} }}"),
        variables: json!({ "id": tenant.id(name) }),
        rules: vec![*rule],
        may_be_empty: false,
    })
}

/// What somebody gets that the table does not say, or the other way round.
async fn read_all(two: &Two, outline: &Outline, persona: &Persona) -> Vec<String> {
    let mut wrong = Vec::new();
    let ways = sections().flat_map(|each| questions(&two.own, outline, each));
    for question in ways.chain(nodes(&two.own)) {
        let answer = persona
            .client
            .send(&question.document, question.variables.clone())
            .await;
        let got = found(&answer.body["data"]).into_iter().any(is_something);
        let said = refusals(&answer.body);
        let expected = verdict(&question.rules, persona);
        let fits = match expected {
            Verdict::Given => said.is_empty() && (got || question.may_be_empty),
            Verdict::Nothing => said.is_empty() && !got,
            Verdict::Forbidden(permission) => said == forbidden(permission) && !got,
        };
        if !fits {
            let (who, Question { what, document, .. }) = (&persona.name, &question);
            wrong.push(format!(
                "{who}, {what}: expected {expected:?}\n{document}\n{}",
                answer.body
            ));
        }
    }
    wrong
}

/// Whoever is of another organisation, or of none, gets nothing by the ids of this one, and at most this refusal.
async fn read_nothing(two: &Two, outline: &Outline, client: &Client, refusal: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let by_id = |each: &&Section| each.way.contains('$');
    let ways = sections()
        .filter(by_id)
        .flat_map(|each| questions(&two.own, outline, each));
    let roots = sections()
        .take(1)
        .flat_map(|each| questions(&two.own, outline, each));
    let roots = roots.filter(|question| question.variables["id"].is_string());
    for question in ways.chain(roots).chain(nodes(&two.own)) {
        let answer = client
            .send(&question.document, question.variables.clone())
            .await;
        let got = found(&answer.body["data"]).into_iter().any(is_something);
        let said = refusals(&answer.body);
        let fits = !got && said.iter().all(|code| code == refusal);
        if !fits {
            let Question { what, document, .. } = &question;
            wrong.push(format!("{refusal}, {what}\n{document}\n{}", answer.body));
        }
    }
    wrong
}
