//! The collector's settings.

use plimsoll_kit::settings::Section;

use crate::findings;

/// Where the findings are.
#[derive(Debug)]
pub(crate) struct Settings {
    /// A path, or `-` for standard input.
    pub(crate) path: String,
    /// The scope of findings that name none.
    pub(crate) scope: String,
    /// How much is read at most.
    pub(crate) max_bytes: u64,
}

impl Settings {
    /// The settings in a section; none when something is wrong.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let path = section.required_text(
            "path",
            "give the findings file, or \"-\" for standard input",
        );
        let scope = findings::scope_setting(section);
        let max_bytes = findings::max_bytes_setting(section);
        section.finish();
        let path = path.map(|path| match path.as_str() {
            "-" => path,
            path => section.path_from(path).to_string_lossy().into_owned(),
        });
        Some(Self {
            path: path?,
            scope: scope?,
            max_bytes: max_bytes?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn read(text: &str) -> Result<Option<Settings>, String> {
        Document::new("c.toml", text)
            .read(Settings::read)
            .map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn the_sample_is_right_and_shows_the_defaults() {
        let sample = read(include_str!("../sample.toml")).unwrap().unwrap();
        let least = read("path = \"-\"").unwrap().unwrap();
        assert_eq!(
            (sample.scope, sample.max_bytes),
            (least.scope, least.max_bytes)
        );
    }

    #[test]
    fn a_relative_path_starts_from_the_settings_folder() {
        let path = |text: &str| {
            let document = Document::new("/etc/plimsoll/config.toml", format!("path = {text:?}"));
            document.read(Settings::read).unwrap().unwrap().path
        };
        assert_eq!(path("scans/today.jsonl"), "/etc/plimsoll/scans/today.jsonl");
        assert_eq!(path("/srv/today.jsonl"), "/srv/today.jsonl");
        assert_eq!(path("-"), "-");
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let mistakes = read("scope = \"a\\nb\"\nmax_bytes = 1\nfile = \"x\"").unwrap_err();
        for part in ["`path` is missing", "`scope`", "`max_bytes`", "`file`"] {
            assert!(mistakes.contains(part), "{part}: {mistakes}");
        }
    }
}
