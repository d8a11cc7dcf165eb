//! Findings in a file: an estate that a test writes as it likes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file of findings, in a folder of its own.
pub(crate) struct Findings {
    folder: tempfile::TempDir,
}

impl Findings {
    /// A file with one scope, `estate`, that holds nothing yet.
    pub(crate) fn new() -> Self {
        let findings = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        // A test may scan as another user.
        let everyone = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(findings.folder(), everyone).unwrap();
        findings.write("");
        findings
    }

    /// A file with these lines as the whole of the scope.
    pub(crate) fn of(lines: &str) -> Self {
        let findings = Self::new();
        findings.write(lines);
        findings
    }

    /// Puts these lines, each a finding, in the place of all that was there: at once, as a script should.
    pub(crate) fn write(&self, lines: &str) {
        let draft = self.folder.path().join("draft");
        std::fs::write(&draft, Self::whole(lines)).unwrap();
        std::fs::rename(&draft, self.path()).unwrap();
    }

    /// The lines between a header and the word that this is all.
    pub(crate) fn whole(lines: &str) -> String {
        format!(
            "{{\"plimsoll\":\"findings/v1\",\"scope\":\"estate\"}}\n{lines}\n{{\"scope\":{{\"complete\":true}}}}\n"
        )
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("estate.jsonl")
    }

    /// Its folder, for what else a test needs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration that reads it, under the name `estate`.
    pub(crate) fn source(&self) -> String {
        format!(
            "[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = \"{}\"\n",
            self.path().display()
        )
    }
}
