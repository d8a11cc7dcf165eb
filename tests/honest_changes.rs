//! What a careful house does right comes out approved, through the doors: from a source's findings to what the program says.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use support::Plimsoll;

const PEOPLE: &str = r#"
[[people]]
name = "Kim"
roles = ["cto"]
accounts = { any = "kim" }
[[people]]
name = "Lee"
roles = ["security-officer"]
accounts = { any = "lee" }
[[people]]
name = "Sam"
roles = ["engineer"]
accounts = { any = "sam" }
[[people]]
name = "Eli"
roles = ["engineer"]
accounts = { any = "eli" }
"#;

/// The lines of an estate in which something has a note.
type Estate<'a> = &'a dyn Fn(&str) -> Vec<Value>;

/// A house: systems, a tracker, and a policy.
struct House {
    folder: tempfile::TempDir,
    plimsoll: Plimsoll,
}

impl House {
    fn new(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("ours.toml"), policy).unwrap();
        let plimsoll = Plimsoll::new(&format!(
            "[[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n\
             [[sources]]\nname = \"tracker\"\ncollector = \"file\"\nsettings.path = {:?}\n\
             [approval]\npolicy = \"ours\"\nsources = [\"tracker\"]\npaths = [{:?}]\n{PEOPLE}",
            at("estate.jsonl"),
            at("tracker.jsonl"),
            at("ours.toml"),
        ));
        let house = Self { folder, plimsoll };
        house.write("tracker", &[]);
        house
    }

    fn write(&self, name: &str, lines: &[Value]) {
        let mut text = format!("{{\"plimsoll\":\"findings/v1\",\"scope\":\"{name}\"}}\n");
        for line in lines {
            text.push_str(&format!("{line}\n"));
        }
        text.push_str("{\"scope\":{\"complete\":true}}\n");
        std::fs::write(self.folder.path().join(format!("{name}.jsonl")), text).unwrap();
    }

    /// Looks, changes the estate, looks again: the changes with their verdicts, as `verdict` or `verdict by request`.
    fn verdicts(&self, was: &[Value], is: &[Value], requests: &[Value]) -> Vec<(String, Change)> {
        self.look(was);
        self.verdicts_after(is, requests)
    }

    /// The first look.
    fn look(&self, was: &[Value]) {
        self.write("estate", was);
        self.plimsoll.run(&["scan"]);
    }

    /// Changes the estate and looks again.
    fn verdicts_after(&self, is: &[Value], requests: &[Value]) -> Vec<(String, Change)> {
        self.write("estate", is);
        let lines: Vec<Value> = requests.iter().map(|one| json!({"request": one})).collect();
        self.write("tracker", &lines);
        let output = self.plimsoll.run(&["scan", "--format", "json"]);
        let report: Value = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", output.stdout, output.stderr));
        let rows = report["changes"].as_array().unwrap();
        let rows = rows.iter().map(|row| {
            let id = row["id"].to_string();
            let explained = self.plimsoll.run(&["changes", "explain", &id]).stdout;
            let verdict = row["verdict"].as_str().unwrap().to_owned();
            (
                row["asset"].as_str().unwrap().to_owned(),
                Change { verdict, explained },
            )
        });
        rows.collect()
    }

    /// The same of one asset alone.
    fn verdict(&self, was: &[Value], is: &[Value], requests: &[Value]) -> Change {
        let mut all = self.verdicts(was, is, requests);
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0).1
    }
}

/// A change with its verdict, and what `changes explain` says.
#[derive(Debug)]
struct Change {
    verdict: String,
    explained: String,
}

impl Change {
    #[track_caller]
    fn is(&self, verdict: &str) -> &Self {
        assert_eq!(self.verdict, verdict, "{}", self.explained);
        self
    }

    #[track_caller]
    fn says(&self, part: &str) -> &Self {
        assert!(self.explained.contains(part), "{part}: {}", self.explained);
        self
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

/// A time before the test began.
fn ago(hours: i64) -> String {
    now().checked_sub(hours.hours()).unwrap().to_string()
}

fn later(hours: i64) -> String {
    now().checked_add(hours.hours()).unwrap().to_string()
}

fn api(facts: Value) -> Value {
    labelled(facts, json!({}))
}

/// The api of production with more labels.
fn labelled(facts: Value, more: Value) -> Value {
    let mut labels = json!({"plimsoll.environment": "production", "plimsoll.role": "worker"});
    labels
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api", "labels": labels, "facts": facts}})
}

/// A ticket for the api, approved yesterday by the CTO.
fn ticket(more: Value) -> Value {
    let mut ticket = json!({"id": "CHG-1", "title": "Alter the api", "opened": ago(48),
        "requester": {"account": "sam"}, "environments": ["production"], "assets": ["container:h/api"],
        "window": [ago(3), later(3)],
        "approvals": [{"by": {"account": "kim"}, "at": ago(24)}]});
    ticket
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    ticket
}

const TRACKER: &str = "extends = \"tracker-cto\"\n";

#[test]
fn assets_without_role_have_an_environment_as_systems_do() {
    // By label, by the platform's fact, by a parent that has one.
    for kind in [
        "app",
        "dns-name",
        "secret",
        "volume",
        "network",
        "namespace",
        "certificate",
        "turbine",
    ] {
        let id = format!("{kind}:h/thing");
        let asset = |note: &str, labels: Value, facts: Value| {
            let mut facts = facts;
            facts["os"] = json!(note);
            json!({"asset": {"id": id, "kind": kind, "name": "thing", "labels": labels, "facts": facts}})
        };
        let parent = json!({"asset": {"id": "app:h/shop", "kind": "app", "name": "shop",
            "labels": {"plimsoll.environment": "staging"}}});
        let inside = json!({"relation": {"from": "app:h/shop", "kind": "contains", "to": id}});
        let staging = json!({"plimsoll.environment": "staging"});
        let by_label = |note: &str| vec![asset(note, staging.clone(), json!({}))];
        let by_fact = |note: &str| vec![asset(note, json!({}), json!({"environment": "staging"}))];
        let by_parent = |note: &str| {
            vec![
                asset(note, json!({}), json!({})),
                parent.clone(),
                inside.clone(),
            ]
        };
        let ways: [(&str, Estate<'_>); 3] = [
            ("label", &by_label),
            ("fact", &by_fact),
            ("parent", &by_parent),
        ];
        for (way, lines) in ways {
            let house = House::new(TRACKER);
            let change = house.verdict(&lines("one"), &lines("two"), &[]);
            assert_eq!(
                change.verdict, "not required",
                "{kind} by {way}: {}",
                change.explained
            );
        }
        let house = House::new(TRACKER);
        let production = json!({"plimsoll.environment": "production"});
        let lines = |note: &str| vec![asset(note, production.clone(), json!({}))];
        let request = ticket(json!({"assets": [id]}));
        house
            .verdict(&lines("one"), &lines("two"), &[request])
            .is("approved");
    }
}

#[test]
fn sensitive_change_takes_any_two_of_the_officers() {
    let facts = |restart: &str| json!({"restart-policy": restart, "data.sensitive": true});
    let (was, is) = ([api(facts("no"))], [api(facts("always"))]);
    let yes = |who: &str| json!({"by": {"account": who}, "at": ago(24)});
    let with = |who: &[&str]| {
        ticket(json!({"approvals": who.iter().map(|one| yes(one)).collect::<Vec<_>>()}))
    };
    House::new(TRACKER)
        .verdict(&was, &is, &[with(&["kim", "lee"])])
        .is("approved")
        .says("Lee approved CHG-1");
    House::new(TRACKER)
        .verdict(&was, &is, &[with(&["kim"])])
        .is("unapproved");
    House::new(TRACKER)
        .verdict(&was, &is, &[with(&["kim", "eli"])])
        .is("unapproved");
}

#[test]
fn two_tickets_with_their_facts_cover_what_both_name() {
    let (was, is) = (
        [api(json!({"restart-policy": "no", "log.tag": "a"}))],
        [api(json!({"restart-policy": "always", "log.tag": "b"}))],
    );
    let one = ticket(json!({"id": "CHG-1", "facts": ["restart-policy"]}));
    let other = ticket(json!({"id": "CHG-2", "facts": ["log.tag"]}));
    House::new(TRACKER)
        .verdict(&was, &is, &[one.clone(), other])
        .is("approved")
        .says("CHG-1 covers restart-policy")
        .says("CHG-2 covers log.tag");
    House::new(TRACKER)
        .verdict(&was, &is, std::slice::from_ref(&one))
        .is("unapproved");
    // One more never makes it worse, approved or not.
    let whole = ticket(json!({"id": "CHG-3"}));
    House::new(TRACKER)
        .verdict(&was, &is, &[whole, one])
        .is("approved");
}

#[test]
fn address_of_a_ticket_links_as_its_key_does() {
    let url = "https://tracker.example.org/browse/CHG-1";
    let was = [api(json!({"restart-policy": "no"}))];
    for named in [url, "CHG-1"] {
        let is = [labelled(
            json!({"restart-policy": "always"}),
            json!({"ticket": named}),
        )];
        let request = ticket(json!({"url": url, "assets": [], "window": [ago(3), later(3)]}));
        House::new(TRACKER)
            .verdict(&was, &is, &[request])
            .is("approved")
            .says("the change names it");
    }
}

#[test]
fn emergency_that_names_the_asset_needs_no_window() {
    let (was, is) = (
        [api(json!({"restart-policy": "no"}))],
        [api(json!({"restart-policy": "always"}))],
    );
    let mut request = ticket(json!({"emergency": true}));
    request.as_object_mut().unwrap().remove("window");
    House::new(TRACKER)
        .verdict(&was, &is, std::slice::from_ref(&request))
        .is("pending");
}

#[test]
fn only_record_of_the_time_links_the_ticket_that_it_names() {
    for fields in [json!([]), json!(["restart-policy"])] {
        let house = House::new(TRACKER);
        let request = ticket(json!({"assets": []}));
        house.look(&[api(json!({"restart-policy": "no"}))]);
        let record = json!({"action": {"id": "4711", "asset": "container:h/api", "what": "configure", "at": now().to_string(),
            "actor": {"account": "sam"}, "details": {"ticket": "CHG-1"}, "fields": fields}});
        let is = [api(json!({"restart-policy": "always"})), record];
        let all = house.verdicts_after(&is, &[request]);
        assert_eq!(all.len(), 1, "{all:#?}");
        all[0].1.is("approved").says("the change names it");
    }
}

#[test]
fn ticket_that_was_closed_long_ago_approves_nothing_and_is_the_reason() {
    let was = [api(json!({"restart-policy": "no"}))];
    let is = [labelled(
        json!({"restart-policy": "always"}),
        json!({"ticket": "CHG-1"}),
    )];
    let request = ticket(json!({"opened": ago(900), "window": null,
        "approvals": [{"by": {"account": "kim"}, "at": ago(890)}],
        "transitions": [{"to": "implemented", "at": ago(880)}, {"to": "closed", "at": ago(870)}]}));
    House::new(TRACKER)
        .verdict(&was, &is, &[request])
        .is("unapproved")
        .says("CHG-1");
}

#[test]
fn message_in_the_channel_announces_and_is_awaited() {
    let policy = "extends = \"tracker-cto\"\n[[rule]]\nid = \"production\"\nannounced = true\nannounced-within = \"24h\"\n";
    let (was, is) = (
        [api(json!({"restart-policy": "no"}))],
        [api(json!({"restart-policy": "always"}))],
    );
    House::new(policy)
        .verdict(&was, &is, &[ticket(json!({}))])
        .is("pending")
        .says("announced");
    let said = json!({"id": "C1/1", "title": "Altering the api", "opened": ago(1), "kind": "message",
        "requester": {"account": "sam"}, "names": ["api"]});
    House::new(policy)
        .verdict(&was, &is, &[ticket(json!({})), said])
        .is("approved");
}

#[test]
fn officer_reviews_and_cto_approves_in_the_tracker_alone() {
    let policy = "extends = \"tracker-cto\"\n[[rule]]\nid = \"production\"\nqa = [\"cto\"]\n\
                  [[rule.review]]\nkind = \"security\"\nroles = [\"security-officer\"]\non = \"request\"\n";
    let (was, is) = (
        [api(json!({"restart-policy": "no"}))],
        [api(json!({"restart-policy": "always"}))],
    );
    let sign_off =
        |kind: &str, who: &str| json!({"by": {"account": who}, "at": ago(20), "kind": kind});
    let request =
        ticket(json!({"sign_offs": [sign_off("reviewed", "lee"), sign_off("qa", "kim")]}));
    House::new(policy)
        .verdict(&was, &is, &[request])
        .is("approved")
        .says("Lee reviewed CHG-1");
    let unreviewed = ticket(json!({"sign_offs": [sign_off("qa", "kim")]}));
    House::new(policy)
        .verdict(&was, &is, &[unreviewed])
        .is("unapproved");
}

#[test]
fn words_of_a_request_that_nobody_knows_are_told_by_the_scan() {
    let house = House::new(TRACKER);
    house.write("estate", &[api(json!({"restart-policy": "no"}))]);
    let typo = ticket(
        json!({"environments": ["prodution"], "facts": ["restart-polcy"], "assets": ["contaner:h/api"]}),
    );
    house.write("tracker", &[json!({"request": typo})]);
    let output = house.plimsoll.run(&["scan", "--format", "json"]);
    for part in [
        "request CHG-1: `environments` names \\\"prodution\\\"",
        "did you mean \\\"production\\\"?",
        "did you mean \\\"restart-policy\\\"?",
        "did you mean \\\"container\\\"?",
    ] {
        assert!(output.stdout.contains(part), "{part}: {}", output.stdout);
    }
    // What a source of the house's own claims is known.
    let own = json!({"asset": {"id": "turbine:h/north", "kind": "turbine", "name": "north", "facts": {"turbine.speed": 4}}});
    house.write("estate", &[own]);
    house.write("tracker", &[json!({"request": ticket(json!({"facts": ["turbine.speed"], "assets": ["turbine:h/north"]}))})]);
    let output = house.plimsoll.run(&["scan", "--format", "json"]);
    assert!(
        !output.stdout.contains("nobody claims"),
        "{}",
        output.stdout
    );
    assert!(
        !output.stdout.contains("no asset is of that kind"),
        "{}",
        output.stdout
    );
}

#[test]
fn unknown_words_of_a_policy_are_told_by_check_and_by_people_check() {
    let house = House::new(
        "extends = \"tracker-cto\"\n[[rule]]\nid = \"production\"\nsecurity-facts = [\"prots\"]\n",
    );
    let checked = house.plimsoll.run(&["check", "--offline"]).stdout;
    let people = house.plimsoll.run(&["people", "check"]);
    let told = "ours/production: `security-facts` of the rule names \"prots\", and nobody claims a fact of that name: did you mean \"ports\"?";
    assert!(checked.contains(told), "{checked}");
    assert!(people.stdout.contains(told), "{}", people.stdout);
    assert_eq!(people.code, Some(1));
}
