//! Whatever an answer holds, nothing panics, and nothing that was lost goes unsaid.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use std::fs;
use std::path::Path;

use plimsoll_kit::testkit::{FakeServer, Reply, build, context, harvest, run};
use plimsoll_kubernetes::REGISTRATION;
use serde_json::{Value, json};

/// Calls for every value inside another that has no parts of its own.
fn leaves(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| leaves(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| leaves(field, change)),
        leaf => change(leaf),
    }
}

/// The recorded shop, in which of each eight leaves one is something else.
fn read(other: &Value, offset: usize) -> plimsoll_kit::Harvest {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testcases/web-shop/responses");
    let server = FakeServer::on_loopback();
    server.folder(&folder);
    let mut at: usize = offset;
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let mut body: Value = serde_json::from_str(&text).unwrap();
        let Some(items) = body.get_mut("items") else {
            continue;
        };
        leaves(items, &mut |leaf| {
            at += 1;
            if at.is_multiple_of(8) {
                *leaf = other.clone();
            }
        });
        let target = name.trim_start_matches("GET_").replace('_', "/");
        let body = body.to_string();
        server.handle(move |request| {
            let asked = request.target().replace("%2B", "+").replace("%2F", "/");
            let asked = asked.replace("%3D", "=").replace("?limit=500", "");
            let wanted = target.replace("@limit=500", "");
            (asked.trim_start_matches('/') == wanted).then(|| Reply::json(body.clone()))
        });
    }
    let settings = format!("server = \"{}\"\nname = \"c\"\n", server.url());
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, &context("kubernetes")))
}

#[test]
fn no_value_in_any_place_makes_it_panic() {
    let long = "é/:@=\u{0}[".repeat(400);
    for other in [
        json!(null),
        json!(-1),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!(long),
        json!(i64::MAX),
    ] {
        for offset in (0..8).step_by(2) {
            let harvest = read(&other, offset);
            assert!(harvest.assets.iter().any(|asset| asset.kind == "cluster"));
            for scope in harvest.scopes.iter().filter(|scope| !scope.complete) {
                assert!(!scope.troubles.is_empty(), "{other}: {}", scope.scope);
            }
        }
    }
}
