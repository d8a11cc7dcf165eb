//! What is to be scanned, and how: `config.toml`, or what is found here where there is none.
//!
//! Every mistake comes in one go, with its place; settings of collectors are checked too, and nothing is connected to.
//! `config.example.toml` describes every key.

mod approval;
mod baselines;
mod discovery;
mod file;
mod notify;
mod reading;
mod scan;
mod schedule;
mod search;
mod serve;
mod sources;
mod store;

#[cfg(test)]
pub(crate) mod example;
#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use plimsoll_kit::{Registration, Surroundings};
use plimsoll_settings::{Document, Mistakes, Section};

use crate::approval::People;
use crate::baseline::{Attest, Ignore, Rule};
use crate::notify::plan::Notify;

pub use approval::ApprovalSettings;
pub use baselines::BaselineSettings;
pub use discovery::FoundSource;
pub use scan::ScanSettings;
pub use schedule::ScheduleSettings;
pub use serve::{LogFormat, LogSettings, ServeSettings};
pub use sources::Source;
pub use store::StoreSettings;

use reading::Reading;

/// The text of a file that a person wrote, as a document under its path.
///
/// # Errors
/// When it cannot be read, is no regular file, not UTF-8, or larger than 1 MiB.
pub fn read_document(path: &Path) -> Result<Document, plimsoll_settings::Mistake> {
    let name = path.display().to_string();
    match file::read(path) {
        Ok(text) => Ok(Document::new(name, text)),
        Err(error) => Err(error.mistake(&name)),
    }
}

/// The configuration: read, checked, and with its collectors built.
pub struct Config {
    /// The file it came from; none where it is what was found here.
    pub path: Option<PathBuf>,
    /// What is scanned, in the order of the file. Those that are not enabled are checked and left out.
    pub sources: Vec<Source>,
    /// Where the sources come from when the configuration names none: one for each source, in the same order.
    pub found: Vec<FoundSource>,
    /// `[store]`: where the inventory is kept.
    pub store: StoreSettings,
    /// `[scan]`: how scans run.
    pub scan: ScanSettings,
    /// `[schedule]`: when `serve` scans what does not say it itself.
    pub schedule: ScheduleSettings,
    /// `[serve]`: where the daemon listens.
    pub serve: ServeSettings,
    /// `[log]`: how the daemon logs.
    pub log: LogSettings,
    /// `[baselines]`: the user's own baselines, read and not yet judged.
    pub baselines: BaselineSettings,
    /// `[approval]`: the policy that is chosen.
    pub approval: ApprovalSettings,
    /// `[[people]]` and `[[automations]]`: who is who.
    pub people: People,
    /// `[notify]`: to whom what is told; none where there is no channel.
    pub notify: Option<Notify>,
    /// `[[rules]]`: which assets get which role or environment, in the order of the file.
    pub rules: Vec<Rule>,
    /// `[[ignore]]`: what is left out, why, and until when.
    pub ignores: Vec<Ignore>,
    /// `[[attest]]`: what the house states of its assets where no source says it.
    pub attests: Vec<Attest>,
}

impl Config {
    /// Whether a source gives change requests.
    pub fn holds_requests(&self, source: &Source) -> bool {
        self.approval.sources.contains(&source.name)
    }

    /// Reads the configuration: `explicit` where it is given, else `config.toml` in the working folder, in
    /// `$XDG_CONFIG_HOME/plimsoll` (`~/.config/plimsoll`), in `/etc/plimsoll`; where there is none, what is
    /// [found here](Self::discovered).
    ///
    /// # Errors
    /// Every mistake of the file, and of the baselines and files that it names.
    pub fn load(
        explicit: Option<&Path>,
        registrations: &[Registration],
        surroundings: &Surroundings,
    ) -> Result<Self, Mistakes> {
        Self::load_with(explicit, registrations, surroundings, |_| Ok(()))
            .map(|(config, ())| config)
    }

    /// Reads the configuration as [`load`](Self::load) does, and has it judged in the same go: `judge` is asked whether
    /// the configuration has mistakes or not, and then sees what could be read of it.
    ///
    /// # Errors
    /// Every mistake of the configuration, and those that `judge` finds.
    pub fn load_with<T>(
        explicit: Option<&Path>,
        registrations: &[Registration],
        surroundings: &Surroundings,
        judge: impl FnOnce(&Self) -> Result<T, Mistakes>,
    ) -> Result<(Self, T), Mistakes> {
        let path = search::find(explicit, Path::new(""), surroundings)?;
        let document = match &path {
            Some(path) => read_document(path).map_err(|mistake| Mistakes::new(vec![mistake]))?,
            None => nothing(),
        };
        Self::read(&document, path, registrations, surroundings, judge)
    }

    /// The configuration of a machine that has none: every default, and a source for everything that a collector
    /// finds here.
    ///
    /// # Errors
    /// Mistakes in what the environment says: a vendor's variable with a value that makes no sense, or no home folder to
    /// keep the database in.
    pub fn discovered(
        registrations: &[Registration],
        surroundings: &Surroundings,
    ) -> Result<Self, Mistakes> {
        let read = Self::read(&nothing(), None, registrations, surroundings, |_| Ok(()));
        read.map(|(config, ())| config)
    }

    fn read<T>(
        document: &Document,
        path: Option<PathBuf>,
        registrations: &[Registration],
        surroundings: &Surroundings,
        judge: impl FnOnce(&Self) -> Result<T, Mistakes>,
    ) -> Result<(Self, T), Mistakes> {
        let folder = path.as_deref().and_then(Path::parent);
        let reading = Reading {
            registrations,
            surroundings,
            folder: folder.unwrap_or(Path::new("")).to_owned(),
        };
        let mut elsewhere = Vec::new();
        let mut judged = None;
        let read = document.read(|root| {
            let config = Self::read_root(root, &reading, &mut elsewhere);
            match judge(&config) {
                Ok(judgement) => judged = Some(judgement),
                Err(mistakes) => elsewhere.extend(mistakes.into_vec()),
            }
            config
        });
        match (read, judged) {
            (Ok(mut config), Some(judged)) if elsewhere.is_empty() => {
                config.path = path;
                Ok((config, judged))
            }
            (Ok(_), _) => Err(Mistakes::new(elsewhere)),
            (Err(mistakes), _) => Err(mistakes.and(Mistakes::new(elsewhere))),
        }
    }

    /// Reads every section. Mistakes in other files than the section's own go to `elsewhere`.
    fn read_root(
        root: &Section<'_>,
        reading: &Reading<'_>,
        elsewhere: &mut Vec<plimsoll_settings::Mistake>,
    ) -> Self {
        let store = StoreSettings::read(&root.table_or_empty("store"), reading);
        let scan = ScanSettings::read(&root.table_or_empty("scan"));
        let schedule = ScheduleSettings::read(&root.table_or_empty("schedule"));
        let serve = ServeSettings::read(&root.table_or_empty("serve"), reading, &store);
        let log = LogSettings::read(&root.table_or_empty("log"));
        let baselines = BaselineSettings::read(&root.table_or_empty("baselines"), reading);
        let listed = sources::read(root, reading, &scan, &schedule);
        let names: Vec<String> = root
            .tables("sources")
            .iter()
            .filter_map(|source| source.text("name"))
            .collect();
        let approval =
            ApprovalSettings::read(&root.table_or_empty("approval"), reading, &names, elsewhere);
        let people = People::read(root);
        let enabled: Vec<String> = listed.iter().map(|one| one.name.to_string()).collect();
        let notify = notify::read(&root.table_or_empty("notify"), reading, &enabled);
        let rules = rows(root, "rules", Rule::read);
        let ignores = rows(root, "ignore", |section, _| Ignore::read(section));
        let attests = rows(root, "attest", Attest::read);
        let mut config = Self {
            path: None,
            sources: listed,
            found: Vec::new(),
            store,
            scan,
            schedule,
            serve,
            log,
            baselines,
            approval,
            people,
            notify,
            rules,
            ignores,
            attests,
        };
        if !root.has("sources") {
            match discovery::discover(reading, &config.scan, &config.schedule) {
                Ok((sources, found)) => (config.sources, config.found) = (sources, found),
                Err(mistakes) => elsewhere.extend(mistakes),
            }
        }
        config.approval.add(&config.sources);
        let collectors = config.sources.iter();
        let collectors = collectors.map(|one| (one.name.clone(), one.collector_name.into()));
        let collectors: Vec<_> = collectors.collect();
        config.people = config.people.with_collectors(collectors);
        config
    }
}

/// The document of a machine that has none.
fn nothing() -> Document {
    Document::new("the defaults", "")
}

/// Reads every row of an array of tables, with its number from 1.
fn rows<T>(
    root: &Section<'_>,
    key: &str,
    read: impl Fn(&Section<'_>, usize) -> Option<T>,
) -> Vec<T> {
    let rows = root.tables(key);
    let read = |(section, number): (&Section<'_>, usize)| {
        let row = read(section, number);
        section.finish();
        row
    };
    rows.iter().zip(1..).filter_map(read).collect()
}
