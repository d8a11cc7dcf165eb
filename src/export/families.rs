//! Kinds by what a diagram does with them.

use plimsoll_model::kind;

/// What other things are in: drawn as a group where it holds something.
pub(super) const GROUPING: &[&str] = &[
    kind::HOST,
    kind::CLUSTER,
    kind::NAMESPACE,
    kind::STACK,
    kind::PLATFORM_ENVIRONMENT,
    kind::APP,
    kind::ORGANISATION,
];

/// What makes a diagram large and says little about how things hang together: left out unless it is asked for.
pub(super) const DETAILS: &[&str] = &[
    kind::IMAGE,
    kind::BLOCK_DEVICE,
    kind::FILESYSTEM,
    kind::ENGINE,
    kind::STORAGE_CLASS,
    kind::SERVICE_ACCOUNT,
    kind::NETWORK_POLICY,
    kind::BACKUP,
    kind::CERTIFICATE,
    kind::CONFIGURATION,
    kind::SECRET,
    kind::LOG_DRAIN,
];

/// How a node is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// What runs.
    Running,
    /// What holds data.
    Storing,
    /// What connects.
    Connecting,
    /// A way in.
    Entry,
    /// Anything else.
    Other,
}

pub(super) fn family(kind: &str) -> Family {
    // A folded group is drawn as what it is: `host with 12 assets`.
    match kind.split(" with ").next().unwrap_or(kind) {
        kind::DATABASE
        | kind::VOLUME
        | kind::VOLUME_CLAIM
        | kind::FILESYSTEM
        | kind::BLOCK_DEVICE
        | kind::BACKUP
        | "cache"
        | "bucket" => Family::Storing,
        kind::NETWORK | kind::NETWORK_POLICY => Family::Connecting,
        kind::ENDPOINT | kind::NETWORK_SERVICE | kind::ADDRESS | kind::DNS_NAME => Family::Entry,
        kind::HOST
        | kind::CONTAINER
        | kind::SERVICE
        | kind::WORKLOAD
        | kind::APP
        | kind::CLUSTER
        | kind::STACK
        | kind::ENGINE => Family::Running,
        _ => Family::Other,
    }
}

/// A kind with its number: `1 host`, `5 block devices`, `2 databases`.
pub(super) fn counted(count: usize, kind: &str) -> String {
    let mut words = kind.replace('-', " ");
    if count != 1 {
        match words.as_bytes() {
            [.., b'y'] if !words.ends_with("ay") && !words.ends_with("ey") => {
                words.pop();
                words.push_str("ies");
            }
            [.., b's' | b'x'] | [.., b's', b'h'] => words.push_str("es"),
            _ => words.push('s'),
        }
    }
    format!("{count} {words}")
}
