//! How far an app is set up.

use async_graphql::{Enum, SimpleObject};

use crate::domain;
use crate::service;

/// A step of setting an app up, in the order of the journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::app_setup::SetupStepKey")]
pub enum SetupStepKey {
    /// Enter Okta domain, client id and client secret: `oktaOrgConfigure`.
    ConnectOkta,
    /// Consent in Okta: `oktaAuthorizationStart`.
    Authorize,
    /// Save the mapping: `attributeMappingsSave`.
    MapAttributes,
    /// Choose what reaches Okta: `provisioningSettingsSave`.
    ChooseSettings,
    /// See who is in Okta already: `importStart`. Also done once people are assigned without it.
    ImportPeople,
    /// Assign people: `usersAssign`.
    AssignUsers,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::app_setup::SetupStepStatus")]
pub enum SetupStepStatus {
    /// Steps before it come first.
    Locked,
    /// It can be done now.
    Todo,
    /// It is done.
    Done,
    /// It was done, and something is wrong with it by now: the authorization ended, a scope is missing, the mapping no longer fits, or accounts are
    /// blocked.
    NeedsAttention,
}

/// One step of setting an app up.
#[derive(Clone, Debug, SimpleObject)]
pub struct SetupStep {
    /// Which step.
    pub key: SetupStepKey,
    /// How it stands.
    pub status: SetupStepStatus,
    /// What to do, in a few words, in English.
    pub title: String,
    /// What to do, in one sentence, in English.
    pub description: String,
}

/// How far an app is set up.
#[derive(Clone, Debug, SimpleObject)]
pub struct AppSetup {
    /// Every step, in the order of the journey.
    pub steps: Vec<SetupStep>,
    /// The step to go on with: the first of the journey that is to be done or needs attention; null when all is done.
    pub next_step: Option<SetupStepKey>,
}

impl From<service::app_setup::Setup> for AppSetup {
    fn from(setup: service::app_setup::Setup) -> Self {
        let steps = setup.steps.into_iter().map(|(key, status)| SetupStep {
            key: key.into(),
            status: status.into(),
            title: key.title().to_owned(),
            description: key.description().to_owned(),
        });
        Self {
            steps: steps.collect(),
            next_step: setup.next.map(Into::into),
        }
    }
}
