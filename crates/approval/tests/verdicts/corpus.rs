//! Every scenario of the corpus comes out as its label says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use plimsoll_approval::scenario::{House, PolicyChoice, Scenario, read};
use plimsoll_approval::{People, Policies, Verdict};
use plimsoll_settings::Document;

/// Every scenario of the corpus, by file and place.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdicts/corpus");
    let document = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy();
        Document::new(name, std::fs::read_to_string(path).unwrap())
    };
    let people = document(&folder.join("people.toml")).read(People::read);
    let policies = Policies::load(&Policies::shipped()).unwrap();
    let house = House {
        policies: &policies,
        choice: PolicyChoice::Default(None),
        people: Arc::new(people.unwrap()),
    };
    let files = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files
        .retain(|path| path.extension() == Some("toml".as_ref()) && !path.ends_with("people.toml"));
    files.sort();
    let read = |path: &std::path::PathBuf| {
        read(&document(path), &house).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn every_scenario_comes_out_as_labelled() {
    let mut wrong = Vec::new();
    let all = scenarios();
    for scenario in &all {
        let judged = scenario.judge();
        if let Some(why) = scenario.compare(&judged) {
            let said = judged.sentences().join("\n    ");
            let Scenario { file, name, .. } = scenario;
            wrong.push(format!("{file}: {name}: {why}\n    {said}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} scenarios:\n\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn the_corpus_covers_every_verdict_and_control() {
    let all = scenarios();
    assert!(all.len() >= 600, "there are only {} scenarios", all.len());
    let names: BTreeSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "two scenarios have one name");
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut controls: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut rules: BTreeSet<String> = BTreeSet::new();
    for scenario in &all {
        let judged = scenario.judge();
        *verdicts.entry(judged.verdict().as_str()).or_default() += 1;
        for reason in &judged.reasons {
            rules.insert(reason.rule.to_string());
            let outcomes = controls.entry(reason.control.to_string()).or_default();
            outcomes.insert(reason.outcome.as_str());
        }
    }
    eprintln!(
        "{} scenarios, {} rules, {verdicts:?}",
        all.len(),
        rules.len()
    );
    for verdict in [
        "approved",
        "unapproved",
        "pending",
        "overdue",
        "unproven",
        "not required",
    ] {
        assert!(
            verdicts.get(verdict).is_some_and(|many| *many >= 3),
            "{verdict}: {verdicts:?}"
        );
    }
    // Those that can hold and fail do both somewhere.
    for control in [
        "change-approved",
        "system-approved",
        "approver-authorised",
        "separation-of-duties",
        "implementer-authorised",
        "change-ticketed",
        "change-reviewed",
        "change-tested",
        "staging-soak",
        "change-window",
        "branch-protected",
        "change-logged",
        "system-inspected",
    ] {
        let outcomes = controls
            .get(control)
            .unwrap_or_else(|| panic!("nothing about {control}"));
        assert!(
            outcomes.contains("fails") && outcomes.contains("holds"),
            "{control}: {outcomes:?}"
        );
    }
    for control in ["emergency-signed-off", "inventory-reconciled"] {
        let outcomes = &controls[control];
        assert!(
            ["holds", "waits", "late"]
                .iter()
                .all(|one| outcomes.contains(one)),
            "{control}: {outcomes:?}"
        );
    }
}

/// Whoever reads the written policy calls these changes approved: of a hundred two at most come out otherwise.
#[test]
fn honest_changes_come_out_approved() {
    let all = scenarios();
    let honest = all.iter().filter(|one| one.verdict() == Verdict::Approved);
    let honest: Vec<&Scenario> = honest.collect();
    let approved = honest.iter().map(|one| one.judge().verdict());
    let approved = approved.filter(|one| *one == Verdict::Approved).count();
    assert!(honest.len() >= 250, "only {} are honest", honest.len());
    assert!(
        approved * 100 >= honest.len() * 98,
        "{approved} of {} honest changes are approved",
        honest.len()
    );
    eprintln!("{approved} of {} honest changes are approved", honest.len());
}

/// What is said of a change does not hang on the order in which requests are known.
#[test]
fn the_order_of_requests_does_not_show() {
    for mut scenario in scenarios() {
        let before = scenario.judge();
        scenario.requests.reverse();
        assert_eq!(before, scenario.judge(), "{}", scenario.name);
    }
}

/// Every row of the table of full texts names a scenario that is in the corpus.
#[test]
fn full_texts_table_names_scenarios_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = root.join("../../baselines/approval/README.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("## What the full texts add").unwrap();
    let scenarios = scenarios();
    let mut rows = 0;
    for row in table.lines().filter(|line| line.starts_with('|')).skip(2) {
        let named = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        assert!(
            scenarios.iter().any(|scenario| scenario.name == named),
            "no scenario is called {named:?}"
        );
        rows += 1;
    }
    assert!(rows > 0, "the table is not there");
}
