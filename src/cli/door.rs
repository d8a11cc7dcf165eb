//! What every command does first, and how it writes.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use plimsoll_kit::Surroundings;
use plimsoll_model::Text;
use plimsoll_settings::Mistakes;

use super::args::Format;
use crate::baseline::{Baselines, attest};
use crate::config::Config;
use crate::inventory::Snapshot;
use crate::registry::COLLECTORS;
use crate::report::{Report, csv, html, json, markdown, text};
use crate::scan::Yardstick;
use crate::store::{ScanInfo, Store};

/// The configuration with the baselines that it names.
pub(super) struct Door {
    pub(super) config: Config,
    pub(super) baselines: Baselines,
    /// The names of the sources that are configured.
    configured: Vec<Text>,
}

impl Door {
    /// Reads the configuration and the baselines. All mistakes come at once.
    pub(super) fn open(explicit: Option<&Path>) -> Result<Self, Mistakes> {
        let judge = |config: &Config| {
            let mut documents = Baselines::shipped();
            documents.extend(config.baselines.documents.iter().cloned());
            let baselines = Baselines::load_for(&documents, &config.rules, &config.ignores)?;
            match baselines.check_attests(&config.attests) {
                mistakes if mistakes.is_empty() => Ok(baselines),
                mistakes => Err(Mistakes::new(mistakes)),
            }
        };
        let loaded = Config::load_with(explicit, COLLECTORS, &Surroundings::here(), judge);
        let (config, baselines) = loaded?;
        let configured = config.sources.iter().map(|one| one.name.clone());
        Ok(Self {
            configured: configured.collect(),
            config,
            baselines,
        })
    }

    pub(super) fn yardstick(&self) -> Yardstick<'_> {
        Yardstick {
            configured: Some(&self.configured),
            policy: self.config.approval.policy.as_ref(),
            request_sources: &self.config.approval.sources,
            people: &self.config.people,
            baselines: &self.baselines,
            rules: &self.config.rules,
            ignores: &self.config.ignores,
            attests: &self.config.attests,
            retention: self.config.store.retention,
            notify: None,
        }
    }

    /// The inventory as of a scan, with what the house states of it.
    pub(super) fn snapshot(&self, store: &Store, scan: &ScanInfo) -> anyhow::Result<Snapshot> {
        let snapshot = store.snapshot(scan.id)?;
        Ok(attest(snapshot, &self.config.attests, scan.finished).0)
    }

    /// The inventory and the last scan, or the last at a time.
    pub(super) fn inventory(&self, at: Option<Timestamp>) -> anyhow::Result<(Store, ScanInfo)> {
        let store = Store::open_existing(&self.config.store.path, self.config.store.busy_timeout)?;
        let scan = store.scan_at(at)?;
        let scan = scan.with_context(|| match at {
            Some(at) => format!("there was no scan at {at} or before"),
            None => "nothing was scanned yet: run `plimsoll scan` first".to_owned(),
        })?;
        Ok((store, scan))
    }
}

/// Where results go.
pub(super) struct Out {
    stream: io::BufWriter<anstream::AutoStream<io::Stdout>>,
    coloured: bool,
    width: usize,
}

impl Out {
    /// Standard output, coloured where that shows.
    pub(super) fn new() -> Self {
        let stdout = io::stdout();
        let choice = anstream::AutoStream::choice(&stdout);
        let width = match console::Term::stdout().size_checked() {
            Some((_, columns)) if stdout.is_terminal() => usize::from(columns),
            _ => 100,
        };
        Self {
            coloured: choice != anstream::ColorChoice::Never,
            width,
            stream: io::BufWriter::with_capacity(
                64 << 10,
                anstream::AutoStream::new(stdout, choice),
            ),
        }
    }

    /// Writes, and flushes at the end. A reader that went away (`| head`) is no error.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        match write(&mut self.stream).and_then(|()| self.stream.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        }
    }

    /// Writes bytes as they are. A picture or workbook does not go to a terminal.
    pub(super) fn raw(
        &mut self,
        binary: Option<&str>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let stdout = io::stdout();
        if let Some(format) = binary
            && stdout.is_terminal()
        {
            anyhow::bail!("{format} is nothing for a terminal: send it to a file with `> FILE`");
        }
        let mut stream = io::BufWriter::with_capacity(64 << 10, stdout.lock());
        match write(&mut stream).and_then(|()| stream.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        }
    }

    pub(super) fn options(&self, explain: bool) -> text::Options {
        let style = if self.coloured {
            text::Style::Coloured
        } else {
            text::Style::Plain
        };
        text::Options {
            style,
            width: self.width,
            explain,
            now: Timestamp::now(),
        }
    }

    pub(super) fn coloured(&self) -> bool {
        self.coloured
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Writes a report, or a part of it for a terminal.
    pub(super) fn report(
        &mut self,
        report: &Report,
        format: Format,
        part: text::Part,
        explain: bool,
    ) -> anyhow::Result<()> {
        let options = self.options(explain);
        self.write(|out| match format {
            Format::Text => text::render(report, part, &options, out),
            Format::Json => json::render(report, out),
            Format::Markdown => markdown::render(report, out),
            Format::Html => html::render(report, out),
            Format::Csv => csv::render(report, out),
        })
    }
}
