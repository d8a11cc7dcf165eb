//! Reads files, and knows nothing of what they mean.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use plimsoll_kit::Right;
use tokio::io::AsyncReadExt;

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read {0}: {1}; give the user that runs Plimsoll the right to read it")]
    Io(PathBuf, #[source] io::Error),
    #[error("{0} has more than {1} bytes and was left unread")]
    TooLong(PathBuf, usize),
    #[error("{0} is no text in UTF-8")]
    NoText(PathBuf),
}

impl ReadError {
    pub(crate) fn right(&self) -> Right {
        match self {
            Self::Io(_, error) if error.kind() == ErrorKind::PermissionDenied => Right::Denied,
            _ => Right::Unreachable,
        }
    }
}

/// The names of the messages, sorted: a folder has no order.
pub(crate) async fn names(folder: &Path) -> Result<Vec<String>, ReadError> {
    let failed = |error| ReadError::Io(folder.to_owned(), error);
    let mut entries = tokio::fs::read_dir(folder).await.map_err(failed)?;
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(failed)? {
        let file = entry.file_name().to_string_lossy().into_owned();
        names.extend(file.strip_suffix(".motd").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// One message, of at most `most` bytes.
pub(crate) async fn read(folder: &Path, name: &str, most: usize) -> Result<String, ReadError> {
    let path = folder.join(format!("{name}.motd"));
    let failed = |error| ReadError::Io(path.clone(), error);
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(&path).await.map_err(failed)?;
    // One byte more than allowed: then too long is seen without reading on.
    let mut file = file.take(most as u64 + 1);
    file.read_to_end(&mut bytes).await.map_err(failed)?;
    if bytes.len() > most {
        return Err(ReadError::TooLong(path, most));
    }
    String::from_utf8(bytes).map_err(|_| ReadError::NoText(path))
}
