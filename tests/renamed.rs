//! The whole program against fakes of Fly, GitHub and GitLab: what an earlier version knew by names goes on by numbers, and what was done
//! meanwhile is a change.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use plimsoll_fly::testkit::{FakeFly, token_settings, urls};
use plimsoll_github::testkit::FakeGithub;
use plimsoll_gitlab::testkit::FakeGitlab;
use serde_json::{Value, json};
use support::{Plimsoll, Report};

/// A small house: an organisation with an app, and two repositories with a protected branch each.
struct House {
    fly: FakeFly,
    github: FakeGithub,
    gitlab: FakeGitlab,
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self {
            fly: FakeFly::new("acme"),
            github: FakeGithub::new("acme/infra"),
            gitlab: FakeGitlab::new("acme/infra"),
            folder: tempfile::tempdir().unwrap(),
        };
        house.fly.with(|fly| {
            let services = json!([{"protocol": "tcp", "internal_port": 8080, "ports": [{"port": 443, "handlers": ["tls", "http"]}]}]);
            fly.launch("shop");
            fly.scale("shop", "web", 2, services);
            fly.address("shop", "2001:db8::1", false);
        });
        house.github.with(|hub| hub.protect("main", 1, &["ci"]));
        house
    }

    fn configuration(&self) -> String {
        let place = |name: &str| {
            let folder = self.folder.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            folder
        };
        let url = self.fly.server().url();
        let fly = format!(
            "{}{}",
            token_settings(&place("fly")),
            urls(url, &format!("{url}/v1"))
        );
        let sources = [
            ("fly", fly),
            ("github", self.github.settings(&place("github"))),
            ("gitlab", self.gitlab.settings(&place("gitlab"))),
        ];
        let sources = sources.map(|(name, settings)| {
            format!(
                "[[sources]]\nname = \"{name}\"\ncollector = \"{name}\"\n[sources.settings]\n{settings}"
            )
        });
        sources.concat()
    }
}

/// Every change as `kind asset paths`.
fn told(report: &Report) -> Vec<String> {
    let row = |row: &Value| {
        let paths = row["paths"].as_array().unwrap().iter();
        let paths: Vec<&str> = paths.map(|path| path["path"].as_str().unwrap()).collect();
        let words = [&row["kind"], &row["asset"]].map(|word| word.as_str().unwrap());
        format!("{} {}", words.join(" "), paths.join(" "))
            .trim_end()
            .to_owned()
    };
    let mut rows: Vec<String> = report.list("changes").map(row).collect();
    rows.sort();
    rows
}

/// Somebody opens a port of the app, and takes the protection off both branches.
fn weaken(house: &House) {
    house.fly.with(|fly| {
        let service = json!([{"protocol": "tcp", "internal_port": 5432, "ports": [{"port": 5432, "handlers": []}]}]);
        fly.scale("shop", "db", 1, service);
    });
    house.github.with(|hub| hub.branch("main").classic = None);
    house.gitlab.with(|gitlab| gitlab.protected.clear());
}

#[track_caller]
fn assert_weakened(told: &[String]) {
    for start in [
        "added workload:fly/shop/db",
        "modified branch:github/7/main branch.",
        "modified branch:gitlab/3/main branch.",
    ] {
        assert!(
            told.iter().any(|row| row.starts_with(start)),
            "{start}: {told:#?}"
        );
    }
    assert!(
        !told.iter().any(|row| row.starts_with("removed")),
        "{told:#?}"
    );
    let came = |row: &&String| row.starts_with("added") && !row.contains("workload:fly/shop/db");
    assert_eq!(told.iter().filter(came).count(), 0, "{told:#?}");
}

fn kept(name: &str) -> std::path::PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/renamed");
    std::path::Path::new(folder).join(name)
}

/// A database that the program made when ids were made of slugs and paths.
#[test]
fn what_an_earlier_version_knew_by_names_goes_on() {
    let house = House::new();
    let plimsoll = Plimsoll::new(&house.configuration());
    let key = plimsoll.data().join("redaction.key");
    std::fs::copy(kept("first-edition.key"), &key).unwrap();
    let path = plimsoll.data().join("plimsoll.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    let dump = std::fs::read_to_string(kept("first-edition.sql")).unwrap();
    database.execute_batch(&dump).unwrap();
    drop(database);
    use std::os::unix::fs::PermissionsExt as _;
    for file in [key, path] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    weaken(&house);
    let report = plimsoll.scan();
    assert!(report.complete(), "{:?}", report.troubles());
    assert_weakened(&told(&report));
    for (kind, count) in [
        ("organisation", 1),
        ("network", 1),
        ("repository", 2),
        ("branch", 2),
    ] {
        assert_eq!(report.assets(kind), count, "{kind}");
    }
    // The history goes on, under the ids of today and under those of then.
    for (id, then) in [
        ("organisation:fly/77", "organisation:fly/acme"),
        ("network:fly/77/default", "network:fly/acme/default"),
        ("repository:github/7", "repository:github/acme/infra"),
        ("branch:github/7/main", "branch:github/acme/infra/main"),
        ("branch:gitlab/3/main", "branch:gitlab/acme/infra/main"),
    ] {
        let now = plimsoll.run(&["inventory", "history", id, "--format", "json"]);
        let before = plimsoll.run(&["inventory", "history", then, "--format", "json"]);
        assert_eq!(now.stdout, before.stdout, "{id}");
        assert!(now.stdout.contains("2026-02-01"), "{id}: {}", now.stdout);
    }
    plimsoll.scan().assert_changes(&[]);
}
