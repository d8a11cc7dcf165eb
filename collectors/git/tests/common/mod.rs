//! Real repositories in a temporary folder, with real keys.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and a panic is the message"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_git::REGISTRATION;
use plimsoll_kit::testkit::{build, context, harvest, run};
use plimsoll_kit::{Cursors, Harvest};
use plimsoll_model::ChangeRequest;
use tempfile::TempDir;

/// The first second of a day in December 2025: the tests' clock stands at the start of 2026.
pub(crate) fn day(day: i64) -> i64 {
    1_764_547_200 + (day - 1) * 86_400
}

/// Runs a program that has to end well, and gives what it wrote.
pub(crate) fn output(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|error| panic!("{command:?} is missing: {error}"));
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {err}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// A folder with a repository and keys.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) repository: PathBuf,
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("infra");
        let house = Self { folder, repository };
        std::fs::create_dir(&house.repository).unwrap();
        house.git(&["init", "-q", "-b", "main"], 1);
        house
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, program: &str, second: i64) -> Command {
        let mut command = Command::new(program);
        let date = format!("@{second} +0000");
        command
            .current_dir(&self.repository)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .env("GIT_COMMITTER_NAME", "Mo Merge")
            .env("GIT_COMMITTER_EMAIL", "mo@example.com")
            .env("GIT_AUTHOR_NAME", "Mo Merge")
            .env("GIT_AUTHOR_EMAIL", "mo@example.com");
        command
    }

    pub(crate) fn git(&self, args: &[&str], second: i64) -> String {
        output(self.command("git", second).args(args))
    }

    /// A commit by somebody, signed with a key where one is named. Gives its hash.
    pub(crate) fn commit(
        &self,
        who: &str,
        message: &str,
        second: i64,
        key: Option<&str>,
    ) -> String {
        let file = self.repository.join("file");
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        std::fs::write(&file, format!("{before}{message}\n")).unwrap();
        self.git(&["add", "file"], second);
        let mut command = self.command("git", second);
        for kind in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{kind}_NAME"), who);
            command.env(format!("GIT_{kind}_EMAIL"), format!("{who}@example.com"));
        }
        if let Some(key) = key {
            command.args([
                "-c",
                "gpg.format=ssh",
                "-c",
                &format!("user.signingkey={}", self.key(key)),
            ]);
        }
        command.args(["commit", "-q", "-m", message]);
        command.args(key.map(|_| "-S"));
        output(&mut command);
        self.git(&["rev-parse", "HEAD"], second)
    }

    /// A key of OpenSSH, made when it is first asked for.
    pub(crate) fn key(&self, name: &str) -> String {
        let path = self.path(name);
        if !path.exists() {
            let mut command = Command::new("ssh-keygen");
            command
                .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
                .arg(&path);
            output(&mut command);
        }
        path.display().to_string()
    }

    /// Allows keys, each under a name, with options before the key.
    pub(crate) fn allow(&self, lines: &[(&str, &str, &str)]) {
        let lines = lines.iter().map(|(principal, options, key)| {
            let public = std::fs::read_to_string(format!("{}.pub", self.key(key))).unwrap();
            format!("{principal} {options} {public}")
        });
        let text: String = lines.collect();
        std::fs::write(self.path("allowed"), text).unwrap();
    }

    /// A tag with a signature of a key of OpenSSH.
    pub(crate) fn tag(&self, name: &str, commit: &str, key: &str, second: i64) {
        let key = format!("user.signingkey={}", self.key(key));
        let message = format!("Release {name}");
        let args = [
            "-c",
            "gpg.format=ssh",
            "-c",
            &key,
            "tag",
            "-s",
            "-m",
            &message,
            name,
            commit,
        ];
        self.git(&args, second);
    }

    pub(crate) fn settings(&self, more: &str) -> String {
        format!(
            "allowed_signers = '{}'\n{more}\n[[repositories]]\npath = '{}'\nname = 'acme/infra'\n",
            self.path("allowed").display(),
            self.repository.display()
        )
    }

    pub(crate) fn read(&self, more: &str) -> Harvest {
        read(&self.settings(more))
    }
}

pub(crate) fn read(settings: &str) -> Harvest {
    read_from(settings, Timestamp::UNIX_EPOCH)
}

pub(crate) fn read_from(settings: &str, keep_from: Timestamp) -> Harvest {
    let collector = build(&REGISTRATION, settings).unwrap();
    let mut context = context("git");
    context.cursors = Arc::new(Cursors {
        keep_from,
        ..Cursors::default()
    });
    run(harvest(&*collector, &context))
}

pub(crate) fn told(harvest: &Harvest) -> String {
    let all = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    all.map(|trouble| trouble.what.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

pub(crate) fn request<'h>(harvest: &'h Harvest, id: &str) -> &'h ChangeRequest {
    let found = harvest.requests.iter().find(|one| one.id == id);
    found.unwrap_or_else(|| panic!("no {id}: {}", told(harvest)))
}

pub(crate) fn authors(request: &ChangeRequest) -> Vec<&str> {
    request
        .authors
        .iter()
        .map(|party| party.account.as_str())
        .collect()
}

/// A file that only its owner may run.
pub(crate) fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).unwrap();
}
