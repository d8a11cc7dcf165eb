//! Arguments of `export`, and of the questions of `inventory`.

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::time::{parse_at, parse_from};
use crate::export::{Format, table};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to export
    #[command(subcommand)]
    pub command: ExportCommand,
}

/// What to export.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Draw the inventory, grouped by environment, host and network
    #[command(after_help = "Examples:\n  plimsoll export diagram > estate.svg\n  \
                            plimsoll export diagram --format png --environment production > production.png\n  \
                            plimsoll export diagram --format d2 --around web-1 --depth 2\n  \
                            plimsoll export diagram --since '7 days ago' > changed.svg\n  \
                            plimsoll export diagram --format dot --at 2026-03-31 | dot -Tpdf > march.pdf")]
    Diagram(DiagramArgs),
    /// Write the assets, what is known of them and how, and their relations
    #[command(
        after_help = "Examples:\n  plimsoll export inventory --format xlsx > inventory.xlsx\n  \
                            plimsoll export inventory --format csv --records facts > facts.csv\n  \
                            plimsoll export inventory --format jsonl --at 2026-03-31 | gzip > march.jsonl.gz"
    )]
    Inventory(TableArgs),
}

/// How a diagram is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiagramFormat {
    /// Graphviz: `| dot -Tpdf`
    Dot,
    /// Mermaid, for Markdown pages
    Mermaid,
    /// D2
    D2,
    /// draw.io (diagrams.net), to be moved by hand
    Drawio,
    /// GraphML, for graph editors and libraries
    Graphml,
    /// A picture that scales
    Svg,
    /// A picture of dots
    Png,
}

impl From<DiagramFormat> for Format {
    fn from(format: DiagramFormat) -> Self {
        match format {
            DiagramFormat::Dot => Format::Dot,
            DiagramFormat::Mermaid => Format::Mermaid,
            DiagramFormat::D2 => Format::D2,
            DiagramFormat::Drawio => Format::Drawio,
            DiagramFormat::Graphml => Format::Graphml,
            DiagramFormat::Svg => Format::Svg,
            DiagramFormat::Png => Format::Png,
        }
    }
}

/// What a system serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvironmentName {
    /// Production
    Production,
    /// Staging
    Staging,
    /// Development
    Development,
}

impl EnvironmentName {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            EnvironmentName::Production => "production",
            EnvironmentName::Staging => "staging",
            EnvironmentName::Development => "development",
        }
    }
}

/// Arguments of `export diagram`.
#[derive(Debug, Args)]
pub struct DiagramArgs {
    /// How to write it
    #[arg(long, value_enum, default_value = "svg")]
    pub format: DiagramFormat,
    /// As of this time: `2026-03-31` (the end of that day, in this machine's zone), `2026-03-31T12:00:00Z`, `3 days ago`
    #[arg(long, value_name = "TIME", value_parser = parse_at)]
    pub at: Option<Timestamp>,
    /// Mark what was added, removed or changed since this time; a day alone is its start
    #[arg(long, value_name = "TIME", value_parser = parse_from)]
    pub since: Option<Timestamp>,
    /// Only systems of this environment, and what belongs to them
    #[arg(long, value_enum, value_name = "ENVIRONMENT")]
    pub environment: Option<EnvironmentName>,
    /// Only systems of this role, and what belongs to them
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Only what is near this asset: its id, or its name where only one has it
    #[arg(long, value_name = "ASSET")]
    pub around: Option<String>,
    /// How many relations away from it
    #[arg(long, value_name = "N", default_value_t = 2, requires = "around")]
    pub depth: u32,
    /// Details too: images, file systems, block devices, certificates, secrets' names and the like
    #[arg(long)]
    pub details: bool,
    /// With more nodes than this, alike ones and then whole groups are drawn as one
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// One table, which a spreadsheet opens without changing a cell
    Csv,
    /// One object
    Json,
    /// One object a line
    Jsonl,
    /// A workbook with a sheet each
    Xlsx,
}

impl From<TableFormat> for table::Format {
    fn from(format: TableFormat) -> Self {
        match format {
            TableFormat::Csv => table::Format::Csv,
            TableFormat::Json => table::Format::Json,
            TableFormat::Jsonl => table::Format::Jsonl,
            TableFormat::Xlsx => table::Format::Xlsx,
        }
    }
}

/// Which records of the inventory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RecordsName {
    /// Assets, facts and relations
    #[default]
    All,
    /// The assets alone
    Assets,
    /// Labels, facts and readings with how they are known
    Facts,
    /// The relations alone
    Relations,
}

impl From<RecordsName> for table::Records {
    fn from(records: RecordsName) -> Self {
        match records {
            RecordsName::All => table::Records::All,
            RecordsName::Assets => table::Records::Assets,
            RecordsName::Facts => table::Records::Facts,
            RecordsName::Relations => table::Records::Relations,
        }
    }
}

/// Arguments of `export inventory`.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// How to write it
    #[arg(long, value_enum, default_value = "csv")]
    pub format: TableFormat,
    /// As of this time: `2026-03-31` (the end of that day, in this machine's zone), `2026-03-31T12:00:00Z`, `3 days ago`
    #[arg(long, value_name = "TIME", value_parser = parse_at)]
    pub at: Option<Timestamp>,
    /// Which records; in JSON an asset brings its facts along
    #[arg(long, value_enum, value_name = "RECORDS", default_value_t)]
    pub records: RecordsName,
}

/// How an answer is written: as text, as one object, or as a diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// For a terminal
    #[default]
    Text,
    /// One object
    Json,
    /// A diagram for Graphviz
    Dot,
    /// A diagram for Mermaid
    Mermaid,
    /// A diagram for D2
    D2,
    /// A diagram for draw.io
    Drawio,
    /// A diagram as GraphML
    Graphml,
    /// A picture that scales
    Svg,
    /// A picture of dots
    Png,
}

impl AnswerFormat {
    /// The diagram's format, where it is one.
    pub fn diagram(self) -> Option<Format> {
        Some(match self {
            AnswerFormat::Text | AnswerFormat::Json => return None,
            AnswerFormat::Dot => Format::Dot,
            AnswerFormat::Mermaid => Format::Mermaid,
            AnswerFormat::D2 => Format::D2,
            AnswerFormat::Drawio => Format::Drawio,
            AnswerFormat::Graphml => Format::Graphml,
            AnswerFormat::Svg => Format::Svg,
            AnswerFormat::Png => Format::Png,
        })
    }
}

/// How a question is asked and answered.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// As of this time: `2026-03-31` (the end of that day, in this machine's zone), `2026-03-31T12:00:00Z`, `3 days ago`
    #[arg(long, value_name = "TIME", value_parser = parse_at)]
    pub at: Option<Timestamp>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    pub format: AnswerFormat,
    /// A diagram with more nodes than this draws alike ones and then whole groups as one
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}
