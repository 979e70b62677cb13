//! A keyed collection that remembers which rows changed, so that a commit writes only those.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// One changed row as the journal keeps it; `row: null` is a removal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Change {
    pub table: String,
    pub key: String,
    pub row: Value,
}

/// Rows by key, in the order of their keys.
#[derive(Debug)]
pub(crate) struct Table<T> {
    name: &'static str,
    rows: BTreeMap<String, T>,
    dirty: BTreeSet<String>,
    /// Copies a row before it changes. Only tables whose past is asked for have it.
    copy: Option<fn(&T) -> T>,
    /// What changed rows were at the last call of `take_previous`; `None` for those that were not.
    previous: BTreeMap<String, Option<T>>,
}

impl<T: Clone> Table<T> {
    /// A table that also keeps what its rows were before they changed.
    pub fn remembering(name: &'static str) -> Self {
        Self {
            copy: Some(T::clone),
            ..Self::new(name)
        }
    }
}

impl<T> Table<T> {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            rows: BTreeMap::new(),
            dirty: BTreeSet::new(),
            copy: None,
            previous: BTreeMap::new(),
        }
    }

    pub fn get(&self, key: &str) -> Option<&T> {
        self.rows.get(key)
    }

    /// The row for changing; it counts as changed from here on.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        if self.rows.contains_key(key) {
            self.mark(key);
        }
        self.rows.get_mut(key)
    }

    pub fn insert(&mut self, key: String, row: T) {
        self.mark(&key);
        self.rows.insert(key, row);
    }

    pub fn remove(&mut self, key: &str) -> Option<T> {
        if self.rows.contains_key(key) {
            self.mark(key);
        }
        self.rows.remove(key)
    }

    fn mark(&mut self, key: &str) {
        if let Some(copy) = self.copy
            && !self.previous.contains_key(key)
        {
            let row = self.rows.get(key).map(copy);
            self.previous.insert(key.to_owned(), row);
        }
        self.dirty.insert(key.to_owned());
    }

    /// What the rows that changed since the last call were before; only in a remembering table.
    pub fn take_previous(&mut self) -> BTreeMap<String, Option<T>> {
        std::mem::take(&mut self.previous)
    }

    /// Puts a row, or none, in the place of another without counting it as changed; answers the other.
    pub fn swap(&mut self, key: &str, row: Option<T>) -> Option<T> {
        match row {
            Some(row) => self.rows.insert(key.to_owned(), row),
            None => self.rows.remove(key),
        }
    }

    /// Forgets rows that were never journalled: those with greater keys than this one.
    pub fn forget_after(&mut self, key: &str) {
        let mut gone = self.rows.split_off(key);
        if let Some(row) = gone.remove(key) {
            self.rows.insert(key.to_owned(), row);
        }
        for key in gone.keys() {
            self.dirty.remove(key);
        }
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    pub fn entries(&self) -> impl Iterator<Item = (&String, &T)> {
        self.rows.iter()
    }

    /// The rows whose keys are greater than this one.
    pub fn after(&self, key: &str) -> impl DoubleEndedIterator<Item = &T> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.rows
            .range::<str, _>((Excluded(key), Unbounded))
            .map(|(_, row)| row)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn first(&self) -> Option<(&String, &T)> {
        self.rows.first_key_value()
    }

    pub fn last(&self) -> Option<&T> {
        self.rows.values().next_back()
    }

    /// Removes every row that does not hold the condition.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let gone: Vec<_> = self
            .rows
            .iter()
            .filter(|(_, row)| !keep(row))
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            self.remove(&key);
        }
    }
}

/// What the journal needs of a table, whatever its rows are.
pub(crate) trait Journalled {
    /// Name in the journal.
    fn name(&self) -> &'static str;
    /// The rows changed since the last call.
    fn take_changes(&mut self, into: &mut Vec<Change>) -> serde_json::Result<()>;
    /// All rows, for a fresh journal.
    fn snapshot(&self, into: &mut Vec<Change>) -> serde_json::Result<()>;
    /// Puts a journalled change back.
    fn restore(&mut self, change: Change) -> serde_json::Result<()>;
    /// Takes the rows of a table of the same kind, in place of its own.
    fn take_over(&mut self, other: &mut dyn Journalled);
    /// For `take_over`.
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<T: Serialize + DeserializeOwned + 'static> Journalled for Table<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn take_changes(&mut self, into: &mut Vec<Change>) -> serde_json::Result<()> {
        for key in std::mem::take(&mut self.dirty) {
            let row = self
                .rows
                .get(&key)
                .map(serde_json::to_value)
                .transpose()?
                .unwrap_or_default();
            into.push(Change {
                table: self.name.into(),
                key,
                row,
            });
        }
        Ok(())
    }

    fn snapshot(&self, into: &mut Vec<Change>) -> serde_json::Result<()> {
        for (key, row) in &self.rows {
            into.push(Change {
                table: self.name.into(),
                key: key.clone(),
                row: serde_json::to_value(row)?,
            });
        }
        Ok(())
    }

    fn restore(&mut self, change: Change) -> serde_json::Result<()> {
        if change.row.is_null() {
            self.rows.remove(&change.key);
        } else {
            self.rows
                .insert(change.key, serde_json::from_value(change.row)?);
        }
        Ok(())
    }

    fn take_over(&mut self, other: &mut dyn Journalled) {
        let Some(other) = other.as_any().downcast_mut::<Self>() else {
            return;
        };
        self.previous.clear();
        self.dirty.extend(self.rows.keys().cloned());
        self.rows = std::mem::take(&mut other.rows);
        self.dirty.extend(self.rows.keys().cloned());
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
