//! The parameters of a GraphQL request, from JSON or from a query string (GraphQL over HTTP §5).

use serde_json::{Map, Value};
use url::form_urlencoded;

/// A well-formed request. Null and absent are the same for all but `query`.
#[derive(Debug, PartialEq)]
pub(crate) struct Params {
    /// The document.
    pub query: String,
    /// Which of the document's operations to run.
    pub operation_name: Option<String>,
    /// Values for the operation's variables.
    pub variables: Map<String, Value>,
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
            take("operationName"),
            take("variables"),
            take("extensions"),
        )
    }

    /// Reads the query string of a URL.
    pub fn from_query_string(text: &str) -> Result<Self, Malformed> {
        let [mut query, mut operation_name, mut variables, mut extensions] =
            [const { Value::Null }; 4];
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "query" => query = Value::String(value.into_owned()),
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
        Self::build(query, operation_name, variables, extensions)
    }

    fn build(
        query: Value,
        operation_name: Value,
        variables: Value,
        extensions: Value,
    ) -> Result<Self, Malformed> {
        let Value::String(query) = query else {
            return Err(Malformed("`query` must be a string."));
        };
        let operation_name = match operation_name {
            Value::Null => None,
            Value::String(name) => Some(name),
            _ => return Err(Malformed("`operationName` must be a string or null.")),
        };
        map(
            extensions,
            Malformed("`extensions` must be an object or null."),
        )?;
        let variables = map(
            variables,
            Malformed("`variables` must be an object or null."),
        )?;
        Ok(Self {
            query,
            operation_name,
            variables,
        })
    }
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
    fn a_query_string_carries_json_in_two_of_its_fields() {
        let text = "query=%7Ba%7D&operationName=A&variables=%7B%22id%22%3A1%7D&extensions=";
        let params = Params::from_query_string(text).unwrap();
        assert_eq!(
            (params.query.as_str(), params.operation_name.as_deref()),
            ("{a}", Some("A"))
        );
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
