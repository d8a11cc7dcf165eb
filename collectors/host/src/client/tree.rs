//! Files below a root, each with a cap.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::wire::File;

/// How much of a file is read where only its beginning matters.
const HEAD: u64 = 64 << 10;
/// The longest line that is read; the kernel's own stay far below.
const LINE: u64 = 64 << 10;
/// The most entries of one folder: a machine with more has other worries.
const ENTRIES: usize = 1 << 20;

/// Files below a root, each with a cap.
pub(super) struct Tree {
    root: PathBuf,
    cap: usize,
    stop: Arc<AtomicBool>,
}

impl Tree {
    pub(super) fn new(root: &Path, cap: usize, stop: Arc<AtomicBool>) -> Self {
        Self {
            root: root.to_owned(),
            cap,
            stop,
        }
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Where a path below the root lies.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.at(path).exists()
    }

    /// A whole file.
    pub(super) fn file(&self, path: &str) -> File {
        self.lines(path, |_| true)
    }

    /// The first of several files that is there.
    pub(super) fn first(&self, paths: &[&str]) -> File {
        let mut files = paths.iter().map(|path| self.file(path));
        files
            .find(|file| *file != File::Missing)
            .unwrap_or_default()
    }

    /// A file's only line, unless it is missing, empty or unreadable.
    pub(super) fn value(&self, path: &str) -> Option<String> {
        self.file(path).line().map(str::to_owned)
    }

    /// The lines of a file that `keep` says yes to; the cap is on those.
    pub(super) fn lines(&self, path: &str, keep: impl Fn(&str) -> bool) -> File {
        match self.try_lines(path, keep) {
            Ok(text) => File::Text(text),
            Err(error) if error.kind() == ErrorKind::NotFound => File::Missing,
            Err(error) => File::Failed(self.tell(path, &error)),
        }
    }

    /// The beginning of a file; empty where it cannot be read.
    pub(super) fn head(&self, path: &str) -> String {
        let mut bytes = Vec::new();
        // What was read before an error is what the caller can have.
        let _ = self
            .open(path)
            .and_then(|file| file.take(HEAD).read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The names in a folder, sorted; none where it is missing.
    pub(super) fn folder(&self, path: &str) -> Result<Vec<String>, String> {
        let entries = match fs::read_dir(self.at(path)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.tell(path, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.tell(path, &error))?;
            if names.len() == ENTRIES {
                return Err(format!(
                    "{}: more than {ENTRIES} entries",
                    self.at(path).display()
                ));
            }
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The target of a link; empty where it is none.
    pub(super) fn link(&self, path: &str) -> String {
        fs::read_link(self.at(path))
            .map(|target| target.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    fn try_lines(&self, path: &str, keep: impl Fn(&str) -> bool) -> std::io::Result<String> {
        let mut reader = BufReader::new(self.open(path)?);
        let (mut text, mut line) = (String::new(), Vec::new());
        loop {
            line.clear();
            if self.stopped() {
                return Err(std::io::Error::other("the deadline passed"));
            }
            if reader.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(text);
            }
            let shown = String::from_utf8_lossy(&line);
            if keep(&shown) {
                if text.len() + shown.len() > self.cap {
                    let why = format!("longer than the limit of {} bytes", self.cap);
                    return Err(std::io::Error::other(why));
                }
                text.push_str(&shown);
            }
        }
    }

    fn open(&self, path: &str) -> std::io::Result<fs::File> {
        let path = self.at(path);
        // Opening a pipe would wait for its writer.
        if !fs::metadata(&path)?.is_file() {
            return Err(std::io::Error::other("not a file"));
        }
        fs::File::open(path)
    }

    fn tell(&self, path: &str, error: &std::io::Error) -> String {
        let what = self.at(path);
        match error.kind() {
            ErrorKind::PermissionDenied => {
                format!(
                    "{}: permission denied; let Plimsoll read it",
                    what.display()
                )
            }
            _ => format!("{}: {error}", what.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(root: &Path, cap: usize) -> Tree {
        Tree::new(root, cap, Arc::default())
    }

    #[test]
    fn a_long_file_fails_unless_what_is_kept_is_short() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "drop\n".repeat(1000) + "keep\n").unwrap();
        let tree = tree(folder.path(), 100);
        assert!(
            tree.file("a")
                .failure()
                .unwrap()
                .contains("limit of 100 bytes")
        );
        assert_eq!(
            tree.lines("a", |line| line == "keep\n"),
            File::Text("keep\n".into())
        );
    }

    #[test]
    fn what_is_no_file_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let tree = tree(folder.path(), 100);
        assert_eq!(tree.file("absent"), File::Missing);
        std::fs::create_dir(folder.path().join("etc")).unwrap();
        assert!(tree.file("etc").failure().unwrap().contains("not a file"));
        std::fs::write(folder.path().join("bytes"), b"a\xff\0b").unwrap();
        assert_eq!(tree.file("bytes"), File::Text("a\u{fffd}\0b".into()));
    }

    #[test]
    fn a_stopped_tree_reads_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "x").unwrap();
        let tree = tree(folder.path(), 100);
        tree.stop.store(true, Ordering::Relaxed);
        assert!(tree.file("a").failure().unwrap().contains("deadline"));
    }
}
