//! What the specification asks of an answer's form and the engine leaves undone.
//!
//! The engine drops a field that failed, whatever its type, and makes an object of which nothing is left null, also where null is not permitted; it puts fields in
//! the order in which they were ready. Here a failed field becomes null, and where it may not be null, the nearest thing around it that may be ("Handling
//! Execution Errors", October 2021, §6.4.4); fields come in the order of the document (§7.2.2).

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
    Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Data, Executor, Name, PathSegment, Request, Response, Value};
use futures::StreamExt as _;
use futures::stream::BoxStream;

use super::limits::EngineLimits;

/// An executor whose answers are complete and in order.
#[derive(Clone, Debug)]
pub struct Complete<E> {
    executor: E,
    types: Arc<Types>,
    limits: EngineLimits,
}

impl<E> Complete<E> {
    /// Completes what `executor` answers, whose schema has these types and limits.
    pub fn new(executor: E, types: Arc<Types>, limits: EngineLimits) -> Self {
        Self {
            executor,
            types,
            limits,
        }
    }

    /// `None` for a document that the engine refuses anyhow.
    fn shape(&self, request: &mut Request) -> Option<Shape> {
        let name = request.operation_name.clone();
        let document = request.parsed_query().ok()?;
        let operation = operation(document, name.as_deref())?;
        Some(Shape::of(operation, document, &self.types))
    }
}

impl<E: Executor> Executor for Complete<E> {
    async fn execute(&self, mut request: Request) -> Response {
        let shape = self.shape(&mut request);
        let response = self.executor.execute(request).await;
        complete(explained(response, self.limits), shape.as_ref())
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let shape = self.shape(&mut request);
        let responses = self.executor.execute_stream(request, session_data);
        let limits = self.limits;
        responses
            .map(move |response| complete(explained(response, limits), shape.as_ref()))
            .boxed()
    }
}

/// The engine says that a limit was exceeded, and not what it is.
fn explained(mut response: Response, limits: EngineLimits) -> Response {
    let EngineLimits { depth, complexity } = limits;
    let refused = response.errors.iter_mut().filter(|e| e.path.is_empty());
    for error in refused {
        let more = match error.message.as_str() {
            "Query is too complex." => format!(
                " A field counts once, and in a list once for each item that is asked for: at most {complexity} in all."
            ),
            "Query is nested too deep." => format!(" Fields may have {depth} levels."),
            _ => continue,
        };
        error.message.push_str(&more);
    }
    response
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| &operation.node)
        }
        (DocumentOperations::Multiple(_), None) => None,
    }
}

fn complete(mut response: Response, shape: Option<&Shape>) -> Response {
    let Some(shape) = shape else { return response };
    let mut failed = response.errors.iter().collect::<Vec<_>>();
    failed.retain(|error| !error.path.is_empty() && !is_there(&response.data, &error.path));
    let nulls = failed.iter().filter_map(|e| shape.null_for(&e.path));
    let mut nulls = nulls.collect::<Vec<_>>();
    // What is null because of one error may be inside what is null because of another.
    nulls.sort_by_key(|path| std::cmp::Reverse(path.len()));
    for path in nulls {
        put_null(&mut response.data, path);
    }
    let succeeded = response.errors.is_empty();
    if succeeded && response.data == Value::Null {
        response.data = nothing_selected();
    }
    shape.arrange(&mut response.data, succeeded);
    response
}

/// Of an object when `@skip` and `@include` left no field to select; the engine says null.
fn nothing_selected() -> Value {
    Value::Object(IndexMap::new())
}

/// The types of the fields of every object and interface.
#[derive(Debug, Default)]
pub struct Types(HashMap<Name, HashMap<Name, Type>>);

impl Types {
    /// Reads them from a schema in GraphQL's own language.
    #[must_use]
    pub fn read(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|document| document.definitions);
        let types = definitions.unwrap_or_default().into_iter();
        let fields = types.filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            let fields = fields
                .into_iter()
                .map(|field| (field.node.name.node, field.node.ty.node));
            Some((definition.node.name.node, fields.collect()))
        });
        Self(fields.collect())
    }

    /// `None` for introspection, which does not fail.
    fn field(&self, parent: &str, name: &str) -> Option<&Type> {
        self.0.get(parent)?.get(name)
    }
}

fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(element) => named(element),
    }
}

/// The form of an answer's object: its keys in the order of the document. Keys of fragments on other types stand among them; an object has some of the keys.
#[derive(Debug, Default)]
struct Shape(IndexMap<Name, Field>);

#[derive(Debug)]
struct Field {
    ty: Option<Type>,
    below: Shape,
}

/// What a shape is made from.
struct Source<'a> {
    document: &'a ExecutableDocument,
    types: &'a Types,
    /// Fragments that are being written out; a cycle is for the engine to refuse.
    open: Vec<&'a str>,
}

impl Shape {
    /// The document's size when it is written out is limited before (`limits`), so the shape's is as well.
    fn of(operation: &OperationDefinition, document: &ExecutableDocument, types: &Types) -> Self {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut shape = Self::default();
        let mut source = Source {
            document,
            types,
            open: Vec::new(),
        };
        shape.add(&operation.selection_set.node, root, &mut source);
        shape
    }

    fn add<'a>(&mut self, set: &'a SelectionSet, parent: &str, source: &mut Source<'a>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let ty = source.types.field(parent, &field.name.node).cloned();
                    let key = field.response_key().node.clone();
                    let below_type = ty.as_ref().map(|ty| named(ty).clone());
                    let entry = self.0.entry(key).or_insert_with(|| Field {
                        ty,
                        below: Self::default(),
                    });
                    let below_type = below_type.as_deref().unwrap_or_default();
                    entry
                        .below
                        .add(&field.selection_set.node, below_type, source);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let parent = on.map_or(parent, |on| on.node.on.node.as_str());
                    self.add(&fragment.node.selection_set.node, parent, source);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = source.document.fragments.get(name)
                        && !source.open.contains(&name)
                    {
                        source.open.push(name);
                        let on = &fragment.node.type_condition.node.on.node;
                        self.add(&fragment.node.selection_set.node, on, source);
                        source.open.pop();
                    }
                }
            }
        }
    }

    /// Where null has to be when the field at `path` failed: there if it may be null, else at the nearest place around it that may be; empty for all of the
    /// data. `None` where the types are not known.
    fn null_for<'p>(&self, path: &'p [PathSegment]) -> Option<&'p [PathSegment]> {
        let mut shape = self;
        let mut ty: Option<&Type> = None;
        let mut nearest = 0;
        for (at, segment) in path.iter().enumerate() {
            ty = match segment {
                PathSegment::Field(name) => {
                    let field = shape.0.get(name.as_str())?;
                    shape = &field.below;
                    field.ty.as_ref()
                }
                PathSegment::Index(_) => match &ty?.base {
                    BaseType::List(element) => Some(&**element),
                    BaseType::Named(_) => None,
                },
            };
            if ty?.nullable {
                nearest = at + 1;
            }
        }
        path.get(..nearest)
    }

    /// Puts the fields of every object below into the order of the document.
    fn arrange(&self, value: &mut Value, succeeded: bool) {
        match value {
            Value::List(items) => {
                for item in items {
                    self.arrange(item, succeeded);
                }
            }
            Value::Object(fields) => {
                let at = |name: &Name| self.0.get_index_of(name);
                // Mostly they are in order, and all of them are there.
                let mut places = self.0.keys();
                let in_place = fields.keys().all(|name| places.next() == Some(name));
                if !in_place && !fields.keys().is_sorted_by_key(at) {
                    fields.sort_by_cached_key(|name, _| at(name));
                }
                for (place, (name, value)) in fields.iter_mut().enumerate() {
                    let field = match in_place {
                        true => self.0.get_index(place).map(|(_, field)| field),
                        false => self.0.get(name),
                    };
                    let Some(field) = field else { continue };
                    let not_null = field.ty.as_ref().is_some_and(|ty| !ty.nullable);
                    if succeeded && not_null && *value == Value::Null {
                        *value = nothing_selected();
                    }
                    field.below.arrange(value, succeeded);
                }
            }
            _ => {}
        }
    }
}

/// Whether something other than null is at `path`.
fn is_there(value: &Value, path: &[PathSegment]) -> bool {
    let inner = match (value, path.first()) {
        (value, None) => return *value != Value::Null,
        (Value::Object(fields), Some(PathSegment::Field(name))) => fields.get(name.as_str()),
        (Value::List(items), Some(PathSegment::Index(at))) => items.get(*at),
        _ => None,
    };
    inner.is_some_and(|inner| is_there(inner, &path[1..]))
}

/// An object on the way of which the engine left nothing is made again. A list that the engine left out as a whole becomes null itself.
fn put_null(value: &mut Value, path: &[PathSegment]) {
    let Some((first, rest)) = path.split_first() else {
        *value = Value::Null;
        return;
    };
    match first {
        PathSegment::Field(name) => {
            if *value == Value::Null {
                *value = nothing_selected();
            }
            if let Value::Object(fields) = value {
                put_null(fields.entry(Name::new(name)).or_default(), rest);
            }
        }
        PathSegment::Index(at) => {
            if let Value::List(items) = value
                && let Some(item) = items.get_mut(*at)
            {
                put_null(item, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Result, Schema};

    use super::*;

    struct Query;
    #[derive(Clone, Copy)]
    struct Item;

    #[Object]
    impl Query {
        async fn item(&self) -> Item {
            Item
        }
        async fn maybe(&self) -> Option<Item> {
            Some(Item)
        }
        async fn items(&self) -> Vec<Item> {
            vec![Item, Item]
        }
        async fn maybes(&self) -> Vec<Option<Item>> {
            vec![Some(Item), None, Some(Item)]
        }
        async fn slow(&self) -> i32 {
            tokio::task::yield_now().await;
            1
        }
    }

    #[Object]
    impl Item {
        async fn good(&self) -> i32 {
            1
        }
        async fn bad(&self) -> Result<i32> {
            Err("bad".into())
        }
        async fn bad_or_null(&self) -> Result<Option<i32>> {
            Err("bad".into())
        }
        async fn item(&self) -> Item {
            Item
        }
        async fn maybe(&self) -> Option<Item> {
            Some(Item)
        }
        async fn slow(&self) -> i32 {
            tokio::task::yield_now().await;
            1
        }
    }

    async fn answer(document: &str) -> String {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let types = Types::read(&schema.sdl());
        let response = Complete::new(schema, Arc::new(types), EngineLimits::default())
            .execute(Request::new(document))
            .await;
        serde_json::to_string(&response.data).unwrap()
    }

    #[tokio::test]
    async fn a_failed_field_is_null_or_what_is_around_it() {
        let cases = [
            (
                "{item{good badOrNull}}",
                r#"{"item":{"good":1,"badOrNull":null}}"#,
            ),
            ("{item{badOrNull}}", r#"{"item":{"badOrNull":null}}"#),
            ("{item{good bad}}", "null"),
            (
                "{maybe{good bad} item{good}}",
                r#"{"maybe":null,"item":{"good":1}}"#,
            ),
            ("{maybe{bad}}", r#"{"maybe":null}"#),
            ("{maybe{item{item{good bad}}}}", r#"{"maybe":null}"#),
            (
                "{item{maybe{item{bad}} good}}",
                r#"{"item":{"maybe":null,"good":1}}"#,
            ),
            ("{items{good bad}}", "null"),
            ("{maybes{good bad}}", r#"{"maybes":[null,null,null]}"#),
            (
                "{maybe{a:bad} b:maybe{...F}} fragment F on Item{...{good}}",
                r#"{"maybe":null,"b":{"good":1}}"#,
            ),
            (
                "{maybe{...F}} fragment F on Item{good c:item{d:bad}}",
                r#"{"maybe":null}"#,
            ),
        ];
        for (document, expected) in cases {
            assert_eq!(answer(document).await, expected, "{document}");
        }
    }

    #[tokio::test]
    async fn fields_come_in_the_order_of_the_document() {
        let document = "{slow maybe{slow a:good ...F b:__typename} items{slow good} __typename} fragment F on Item{z:slow good}";
        let expected = r#"{"slow":1,"maybe":{"slow":1,"a":1,"z":1,"good":1,"b":"Item"},"items":[{"slow":1,"good":1},{"slow":1,"good":1}],"__typename":"Query"}"#;
        assert_eq!(answer(document).await, expected);
    }

    #[tokio::test]
    async fn an_object_of_which_nothing_was_selected_is_empty() {
        let document = "{item{good @skip(if: true)} slow}";
        assert_eq!(answer(document).await, r#"{"item":{},"slow":1}"#);
        assert_eq!(answer("{item @include(if: false) {good}}").await, "{}");
    }

    #[test]
    fn our_own_schema_is_read() {
        let types = Types::read(&crate::graphql::schema::sdl());
        let users = types.field("Query", "users").unwrap();
        assert_eq!(users.to_string(), "UserConnection!");
        assert!(types.field("Node", "id").is_some());
        assert!(types.field("Subscription", "syncStatus").is_some());
    }
}
