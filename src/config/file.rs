//! Reading a text file that a person wrote.

use std::io;
use std::path::Path;

use plimsoll_kit::file::{self, FileError, FileFault};
use plimsoll_settings::Mistake;

/// More than a person writes; what is larger is another kind of file.
const CAP: usize = 1 << 20;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("there is no such file")]
    Missing,
    #[error("this user may not read it")]
    Denied,
    #[error("it is a folder, not a file")]
    Folder,
    #[error("it is no regular file")]
    Special,
    #[error("it is larger than 1 MiB")]
    TooLarge,
    #[error("it is not UTF-8: byte {0} begins no character")]
    NotText(usize),
    #[error("it is not read: {0}")]
    Other(FileFault),
}

impl Unreadable {
    /// The same as a mistake about a whole file.
    pub(super) fn mistake(&self, name: &str) -> Mistake {
        let mistake = Mistake::of_file(name, self.to_string());
        match self.hint() {
            Some(hint) => mistake.hint(hint),
            None => mistake,
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("check the path"),
            Self::Denied => Some("change its owner or its mode, or run as a user who may"),
            Self::Folder | Self::Special => Some("give the path of a TOML file"),
            Self::TooLarge => Some("is it the right file?"),
            Self::NotText(_) => Some("save it as UTF-8"),
            Self::Other(_) => None,
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        FileFault::System(error).into()
    }
}

impl From<FileError> for Unreadable {
    fn from(error: FileError) -> Self {
        error.fault.into()
    }
}

impl From<FileFault> for Unreadable {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::Special("folder") => Self::Folder,
            FileFault::Special(_) => Self::Special,
            FileFault::TooLong(_) => Self::TooLarge,
            FileFault::System(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
                io::ErrorKind::PermissionDenied => Self::Denied,
                _ => Self::Other(FileFault::System(error)),
            },
            other => Self::Other(other),
        }
    }
}

/// The text of a regular file of at most 1 MiB that not everybody may change: it names programs that are run. Nothing here waits.
pub(super) fn read(path: &Path) -> Result<String, Unreadable> {
    let bytes = file::read(path, CAP)?;
    String::from_utf8(bytes)
        .map_err(|error| Unreadable::NotText(error.utf8_error().valid_up_to() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_file_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let why = |path: &Path| read(path).unwrap_err().to_string();
        assert_eq!(why(folder.path()), "it is a folder, not a file");
        assert_eq!(why(&folder.path().join("none")), "there is no such file");
        assert_eq!(why(Path::new("/dev/zero")), "it is no regular file");
        let large = at("large", &vec![b'#'; CAP + 1]);
        assert_eq!(why(&large), "it is larger than 1 MiB");
        let latin = at("latin", b"a = \"\xe9\"");
        assert_eq!(why(&latin), "it is not UTF-8: byte 6 begins no character");
        let whole = at("whole", &vec![b'#'; CAP]);
        assert_eq!(read(&whole).unwrap().len(), CAP);
    }
}
