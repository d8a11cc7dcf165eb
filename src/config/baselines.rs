//! `[baselines]`: the user's own baselines beside those that are shipped.

use std::path::{Path, PathBuf};

use plimsoll_settings::{Document, Section};

use super::file::{self, Unreadable};
use super::reading::Reading;

/// More files than roles and policies can fill: a folder with more is not one of baselines.
const MOST: usize = 1_000;

/// `[baselines]`: the user's own baselines.
#[derive(Clone, Debug, Default)]
pub struct BaselineSettings {
    /// The files and folders as configured.
    pub paths: Vec<PathBuf>,
    /// The text of every file, named by its path: in the order of `paths`, those of a folder by name.
    pub documents: Vec<Document>,
}

impl BaselineSettings {
    /// Reads `paths`, and closes the section.
    pub(super) fn read(section: &Section<'_>, reading: &Reading<'_>) -> Self {
        let mut settings = Self::default();
        for text in section.texts("paths").unwrap_or_default() {
            if let Some(path) = reading.resolve(section, "paths", &text) {
                settings.add(section, path);
            }
        }
        section.finish();
        settings
    }

    fn add(&mut self, section: &Section<'_>, path: PathBuf) {
        let wrong = |path: &Path, error: Unreadable| {
            let message = format!("`paths`: {}: {error}", path.display());
            let hint = error.hint().map(str::to_owned);
            section.mistake(section.place_of("paths"), message, hint);
        };
        match files(&path) {
            Ok(files) if files.is_empty() => {
                let message = format!("`paths`: {} holds no file *.toml", path.display());
                section.mistake_at("paths", message);
            }
            Ok(files) if self.documents.len() + files.len() > MOST => {
                let message = format!(
                    "`paths`: with {} there are more than {MOST} baselines",
                    path.display()
                );
                section.mistake_at("paths", message);
            }
            Ok(files) => {
                for path in files {
                    match file::read(&path) {
                        Ok(text) => {
                            let name = path.display().to_string();
                            self.documents.push(Document::new(name, text));
                        }
                        Err(error) => wrong(&path, error),
                    }
                }
            }
            Err(error) => wrong(&path, error),
        }
        self.paths.push(path);
    }
}

/// The file itself, or those named `*.toml` in a folder, by name. Hidden ones are an editor's, not the user's.
fn files(path: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    if !std::fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let name = entry?.file_name();
        let toml = Path::new(&name).extension() == Some("toml".as_ref());
        if toml && !name.as_encoded_bytes().starts_with(b".") {
            files.push(path.join(name));
        }
        if files.len() > MOST {
            break;
        }
    }
    files.sort();
    Ok(files)
}
