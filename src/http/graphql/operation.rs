//! From parameters to an operation that may be handed to the engine.

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Positioned, Request, ServerError, Variables};
use serde_json::Value;

use super::params::Params;
use super::variables;
use crate::graphql::error::Code;
use crate::graphql::limits::DocumentLimits;

/// A parsed operation within the limits.
pub(crate) struct Operation {
    /// The engine's request, already parsed.
    pub request: Request,
    /// Query, mutation or subscription.
    pub kind: OperationType,
}

impl Operation {
    /// Scans, parses and checks the document, chooses the operation and coerces its variables.
    ///
    /// # Errors
    /// What a client must mend in its document or variables, each with a code.
    pub fn prepare(params: Params, limits: &DocumentLimits) -> Result<Self, Vec<ServerError>> {
        limits.scan(&params.query).map_err(only)?;
        let mut request = Request::new(params.query);
        let document = request.parsed_query().map_err(unparsable)?;
        limits.check(document).map_err(only)?;
        let operation = select(document, params.operation_name.as_deref()).map_err(only)?;
        one_field_per_subscription(operation).map_err(only)?;
        let kind = operation.node.ty;
        let errors = variables::check(&operation.node.variable_definitions, &params.variables);
        if !errors.is_empty() {
            return Err(errors);
        }
        request.operation_name = params.operation_name;
        request.variables = Variables::from_json(Value::Object(params.variables));
        Ok(Self { request, kind })
    }
}

fn only(error: ServerError) -> Vec<ServerError> {
    vec![error]
}

/// The parser's message draws the text with an arrow; its last line says what was expected.
fn unparsable(mut error: ServerError) -> Vec<ServerError> {
    if let Some((_, expectation)) = error.message.rsplit_once("= ") {
        error.message = format!("Syntax error: {expectation}.");
    }
    error
        .extensions
        .get_or_insert_default()
        .set("code", Code::GraphqlParseFailed.as_str());
    only(error)
}

fn select<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, ServerError> {
    let mut operations = document.operations.iter();
    if let Some(name) = name {
        let found =
            operations.find(|(candidate, _)| candidate.is_some_and(|candidate| candidate == name));
        let missing =
            || Code::BadUserInput.at(None, "`operationName` names no operation of the document.");
        return found.map(|(_, operation)| operation).ok_or_else(missing);
    }
    match (operations.next(), operations.next()) {
        (Some((_, operation)), None) => Ok(operation),
        _ => Err(Code::BadUserInput.at(
            None,
            "The document has several operations: say which in `operationName`.",
        )),
    }
}

/// GraphQL §5.2.3.1, which the engine does not check.
fn one_field_per_subscription(
    operation: &Positioned<OperationDefinition>,
) -> Result<(), ServerError> {
    let set = &operation.node.selection_set;
    let single =
        matches!(set.node.items.as_slice(), [item] if matches!(item.node, Selection::Field(_)));
    if operation.node.ty != OperationType::Subscription || single {
        return Ok(());
    }
    let message = "A subscription must select exactly one field at its root.";
    Err(Code::GraphqlValidationFailed.at(Some(set.pos), message))
}
