//! Files below a root, each with a cap.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{
    CWD, Dir, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, readlinkat,
};
use rustix::io::Errno;

use crate::wire::File;

/// How much of a file is read where only its beginning matters.
const HEAD: u64 = 64 << 10;
/// The longest line that is read; the kernel's own stay far below.
const LINE: u64 = 64 << 10;
/// The most entries of one folder: a machine with more has other worries.
const ENTRIES: usize = 1 << 20;

/// How often a path is tried again that something moved while it was looked up.
const TRIES: usize = 8;

/// Files below a root, each with a cap. A link leads where it would lead on the machine whose root it is, and never out of it:
/// `RESOLVE_IN_ROOT` of openat2(2), which Linux has since 5.6.
pub(super) struct Tree {
    root: PathBuf,
    folder: Result<OwnedFd, Errno>,
    cap: usize,
    stop: Arc<AtomicBool>,
}

impl Tree {
    pub(super) fn new(root: &Path, cap: usize, stop: Arc<AtomicBool>) -> Self {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Self {
            root: root.to_owned(),
            folder: openat(CWD, root, flags, Mode::empty()),
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
        self.open_as(path, OFlags::PATH).is_ok()
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
        let entries = match self.entries(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.tell(path, &error)),
        };
        let mut names = Vec::new();
        for name in entries {
            let name = name.map_err(|error| self.tell(path, &error))?;
            if names.len() == ENTRIES {
                return Err(format!(
                    "{}: more than {ENTRIES} entries",
                    self.at(path).display()
                ));
            }
            names.push(name);
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The target of a link; empty where it is none.
    pub(super) fn link(&self, path: &str) -> String {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        let target = self
            .open_as(folder, OFlags::PATH | OFlags::DIRECTORY)
            .and_then(|folder| Ok(readlinkat(folder, name, Vec::new())?));
        target.map_or(String::new(), |target| {
            target.to_string_lossy().into_owned()
        })
    }

    /// The targets of the links in a folder, in no order; what is no link any more is left out.
    pub(super) fn links(
        &self,
        path: &str,
    ) -> std::io::Result<impl Iterator<Item = std::io::Result<String>> + use<>> {
        let folder = self.open_as(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let entries = names(Dir::read_from(&folder)?);
        Ok(entries.filter_map(move |name| {
            let name = match name {
                Ok(name) => name,
                Err(error) => return Some(Err(error)),
            };
            let target = readlinkat(&folder, name, Vec::new()).ok()?;
            target.into_string().ok().map(Ok)
        }))
    }

    fn entries(
        &self,
        path: &str,
    ) -> std::io::Result<impl Iterator<Item = std::io::Result<String>> + use<>> {
        let folder = self.open_as(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        Ok(names(Dir::new(folder)?))
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
        let is_file = |file: &OwnedFd| {
            let kind = FileType::from_raw_mode(fstat(file)?.st_mode);
            match kind {
                FileType::RegularFile => Ok(()),
                _ => Err(std::io::Error::other("not a file")),
            }
        };
        // Opening a pipe would wait for its writer, and opening a device may do something.
        is_file(&self.open_as(path, OFlags::PATH)?)?;
        let file = self.open_as(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        is_file(&file)?;
        Ok(file.into())
    }

    /// Opens a path below the root, wherever its links would lead.
    fn open_as(&self, path: &str, flags: OFlags) -> std::io::Result<OwnedFd> {
        let root = self.folder.as_ref().map_err(|error| *error)?;
        let flags = flags | OFlags::CLOEXEC;
        for _ in 0..TRIES {
            match openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(Errno::NOSYS) => {
                    return Err(std::io::Error::other(
                        "this kernel has no openat2, and nothing else keeps links below the root; read with Linux 5.6 or newer",
                    ));
                }
                other => return Ok(other?),
            }
        }
        Err(std::io::Error::other("it moves while it is looked up"))
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

/// The names in a folder.
fn names(folder: Dir) -> impl Iterator<Item = std::io::Result<String>> {
    folder.filter_map(|entry| match entry {
        Ok(entry) => {
            let name = entry.file_name().to_string_lossy();
            (name != "." && name != "..").then(|| Ok(name.into_owned()))
        }
        Err(error) => Some(Err(error.into())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_lead_where_they_would_on_that_machine() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        for one in ["etc", "usr/lib", "sys/class/block", "proc/7/fd"] {
            std::fs::create_dir_all(root.join(one)).unwrap();
        }
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("secret"), "ours\n").unwrap();
        std::fs::write(root.join("usr/lib/os-release"), "theirs\n").unwrap();
        symlink("/usr/lib/os-release", root.join("etc/os-release")).unwrap();
        symlink("../../../../usr/lib", root.join("etc/up")).unwrap();
        symlink(outside.join("secret"), root.join("etc/hostname")).unwrap();
        symlink("../../outside/secret", root.join("etc/issue")).unwrap();
        symlink(&outside, root.join("sys/fs")).unwrap();
        symlink("/proc/self/environ", root.join("etc/environ")).unwrap();
        symlink("socket:[42]", root.join("proc/7/fd/3")).unwrap();
        let tree = tree(&root, 1_000);
        // An absolute link begins at the root that is read, and none leads above it.
        assert_eq!(tree.value("etc/os-release").as_deref(), Some("theirs"));
        assert_eq!(tree.value("etc/up/os-release").as_deref(), Some("theirs"));
        for path in [
            "etc/hostname",
            "etc/issue",
            "etc/environ",
            "sys/fs/secret",
            "../outside/secret",
        ] {
            assert_eq!(tree.file(path), File::Missing, "{path}");
            assert_eq!(tree.head(path), "", "{path}");
            assert!(!tree.exists(path), "{path}");
        }
        assert_eq!(tree.folder("sys/fs").unwrap(), Vec::<String>::new());
        assert_eq!(tree.folder("..").unwrap(), ["etc", "proc", "sys", "usr"]);
        assert_eq!(tree.link("etc/os-release"), "/usr/lib/os-release");
        let links: Vec<String> = tree.links("proc/7/fd").unwrap().flatten().collect();
        assert_eq!(links, ["socket:[42]"]);
    }

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
        let _pipe = plimsoll_kit::testkit::Fifo::holding_readers(&folder.path().join("pipe"));
        assert!(tree.file("pipe").failure().unwrap().contains("not a file"));
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
