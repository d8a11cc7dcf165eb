//! What a platform's word for an action means: a change, an access, or a look.
//!
//! The words are data, each with whose it is. A word that is not here is taken for a change: to look for the maker of
//! a change among too many records is honest, to leave one out is not.

/// What an action of some word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It may have changed something.
    Change,
    /// Somebody got at what is inside, and nothing that a scan sees is changed by it. The text says to what.
    Access(&'static str),
    /// Somebody looked, at what is no secret.
    Look,
}

/// Words that open a system to a person, what they open, and whose words they are.
///
/// Aptible: the operation types of its public client, aptible/aptible-api-ruby `lib/aptible/api/operation.rb`.
/// Kubernetes: the subresources of pods as audit events and role rules name them, kubernetes/kubernetes
/// `pkg/registry/core/pod/rest/subresources.go`, and kubectl's commands for them. Fly: the commands of
/// superfly/flyctl `internal/command/`, and the machines API's `exec`.
const ACCESSES: &[(&str, &str, &str)] = &[
    ("execute", "a shell or command inside", "Aptible"),
    ("tunnel", "a tunnel to it", "Aptible"),
    ("show", "its sensitive values", "Aptible"),
    ("exec", "a shell or command inside", "Kubernetes, Fly"),
    ("attach", "the input and output of what runs", "Kubernetes"),
    ("debug", "a container of one's own beside it", "Kubernetes"),
    (
        "ephemeralcontainers",
        "a container of one's own beside it",
        "Kubernetes",
    ),
    ("port-forward", "a tunnel to it", "Kubernetes"),
    ("portforward", "a tunnel to it", "Kubernetes"),
    ("ssh", "a shell or command inside", "Fly"),
    ("ssh-console", "a shell or command inside", "Fly"),
    ("console", "a shell or command inside", "Fly"),
    ("sftp", "its files", "Fly"),
    ("proxy", "a tunnel to it", "Fly, Kubernetes"),
];

/// Words that read what is no secret, and change nothing. The same sources; Kubernetes' are its API's verbs.
const LOOKS: &[&str] = &[
    "audit",
    "get",
    "index",
    "list",
    "log",
    "logs",
    "poll",
    "ps",
    "scan",
    "scan-code",
    "status",
    "watch",
];

/// Words by which something comes to be.
const MAKES: &[&str] = &["create", "launch", "provision"];
/// Words by which something ceases to be.
const UNMAKES: &[&str] = &["delete", "deprovision", "destroy", "remove"];

/// Words of a platform for something that came to nothing.
const FAILED: &[&str] = &[
    "aborted",
    "cancelled",
    "canceled",
    "error",
    "failed",
    "failure",
];

/// What an action of this word is. Upper case, `_` and what stands before a `/` do not matter: `pods/exec` is `exec`.
pub fn nature(what: &str) -> Nature {
    let word = plain(what);
    if let Some((_, opens, _)) = ACCESSES.iter().find(|(access, ..)| *access == word) {
        return Nature::Access(opens);
    }
    if LOOKS.contains(&word.as_str()) {
        return Nature::Look;
    }
    Nature::Change
}

/// Whether the word is one by which something comes to be.
pub(super) fn makes(what: &str) -> bool {
    MAKES.contains(&plain(what).as_str())
}

/// Whether the word is one by which something ceases to be.
pub(super) fn unmakes(what: &str) -> bool {
    UNMAKES.contains(&plain(what).as_str())
}

/// Whether a status says that it came to nothing.
pub fn has_failed(status: &str) -> bool {
    FAILED.contains(&plain(status).as_str())
}

fn plain(what: &str) -> String {
    let last = what.trim().rsplit('/').next().unwrap_or_default();
    last.to_lowercase().replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_an_access_however_it_is_written() {
        for word in [
            "execute",
            "Execute",
            "pods/exec",
            "port_forward",
            "ssh console",
        ] {
            assert!(matches!(nature(word), Nature::Access(_)), "{word}");
        }
        assert_eq!(nature("scan_code"), Nature::Look);
        for word in ["deploy", "", "executed", "restart"] {
            assert_eq!(nature(word), Nature::Change, "{word}");
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let mut words: Vec<&str> = ACCESSES.iter().map(|(word, ..)| *word).collect();
        words.extend(LOOKS.iter().chain(MAKES).chain(UNMAKES));
        let many = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), many);
        assert!(words.iter().all(|word| plain(word) == *word));
    }
}
