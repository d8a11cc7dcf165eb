//! `config.example.toml` is what it says: right, whole, and at the defaults.

use std::path::Path;

use plimsoll_kit::Registration;
use toml::{Table, Value};

use super::reading::Reading;
use super::*;

const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The collectors that the example has to know.
fn registrations() -> Vec<Registration> {
    fake::lenient()
}

/// A text with its commented settings put in force: a setting follows its `#` without a space.
pub(crate) fn uncommented(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', '#']) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn load(folder: &Path, text: &str) -> Config {
    std::fs::create_dir_all(folder.join("baselines")).unwrap();
    std::fs::write(folder.join("baselines/own.toml"), "").unwrap();
    std::fs::create_dir_all(folder.join("approval")).unwrap();
    let policy = "extends = \"tracker-cto\"";
    std::fs::write(folder.join("approval/own.toml"), policy).unwrap();
    let path = folder.join("config.toml");
    std::fs::write(&path, text).unwrap();
    let surroundings = fake::surroundings(folder, None);
    match Config::load(Some(&path), &registrations(), &surroundings) {
        Ok(config) => config,
        Err(mistakes) => panic!("{mistakes}\n{text}"),
    }
}

#[test]
fn it_says_nothing_but_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let surroundings = fake::surroundings(folder.path(), None);
    let defaults = Config::discovered(&registrations(), &surroundings);
    let Ok(defaults) = defaults.map_err(|mistakes| panic!("{mistakes}"));
    let as_it_is = load(folder.path(), EXAMPLE);
    assert_eq!(as_it_is.store, defaults.store);
    assert_eq!(as_it_is.scan, defaults.scan);
    assert_eq!(as_it_is.found, defaults.found);
    assert_eq!(as_it_is.schedule, defaults.schedule);
    assert_eq!(as_it_is.serve, defaults.serve);
    assert_eq!(as_it_is.log, defaults.log);
    assert!(as_it_is.baselines.documents.is_empty());
    assert!(as_it_is.rules.is_empty() && as_it_is.ignores.is_empty());

    let full = load(folder.path(), &uncommented(EXAMPLE));
    assert_eq!(full.scan, defaults.scan);
    assert_eq!(full.log, defaults.log);
    let schedule = ScheduleSettings {
        max_age: full.schedule.max_age,
        ..defaults.schedule
    };
    assert_eq!(full.schedule, schedule);
    assert_eq!(
        full.serve.socket,
        full.store.path.with_file_name("plimsoll.sock")
    );
    assert_eq!(full.store.retention, defaults.store.retention);
    assert_eq!(full.store.busy_timeout, defaults.store.busy_timeout);
    assert_eq!(
        full.store.key_file,
        full.store.path.with_file_name("redaction.key")
    );
    assert_eq!(full.baselines.documents.len(), 1);
    assert_eq!((full.rules.len(), full.ignores.len()), (1, 1));
}

#[test]
fn it_shows_every_key_that_is_read() {
    let text = uncommented(EXAMPLE);
    let shown: Table = text.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (registrations, surroundings) = (registrations(), fake::surroundings(folder.path(), None));
    let reading = Reading {
        registrations: &registrations,
        surroundings: &surroundings,
        folder: folder.path().to_owned(),
    };
    let keys = Document::new("config.example.toml", text).keys(|root| {
        Config::read_root(root, &reading, &mut Vec::new());
    });
    assert!(keys.contains("sources.deadline"), "{keys:?}");
    // Those of a collector are shown by its own sample.
    let own = keys
        .iter()
        .filter(|key| !key.starts_with("sources.settings."));
    for key in own {
        let parts: Vec<&str> = key.split('.').collect();
        let there = shows(&Value::Table(shown.clone()), &parts);
        assert!(there, "config.example.toml does not show `{key}`");
    }
}

/// Whether a value has a path, in any of its rows where it is an array of tables.
fn shows(value: &Value, path: &[&str]) -> bool {
    match (path, value) {
        ([], _) => true,
        (_, Value::Array(rows)) => rows.iter().any(|row| shows(row, path)),
        ([key, rest @ ..], Value::Table(table)) => {
            table.get(*key).is_some_and(|value| shows(value, rest))
        }
        _ => false,
    }
}

#[test]
fn it_has_a_source_for_every_collector() {
    let folder = tempfile::tempdir().unwrap();
    let full = load(folder.path(), &uncommented(EXAMPLE));
    for registration in registrations() {
        let name = registration.name;
        let there = full.sources.iter().any(|one| one.collector_name == name);
        assert!(there, "config.example.toml has no source of `{name}`");
    }
}
