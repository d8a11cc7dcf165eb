//! Mistakes in scenarios are told with their place, and none of them stops the reading.

use std::sync::Arc;

use plimsoll_settings::Document;

use super::{House, PolicyChoice, Scenario, read};
use crate::people::People;
use crate::policies::Policies;

const SHARED: &str = r#"
policy = "tracker-cto"
people = "[[people]]\nname = \"Kim\"\nroles = [\"cto\"]\naccounts = { any = \"kim\" }\n[[people]]\nname = \"Sam\"\naccounts = { any = \"sam\" }\n"
[change]
asset = "container:web-1/api"
environment = "production"
after = "2026-03-03T09:00:00Z"
before = "2026-03-03T12:00:00Z"
was.facts = { restart-policy = "no" }
is.facts = { restart-policy = "always" }
[request]
id = "CHG-1"
title = "Restart the api by itself"
opened = "2026-03-01T08:00:00Z"
requester = "sam"
environments = ["production"]
assets = ["container:web-1/api"]
window = ["2026-03-03T08:00:00Z", "2026-03-03T13:00:00Z"]
approvals = ["kim at 2026-03-02T10:00:00Z"]
"#;

fn load(text: &str, choice: &str) -> Result<Vec<Scenario>, Vec<String>> {
    let policies = Policies::load(&Policies::shipped()).unwrap();
    let chosen = policies.get(choice);
    let house = House {
        policies: &policies,
        choice: chosen.map_or(PolicyChoice::Default(None), PolicyChoice::Always),
        people: Arc::new(People::default()),
    };
    read(&Document::new("cases/own.toml", text), &house)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn mistakes(rows: &str) -> Vec<String> {
    load(&format!("{SHARED}{rows}"), "").unwrap_err()
}

#[test]
fn labelled_verdict_that_comes_out_differs_in_nothing() {
    let text = format!(
        "{SHARED}[[scenario]]\nname = \"good\"\nrequests = [{{}}]\nexpect = \"approved by CHG-1\"\n"
    );
    let all = load(&text, "").unwrap();
    assert_eq!(all[0].compare(&all[0].judge()), None);
    assert_eq!((all[0].line, all[0].file.as_str()), (20, "cases/own.toml"));
}

#[test]
fn labelled_verdict_that_does_not_come_out_says_both() {
    let text = format!(
        "{SHARED}[[scenario]]\nname = \"bad\"\nexpect = \"unapproved\"\nreasons = [\"change-approved fails approval-missing\"]\n"
    );
    let all = load(&text, "").unwrap();
    let differs = all[0].compare(&all[0].judge()).unwrap().to_string();
    assert_eq!(
        differs,
        "expected unapproved, got unapproved\n  \
         labelled, and did not come out: change-approved fails approval-missing\n  \
         came out, and is not labelled: change-approved fails no-request"
    );
}

#[test]
fn chosen_policy_takes_the_place_of_the_one_a_scenario_names() {
    let text = format!(
        "{SHARED}[[scenario]]\nname = \"no window\"\nrequests = [{{ window = \"-\" }}]\nexpect = \"unproven\"\n"
    );
    let verdict = |choice: &str| load(&text, choice).unwrap()[0].judge().rule.to_string();
    assert_eq!(verdict(""), "tracker-cto/production");
    assert_eq!(verdict("officers"), "officers/production");
}

#[test]
fn mistakes_of_a_scenario_come_at_once_with_place_and_suggestion() {
    let found = mistakes(
        r#"
[[scenario]]
name = "one"
requsts = [{}]
requests = [{ approvalls = [] }, { approvals = ["kim on 2026-03-02T10:00:00Z"] }, { approvals = ["kim at noon"] }, 3]
actions = [{ at = "2026-03-03T10:00:00Z", actr = "eli" }]
change = { envronment = "staging", before = "tomorrow", is.fcts = {} }
world = { redd_until = "never" }
expect = "aproved"
reasons = ["no-request"]
[[scenario]]
name = "one"
policy = "tracker-ceo"
"#,
    );
    for part in [
        "cases/own.toml:23:1: unknown key `requsts` in scenario[0] (did you mean `requests`?)",
        "cases/own.toml:24:12: scenario \"one\": `requests[0]` has the unknown key `approvalls` (did you mean `approvals`?)",
        "`requests[1].approvals[0]` \"kim on 2026-03-02T10:00:00Z\": `on` is none of at, withdrawn, as",
        "`requests[2].approvals[0]` does not fit: ",
        "`requests[3]` must be a table",
        "`actions[0]` has the unknown key `actr` (did you mean `actor`?)",
        "`change` has the unknown key `envronment` (did you mean `environment`?)",
        "`change.before` \"tomorrow\" is no time (as ",
        "`change.is` has the unknown key `fcts` (did you mean `facts`?)",
        "`expect` \"aproved\" is none of approved, ",
        "(did you mean \"approved\"?)",
        "`reasons` \"no-request\" is no reason",
        "two scenarios are called \"one\": on lines 21 and 30",
        "`policy` \"tracker-ceo\" is no policy (did you mean \"tracker-cto\"?)",
        "`expect` is missing in scenario[1]",
    ] {
        assert!(
            found.iter().any(|line| line.contains(part)),
            "{part}: {found:#?}"
        );
    }
}

#[test]
fn mistakes_in_what_a_document_shares_stand_at_their_place() {
    let text = SHARED
        .replace("requester", "reqester")
        .replace("window = [", "window = [3, ");
    let rows = "[[scenario]]\nname = \"one\"\nrequests = [{}]\nexpect = \"approved\"\n";
    let found = load(&format!("{text}{rows}"), "").unwrap_err();
    assert!(
        found.iter().any(|line| line
            .contains("`requests[0]` has the unknown key `reqester` (did you mean `requester`?)")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|line| line.contains("`requests[0].window` does not fit")),
        "{found:#?}"
    );
}

#[test]
fn document_without_scenarios_or_with_a_bad_policy_says_so() {
    assert_eq!(
        load("", "").unwrap_err(),
        ["cases/own.toml:1:1: `scenario` is missing (write [[scenario]])"]
    );
    let text = "[policies]\nours = \"extends = \\\"tracker-ceo\\\"\"\n[[scenario]]\nname = \"x\"\nexpect = \"unproven\"\n";
    let found = load(text, "").unwrap_err();
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("cases/own.toml/policies/ours.toml:1:11: ")),
        "{found:#?}"
    );
}
