//! The golden reports in `reports/` are what the formats write. `UPDATE_EXPECTED=1` writes them anew.

#[path = "report_golden/shop.rs"]
mod shop;

use std::path::Path;

use plimsoll::report::{Report, csv, html, json, markdown, text};

fn golden(name: &str, actual: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports")
        .join(name);
    let actual = std::str::from_utf8(actual).unwrap();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "reports/{name} is not what this format writes now; read the difference, then run with UPDATE_EXPECTED=1:\n{}",
        similar::TextDiff::from_lines(expected.as_str(), actual).unified_diff()
    );
}

fn terminal(report: &Report, options: &text::Options) -> Vec<u8> {
    let mut out = Vec::new();
    text::render(report, text::Part::Whole, options, &mut out).unwrap();
    out
}

fn plain() -> text::Options {
    text::Options {
        style: text::Style::Plain,
        width: 100,
        explain: false,
        now: shop::now(),
    }
}

#[test]
fn text_is_golden() {
    golden("report.txt", &terminal(&shop::report(), &plain()));
}

#[test]
fn json_is_golden() {
    let mut out = Vec::new();
    json::render(&shop::report(), &mut out).unwrap();
    golden("report.json", &out);
}

#[test]
fn markdown_is_golden() {
    let mut out = Vec::new();
    markdown::render(&shop::report(), &mut out).unwrap();
    golden("report.md", &out);
}

#[test]
fn csv_is_golden() {
    let mut out = Vec::new();
    csv::render(&shop::report(), &mut out).unwrap();
    golden("report.csv", &out);
}

#[test]
fn html_is_golden() {
    let mut out = Vec::new();
    html::render(&shop::report(), &mut out).unwrap();
    golden("report.html", &out);
}
