//! What is to be scanned, and how: `config.toml`, or what is found here where there is none.
//!
//! Every mistake comes in one go, with its place; settings of collectors are checked too, and nothing is connected to.
//! `config.example.toml` describes every key.

mod baselines;
mod discovery;
mod file;
mod reading;
mod scan;
mod search;
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

use crate::baseline::{Ignore, Rule};

pub use baselines::BaselineSettings;
pub use discovery::FoundSource;
pub use scan::ScanSettings;
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
    /// `[baselines]`: the user's own baselines, read and not yet judged.
    pub baselines: BaselineSettings,
    /// `[[rules]]`: which assets get which role or environment, in the order of the file.
    pub rules: Vec<Rule>,
    /// `[[ignore]]`: what is left out, why, and until when.
    pub ignores: Vec<Ignore>,
}

impl Config {
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
        match search::find(explicit, Path::new(""), surroundings)? {
            Some(path) => Self::load_file(path, registrations, surroundings),
            None => Self::discovered(registrations, surroundings),
        }
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
        let document = Document::new("the defaults", "");
        Self::read(&document, None, registrations, surroundings)
    }

    fn load_file(
        path: PathBuf,
        registrations: &[Registration],
        surroundings: &Surroundings,
    ) -> Result<Self, Mistakes> {
        let name = path.display().to_string();
        let text = file::read(&path).map_err(|error| Mistakes::new(vec![error.mistake(&name)]))?;
        let document = Document::new(name, text);
        Self::read(&document, Some(path), registrations, surroundings)
    }

    fn read(
        document: &Document,
        path: Option<PathBuf>,
        registrations: &[Registration],
        surroundings: &Surroundings,
    ) -> Result<Self, Mistakes> {
        let folder = path.as_deref().and_then(Path::parent);
        let reading = Reading {
            registrations,
            surroundings,
            folder: folder.unwrap_or(Path::new("")).to_owned(),
        };
        let mut elsewhere = Vec::new();
        let read = document.read(|root| {
            Self::read_root(root, &reading).map_err(|mistakes| {
                elsewhere = mistakes;
            })
        });
        let elsewhere = Mistakes::new(elsewhere);
        match read {
            Ok(Ok(mut config)) => {
                config.path = path;
                Ok(config)
            }
            Ok(Err(())) => Err(elsewhere),
            Err(mistakes) => Err(mistakes.and(elsewhere)),
        }
    }

    /// Reads every section. The mistakes that it gives back are those in other files than the section's own.
    fn read_root(
        root: &Section<'_>,
        reading: &Reading<'_>,
    ) -> Result<Self, Vec<plimsoll_settings::Mistake>> {
        let store = StoreSettings::read(&root.table_or_empty("store"), reading);
        let scan = ScanSettings::read(&root.table_or_empty("scan"));
        let baselines = BaselineSettings::read(&root.table_or_empty("baselines"), reading);
        let listed = sources::read(root, reading, &scan);
        let rules = rows(root, "rules", Rule::read);
        let ignores = rows(root, "ignore", |section, _| Ignore::read(section));
        let mut config = Self {
            path: None,
            sources: listed,
            found: Vec::new(),
            store,
            scan,
            baselines,
            rules,
            ignores,
        };
        if !root.has("sources") {
            (config.sources, config.found) = discovery::discover(reading, &config.scan)?;
        }
        Ok(config)
    }
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
