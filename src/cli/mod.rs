//! The command line: thin doors, one file per command.

pub mod args;
pub mod args_audit;
pub mod args_changes;
pub mod args_export;
mod backup;
mod baseline;
mod carry;
mod changes;
mod check;
mod controls;
mod copy;
mod door;
mod evidence;
pub mod exit;
mod export;
pub mod fault;
pub mod init;
mod inventory;
mod inventory_text;
pub mod log;
mod notify;
mod outlook;
mod people;
mod policy;
mod policy_test;
mod population;
mod progress;
mod question;
mod recover;
mod report;
mod scan;
mod serve;
mod sources;
pub mod ticket_template;
mod time;
mod via;

use clap::CommandFactory as _;
use plimsoll_settings::Mistakes;

use args::{Cli, Command};
use door::{Door, Out};
use exit::Exit;

/// Does what the command line says.
///
/// # Errors
/// Whatever goes wrong, as a chain to be printed once. [`Mistakes`] at its root mean a bad configuration.
pub fn run(cli: &Cli) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if let Command::Completions { shell } = &cli.command {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), "plimsoll", &mut script);
        out.write(|out| out.write_all(&script))?;
        return Ok(Exit::Clean);
    }
    // Without the configuration: the inventory that it names is the damaged one.
    if let Command::Recover(args) = &cli.command {
        return recover::run(args, cli.quiet, &mut out);
    }
    if let Command::Init = &cli.command {
        let text = init::here()?;
        out.write(|out| out.write_all(text.as_bytes()))?;
        return Ok(Exit::Clean);
    }
    if let Command::Baseline(args) = &cli.command
        && let args::BaselineCommand::Check { files } = &args.command
    {
        return baseline::check(files, &mut out);
    }
    let door = Door::open(cli.config.as_deref())?;
    match &cli.command {
        Command::Serve(args) => serve::run(door, cli.config.clone(), cli.log_format, args),
        Command::Backup(args) => backup::run(&door, args, cli.quiet, &mut out),
        Command::Scan(args) if args.via_daemon => via::run(&door, args, &mut out),
        Command::Scan(args) => scan::run(&door, args, cli.quiet, &mut out),
        Command::Report(args) => report::whole(&door, args, &mut out),
        Command::Drift(args) => report::drift(&door, args, &mut out),
        Command::Changes(args) => changes::run(&door, args, &mut out),
        Command::Export(args) => export::run(&door, args, &mut out),
        Command::Inventory(args) => inventory::run(&door, args, &mut out),
        Command::Baseline(args) => baseline::run(&door, args, &mut out),
        Command::Controls(args) => controls::run(&door, args, &mut out),
        Command::Sources(args) => sources::run(&door, args, &mut out),
        Command::People(args) => people::run(&door, args, &mut out),
        Command::Policy(args) => policy::run(&door, args, &mut out),
        Command::Notify(args) => notify::run(&door, args, &mut out),
        Command::Check(args) => check::run(&door, args, &mut out),
        Command::Init | Command::Recover(_) | Command::Completions { .. } => Ok(Exit::Clean),
    }
}

/// Tells an error, and the exit code that it means.
pub fn tell(error: &anyhow::Error) -> Exit {
    if let Some(mistakes) = error.downcast_ref::<Mistakes>() {
        for mistake in mistakes.iter() {
            log::say("ERROR", &mistake.to_string());
        }
        let many = mistakes.iter().len();
        let noun = if many == 1 { "mistake" } else { "mistakes" };
        log::say(
            "ERROR",
            &format!("plimsoll: {many} {noun} in the configuration; nothing was scanned"),
        );
        return Exit::BadConfiguration;
    }
    log::say("ERROR", &format!("plimsoll: {error:#}"));
    Exit::Failed
}
