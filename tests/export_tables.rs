//! Tables in the hands of LibreOffice: it opens them, and changes no cell.
//!
//! Run it with `tests/run -- --test export_tables`, which brings LibreOffice.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod export;

use std::path::Path;
use std::process::Command;

use export::{estate, hostile, scanned};
use plimsoll::export::table::{self, Records};
use plimsoll::inventory::Snapshot;
use resvg::usvg::roxmltree;

fn table_of(snapshot: &Snapshot, format: table::Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    let head = table::Head {
        scan: 42,
        started: scanned(),
        finished: scanned(),
        coverage: snapshot.coverage(),
    };
    let mut table = table::begin(format, Records::All, &head, &mut bytes).unwrap();
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

/// A cell as LibreOffice holds it: its type, and its text.
type Cell = (String, String);

/// Opens a file with LibreOffice, and gives its sheets with their rows.
fn opened(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    filter: &[&str],
) -> Vec<(String, Vec<Vec<Cell>>)> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut command = Command::new("soffice");
    command.arg(format!(
        "-env:UserInstallation=file://{}/profile",
        folder.display()
    ));
    command
        .arg("--headless")
        .args(filter)
        .args(["--convert-to", "fods", "--outdir"])
        .arg(folder)
        .arg(&path);
    let output = command.env("HOME", folder).output();
    let output = output.unwrap_or_else(|error| {
        panic!("soffice: {error}: LibreOffice Calc is missing; `tests/run` installs it")
    });
    let opened = path.with_extension("fods");
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    let text = std::fs::read_to_string(&opened)
        .unwrap_or_else(|error| panic!("{name}: {error}: {said:?}"));
    let options = roxmltree::ParsingOptions {
        nodes_limit: u32::MAX,
        ..roxmltree::ParsingOptions::default()
    };
    let document = roxmltree::Document::parse_with_options(&text, options).unwrap();
    let tables = document
        .descendants()
        .filter(|one| one.tag_name().name() == "table" && one.is_element());
    tables
        .map(|table| (attribute(table, "name").unwrap().to_owned(), rows(table)))
        .collect()
}

fn attribute<'d>(node: roxmltree::Node<'d, '_>, name: &str) -> Option<&'d str> {
    node.attributes()
        .find(|one| one.name() == name)
        .map(|one| one.value())
}

fn rows(table: roxmltree::Node<'_, '_>) -> Vec<Vec<Cell>> {
    let rows = table
        .descendants()
        .filter(|one| one.tag_name().name() == "table-row");
    let mut all: Vec<Vec<Cell>> = rows
        .map(|row| {
            let mut cells = Vec::new();
            for cell in row
                .children()
                .filter(|cell| cell.tag_name().name() == "table-cell")
            {
                let many: usize = attribute(cell, "number-columns-repeated")
                    .map_or(1, |many| many.parse().unwrap());
                let kind = attribute(cell, "value-type").unwrap_or_default().to_owned();
                let lines: Vec<String> = cell
                    .children()
                    .filter(|line| line.tag_name().name() == "p")
                    .map(text_of)
                    .collect();
                cells.extend(std::iter::repeat_n((kind, lines.join("\n")), many.min(20)));
            }
            while cells.last().is_some_and(|cell| cell.1.is_empty()) {
                cells.pop();
            }
            cells
        })
        .collect();
    while all.last().is_some_and(Vec::is_empty) {
        all.pop();
    }
    all
}

/// A line's text; several spaces are an element with their number.
fn text_of(line: roxmltree::Node<'_, '_>) -> String {
    let mut text = String::new();
    for part in line.children() {
        match part.tag_name().name() {
            "s" => text.push_str(
                &" ".repeat(attribute(part, "c").map_or(1, |many| many.parse().unwrap())),
            ),
            "tab" => text.push('\t'),
            _ if part.is_element() => text.push_str(&text_of(part)),
            _ => text.push_str(part.text().unwrap_or_default()),
        }
    }
    text
}

#[test]
fn a_spreadsheet_changes_no_cell_of_the_csv() {
    let folder = tempfile::tempdir().unwrap();
    for (name, snapshot) in [("estate.csv", estate()), ("hostile.csv", hostile())] {
        let bytes = table_of(&snapshot, table::Format::Csv);
        let sheets = opened(folder.path(), name, &bytes, &["--infilter=CSV:44,34,76,1"]);
        let [(_, rows)] = sheets.as_slice() else {
            panic!("{name}: {} sheets", sheets.len())
        };
        let written: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(bytes.as_slice())
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(rows.len(), written.len(), "{name}");
        let whole_number = |text: &str| text.parse::<i64>().is_ok();
        let mut numbers = 0;
        for (row, written) in rows.iter().zip(&written) {
            for (at, want) in written.iter().enumerate() {
                let (kind, text) = row.get(at).cloned().unwrap_or_default();
                assert_eq!(text.trim(), want.trim(), "{name}");
                // Facts that are numbers are numbers, and nothing else is.
                let number = at == 7 && whole_number(want);
                numbers += usize::from(number);
                let expected = if number { "float" } else { "string" };
                assert!(
                    want.trim().is_empty() || kind == expected,
                    "{name}: {want:?} became {kind}"
                );
            }
        }
        assert!(numbers > 0 || name == "hostile.csv");
    }
}

#[test]
fn a_spreadsheet_opens_the_workbook() {
    let folder = tempfile::tempdir().unwrap();
    for (name, snapshot) in [("estate.xlsx", estate()), ("hostile.xlsx", hostile())] {
        let sheets = opened(
            folder.path(),
            name,
            &table_of(&snapshot, table::Format::Xlsx),
            &[],
        );
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Scan", "Assets", "Facts", "Relations"], "{name}");
        let rows = |at: usize| sheets[at].1.len();
        assert_eq!(
            (rows(1), rows(3)),
            (snapshot.nodes().len() + 1, snapshot.edges().len() + 1),
            "{name}"
        );
        let known: usize = snapshot
            .nodes()
            .iter()
            .map(|node| {
                node.asset.labels.len() + node.asset.facts.len() + node.asset.readings.len()
            })
            .sum();
        assert_eq!(rows(2), known + 1, "{name}");
        let ids: Vec<&str> = sheets[1]
            .1
            .iter()
            .skip(1)
            .map(|row| row[0].1.as_str())
            .collect();
        let tame = |c: char| !c.is_control() && !('\u{2028}'..='\u{202e}').contains(&c);
        for (node, id) in snapshot.nodes().iter().zip(ids) {
            let own = node.asset.id.as_str();
            assert!(
                own == id || !own.chars().all(tame) || own.contains(acts),
                "{own:?} became {id:?}"
            );
        }
        for (sheet, rows) in &sheets[1..] {
            for (at, cell) in rows.iter().skip(1).flat_map(|row| row.iter().enumerate()) {
                let number = *sheet == "Facts" && at == 5 && cell.0 == "float";
                assert!(
                    cell.1.is_empty() || cell.0 == "string" || number,
                    "{name} {sheet}: {cell:?}"
                );
            }
        }
        let scan: Vec<&str> = sheets[0]
            .1
            .iter()
            .flatten()
            .map(|cell| cell.1.as_str())
            .collect();
        assert!(
            scan.contains(&"42") && scan.iter().any(|text| text.starts_with("INCOMPLETE SCAN")),
            "{scan:?}"
        );
    }
}

/// What is written out instead of shown.
fn acts(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}'
    )
}
