//! Changes that were approved in a tracker of tickets or in a channel, from its collector to the verdict: what proves an approval, and what does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use plimsoll_asana::testkit::{FakeAsana, Fault, PROJECT};
use plimsoll_jira::testkit::{FakeJira, Jira};
use plimsoll_slack::testkit::{FakeSlack, Workspace};
use plimsoll_youtrack::testkit::FakeYouTrack;
use serde_json::{Value, json};

/// The time so many minutes ago: what a tracker tells has to be of the time around the scans.
fn ago(minutes: i64) -> String {
    let time = Timestamp::now() - SignedDuration::from_mins(minutes);
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn text() -> String {
    "System: api\nAsset: container:h/api\nEnvironment: production".to_owned()
}

/// Scans a system before and after somebody altered it, with a tracker and who is who in it; the verdict with its reasons.
fn verdict(tracker: &str, lead: &str, asker: &str) -> (String, String) {
    verdict_after(tracker, lead, asker, || {})
}

/// The same, where something happens in the tracker between the two scans.
fn verdict_after(
    tracker: &str,
    lead: &str,
    asker: &str,
    between: impl FnOnce(),
) -> (String, String) {
    let mut between = Some(between);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let config = format!(
        "[store]\npath = {:?}\n[approval]\npolicy = \"chat-or-tasks\"\n\
         [[people]]\nname = \"Kim\"\nroles = [\"engineering-lead\"]\naccounts = {{ tracker = \"{lead}\" }}\n\
         [[people]]\nname = \"Sam\"\nroles = [\"engineer\"]\naccounts = {{ tracker = \"{asker}\" }}\n\
         [[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = {:?}\n{tracker}",
        at("plimsoll.db"),
        at("estate.jsonl"),
    );
    std::fs::write(at("config.toml"), config).unwrap();
    let mut report = Value::Null;
    for restart in ["no", "always"] {
        if restart == "always"
            && let Some(between) = between.take()
        {
            between();
        }
        let asset = json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker"}, "facts": {"restart-policy": restart}}});
        let estate = format!(
            "{{\"plimsoll\":\"findings/v1\",\"scope\":\"h\"}}\n{asset}\n{{\"scope\":{{\"complete\":true}}}}\n"
        );
        std::fs::write(at("estate.jsonl"), estate).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["--quiet", "--config"])
            .arg(at("config.toml"))
            .args(["scan", "--format", "json"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("panicked"), "{told}");
        report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {told}"));
    }
    let changes = report["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let verdict = changes[0]["verdict"].as_str().unwrap().to_owned();
    (verdict, changes[0].to_string())
}

/// A task with a window around now and an approval below it, and the verdict after something happened to both.
fn asana(act: impl FnOnce(&mut plimsoll_asana::testkit::State, usize, usize)) -> (String, String) {
    asana_with(act, None)
}

fn asana_with(
    act: impl FnOnce(&mut plimsoll_asana::testkit::State, usize, usize),
    fault: Option<Fault>,
) -> (String, String) {
    let (fake, folder) = (FakeAsana::new(), tempfile::tempdir().unwrap());
    let [lead, asker] = ["kim", "sam"].map(|name| {
        let person = fake.with(|tracker| tracker.at(&ago(120), name).user());
        person["gid"].as_str().unwrap().to_owned()
    });
    fake.with(|tracker| {
        let task = tracker
            .at(&ago(120), "sam")
            .open(PROJECT, "Restart the api by itself");
        tracker.describe(task, &text());
        tracker.plan(task, &ago(90), &ago(-90));
        let ask = tracker.ask(task, "Please approve");
        act(tracker, task, ask);
    });
    if let Some(fault) = fault {
        fake.fail("modified_since", fault, usize::MAX);
    }
    let settings = fake.settings(folder.path());
    let source = format!(
        "[[sources]]\nname = \"tracker\"\ncollector = \"asana\"\n[sources.settings]\n{settings}"
    );
    verdict(&source, &lead, &asker)
}

fn youtrack(act: impl FnOnce(&mut plimsoll_youtrack::testkit::State, usize)) -> (String, String) {
    let (fake, folder) = (FakeYouTrack::new("CHG"), tempfile::tempdir().unwrap());
    fake.with(|tracker| {
        let issue = tracker
            .at(&ago(120), "sam")
            .open("CHG", "Restart the api by itself");
        tracker.describe(issue, &text());
        tracker.moment(issue, "Window start", &ago(90));
        tracker.moment(issue, "Window end", &ago(-90));
        act(tracker, issue);
    });
    let settings = fake.settings(folder.path());
    let source = format!(
        "[[sources]]\nname = \"tracker\"\ncollector = \"youtrack\"\n[sources.settings]\naccounts = \"login\"\n{settings}"
    );
    verdict(&source, "kim", "sam")
}

/// An issue that asks for it, with a window around now, after something was done with it and between two scans something else.
fn jira_after(
    act: impl FnOnce(&mut Jira),
    between: impl FnOnce(&mut Jira),
    rules: &str,
) -> (String, String) {
    let (fake, folder) = (FakeJira::cloud("OPS"), tempfile::tempdir().unwrap());
    fake.with(|jira| {
        jira.at(&ago(120))
            .open("OPS", "Restart the api by itself", "sam");
        let window = format!("{}\nWindow: {}/{}", text(), ago(90), ago(-90));
        jira.describe("OPS-1", &window);
        jira.at(&ago(100)).to("OPS-1", "Awaiting CAB", "sam");
        act(jira);
    });
    let settings = fake.settings(folder.path());
    let source = format!(
        "[[sources]]\nname = \"tracker\"\ncollector = \"jira\"\n[sources.settings]\n{settings}{rules}"
    );
    verdict_after(&source, "kim", "sam", || fake.with(between))
}

fn jira(act: impl FnOnce(&mut Jira)) -> (String, String) {
    jira_after(act, |_| {}, "")
}

const CHANNEL: &str = "C0CHG";

/// A message that asks for it, with what is said below it.
fn slack_after(
    act: impl FnOnce(&mut Workspace, &str),
    between: impl FnOnce(&mut Workspace),
) -> (String, String) {
    let (fake, folder) = (FakeSlack::new(), tempfile::tempdir().unwrap());
    fake.with(|slack| {
        slack.now = Timestamp::now().as_second() - 7200;
        slack.hire("U0KIM", "Kim");
        slack.hire("U0SAM", "Sam");
        slack.join(CHANNEL);
        let asked = format!(
            "Restart the api by itself\n{}\nWindow: {}/{}",
            text(),
            ago(90),
            ago(-90)
        );
        let ts = slack.say(CHANNEL, "U0SAM", &asked);
        act(slack, &ts);
    });
    let settings = fake.settings(folder.path());
    let source = format!(
        "[[sources]]\nname = \"tracker\"\ncollector = \"slack\"\n[sources.settings]\nchannels = [\"{CHANNEL}\"]\nreplies_stay = true\n{settings}"
    );
    verdict_after(&source, "U0KIM", "U0SAM", || fake.with(between))
}

fn slack(act: impl FnOnce(&mut Workspace, &str)) -> (String, String) {
    slack_after(act, |_| {})
}

fn is(told: &(String, String), verdict: &str, because: &str) {
    assert_eq!(told.0, verdict, "{}", told.1);
    assert!(told.1.contains(because), "{because}: {}", told.1);
}

#[test]
fn what_a_lead_approves_in_asana() {
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "kim").answer(ask, "approved");
    });
    is(&told, "approved", "1209000000000010");
    // Taken back before, given by who asked, by nobody that a story names, by a program.
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "kim").answer(ask, "approved");
        tracker.at(&ago(30), "kim").answer(ask, "pending");
    });
    is(&told, "unapproved", "withdrawn");
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "sam").answer(ask, "approved");
    });
    is(&told, "unapproved", "Sam");
    let told = asana(|tracker, _, ask| {
        tracker.at(&ago(60), "kim").answer_silently(ask, "approved");
    });
    is(&told, "unproven", "does not say when");
    let told = asana(|tracker, _, ask| {
        tracker.source = "api".to_owned();
        tracker.at(&ago(60), "kim").answer(ask, "approved");
    });
    is(&told, "unproven", "does not say when");
}

#[test]
fn what_is_altered_or_cannot_be_read_in_asana() {
    let told = asana(|tracker, task, ask| {
        tracker.at(&ago(60), "kim").answer(ask, "approved");
        tracker.at(&ago(30), "sam").describe(task, &text());
    });
    is(&told, "unapproved", "altered");
    let told = asana_with(
        |tracker, _, ask| {
            tracker.at(&ago(60), "kim").answer(ask, "approved");
        },
        Some(Fault::Status(500)),
    );
    is(&told, "unproven", "");
}

#[test]
fn what_a_lead_approves_in_youtrack() {
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
    });
    is(&told, "approved", "CHG-1");
    let told = youtrack(|tracker, issue| {
        tracker
            .at(&ago(60), "kim")
            .person(issue, "Approved by", "kim");
    });
    is(&told, "approved", "CHG-1");
    // Put there by another hand, sent back, altered afterwards.
    let told = youtrack(|tracker, issue| {
        tracker
            .at(&ago(60), "sam")
            .person(issue, "Approved by", "kim");
    });
    is(&told, "unproven", "does not say when");
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
        tracker.at(&ago(30), "sam").state(issue, "Waiting");
    });
    is(&told, "unapproved", "withdrawn");
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
        tracker
            .at(&ago(30), "sam")
            .moment(issue, "Window end", &ago(-120));
    });
    is(&told, "unapproved", "altered");
}

#[test]
fn what_a_lead_approves_in_jira() {
    let told = jira(|jira| {
        jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
    });
    is(&told, "approved", "OPS-1");
    let told = jira(|_| {});
    is(&told, "unapproved", "nobody approved");
    let told = jira(|jira| {
        jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
        jira.at(&ago(30)).to("OPS-1", "Awaiting CAB", "sam");
    });
    is(&told, "unapproved", "withdrawn");
}

#[test]
fn what_an_issue_holds_and_its_history_does_not_say_is_unproven_in_jira() {
    let rules = "[[sources.settings.approvals]]\nlabel = \"cab-ok\"\n[[sources.settings.approvals]]\nfield = \"CAB decision\"\nvalues = [\"Approved\"]\n";
    let labelled = |jira: &mut Jira| {
        jira.at(&ago(60)).labels("OPS-1", &["cab-ok"], "kim");
    };
    is(&jira_after(labelled, |_| {}, rules), "approved", "OPS-1");
    let told = jira_after(
        |jira| {
            labelled(jira);
            jira.issue("OPS-1").labels.clear();
        },
        |_| {},
        rules,
    );
    is(
        &told,
        "unproven",
        "does not hold what its history ends with",
    );
    let told = jira_after(
        |jira| {
            jira.at(&ago(60))
                .edit("OPS-1", "CAB decision", "Approved", "kim");
            jira.set("OPS-1", "CAB decision", json!({"value": "Rejected"}));
        },
        |_| {},
        rules,
    );
    is(
        &told,
        "unproven",
        "does not hold what its history ends with",
    );
    // Nobody approved, and a part of what happened is not there.
    let told = jira(|jira| {
        jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
        jira.issue("OPS-1").history.pop();
    });
    is(&told, "unproven", "its history");
}

#[test]
fn what_was_refused_by_a_history_that_is_cut_may_have_been_taken_up_again() {
    let refused = |jira: &mut Jira| {
        jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
        jira.at(&ago(30)).to("OPS-1", "Rejected", "sam");
    };
    is(&jira(refused), "unapproved", "done with");
    let told = jira(|jira| {
        refused(jira);
        // It waits again, and nothing says since when.
        jira.issue("OPS-1").status = "2".to_owned();
    });
    is(&told, "unproven", "not all that happened to it is known");
}

#[test]
fn a_step_of_the_desk_makes_nobody_the_implementer_and_a_refusal_unseen_proves_nothing() {
    let asked = |jira: &mut Jira| {
        jira.projects
            .insert("OPS".to_owned(), "service_desk".to_owned());
        let kind = json!({"requestType": {"name": "Change"}});
        jira.set("OPS-1", "Request Type", kind);
        jira.at(&ago(70)).ask("OPS-1", "CAB", &["kim"]);
    };
    let told = jira(|jira| {
        asked(jira);
        jira.at(&ago(60))
            .answer("OPS-1", "CAB", true, "kim", Some("Implementing"));
    });
    is(&told, "approved", "OPS-1");
    let told = jira(|jira| {
        asked(jira);
        jira.at(&ago(60))
            .answer("OPS-1", "CAB", true, "kim", Some("Scheduled"));
        jira.at(&ago(30)).to("OPS-1", "Rejected", "sam");
        // The history is empty, and the status is what it is.
        jira.issue("OPS-1").history.clear();
    });
    is(&told, "unproven", "how it came to its status");
}

#[test]
fn two_moves_of_one_moment_come_in_the_one_order_that_is_possible_in_jira() {
    let reversed = |jira: &mut Jira| {
        jira.at(&ago(60)).to("OPS-1", "Scheduled", "sam");
        jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
        let history = &mut jira.issue("OPS-1").history;
        let last = history.len() - 1;
        let number = history[last].0;
        history[last].0 = history[last - 1].0;
        history[last - 1].0 = number;
    };
    is(&jira(reversed), "approved", "OPS-1");
    // Somebody else's edit at the moment of the approval, and one of the approver's own.
    let edited = |by: &'static str| {
        jira(move |jira| {
            jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
            jira.at(&ago(60)).edit("OPS-1", "summary", "Restart it", by);
        })
    };
    is(&edited("sam"), "unproven", "at the time of the approval");
    is(&edited("kim"), "approved", "OPS-1");
}

#[test]
fn what_was_seen_once_stays_seen() {
    let told = jira_after(
        |jira| {
            jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
            jira.at(&ago(30)).to("OPS-1", "Awaiting CAB", "sam");
        },
        |jira| {
            // As if it had never been taken back.
            let issue = jira.issue("OPS-1");
            issue.history.pop();
            issue.status = "3".to_owned();
        },
        "",
    );
    is(&told, "unproven", "an earlier reading has");
    let told = slack_after(
        |slack, ts| {
            slack.wait(600);
            slack.reply(CHANNEL, ts, "U0KIM", "approved");
            slack.reply(CHANNEL, ts, "U0KIM", "withdrawn");
        },
        |slack| {
            let said = slack.channels.get_mut(CHANNEL).unwrap();
            said.retain(|one| one.text != "withdrawn");
        },
    );
    is(&told, "unproven", "an earlier reading has");
    // A history that goes on is no doubt.
    let told = jira_after(
        |jira| {
            jira.at(&ago(60)).to("OPS-1", "Approved", "kim");
        },
        |jira| {
            jira.at(&ago(2)).comment("OPS-1", "on it", "sam");
            jira.at(&ago(1)).assign("OPS-1", "sam", "sam");
        },
        "",
    );
    is(&told, "approved", "OPS-1");
}

#[test]
fn what_people_see_is_read_in_slack() {
    let told = slack(|slack, ts| {
        slack.wait(600);
        slack.reply(CHANNEL, ts, "U0KIM", "approved");
    });
    is(&told, "approved", CHANNEL);
    for (part, shown) in [
        (
            "blocks",
            json!([{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "rejected"}]}]}]),
        ),
        (
            "blocks",
            json!([{"type": "section", "text": {"type": "mrkdwn", "text": "withdrawn"}}]),
        ),
        ("attachments", json!([{"id": 1, "text": "rejected"}])),
    ] {
        let told = slack(|slack, ts| {
            slack.wait(600);
            slack.reply(CHANNEL, ts, "U0KIM", "approved");
            let no = slack.reply(CHANNEL, ts, "U0KIM", "");
            slack.message(CHANNEL, &no).more = json!({part: shown});
        });
        is(&told, "unapproved", "");
    }
    let told = slack(|slack, ts| {
        slack.wait(600);
        slack.reply(CHANNEL, ts, "U0KIM", "approved");
        slack.react(CHANNEL, ts, "U0SAM", "thumbsdown");
    });
    is(&told, "unproven", "");
    // A thread that is shorter than its count proves neither.
    let told = slack(|slack, ts| {
        slack.message(CHANNEL, ts).more = json!({"reply_count": 2});
    });
    is(&told, "unproven", "more replies");
    let told = slack(|_, _| {});
    is(&told, "unapproved", "nobody approved");
}

#[test]
fn what_is_said_twice_over_or_not_at_all_is_unproven() {
    // A state that nothing leads to, and one that says yes and no.
    let told = youtrack(|tracker, issue| {
        tracker
            .at(&ago(60), "kim")
            .person(issue, "Approved by", "kim");
        tracker.issues[issue].fields[0]["value"] = json!({"name": "Rejected"});
    });
    is(&told, "unproven", "events are missing");
    let told = youtrack(|tracker, issue| {
        tracker.at(&ago(60), "kim").state(issue, "Approved");
        let both = json!([{"name": "Approved"}, {"name": "Rejected"}]);
        let event = tracker.issues[issue].events.last_mut().unwrap();
        event["added"] = both.clone();
        let mut fields = tracker.issues[issue].fields.iter_mut();
        fields.find(|field| field["name"] == "State").unwrap()["value"] = both;
    });
    is(&told, "unproven", "yes and no at once");
    // By a hand of which nobody says how it came there.
    let told = asana(|tracker, _, ask| {
        tracker.source = "unknown".to_owned();
        tracker.at(&ago(60), "kim").answer(ask, "approved");
    });
    is(&told, "unproven", "does not say when");
}

/// A server gives pages of twenty, whatever is asked for: what comes after is read too.
#[test]
fn a_short_page_is_not_the_whole_of_a_history() {
    let told = youtrack(|tracker, issue| {
        tracker.page = 20;
        tracker.at(&ago(60), "kim").state(issue, "Approved");
        (0..30).for_each(|_| tracker.comment(issue));
        tracker.at(&ago(30), "sam").state(issue, "Rejected");
    });
    is(&told, "unapproved", "");
    let told = youtrack(|tracker, issue| {
        tracker.page = 20;
        (0..30).for_each(|_| tracker.comment(issue));
        tracker.at(&ago(60), "kim").state(issue, "Approved");
    });
    is(&told, "approved", "CHG-1");
}

/// What people see of a message counts: its blocks where it has no text, and neither where the two ask for different things.
#[test]
fn what_people_see_of_a_request_is_read_in_slack() {
    let rich = |text: &str| {
        json!({"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section",
            "elements": [{"type": "text", "text": text}]}]}]})
    };
    let shown = |text: String, more: Value| {
        slack(move |workspace, ts| {
            let message = workspace.message(CHANNEL, ts);
            (message.text, message.more) = (text, more);
            workspace.wait(600);
            workspace.reply(CHANNEL, ts, "U0KIM", "approved");
        })
    };
    let window = format!("Window: {}/{}", ago(90), ago(-90));
    let asks = format!("{}\n{window}", text());
    is(&shown(asks.clone(), rich(&asks)), "approved", "");
    is(&shown(String::new(), rich(&asks)), "approved", "");
    let other = asks.replace("api", "db");
    is(
        &shown(asks, rich(&other)),
        "unproven",
        "its text asks for something else",
    );
}
