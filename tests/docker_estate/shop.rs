//! The estate: a Compose project of five real services, and seven containers beside it that the tests change.

use std::path::{Path, PathBuf};

use crate::support::{Engine, Estate};

pub(crate) const NGINX: &str = "estate/nginx:1";
pub(crate) const NEWER_NGINX: &str = "estate/nginx:2";
pub(crate) const BUSYBOX: &str = "estate/busybox:1";

/// What says that a container is of the staging environment.
pub(crate) const STAGING: [&str; 2] = ["--label", "plimsoll.environment=staging"];
/// A worker's usual arguments. A user by number is no root for certain, and those of the Compose project by name are not.
pub(crate) const WORKER: [&str; 4] = ["--user", "65534", "--label", "plimsoll.role=worker"];

/// Where the Compose project is described.
pub(crate) fn compose_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estate/compose.yaml")
}

/// All twelve, labelled, and the services healthy. `token` is the value of a secret.
pub(crate) fn shop(engine: &Engine, token: &str) -> Estate {
    let estate = Estate::on(engine);
    estate.compose_up(&compose_file(), &[("SHOP_TOKEN", token)]);
    let plain = estate.network("plain", &[]);
    estate.volume("archive");
    for name in ["portal", "twin", "leaving"] {
        estate.run(name, &with(&[&STAGING], NGINX));
    }
    let live = estate.tag(NGINX, "web:live");
    let network = ["--network", plain.as_str()];
    estate.run("release", &with(&[&STAGING, &network], &live));
    for name in ["clock", "agent"] {
        estate.run(name, &with(&[&STAGING, &WORKER], BUSYBOX));
    }
    // Not every machine that tests run on may start a privileged container, so this one never runs.
    estate.create("job", &with(&[&STAGING, &WORKER], BUSYBOX));
    estate.healthy();
    estate
}

/// The arguments of `docker run`: flags and an image.
pub(crate) fn with<'a>(flags: &[&[&'a str]], image: &'a str) -> Vec<&'a str> {
    let flags = flags.iter().flat_map(|flags| flags.iter().copied());
    flags.chain([image]).collect()
}

/// Takes a container away and runs another under its name.
pub(crate) fn replace(estate: &Estate, name: &str, arguments: &[&str]) {
    estate.remove(name);
    estate.run(name, arguments);
}
