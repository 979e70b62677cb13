//! The schema as introspection tells it, and documents that ask for any field of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::Client;

/// Types that only carry a list: what opens the list opens them.
const CARRIERS: [&str; 2] = ["Connection", "Edge"];

/// The schema.
pub struct Outline {
    types: BTreeMap<String, Value>,
}

const TYPE: &str =
    "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The type at the heart of lists and non-nulls.
pub fn core(type_ref: &Value) -> &Value {
    let mut inner = type_ref;
    while !inner["ofType"].is_null() {
        inner = &inner["ofType"];
    }
    inner
}

/// Its name.
pub fn core_name(type_ref: &Value) -> &str {
    core(type_ref)["name"].as_str().unwrap()
}

/// The name of a field, an argument or a type.
pub fn name(each: &Value) -> &str {
    each["name"].as_str().unwrap()
}

/// A type as a document writes it.
pub fn written(type_ref: &Value) -> String {
    match type_ref["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", written(&type_ref["ofType"])),
        "LIST" => format!("[{}]", written(&type_ref["ofType"])),
        _ => name(type_ref).to_owned(),
    }
}

fn is_leaf(type_ref: &Value) -> bool {
    matches!(core(type_ref)["kind"].as_str(), Some("SCALAR" | "ENUM"))
}

fn required(input: &Value) -> bool {
    input["type"]["kind"] == "NON_NULL" && input["defaultValue"].is_null()
}

fn list(each: &Value) -> impl Iterator<Item = &Value> {
    each.as_array().into_iter().flatten()
}

impl Outline {
    pub async fn read(client: &Client) -> Self {
        let document = format!(
            "{{ __schema {{ types {{ kind name enumValues {{ name }} isOneOf possibleTypes {{ name }} inputFields {{ name defaultValue {TYPE} }} \
             fields(includeDeprecated: true) {{ name args {{ name defaultValue {TYPE} }} {TYPE} }} }} }} }}"
        );
        let found = client.query(&document, json!({})).await;
        let types =
            list(&found["__schema"]["types"]).map(|each| (name(each).to_owned(), each.clone()));
        Self {
            types: types.collect(),
        }
    }

    pub fn find(&self, name: &str) -> &Value {
        self.types
            .get(name)
            .unwrap_or_else(|| panic!("no type {name}"))
    }

    pub fn fields(&self, of: &str) -> impl Iterator<Item = &Value> {
        list(&self.find(of)["fields"])
    }

    pub fn field(&self, of: &str, wanted: &str) -> &Value {
        let mut fields = self.fields(of);
        let found = fields.find(|field| name(field) == wanted);
        found.unwrap_or_else(|| panic!("no field {of}.{wanted}"))
    }

    /// The types whose objects somebody can come to from a root.
    pub fn objects(&self, root: &'static str) -> Vec<&str> {
        let mut reached = vec![root];
        let mut next = 0;
        while let Some(&at) = reached.get(next) {
            next += 1;
            let found = self.find(at);
            let of_fields = list(&found["fields"]).map(|field| core_name(&field["type"]));
            for to in of_fields.chain(list(&found["possibleTypes"]).map(name)) {
                let kind = self.find(to)["kind"].as_str().unwrap();
                if ["OBJECT", "INTERFACE", "UNION"].contains(&kind) && !reached.contains(&to) {
                    reached.push(to);
                }
            }
        }
        let carries = |name: &str| CARRIERS.iter().any(|end| name.ends_with(end));
        let is_object = |name: &&str| self.find(name)["kind"] == "OBJECT" && !carries(name);
        reached.into_iter().skip(1).filter(is_object).collect()
    }

    /// Fields of a type that lead to objects.
    pub fn edges(&self, of: &str) -> Vec<&str> {
        self.fields(of)
            .filter(|field| !is_leaf(&field["type"]))
            .map(name)
            .collect()
    }

    /// Fields of a type that are values.
    pub fn leaves(&self, of: &str) -> Vec<&str> {
        self.fields(of)
            .filter(|field| is_leaf(&field["type"]))
            .map(name)
            .collect()
    }

    /// Those that implement an interface.
    pub fn implementors(&self, of: &str) -> Vec<&str> {
        list(&self.find(of)["possibleTypes"]).map(name).collect()
    }

    /// Values for the arguments, the least that is valid.
    pub fn arguments(&self, field: &Value) -> Map<String, Value> {
        let needed = list(&field["args"]).filter(|arg| required(arg));
        needed
            .map(|arg| (name(arg).to_owned(), self.least(&arg["type"])))
            .collect()
    }

    /// The least value of a type.
    pub fn least(&self, type_ref: &Value) -> Value {
        match type_ref["kind"].as_str().unwrap() {
            "NON_NULL" => self.least(&type_ref["ofType"]),
            "LIST" => json!([self.least(&type_ref["ofType"])]),
            "ENUM" => self.find(name(type_ref))["enumValues"][0]["name"].clone(),
            "INPUT_OBJECT" => self.least_object(name(type_ref)),
            _ => match name(type_ref) {
                "Int" => json!(-1),
                "Float" => json!(1.5),
                "Boolean" => json!(true),
                "DateTime" => json!("2026-01-01T00:00:00Z"),
                _ => json!("made-up"),
            },
        }
    }

    fn least_object(&self, of: &str) -> Value {
        let found = self.find(of);
        let fields = list(&found["inputFields"]);
        let chosen: Vec<_> = if found["isOneOf"] == true {
            fields.take(1).collect()
        } else {
            fields.filter(|field| required(field)).collect()
        };
        let object: Map<_, _> = chosen
            .into_iter()
            .map(|field| (name(field).to_owned(), self.least(&field["type"])))
            .collect();
        Value::Object(object)
    }

    /// What to select of a type: of lists the rows, of rows their ids, and values down to a depth.
    pub fn selection(&self, type_ref: &Value, depth: usize) -> String {
        if is_leaf(type_ref) {
            return String::new();
        }
        let of = core_name(type_ref);
        let mut parts = vec!["__typename".to_owned()];
        for field in self.fields(of) {
            if list(&field["args"]).next().is_some() {
                continue;
            }
            let deeper =
                ["edges", "node", "userErrors", "params"].contains(&name(field)) || depth > 0;
            let whole = depth > 0 || of.starts_with("UserError") || name(field) == "id";
            let wanted = if is_leaf(&field["type"]) {
                whole
            } else {
                deeper
            };
            if wanted {
                let below = self.selection(&field["type"], depth.saturating_sub(1));
                parts.push(format!("{} {below}", name(field)));
            }
        }
        format!("{{ {} }}", parts.join(" "))
    }

    /// A document with one field, under the name `it`, in the place of `@`; and its variables.
    pub fn ask(
        &self,
        operation: &str,
        place: &str,
        field: &Value,
        arguments: &Map<String, Value>,
        depth: usize,
    ) -> String {
        let of_arguments = list(&field["args"]).filter(|arg| arguments.contains_key(name(arg)));
        let (mut declared, mut given) = (Vec::new(), Vec::new());
        for arg in of_arguments {
            declared.push(format!("${}: {}", name(arg), written(&arg["type"])));
            given.push(format!("{0}: ${0}", name(arg)));
        }
        let within = |parts: Vec<String>| {
            if parts.is_empty() {
                String::new()
            } else {
                format!("({})", parts.join(", "))
            }
        };
        let (declared, given) = (within(declared), within(given));
        let selection = self.selection(&field["type"], depth);
        let asked = format!("it: {}{given} {selection}", name(field));
        format!("{operation}{declared} {{ {} }}", place.replace('@', &asked))
    }
}

/// Everything that came under the name `it`.
pub fn found(answer: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    collect(answer, &mut all);
    all
}

fn collect<'a>(value: &'a Value, all: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            for (name, below) in fields {
                if name == "it" {
                    all.push(below);
                } else {
                    collect(below, all);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, all)),
        _ => {}
    }
}

/// Whether there is something in it: no null, no empty list.
pub fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().any(is_something),
        Value::Object(fields) => {
            let rows = fields.get("edges").or_else(|| fields.get("accounts"));
            rows.is_none_or(is_something)
        }
        _ => true,
    }
}
