//! Arguments of `changes`, `policy` and `people`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::args::ListFormat;
use super::ticket_template::Tracker;
use super::time::{parse_from, parse_to};

/// Arguments of `changes`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ChangesArgs {
    /// What to do with one change, or with all of a period
    #[command(subcommand)]
    pub command: Option<ChangesCommand>,
    /// Seen at this time or later; a day alone is its start, in this machine's zone [default: 30 days ago]
    #[arg(long, value_name = "TIME", value_parser = parse_from)]
    pub from: Option<Timestamp>,
    /// Seen at this time or earlier; a day alone is its end
    #[arg(long, value_name = "TIME", value_parser = parse_to)]
    pub to: Option<Timestamp>,
    /// Of this asset
    #[arg(long, value_name = "ID")]
    pub asset: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub limit: usize,
    /// How to write them
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// What to do with changes.
#[derive(Debug, Subcommand)]
pub enum ChangesCommand {
    /// Say why the verdict on a change is what it is
    #[command(after_help = "Example:\n  plimsoll changes explain 118")]
    Explain {
        /// The change's number
        id: i64,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Print the evidence of one change, with the hash of every part
    #[command(
        after_help = "Example:\n  plimsoll changes evidence 118 --format html > change-118.html"
    )]
    Evidence {
        /// The change's number
        id: i64,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: EvidenceFormat,
    },
    /// Print every change that was observed in a period, and what was scanned when
    #[command(
        after_help = "Examples:\n  plimsoll changes population --from 2026-01-01 --to 2026-03-31 --format csv --sample 25 --seed Q1\n  plimsoll changes population --from 2026-01-01 --to 2026-03-31 --environment production --verdict unapproved --format html > q1.html"
    )]
    Population {
        /// Seen at this time or later; a day alone is its start, in this machine's zone (or `2026-01-01[Europe/Berlin]`)
        #[arg(long, value_name = "TIME", value_parser = parse_from)]
        from: Timestamp,
        /// Seen at this time or earlier; a day alone is its end
        #[arg(long, value_name = "TIME", value_parser = parse_to)]
        to: Timestamp,
        /// Only of this environment; `unknown` for those where nobody says; may be given several times
        #[arg(long, value_name = "ENVIRONMENT")]
        environment: Vec<String>,
        /// Only with this verdict, as `unapproved`; may be given several times
        #[arg(long, value_name = "VERDICT")]
        verdict: Vec<String>,
        /// Only those whose approval that counts names this text, in any case
        #[arg(long, value_name = "TEXT")]
        approver: Option<String>,
        /// Only those that changed a property whose path or values hold this text, or that added or removed something: `image`, `added`
        #[arg(long, value_name = "TEXT")]
        changed: Option<String>,
        /// How to write it
        #[arg(long, value_enum, default_value_t)]
        format: PopulationFormat,
        /// So many of them, chosen at random by the seed
        #[arg(long, value_name = "N", requires = "seed")]
        sample: Option<usize>,
        /// What the choice hangs on: the same seed chooses the same
        #[arg(long, value_name = "TEXT")]
        seed: Option<String>,
    },
}

/// How evidence is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EvidenceFormat {
    /// One object of the schema plimsoll/evidence/v1
    #[default]
    Json,
    /// For a wiki or a ticket
    Markdown,
    /// One self-contained page
    Html,
}

/// How a population is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PopulationFormat {
    /// A table
    #[default]
    Csv,
    /// One object of the schema plimsoll/population/v1
    Json,
    /// One self-contained page
    Html,
}

/// Arguments of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Print a policy as it is in force, each key with the file that gives it
    #[command(
        after_help = "Examples:\n  plimsoll policy show tracker-cto-full\n  plimsoll policy show --template jira"
    )]
    Show {
        /// The policy; the one that the configuration chooses where it is not given
        name: Option<String>,
        /// Print a template for this tracker's requests in place of a policy
        #[arg(long, value_name = "TRACKER", conflicts_with = "name")]
        template: Option<Tracker>,
    },
    /// Judge labelled scenarios by the policy, and say which come out otherwise than labelled
    #[command(
        after_help = "Examples:\n  plimsoll policy test our-scenarios\n  plimsoll policy test our-scenarios --policy drafts/ours.toml\n  \
                      plimsoll policy test our-scenarios --format json\n\nExit codes: 0 all came out as labelled, 10 one did not, 20 a \
                      file of the folder or the policy has mistakes."
    )]
    Test(PolicyTestArgs),
}

/// Arguments of `policy test`.
#[derive(Debug, Args)]
pub struct PolicyTestArgs {
    /// The folder of scenarios: every file *.toml in it, and who is who in `people.toml` [default: the configuration's people]
    pub folder: PathBuf,
    /// Judge all of them by this policy, whichever they name: a name, or the path of a policy's file [default: the one that a
    /// scenario names, else the one that the configuration chooses]
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// Arguments of `people`.
#[derive(Debug, Args)]
pub struct PeopleArgs {
    /// What to do
    #[command(subcommand)]
    pub command: PeopleCommand,
}

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List people and automations with their roles and accounts
    #[command(after_help = "Example:\n  plimsoll people list")]
    List,
    /// Check that the policy's roles are held by somebody, and that delegations and leavings make sense
    #[command(after_help = "Example:\n  plimsoll people check")]
    Check,
    /// List the accounts that are seen in the data and belong to nobody
    #[command(after_help = "Example:\n  plimsoll people unmatched")]
    Unmatched,
}
