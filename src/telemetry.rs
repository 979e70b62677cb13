//! Structured logs: JSON lines for machines, or readable text on a terminal. Never a token, a secret or a profile.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What is logged when `RUST_LOG` does not say: our own lines, and only warnings of the libraries.
const DEFAULT_FILTER: &str = "warn,provisioner=info,okta_client=info,okta_sandbox=info";

/// Libraries that log every message of a WebSocket in full below `INFO`, and with it the token that opens a session.
const TALKATIVE: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// Whether a line may be written, whatever `RUST_LOG` asks for.
fn keeps_secrets(line: &Metadata<'_>) -> bool {
    let library = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::INFO || !TALKATIVE.contains(&library)
}

/// Starts logging to standard error. Without a format, text on a terminal and JSON elsewhere. A second call does nothing.
pub fn start(format: Option<LogFormat>, default_filter: Option<&str>) {
    let terminal = std::io::stderr().is_terminal();
    let format = format.unwrap_or(if terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    });
    start_to(format, terminal, default_filter, std::io::stderr);
}

fn start_to<W>(format: LogFormat, colours: bool, default_filter: Option<&str>, writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new(default_filter.unwrap_or(DEFAULT_FILTER)));
    let lines = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(keeps_secrets));
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let _already_started = match format {
        LogFormat::Json => {
            // The innermost span says all that the outer ones would.
            let layer = layer.json().flatten_event(true).with_span_list(false);
            lines.with(layer).try_init()
        }
        LogFormat::Text => lines.with(layer.compact().with_ansi(colours)).try_init(),
    };
}
