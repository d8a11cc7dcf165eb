//! The one opener of files that a configuration names: tokens, keys, certificates, kubeconfigs, lists of signers.
//!
//! What is opened is a regular file, so that nothing waits for a pipe's writer or reads a device without end; at most so many
//! bytes of it are read; and nobody else may have written it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// The most bytes of a certificate, a kubeconfig, or a list of keys.
pub const MOST: usize = 1 << 20;

/// Why a file is not read. Holds nothing of what is in it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: FileFault,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It is something else that has a name: a folder, a pipe, a device, a socket.
    #[error("it is a {0} and no regular file: give the path of a file")]
    Special(&'static str),
    /// It is longer than any such file.
    #[error("it is longer than {0} bytes: is it the right file?")]
    TooLong(usize),
    /// Others may read what is for its owner alone, or may write what is trusted.
    #[error("it can be read or changed by others (mode {0:03o}): run `chmod 600` on it")]
    Open(u32),
    /// Everybody may write what is trusted.
    #[error("everybody may change it (mode {0:03o}): run `chmod o-w` on it")]
    Writable(u32),
    /// It is somebody else's.
    #[error(
        "it belongs to the user with the number {0}, and neither to this one nor to root: run `chown` on it"
    )]
    Foreign(u32),
    /// Others may put files into the folder that it lies in.
    #[error("everybody may put files into the folder {} (mode {mode:03o}): run `chmod o-w` on it", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It goes by another name too, or is a link.
    #[error("it is a link, or has a second name: remove it")]
    Linked,
    /// It is no text.
    #[error("it is not UTF-8: save it as text")]
    NotText,
    /// The system does not give it.
    #[error("{0}")]
    System(#[from] io::Error),
}

impl FileError {
    /// Whether it is not there.
    pub fn is_missing(&self) -> bool {
        matches!(&self.fault, FileFault::System(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether it may not be read.
    pub fn is_denied(&self) -> bool {
        match &self.fault {
            FileFault::System(error) => error.kind() == io::ErrorKind::PermissionDenied,
            FileFault::Open(_) | FileFault::Writable(_) | FileFault::Foreign(_) => true,
            _ => false,
        }
    }
}

/// Opens a regular file for reading, at once.
///
/// # Errors
/// When it is not there, may not be read, or is no regular file.
pub fn open(path: &Path) -> Result<File, FileError> {
    opened(path).map_err(|fault| at(path, fault))
}

/// The bytes of a regular file that is trusted: at most `most`, and not everybody may write it.
///
/// # Errors
/// When it cannot be read so.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let read = trusted(path).and_then(|file| bytes(file, most));
    read.map_err(|fault| at(path, fault))
}

/// Whether such a file could be read, without reading it.
///
/// # Errors
/// When it could not.
pub fn check(path: &Path) -> Result<(), FileError> {
    trusted(path).map(drop).map_err(|fault| at(path, fault))
}

/// The text of such a file.
///
/// # Errors
/// When it cannot be read so, or is no text.
pub fn read_text(path: &Path, most: usize) -> Result<String, FileError> {
    text(path, read(path, most)?)
}

/// The bytes of a file that its owner alone may read: this user, root, or whose folder it lies in. A credential that systemd
/// passed to this service (`LoadCredential=`) will do.
///
/// # Errors
/// When it cannot be read so.
pub fn read_private(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let read = || {
        let file = opened(path)?;
        // Asked of the open file, so that it is the one that is read.
        let metadata = file.metadata()?;
        let mode = metadata.mode() & 0o777;
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
        if !is_private(path, mode, credentials.as_deref().map(Path::new)) {
            return Err(FileFault::Open(mode));
        }
        if !is_ours(path, metadata.uid()) {
            return Err(FileFault::Foreign(metadata.uid()));
        }
        bytes(file, most)
    };
    read().map_err(|fault| at(path, fault))
}

/// The text of such a file.
///
/// # Errors
/// When it cannot be read so, or is no text.
pub fn read_private_text(path: &Path, most: usize) -> Result<String, FileError> {
    text(path, read_private(path, most)?)
}

/// Whether nobody else can put a file, or a link, in the place of one: whether its folder is not open to all. A folder in which
/// each may remove their own alone, as `/tmp`, will do.
///
/// # Errors
/// When it is open. A folder that is not there is not.
pub fn check_folder(path: &Path) -> Result<(), FileError> {
    let folder = folder_of(path);
    let Ok(metadata) = std::fs::metadata(folder) else {
        return Ok(());
    };
    let mode = metadata.mode() & 0o7777;
    if mode & 0o002 == 0 || mode & 0o1000 != 0 {
        return Ok(());
    }
    let folder = folder.to_owned();
    Err(at(path, FileFault::Folder { folder, mode }))
}

/// Opens a file of ours for writing, and makes it where there is none, readable by this user alone. No link is followed.
///
/// # Errors
/// When it is no regular file with one name, is somebody else's, or cannot be opened.
pub fn open_own(path: &Path) -> Result<File, FileError> {
    let open = || {
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .map_err(|error| match rustix::io::Errno::from_io_error(&error) {
                Some(rustix::io::Errno::LOOP) => FileFault::Linked,
                Some(rustix::io::Errno::NXIO) => FileFault::Special("pipe"),
                _ => error.into(),
            })?;
        let metadata = file.metadata()?;
        regular(&metadata)?;
        if metadata.nlink() != 1 {
            return Err(FileFault::Linked);
        }
        match is_ours(path, metadata.uid()) {
            true => Ok(file),
            false => Err(FileFault::Foreign(metadata.uid())),
        }
    };
    check_folder(path)?;
    open().map_err(|fault| at(path, fault))
}

/// Whether the owner of a file may be trusted with it: this user, root, or the owner of its folder, who may replace it anyway.
pub fn is_ours(path: &Path, owner: u32) -> bool {
    owner == 0
        || owner == rustix::process::geteuid().as_raw()
        || std::fs::metadata(folder_of(path)).is_ok_and(|folder| folder.uid() == owner)
}

/// Whether nobody but its owner may read or change a file of this mode. systemd lets the service's user read a credential by an
/// access control list, whose mask shows as the group's right: <https://systemd.io/CREDENTIALS/>.
fn is_private(path: &Path, mode: u32, credentials: Option<&Path>) -> bool {
    let credential =
        credentials.is_some_and(|folder| path.is_absolute() && path.parent() == Some(folder));
    mode & if credential { 0o037 } else { 0o077 } == 0
}

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn trusted(path: &Path) -> Result<File, FileFault> {
    let file = opened(path)?;
    let mode = file.metadata()?.mode() & 0o777;
    if mode & 0o002 != 0 {
        return Err(FileFault::Writable(mode));
    }
    Ok(file)
}

fn opened(path: &Path) -> Result<File, FileFault> {
    // What is no file is not opened at all where that can be: opening a device may do something.
    regular(&std::fs::metadata(path)?)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
        .open(path)?;
    // It may have been put there in between.
    regular(&file.metadata()?)?;
    Ok(file)
}

fn regular(metadata: &std::fs::Metadata) -> Result<(), FileFault> {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(FileFault::Special(if kind.is_dir() {
        "folder"
    } else if kind.is_fifo() {
        "pipe"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device"
    }))
}

fn bytes(file: File, most: usize) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    let cap = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(cap).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(FileFault::TooLong(most));
    }
    Ok(bytes)
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|_| at(path, FileFault::NotText))
}

fn at(path: &Path, fault: FileFault) -> FileError {
    FileError {
        path: path.to_owned(),
        fault,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn credential_of_the_service_may_have_a_readable_mask() {
        let folder = Path::new("/run/credentials/plimsoll.service");
        let token = folder.join("fly.token");
        let elsewhere = Path::new("/etc/plimsoll/fly.token");
        for (path, mode, credentials, private) in [
            (token.as_path(), 0o440, Some(folder), true),
            (&token, 0o400, Some(folder), true),
            (&token, 0o444, Some(folder), false),
            (&token, 0o460, Some(folder), false),
            (&token, 0o440, None, false),
            (elsewhere, 0o440, Some(folder), false),
            (Path::new("fly.token"), 0o440, Some(Path::new("")), false),
        ] {
            assert_eq!(
                is_private(path, mode, credentials),
                private,
                "{path:?} {mode:o}"
            );
        }
    }

    fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn nothing_but_a_regular_file_is_opened_and_nothing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RUSR).unwrap();
        let socket = folder.path().join("socket");
        let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        for (path, kind) in [
            (fifo.as_path(), "pipe"),
            (&link, "pipe"),
            (&socket, "socket"),
            (folder.path(), "folder"),
            (Path::new("/dev/zero"), "device"),
            (Path::new("/dev/null"), "device"),
        ] {
            for read in [read, read_private] {
                let error = read(path, 10).unwrap_err().to_string();
                assert!(error.contains(&format!("it is a {kind}")), "{error}");
            }
        }
    }

    #[test]
    fn an_endless_file_is_read_to_the_cap() {
        let folder = tempfile::tempdir().unwrap();
        let endless = folder.path().join("endless");
        // All of it is a hole, which takes no room.
        File::create(&endless).unwrap().set_len(1 << 36).unwrap();
        let error = read(&endless, 1_000).unwrap_err();
        assert!(matches!(error.fault, FileFault::TooLong(1_000)), "{error}");
    }

    #[test]
    fn what_others_may_write_or_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "x").unwrap();
        for (mode, trusted, private) in [
            (0o600, true, true),
            (0o400, true, true),
            (0o644, true, false),
            (0o664, true, false),
            (0o666, false, false),
            (0o602, false, false),
        ] {
            chmod(&path, mode);
            assert_eq!(read(&path, 9).is_ok(), trusted, "{mode:o}");
            assert_eq!(read_private(&path, 9).is_ok(), private, "{mode:o}");
        }
    }

    #[test]
    fn a_file_of_ours_is_no_link_and_has_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let target = path("target");
        std::fs::write(&target, "x").unwrap();
        std::os::unix::fs::symlink(&target, path("link")).unwrap();
        std::fs::hard_link(&target, path("hard")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("fifo"), rustix::fs::Mode::RUSR).unwrap();
        for name in ["link", "hard", "target", "fifo"] {
            assert!(open_own(&path(name)).is_err(), "{name}");
        }
        open_own(&path("new")).unwrap();
        open_own(&path("new")).unwrap();
        let mode = std::fs::metadata(path("new")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        chmod(folder.path(), 0o777);
        let error = open_own(&path("new")).unwrap_err().to_string();
        assert!(error.contains("everybody may put files"), "{error}");
        chmod(folder.path(), 0o1777);
        open_own(&path("new")).unwrap();
    }

    #[test]
    fn a_private_file_of_somebody_else_is_refused() {
        if !rustix::process::geteuid().is_root() {
            // Nobody else can make one.
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "x").unwrap();
        chmod(&path, 0o600);
        std::os::unix::fs::chown(&path, Some(4711), None).unwrap();
        let error = read_private(&path, 9).unwrap_err();
        assert!(matches!(error.fault, FileFault::Foreign(4711)), "{error}");
        // Who owns the folder may put there what they like.
        std::os::unix::fs::chown(folder.path(), Some(4711), None).unwrap();
        assert_eq!(read_private(&path, 9).unwrap(), b"x");
    }
}
