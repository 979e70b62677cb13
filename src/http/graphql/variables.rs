//! Coercion of variables, as far as it can be decided without the schema (GraphQL §6.1.2).
//!
//! The engine looks at a variable only where it is used, and then as an error of execution. Missing values, nulls and wrong
//! built-in scalars are refused here, before anything runs; input objects, enums and custom scalars are the engine's.

use async_graphql::parser::types::{BaseType, Type, VariableDefinition};
use async_graphql::{Positioned, ServerError};
use serde_json::{Map, Value};

use crate::graphql::error::Code;

/// One error per variable that does not fit its declared type. Values are not repeated in the messages.
pub(super) fn check(
    definitions: &[Positioned<VariableDefinition>],
    values: &Map<String, Value>,
) -> Vec<ServerError> {
    definitions
        .iter()
        .filter_map(|definition| problem(definition, values))
        .collect()
}

fn problem(
    definition: &Positioned<VariableDefinition>,
    values: &Map<String, Value>,
) -> Option<ServerError> {
    let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
    let message = match values.get(name.as_str()) {
        None if ty.nullable || definition.node.default_value.is_some() => return None,
        None => format!("Variable \"${name}\" of required type \"{ty}\" was not provided."),
        Some(value) if fits(value, ty) => return None,
        Some(_) => format!("The value of variable \"${name}\" is not of type \"{ty}\"."),
    };
    Some(Code::BadUserInput.at(Some(definition.pos), message))
}

fn fits(value: &Value, ty: &Type) -> bool {
    match (value, &ty.base) {
        (Value::Null, _) => ty.nullable,
        (Value::Array(items), BaseType::List(item)) => items.iter().all(|value| fits(value, item)),
        // A single value stands for a list of one.
        (value, BaseType::List(item)) => fits(value, item),
        (value, BaseType::Named(name)) => match name.as_str() {
            "String" => value.is_string(),
            "Boolean" => value.is_boolean(),
            "Int" => value
                .as_f64()
                .is_some_and(|n| n.fract() == 0.0 && n.abs() <= f64::from(i32::MAX) + 1.0),
            "Float" => value.is_number(),
            "ID" => value.is_string() || value.is_i64() || value.is_u64(),
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_held_against_their_declared_types() {
        let cases = [
            ("ID!", json!("a"), true),
            ("ID!", json!(7), true),
            ("ID!", json!(null), false),
            ("ID", json!(null), true),
            ("ID!", json!(1.5), false),
            ("String", json!(1), false),
            ("Int", json!(1), true),
            ("Int", json!(1.0), true),
            ("Int", json!(1.5), false),
            ("Int", json!(3_000_000_000_u64), false),
            ("Float", json!(1), true),
            ("Boolean", json!("true"), false),
            ("[ID!]!", json!(["a", "b"]), true),
            ("[ID!]!", json!("a"), true),
            ("[ID!]!", json!(["a", null]), false),
            ("UserFilter", json!({ "any": 1 }), true),
        ];
        for (ty, value, expected) in cases {
            assert_eq!(
                fits(&value, &Type::new(ty).unwrap()),
                expected,
                "{value} as {ty}"
            );
        }
    }
}
