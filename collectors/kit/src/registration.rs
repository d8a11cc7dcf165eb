//! What a collector tells about itself.

use std::path::{Path, PathBuf};

use plimsoll_settings::Section;

use crate::Collector;

/// What a collector tells about itself; `src/registry.rs` has the list.
#[derive(Clone, Copy)]
pub struct Registration {
    /// The word for `collector = "…"`.
    pub name: &'static str,
    /// One line for lists.
    pub summary: &'static str,
    /// A commented `settings` table with every key, its default and its reason: the crate's `sample.toml`.
    pub sample: &'static str,
    /// Builds the collector from its settings, offline. Notes every mistake on the section, calls
    /// [`Section::finish`] itself, and gives none when something is wrong.
    pub build: fn(&Section<'_>) -> Option<Box<dyn Collector>>,
    /// Finds what can be read here without configuration. Looks at files, sockets and variables; connects nowhere.
    pub discover: fn(&Surroundings) -> Vec<Found>,
}

/// Something that a collector can read here without configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A name for the source: the collector's own for the first.
    pub source: String,
    /// Its settings as TOML, possibly empty.
    pub settings: String,
    /// What was found, for people: `socket /run/docker.sock`.
    pub because: String,
}

type Variables = Box<dyn Fn(&str) -> Option<String>>;

/// What discovery may look at; a test hands in its own.
pub struct Surroundings {
    variables: Variables,
    root: PathBuf,
    home: Option<PathBuf>,
}

impl Surroundings {
    /// This process's environment and file system.
    pub fn here() -> Self {
        Self::new(|name| std::env::var(name).ok(), "/")
    }

    /// Surroundings with the given variables, where absolute paths lie below `root`.
    pub fn new(
        variables: impl Fn(&str) -> Option<String> + 'static,
        root: impl Into<PathBuf>,
    ) -> Self {
        let home = variables("HOME")
            .filter(|home| !home.is_empty())
            .map(PathBuf::from);
        Self {
            variables: Box::new(variables),
            root: root.into(),
            home,
        }
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    /// Where an absolute path lies.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Whether something is at an absolute path.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.path(path).exists()
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }
}
