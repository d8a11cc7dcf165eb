//! What a report says, and what a test expects of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Output;

/// The JSON report of one scan.
#[derive(Debug)]
pub(crate) struct Report {
    /// How the program ended.
    pub(crate) output: Output,
    /// All of it.
    pub(crate) json: Value,
}

/// A change as a test expects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    kind: String,
    asset: String,
    /// What every path begins with; for each there is at least one.
    paths: BTreeSet<String>,
}

/// An asset that appeared.
pub(crate) fn added(asset: &str) -> Seen {
    Seen::new("added", asset, &[])
}

/// An asset that went.
pub(crate) fn removed(asset: &str) -> Seen {
    Seen::new("removed", asset, &[])
}

/// An asset that changed: in paths that begin so, in at least one for each, and in no others.
pub(crate) fn changed(asset: &str, paths: &[&str]) -> Seen {
    Seen::new("modified", asset, paths)
}

impl Seen {
    fn new(kind: &str, asset: &str, paths: &[&str]) -> Self {
        Self {
            kind: kind.to_owned(),
            asset: asset.to_owned(),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        }
    }
}

impl Report {
    /// The report that a program printed.
    pub(crate) fn parse(output: Output) -> Self {
        let json = serde_json::from_str(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "no report ({error}), exit code {:?}\n{}{}",
                output.code, output.stdout, output.stderr
            )
        });
        let report = Self { output, json };
        assert_eq!(text(&report.json["schema"]), "plimsoll/report/v1");
        report
    }

    /// Panics unless the changes are exactly these, in any order.
    pub(crate) fn assert_changes(&self, expected: &[Seen]) {
        let mut found: Vec<Seen> = self
            .list("changes")
            .map(|row| seen(row, expected))
            .collect();
        let mut expected = expected.to_vec();
        found.sort();
        expected.sort();
        let shown = serde_json::to_string_pretty(&self.json["changes"]).unwrap();
        assert_eq!(found, expected, "{shown}\n{}", self.output.stderr);
    }

    /// The change of an asset; panics where there is not exactly one.
    pub(crate) fn change(&self, asset: &str) -> &Value {
        let mut rows = self
            .list("changes")
            .filter(|row| text(&row["asset"]) == asset);
        let row = rows
            .next()
            .unwrap_or_else(|| panic!("no change of {asset}: {}", self.json["changes"]));
        assert!(
            rows.next().is_none(),
            "{asset} changed twice: {}",
            self.json["changes"]
        );
        row
    }

    /// Whether a system has an open drift in a control, with that status and state.
    pub(crate) fn has_drift(&self, asset: &str, control: &str, status: &str, state: &str) -> bool {
        self.list("drifts").any(|row| {
            text(&row["asset"]) == asset
                && text(&row["control"]) == control
                && text(&row["status"]) == status
                && text(&row["state"]) == state
        })
    }

    /// An open drift of a system in a control; panics where there is not exactly one.
    pub(crate) fn drift(&self, asset: &str, control: &str) -> &Value {
        let mut rows = self
            .list("drifts")
            .filter(|row| text(&row["asset"]) == asset && text(&row["control"]) == control);
        let row = rows.next();
        assert!(rows.next().is_none(), "{asset} drifts twice in {control}");
        row.unwrap_or_else(|| {
            panic!(
                "{asset} does not drift in {control}: {}",
                self.json["drifts"]
            )
        })
    }

    /// Whether a system has an open drift in a control, whatever its status.
    pub(crate) fn drifts_in(&self, asset: &str, control: &str) -> bool {
        let mut rows = self.list("drifts");
        rows.any(|row| text(&row["asset"]) == asset && text(&row["control"]) == control)
    }

    /// Whether a drift of that system and control was resolved by this scan.
    pub(crate) fn has_resolved(&self, asset: &str, control: &str) -> bool {
        self.list("resolved")
            .any(|row| text(&row["asset"]) == asset && text(&row["control"]) == control)
    }

    /// The role of a system.
    pub(crate) fn role(&self, asset: &str) -> Option<&str> {
        let mut rows = self.list("systems");
        rows.find(|row| text(&row["asset"]) == asset)
            .map(|row| text(&row["role"]))
    }

    /// Whether every scope was read completely.
    pub(crate) fn complete(&self) -> bool {
        self.list("coverage").all(|row| row["complete"] == true)
    }

    /// What went wrong, over all scopes.
    pub(crate) fn troubles(&self) -> Vec<&str> {
        let rows = self.list("coverage");
        rows.filter_map(|row| row["troubles"].as_array())
            .flatten()
            .map(text)
            .collect()
    }

    /// How many assets of a kind the inventory has.
    pub(crate) fn assets(&self, kind: &str) -> u64 {
        self.json["summary"]["assets"][kind].as_u64().unwrap_or(0)
    }

    /// The rows of one of the report's lists.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &Value> {
        let list = self.json[name].as_array();
        list.unwrap_or_else(|| panic!("`{name}` is no list: {}", self.json[name]))
            .iter()
    }
}

/// A row of the report, its paths shortened to what `expected` says of the same asset.
fn seen(row: &Value, expected: &[Seen]) -> Seen {
    let mut seen = Seen::new(text(&row["kind"]), text(&row["asset"]), &[]);
    let same = |other: &&Seen| other.asset == seen.asset;
    let wanted = expected
        .iter()
        .find(same)
        .map(|other| other.paths.clone())
        .unwrap_or_default();
    for path in row["paths"].as_array().into_iter().flatten() {
        let path = text(&path["path"]);
        let short = wanted
            .iter()
            .filter(|start| path.starts_with(start.as_str()))
            .max_by_key(|start| start.len());
        seen.paths
            .insert(short.map_or(path, String::as_str).to_owned());
    }
    seen
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
