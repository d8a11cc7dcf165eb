//! Which engine this is, and how its things are named.

use plimsoll_kit::Redactor;
use plimsoll_model::AssetId;

use crate::wire::{Info, Version};

/// What kind of engine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Docker,
    Podman,
}

/// Which engine this is: what naming and judging the meaning of every other answer needs.
pub(crate) struct Site<'a> {
    pub(crate) host: &'a str,
    pub(crate) flavour: Flavour,
    /// Whether the engine told of itself. Where it did not, what hangs on it is not known, and the next are guesses.
    pub(crate) told: bool,
    /// Whether it runs without root's rights.
    pub(crate) rootless: bool,
    /// Whether root in a container is another user on the host, unless a container opts out.
    pub(crate) remapped: bool,
    /// Whether containers get `no-new-privileges` unless they opt out.
    pub(crate) no_new_privileges: bool,
    /// Whether containers share the host's cgroup namespace because cgroups are of version 1, where engines know no
    /// other default.
    pub(crate) cgroups_shared: bool,
    pub(crate) redactor: &'a Redactor,
    /// The host's part in the ids of what this engine has.
    place: String,
}

impl<'a> Site<'a> {
    pub(crate) fn new(
        host: &'a str,
        version: &Version,
        info: Option<&Info>,
        redactor: &'a Redactor,
    ) -> Self {
        let has = |name: &str| {
            let options = info.and_then(|info| info.security_options.as_ref());
            options.into_iter().flatten().any(|option| {
                let option = option.split(',').next().unwrap_or_default();
                option.strip_prefix("name=").unwrap_or(option) == name
            })
        };
        let podman = version.components.iter().any(|component| {
            let name = component.name.as_deref().unwrap_or_default();
            name.contains("Podman")
        });
        let mut site = Self {
            host,
            flavour: if podman {
                Flavour::Podman
            } else {
                Flavour::Docker
            },
            told: info.is_some(),
            rootless: has("rootless"),
            remapped: has("userns"),
            no_new_privileges: has("no-new-privileges"),
            cgroups_shared: info.is_some_and(|info| info.cgroup_version.as_deref() == Some("1")),
            redactor,
            place: host.to_owned(),
        };
        // One host may run several engines with containers of the same name. Only the usual one has the plain host name,
        // and a host name has no plus sign.
        if site.engine_word() != "docker" {
            site.place = format!("{host}+{}", site.engine_word());
        }
        site
    }

    /// `docker`, `podman`, `docker-rootless` or `podman-rootless`.
    pub(crate) fn engine_word(&self) -> &'static str {
        match (self.flavour, self.rootless) {
            (Flavour::Docker, false) => "docker",
            (Flavour::Docker, true) => "docker-rootless",
            (Flavour::Podman, false) => "podman",
            (Flavour::Podman, true) => "podman-rootless",
        }
    }

    /// The host's id.
    pub(crate) fn host_id(&self) -> AssetId {
        AssetId::of(plimsoll_model::kind::HOST, &[self.host])
    }

    /// The engine's id.
    pub(crate) fn engine_id(&self) -> AssetId {
        AssetId::of(
            plimsoll_model::kind::ENGINE,
            &[self.host, self.engine_word()],
        )
    }

    /// The id of something that the engine has.
    pub(crate) fn id(&self, kind: &str, name: &str) -> AssetId {
        AssetId::of(kind, &[&self.place, name])
    }
}
