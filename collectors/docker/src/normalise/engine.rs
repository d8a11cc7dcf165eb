//! The host and the engine on it.

use plimsoll_kit::Machine;
use plimsoll_model::{Alias, Asset, Claim, RelationKind, Table, Value, fact, kind};
use std::sync::Arc;

use super::basis::{self, reported, said, yes};
use super::ports::{Published, reach_of};
use super::{Flavour, Piece, Site, architecture, word};
use crate::endpoint::Endpoint;
use crate::wire::{Info, Version};

/// The host. `machine` is this machine when the engine was reached over a socket file here.
pub(crate) fn host(site: &Site<'_>, info: &Info, machine: Option<&Machine>) -> Piece {
    let mut host = Asset::new(site.host_id(), kind::HOST, word(site.host));
    host.claim(
        fact::OS,
        said(info.operating_system.as_ref(), &basis::INFO_OS),
    );
    host.claim(
        fact::KERNEL,
        said(info.kernel_version.as_ref(), &basis::INFO_KERNEL),
    );
    let machine_word = info.architecture.as_deref().map(architecture);
    host.claim(
        fact::ARCHITECTURE,
        said(machine_word.as_ref(), &basis::INFO_ARCHITECTURE),
    );
    // The engine's own words, not the name that the settings may give it.
    let (name, kernel) = (info.name.as_deref(), info.kernel_version.as_deref());
    if let (Some(machine), Some(name), Some(kernel)) = (machine, name, kernel)
        && machine.is(name, kernel)
    {
        host.aliases.extend(machine.alias.clone());
    }
    Piece::new(host)
}

/// The engine.
pub(crate) fn engine(
    site: &Site<'_>,
    version: &Version,
    info: &Info,
    endpoint: &Endpoint,
    tls: bool,
) -> Piece {
    let title = match site.flavour {
        Flavour::Docker => "Docker",
        Flavour::Podman => "Podman",
    };
    let name = format!("{title} on {}", word(site.host));
    let mut engine = Asset::new(site.engine_id(), kind::ENGINE, name);
    engine.claim(
        fact::VERSION,
        said(version.version.as_ref(), &basis::ENGINE_VERSION),
    );
    engine.claim(
        fact::API_VERSION,
        said(version.api_version.as_ref(), &basis::ENGINE_API),
    );
    engine.claim(
        "storage.driver",
        said(info.driver.as_ref(), &basis::INFO_DRIVER),
    );
    engine.claim(
        fact::LOG_DRIVER,
        said(info.logging_driver.as_ref(), &basis::INFO_LOG_DRIVER),
    );
    engine.claim(
        "root-dir",
        said(info.docker_root_dir.as_ref(), &basis::INFO_ROOT),
    );
    engine.claim(
        "live-restore",
        yes(info.live_restore_enabled, &basis::INFO_LIVE_RESTORE),
    );
    engine.claim(
        "rootless",
        match &info.security_options {
            Some(_) => reported(site.rootless, &basis::INFO_SECURITY),
            None => basis::unknown(&basis::UNSAID),
        },
    );
    engine.claim(
        fact::SECURITY_OPTIONS,
        match &info.security_options {
            Some(options) => {
                let options = options.iter().map(|option| security_option(option));
                reported(Value::texts(options), &basis::INFO_SECURITY)
            }
            None => basis::unknown(&basis::UNSAID),
        },
    );
    let transport = match (endpoint, tls) {
        (Endpoint::Unix(_), _) => "unix",
        (Endpoint::Tcp { .. }, true) => "tls",
        (Endpoint::Tcp { .. }, false) => "tcp",
    };
    engine.claim(
        "api.endpoint",
        Claim::measured(transport).by(Arc::clone(&basis::API_ENDPOINT)),
    );
    let ports = api_ports(info, endpoint, tls);
    // Over a socket file nothing shows whether the engine listens elsewhere too, unless it warns of it.
    if !ports.is_empty() {
        engine.claim(
            fact::PORTS,
            Claim::measured(ports).by(Arc::clone(&basis::API_PORTS)),
        );
    }
    // Podman makes a new one up at every call.
    if let (Flavour::Docker, Some(id)) = (site.flavour, &info.id)
        && !id.is_empty()
    {
        engine.aliases.push(Alias::new("engine-id", &word(id)));
    }
    let mut piece = Piece::new(engine);
    piece.relate(RelationKind::RunsOn, site.host_id());
    piece
}

/// Claims the socket by which an engine of this very machine was reached. One that stands here for an engine elsewhere, as a
/// forwarded one does, is no place on that engine's host.
pub(crate) fn claim_socket(engine: &mut Piece, host: &Piece, endpoint: &Endpoint) {
    let Endpoint::Unix(path) = endpoint else {
        return;
    };
    if !host.asset.aliases.is_empty() {
        let path = word(&path.to_string_lossy());
        let socket = Claim::measured(path).by(Arc::clone(&basis::API_ENDPOINT));
        // By which way it was reached is no property of the engine: another one is no change.
        engine.asset.reading(fact::ENGINE_SOCKET, socket);
    }
}

/// `name=seccomp,profile=default` as `seccomp=default`.
fn security_option(option: &str) -> String {
    let option = option.strip_prefix("name=").unwrap_or(option);
    word(&option.replacen(",profile=", "=", 1)).into()
}

/// Where the engine's API can be reached over TCP, as far as that shows.
fn api_ports(info: &Info, endpoint: &Endpoint, tls: bool) -> Table {
    let mut table = Table::new();
    if let Endpoint::Tcp { host, port, .. } = endpoint {
        let published = Published::new(host, *port, "tcp");
        let mut part = published.part(reach_of(host));
        if !tls {
            part.insert("tls", Value::from("none"));
        }
        table.insert(published.key(), Value::Table(part));
    }
    for warning in &info.warnings {
        let Some(address) = open_api(warning) else {
            continue;
        };
        let Ok(Endpoint::Tcp { host, port, .. }) = Endpoint::parse(&format!("tcp://{address}"))
        else {
            continue;
        };
        let published = Published::new(&host, port, "tcp");
        let mut part = published.part(reach_of(&host));
        part.insert("tls", Value::from("none"));
        table.insert(published.key(), Value::Table(part));
    }
    table
}

/// The address in the engine's own warning that its API is open: `… accessible on http://0.0.0.0:2375 without encryption`.
fn open_api(warning: &str) -> Option<&str> {
    let (_, rest) = warning.split_once("accessible on http://")?;
    let address = rest.split([' ', '/']).next()?;
    rest.contains("without encryption")
        .then_some(address.trim_end_matches('.'))
}
