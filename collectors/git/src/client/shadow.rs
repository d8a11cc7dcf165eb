//! A repository without its own configuration: a folder of ours with the links that lead to its objects and references, and a
//! configuration that says nothing.
//!
//! What `git` reads of a repository is then data alone. No key of its configuration counts, whatever this version or a later one
//! would do for it, and neither do its hooks, its attributes and what its configuration includes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use plimsoll_kit::file;

/// The most of a configuration, or of a file that names another place, that is read.
const MOST: usize = 1 << 20;
/// What is data in a repository's common folder.
const DATA: &[&str] = &["objects", "refs", "packed-refs", "reftable", "shallow"];

/// Where a repository's data is.
pub(super) struct Shadow {
    /// What stands for it. Dropped, it is taken away.
    folder: tempfile::TempDir,
    /// What is its own: `HEAD` and `FETCH_HEAD`.
    pub(super) own: PathBuf,
    /// What all working trees of one repository share: references and objects.
    pub(super) common: PathBuf,
}

impl Shadow {
    /// Of the repository in a folder: a working tree, a linked one, a submodule, or a bare one. None where it is no repository, or
    /// nothing can be written to the folder for temporary files.
    pub(super) fn of(folder: &Path) -> Option<Self> {
        let own = own(folder)?;
        let common = match file::read_text(&own.join("commondir"), MOST) {
            Ok(place) => own.join(place.trim_end_matches('\n')),
            Err(error) if error.is_missing() => own.clone(),
            Err(_) => return None,
        };
        let head = file::read(&own.join("HEAD"), MOST).ok()?;
        let shadow = tempfile::Builder::new().prefix("plimsoll-git-").tempdir();
        let shadow = Self {
            folder: shadow.ok()?,
            own,
            common,
        };
        shadow.fill(&head).ok()?;
        Some(shadow)
    }

    /// What `git` is to take for the repository.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn fill(&self, head: &[u8]) -> std::io::Result<()> {
        for name in DATA {
            // What is not there is not there in the shadow either: a link that leads nowhere.
            if fs::symlink_metadata(self.common.join(name)).is_ok() {
                symlink(self.common.join(name), self.path().join(name))?;
            }
        }
        fs::write(self.path().join("HEAD"), head)?;
        let config = file::read(&self.common.join("config"), MOST).unwrap_or_default();
        fs::write(self.path().join("config"), neutral(&config))
    }
}

/// A repository's own folder: `.git` below a working tree, what a file of that name leads to, or the folder itself.
fn own(folder: &Path) -> Option<PathBuf> {
    let below = folder.join(".git");
    match fs::metadata(&below) {
        Ok(about) if about.is_dir() => Some(below),
        Ok(about) if about.is_file() => {
            let text = file::read_text(&below, MOST).ok()?;
            let place = text.strip_prefix("gitdir:")?.trim();
            Some(folder.join(place))
        }
        _ => folder.join("HEAD").exists().then(|| folder.to_owned()),
    }
}

/// A configuration that says how objects and references are stored, as another does, and nothing else.
pub(crate) fn neutral(config: &[u8]) -> String {
    let mut text = "[core]\n\tbare = true\n".to_owned();
    let mut extensions = String::new();
    for (key, known) in [
        ("objectformat", ["sha1", "sha256"]),
        ("refstorage", ["files", "reftable"]),
    ] {
        let said = extension(config, key);
        if let Some(word) = known.into_iter().find(|word| said.as_deref() == Some(word)) {
            extensions.push_str(&format!("\t{key} = {word}\n"));
        }
    }
    if extensions.is_empty() {
        text.push_str("\trepositoryformatversion = 0\n");
    } else {
        text.push_str("\trepositoryformatversion = 1\n[extensions]\n");
        text.push_str(&extensions);
    }
    text
}

/// The word that a configuration gives for an extension; the last counts.
fn extension(config: &[u8], key: &str) -> Option<String> {
    let text = String::from_utf8_lossy(config);
    let (mut here, mut found) = (false, None);
    for line in text.lines().map(str::trim) {
        let mut line = line;
        if let Some((section, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']'))
        {
            here = section.trim().eq_ignore_ascii_case("extensions");
            line = rest.trim();
        }
        let Some((name, value)) = line.split_once('=').filter(|_| here) else {
            continue;
        };
        if name.trim().eq_ignore_ascii_case(key) {
            let value = value.split(['#', ';']).next().unwrap_or_default();
            found = Some(value.trim().trim_matches('"').to_ascii_lowercase());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_configuration_is_kept_but_how_things_are_stored() {
        let evil = "[core]\n\tsshCommand = evil\n[include]\n\tpath = /evil\n[extensions]\n\tpartialClone = origin\n";
        assert_eq!(
            neutral(evil.as_bytes()),
            "[core]\n\tbare = true\n\trepositoryformatversion = 0\n"
        );
        for config in [
            "[extensions]\n\tobjectFormat = sha256\n",
            "[Extensions] objectformat=\"SHA256\" # long\n",
            "[extensions]\nobjectformat = sha1\n[core]\n[extensions]\nobjectformat = sha256",
        ] {
            let neutral = neutral(config.as_bytes());
            assert!(
                neutral.contains("objectformat = sha256\n"),
                "{config}: {neutral}"
            );
        }
        for config in [
            "[extensions]\nobjectformat = evil\n",
            "[core]\nobjectformat = sha256",
            "[",
        ] {
            assert!(
                neutral(config.as_bytes()).contains("version = 0"),
                "{config}"
            );
        }
    }
}
