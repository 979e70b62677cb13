//! What of an execution's result may be told: errors are given a code and the request's id, faults of ours are masked.

use async_graphql::{PathSegment, Response, ServerError, Value};
use serde::Serialize;

use crate::graphql::error::Code;
use crate::http::request_id::RequestId;

/// A client mends a few errors at a time; an answer must not grow with the number of wrong fields.
const MAX_REPORTED_ERRORS: usize = 5;

/// A GraphQL response as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// At most [`MAX_REPORTED_ERRORS`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
    /// `None` when nothing was executed; an execution that gave nothing has `Some(Null)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl Report {
    /// The report on an execution.
    pub fn of(response: Response, request_id: &RequestId) -> Self {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        let data = (!refused).then_some(response.data);
        Self {
            errors: public(response.errors, request_id),
            data,
        }
    }

    /// The report on a request that was refused before execution.
    pub fn refused(errors: Vec<ServerError>, request_id: &RequestId) -> Self {
        Self {
            errors: public(errors, request_id),
            data: None,
        }
    }

    /// The report on an operation that a fault of ours ended.
    pub fn fault(code: Code, message: impl Into<String>, request_id: &RequestId) -> Self {
        Self::refused(vec![code.at(None, message)], request_id)
    }

    /// Whether something went away in the middle, so that nobody can say what was carried out: a commit may have been, whose answer got lost.
    pub fn is_uncertain(&self) -> bool {
        let uncertain = |error: &ServerError| {
            let code = error.extensions.as_ref().and_then(|all| all.get("code"));
            code == Some(&Value::from(Code::Unavailable.as_str()))
        };
        self.errors.iter().any(uncertain)
    }

    /// Nothing was executed: the document, the operation's name or the variables are wrong.
    pub fn is_refusal(&self) -> bool {
        self.data.is_none()
    }
}

fn public(errors: Vec<ServerError>, request_id: &RequestId) -> Vec<ServerError> {
    let reported = errors.into_iter().take(MAX_REPORTED_ERRORS);
    let reported: Vec<_> = reported.map(|error| coded(error, request_id)).collect();
    for error in &reported {
        tracing::info!(
            request_id = request_id.as_str(),
            code = code_text(error),
            at = %path_text(error),
            "an error was answered"
        );
    }
    reported
}

fn code_text(error: &ServerError) -> &str {
    let code = error.extensions.as_ref().and_then(|all| all.get("code"));
    match code {
        Some(Value::String(code)) => code,
        _ => "",
    }
}

/// Longest path in the log, in characters: an alias may be as long as a document.
const MAX_LOGGED_PATH: usize = 200;

/// Where in the answer. Names and aliases stand in it, values do not.
fn path_text(error: &ServerError) -> String {
    let steps = error.path.iter().map(|step| match step {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    });
    let path = steps.collect::<Vec<_>>().join(".");
    path.chars().take(MAX_LOGGED_PATH).collect()
}

fn coded(mut error: ServerError, request_id: &RequestId) -> ServerError {
    let has_code = error
        .extensions
        .as_ref()
        .is_some_and(|extensions| extensions.get("code").is_some());
    if !has_code {
        let code = code_of(&error);
        if code == Code::Internal {
            tracing::error!(request_id = request_id.as_str(), path = ?error.path, error = error.message, "resolver failed");
            error.message = "Internal error".to_owned();
            error.extensions = None;
        }
        error
            .extensions
            .get_or_insert_default()
            .set("code", code.as_str());
    }
    error
        .extensions
        .get_or_insert_default()
        .set("requestId", request_id.as_str());
    error
}

/// The code of an error that the engine made itself; async-graphql 7 tells them apart by their text only.
fn code_of(error: &ServerError) -> Code {
    const LIMITS: [&str; 4] = [
        "Query is too complex.",
        "Query is nested too deep.",
        "The recursion depth of the query",
        "The number of directives on the field",
    ];
    const INPUT: [&str; 2] = ["Failed to parse \"", "Expected input type \""];
    let starts = |prefixes: &[&str]| {
        prefixes
            .iter()
            .any(|prefix| error.message.starts_with(prefix))
    };
    if error.path.is_empty() {
        return if starts(&LIMITS) {
            Code::QueryTooComplex
        } else {
            Code::GraphqlValidationFailed
        };
    }
    if error.source.is_none() && starts(&INPUT) {
        return Code::BadUserInput;
    }
    Code::Internal
}
