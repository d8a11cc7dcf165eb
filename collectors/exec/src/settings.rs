//! The collector's settings.

use std::time::Duration;

use plimsoll_file::findings;
use plimsoll_kit::settings::Section;

use crate::client::Program;

const TIMEOUT: Duration = Duration::from_secs(60);
const TIMEOUTS: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);

/// What is run, and what is taken from it.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) program: Program,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// The scope of findings that name none.
    pub(crate) scope: String,
    /// How much of its output is read at most.
    pub(crate) max_bytes: u64,
}

impl Settings {
    /// The settings in a section; none when something is wrong.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        if !section.has("command") {
            section.missing(
                "command",
                "give the program and its arguments, as [\"prog\", \"--all\"]",
            );
        }
        let command = section.texts("command");
        if let Some(command) = &command {
            if command.first().is_none_or(|program| program.is_empty()) {
                section.mistake_at("command", "`command` must name a program");
            }
            if command.iter().any(|part| part.contains('\0')) {
                section.mistake_at("command", "`command` must not hold NUL characters");
            }
        }
        let env = section.texts("env").unwrap_or_default();
        for name in &env {
            if name.is_empty() || name.contains(['=', '\0']) {
                section.mistake_at(
                    "env",
                    format!("`env` takes names of variables, not {name:?}"),
                );
            }
        }
        let directory = section.file_path("directory");
        let timeout = section.duration("timeout", TIMEOUTS).unwrap_or(TIMEOUT);
        let scope = findings::scope_setting(section);
        let max_bytes = findings::max_bytes_setting(section);
        section.finish();
        let mut command = command?;
        // A bare name is looked for in PATH; with a slash it is a path, and starts from where paths do.
        if let Some(program) = command.first_mut().filter(|program| program.contains('/')) {
            *program = section.path_from(program).to_string_lossy().into_owned();
        }
        Some(Self {
            program: Program {
                command,
                env,
                directory,
            },
            timeout,
            scope: scope?,
            max_bytes: max_bytes?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

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
        let least = read("command = \"x\"").unwrap().unwrap();
        assert_eq!(sample.program.env, least.program.env);
        assert_eq!(sample.timeout, least.timeout);
        assert_eq!(
            (sample.scope, sample.max_bytes),
            (least.scope, least.max_bytes)
        );
    }

    #[test]
    fn relative_paths_start_from_the_settings_folder() {
        let program = |text: &str| {
            let document = Document::new("/etc/plimsoll/config.toml", text);
            let program = document.read(Settings::read).unwrap().unwrap().program;
            (program.command[0].clone(), program.directory)
        };
        let (command, directory) = program("command = ['scripts/find', './x']\ndirectory = 'work'");
        assert_eq!(command, "/etc/plimsoll/scripts/find");
        assert_eq!(directory, Some(PathBuf::from("/etc/plimsoll/work")));
        assert_eq!(program("command = 'find'"), ("find".to_owned(), None));
        assert_eq!(program("command = '/bin/find'").0, "/bin/find");
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let text = "command = []\nenv = [\"A=b\"]\ntimeout = \"2 days\"\nshell = true";
        let mistakes = read(text).unwrap_err();
        for part in [
            "must name a program",
            "`env` takes names",
            "`timeout`",
            "`shell`",
        ] {
            assert!(mistakes.contains(part), "{part}: {mistakes}");
        }
        assert!(read("").unwrap_err().contains("`command` is missing"));
    }
}
