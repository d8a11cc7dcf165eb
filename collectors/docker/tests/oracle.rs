//! Our reading of recorded answers against bollard's, which decodes the same fields by other code.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use std::path::Path;

use bollard::Docker;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptions};
use plimsoll_docker::REGISTRATION;
use plimsoll_kit::model::{Asset, Value, fact};
use plimsoll_kit::testkit::{FakeServer, build, context, harvest, run};

fn theirs(server: &FakeServer) -> Vec<ContainerInspectResponse> {
    run(async {
        let socket = server.socket().display().to_string();
        let docker = Docker::connect_with_unix(&socket, 30, bollard::API_DEFAULT_VERSION).unwrap();
        let all = ListContainersOptions {
            all: true,
            ..Default::default()
        };
        let mut seen = Vec::new();
        for item in docker.list_containers(Some(all)).await.unwrap() {
            let id = item.id.unwrap();
            let options = None::<InspectContainerOptions>;
            seen.push(docker.inspect_container(&id, options).await.unwrap());
        }
        seen
    })
}

fn texts(asset: &Asset, name: &str) -> Vec<String> {
    let items = asset
        .value(name)
        .and_then(Value::as_list)
        .unwrap_or_default();
    items.iter().map(ToString::to_string).collect()
}

fn names(asset: &Asset, name: &str) -> Vec<String> {
    let table = asset.value(name).and_then(Value::as_table).unwrap();
    table.names().map(str::to_owned).collect()
}

fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.sort();
    items.dedup();
    items
}

#[test]
fn both_read_the_same_containers() {
    let server = FakeServer::on_socket();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testcases/engine-20.10/responses");
    server.folder(&case);
    let settings = format!("endpoint = \"{}\"", server.url());
    let collector = build(&REGISTRATION, &settings).unwrap();
    let ours = run(harvest(&*collector, &context("docker")));
    let theirs = theirs(&server);
    assert!(theirs.len() > 3);
    for theirs in theirs {
        let name = theirs.name.unwrap();
        let name = name.trim_start_matches('/');
        let mut assets = ours.assets.iter().filter(|asset| asset.kind == "container");
        let ours = assets.find(|asset| asset.name == name).unwrap();
        let host = theirs.host_config.unwrap();
        let config = theirs.config.unwrap();
        let bool = |fact| ours.value(fact).and_then(Value::as_bool);
        let text = |fact| ours.value(fact).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(bool(fact::PRIVILEGED), host.privileged, "{name}");
        assert_eq!(bool(fact::READONLY_ROOT), host.readonly_rootfs, "{name}");
        assert_eq!(text(fact::IMAGE), config.image, "{name}");
        assert_eq!(text(fact::IMAGE_ID), theirs.image, "{name}");
        let log = host.log_config.unwrap();
        assert_eq!(text(fact::LOG_DRIVER), log.typ, "{name}");
        let caps = |caps: Option<Vec<String>>| {
            let caps = caps.unwrap_or_default().into_iter();
            sorted(
                caps.map(|cap| cap.trim_start_matches("CAP_").to_owned())
                    .collect(),
            )
        };
        assert_eq!(
            texts(ours, fact::CAPABILITIES_ADDED),
            caps(host.cap_add),
            "{name}"
        );
        assert_eq!(
            texts(ours, fact::CAPABILITIES_DROPPED),
            caps(host.cap_drop),
            "{name}"
        );
        let env = config.env.unwrap_or_default().into_iter();
        let env = env.filter_map(|entry| Some(entry.split_once('=')?.0.to_owned()));
        assert_eq!(names(ours, fact::ENV), sorted(env.collect()), "{name}");
        let mounts = theirs.mounts.unwrap_or_default().into_iter();
        let mounts = mounts.filter_map(|mount| mount.destination);
        let tmpfs = host.tmpfs.unwrap_or_default().into_keys();
        assert_eq!(
            names(ours, fact::MOUNTS),
            sorted(mounts.chain(tmpfs).collect()),
            "{name}"
        );
    }
}
