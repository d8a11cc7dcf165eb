//! A house tries its policy on scenarios of its own, before it trusts it.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Output, Plimsoll};

/// The example of the documentation.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/policy-test")
}

/// Tries scenarios by the example's policy.
fn test(plimsoll: &Plimsoll, folder: &Path, more: &[&str]) -> Output {
    let policy = example().join("our-house.toml");
    let mut arguments = vec!["policy", "test", folder.to_str().unwrap()];
    if !more.contains(&"--policy") {
        arguments.extend(["--policy", policy.to_str().unwrap()]);
    }
    arguments.extend(more);
    plimsoll.run(&arguments)
}

/// The example's scenarios in a folder of their own, with a text in the place of another.
fn altered(from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut found = false;
    for entry in std::fs::read_dir(example().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        found |= text.contains(from);
        let text = text.replacen(from, to, 1);
        std::fs::write(folder.path().join(path.file_name().unwrap()), text).unwrap();
    }
    assert!(found, "no scenario has {from:?}");
    folder
}

#[test]
fn scenarios_of_the_documentation_come_out_as_labelled() {
    let plimsoll = Plimsoll::new("");
    let output = test(&plimsoll, &example().join("scenarios"), &[]);
    assert_eq!(output.code, Some(0), "{}", output.stdout);
    assert!(output.stdout.contains("scenarios, all as labelled"));

    let output = test(
        &plimsoll,
        &example().join("scenarios"),
        &["--format", "json"],
    );
    let page: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(page["schema"], "plimsoll/policy-test/v1");
    assert_eq!(page["differing"], 0);
    let first = &page["scenarios"][0];
    assert_eq!(first["verdict"], "approved");
    assert!(!first["proof"].as_array().unwrap().is_empty(), "{first}");
}

#[test]
fn scenario_that_comes_out_otherwise_shows_both_and_why() {
    let plimsoll = Plimsoll::new("");
    let folder = altered("expect = \"approved by CHG-1\"", "expect = \"pending\"");
    let output = test(&plimsoll, folder.path(), &[]);
    assert_eq!(output.code, Some(10), "{}", output.stdout);
    for part in [
        "DIFFERS      the CTO says yes the day before, and a peer reviewed (line 23)",
        "expected: pending\n    got:      approved by CHG-1\n",
        "policy: our-house/production",
        "change-approved: ",
        ", 1 otherwise than labelled",
    ] {
        assert!(output.stdout.contains(part), "{part}: {}", output.stdout);
    }
    // Another policy asks for something else.
    let output = test(
        &plimsoll,
        &example().join("scenarios"),
        &["--policy", "officers"],
    );
    assert_eq!(output.code, Some(10), "{}", output.stdout);
}

#[test]
fn mistakes_in_scenarios_are_told_with_their_place_and_judge_nothing() {
    let plimsoll = Plimsoll::new("");
    let folder = altered("requester = ", "reqester = ");
    let output = test(&plimsoll, folder.path(), &[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(20), ""));
    let told = "`requests[0]` has the unknown key `reqester` (did you mean `requester`?)";
    assert!(output.stderr.contains(told), "{}", output.stderr);
    assert!(
        output.stderr.contains("deployments.toml:"),
        "{}",
        output.stderr
    );

    let empty = tempfile::tempdir().unwrap();
    let output = test(&plimsoll, empty.path(), &[]);
    assert_eq!(output.code, Some(20));
    assert!(
        output.stderr.contains("holds no scenarios"),
        "{}",
        output.stderr
    );
    let output = test(&plimsoll, &empty.path().join("nowhere"), &[]);
    assert_eq!(output.code, Some(20));

    let output = test(
        &plimsoll,
        &example().join("scenarios"),
        &["--policy", "oficers"],
    );
    assert_eq!(output.code, Some(1));
    assert!(
        output.stderr.contains("did you mean \"officers\"?"),
        "{}",
        output.stderr
    );
}

#[test]
fn people_and_policy_of_the_configuration_judge_what_says_nothing_else() {
    let people = std::fs::read_to_string(example().join("scenarios/people.toml")).unwrap();
    let example = example();
    let configuration = format!(
        "[approval]\npolicy = \"our-house\"\npaths = [\"{}\"]\n{people}",
        example.join("our-house.toml").display()
    );
    let plimsoll = Plimsoll::new(&configuration);
    let folder = altered("expect", "expect");
    std::fs::remove_file(folder.path().join("people.toml")).unwrap();
    let output = plimsoll.run(&["policy", "test", folder.path().to_str().unwrap()]);
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
}

#[test]
fn policy_in_force_shows_lists_exemptions_and_keys_with_their_origin() {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.toml");
    let text = "extends = \"tracker-cto\"\nemergency-labels = [\"P0\"]\n[[rule]]\nid = \"production\"\nvalid = \"30 days\"\n";
    std::fs::write(&ours, text).unwrap();
    let plimsoll = Plimsoll::new(&format!(
        "[approval]\npaths = [{:?}]\n",
        ours.display().to_string()
    ));
    let shown = plimsoll.run(&["policy", "show", "ours"]).stdout;
    let lines: Vec<&str> = shown.lines().collect();
    for (start, end) in [
        ("emergency-labels = [\"p0\"]", "# ours"),
        ("removal-labels = ", "# default"),
        ("[[exempt]]", "as tracker-cto says"),
        ("kinds = [\"image\"]", ""),
        ("valid = \"30 days\"", "# ours"),
        ("sensitive-approvals = 2", "# tracker-cto"),
        ("announced = false", "# default"),
    ] {
        let fits = |line: &&str| line.starts_with(start) && line.ends_with(end);
        assert!(lines.iter().any(fits), "{start}: {shown}");
    }
}
