//! What is insecure or doubtful about the settings and the state of a server, each in one line: what, why, and how to mend it.

mod files;
mod settings;
mod state;

use std::fmt;

use crate::clock::SharedClock;
use crate::config::Config;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot work.
    Wrong,
    /// It would work, for others as well.
    Insecure,
    /// It may be meant so.
    Doubtful,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    line: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Wrong => "wrong",
            Severity::Insecure => "insecure",
            Severity::Doubtful => "doubtful",
        };
        // What a system or a database says may have several lines.
        let line: Vec<_> = self.line.split_whitespace().collect();
        write!(f, "{severity}: {}", line.join(" "))
    }
}

impl Finding {
    fn wrong(line: impl fmt::Display) -> Self {
        Self {
            severity: Severity::Wrong,
            line: line.to_string(),
        }
    }

    fn insecure(what: impl fmt::Display, why: &str, mend: &str) -> Self {
        Self {
            severity: Severity::Insecure,
            line: format!("{what}: {why}; {mend}"),
        }
    }

    fn doubtful(what: impl fmt::Display, why: &str, mend: &str) -> Self {
        Self {
            severity: Severity::Doubtful,
            line: format!("{what}: {why}; {mend}"),
        }
    }

    /// Whether a server must not start with it.
    #[must_use]
    pub fn forbids(&self) -> bool {
        self.severity != Severity::Doubtful
    }
}

/// Everything that can be found, the worst first. It changes nothing but a file that it makes in the data directory and removes again.
pub async fn examine(config: &Config, clock: &SharedClock) -> Vec<Finding> {
    let mut found = settings::examine(config);
    found.extend(files::examine(config));
    found.extend(state::examine(config, clock).await);
    found.sort_by_key(|finding| match finding.severity {
        Severity::Wrong => 0,
        Severity::Insecure => 1,
        Severity::Doubtful => 2,
    });
    found
}

/// What forbids to serve with these settings and files, all of it.
#[must_use]
pub fn obstacles(config: &Config) -> Vec<Finding> {
    let mut found = settings::examine(config);
    found.extend(files::examine(config));
    found.retain(Finding::forbids);
    found
}
