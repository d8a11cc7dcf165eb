//! Systems on three platforms, as findings from two sources, judged from end to end.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::fmt::Write as _;

use plimsoll_kit::testkit::assert_text;
use serde_json::Value;
use support::{Findings, Plimsoll, Report};

const RULES: &str = r#"
[[rules]]
asset = "platform-environment:aptible/acme-staging"
environment = "staging"

[[rules]]
asset = "app:fly/*-staging"
environment = "staging"

[[rules]]
asset = "app:fly/*"
environment = "production"

[[rules]]
kind = "cluster"
environment = "production"

[[rules]]
asset = "platform-environment:aptible/acme-prod"
sensitive = true
"#;

/// What is expected of sensitive data needs a word of the house.
const CONTAINED: &str = r#"
extends = "base"

[[expect]]
control = "sensitive-data-contained"
severity = "critical"
allowed-platforms = ["aptible"]
"#;

fn source(findings: &Findings, name: &str) -> String {
    findings
        .source()
        .replace("\"estate\"", &format!("\"{name}\""))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// Every system with its role and environment, and every drift.
fn told(report: &Report) -> String {
    let mut told = String::new();
    let mut systems: Vec<String> = report
        .list("systems")
        .map(|row| {
            format!(
                "{}\n  {} by {}\n  {} by {}\n",
                text(&row["asset"]),
                text(&row["role"]),
                text(&row["role_by"]),
                text(&row["environment"]),
                text(&row["environment_by"])
            )
        })
        .collect();
    systems.sort();
    told.push_str(&systems.concat());
    let mut drifts: Vec<String> = report
        .list("drifts")
        .map(|row| {
            format!(
                "{} {} {}\n    {}\n",
                text(&row["asset"]),
                text(&row["expectation"]),
                text(&row["status"]),
                // How long ago something was is another thing at every run.
                text(&row["actual"]).replace(char::is_numeric, "#")
            )
        })
        .collect();
    drifts.sort();
    told.push('\n');
    told.push_str(&drifts.concat());
    told
}

#[test]
fn three_platforms_word_for_word() {
    let kubernetes = Findings::of(include_str!("platforms/kubernetes.jsonl"));
    let hosted = Findings::of(include_str!("platforms/hosted.jsonl"));
    let own = tempfile::tempdir().unwrap();
    std::fs::write(own.path().join("base.toml"), CONTAINED).unwrap();
    let sources = source(&kubernetes, "kubernetes") + &source(&hosted, "hosted");
    let baselines = format!("[baselines]\npaths = [{:?}]\n", own.path());
    let plimsoll = Plimsoll::new(&format!("{baselines}{sources}{RULES}"));

    let first = plimsoll.scan();
    let mut all = told(&first);
    assert!(first.complete(), "{:?}", first.troubles());
    // One asset each, whoever speaks of it.
    assert_eq!((first.assets("dns-name"), first.assets("volume")), (1, 1));
    assert_eq!(first.assets("host"), 2);

    // The house says that its word holds: nothing is disputed any more, and the staging app is compared.
    let over = RULES.replacen(
        "\"staging\"\n",
        "\"staging\"\noverrides_platform = true\n",
        1,
    );
    plimsoll.configure(&format!("{baselines}{sources}{over}"));
    let second = plimsoll.scan();
    second.assert_changes(&[]);
    let web = "workload:aptible/acme-staging/api/web";
    let _ = writeln!(all, "\nwith overrides_platform\n");
    for row in second
        .list("systems")
        .filter(|row| text(&row["asset"]) == web)
    {
        let _ = writeln!(
            all,
            "{web}\n  {} by {}",
            text(&row["environment"]),
            text(&row["environment_by"])
        );
    }
    let twin = second.drift(
        "workload:aptible/acme-prod/api/web",
        "staging-mirrors-production",
    );
    assert_eq!(
        text(&twin["actual"]),
        "workload:aptible/acme-staging/api/web differs in env: FEATURE_X in production only, DEBUG in staging only"
    );
    for list in ["resolved", "drifts"] {
        for row in second.list(list) {
            if list == "resolved" || text(&row["state"]) != "open" {
                let _ = writeln!(
                    all,
                    "{} {} {}: {}",
                    text(&row["state"]),
                    text(&row["asset"]),
                    text(&row["expectation"]),
                    text(&row["actual"])
                );
            }
        }
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/platforms/expected.txt");
    assert_text(golden, &all);
}
