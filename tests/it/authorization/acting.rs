//! Everything that changes something, by everybody; and whether a panel is told beforehand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::acts::{ACTS, Act, FRESH, SCOPE};
use super::outline::{Outline, found, name};
use super::personas::{Persona, Verdict, everybody, forbidden, refusals};
use super::tenant::Tenant;
use super::{Two, on_both};
use crate::support::Client;

/// Codes of `userErrors` that are about who asks, and not about how things stand.
const OF_RIGHTS: [&str; 5] = [
    "FORBIDDEN",
    "NOT_ALLOWED_TO_YOURSELF",
    "LAST_OWNER",
    "ROLE_ABOVE_CEILING",
    "NOT_FOUND",
];

/// What came of a mutation.
pub struct Outcome {
    /// What was refused at the top, as `CODE PERMISSION`.
    pub errors: BTreeSet<String>,
    /// The codes of all `userErrors`, those of single rows too.
    pub codes: BTreeSet<String>,
    /// All of it.
    pub body: Value,
}

impl Outcome {
    /// Whether whoever asked had the right to it.
    pub fn is_let_through(&self) -> bool {
        let of_rights = |code: &String| OF_RIGHTS.contains(&code.as_str());
        self.errors.is_empty() && !self.codes.iter().any(of_rights)
    }
}

/// Carries a mutation out.
pub async fn carry_out(
    outline: &Outline,
    client: &Client,
    mutation: &str,
    input: &Value,
) -> Outcome {
    let field = outline.field("Mutation", mutation);
    let arguments = json!({ "input": input });
    let document = outline.ask("mutation", "@", field, arguments.as_object().unwrap(), 1);
    let body = client.send(&document, arguments).await.body;
    let mut codes = BTreeSet::new();
    for payload in found(&body["data"]) {
        let rows = payload["results"].as_array().into_iter().flatten();
        for row in rows.chain([payload]) {
            let errors = row["userErrors"].as_array().into_iter().flatten();
            codes.extend(errors.map(|error| error["code"].as_str().unwrap().to_owned()));
        }
    }
    Outcome {
        errors: refusals(&body),
        codes,
        body,
    }
}

/// What the panel was told; `None` when this client does not get to see where it stands.
pub async fn told(client: &Client, gate: &str) -> Option<bool> {
    if gate.is_empty() {
        return None;
    }
    let body = client.send(&format!("{{ {gate} }}"), json!({})).await.body;
    found(&body["data"])
        .first()
        .and_then(|value| value.as_bool())
}

#[tokio::test]
async fn every_mutation_is_open_to_whom_the_table_says_and_the_panel_knows() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        check_table(&outline);
        let mut fresh = fresh_app(&two.own).await;
        let (mut wrong, mut heard) = (Vec::new(), Heard::new());
        for persona in everybody(&two).await {
            let refused = |act: &&Act| act.rule.verdict(&persona) != Verdict::Given;
            let before = audited(&two).await;
            for act in ACTS.iter().filter(refused) {
                let tried = try_out(&two, &outline, &persona, act, &fresh, &mut heard);
                wrong.extend(tried.await);
            }
            assert_eq!(
                audited(&two).await,
                before,
                "{} left something behind",
                persona.name
            );
            for act in ACTS.iter().filter(|act| !refused(act)) {
                let tried = try_out(&two, &outline, &persona, act, &fresh, &mut heard);
                wrong.extend(tried.await);
                if act.input.contains(FRESH) {
                    fresh = fresh_app(&two.own).await;
                }
            }
        }
        wrong.extend(strangers(&two, &outline, &fresh).await);
        let both = BTreeSet::from([false, true]);
        let gated = ACTS.iter().filter(|act| !act.gate.is_empty());
        let one_sided = gated.filter(|act| heard.get(act.gate) != Some(&both));
        wrong.extend(one_sided.map(|act| format!("never told both: {}", act.gate)));
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    })
    .await;
}

fn check_table(outline: &Outline) {
    let rows: BTreeSet<_> = ACTS.iter().map(|act| act.mutation).collect();
    let fields: BTreeSet<_> = outline.fields("Mutation").map(name).collect();
    let differ: Vec<_> = rows.symmetric_difference(&fields).collect();
    assert!(
        differ.is_empty(),
        "no row in ACTS, or a row without a mutation: {differ:?}"
    );
}

async fn fresh_app(tenant: &Tenant) -> String {
    let name = format!("Fresh {}", provisioner::random::new_id());
    let made = tenant
        .owner
        .done("appAdd", json!({ "name": name }), "app { id }")
        .await;
    made["app"]["id"].as_str().unwrap().to_owned()
}

/// What panels were told by each field.
type Heard = BTreeMap<&'static str, BTreeSet<bool>>;

/// How much the audit trail holds.
async fn audited(two: &Two) -> Value {
    let document = "{ auditEvents { totalCount } }";
    two.own.owner.query(document, json!({})).await
}

fn input(two: &Two, persona: Option<&Persona>, act: &Act, fresh: &str) -> Value {
    let scopes = persona.into_iter().flat_map(|persona| &persona.permissions);
    let scope = scopes.copied().find(|each| *each != "MANAGE_ADMIN_ROLES");
    let text = act
        .input
        .replace(FRESH, &format!("\"{fresh}\""))
        .replace(SCOPE, scope.unwrap_or("VIEW_USERS"));
    serde_json::from_str(&two.own.fill(&text)).unwrap()
}

/// What came that the table does not say, or that the panel was not told.
async fn try_out(
    two: &Two,
    outline: &Outline,
    persona: &Persona,
    act: &Act,
    fresh: &str,
    heard: &mut Heard,
) -> Option<String> {
    let told = told(&persona.client, &two.own.fill(act.gate)).await;
    let outcome = carry_out(
        outline,
        &persona.client,
        act.mutation,
        &input(two, Some(persona), act, fresh),
    )
    .await;
    let let_through = outcome.is_let_through();
    let fits = match act.rule.verdict(persona) {
        Verdict::Forbidden(permission) => outcome.errors == forbidden(permission),
        _ => outcome.errors.is_empty() && let_through == (act.besides)(persona),
    };
    heard.entry(act.gate).or_default().extend(told);
    let knew = told.is_none_or(|told| told == let_through);
    let (who, what) = (&persona.name, act.mutation);
    (!fits || !knew).then(|| {
        format!(
            "{who}, {what} {}, told {told:?}: {}",
            act.input, outcome.body
        )
    })
}

/// Whoever is of another organisation finds nothing by the ids of this one; who is of none does not get as far.
async fn strangers(two: &Two, outline: &Outline, fresh: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let before = audited(two).await;
    for act in ACTS {
        let input = input(two, None, act, fresh);
        let outcome = carry_out(outline, &two.app.anonymous(), act.mutation, &input).await;
        if outcome.errors != BTreeSet::from(["UNAUTHENTICATED".to_owned()]) {
            wrong.push(format!("nobody, {}: {}", act.mutation, outcome.body));
        }
        if !act.input.contains('$') {
            continue;
        }
        let outcome = carry_out(outline, &two.rival.owner, act.mutation, &input).await;
        let not_found = BTreeSet::from(["NOT_FOUND".to_owned()]);
        if !outcome.errors.is_empty() || outcome.codes != not_found {
            wrong.push(format!("the rival, {}: {}", act.mutation, outcome.body));
        }
    }
    assert_eq!(
        audited(two).await,
        before,
        "a stranger left something behind"
    );
    wrong
}
