//! Arguments of `controls`.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::args::ListFormat;
use super::time::parse_at;

/// Arguments of `controls`.
#[derive(Debug, Args)]
pub struct ControlsArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ControlsCommand,
}

/// What to do with controls.
#[derive(Debug, Subcommand)]
pub enum ControlsCommand {
    /// List the controls with the provisions that ask for them
    #[command(after_help = "Example:\n  plimsoll controls list")]
    List {
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Show how one control stands: every asset asked about, its value, how that is known and since when it was looked at
    ///
    /// What holds data is listed too where no system uses it, such as a volume that nobody mounts.
    #[command(
        after_help = "Examples:\n  plimsoll controls evidence encrypted-at-rest --kind volume\n  \
                            plimsoll controls evidence encrypted-at-rest --format csv --at 2026-03-31 > encrypted.csv"
    )]
    Evidence {
        /// The control's id
        control: String,
        /// Only assets of this kind; may be given several times
        #[arg(long, value_name = "KIND")]
        kind: Vec<String>,
        /// Only what is of this environment; may be given several times
        #[arg(long, value_name = "ENVIRONMENT")]
        environment: Vec<String>,
        /// As of this time; a day alone is its end, in this machine's zone
        #[arg(long, value_name = "TIME", value_parser = parse_at)]
        at: Option<Timestamp>,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ProofFormat,
    },
}

/// How the evidence of a control is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProofFormat {
    /// For a terminal
    #[default]
    Text,
    /// A table
    Csv,
    /// One object of the schema plimsoll/control-evidence/v1
    Json,
    /// One self-contained page
    Html,
}
