//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::args_audit::ControlsArgs;
use super::args_changes::{ChangesArgs, PeopleArgs, PolicyArgs};
use super::args_export::{AnswerArgs, ExportArgs};
use super::time::{parse_at, parse_from, parse_to};

/// Infrastructure inventory and drift scanner: what runs, against what was approved.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  plimsoll scan                      scan what is here, or what the configuration names\n  \
                  plimsoll init > config.toml        start a configuration from what is found here\n  \
                  plimsoll report --format html > report.html\n\nExit codes: 0 clean, 2 wrong usage, 10 drift or an \
                  unapproved change, 11 the scan was incomplete, 20 bad configuration, 1 anything else."
)]
pub struct Cli {
    /// Configuration file [default: ./config.toml, then the user's and the system's configuration folder]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Print results and errors alone: no progress, no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// How the log is written to standard error [default: text; what the configuration says for `serve`]
    #[arg(long, value_name = "FORMAT", global = true, value_enum)]
    pub log_format: Option<LogFormat>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One object a line
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the sources, judge what they gave, store it, and print the report
    #[command(
        after_help = "Examples:\n  plimsoll scan\n  plimsoll scan --source docker --format json\n  \
                            plimsoll scan --explain\n  plimsoll scan --via-daemon docker"
    )]
    Scan(ScanArgs),
    /// Scan when it is due, until it is told to stop
    #[command(
        after_help = "Examples:\n  plimsoll serve\n  plimsoll serve --log-format json\n\nSignals: SIGUSR1 scans \
                            everything now, SIGHUP reads the configuration anew, SIGTERM and SIGINT stop."
    )]
    Serve(ServeArgs),
    /// Copy the inventory to a file while it is in use
    #[command(after_help = "Example:\n  plimsoll backup /backup/plimsoll-$(date +%F).db")]
    Backup(BackupArgs),
    /// Copy what can be read of a damaged inventory into a new file
    ///
    /// The damaged file is only read. Exits with 1 where something is missing.
    #[command(after_help = "Example:\n  plimsoll recover plimsoll.db recovered.db")]
    Recover(RecoverArgs),
    /// Print the report of the last scan, or of a past one
    #[command(
        after_help = "Examples:\n  plimsoll report --format html > report.html\n  \
                            plimsoll report --at 2026-03-31 --format markdown"
    )]
    Report(ReportArgs),
    /// Look into the inventory, as of now or of any time
    #[command(
        after_help = "Examples:\n  plimsoll inventory list\n  plimsoll inventory show container:web-1/shop/web"
    )]
    Inventory(InventoryArgs),
    /// List what changed
    #[command(after_help = "Examples:\n  plimsoll changes --from '7 days ago'\n  \
                            plimsoll changes --asset container:web-1/shop/web --format json")]
    Changes(ChangesArgs),
    /// List the open drifts of the last scan
    #[command(
        after_help = "Examples:\n  plimsoll drift\n  plimsoll drift --format csv > drift.csv"
    )]
    Drift(ReportArgs),
    /// Write the inventory as a diagram or a table, as of now or of any time
    #[command(
        after_help = "Examples:\n  plimsoll export diagram --format png > estate.png\n  \
                            plimsoll export inventory --format xlsx > inventory.xlsx"
    )]
    Export(ExportArgs),
    /// Look at the baselines and propose new ones
    #[command(
        after_help = "Examples:\n  plimsoll baseline list\n  plimsoll baseline record web-service"
    )]
    Baseline(BaselineArgs),
    /// Look at the controls: what asks for them, and how each stands, asset by asset
    #[command(
        after_help = "Examples:\n  plimsoll controls list\n  plimsoll controls evidence encrypted-at-rest --format csv > encrypted.csv"
    )]
    Controls(ControlsArgs),
    /// Look at the sources that are or were read, and retire one that was taken out
    #[command(
        after_help = "Examples:\n  plimsoll sources list\n  plimsoll sources retire old-docker --reason 'server switched off, OPS-311'"
    )]
    Sources(SourcesArgs),
    /// Look at who is who
    #[command(after_help = "Examples:\n  plimsoll people list\n  plimsoll people unmatched")]
    People(PeopleArgs),
    /// Show what an approval policy asks for, every default included, and try it on labelled scenarios
    #[command(
        after_help = "Examples:\n  plimsoll policy show\n  plimsoll policy show tracker-cto-full\n  plimsoll policy test our-scenarios"
    )]
    Policy(PolicyArgs),
    /// Try out who is told what, and see what was told and why
    #[command(
        after_help = "Examples:\n  plimsoll notify test\n  plimsoll notify list\n  \
                            plimsoll notify explain change:118"
    )]
    Notify(NotifyArgs),
    /// Check the configuration, and what each source may read
    #[command(
        after_help = "Examples:\n  plimsoll check\n  plimsoll check --offline\n  plimsoll check --database"
    )]
    Check(CheckArgs),
    /// Print a commented configuration of what is found here
    #[command(after_help = "Example:\n  plimsoll init > config.toml && plimsoll scan")]
    Init,
    /// Print the completions for a shell
    #[command(
        after_help = "Example:\n  plimsoll completions bash > /etc/bash_completion.d/plimsoll"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    #[default]
    Text,
    /// One object of the schema plimsoll/report/v1
    Json,
    /// For a wiki or a pull request
    Markdown,
    /// One self-contained page
    Html,
    /// The drifts as a table
    Csv,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a terminal
    #[default]
    Text,
    /// One object
    Json,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The new file; one that is there already is not written over
    pub file: PathBuf,
}

/// Arguments of `recover`.
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// The damaged inventory
    pub old: PathBuf,
    /// The new file; one that is there already is not written over
    pub new: PathBuf,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Have a running `plimsoll serve` scan, and wait for its report
    #[arg(long)]
    pub via_daemon: bool,
    /// With --via-daemon, the sources to scan, as with --source
    #[arg(value_name = "SOURCE", requires = "via_daemon")]
    pub named: Vec<String>,
    /// Scan this source alone; may be given several times
    #[arg(long, value_name = "NAME")]
    pub source: Vec<String>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Say everything: every unknown and its reason, every name, how each role was chosen
    #[arg(long)]
    pub explain: bool,
}

/// Arguments of `report` and `drift`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// As of this time: `2026-03-31` (the end of that day, in this machine's zone), `2026-03-31T12:00:00Z`, `3 days ago`
    #[arg(long, value_name = "TIME", value_parser = parse_at)]
    pub at: Option<Timestamp>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Say everything: every unknown and its reason, every name, how each role was chosen
    #[arg(long)]
    pub explain: bool,
}

/// Arguments of `inventory`.
#[derive(Debug, Args)]
pub struct InventoryArgs {
    /// What to look at
    #[command(subcommand)]
    pub command: InventoryCommand,
}

/// What to look at in the inventory.
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// List the assets
    #[command(
        after_help = "Examples:\n  plimsoll inventory list --kind container\n  \
                            plimsoll inventory list --at 2026-03-31 --format json"
    )]
    List {
        /// Only assets of this kind; may be given several times
        #[arg(long, value_name = "KIND")]
        kind: Vec<String>,
        /// Only assets whose id or name holds this text
        #[arg(long, value_name = "TEXT")]
        contains: Option<String>,
        /// As of this time; a day alone is its end, in this machine's zone
        #[arg(long, value_name = "TIME", value_parser = parse_at)]
        at: Option<Timestamp>,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Show one asset: its facts with their evidence, and its relations
    #[command(after_help = "Example:\n  plimsoll inventory show container:web-1/shop/web")]
    Show {
        /// The asset's id, or its name where only one has it
        asset: String,
        /// As of this time; a day alone is its end, in this machine's zone
        #[arg(long, value_name = "TIME", value_parser = parse_at)]
        at: Option<Timestamp>,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Show what one asset was, change by change
    #[command(after_help = "Example:\n  plimsoll inventory history container:web-1/shop/web")]
    History {
        /// The asset's id, also of one that is gone
        asset: String,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Compare the inventory of two times
    #[command(after_help = "Example:\n  plimsoll inventory diff '7 days ago' now")]
    Diff {
        /// The earlier time; a day alone is its start, in this machine's zone
        #[arg(value_parser = parse_from)]
        from: Timestamp,
        /// The later time; a day alone is its end
        #[arg(value_parser = parse_to, default_value = "now")]
        to: Timestamp,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Show how one asset leads to another
    #[command(
        after_help = "Examples:\n  plimsoll inventory path shop_proxy_1 shop_db_1\n  \
                            plimsoll inventory path web-1 shop_data --format svg > path.svg"
    )]
    Path {
        /// The first asset's id, or its name where only one has it
        from: String,
        /// The second asset's
        to: String,
        /// How to answer
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Show what can be reached from the internet, and through what
    #[command(
        after_help = "Examples:\n  plimsoll inventory reach\n  plimsoll inventory exposure --kind database\n  plimsoll inventory reach --format png > reach.png"
    )]
    #[command(visible_alias = "exposure")]
    Reach {
        /// Only systems of this role, or of one that extends it; may be given several times
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
        /// Only assets of this kind, and systems of the role of that name: `database` is a database wherever it runs; may be given several
        /// times
        #[arg(long, value_name = "KIND")]
        kind: Vec<String>,
        /// How to answer
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Show what depends on an asset
    #[command(
        after_help = "Examples:\n  plimsoll inventory blast web-1\n  plimsoll inventory blast shop_data --format mermaid"
    )]
    Blast {
        /// The asset's id, or its name where only one has it
        asset: String,
        /// How to answer
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Show what production and another environment both use
    #[command(
        after_help = "Examples:\n  plimsoll inventory shared\n  plimsoll inventory shared --at 2026-03-31 --format json"
    )]
    Shared {
        /// How to answer
        #[command(flatten)]
        answer: AnswerArgs,
    },
    /// Show what nobody uses
    #[command(after_help = "Example:\n  plimsoll inventory orphans")]
    Orphans {
        /// How to answer
        #[command(flatten)]
        answer: AnswerArgs,
    },
}

/// Arguments of `notify`.
#[derive(Debug, Args)]
pub struct NotifyArgs {
    /// What to do
    #[command(subcommand)]
    pub command: NotifyCommand,
}

/// What to do with notices.
#[derive(Debug, Subcommand)]
pub enum NotifyCommand {
    /// Send a sample to a channel, or to all
    #[command(after_help = "Example:\n  plimsoll notify test ops")]
    Test {
        /// The channel's name
        channel: Option<String>,
    },
    /// Send what is due now
    #[command(after_help = "Example:\n  plimsoll notify deliver")]
    Deliver,
    /// Say why something was sent, or was not
    #[command(
        after_help = "Examples:\n  plimsoll notify explain 42\n  plimsoll notify explain change:118\n  \
                            plimsoll notify explain container:web-1/shop/web"
    )]
    Explain {
        /// A notice's number, its subject (`change:118`, `source:docker`), or an asset's id
        id: String,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// List what waits to be sent and what was sent, and what was worth telling
    #[command(after_help = "Example:\n  plimsoll notify list --limit 100 --format json")]
    List {
        /// At most so many of each, the newest
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
}

/// Arguments of `sources`.
#[derive(Debug, Args)]
pub struct SourcesArgs {
    /// What to do
    #[command(subcommand)]
    pub command: SourcesCommand,
}

/// What to do with sources.
#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// List every source that is configured, or was ever read
    #[command(after_help = "Example:\n  plimsoll sources list")]
    List {
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// End what a source had seen that is no longer in the configuration
    ///
    /// What other sources see stays. What ends is recorded with the reason, and is neither a change nor a drift that was mended.
    #[command(
        after_help = "Example:\n  plimsoll sources retire old-docker --reason 'server switched off, OPS-311'"
    )]
    Retire {
        /// Its name
        name: String,
        /// Why, for whoever asks later
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Arguments of `baseline`.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// What to do
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// What to do with baselines.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// List the roles and what is expected of each
    #[command(after_help = "Example:\n  plimsoll baseline list")]
    List,
    /// Show every expectation of one system, and how it comes out
    #[command(after_help = "Example:\n  plimsoll baseline explain container:web-1/shop/web")]
    Explain {
        /// The asset's id, or its name where only one has it
        asset: String,
        /// As of this time; a day alone is its end, in this machine's zone
        #[arg(long, value_name = "TIME", value_parser = parse_at)]
        at: Option<Timestamp>,
    },
    /// Check baseline files without using them
    #[command(after_help = "Example:\n  plimsoll baseline check our-baselines/*.toml")]
    Check {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Propose a baseline for a role from what is live
    #[command(
        after_help = "Example:\n  plimsoll baseline record web-service > our-baselines/web-service.toml"
    )]
    Record {
        /// The role
        role: String,
        /// As of this time; a day alone is its end, in this machine's zone
        #[arg(long, value_name = "TIME", value_parser = parse_at)]
        at: Option<Timestamp>,
    },
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Check the configuration alone, and connect nowhere
    #[arg(long)]
    pub offline: bool,
    /// Read the whole inventory for damage too
    #[arg(long)]
    pub database: bool,
}
