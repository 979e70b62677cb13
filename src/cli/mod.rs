//! The commands. Each reads its arguments, calls one function and prints the answer: results on standard output, everything else on standard error.

mod audit;
mod doctor;
mod identity;
mod options;

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::audit::AuditCommand;
use self::doctor::DoctorOptions;
use self::identity::{LinkOptions, UnlinkOptions};
use self::options::{
    BootstrapOptions, DemoOptions, InitOptions, RestoredOptions, ServeOptions, TokenOptions,
};

/// Makes an organisation's directory the single source of truth for its Okta org.
#[derive(Debug, Parser)]
#[command(name = "provisioner", version, about, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look after the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print a one-time token with which somebody makes an organisation through the API and becomes its owner
    Bootstrap(BootstrapOptions),
    /// Start the server and a sandbox Okta org on this machine, and walk the administrator's journey
    Demo(DemoOptions),
    /// List what is insecure or doubtful about the settings and the state, a line each
    Doctor(DoctorOptions),
    /// Make an organisation and its first owner
    Init(InitOptions),
    /// Say as whom a user signs in at an identity provider
    Link(LinkOptions),
    /// Say that the database was restored from a back-up: every app is paused until an administrator resumes it
    Restored(RestoredOptions),
    /// Run the server
    Serve(ServeOptions),
    /// Print a bearer token for a user
    Token(TokenOptions),
    /// Print the GraphQL schema
    Schema,
    /// Forget as whom a user signed in at identity providers, so that the next sign-in counts
    Unlink(UnlinkOptions),
}

impl Cli {
    /// Runs the command; a failure is one line on standard error and a code other than zero.
    pub async fn run(self) -> ExitCode {
        let done: Result<(), Box<dyn std::error::Error + Send + Sync>> = match self.command {
            Command::Audit(command) => command.run().await,
            Command::Bootstrap(options) => options.run().await,
            Command::Demo(options) => options.run().await,
            Command::Doctor(options) => options.run().await,
            Command::Init(options) => options.run().await,
            Command::Link(options) => options.run().await,
            Command::Restored(options) => options.run().await,
            Command::Serve(options) => options.run().await,
            Command::Token(options) => options.run().await,
            Command::Unlink(options) => options.run().await,
            Command::Schema => print(crate::graphql::schema::sdl()).map_err(Into::into),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                fail(&error);
                ExitCode::FAILURE
            }
        }
    }
}

/// Writes a result to standard output. A closed pipe is no failure: the reader had enough.
fn print(line: impl Display) -> std::io::Result<()> {
    use std::io::{ErrorKind, Write as _};
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Says something to whoever reads, beside the result.
fn note(line: impl Display) {
    use std::io::Write as _;
    let _closed_pipe = writeln!(std::io::stderr(), "{line}");
}

fn fail(error: &impl Display) {
    use std::io::Write as _;
    let _closed_pipe = writeln!(std::io::stderr(), "provisioner: {error}");
}
