//! The log, on standard error.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::OnceLock;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::args::LogFormat;
use crate::trace;

/// How what is said beside the result is written; set once, by [`init`].
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Says something on standard error: a line as it is, or where the log is JSON an object of the log's form, so that whoever reads
/// one reads all.
pub(super) fn say(level: &str, text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = match FORMAT.get() {
        Some(LogFormat::Json) => {
            let timestamp = jiff::Timestamp::now();
            let line =
                serde_json::json!({ "timestamp": timestamp, "level": level, "message": text });
            writeln!(stderr, "{line}")
        }
        _ => writeln!(stderr, "{text}"),
    };
}

/// How a log that does not begin yet will be written, where that is known by now: what is said before is written so.
pub fn prefer(format: Option<LogFormat>) {
    if let Some(format) = format {
        let _ = FORMAT.set(format);
    }
}

/// Tells what is wrong with a command line, as the log that it asks for; or the help that it asks for, as it is.
pub fn tell_usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && asks_for_json(std::env::args_os().skip(1)) {
        prefer(Some(LogFormat::Json));
        say("ERROR", error.render().to_string().trim_end());
    } else {
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Whether a command line that cannot be understood asks for a log of JSON.
fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut named = false;
    for argument in arguments.take_while(|argument| argument != "--") {
        if argument == "--log-format=json" || (named && argument == "json") {
            return true;
        }
        named = argument == "--log-format";
    }
    false
}

/// Begins to log from a level on, unless `PLIMSOLL_LOG` says otherwise.
pub fn init(format: LogFormat, level: &str) {
    let _ = FORMAT.set(format);
    let asked = std::env::var("PLIMSOLL_LOG").ok();
    // An empty part would mean errors alone.
    let asked = asked.map(|asked| asked.trim_matches([',', ' ']).to_owned());
    let asked = asked.and_then(|asked| asked.parse::<Targets>().ok());
    let level = || Targets::new().with_default(level.parse().unwrap_or(LevelFilter::INFO));
    let filter = asked.unwrap_or_else(level);
    // The spans for traces would repeat themselves before every line.
    let lines = filter_fn(|meta| !meta.is_span() || meta.target() != trace::TARGET);
    let filter = filter.and(lines.with_max_level_hint(LevelFilter::TRACE));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match format {
        // The service manager and containers have no terminal, and colours would only be in the way.
        LogFormat::Text => log.with_ansi(console::colors_enabled_stderr()).boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    let begun = tracing_subscriber::registry().with(log.with_filter(filter));
    #[cfg(feature = "otel")]
    let begun = begun.with(trace::layer());
    if let Err(error) = begun.try_init() {
        say("ERROR", &format!("plimsoll: no log: {error}"));
    }
}
