//! The manifest: a JSON file that the build of a front end writes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::DocumentId;
use crate::graphql::limits::DocumentLimits;

/// A file that is longer was not made by the build of a panel; bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why a manifest is refused. Each is one line for an operator.
#[derive(Debug, thiserror::Error)]
#[error("the manifest {}: {problem}", path.display())]
pub struct ManifestError {
    path: PathBuf,
    problem: String,
}

/// The documents of all manifests, by their SHA-256.
#[derive(Clone, Debug, Default)]
pub struct TrustedDocuments(Arc<HashMap<DocumentId, Arc<str>>>);

impl TrustedDocuments {
    /// Reads the files. Each is a map from SHA-256 to document, as relay-compiler and graphql-codegen write it, or a manifest of Apollo's
    /// (`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body", …}]}`).
    ///
    /// # Errors
    /// The first file that cannot be read, whose documents are not named by the SHA-256 of their text, or that holds a document which is not GraphQL
    /// or is beyond the limits.
    pub fn read(files: &[PathBuf], limits: &DocumentLimits) -> Result<Self, ManifestError> {
        let mut all = HashMap::new();
        for path in files {
            let documents = read(path, limits).map_err(|problem| ManifestError {
                path: path.clone(),
                problem,
            })?;
            all.extend(documents);
        }
        Ok(Self(Arc::new(all)))
    }

    pub(super) fn get(&self, id: DocumentId) -> Option<&Arc<str>> {
        self.0.get(&id)
    }
}

fn read(path: &Path, limits: &DocumentLimits) -> Result<Vec<(DocumentId, Arc<str>)>, String> {
    let length = std::fs::metadata(path)
        .map_err(|e| format!("cannot be read: {e}"))?
        .len();
    if length > MAX_BYTES {
        return Err(format!("is longer than {MAX_BYTES} bytes"));
    }
    let text = std::fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
    let value = serde_json::from_slice(&text).map_err(|e| format!("is not JSON: {e}"))?;
    let entries = entries(&value)?;
    if entries.is_empty() {
        return Err("holds no document".to_owned());
    }
    let checked = |(name, text): (&str, &str)| {
        check(name, text, limits).map_err(|problem| format!("the document {name:?} {problem}"))
    };
    entries.into_iter().map(checked).collect()
}

/// Names and texts.
fn entries(manifest: &Value) -> Result<Vec<(&str, &str)>, String> {
    const FORM: &str =
        "must be a JSON object from SHA-256 to document, or a manifest of Apollo's in version 1";
    let object = manifest.as_object().ok_or(FORM)?;
    let Some(format) = object.get("format") else {
        let pairs = object
            .iter()
            .map(|(name, text)| Some((name.as_str(), text.as_str()?)));
        return pairs.collect::<Option<_>>().ok_or_else(|| FORM.to_owned());
    };
    if format != "apollo-persisted-query-manifest" || object.get("version") != Some(&Value::from(1))
    {
        return Err(FORM.to_owned());
    }
    let operations = object
        .get("operations")
        .and_then(Value::as_array)
        .ok_or(FORM)?;
    let pairs = operations.iter().map(|operation| {
        Some((
            operation.get("id")?.as_str()?,
            operation.get("body")?.as_str()?,
        ))
    });
    pairs.collect::<Option<_>>().ok_or_else(|| FORM.to_owned())
}

fn check(
    name: &str,
    text: &str,
    limits: &DocumentLimits,
) -> Result<(DocumentId, Arc<str>), String> {
    let hex = name.strip_prefix("sha256:").unwrap_or(name);
    let id = DocumentId::of(text);
    if DocumentId::parse(hex) != Some(id) {
        return Err(format!(
            "has the SHA-256 {id}; let the build name documents by their SHA-256"
        ));
    }
    let refused = |error: async_graphql::ServerError| format!("cannot be run: {}", error.message);
    limits.scan(text).map_err(refused)?;
    let document =
        async_graphql::parser::parse_query(text).map_err(|e| format!("is not GraphQL: {e}"))?;
    limits.check(&document).map_err(refused)?;
    Ok((id, text.into()))
}
