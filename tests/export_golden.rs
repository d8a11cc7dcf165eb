//! The golden exports in `reports/` are what the formats write. `UPDATE_EXPECTED=1` writes them anew, and the pictures
//! that `docs/guides/diagrams.md` shows.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod export;

use std::path::{Path, PathBuf};

use export::{FORMATS, changed, drawn, estate, estate_before, hostile, large, written};
use plimsoll::export::table::{self, Records};
use plimsoll::export::{Format, Wanted};
use plimsoll::inventory::Snapshot;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn golden(name: &str, actual: &[u8]) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path(name), actual).unwrap();
    }
    let expected = std::fs::read(path(name)).unwrap_or_default();
    if expected == actual {
        return;
    }
    let [expected, actual] = [expected.as_slice(), actual].map(String::from_utf8_lossy);
    panic!(
        "{name} is not what this format writes now; read the difference, then run with UPDATE_EXPECTED=1:\n{}",
        similar::TextDiff::from_lines(expected.as_ref(), actual.as_ref()).unified_diff()
    );
}

/// A picture of dots changes with the library that draws it: here only its size is golden.
fn golden_picture(name: &str, actual: &[u8]) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path(name), actual).unwrap();
    }
    let size = |png: &[u8]| png.get(16..24).map(<[u8]>::to_vec);
    let expected = std::fs::read(path(name)).unwrap_or_default();
    assert_eq!(
        size(&expected),
        size(actual),
        "{name}: run with UPDATE_EXPECTED=1, and look at it"
    );
}

fn table_of(snapshot: &Snapshot, format: table::Format, records: Records) -> Vec<u8> {
    let mut bytes = Vec::new();
    let head = table::Head {
        scan: 42,
        started: export::at("2026-03-14T09:12:30Z"),
        finished: export::scanned(),
        coverage: snapshot.coverage(),
    };
    let mut table = table::begin(format, records, &head, &mut bytes).unwrap();
    for node in snapshot.nodes() {
        table.asset(node).unwrap();
    }
    for edge in snapshot.edges() {
        let id = |at: u32| &snapshot.asset(at).id;
        table
            .relation(id(edge.from), edge.kind, id(edge.to))
            .unwrap();
    }
    table.finish().unwrap();
    drop(table);
    bytes
}

#[test]
fn diagrams_are_golden() {
    let diagram = drawn(&estate(), &Wanted::default(), 500);
    for (format, ending) in FORMATS {
        let bytes = written(&diagram, format);
        match format {
            Format::Png => golden_picture("docs/pictures/estate.png", &bytes),
            _ => golden(&format!("reports/estate.{ending}"), &bytes),
        }
    }
    golden("reports/changed.svg", &written(&changed(), Format::Svg));
    golden_picture(
        "docs/pictures/changed.png",
        &written(&changed(), Format::Png),
    );
}

#[test]
fn tables_are_golden() {
    let snapshot = estate();
    golden(
        "reports/inventory.csv",
        &table_of(&snapshot, table::Format::Csv, Records::All),
    );
    golden(
        "reports/inventory.json",
        &table_of(&snapshot, table::Format::Json, Records::All),
    );
    golden(
        "reports/inventory.jsonl",
        &table_of(&snapshot, table::Format::Jsonl, Records::All),
    );
    golden(
        "reports/inventory.xlsx",
        &table_of(&snapshot, table::Format::Xlsx, Records::All),
    );
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() {
    for snapshot in [estate(), hostile(), large(400)] {
        let one = drawn(&snapshot, &Wanted::default(), 500);
        let two = drawn(&snapshot.clone(), &Wanted::default(), 500);
        for (format, ending) in FORMATS {
            // The large ones take their time as dots, and are the same picture as the SVG.
            if format != Format::Png || snapshot.nodes().len() < 50 {
                assert!(written(&one, format) == written(&two, format), "{ending}");
            }
        }
        for format in [
            table::Format::Csv,
            table::Format::Json,
            table::Format::Jsonl,
            table::Format::Xlsx,
        ] {
            let write = || table_of(&snapshot, format, Records::All);
            assert!(write() == write(), "{format:?}");
        }
    }
}

#[test]
fn one_more_asset_is_a_small_difference() {
    let before = drawn(&estate_before(), &Wanted::default(), 500);
    let after = drawn(&estate(), &Wanted::default(), 500);
    for format in [Format::Dot, Format::Mermaid, Format::D2] {
        let [before, after] =
            [&before, &after].map(|diagram| String::from_utf8(written(diagram, format)).unwrap());
        let diff = similar::TextDiff::from_lines(before.as_str(), after.as_str());
        let changed = diff
            .iter_all_changes()
            .filter(|change| change.tag() != similar::ChangeTag::Equal)
            .count();
        let all = after.lines().count();
        assert!(changed * 2 < all, "{format:?}: {changed} of {all} lines");
    }
}
