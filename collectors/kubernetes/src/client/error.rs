//! Why an answer did not come.

use std::error::Error;
use std::time::Duration;

/// Why an answer did not come. Nothing here repeats what the server sent, or what we sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the connection cannot be set up: {0}; check the certificates of the kubeconfig")]
    Setup(String),
    #[error(
        "cannot reach the API server: {0}; check its address, and whether it can be reached from here"
    )]
    Connect(String),
    #[error("the connection to the API server broke: {0}; scan again when it is well")]
    Lost(String),
    #[error("no whole answer within {} s; raise `timeout` if the API server is only slow", .0.as_secs_f64())]
    Timeout(Duration),
    #[error("the answer is larger than {0} bytes, and was left unread")]
    TooLarge(usize),
    #[error("the API server answered with status {status}{meaning}", meaning = meaning(*.status))]
    Status {
        status: u16,
        /// The wait that it asks for.
        after: Option<Duration>,
    },
    #[error("not asked: the path holds what is no name, or leads to secrets")]
    Target,
}

impl ApiError {
    pub(super) fn setup(error: &kube::Error) -> Self {
        Self::Setup(known_cause(error).unwrap_or_else(|| match error {
            kube::Error::ProxyProtocolDisabled { .. }
            | kube::Error::ProxyProtocolUnsupported { .. } => {
                "the cluster's `proxy-url` is not supported".to_owned()
            }
            kube::Error::Auth(_) => "its credential cannot be read".to_owned(),
            _ => "a certificate or credential is not understood".to_owned(),
        }))
    }

    pub(super) fn sent(error: &(dyn Error + 'static)) -> Self {
        let connecting = chain(error).any(|cause| {
            // hyper-util says "client error (Connect)", and has no type that says so.
            cause.to_string().contains("(Connect)")
        });
        // With TLS 1.3 a server refuses a certificate only when the handshake is over for us.
        let refused = chain(error).any(is_tls);
        let cause = known_cause(error).unwrap_or_else(|| "for no reason that is said".to_owned());
        if connecting || refused {
            Self::Connect(cause)
        } else {
            Self::Lost(cause)
        }
    }

    /// Whether another attempt may do better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Status { status, .. } => plimsoll_kit::http::Retry::is_transient(*status),
            Self::Lost(_) => true,
            _ => false,
        }
    }

    /// The wait that the server asks for.
    pub(super) fn asked(&self) -> Option<Duration> {
        match self {
            Self::Status { after, .. } => *after,
            _ => None,
        }
    }

    /// The status, where there was an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether a right is missing.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.status(), Some(401 | 403))
    }

    /// Whether there is no such thing.
    pub(crate) fn is_absent(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether the version of a list that was being paged through is no longer kept.
    pub(crate) fn is_expired(&self) -> bool {
        self.status() == Some(410)
    }

    /// Whether nothing came back at all, which the next request will meet too.
    pub(crate) fn is_silence(&self) -> bool {
        self.status().is_none_or(|status| status == 401)
    }
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// The innermost cause whose words are its own and hold nothing of what was sent: the system's, or that of TLS.
fn known_cause(error: &(dyn Error + 'static)) -> Option<String> {
    let causes: Vec<_> = chain(error).collect();
    causes.into_iter().rev().find_map(|cause| {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls.to_string());
        }
        cause.downcast_ref::<std::io::Error>().map(of_io)
    })
}

/// Whether it is TLS that failed.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let io = |io: &std::io::Error| io.get_ref().is_some_and(|inner| is_tls(inner));
    cause.is::<rustls::Error>() || cause.downcast_ref::<std::io::Error>().is_some_and(io)
}

/// An error of the system, or what it is wrapped around.
fn of_io(io: &std::io::Error) -> String {
    let inner = io.get_ref();
    if let Some(tls) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls.to_string();
    }
    match inner.and_then(|inner| inner.downcast_ref::<std::io::Error>()) {
        Some(inner) => of_io(inner),
        None => io.kind().to_string(),
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        401 => ": the credential is not accepted; log in again",
        403 => ": the right is missing",
        404 => ": there is no such thing",
        406 => ": it cannot answer in the form that was asked for",
        410 => ": the list expired while it was read",
        429 => ": it asks for patience, and did so again after every wait",
        300..=399 => ", a redirect, which is not followed",
        500..=599 => ", a fault of its own; its log says more",
        _ => "",
    }
}
