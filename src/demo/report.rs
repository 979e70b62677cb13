//! What the demo prints.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use okta_sandbox::Sandbox;
use secrecy::{ExposeSecret as _, SecretString};

use super::DemoError;
use super::okta::OktaUser;
use super::people::{ORGANIZATION, OWNER_EMAIL};
use crate::startup::Server;

/// How often a long step shows on a terminal that it goes on, in seconds.
const SECONDS_ON_TERMINAL: u64 = 1;
/// The same where every message stays as a line of its own: in a file, a pipe, a build's log.
const SECONDS_IN_LOG: u64 = 10;

/// Back to the start of the line, and empty it (ECMA-48: EL).
const REWRITE: &str = "\r\u{1b}[2K";

/// Writes to standard output: on a terminal a step that is under way keeps to one line, elsewhere nothing is ever written over.
#[derive(Debug)]
pub(super) struct Report {
    terminal: bool,
}

impl Report {
    pub(super) fn start() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let report = Self { terminal };
        report.line(&format!("provisioner demo: {ORGANIZATION}, a made-up company, and a sandbox in the place of its Okta org"));
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
        let mut work = std::pin::pin!(work);
        let mut seconds = 0;
        let every = if self.terminal {
            SECONDS_ON_TERMINAL
        } else {
            SECONDS_IN_LOG
        };
        self.under_way(title, seconds);
        loop {
            match tokio::time::timeout(Duration::from_secs(every), &mut work).await {
                Err(_) => {
                    seconds += every;
                    self.under_way(title, seconds);
                }
                Ok(Ok((outcome, value))) => {
                    self.ended(&format!("  ✓  {title}: {outcome}"));
                    return Some(value);
                }
                Ok(Err(error)) => {
                    self.ended(&format!("  ✗  {title}: {error}"));
                    return None;
                }
            }
        }
    }

    /// Says that a step is under way. The line's end is left open on a terminal, where the next message takes its place.
    fn under_way(&self, title: &str, seconds: u64) {
        match (self.terminal, seconds) {
            (true, 0) => self.text(&format!("  ·  {title} …")),
            (true, _) => self.text(&format!("{REWRITE}  ·  {title} … {seconds} s")),
            (false, 0) => {}
            (false, _) => self.line(&format!("  ·  {title}: under way for {seconds} s")),
        }
    }

    fn ended(&self, text: &str) {
        let rewrite = if self.terminal { REWRITE } else { "" };
        self.line(&format!("{rewrite}{text}"));
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
            let row = format!(
                "     {:login$}  {:status$}  {:title$}  {roles}",
                user.login, user.status, user.title
            );
            self.line(row.trim_end());
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
