//! What is shipped beside the program fits it: the unit, the manifests, the alerts, the dashboard and the guide.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use plimsoll::daemon::METRICS;
use support::{Output, Program};

const LIMIT: Duration = Duration::from_secs(60);

fn file(path: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, text)
}

fn analyze(arguments: &[&str]) -> Output {
    let mut command = Command::new("systemd-analyze");
    command.args(arguments);
    Program::run(&mut command, LIMIT)
}

#[test]
fn the_unit_is_right_and_hardened() {
    let (_, unit) = file("packaging/systemd/plimsoll.service");
    // The program that is named has to be there.
    let program = env!("CARGO_BIN_EXE_plimsoll");
    let unit = unit.replace("/usr/local/bin/plimsoll", program);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plimsoll.service");
    std::fs::write(&path, &unit).unwrap();
    let path = path.to_str().unwrap();
    let verified = analyze(&["verify", "--man=no", path]).success("systemd-analyze verify");
    let ours = verified
        .stderr
        .lines()
        .filter(|line| line.contains("plimsoll"));
    assert_eq!(ours.count(), 0, "{}", verified.stderr);
    // 1.5 of 10 at most; a plain service has 9.6.
    let secure = [
        "security",
        "--offline=true",
        "--threshold=15",
        "--no-pager",
        path,
    ];
    let secure = analyze(&secure).success("systemd-analyze security");
    assert!(
        secure.stdout.contains("Overall exposure level"),
        "{}",
        secure.stdout
    );
    // And both can say no.
    let weak = format!(
        "{unit}\n[Service]\nNoSuchSetting=yes\nDynamicUser=no\nProtectSystem=no\nCapabilityBoundingSet=~\nRestrictNamespaces=no\nPrivateUsers=no\nSystemCallFilter=\n"
    );
    std::fs::write(path, weak).unwrap();
    assert!(
        analyze(&["verify", "--man=no", path])
            .stderr
            .contains("NoSuchSetting")
    );
    assert_ne!(
        analyze(&["security", "--offline=true", "--threshold=15", path]).code,
        Some(0)
    );
}

/// The metrics that a text names, without what a histogram adds.
fn named(text: &str) -> BTreeSet<&str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let names = text.split(word).filter(|name| {
        (name.starts_with("plimsoll_") || name.starts_with("process_")) && name.len() > 10
    });
    let plain = |name: &'_ str| {
        let mut suffixes = ["_bucket", "_sum", "_count"].iter();
        let length = suffixes.find_map(|suffix| name.strip_suffix(suffix));
        length.map_or(name.len(), str::len)
    };
    names.map(|name| &name[..plain(name)]).collect()
}

#[test]
fn every_metric_that_is_named_is_there_and_every_one_is_explained() {
    let known: BTreeSet<&str> = METRICS.iter().map(|(name, ..)| *name).collect();
    for path in [
        "packaging/prometheus/alerts.yaml",
        "packaging/grafana/dashboard.json",
    ] {
        let (_, text) = file(path);
        let named = named(&text);
        let strange: Vec<_> = named.difference(&known).collect();
        assert!(strange.is_empty(), "{path} names {strange:?}");
        assert!(named.len() > 5, "{path} names {named:?}");
    }
    let (_, guide) = file("docs/reference/metrics.md");
    for (name, kind, help) in METRICS {
        let row = format!("| `{name}` ({kind}) | {} |", help.trim_end_matches('.'));
        assert!(
            guide.contains(&row),
            "docs/reference/metrics.md lacks {row}"
        );
    }
    let (_, dashboard) = file("packaging/grafana/dashboard.json");
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 10);
}

#[test]
fn the_manifests_give_the_rights_of_the_collector_and_a_configuration_that_loads() {
    let (_, rights) = file("collectors/kubernetes/clusterrole.yaml");
    let (_, manifest) = file("packaging/kubernetes/rbac.yaml");
    let rules = &rights[rights.find("apiVersion").unwrap()..];
    assert!(
        manifest.ends_with(rules),
        "packaging/kubernetes/rbac.yaml is behind collectors/kubernetes/clusterrole.yaml"
    );
    assert!(!manifest.contains("secrets\n") && !manifest.contains("watch"));
    let (path, _) = file("packaging/kubernetes/config.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(["check", "--offline", "--config"]).arg(path);
    Program::run(&mut command, LIMIT).success("the configuration");
}

#[test]
fn the_debian_package_has_program_unit_and_documents() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    std::fs::write(&program, "#!/bin/sh\necho \"$@\"\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let package = folder.path().join("plimsoll.deb");
    let (build, _) = file("packaging/deb/build");
    let mut command = Command::new(build);
    command.arg(&program).args(["1.2.3", "amd64"]).arg(&package);
    Program::run(&mut command, LIMIT).success("packaging/deb/build");
    let root = folder.path().join("root");
    let mut command = Command::new("dpkg-deb");
    command.arg("--extract").arg(&package).arg(&root);
    Program::run(&mut command, LIMIT).success("dpkg-deb --extract");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(
        read("usr/bin/plimsoll"),
        std::fs::read_to_string(&program).unwrap()
    );
    let unit = read("usr/lib/systemd/system/plimsoll.service");
    assert!(unit.contains("ExecStart=/usr/bin/plimsoll serve"), "{unit}");
    // What the unit names as its documentation is there.
    let documents = unit
        .lines()
        .find_map(|line| line.strip_prefix("Documentation=file:///"));
    assert!(read(documents.unwrap()).starts_with("# The daemon"));
    assert_eq!(
        read("usr/share/bash-completion/completions/plimsoll"),
        "completions bash\n"
    );
}
