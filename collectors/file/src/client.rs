//! Opens what the findings are read from.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::time::SystemTime;

use plimsoll_kit::Right;
use rustix::fs::OFlags;

/// The path that stands for standard input.
const STDIN: &str = "-";

/// What messages call a path.
pub(crate) fn name(path: &str) -> String {
    if path == STDIN {
        "standard input".to_owned()
    } else {
        path.to_owned()
    }
}

/// Findings ready to be read.
pub(crate) struct Opened {
    pub(crate) source: Box<dyn Read + Send>,
    /// How a file looked when it was opened; none for standard input.
    pub(crate) stamp: Option<Stamp>,
}

impl Opened {
    /// Opens a regular file or standard input.
    pub(crate) fn open(path: &str) -> Result<Self, Refused> {
        let refused = |why| Refused {
            path: name(path),
            why,
        };
        if path == STDIN {
            // Around std's own buffer, which would copy everything once more.
            let stdin = io::stdin().as_fd().try_clone_to_owned();
            return Ok(Self {
                source: Box::new(File::from(
                    stdin.map_err(|error| refused(Why::Error(error)))?,
                )),
                stamp: None,
            });
        }
        // Without NONBLOCK the opening of a FIFO that nobody writes to never returns.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)
            .map_err(|error| refused(Why::Error(error)))?;
        let metadata = file
            .metadata()
            .map_err(|error| refused(Why::Error(error)))?;
        if !metadata.is_file() {
            return Err(refused(Why::NoFile));
        }
        let same = file
            .try_clone()
            .map_err(|error| refused(Why::Error(error)))?;
        Ok(Self {
            source: Box::new(file),
            stamp: Some(Stamp {
                file: same,
                was: Look::of(&metadata),
            }),
        })
    }
}

/// Why a path cannot be read.
#[derive(Debug)]
pub(crate) struct Refused {
    path: String,
    why: Why,
}

#[derive(Debug)]
enum Why {
    NoFile,
    Error(io::Error),
}

impl Refused {
    /// How `check` classes it.
    pub(crate) fn right(&self) -> Right {
        match &self.why {
            Why::Error(error) if error.kind() == io::ErrorKind::PermissionDenied => Right::Denied,
            _ => Right::Unreachable,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.why {
            Why::NoFile => write!(
                f,
                "{path} is no regular file; give a file, `-` for standard input, or let the `exec` collector run a program"
            ),
            Why::Error(error) => match error.kind() {
                io::ErrorKind::NotFound => {
                    write!(
                        f,
                        "{path} does not exist; check `path`, and what writes the file"
                    )
                }
                io::ErrorKind::PermissionDenied => {
                    write!(
                        f,
                        "{path} may not be read by this user; grant the right to read it"
                    )
                }
                _ => write!(f, "{path} cannot be opened: {error}"),
            },
        }
    }
}

/// How a file looked when it was opened.
pub(crate) struct Stamp {
    file: File,
    was: Look,
}

#[derive(PartialEq)]
struct Look {
    length: u64,
    modified: Option<SystemTime>,
}

impl Look {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

impl Stamp {
    /// Whether the file was written to since. Where that cannot be told it counts as changed.
    pub(crate) fn has_changed(&self) -> bool {
        self.file
            .metadata()
            .map_or(true, |metadata| Look::of(&metadata) != self.was)
    }
}
