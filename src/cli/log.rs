//! The log, on standard error.

use std::io::Write as _;

use tracing_subscriber::EnvFilter;

use super::args::LogFormat;

/// Begins to log from a level on, unless `PLIMSOLL_LOG` says otherwise.
pub fn init(format: LogFormat, level: &str) {
    let filter = EnvFilter::try_from_env("PLIMSOLL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let begun = match format {
        // The service manager and containers have no terminal, and colours would only be in the way.
        LogFormat::Text => log.with_ansi(console::colors_enabled_stderr()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    if let Err(error) = begun {
        let _ = writeln!(std::io::stderr(), "plimsoll: no log: {error}");
    }
}
