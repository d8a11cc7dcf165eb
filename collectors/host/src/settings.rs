//! What can be set.

use std::path::{Path, PathBuf};

use plimsoll_kit::settings::{Section, SettingValue};

/// What can be set; `sample.toml` tells each key's reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Where the machine's file tree lies.
    pub(crate) root: PathBuf,
    /// Whether the running kernel's clock is that machine's.
    pub(crate) clock: bool,
    /// Whether and how chrony is asked.
    pub(crate) chrony: Chrony,
    /// Whether UDP sockets on ephemeral ports are listed.
    pub(crate) ephemeral_udp: bool,
    /// Types of file system that are left out.
    pub(crate) ignore_filesystems: Vec<String>,
}

/// Whether and how chrony is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chrony {
    /// It is not.
    Off,
    /// With the chronyc of the usual places, where there is one.
    Find,
    /// With this chronyc.
    At(PathBuf),
}

impl Settings {
    /// Reads them all, and notes every mistake.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let root = section
            .text("root")
            .map_or_else(|| "/".into(), PathBuf::from);
        let absolute = root.is_absolute();
        if !absolute {
            let hint = Some("write it from the top, as \"/host\"".to_owned());
            section.mistake(
                section.place_of("root"),
                "`root` must be an absolute path",
                hint,
            );
        }
        let settings = Self {
            chrony: chrony(section, &root)?,
            clock: section.bool("clock").unwrap_or(true),
            ephemeral_udp: section.bool("ephemeral_udp").unwrap_or(false),
            ignore_filesystems: section
                .texts("ignore_filesystems")
                .unwrap_or_else(|| vec!["squashfs".to_owned()]),
            root,
        };
        section.finish();
        absolute.then_some(settings)
    }

    /// Whether the tree is the running machine's own.
    pub(crate) fn is_here(&self) -> bool {
        self.root == Path::new("/")
    }
}

fn chrony(section: &Section<'_>, root: &Path) -> Option<Chrony> {
    // Below another root chronyd is out of reach by default: chronyc talks to the network namespace it runs in.
    let default = if root == Path::new("/") {
        Chrony::Find
    } else {
        Chrony::Off
    };
    if !section.has("chrony") {
        return Some(default);
    }
    match section.any("chrony")? {
        SettingValue::Bool(true) => Some(Chrony::Find),
        SettingValue::Bool(false) => Some(Chrony::Off),
        SettingValue::Text(path) if path.starts_with('/') => Some(Chrony::At(path.into())),
        _ => {
            let hint = Some("write \"/usr/bin/chronyc\"".to_owned());
            let message = "`chrony` must be true, false, or the absolute path of chronyc";
            section.mistake(section.place_of("chrony"), message, hint);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;

    fn read(text: &str) -> Result<Option<Settings>, String> {
        let document = Document::new("c.toml", text);
        document
            .read(Settings::read)
            .map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn defaults_are_this_machine() {
        let settings = read("").unwrap().unwrap();
        assert!(settings.is_here() && settings.clock && !settings.ephemeral_udp);
        assert_eq!(settings.chrony, Chrony::Find);
        let mounted = read("root = \"/host\"").unwrap().unwrap();
        assert_eq!(mounted.chrony, Chrony::Off);
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let told = read("root = \"host\"\nclok = true\n").unwrap_err();
        assert!(
            told.contains("c.toml:1:8: `root` must be an absolute path"),
            "{told}"
        );
        assert!(told.contains("did you mean `clock`?"), "{told}");
        assert!(
            read("chrony = \"chronyc\"")
                .unwrap_err()
                .contains("absolute path")
        );
        assert!(read("chrony = 1").unwrap_err().contains("absolute path"));
    }

    #[test]
    fn the_sample_is_right_and_shows_the_defaults() {
        let sample = include_str!("../sample.toml");
        let document = Document::new("sample.toml", sample);
        let read = document.read(Settings::read).unwrap();
        let defaults = Document::new("none", "").read(Settings::read).unwrap();
        assert_eq!(read, defaults);
    }
}
