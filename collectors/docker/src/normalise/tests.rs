//! What the tests of normalising share, and those of whole containers.

use std::collections::HashMap;
use std::sync::LazyLock;

use plimsoll_kit::{Machine, Redactor};
use plimsoll_model::{Alias, Asset, AssetId, RelationKind, fact, redacted};

use super::container::{Around, container, exposure, joins, listed};
use super::identity::{Key, keys};
use super::image::Images;
use super::network::Networks;
use super::ports::Exposure;
use super::{Flavour, Site, engine};
use crate::endpoint::Endpoint;
use crate::wire::{Info, Inspect, Listed, Version};

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new([7; 32], "docker"));

/// Docker on `web-1`.
pub(super) fn site() -> Site<'static> {
    site_with("[]")
}

/// Docker on `web-1` with security options.
pub(super) fn site_with(options: &str) -> Site<'static> {
    let info: Info = serde_json::from_str(&format!(r#"{{"SecurityOptions":{options}}}"#)).unwrap();
    Site::new("web-1", &Version::default(), Some(&info), &REDACTOR)
}

struct World {
    listed: Vec<Listed>,
    images: Images,
    networks: Networks,
}

impl World {
    fn new(listed: &str) -> Self {
        let images =
            r#"[{"Id":"sha256:aa","RepoTags":["nginx:1.25"],"RepoDigests":["nginx@sha256:01"]}]"#;
        let images: Vec<crate::wire::ImageListed> = serde_json::from_str(images).unwrap();
        let pairs: Vec<_> = images.iter().map(|image| (Some(image), None)).collect();
        let networks = r#"[{"Id":"n1","Name":"front","Driver":"bridge"},{"Id":"n2","Name":"lan","Driver":"macvlan"}]"#;
        let networks: Vec<crate::wire::Network> = serde_json::from_str(networks).unwrap();
        Self {
            listed: serde_json::from_str(listed).unwrap(),
            images: Images::read(&site(), &pairs).0,
            networks: Networks::read(&site(), &networks).0,
        }
    }

    /// What sees a container; a shared network is that of a container `p` as it is given, or of one not seen.
    fn see(&self, json: &str) -> super::Piece {
        self.see_beside(json, None)
    }

    fn see_beside(&self, json: &str, owner: Option<&str>) -> super::Piece {
        let seen: Inspect = serde_json::from_str(json).unwrap();
        let item = self.listed.iter().find(|item| item.id == seen.id).unwrap();
        let site = site();
        let keys: HashMap<&str, Key> = keys(&site, &self.listed);
        let around = Around {
            images: Some(&self.images),
            networks: Some(&self.networks),
            keys: &keys,
        };
        let exposure = match (joins(&seen), owner) {
            (None, _) => exposure(&around, &seen),
            (Some(_), None) => Exposure::Hidden,
            (Some(_), Some(owner)) => {
                let owner: Inspect = serde_json::from_str(owner).unwrap();
                exposure(&around, &owner).shared(&owner)
            }
        };
        let key = &keys[item.id.as_str()];
        let mut piece = container(&site, &around, key, item, &seen, exposure);
        piece.asset.settle();
        piece
    }
}

const TWO: &str = r#"[{"Id":"c","Names":["/web"]},{"Id":"p","Names":["/proxy"]}]"#;

fn text(asset: &Asset, name: &str) -> Option<String> {
    asset.value(name).map(ToString::to_string)
}

#[test]
fn nothing_that_may_hold_a_secret_is_shown() {
    let piece = World::new(TWO).see(
        r#"{"Id":"c","Path":"SECRET1","Args":["SECRET2"],"Image":"sha256:aa",
            "Config":{"Env":["A=SECRET3"],"Cmd":["SECRET4"],"Entrypoint":["SECRET5"],"Healthcheck":{"Test":["CMD","SECRET6"]},"Labels":{"custom":"SECRET7"}},
            "HostConfig":{"LogConfig":{"Type":"splunk","Config":{"splunk-token":"SECRET8"}}}}"#,
    );
    let shown = format!("{:?}", piece.asset);
    assert!(!shown.contains("SECRET"), "{shown}");
    let env = piece.asset.value(fact::ENV).unwrap().as_table().unwrap();
    assert!(redacted::parse(env.get("A").unwrap().as_str().unwrap()).is_some());
    for name in [fact::COMMAND, fact::ENTRYPOINT, "health.test"] {
        let mark = text(&piece.asset, name).unwrap();
        assert!(redacted::parse(&mark).is_some(), "{name}: {mark}");
    }
}

#[test]
fn a_container_leads_to_all_it_hangs_on() {
    let piece = World::new(TWO).see(
        r#"{"Id":"c","Image":"sha256:aa","Config":{"Image":"nginx:1.25"},
            "HostConfig":{"NetworkMode":"container:p","Tmpfs":{"/run":""}},
            "Mounts":[{"Type":"volume","Name":"data","Source":"/x/_data","Destination":"/data","RW":true},{"Type":"bind","Source":"/run/docker.sock","Destination":"/s","RW":false}],
            "NetworkSettings":{"Networks":{"front":{"NetworkID":"n1"},"gone":{"NetworkID":"n9"}}}}"#,
    );
    let relations: Vec<_> = piece
        .relations
        .iter()
        .map(|relation| format!("{} {}", relation.kind, relation.to))
        .collect();
    assert_eq!(
        relations,
        [
            "runs-on container-engine:web-1/docker",
            "runs-on host:web-1",
            "built-from image:web-1/nginx:1.25",
            "stores-on volume:web-1/data",
            "uses container:web-1/proxy",
            "member-of network:web-1/front",
        ]
    );
    let asset = &piece.asset;
    assert_eq!(
        text(asset, fact::MOUNTS).unwrap(),
        "/data (kind=volume, readonly=no, source=data), /run (kind=tmpfs, readonly=no, source=), /s (kind=bind, readonly=yes, source=/run/docker.sock)"
    );
    assert_eq!(text(asset, fact::NETWORK_MODE).unwrap(), "container:proxy");
    assert_eq!(text(asset, fact::IMAGE_DIGESTS).unwrap(), "nginx@sha256:01");
}

#[test]
fn an_empty_answer_claims_nothing_but_what_it_says() {
    let piece = World::new(TWO).see(r#"{"Id":"c"}"#);
    for (name, claim) in piece.asset.facts.iter() {
        assert_eq!(claim.value(), None, "{name}");
        assert!(claim.basis().is_some(), "{name}");
    }
}

#[test]
fn ways_in_that_cannot_be_seen_make_ports_unknown() {
    let world = World::new(TWO);
    for json in [
        r#"{"Id":"c","HostConfig":{"NetworkMode":"host"}}"#,
        r#"{"Id":"c","HostConfig":{},"NetworkSettings":{"Networks":{"lan":{"NetworkID":"n2"}}}}"#,
        r#"{"Id":"c","HostConfig":{},"NetworkSettings":{"Networks":{"ingress":{}}}}"#,
    ] {
        assert_eq!(text(&world.see(json).asset, fact::PORTS), None, "{json}");
    }
    let none = world.see(
        r#"{"Id":"c","State":{"Status":"exited"},"HostConfig":{"NetworkMode":"none","PortBindings":{"80/tcp":[{"HostPort":"80"}]}}}"#,
    );
    assert_eq!(text(&none.asset, fact::PORTS).unwrap(), "none");
}

#[test]
fn a_shared_network_is_as_open_as_its_owners() {
    let world = World::new(TWO);
    let json = r#"{"Id":"c","State":{"Status":"running"},"HostConfig":{"NetworkMode":"container:p"},"NetworkSettings":{}}"#;
    let quiet = r#"{"Id":"p","State":{"Status":"running"},"HostConfig":{},"NetworkSettings":{"Networks":{"front":{"NetworkID":"n1"}}}}"#;
    let lan =
        r#"{"Id":"p","HostConfig":{},"NetworkSettings":{"Networks":{"lan":{"NetworkID":"n2"}}}}"#;
    let open = r#"{"Id":"p","State":{"Status":"exited"},"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"80"}]}}}"#;
    for (owner, ports, namespaces) in [
        (Some(quiet), Some("none"), Some("none")),
        (Some(lan), None, Some("none")),
        (Some(open), None, Some("none")),
        (
            Some(r#"{"Id":"p","HostConfig":{"NetworkMode":"host"}}"#),
            None,
            Some("network"),
        ),
        (Some(r#"{"Id":"p"}"#), None, None),
        (None, None, None),
    ] {
        let asset = world.see_beside(json, owner).asset;
        let found = (
            text(&asset, fact::PORTS),
            text(&asset, fact::NAMESPACES_HOST),
        );
        assert_eq!(
            found,
            (ports.map(Into::into), namespaces.map(Into::into)),
            "{owner:?}"
        );
    }
}

/// One of them could be a macvlan, where whatever listens can be reached.
#[test]
fn without_the_networks_no_port_is_known_to_be_closed() {
    let world = World::new(TWO);
    let json = r#"{"Id":"c","State":{"Status":"running"},"HostConfig":{},"NetworkSettings":{"Networks":{"front":{"NetworkID":"n1"}}}}"#;
    let seen: Inspect = serde_json::from_str(json).unwrap();
    let site = site();
    let keys = keys(&site, &world.listed);
    for (networks, known) in [(Some(&world.networks), true), (None, false)] {
        let around = Around {
            images: None,
            networks,
            keys: &keys,
        };
        let exposure = exposure(&around, &seen);
        let piece = container(
            &site,
            &around,
            &keys["c"],
            &world.listed[0],
            &seen,
            exposure,
        );
        assert_eq!(piece.asset.value(fact::PORTS).is_some(), known);
    }
}

#[test]
fn stopping_and_starting_a_container_changes_no_fact() {
    let networks = r#"[{"Id":"n1","Name":"bridge","Driver":"bridge","Options":{"com.docker.network.bridge.host_binding_ipv4":"127.0.0.1"}}]"#;
    let networks: Vec<crate::wire::Network> = serde_json::from_str(networks).unwrap();
    let mut world = World::new(TWO);
    world.networks = Networks::read(&site(), &networks).0;
    let see = |state: &str, live: &str| {
        world.see(&format!(
            r#"{{"Id":"c","State":{state},"HostConfig":{{"NetworkMode":"default","RestartPolicy":{{"Name":"no"}},"PortBindings":{{"80/tcp":[{{"HostIp":"","HostPort":"8080"}}],"81/tcp":[{{"HostPort":""}}]}}}},
            "NetworkSettings":{{"Ports":{{{live}}},"Networks":{{"bridge":{{"NetworkID":"n1"}}}}}}}}"#
        ))
    };
    let live = |port: u16| {
        format!(
            r#""80/tcp":[{{"HostIp":"127.0.0.1","HostPort":"8080"}}],"81/tcp":[{{"HostIp":"127.0.0.1","HostPort":"{port}"}}]"#
        )
    };
    let running = see(r#"{"Status":"running"}"#, &live(32768)).asset;
    let stopped = see(r#"{"Status":"exited","ExitCode":0}"#, "").asset;
    let again = see(r#"{"Status":"running"}"#, &live(32771)).asset;
    assert_eq!(running.facts, again.facts);
    // Who ended it is not known, which is no change either.
    let differing: Vec<&str> = running
        .facts
        .iter()
        .filter(|(name, claim)| stopped.facts.get(name) != Some(claim))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differing, [fact::STATE_WANTED]);
    assert_eq!(stopped.value(fact::STATE_WANTED), None);
    assert_eq!(text(&stopped, fact::STATE).unwrap(), "stopped");
}

#[test]
fn the_list_alone_gives_a_part() {
    let world = World::new(
        r#"[{"Id":"c","Names":["/web"],"Image":"nginx:1.25","ImageID":"sha256:aa","State":"exited","HostConfig":{"NetworkMode":"default"},"Labels":{"custom":"SECRET"}}]"#,
    );
    let site = site();
    let keys = keys(&site, &world.listed);
    let around = Around {
        images: None,
        networks: None,
        keys: &keys,
    };
    let piece = listed(&site, &around, &keys["c"], &world.listed[0]);
    assert!(piece.asset.partial.is_some());
    assert_eq!(text(&piece.asset, fact::STATE).unwrap(), "stopped");
    assert_eq!(text(&piece.asset, fact::NETWORK_MODE).unwrap(), "bridge");
    assert_eq!(text(&piece.asset, fact::IMAGE_DIGESTS), None);
    assert!(!piece.asset.facts.contains(fact::PRIVILEGED));
    assert!(!format!("{:?}", piece.asset).contains("SECRET"));
}

#[test]
fn podman_has_names_of_its_own_and_no_lasting_id() {
    let version: Version = serde_json::from_str(
        r#"{"Version":"4.3.1","ApiVersion":"1.41","Components":[{"Name":"Podman Engine"}]}"#,
    )
    .unwrap();
    let info: Info = serde_json::from_str(
        r#"{"ID":"random","Name":"web-1","SecurityOptions":["name=rootless"]}"#,
    )
    .unwrap();
    let site = Site::new("web-1", &version, Some(&info), &REDACTOR);
    assert_eq!(site.flavour, Flavour::Podman);
    assert_eq!(
        site.id("container", "db").as_str(),
        "container:web-1+podman-rootless/db"
    );
    let socket = Endpoint::parse("unix:///run/podman/podman.sock").unwrap();
    let engine = engine::engine(&site, &version, &info, &socket, false).asset;
    assert_eq!(engine.id.as_str(), "container-engine:web-1/podman-rootless");
    assert!(engine.aliases.is_empty());
}

#[test]
fn an_open_api_is_a_port_and_an_encrypted_one_too() {
    let info: Info = serde_json::from_str(
        r#"{"ID":"AB","Warnings":["WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n         Access to the remote API is equivalent to root access"]}"#,
    )
    .unwrap();
    let site = site();
    let seen = |endpoint: &str, tls, info: &Info| {
        let endpoint = Endpoint::parse(endpoint).unwrap();
        let piece = engine::engine(&site, &Version::default(), info, &endpoint, tls);
        text(&piece.asset, fact::PORTS)
    };
    assert_eq!(
        seen("unix:///run/docker.sock", false, &info).unwrap(),
        "0.0.0.0:2375/tcp (address=0.0.0.0, port=2375, protocol=tcp, reach=public, tls=none)"
    );
    let quiet = Info::default();
    assert_eq!(
        seen("tcp://10.0.0.5:2376", true, &quiet).unwrap(),
        "10.0.0.5:2376/tcp (address=10.0.0.5, port=2376, protocol=tcp, reach=private)"
    );
    assert_eq!(seen("unix:///run/docker.sock", false, &quiet), None);
}

#[test]
fn only_this_very_machine_gets_its_alias() {
    let info: Info =
        serde_json::from_str(r#"{"Name":"web-1","KernelVersion":"6.1","Architecture":"amd64"}"#)
            .unwrap();
    let machine = |kernel: &str| Machine {
        hostname: "web-1".into(),
        kernel: kernel.into(),
        alias: Some(Alias::new("machine-id", "ab")),
    };
    let aliases = |machine: Option<&Machine>| engine::host(&site(), &info, machine).asset.aliases;
    assert_eq!(aliases(Some(&machine("6.1"))).len(), 1);
    assert_eq!(aliases(Some(&machine("6.2"))).len(), 0);
    assert_eq!(aliases(None).len(), 0);
    let host = engine::host(&site(), &info, None);
    assert_eq!(host.asset.id, AssetId::of("host", &["web-1"]));
    assert_eq!(text(&host.asset, fact::ARCHITECTURE).unwrap(), "x86_64");
    assert!(
        host.relations
            .iter()
            .all(|r| r.kind != RelationKind::RunsOn)
    );
}

#[test]
fn words_are_words() {
    assert_eq!(super::word("nginx:1.25"), "nginx:1.25");
    assert_eq!(super::word("a\u{1b}[31mb\u{85}é\n"), "a[31mbé");
    assert_eq!(super::word(&"é".repeat(5000)).chars().count(), 4096);
    assert_eq!(super::word(&"x".repeat(5000)).len(), 4096);
}
