//! The binary: parse, log, outcome to exit code; nothing else.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use plimsoll::cli::args::{Cli, Command};
use plimsoll::cli::{fault, log, run, tell};
use plimsoll::trace;

/// How long the last traces may take. The daemon may have used eight of its ten seconds already.
const FLUSH: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    fault::tell_places_only();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return log::tell_usage(&error),
    };
    // The daemon's log is as its configuration has it, which is not read yet.
    match cli.command {
        Command::Serve(_) => log::prefer(cli.log_format),
        _ => log::init(cli.log_format.unwrap_or_default(), "error"),
    }
    let exit = run(&cli).unwrap_or_else(|error| tell(&error));
    trace::finish(FLUSH);
    ExitCode::from(exit.code())
}
