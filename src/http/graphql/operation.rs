//! From parameters to an operation that may be handed to the engine.

use std::collections::HashSet;

use async_graphql::Value as ConstValue;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, OperationType, Selection, VariableDefinition,
};
use async_graphql::{Name, Positioned, Request, ServerError, Variables};
use serde_json::{Map, Value};

use sha2::{Digest as _, Sha256};

use super::params::Params;
use crate::graphql::error::Code;
use crate::http::documents::{Found, NoDocument};
use crate::http::session::Session;
use crate::http::{HttpConfig, HttpState};

/// The operation that a request asks for.
///
/// # Errors
/// What a client must mend in its document or variables, each with a code.
pub(crate) async fn operation<E>(
    state: &HttpState<E>,
    session: &Session,
    params: Params,
) -> Result<Operation, Vec<ServerError>> {
    let Params {
        wanted,
        operation_name,
        variables,
    } = params;
    let unknown = |no: NoDocument| only(no.code().at(None, no.message()));
    let Found { text, register } = state.documents.find(wanted).await.map_err(unknown)?;
    let operation = Operation::prepare(&text, operation_name, variables, &state.config)?;
    // Whoever has no name may use what is known, but fills nobody's memory.
    if let Some(id) = register
        && session.caller().is_some()
    {
        state.documents.register(id, &text).await;
    }
    Ok(operation)
}

/// A parsed operation within the limits.
pub(crate) struct Operation {
    /// The engine's request, already parsed.
    pub request: Request,
    /// Query, mutation or subscription.
    pub kind: OperationType,
}

impl Operation {
    /// A digest of all that the client says with it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let request = &self.request;
        let name = request.operation_name.as_deref().unwrap_or_default();
        // What is read is JSON, and can be written as such again.
        let variables = serde_json::to_vec(&request.variables).unwrap_or_default();
        for part in [request.query.as_bytes(), name.as_bytes(), &variables] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// Scans, parses and checks the document, chooses the operation and coerces its variables.
    ///
    /// # Errors
    /// What a client must mend in its document or variables, each with a code.
    fn prepare(
        text: &str,
        name: Option<String>,
        variables: Map<String, Value>,
        config: &HttpConfig,
    ) -> Result<Self, Vec<ServerError>> {
        let limits = &config.document;
        limits.scan(text).map_err(only)?;
        let mut request = Request::new(text);
        let document = request.parsed_query().map_err(unparsable)?;
        limits.check(document).map_err(only)?;
        let operation = select(document, name.as_deref()).map_err(only)?;
        one_field_per_subscription(operation).map_err(only)?;
        if let Some(types) = &config.input_types {
            all_types_known(document, types).map_err(only)?;
        }
        let kind = operation.node.ty;
        let defaults = defaults(&operation.node.variable_definitions);
        let errors = super::variables::check(&operation.node.variable_definitions, &variables);
        if !errors.is_empty() {
            return Err(errors);
        }
        request.operation_name = name;
        request.variables = Variables::from_json(Value::Object(variables));
        for (name, value) in defaults {
            request.variables.entry(name).or_insert(value);
        }
        Ok(Self { request, kind })
    }
}

/// GraphQL §5.8.2, of all operations: the engine panics at the default of a list of a type that it does not know.
fn all_types_known(
    document: &ExecutableDocument,
    types: &HashSet<String>,
) -> Result<(), ServerError> {
    let operations = document.operations.iter();
    for definition in operations.flat_map(|(_, operation)| &operation.node.variable_definitions) {
        let mut inner = &definition.node.var_type.node.base;
        while let BaseType::List(item) = inner {
            inner = &item.base;
        }
        if let BaseType::Named(name) = inner
            && !types.contains(name.as_str())
        {
            let message = format!("Unknown type \"{name}\", or one that variables cannot have.");
            return Err(Code::GraphqlValidationFailed.at(Some(definition.pos), message));
        }
    }
    Ok(())
}

/// What truth values are that the client leaves out (GraphQL §6.1.2): they may stand in `@skip` and `@include`, where the engine knows of no default. It
/// knows the other ones by itself.
fn defaults(definitions: &[Positioned<VariableDefinition>]) -> Vec<(Name, ConstValue)> {
    let pair = |definition: &Positioned<VariableDefinition>| {
        let default = definition.node.default_value.as_ref()?;
        let truth = matches!(default.node, ConstValue::Boolean(_));
        truth.then(|| (definition.node.name.node.clone(), default.node.clone()))
    };
    definitions.iter().filter_map(pair).collect()
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
