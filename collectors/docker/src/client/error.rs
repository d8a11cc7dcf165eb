//! Why an answer did not come.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

/// Why an answer did not come. Nothing here repeats what the engine sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("cannot connect to {endpoint}: {source}{}", hint(source))]
    Connect {
        endpoint: String,
        source: std::io::Error,
    },
    #[error(
        "TLS with {endpoint} failed: {source}; check that tls.ca signed the engine's certificate, and tls.cert ours"
    )]
    Handshake {
        endpoint: String,
        source: std::io::Error,
    },
    #[error("{}: {why}; check the files under `tls`, or in DOCKER_CERT_PATH", path.display())]
    Certificate { path: PathBuf, why: String },
    #[error("the connection was lost: {0}; look whether the engine still runs, then scan again")]
    Lost(String),
    #[error("no whole answer within {}; if the engine is only busy, raise `timeout`", seconds(.0))]
    Timeout(Duration),
    #[error("the answer is larger than {0} bytes, and was left unread")]
    TooLarge(usize),
    #[error("the engine answered with status {0}{meaning}", meaning = meaning(.0))]
    Status(u16),
    #[error("not asked: the engine had stopped answering")]
    GaveUp,
    #[error("not asked: the path cannot be sent")]
    Path,
}

impl ClientError {
    /// A connection that broke. hyper's words name what broke, not what was in it.
    pub(super) fn lost(error: hyper::Error) -> Self {
        Self::Lost(error.to_string())
    }

    /// Whether nothing came back at all, which the next request will meet too.
    pub(super) fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. } | Self::Handshake { .. } | Self::Lost(_) | Self::Timeout(_)
        )
    }

    /// Whether access was refused, by the file system or by the engine or a proxy before it.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Connect { source, .. } => source.kind() == ErrorKind::PermissionDenied,
            Self::Status(status) => matches!(status, 401 | 403 | 405),
            _ => false,
        }
    }

    /// Whether the thing that was asked for is not there.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Status(404))
    }
}

fn hint(source: &std::io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::NotFound => "; start the engine, or set `endpoint` to where it listens",
        ErrorKind::PermissionDenied => {
            "; add the user to the group that owns the socket (mostly `docker`), or name a read-only socket proxy as `endpoint`"
        }
        ErrorKind::ConnectionRefused => "; nothing listens there: start the engine",
        _ => "",
    }
}

fn meaning(status: &u16) -> &'static str {
    match status {
        300..=399 => ", a redirect, which is not followed",
        400 => ", a bad request: the engine may not know the version of the API",
        401 | 403 | 405 => ": access refused; let this path through for reading",
        404 => ": there is no such thing",
        500..=599 => ", a fault of its own; its log says more",
        _ => "",
    }
}

fn seconds(time: &Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
