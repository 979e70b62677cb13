//! Changes of the user schema that an administrator makes behind a client's back.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Org,
    schema::{Attribute, KINDS},
};

/// A change of the user schema. It is no effect of the API and enters no ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum SchemaChange {
    /// The custom attribute of this name goes, with everybody's value.
    Remove(String),
    /// A custom attribute comes. One of the same name is replaced.
    Add {
        /// Its name.
        name: String,
        /// Its definition in the form of Okta's schema, such as `{"title": "Badge", "type": "string"}`.
        definition: Value,
    },
    /// The attribute of this name, base or custom, must have a value from now on.
    Require(String),
    /// The custom attribute changes its type: it is removed and added anew, since Okta knows no other way.
    /// Everybody's value goes.
    Retype {
        /// Its name.
        name: String,
        /// The new type: `string`, `boolean`, `integer`, `number` or `array`.
        to: String,
    },
}

/// Why a schema cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaChangeError {
    /// The schema has no such attribute, or it is a base attribute where only custom ones can be changed.
    #[error("the user schema has no attribute {0:?} that can be changed this way")]
    Unknown(String),
    /// The definition is not in the form of Okta's schema.
    #[error("the definition of attribute {name:?} is malformed: {source}")]
    Definition {
        /// The attribute.
        name: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// There is no such type.
    #[error("an attribute cannot be of type {0:?}, only string, boolean, integer, number or array")]
    Type(String),
}

impl SchemaChange {
    /// Whether the change makes sense in any org.
    pub(crate) fn check(&self) -> Result<(), SchemaChangeError> {
        match self {
            Self::Remove(_) | Self::Require(_) => Ok(()),
            Self::Add { name, definition } => known(&defined(name, definition)?.kind),
            Self::Retype { to, .. } => known(to),
        }
    }
}

fn known(kind: &str) -> Result<(), SchemaChangeError> {
    if KINDS.contains(&kind) {
        Ok(())
    } else {
        Err(SchemaChangeError::Type(kind.into()))
    }
}

fn defined(name: &str, definition: &Value) -> Result<Attribute, SchemaChangeError> {
    serde_json::from_value(definition.clone()).map_err(|source| SchemaChangeError::Definition {
        name: name.into(),
        source,
    })
}

impl Org {
    /// Changes the user schema.
    pub fn change_schema(
        &mut self,
        change: &SchemaChange,
        now: DateTime<Utc>,
    ) -> Result<(), SchemaChangeError> {
        change.check()?;
        let mut schema = self.schema().clone();
        let unknown = |name: &str| SchemaChangeError::Unknown(name.into());
        let mut dropped = None;
        match change {
            SchemaChange::Remove(name) => {
                schema.custom.remove(name).ok_or_else(|| unknown(name))?;
                dropped = Some(name);
            }
            SchemaChange::Add { name, definition } => {
                if schema.base.contains_key(name) {
                    return Err(unknown(name));
                }
                schema
                    .custom
                    .insert(name.clone(), defined(name, definition)?);
            }
            SchemaChange::Require(name) => {
                let attribute = match schema.base.get_mut(name) {
                    Some(attribute) => attribute,
                    None => schema.custom.get_mut(name).ok_or_else(|| unknown(name))?,
                };
                attribute.required = Some(true);
            }
            SchemaChange::Retype { name, to } => {
                let attribute = schema.custom.get_mut(name).ok_or_else(|| unknown(name))?;
                attribute.kind.clone_from(to);
                attribute.choices = None;
                attribute.one_of = None;
                attribute.pattern = None;
                attribute.format = None;
                attribute.items = (to == "array").then(|| serde_json::json!({ "type": "string" }));
                dropped = Some(name);
            }
        }
        schema.last_updated = now.trunc_subsecs(0);
        self.set_schema(schema);
        if let Some(name) = dropped {
            self.forget_values(std::slice::from_ref(name));
        }
        Ok(())
    }

    /// Values of removed attributes go with them.
    pub fn forget_values(&mut self, removed: &[String]) {
        let holders: Vec<_> = self
            .users
            .values()
            .filter(|user| removed.iter().any(|name| user.profile.contains_key(name)))
            .map(|user| user.id.clone())
            .collect();
        for id in holders {
            if let Some(user) = self.users.get_mut(&id) {
                user.profile.retain(|name, _| !removed.contains(name));
            }
        }
    }
}
