//! The administrator's journey (design §1), walked through the public API: each step acts, then looks at what came of it.

mod connect;
mod directory;
mod follow;
mod import;

use okta_sandbox::{AdminConfig, ClientConfig};
use reqwest::Client;
use serde_json::{Value, json};

use super::DemoError;
use super::api::Api;
use super::okta::OktaView;
use super::report::Report;

/// Who walks, and what he meets.
pub(super) struct Walk {
    pub(super) api: Api,
    pub(super) okta: OktaView,
    pub(super) http: Client,
    /// Address of the Okta org.
    pub(super) domain: String,
    /// The app that is registered in it.
    pub(super) client: ClientConfig,
    /// The administrator who consents.
    pub(super) admin: AdminConfig,
    /// Global id of the app, once it is added.
    app: String,
}

/// What a step says when it succeeded.
type Outcome = Result<String, DemoError>;

impl Walk {
    pub(super) fn new(
        api: Api,
        http: Client,
        domain: String,
        client: ClientConfig,
        admin: AdminConfig,
    ) -> Self {
        Self {
            okta: OktaView::new(http.clone(), &domain),
            api,
            http,
            domain,
            client,
            admin,
            app: String::new(),
        }
    }

    /// Walks from an empty directory to people who lost the app again. Each step needs those before it, so the first failure ends the walk.
    /// Answers whether all steps succeeded.
    pub(super) async fn run(&mut self, report: &Report) -> bool {
        self.steps(report).await.is_some()
    }

    async fn steps(&mut self, report: &Report) -> Option<()> {
        report.heading("The directory");
        let people = report.step("Add people", self.add_people()).await?;

        report.heading("Connect Okta");
        self.app = report.step("Add the Okta app", self.add_app()).await?;
        report
            .told(
                "Enter domain, client id and client secret",
                self.configure(),
            )
            .await?;
        report
            .told("Authorize in Okta, as its administrator", self.authorize())
            .await?;

        report.heading("Say what reaches Okta");
        report
            .told("Map attributes, one of them to a constant", self.map())
            .await?;
        report
            .told("Preview for one person", self.preview(&people))
            .await?;
        report.told("Switch on", self.switch_on()).await?;

        report.heading("People who are in Okta already");
        let import = report.step("Read Okta", self.read_okta()).await?;
        report
            .told("Tick all but the conflict", self.tick(&import))
            .await?;
        report
            .told("Confirm, with Okta's values", self.confirm(&import))
            .await?;

        report.heading("From then on the directory leads");
        let assigned = report
            .step(
                "Assign ten people, one as help desk admin",
                self.assign(&people),
            )
            .await?;
        report.told("Rename one", self.rename(&assigned[2])).await?;
        report
            .told("Deactivate one", self.deactivate(&assigned[3]))
            .await?;
        report
            .told("Reactivate the same", self.reactivate(&assigned[3]))
            .await?;
        report
            .told("Unassign one", self.unassign(&assigned[4]))
            .await?;
        report.told("Look at the journal", self.journal()).await?;
        Some(())
    }

    /// Waits until nothing is left to do for the app.
    async fn settled(&self) -> Result<Value, DemoError> {
        let query = "query($app: ID!) { app(id: $app) { syncStatus { \
                     settled total inSync blocked waits { message } counts { state count } } } }";
        for _ in 0..LOOKS {
            let data = self.api.call(query, json!({ "app": self.app })).await?;
            let status = &data["app"]["syncStatus"];
            if status["settled"] == true {
                return Ok(status.clone());
            }
            tokio::time::sleep(PAUSE).await;
        }
        let seconds = LOOKS * PAUSE.as_millis() / 1_000;
        Err(DemoError::Unexpected(format!(
            "the work was not done within {seconds} s"
        )))
    }
}

/// Between two looks at the progress.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
/// Looks before a step has failed: a minute.
const LOOKS: u128 = 600;

fn unexpected<T>(what: impl Into<String>) -> Result<T, DemoError> {
    Err(DemoError::Unexpected(what.into()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
