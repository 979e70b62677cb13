//! `provisioner link` and `provisioner unlink`: who a user is to an identity provider.

use clap::Args;

use super::options::{Outcome, StateOptions};
use super::print;
use crate::clock::SystemClock;
use crate::startup::Base;
use crate::telemetry;

/// Whose identity it is about.
#[derive(Debug, Args)]
struct Person {
    /// E-mail address of the user
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// Name of the organisation; needed when several have such a user
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
}

/// Options of `provisioner link`.
#[derive(Debug, Args)]
pub(super) struct LinkOptions {
    #[command(flatten)]
    state: StateOptions,
    #[command(flatten)]
    person: Person,
    /// The provider, as its tokens name it
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// The `sub` of its tokens for this user
    #[arg(long, value_name = "SUB")]
    subject: String,
}

impl LinkOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let config = self.state.config()?;
        let base = Base::open_existing(&config, SystemClock::shared()).await?;
        let organization = self.person.organization.as_deref();
        let identity = (self.issuer.as_str(), self.subject.as_str());
        let linked = base.link(&self.person.user, organization, identity, &config.oidc);
        linked.await?;
        print(format!("{} is linked.", self.person.user))?;
        Ok(())
    }
}

/// Options of `provisioner unlink`.
#[derive(Debug, Args)]
pub(super) struct UnlinkOptions {
    #[command(flatten)]
    state: StateOptions,
    #[command(flatten)]
    person: Person,
}

impl UnlinkOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let base = Base::open_existing(&self.state.config()?, SystemClock::shared()).await?;
        let organization = self.person.organization.as_deref();
        let ended = base.unlink(&self.person.user, organization).await?;
        print(format!(
            "{ended} subjects were unlinked; the next sign-in by a verified address links anew."
        ))?;
        Ok(())
    }
}
