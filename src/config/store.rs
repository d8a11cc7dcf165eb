//! `[store]`: where the inventory is kept.

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_kit::Surroundings;
use plimsoll_settings::Section;

use super::reading::Reading;
use super::search::base_folder;

const DAY: Duration = Duration::from_secs(86_400);

/// `[store]`: where the inventory is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The database. Its folder may not be there yet.
    pub path: PathBuf,
    /// The key that redacted values are marked with. It may not be there yet.
    pub key_file: PathBuf,
    /// How long history is kept: what ended longer ago than this is pruned. At least a day.
    pub retention: Duration,
    /// How long a scan waits for another that has the database locked. May be zero.
    pub busy_timeout: Duration,
}

impl StoreSettings {
    pub(super) fn read(section: &Section<'_>, reading: &Reading<'_>) -> Self {
        let path = if section.has("path") {
            reading.path(section, "path")
        } else {
            section.text("path");
            let root = rustix::process::geteuid().is_root();
            let default = default_path(reading.surroundings, root);
            if default.is_none() {
                let hint = Some("set HOME, or `path` in [store]".to_owned());
                let message = "there is no home folder to keep the database in";
                section.mistake(section.place(), message, hint);
            }
            default
        };
        // After a mistake nothing is done with the path.
        let path = path.unwrap_or_default();
        let key_file = reading.path(section, "key_file");
        let settings = Self {
            key_file: key_file.unwrap_or_else(|| path.with_file_name("redaction.key")),
            path,
            retention: section
                .duration("retention", DAY..=DAY * 36_500)
                .unwrap_or(DAY * 400),
            busy_timeout: section
                .duration("busy_timeout", Duration::ZERO..=Duration::from_secs(3_600))
                .unwrap_or(Duration::from_secs(30)),
        };
        if settings.key_file == settings.path && section.has("key_file") {
            section.mistake_at("key_file", "`key_file` must be another file than `path`");
        }
        section.finish();
        settings
    }
}

/// The database's place where the configuration gives none: the user's data folder, or the system's for root.
fn default_path(surroundings: &Surroundings, root: bool) -> Option<PathBuf> {
    let system = root && surroundings.variable("XDG_DATA_HOME").is_none();
    let folder = if system {
        surroundings.path("/var/lib")
    } else {
        base_folder(surroundings, "XDG_DATA_HOME", ".local/share")?
    };
    Some(folder.join("plimsoll/plimsoll.db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_in_the_data_folder_of_the_user_or_of_the_system() {
        let place = |root: bool, set: &'static [(&str, &str)]| {
            let variables = move |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let path = default_path(&Surroundings::new(variables, "/"), root)?;
            Some(path.display().to_string())
        };
        let home = [("HOME", "/home/me")].as_slice();
        let both = [("HOME", "/home/me"), ("XDG_DATA_HOME", "/data")].as_slice();
        let relative = [("HOME", "/home/me"), ("XDG_DATA_HOME", "data")].as_slice();
        let in_home = "/home/me/.local/share/plimsoll/plimsoll.db";
        assert_eq!(place(false, home).as_deref(), Some(in_home));
        assert_eq!(place(false, relative).as_deref(), Some(in_home));
        assert_eq!(
            place(false, both).as_deref(),
            Some("/data/plimsoll/plimsoll.db")
        );
        assert_eq!(
            place(true, both).as_deref(),
            Some("/data/plimsoll/plimsoll.db")
        );
        let system = "/var/lib/plimsoll/plimsoll.db";
        assert_eq!(place(true, home).as_deref(), Some(system));
        assert_eq!(place(true, &[]).as_deref(), Some(system));
        assert_eq!(place(false, &[]), None);
    }
}
