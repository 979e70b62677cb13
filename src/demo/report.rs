//! What the demo prints.

use std::io::Write as _;
use std::time::Duration;

use okta_sandbox::Sandbox;
use secrecy::{ExposeSecret as _, SecretString};

use super::DemoError;
use super::okta::OktaUser;
use super::people::{ORGANIZATION, OWNER_EMAIL};
use crate::startup::Server;

/// How often a long step shows that it goes on.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Writes to standard output.
#[derive(Debug)]
pub(super) struct Report;

impl Report {
    pub(super) fn start() -> Self {
        let report = Self;
        report.line(&format!("provisioner demo: {ORGANIZATION}, a made-up company, and a sandbox in the place of its Okta org\n"));
        report
    }

    pub(super) fn note(&self, text: &str) {
        self.line(text);
    }

    /// The steps that follow belong together.
    pub(super) fn heading(&self, text: &str) {
        self.line(&format!("\n{text}"));
    }

    /// As [`Report::step`], for a step that later ones need nothing of.
    pub(super) async fn told(
        &self,
        title: &str,
        work: impl Future<Output = Result<String, DemoError>>,
    ) -> Option<()> {
        let work = async { Ok((work.await?, ())) };
        self.step(title, work).await
    }

    /// Runs one step and prints how it went. A step that takes long shows that it goes on. Answers whether it succeeded.
    pub(super) async fn step<T>(
        &self,
        title: &str,
        work: impl Future<Output = Result<(String, T), DemoError>>,
    ) -> Option<T> {
        self.text(&format!("  ·  {title} "));
        let mut work = std::pin::pin!(work);
        loop {
            match tokio::time::timeout(PROGRESS_EVERY, &mut work).await {
                Err(_) => self.text("."),
                Ok(Ok((outcome, value))) => {
                    self.line(&format!("\r  ✓  {title}: {outcome}"));
                    return Some(value);
                }
                Ok(Err(error)) => {
                    self.line(&format!("\r  ✗  {title}: {error}"));
                    return None;
                }
            }
        }
    }

    /// A table of what Okta holds.
    pub(super) fn okta(&self, users: &[OktaUser]) {
        self.line("\nWhat Okta holds now, read back from Okta:\n");
        let width = |of: fn(&OktaUser) -> &str, least: usize| {
            users
                .iter()
                .map(|user| of(user).chars().count())
                .max()
                .unwrap_or(0)
                .max(least)
        };
        let (login, status) = (width(|user| &user.login, 5), width(|user| &user.status, 6));
        let title = width(|user| &user.title, 5);
        for user in users {
            let roles = user.roles.join(", ");
            self.line(&format!(
                "     {:login$}  {:status$}  {:title$}  {roles}",
                user.login, user.status, user.title
            ));
        }
        self.line("");
    }

    /// Where to look next.
    pub(super) fn addresses(
        &self,
        server: &Server,
        sandbox: &Sandbox,
        token: &SecretString,
        stays: bool,
    ) {
        let url = &server.base.services.config.public_url;
        let config = sandbox.config();
        self.line(&format!(
            "  GraphiQL   {url}graphiql      signed in as {OWNER_EMAIL}"
        ));
        self.line(&format!("  API        {url}graphql"));
        self.line(&format!(
            "  Okta       {}      who is there, and what happened to them, live",
            sandbox.base_url
        ));
        self.line(&format!(
            "             sign in for consent as {} with {}",
            config.admin.login, config.admin.password
        ));
        self.line(&format!("\nPROVISIONER_TOKEN={}", token.expose_secret()));
        if stays {
            self.line("\nBoth stay up until Ctrl-C.");
        }
    }

    fn line(&self, text: &str) {
        self.text(&format!("{text}\n"));
    }

    /// A closed pipe is no failure: the reader had enough.
    #[expect(
        clippy::unused_self,
        reason = "printing goes through the report, so that there is one place to change"
    )]
    fn text(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _closed_pipe = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
