//! What each scan of the estate finds, written down as a text that a person can read and a test compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::support::{Plimsoll, Report};

/// Scans told one after the other.
pub(crate) struct Story {
    pub(crate) plimsoll: Plimsoll,
    last: Report,
    text: String,
}

impl Story {
    /// Begins with a first scan.
    pub(crate) fn begin(plimsoll: Plimsoll) -> Self {
        let last = plimsoll.scan();
        assert!(last.complete(), "{:?}", last.troubles());
        Self {
            plimsoll,
            last,
            text: String::new(),
        }
    }

    /// Scans and writes down what is new, under what was done.
    pub(crate) fn tell(&mut self, done: &str) -> &Report {
        let report = self.plimsoll.scan();
        let news = news(&self.last, &report);
        let _ = writeln!(self.text, "{done}\n{news}");
        self.last = report;
        &self.last
    }

    /// Writes down what else is to be told of the last scan.
    pub(crate) fn add(&mut self, heading: &str, lines: &str) {
        let _ = writeln!(self.text, "{heading}\n{lines}");
    }

    /// Who made the change that the last scan found of an asset.
    pub(crate) fn maker(&self, asset: &str) -> Option<&str> {
        self.last.change(asset)["actor"].as_str()
    }

    /// All that was told.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The drifts of a report's list that `keep` keeps: asset, control (and expectation, where that is another word), status.
fn drifts(report: &Report, list: &str, keep: impl Fn(&Value) -> bool) -> Vec<String> {
    let rows = report.list(list).filter(|row| keep(row));
    let mut rows: Vec<String> = rows
        .map(|row| {
            let (control, expectation) = (word(&row["control"]), word(&row["expectation"]));
            let mut line = format!("{} {control}", word(&row["asset"]));
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

/// Every system with its role and environment, and every open drift, a line each.
pub(crate) fn open(report: &Report) -> String {
    let mut systems: Vec<String> = report
        .list("systems")
        .map(|row| {
            let environment = row["environment"].as_str().unwrap_or("unknown");
            format!(
                "{} {} {environment}",
                word(&row["asset"]),
                word(&row["role"])
            )
        })
        .collect();
    systems.sort();
    let drifts = drifts(report, "drifts", |_| true);
    format!("{}\n\n{}\n", systems.join("\n"), drifts.join("\n"))
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

/// What a scan found that the one before had not: scopes that are not complete, changes, new drifts, those
/// that were unknown and fail now or the other way round, and resolved ones.
fn news(before: &Report, report: &Report) -> String {
    let mut lines = Vec::new();
    for row in report.list("changes") {
        let mut line = format!("  {} {}", word(&row["kind"]), word(&row["asset"]));
        for path in row["paths"].as_array().into_iter().flatten() {
            let _ = write!(
                line,
                "\n      {} {} → {}",
                word(&path["path"]),
                value(&path["from"]),
                value(&path["to"])
            );
        }
        lines.push(line);
    }
    lines.sort();
    for row in report
        .list("coverage")
        .filter(|row| row["complete"] != true)
    {
        lines.push(format!("  incomplete {}", word(&row["scope"])));
    }
    let before = standing(before);
    let is_news = |row: &Value| {
        let name = ["asset", "control", "expectation"].map(|key| word(&row[key]));
        let had = before.get(&name.join(" "));
        had.is_none_or(|(status, _)| status != word(&row["status"]))
    };
    let new = drifts(report, "drifts", is_news);
    lines.extend(new.iter().map(|line| format!("  drift {line}")));
    let resolved = drifts(report, "resolved", |_| true);
    lines.extend(resolved.iter().map(|line| format!("  mended {line}")));
    if lines.is_empty() {
        lines.push("  nothing".to_owned());
    }
    lines.join("\n") + "\n"
}

/// A value as it is at every run: times, keyed marks, and what the cluster hands out differ.
fn value(value: &Value) -> String {
    static RULES: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
        [
            (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "(a time)"),
            (r#"secret:[^:/" ]+:[0-9a-f]{32}( <=\d+B)?"#, "(a mark)"),
            (r"\b10\.96\.\d+\.\d+\b", "(an address)"),
            (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "(an id)"),
            // Where the API server itself listens.
            (r"\b127\.0\.0\.1:\d+", "127.0.0.1:(a port)"),
            (r#""target":"[12]\d{4}""#, r#""target":"(a port)""#),
        ]
        .map(|(pattern, word)| (Regex::new(pattern).unwrap(), word))
    });
    let text = match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    RULES.iter().fold(text, |text, (pattern, word)| {
        pattern.replace_all(&text, *word).into_owned()
    })
}

/// Every asset with its facts and what it leads to, as `plimsoll inventory list` has them; times left out.
pub(crate) fn facts(inventory: &Value) -> String {
    let mut text = String::new();
    for asset in inventory["assets"].as_array().into_iter().flatten() {
        let id = word(&asset["id"]);
        let _ = writeln!(text, "{id}");
        for alias in asset["aliases"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "    is also {}", value(alias));
        }
        let claims = ["facts", "readings"].map(|part| asset[part].as_object());
        for (name, claim) in claims.into_iter().flatten().flatten() {
            let how = word(&claim["how"]);
            // Times, and how far clocks are apart just now.
            if name == "created" || name.starts_with("clock.skew") {
                continue;
            }
            match &claim["value"] {
                Value::Object(table) if !table.is_empty() => {
                    for (key, row) in table {
                        let _ = writeln!(text, "    {name}[{key}] {how} {}", value(row));
                    }
                }
                Value::Null => {
                    let _ = writeln!(text, "    {name} unknown: {}", word(&claim["basis"]));
                }
                one => {
                    let _ = writeln!(text, "    {name} {how} {}", value(one));
                }
            }
        }
        let relations = inventory["relations"].as_array().into_iter().flatten();
        for edge in relations.filter(|edge| word(&edge["from"]) == id) {
            if edge["kind"] != "contains" {
                let _ = writeln!(text, "    {} {}", word(&edge["kind"]), word(&edge["to"]));
            }
        }
    }
    text
}

/// Panics unless `actual` is what the file beside this one says. `UPDATE_EXPECTED=1` writes it anew.
pub(crate) fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/kubernetes_estate")
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
