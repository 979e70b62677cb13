//! The command line.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use provisioner::cli::Cli;

/// GraphQL answers are made of many small allocations; this allocator serves them a quarter faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// For what cannot be interrupted, such as a name that is being looked up, once the command is done.
const LAST_MOMENT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = Cli::parse();
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let code = runtime.block_on(cli.run());
            runtime.shutdown_timeout(LAST_MOMENT);
            code
        }
        Err(error) => {
            let _closed_pipe = writeln!(std::io::stderr(), "provisioner: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
