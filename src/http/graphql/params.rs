//! The parameters of a GraphQL request, from JSON or from a query string (GraphQL over HTTP §5).

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::http::documents::DocumentId;

/// A well-formed request. Null and absent are the same.
#[derive(Debug, PartialEq)]
pub(crate) struct Params {
    /// The document.
    pub wanted: Wanted,
    /// Which of the document's operations to run.
    pub operation_name: Option<String>,
    /// Values for the operation's variables.
    pub variables: Map<String, Value>,
}

/// The document, or its name.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    /// This one.
    Text(String),
    /// The one that is known by this name.
    Named(DocumentId),
    /// This one, and it is to be known by this name from now on.
    Both(String, DocumentId),
    /// One whose name is of a kind that nothing is known by here.
    Foreign,
}

/// What names a document.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Name {
    /// Its SHA-256.
    Sha256(DocumentId),
    /// Something else: an id that another server gave it, or another version of the protocol.
    Foreign,
}

impl Name {
    fn read(text: &str) -> Self {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        DocumentId::parse(digits).map_or(Self::Foreign, Self::Sha256)
    }
}

/// What is wrong with the request's form; a public sentence.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(&'static str);

impl Params {
    /// Reads a body.
    pub fn from_json(body: &[u8]) -> Result<Self, Malformed> {
        let value = serde_json::from_slice(body).map_err(|_| Malformed("The body is not JSON."))?;
        Self::from_value(value)
    }

    /// Reads a JSON value.
    pub fn from_value(value: Value) -> Result<Self, Malformed> {
        let mut fields = match value {
            Value::Object(fields) => fields,
            Value::Array(_) => {
                return Err(Malformed(
                    "Batches are not supported: send one request at a time.",
                ));
            }
            _ => return Err(Malformed("The body must be a JSON object.")),
        };
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        Self::build(
            take("query"),
            take("documentId"),
            take("operationName"),
            take("variables"),
            take("extensions"),
        )
    }

    /// Reads the query string of a URL.
    pub fn from_query_string(text: &str) -> Result<Self, Malformed> {
        let [mut query, mut document_id, mut operation_name] = [const { Value::Null }; 3];
        let [mut variables, mut extensions] = [const { Value::Null }; 2];
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "query" => query = Value::String(value.into_owned()),
                "documentId" => document_id = Value::String(value.into_owned()),
                "operationName" if !value.is_empty() => {
                    operation_name = Value::String(value.into_owned())
                }
                "variables" if !value.is_empty() => {
                    variables = serde_json::from_str(&value)
                        .map_err(|_| Malformed("`variables` is not JSON."))?;
                }
                "extensions" if !value.is_empty() => {
                    extensions = serde_json::from_str(&value)
                        .map_err(|_| Malformed("`extensions` is not JSON."))?;
                }
                _ => {}
            }
        }
        Self::build(query, document_id, operation_name, variables, extensions)
    }

    fn build(
        query: Value,
        document_id: Value,
        operation_name: Value,
        variables: Value,
        extensions: Value,
    ) -> Result<Self, Malformed> {
        let extensions = map(
            extensions,
            Malformed("`extensions` must be an object or null."),
        )?;
        let wanted = wanted(query, name(document_id, &extensions)?)?;
        let operation_name = match operation_name {
            Value::Null => None,
            Value::String(name) => Some(name),
            _ => return Err(Malformed("`operationName` must be a string or null.")),
        };
        let variables = map(
            variables,
            Malformed("`variables` must be an object or null."),
        )?;
        Ok(Self {
            wanted,
            operation_name,
            variables,
        })
    }
}

fn wanted(query: Value, name: Option<Name>) -> Result<Wanted, Malformed> {
    match (query, name) {
        (Value::String(text), None | Some(Name::Foreign)) => Ok(Wanted::Text(text)),
        (Value::String(text), Some(Name::Sha256(id))) => Ok(Wanted::Both(text, id)),
        (Value::Null, Some(Name::Sha256(id))) => Ok(Wanted::Named(id)),
        (Value::Null, Some(Name::Foreign)) => Ok(Wanted::Foreign),
        _ => Err(Malformed("`query` must be a string.")),
    }
}

/// The document's name, as GraphQL over HTTP has it (`documentId`, its appendix on persisted documents) or as Apollo's clients do
/// (`extensions.persistedQuery`).
fn name(document_id: Value, extensions: &Map<String, Value>) -> Result<Option<Name>, Malformed> {
    let by_id = match document_id {
        Value::Null => None,
        Value::String(text) => Some(Name::read(&text)),
        _ => return Err(Malformed("`documentId` must be a string or null.")),
    };
    let by_extension = match extensions.get("persistedQuery") {
        None | Some(Value::Null) => None,
        Some(entry) => Some(persisted_query(entry).ok_or(Malformed(
            "`extensions.persistedQuery` must be an object with a `version` and a `sha256Hash`.",
        ))?),
    };
    match (by_id, by_extension) {
        (Some(one), Some(other)) if one != other => Err(Malformed(
            "`documentId` and `extensions.persistedQuery` name different documents.",
        )),
        (one, other) => Ok(one.or(other)),
    }
}

fn persisted_query(entry: &Value) -> Option<Name> {
    let hash = entry.get("sha256Hash")?.as_str()?;
    let known = entry.get("version")? == 1;
    Some(if known {
        Name::read(hash)
    } else {
        Name::Foreign
    })
}

fn map(value: Value, otherwise: Malformed) -> Result<Map<String, Value>, Malformed> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(fields) => Ok(fields),
        _ => Err(otherwise),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_absent_and_other_types_are_refused() {
        let full = json!({ "query": "{a}", "operationName": null, "variables": null, "extensions": null, "x": 1 });
        assert_eq!(
            Params::from_value(full),
            Params::from_value(json!({ "query": "{a}" }))
        );
        let refused = [
            json!({}),
            json!({ "query": null }),
            json!({ "query": 1 }),
            json!({ "query": "{a}", "operationName": 1 }),
            json!({ "query": "{a}", "variables": [] }),
            json!({ "query": "{a}", "variables": "{}" }),
            json!({ "query": "{a}", "extensions": [] }),
            json!([{ "query": "{a}" }]),
            json!("{a}"),
        ];
        for value in refused {
            assert!(Params::from_value(value.clone()).is_err(), "{value}");
        }
        assert!(Params::from_json(b"{").is_err());
    }

    #[test]
    fn a_document_is_named_in_two_ways() {
        let id = DocumentId::of("{a}");
        let persisted =
            |hash: &str| json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
        let by_extension = json!({ "extensions": persisted(&id.to_string()) });
        let by_id = json!({ "documentId": format!("sha256:{id}") });
        for named in [by_extension.clone(), by_id.clone()] {
            let read = |value| Params::from_value(value).unwrap().wanted;
            assert_eq!(read(named.clone()), Wanted::Named(id));
            let mut both = named;
            both["query"] = json!("{a}");
            assert_eq!(read(both), Wanted::Both("{a}".to_owned(), id));
        }
        let text = format!("documentId=sha256:{id}");
        let params = Params::from_query_string(&text).unwrap();
        assert_eq!(params.wanted, Wanted::Named(id));

        let other = DocumentId::of("{b}").to_string();
        for bad in [
            json!({ "documentId": 1 }),
            json!({ "documentId": by_id["documentId"], "query": 1 }),
            json!({ "documentId": by_id["documentId"], "extensions": persisted(&other) }),
            json!({ "extensions": { "persistedQuery": true } }),
            json!({ "extensions": { "persistedQuery": { "version": 1 } } }),
        ] {
            assert!(Params::from_value(bad.clone()).is_err(), "{bad}");
        }
        // What other servers know documents by is a name, and none that is known.
        for foreign in [
            json!({ "documentId": "d41d8cd98f00b204e9800998ecf8427e" }),
            json!({ "documentId": "x-relay:7" }),
            json!({ "documentId": "" }),
            json!({ "extensions": persisted("") }),
            json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": other } } }),
        ] {
            let read = |value| Params::from_value(value).unwrap().wanted;
            assert_eq!(read(foreign.clone()), Wanted::Foreign, "{foreign}");
            let mut both = foreign;
            both["query"] = json!("{a}");
            assert_eq!(read(both), Wanted::Text("{a}".to_owned()));
        }
        for id in [json!(id.to_string()), json!(format!("sha256:{id}"))] {
            let hash = persisted(id.as_str().unwrap());
            for named in [json!({ "documentId": id }), json!({ "extensions": hash })] {
                let wanted = Params::from_value(named).unwrap().wanted;
                assert!(matches!(wanted, Wanted::Named(_)));
            }
        }
    }

    #[test]
    fn a_query_string_carries_json_in_two_of_its_fields() {
        let text = "query=%7Ba%7D&operationName=A&variables=%7B%22id%22%3A1%7D&extensions=";
        let params = Params::from_query_string(text).unwrap();
        assert_eq!(params.wanted, Wanted::Text("{a}".to_owned()));
        assert_eq!(params.operation_name.as_deref(), Some("A"));
        assert_eq!(params.variables["id"], 1);
        for bad in [
            "",
            "variables=%7B%7D",
            "query=%7Ba%7D&variables=%7B",
            "query=%7Ba%7D&variables=1",
        ] {
            assert!(Params::from_query_string(bad).is_err(), "{bad}");
        }
    }
}
