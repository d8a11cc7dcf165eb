//! What the control catalogue cites exists.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const HEADINGS: &str = include_str!("../../../baselines/frameworks/headings.toml");

#[derive(serde::Deserialize)]
struct Frameworks {
    framework: Vec<Framework>,
}

#[derive(serde::Deserialize)]
struct Framework {
    cited_as: String,
    title: String,
    source: String,
    /// What the headings were held against, where that is public.
    #[serde(default)]
    checked: Vec<String>,
    headings: BTreeMap<String, String>,
}

fn frameworks() -> Vec<Framework> {
    let read: Frameworks = toml::from_str(HEADINGS).unwrap();
    read.framework
}

#[test]
fn every_reference_is_a_heading_of_its_framework() {
    let frameworks = frameworks();
    let known: BTreeSet<String> = frameworks
        .iter()
        .flat_map(|one| {
            let named = |number: &String| format!("{} {number}", one.cited_as);
            one.headings.keys().map(named).collect::<Vec<_>>()
        })
        .collect();
    for control in SHIPPED.controls() {
        assert!(!control.references.is_empty(), "{}", control.id);
        for reference in &control.references {
            assert!(
                known.contains(reference.as_str()),
                "{} cites {reference:?}, which no framework has",
                control.id
            );
        }
        let mut once = control.references.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), control.references.len(), "{}", control.id);
    }
    for framework in &frameworks {
        let says = [&framework.title, &framework.source];
        let said = says.into_iter().chain(framework.headings.values());
        assert!(said.map(String::as_str).all(|text| !text.is_empty()));
        assert!(
            framework
                .checked
                .iter()
                .all(|text| text.starts_with("https://"))
        );
        let cited = SHIPPED.controls().iter().any(|control| {
            let by = |reference: &Text| reference.starts_with(&framework.cited_as);
            control.references.iter().any(by)
        });
        assert!(cited, "nothing cites {}", framework.cited_as);
    }
}

/// One provision that is cited for everything says nothing.
#[test]
fn a_control_cites_what_asks_for_it() {
    let cites = |id: &str| -> Vec<&str> {
        let control = SHIPPED.control(id).unwrap();
        control.references.iter().map(Text::as_str).collect()
    };
    for (control, reference) in [
        ("encrypted-at-rest", "45 CFR 164.312(a)(2)(iv)"),
        ("encrypted-in-transit", "45 CFR 164.312(e)(1)"),
        ("backup-present", "45 CFR 164.308(a)(7)(ii)(A)"),
        ("backup-present", "HITRUST CSF 09.l"),
        ("logs-shipped", "45 CFR 164.312(b)"),
        ("time-synchronised", "HITRUST CSF 09.af"),
        ("change-approved", "SOC 2 CC8.1"),
        ("change-approved", "HITRUST CSF 10.k"),
        ("ports-allowed", "SOC 2 CC6.6"),
        ("declared-state-matches", "SOC 2 CC7.1"),
        ("least-privilege", "CIS Docker 5.5"),
        ("least-privilege", "CIS Kubernetes 5.2.2"),
    ] {
        assert!(cites(control).contains(&reference), "{control} {reference}");
    }
    // No stored byte of a database proves that nobody altered it.
    for control in ["encrypted-at-rest", "backup-present", "change-approved"] {
        assert!(!cites(control).contains(&"45 CFR 164.312(c)(1)"));
    }
}

#[test]
fn every_control_of_a_verdict_is_in_catalogue() {
    for id in crate::approval::control_ids() {
        let known = SHIPPED.controls().iter().any(|control| control.id == *id);
        assert!(known, "{id}");
    }
}
