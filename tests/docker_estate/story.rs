//! What each scan of the estate finds, written down as a text that a person can read and a test compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::{Estate, Report};

/// Names what is of the estate without the prefix that is another one at every run.
fn plain(estate: &Estate, text: &str) -> String {
    text.replace(&estate.prefix, "shop")
}

/// The drifts of a report's list that `keep` keeps: asset, control (and expectation, where that is another word), status.
fn drifts(
    estate: &Estate,
    report: &Report,
    list: &str,
    keep: impl Fn(&Value) -> bool,
) -> Vec<String> {
    let mut rows: Vec<String> = report
        .list(list)
        .filter(|row| keep(row))
        .map(|row| {
            let (control, expectation) = (word(&row["control"]), word(&row["expectation"]));
            let mut line = format!("{} {control}", plain(estate, word(&row["asset"])));
            if expectation != control {
                let _ = write!(line, "/{expectation}");
            }
            let _ = write!(line, " {}", word(&row["status"]));
            match word(&row["state"]) {
                "reopened" => line.push_str(", which had been mended"),
                "open" => line.push_str(", which was open before"),
                _ => {}
            }
            line
        })
        .collect();
    rows.sort();
    rows
}

/// Every open drift, a line each.
pub(crate) fn open(estate: &Estate, report: &Report) -> String {
    drifts(estate, report, "drifts", |_| true).join("\n") + "\n"
}

/// Every open drift with its status and the time since when it is open.
pub(crate) fn standing(report: &Report) -> BTreeMap<String, (String, String)> {
    let row = |row: &Value| {
        let text = |key: &str| word(&row[key]).to_owned();
        let name = [text("asset"), text("control"), text("expectation")].join(" ");
        (name, (text("status"), text("since")))
    };
    report.list("drifts").map(row).collect()
}

/// What a scan found that the one before had not: changes, new drifts, those that were unknown and fail now or the other
/// way round, and resolved ones.
pub(crate) fn news(estate: &Estate, before: &Report, report: &Report) -> String {
    let mut lines = Vec::new();
    for row in report.list("changes") {
        let asset = plain(estate, word(&row["asset"]));
        let mut line = format!("  {} {asset}", word(&row["kind"]));
        for path in row["paths"].as_array().into_iter().flatten() {
            // Of two images that were imported in one second the engine's list gives one and the same time.
            if word(&path["path"]) == "image.created" {
                continue;
            }
            let _ = write!(line, "\n      {}", plain(estate, word(&path["path"])));
        }
        lines.push(line);
    }
    lines.sort();
    let before = standing(before);
    let is_news = |row: &Value| {
        let name = ["asset", "control", "expectation"].map(|key| word(&row[key]));
        let had = before.get(&name.join(" "));
        had.is_none_or(|(status, _)| status != word(&row["status"]))
    };
    let new = drifts(estate, report, "drifts", is_news);
    lines.extend(new.iter().map(|line| format!("  drift {line}")));
    let resolved = drifts(estate, report, "resolved", |_| true);
    lines.extend(resolved.iter().map(|line| format!("  mended {line}")));
    if lines.is_empty() {
        lines.push("  nothing".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Panics unless `actual` is what the file beside this one says. `UPDATE_EXPECTED=1` writes it anew.
pub(crate) fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/docker_estate")
        .join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is not what was found; read the difference, then run with UPDATE_EXPECTED=1:\n{}",
        path.display(),
        similar::TextDiff::from_lines(expected.as_str(), actual).unified_diff()
    );
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
