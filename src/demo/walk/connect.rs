//! Connecting the app to Okta, mapping, switching on.

use serde_json::{Value, json};
use url::Url;

use super::directory::Member;
use super::{Outcome, Walk, text, unexpected};
use crate::demo::DemoError;
use crate::demo::browser::Browser;
use crate::demo::people::ORGANIZATION;

impl Walk {
    pub(super) async fn add_app(&self) -> Result<(String, String), DemoError> {
        let mutation = "mutation { appAdd(input: { name: \"Okta\" }) { app { id oktaOrg { redirectUri } } userErrors { message } } }";
        let data = self.api.call(mutation, json!({})).await?;
        let app = &data["appAdd"]["app"];
        let said = format!(
            "to be registered in Okta: {}",
            text(&app["oktaOrg"]["redirectUri"])
        );
        Ok((said, text(&app["id"])))
    }

    pub(super) async fn configure(&self) -> Outcome {
        let mutation = "mutation($input: OktaOrgConfigureInput!) { oktaOrgConfigure(input: $input) { \
                        oktaOrg { domain status } userErrors { message } } }";
        let input = json!({
            "appId": self.app,
            "domain": self.domain,
            "clientId": self.client.id,
            "clientSecret": self.client.secret,
        });
        let data = self.api.call(mutation, json!({ "input": input })).await?;
        let org = &data["oktaOrgConfigure"]["oktaOrg"];
        Ok(format!(
            "{} is {}",
            text(&org["domain"]),
            text(&org["status"])
        ))
    }

    /// What an administrator does in his browser: follow the address, sign in, read the scopes, allow.
    pub(super) async fn authorize(&self) -> Outcome {
        let mutation = "mutation($app: ID!) { oktaAuthorizationStart(input: { appId: $app }) { \
                        authorizationUrl userErrors { message } } }";
        let data = self.api.call(mutation, json!({ "app": self.app })).await?;
        let url = text(&data["oktaAuthorizationStart"]["authorizationUrl"]);
        let url = Url::parse(&url).map_err(|e| DemoError::Page(e.to_string()))?;
        let mut browser = Browser::new(self.http.clone());
        let sign_in = browser.open(url).await?;
        let credentials = [
            ("login", self.admin.login.as_str()),
            ("password", self.admin.password.as_str()),
        ];
        let consent = browser.submit(&sign_in, &credentials).await?;
        browser.submit(&consent, &[("decision", "allow")]).await?;
        self.connected().await
    }

    async fn connected(&self) -> Outcome {
        let query = "query($app: ID!) { app(id: $app) { oktaOrg { status missingScopes authorizedBy { login } problem { message } } } }";
        let data = self.api.call(query, json!({ "app": self.app })).await?;
        let org = &data["app"]["oktaOrg"];
        if org["status"] != "CONNECTED" {
            let why = org["problem"]["message"].as_str().unwrap_or("no reason");
            return unexpected(format!("the connection is {}: {why}", org["status"]));
        }
        let by = text(&org["authorizedBy"]["login"]);
        Ok(format!("CONNECTED, authorized by {by}"))
    }

    /// The default mapping as it is offered, and the organisation's name for everybody.
    pub(super) async fn map(&self) -> Outcome {
        let query = "query($app: ID!) { app(id: $app) { oktaAttributes { name } mappings { version items { \
                     attribute source { ... on DirectoryFieldSource { fieldId } } } } } }";
        let data = self.api.call(query, json!({ "app": self.app })).await?;
        let (attributes, mappings) = (&data["app"]["oktaAttributes"], &data["app"]["mappings"]);
        let offered = mappings["items"].as_array().cloned().unwrap_or_default();
        let line = |item: &Value| json!({ "attribute": item["attribute"], "source": { "fieldId": item["source"]["fieldId"] } });
        let mut items: Vec<Value> = offered
            .iter()
            .filter(|item| item["attribute"] != "organization")
            .map(line)
            .collect();
        items.push(json!({ "attribute": "organization", "source": { "constant": { "string": ORGANIZATION } } }));
        let count = items.len();
        let mutation = "mutation($input: AttributeMappingsSaveInput!) { attributeMappingsSave(input: $input) { \
                        mappings { status } userErrors { message } } }";
        let input =
            json!({ "appId": self.app, "expectedVersion": mappings["version"], "items": items });
        self.api.call(mutation, json!({ "input": input })).await?;
        let known = attributes.as_array().map_or(0, Vec::len);
        Ok(format!(
            "{count} of Okta's {known} attributes, organization is always “{ORGANIZATION}”"
        ))
    }

    pub(super) async fn preview(&self, people: &[Member]) -> Outcome {
        let query = "query($app: ID!, $user: ID!) { app(id: $app) { mappingPreview(userId: $user) { \
                     attributes { attribute value { ... on StringValue { string } } } faults { message } } } }";
        let variables = json!({ "app": self.app, "user": people[3].id });
        let data = self.api.call(query, variables).await?;
        let preview = &data["app"]["mappingPreview"];
        let attributes = preview["attributes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let value = |name: &str| {
            let line = attributes.iter().find(|line| line["attribute"] == name);
            line.map(|line| text(&line["value"]["string"]))
                .unwrap_or_default()
        };
        if preview["faults"] != json!([]) || value("login") != people[3].login {
            return unexpected("the preview is not what it should be");
        }
        Ok(format!(
            "login {}, {} {}, {}",
            value("login"),
            value("firstName"),
            value("lastName"),
            value("title")
        ))
    }

    pub(super) async fn switch_on(&self) -> Outcome {
        let mutation = "mutation($input: ProvisioningSettingsSaveInput!) { provisioningSettingsSave(input: $input) { \
                        provisioningSettings { version } userErrors { message } } }";
        let input = json!({
            "appId": self.app,
            "expectedVersion": 0,
            "createUsers": true,
            "updateUserProfile": true,
            "deleteUsers": true,
            "activateAndDeactivateUsers": true,
        });
        self.api.call(mutation, json!({ "input": input })).await?;
        Ok("create, update, delete, activate and deactivate".to_owned())
    }
}
