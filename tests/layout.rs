//! The house keeps its shape: collectors are whole and registered, pure rooms are pure, and SQL has one room.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

use std::path::{Path, PathBuf};

use plimsoll::registry::COLLECTORS;
use plimsoll_kit::testkit::check_layout;

/// The rooms that do no I/O and know no clock: time is handed in.
const PURE: &[&str] = &[
    "src/inventory",
    "crates/change/src",
    "src/baseline",
    "crates/approval/src",
    "src/inert",
    "src/report",
    "src/export",
    "src/schedule",
    "src/notify/plan",
    "collectors/model/src",
];
/// What has no place there.
const IMPURE: &[&str] = &[
    "tokio::",
    "rusqlite::",
    "reqwest::",
    "bollard::",
    "::now(",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
];
/// How SQL and its library show.
const SQL: &[&str] = &[
    "rusqlite",
    "SELECT ",
    "INSERT INTO ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "PRAGMA ",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder, with their text up to the unit tests, which may do as they like.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap_or_default();
            if path.is_dir() && name != "tests" {
                open.push(path);
            } else if path.extension() == Some("rs".as_ref()) && name != "tests" {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text
                    .split("\n#[cfg(test)]\nmod tests {")
                    .next()
                    .unwrap()
                    .to_owned();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{} holds no source", folder.display());
    found
}

/// The lines below a folder, comments left out, that hold one of the words.
fn lines_with(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut hits = Vec::new();
    for (path, text) in sources(folder) {
        let path = path
            .strip_prefix(root())
            .unwrap_or(&path)
            .display()
            .to_string();
        for (number, line) in (1..).zip(text.lines()) {
            let code = !line.trim_start().starts_with("//");
            if code && words.iter().any(|word| line.contains(word)) {
                hits.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    hits.sort();
    hits
}

#[test]
fn every_collector_is_registered_and_whole() {
    let names: Vec<&str> = COLLECTORS.iter().map(|one| one.name).collect();
    check_layout(&root().join("collectors"), &names);
    assert!(
        names.is_sorted(),
        "the list is in order of the names: {names:?}"
    );
}

#[test]
fn pure_rooms_do_no_io_and_know_no_clock() {
    for room in PURE {
        let hits = lines_with(&root().join(room), IMPURE);
        assert!(
            hits.is_empty(),
            "{room} is a pure room:\n{}",
            hits.join("\n")
        );
    }
}

#[test]
fn every_defence_names_a_test_that_is_there() {
    let page = root().join("docs/concepts/security.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut code = String::new();
    for folder in ["src", "collectors", "crates", "tests"] {
        let mut open = vec![root().join(folder)];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    open.push(path);
                } else if path.extension() == Some("rs".as_ref()) {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
    }
    let mut named = 0;
    let rows = page.lines().filter(|line| line.starts_with("| "));
    for row in rows {
        let Some(tests) = row.trim_end_matches(" |").rsplit(" | ").next() else {
            continue;
        };
        for name in tests.split('`').skip(1).step_by(2) {
            let there = match name.strip_suffix(".rs") {
                Some(_) => root().join(name).exists(),
                None => {
                    let name = name.rsplit("::").next().unwrap();
                    code.contains(&format!("fn {name}("))
                }
            };
            assert!(there, "{name} is no test: {row}");
            named += 1;
        }
    }
    assert!(named > 20, "the page names hardly any test");
}

#[test]
fn sql_is_in_the_store_alone() {
    let mut hits = lines_with(&root().join("src"), SQL);
    let inside = hits.len();
    hits.retain(|hit| !hit.starts_with("src/store/"));
    assert!(hits.is_empty(), "outside the store:\n{}", hits.join("\n"));
    assert!(
        inside > 0,
        "the store has no SQL: what is looked for here is out of date"
    );
}

#[test]
fn only_the_conductor_calls_every_room() {
    // A room that reads the conductor or a door would turn the house upside down.
    for room in [
        "inventory",
        "baseline",
        "report",
        "export",
        "schedule",
        "notify",
        "store",
        "config",
    ] {
        let hits = lines_with(
            &root().join("src").join(room),
            &["crate::scan", "crate::daemon", "crate::cli"],
        );
        assert!(
            hits.is_empty(),
            "{room} calls upwards:\n{}",
            hits.join("\n")
        );
    }
}

/// Every text of a Rust file below a folder, its tests included.
fn texts(folder: &Path) -> String {
    let mut found = String::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension() == Some("rs".as_ref()) {
                found.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn what_a_readme_says_of_doubts_is_held_by_the_tests_that_it_names() {
    const HEADING: &str = "## What may be rewritten, cut or missing";
    let whole = ["tests", "src", "crates"].map(|folder| texts(&root().join(folder)));
    let whole = whole.concat();
    let mut told = 0;
    for entry in std::fs::read_dir(root().join("collectors")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(readme) = std::fs::read_to_string(folder.join("README.md")) else {
            continue;
        };
        let Some((_, rest)) = readme.split_once(HEADING) else {
            continue;
        };
        told += 1;
        let own = texts(&folder);
        let table = rest.split("\n## ").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| "));
        for row in rows.skip(2) {
            let held = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
            let names = held.split('`').skip(1).step_by(2);
            let names: Vec<&str> = names.filter(|name| !name.contains('/')).collect();
            assert!(!names.is_empty(), "{}: {row}", folder.display());
            for name in names {
                let test = format!("fn {name}(");
                let there = own.contains(&test) || whole.contains(&test);
                assert!(there, "{}: no test {name}", folder.display());
            }
        }
    }
    assert!(told >= 4, "{told}");
}
