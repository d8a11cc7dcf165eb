//! An image that comes from a registry has a digest there, and one that was imported has none.

use std::process::Command;
use std::time::Duration;

use plimsoll_kit::testkit::{FakeServer, Reply};
use serde_json::{Value, json};

use crate::shop::BUSYBOX;
use crate::support::{Engine, Estate, Plimsoll, Program, changed, removed};

const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// A registry on loopback, which every engine trusts without TLS, that has one image of the engine's under any name.
fn registry(engine: &Engine, image: &str) -> FakeServer {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("image.tar");
    engine.docker(["save", "--output", archive.to_str().unwrap(), image]);
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(&archive).arg("-C").arg(folder.path());
    Program::run(&mut tar, Duration::from_secs(60)).success("tar");
    let read = |path: &Value| std::fs::read(folder.path().join(path.as_str().unwrap())).unwrap();
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();

    let saved = json(&read(&json!("manifest.json")));
    let (config, layer) = (read(&saved[0]["Config"]), read(&saved[0]["Layers"][0]));
    // An image's id is its configuration's digest, and an unpacked layer's digest stands in there.
    let id = engine.docker(["image", "inspect", "--format", "{{.Id}}", image]);
    let diff = json(&config)["rootfs"]["diff_ids"][0].clone();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "size": config.len(), "digest": id},
        "layers": [{"mediaType": LAYER, "size": layer.len(), "digest": diff}],
    });
    let server = FakeServer::on_loopback();
    server.json("/v2/", "{}");
    let diff = diff.as_str().unwrap().to_owned();
    server.handle(move |request| {
        let (_, digest) = request.path.rsplit_once('/')?;
        if request.path.contains("/manifests/") {
            Some(Reply::new(MANIFEST, manifest.to_string()))
        } else if digest == id {
            Some(Reply::new(CONFIG, config.clone()))
        } else if digest == diff {
            Some(Reply::new(LAYER, layer.clone()))
        } else {
            None
        }
    });
    server
}

#[test]
fn an_image_from_a_registry_is_pinned_and_an_imported_one_is_not() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    let server = registry(&engine, BUSYBOX);
    let place = server.url().trim_start_matches("http://");
    let pulled = format!("{place}/{}/busybox:1", estate.prefix);
    engine.docker(["pull", "--quiet", &pulled]);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    let job = estate.id("container", "job");

    estate.run("job", &[&pulled]);
    let pinned = plimsoll.scan();
    assert!(
        !pinned.drifts_in(&job, "image-pinned"),
        "{}",
        pinned.json["drifts"]
    );

    // The engine has one image under two names, and the digest goes with that of the registry.
    estate.remove("job");
    engine.docker(["rmi", &pulled]);
    estate.run("job", &[BUSYBOX]);
    let imported = plimsoll.scan();
    let from = "relations.built-from[";
    imported.assert_changes(&[
        changed(&job, &["created", "image", "image.digests", from]),
        changed(&format!("image:estate/{BUSYBOX}"), &["image.digests"]),
        removed(&format!("image:estate/{pulled}")),
    ]);
    assert!(imported.has_drift(&job, "image-pinned", "fail", "new"));
}
