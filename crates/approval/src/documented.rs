//! What the policies' page says is what the code does: every key with its default, and every security control.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::fact;
use plimsoll_settings::Document;

use super::policies::Policies;
use super::policy_inherit::effective_keys;
use super::policy_read::read;

const PAGE: &str = include_str!("../../../baselines/approval/README.md");

/// The rows of the table below a heading, each with its cells.
fn table(heading: &str) -> Vec<Vec<String>> {
    let (_, rest) = PAGE.split_once(heading).unwrap();
    let rows = rest.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    let cells = |row: &str| {
        let row = row.trim().trim_matches('|');
        row.split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

/// The words in backticks.
fn words(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// What the page says of the default of each key, by table and key as the reader asks for them.
fn defaults() -> BTreeMap<String, String> {
    let mut place = String::new();
    let mut found = BTreeMap::new();
    for row in table("## Every key and its default") {
        let [table, key, default] = row.as_slice() else {
            panic!("{row:?} has not three cells");
        };
        if !table.trim_matches('|').is_empty() {
            place = match table.trim_start_matches('|').trim() {
                "the file" => String::new(),
                table => format!("{}.", table.trim_matches(|c| "`[]".contains(c))),
            };
        }
        let key = words(key)[0];
        let before = found.insert(format!("{place}{key}"), default.clone());
        assert!(before.is_none(), "{key} is there twice");
    }
    found
}

#[test]
fn documented_keys_are_those_that_the_reader_asks_for() {
    let text = "[[exempt]]\nid = \"a\"\n[[rule]]\nid = \"b\"\n[[rule.review]]\nkind = \"peer\"\n[rule.emergency]\n";
    let asked = Document::new("our.toml", text).keys(|root| read(root, "our"));
    let documented: BTreeSet<String> = defaults().into_keys().collect();
    assert_eq!(documented, asked);
}

#[test]
fn documented_defaults_of_a_rule_are_in_force_where_nothing_is_given() {
    let mut documents = Policies::shipped();
    let text = "[[rule]]\nid = \"a\"\napprovers = [\"cto\"]\n";
    documents.push(Document::new("our.toml", text));
    let policies = Policies::load(&documents).unwrap();
    let policy = policies.get("our").unwrap();
    let defaults = defaults();
    for key in effective_keys(&policy.rules[0], &policy.given[0]) {
        let documented = &defaults[&format!("rule.{}", key.key)];
        match key.key {
            "approvers" => assert_eq!(key.origin.as_deref(), Some("our")),
            "security-facts" => assert!(documented.contains("table below"), "{documented}"),
            name => assert_eq!(
                words(documented).first().copied(),
                Some(key.value.as_str()),
                "{name}: {documented}"
            ),
        }
    }
    for (key, words_in_force) in [
        ("ticket-labels", &policy.ticket_labels),
        ("harmless-edits", &policy.harmless_edits),
        ("emergency-labels", &policy.emergency_labels),
        ("provisioning-labels", &policy.provisioning_labels),
        ("removal-labels", &policy.removal_labels),
    ] {
        let words_in_force: Vec<&str> = words_in_force.iter().map(|word| word.as_str()).collect();
        assert_eq!(defaults[key], format!("`{words_in_force:?}`"), "{key}");
    }
}

#[test]
fn documented_security_controls_are_those_of_the_list() {
    let rows = table("## What is a security control");
    let documented: BTreeSet<&str> = rows.iter().flat_map(|row| words(&row[1])).collect();
    let listed: BTreeSet<&str> = fact::SECURITY.iter().copied().collect();
    assert_eq!(documented, listed);
}
