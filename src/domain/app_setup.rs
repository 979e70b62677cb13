//! The way from an app just added to people in Okta, step by step (design §1): what is done, what comes next, what needs a look.

use super::code::codes;
use super::connection::ConnectionStatus;

codes! {
    /// A step of setting an app up, in the order of the journey.
    pub enum SetupStepKey {
        /// Enter Okta domain, client id and client secret.
        ConnectOkta = "CONNECT_OKTA",
        /// Consent in Okta.
        Authorize = "AUTHORIZE",
        /// Save the mapping of attributes.
        MapAttributes = "MAP_ATTRIBUTES",
        /// Choose what reaches Okta.
        ChooseSettings = "CHOOSE_SETTINGS",
        /// Import people who are in Okta already.
        ImportPeople = "IMPORT_PEOPLE",
        /// Assign people.
        AssignUsers = "ASSIGN_USERS",
    }
}

impl SetupStepKey {
    /// What to do, in a few words for the panel.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ConnectOkta => "Connect Okta",
            Self::Authorize => "Authorize",
            Self::MapAttributes => "Map attributes",
            Self::ChooseSettings => "Choose settings",
            Self::ImportPeople => "Import people",
            Self::AssignUsers => "Assign people",
        }
    }

    /// What to do, in one sentence for the panel.
    pub const fn description(self) -> &'static str {
        match self {
            Self::ConnectOkta => {
                "Enter the Okta domain, and client id and client secret of the app in Okta."
            }
            Self::Authorize => "Sign in to Okta as an administrator and allow the access.",
            Self::MapAttributes => {
                "Say which directory field or constant feeds which Okta attribute, and save it."
            }
            Self::ChooseSettings => {
                "Switch on creating, updating, deleting, activating and deactivating."
            }
            Self::ImportPeople => {
                "See who is in Okta already, and decide what becomes of each; without it, accounts are found one by one."
            }
            Self::AssignUsers => "Assign the app to people, with an Okta admin role where wanted.",
        }
    }
}

codes! {
    /// How a step stands.
    pub enum SetupStepStatus {
        /// Steps before it come first.
        Locked = "LOCKED",
        /// It can be done now.
        Todo = "TODO",
        /// It is done.
        Done = "DONE",
        /// It was done, and something is wrong with it by now.
        NeedsAttention = "NEEDS_ATTENTION",
    }
}

/// What the steps are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupFacts {
    /// The state of the connection.
    pub connection: ConnectionStatus,
    /// Whether every scope that the app asks for was granted.
    pub scopes_complete: bool,
    /// Whether the org's schema was ever read.
    pub schema_known: bool,
    /// Whether a mapping was saved.
    pub mapping_saved: bool,
    /// Whether the mapping in force fits the schema.
    pub mapping_valid: bool,
    /// Whether the switches were ever saved.
    pub settings_saved: bool,
    /// Whether an import through the present connection ever read its list to the end.
    pub imported: bool,
    /// Whether anybody has the app.
    pub anybody_assigned: bool,
    /// Whether any account waits for a person to do something.
    pub anybody_blocked: bool,
}

/// Every step with its status, in the order of the journey.
pub fn setup_steps(facts: &SetupFacts) -> [(SetupStepKey, SetupStepStatus); 6] {
    use SetupStepKey::{
        AssignUsers, Authorize, ChooseSettings, ConnectOkta, ImportPeople, MapAttributes,
    };
    [
        (ConnectOkta, connect(facts)),
        (Authorize, authorize(facts)),
        (MapAttributes, map(facts)),
        (ChooseSettings, choose(facts)),
        (ImportPeople, import(facts)),
        (AssignUsers, assign(facts)),
    ]
}

/// The step to go on with: the first of the journey that is to be done or needs a look, since what goes wrong later often follows from it; `None`
/// when all is done.
pub fn next_step(steps: &[(SetupStepKey, SetupStepStatus)]) -> Option<SetupStepKey> {
    use SetupStepStatus::{NeedsAttention, Todo};
    let open = |(_, status): &&(_, SetupStepStatus)| matches!(status, NeedsAttention | Todo);
    steps.iter().find(open).map(|(key, _)| *key)
}

const fn connect(facts: &SetupFacts) -> SetupStepStatus {
    if facts.connection.is_configured() {
        SetupStepStatus::Done
    } else {
        SetupStepStatus::Todo
    }
}

const fn authorize(facts: &SetupFacts) -> SetupStepStatus {
    match facts.connection {
        ConnectionStatus::NotConfigured => SetupStepStatus::Locked,
        ConnectionStatus::NotAuthorized => SetupStepStatus::Todo,
        ConnectionStatus::NeedsReauthorization
        | ConnectionStatus::Quarantined
        | ConnectionStatus::Disconnected => SetupStepStatus::NeedsAttention,
        ConnectionStatus::Connected if facts.scopes_complete => SetupStepStatus::Done,
        ConnectionStatus::Connected => SetupStepStatus::NeedsAttention,
    }
}

const fn map(facts: &SetupFacts) -> SetupStepStatus {
    match (facts.schema_known, facts.mapping_saved, facts.mapping_valid) {
        (false, ..) => SetupStepStatus::Locked,
        (true, false, _) => SetupStepStatus::Todo,
        (true, true, true) => SetupStepStatus::Done,
        (true, true, false) => SetupStepStatus::NeedsAttention,
    }
}

const fn choose(facts: &SetupFacts) -> SetupStepStatus {
    match (facts.settings_saved, facts.schema_known) {
        (true, _) => SetupStepStatus::Done,
        (false, true) => SetupStepStatus::Todo,
        (false, false) => SetupStepStatus::Locked,
    }
}

/// Nobody has to import: whoever assigned people without it is not reminded for ever.
const fn import(facts: &SetupFacts) -> SetupStepStatus {
    let unlocked = facts.schema_known && facts.settings_saved;
    match (facts.imported || facts.anybody_assigned, unlocked) {
        (true, _) => SetupStepStatus::Done,
        (false, true) => SetupStepStatus::Todo,
        (false, false) => SetupStepStatus::Locked,
    }
}

const fn assign(facts: &SetupFacts) -> SetupStepStatus {
    let unlocked = facts.schema_known && facts.settings_saved;
    match (facts.anybody_assigned, facts.anybody_blocked, unlocked) {
        (_, true, _) => SetupStepStatus::NeedsAttention,
        (true, false, _) => SetupStepStatus::Done,
        (false, false, true) => SetupStepStatus::Todo,
        (false, false, false) => SetupStepStatus::Locked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: SetupFacts = SetupFacts {
        connection: ConnectionStatus::NotConfigured,
        scopes_complete: false,
        schema_known: false,
        mapping_saved: false,
        mapping_valid: false,
        settings_saved: false,
        imported: false,
        anybody_assigned: false,
        anybody_blocked: false,
    };
    const READY: SetupFacts = SetupFacts {
        connection: ConnectionStatus::Connected,
        scopes_complete: true,
        schema_known: true,
        mapping_saved: true,
        mapping_valid: true,
        settings_saved: true,
        imported: true,
        anybody_assigned: true,
        anybody_blocked: false,
    };

    fn row(facts: SetupFacts) -> (String, Option<SetupStepKey>) {
        let steps = setup_steps(&facts);
        let letters = steps.iter().map(|(_, status)| &status.as_str()[..1]);
        (letters.collect(), next_step(&steps))
    }

    #[test]
    fn the_journey_step_by_step() {
        use SetupStepKey::{
            AssignUsers, Authorize, ChooseSettings, ConnectOkta, ImportPeople, MapAttributes,
        };
        let configured = SetupFacts {
            connection: ConnectionStatus::NotAuthorized,
            ..NEW
        };
        let authorized = SetupFacts {
            connection: ConnectionStatus::Connected,
            scopes_complete: true,
            schema_known: true,
            mapping_valid: true,
            ..NEW
        };
        let mapped = SetupFacts {
            mapping_saved: true,
            ..authorized
        };
        let switched = SetupFacts {
            settings_saved: true,
            ..mapped
        };
        let imported = SetupFacts {
            imported: true,
            ..switched
        };
        let assigned = SetupFacts {
            anybody_assigned: true,
            ..switched
        };
        for (facts, letters, next) in [
            (NEW, "TLLLLL", Some(ConnectOkta)),
            (configured, "DTLLLL", Some(Authorize)),
            (authorized, "DDTTLL", Some(MapAttributes)),
            (mapped, "DDDTLL", Some(ChooseSettings)),
            (switched, "DDDDTT", Some(ImportPeople)),
            (imported, "DDDDDT", Some(AssignUsers)),
            (assigned, "DDDDDD", None),
            (READY, "DDDDDD", None),
        ] {
            assert_eq!(row(facts), (letters.to_owned(), next), "{facts:?}");
        }
    }

    #[test]
    fn the_first_step_that_is_open_comes_next() {
        use SetupStepKey::{AssignUsers, Authorize, ChooseSettings, MapAttributes};
        let dead = SetupFacts {
            connection: ConnectionStatus::NeedsReauthorization,
            ..READY
        };
        let narrow = SetupFacts {
            scopes_complete: false,
            ..READY
        };
        let outdated = SetupFacts {
            mapping_valid: false,
            ..READY
        };
        let blocked = SetupFacts {
            anybody_blocked: true,
            ..READY
        };
        let ended = SetupFacts {
            connection: ConnectionStatus::Disconnected,
            ..blocked
        };
        let moved = SetupFacts {
            connection: ConnectionStatus::NotAuthorized,
            ..blocked
        };
        let off = SetupFacts {
            settings_saved: false,
            ..blocked
        };
        for (facts, letters, next) in [
            (ended, "DNDDDN", Authorize),
            (moved, "DTDDDN", Authorize),
            (off, "DDDTDN", ChooseSettings),
            (dead, "DNDDDD", Authorize),
            (narrow, "DNDDDD", Authorize),
            (outdated, "DDNDDD", MapAttributes),
            (blocked, "DDDDDN", AssignUsers),
        ] {
            assert_eq!(row(facts), (letters.to_owned(), Some(next)), "{facts:?}");
        }
    }
}
