//! The binary: parse, log, outcome to exit code; nothing else.

use std::process::ExitCode;

use clap::Parser as _;
use plimsoll::cli::args::Cli;
use plimsoll::cli::{fault, run, tell};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    fault::tell_places_only();
    let cli = Cli::parse();
    let filter =
        EnvFilter::try_from_env("PLIMSOLL_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let exit = run(&cli).unwrap_or_else(|error| tell(&error));
    ExitCode::from(exit.code())
}
