//! Taking people who are in Okta already into the directory.

use serde_json::{Value, json};

use super::{LOOKS, Outcome, PAUSE, Walk, text, unexpected};
use crate::demo::DemoError;

impl Walk {
    /// Reads the org. Answers the import's id.
    pub(super) async fn read_okta(&self) -> Result<(String, String), DemoError> {
        let mutation = "mutation($app: ID!) { importStart(input: { appId: $app, sourceProfile: OKTA }) { \
                        import { id } userErrors { message } } }";
        let data = self.api.call(mutation, json!({ "app": self.app })).await?;
        let id = text(&data["importStart"]["import"]["id"]);
        let import = self.import_when(&id, "READY").await?;
        let progress = &import["progress"];
        let said = format!(
            "{} accounts in {} calls; {}",
            progress["fetched"],
            progress["calls"],
            counts(&import["counts"], "category", "total")
        );
        Ok((said, id))
    }

    /// Ticks everybody but the conflict, and looks at what that would do.
    pub(super) async fn tick(&self, import: &str) -> Outcome {
        let mutation = "mutation($import: ID!) { importCandidatesSelect(input: { importId: $import, \
                        candidates: { matching: { conflict: false } }, selected: true }) { \
                        import { confirmationSummary { sentences } } userErrors { message } } }";
        let data = self.api.call(mutation, json!({ "import": import })).await?;
        let summary = &data["importCandidatesSelect"]["import"]["confirmationSummary"];
        let sentences = summary["sentences"].as_array().cloned().unwrap_or_default();
        Ok(sentences.iter().map(text).collect::<Vec<_>>().join(" "))
    }

    /// Confirms. What came from Okta is not sent back there: Okta holds the same as before.
    pub(super) async fn confirm(&self, import: &str) -> Outcome {
        let before = self.okta.users().await?;
        let query = "query($id: ID!) { node(id: $id) { ... on Import { selectionVersion } } }";
        let data = self.api.call(query, json!({ "id": import })).await?;
        let mutation = "mutation($input: ImportConfirmInput!) { importConfirm(input: $input) { import { id } userErrors { message } } }";
        let input = json!({ "importId": import, "expectedSelectionVersion": data["node"]["selectionVersion"] });
        self.api.call(mutation, json!({ "input": input })).await?;
        let import = self.import_when(import, "COMPLETED").await?;
        self.settled().await?;
        if self.okta.users().await? != before {
            return unexpected("the import changed Okta");
        }
        let outcomes = counts(&import["outcomes"], "outcome", "count");
        Ok(format!("{outcomes}; Okta was not changed"))
    }

    async fn import_when(&self, id: &str, status: &str) -> Result<Value, DemoError> {
        let query = "query($id: ID!) { node(id: $id) { ... on Import { status problem { message } progress { fetched calls } \
                     counts { category total } outcomes { outcome count } } } }";
        for _ in 0..LOOKS {
            let data = self.api.call(query, json!({ "id": id })).await?;
            let import = &data["node"];
            if import["status"] == status {
                return Ok(import.clone());
            }
            if import["status"] == "FAILED" {
                return unexpected(text(&import["problem"]["message"]));
            }
            tokio::time::sleep(PAUSE).await;
        }
        unexpected(format!("the import did not become {status} in time"))
    }
}

/// `NEW 12, UPDATE 3`.
fn counts(list: &Value, name: &str, count: &str) -> String {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let said = list
        .iter()
        .filter(|each| each[count] != 0)
        .map(|each| format!("{} {}", text(&each[name]), each[count]));
    said.collect::<Vec<_>>().join(", ")
}
