//! The binary: parse, log, outcome to exit code; nothing else.

use std::process::ExitCode;

use clap::Parser as _;
use plimsoll::cli::args::{Cli, Command};
use plimsoll::cli::{fault, log, run, tell};

fn main() -> ExitCode {
    fault::tell_places_only();
    let cli = Cli::parse();
    // The daemon's log is as its configuration has it, which is not read yet.
    if !matches!(cli.command, Command::Serve(_)) {
        log::init(cli.log_format.unwrap_or_default(), "error");
    }
    let exit = run(&cli).unwrap_or_else(|error| tell(&error));
    ExitCode::from(exit.code())
}
