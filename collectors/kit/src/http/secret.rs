//! Tokens and the like, which must not be seen.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::file::{self, FileError};

/// The longest secret, in bytes.
const MOST: usize = 64 << 10;

/// A token. It is never empty, and neither shown nor printed by anything but [`expose`](Self::expose).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

/// Why a secret cannot be had. Holds no part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It has no characters.
    #[error("{0} is empty: put the token there")]
    Empty(String),
    /// It has a character that no header can carry.
    #[error("{0} holds a space, a line break or another character that no token has")]
    Characters(String),
    /// It is longer than any token.
    #[error("{0} is longer than any token: is it the right one?")]
    TooLong(String),
    /// The variable is not set, or holds no text.
    #[error("the environment variable {0} is not set: set it to the token")]
    Unset(String),
    /// The file cannot be read, or is not to be trusted.
    #[error("cannot read {0}")]
    File(#[from] FileError),
}

impl Secret {
    /// A secret from a text; `place` says where it came from, for the error. White space around it is left off.
    ///
    /// # Errors
    /// When it is empty, too long, or holds anything but visible ASCII.
    pub fn new(place: &str, text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            Err(SecretError::Empty(place.to_owned()))
        } else if text.len() > MOST {
            Err(SecretError::TooLong(place.to_owned()))
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err(SecretError::Characters(place.to_owned()))
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The secret in an environment variable.
    ///
    /// # Errors
    /// When the variable is not set, or its value is no secret.
    pub fn from_variable(name: &str) -> Result<Self, SecretError> {
        let text = std::env::var(name).map_err(|_| SecretError::Unset(name.to_owned()))?;
        Self::new(&format!("the environment variable {name}"), &text)
    }

    /// The secret in a file that its owner alone can read.
    ///
    /// # Errors
    /// When the file cannot be read, is open to others, or holds no secret.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let text = file::read_private_text(path, MOST + 2)?;
        Self::new(&path.display().to_string(), &text)
    }

    /// The secret itself, to be sent and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn shows_nothing_of_itself() {
        let secret = Secret::new("here", " hunter2\n").unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        let error = Secret::new("here", "hun\nter2").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ter2"));
        assert!(matches!(
            Secret::new("here", " \n"),
            Err(SecretError::Empty(_))
        ));
    }

    #[test]
    fn a_file_must_be_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "hunter2\n").unwrap();
        let chmod =
            |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            chmod(mode);
            let error = Secret::from_file(&path).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{mode:o}: {error}");
        }
        chmod(0o600);
        assert_eq!(Secret::from_file(&path).unwrap().expose(), "hunter2");
    }
}
