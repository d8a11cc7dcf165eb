//! Finding engines without configuration: variables and socket files, no connection.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use plimsoll_kit::{Found, Surroundings};

use crate::endpoint::{Endpoint, InvalidEndpoint};
use crate::settings::Tls;

/// An engine's address and how to trust it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) endpoint: Endpoint,
    /// Given for TLS, none for a plain connection.
    pub(crate) tls: Option<Tls>,
}

/// Why there is no engine to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoTarget {
    #[error("DOCKER_HOST: {0}")]
    Variable(InvalidEndpoint),
    #[error(
        "DOCKER_HOST asks for TLS, and neither DOCKER_CERT_PATH nor a home folder says where the certificates are"
    )]
    Certificates,
    #[error(
        "no engine found: neither DOCKER_HOST is set nor is there a socket in its usual places; start the engine, or set `endpoint`"
    )]
    Nothing,
}

/// Every engine that can be found here. `DOCKER_HOST` hides the sockets, as it does for the docker command.
pub(crate) fn find(here: &Surroundings) -> Vec<Found> {
    if here.variable("DOCKER_HOST").is_some() {
        return vec![Found {
            source: "docker".into(),
            settings: String::new(),
            because: "DOCKER_HOST".into(),
        }];
    }
    sockets(here)
        .into_iter()
        .map(|(name, path)| Found {
            source: name.into(),
            // A debug string is a TOML basic string for all that a path without control characters can hold.
            settings: format!(
                "endpoint = {:?}\n",
                Endpoint::Unix(path.clone()).to_string()
            ),
            because: format!("socket {}", path.display()),
        })
        .collect()
}

/// The engine that is read where the settings name none.
pub(crate) fn default_target(here: &Surroundings) -> Result<Target, NoTarget> {
    let Some(host) = here.variable("DOCKER_HOST") else {
        let first = sockets(here).into_iter().next().ok_or(NoTarget::Nothing)?;
        let endpoint = Endpoint::Unix(first.1);
        return Ok(Target {
            endpoint,
            tls: None,
        });
    };
    let endpoint = Endpoint::parse(&host).map_err(NoTarget::Variable)?;
    let wants_tls = match &endpoint {
        Endpoint::Unix(_) => false,
        Endpoint::Tcp { tls, .. } => *tls || here.variable("DOCKER_TLS_VERIFY").is_some(),
    };
    let tls = if wants_tls {
        let folder = here
            .variable("DOCKER_CERT_PATH")
            .map(PathBuf::from)
            .or_else(|| here.home().map(|home| home.join(".docker")))
            .ok_or(NoTarget::Certificates)?;
        Some(Tls::in_folder(&folder))
    } else {
        None
    };
    Ok(Target { endpoint, tls })
}

/// The sockets that are there, each once, with a name for a source.
fn sockets(here: &Surroundings) -> Vec<(&'static str, PathBuf)> {
    let mut places = vec![
        ("docker", PathBuf::from("/run/docker.sock")),
        ("docker", PathBuf::from("/var/run/docker.sock")),
    ];
    let runtime = here.variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    if let Some(runtime) = &runtime {
        places.push(("docker-rootless", runtime.join("docker.sock")));
    }
    places.push(("podman", PathBuf::from("/run/podman/podman.sock")));
    if let Some(runtime) = &runtime {
        places.push(("podman-rootless", runtime.join("podman/podman.sock")));
    }
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for (name, place) in places {
        let path = here.path(place);
        // One socket under two paths (/var/run is mostly a link to /run) is one engine.
        let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if is_socket(&path) && writable_as_toml(&path) && !seen.contains(&real) {
            seen.push(real);
            found.push((name, path));
        }
    }
    found
}

fn is_socket(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.file_type().is_socket())
}

fn writable_as_toml(path: &Path) -> bool {
    path.to_str()
        .is_some_and(|path| !path.chars().any(|c| c.is_control() || c == '\u{7f}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn surroundings(root: &Path, variables: &[(&str, &str)]) -> Surroundings {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let get = move |name: &str| {
            let found = variables.iter().find(|(have, _)| have == name);
            found.map(|(_, value)| value.clone())
        };
        Surroundings::new(get, root)
    }

    #[test]
    fn one_socket_under_two_paths_is_found_once() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("run/podman")).unwrap();
        std::fs::create_dir(root.path().join("var")).unwrap();
        std::os::unix::fs::symlink("../run", root.path().join("var/run")).unwrap();
        let _docker = UnixListener::bind(root.path().join("run/docker.sock")).unwrap();
        std::fs::write(root.path().join("run/podman/podman.sock"), "no socket").unwrap();
        let found = find(&surroundings(root.path(), &[]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].source, "docker");
        assert!(found[0].because.ends_with("/run/docker.sock"));
    }

    #[test]
    fn without_anything_there_is_nothing() {
        let root = tempfile::tempdir().unwrap();
        let here = surroundings(root.path(), &[("XDG_RUNTIME_DIR", "/run/user/1000")]);
        assert_eq!(find(&here), []);
        assert_eq!(default_target(&here), Err(NoTarget::Nothing));
    }

    #[test]
    fn docker_host_hides_the_sockets_and_brings_its_certificates() {
        let root = tempfile::tempdir().unwrap();
        let here = surroundings(
            root.path(),
            &[
                ("DOCKER_HOST", "tcp://10.0.0.5:2376"),
                ("DOCKER_TLS_VERIFY", "1"),
                ("DOCKER_CERT_PATH", "/etc/certificates"),
            ],
        );
        assert_eq!(find(&here)[0].because, "DOCKER_HOST");
        let target = default_target(&here).unwrap();
        assert_eq!(target.endpoint.to_string(), "tcp://10.0.0.5:2376");
        assert_eq!(
            target.tls.unwrap().ca,
            PathBuf::from("/etc/certificates/ca.pem")
        );
    }
}
