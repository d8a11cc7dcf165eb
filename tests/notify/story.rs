//! One change and its drifts, from the first message to the last word in its thread.

use serde_json::Value;

use crate::house::{House, ticket};
use crate::slack::{FakeSlack, Said};

/// All that a message shows.
pub(crate) fn shown(said: &Said) -> String {
    fn texts(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(table) => {
                found.extend(table.get("text").and_then(Value::as_str).map(str::to_owned));
                table.values().for_each(|value| texts(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    texts(&said.blocks, &mut found);
    found.join("\n")
}

#[test]
fn a_change_is_told_once_and_its_thread_goes_on_until_it_is_well() {
    let slack = FakeSlack::start();
    let house = House::with_slack(&slack, "");
    house.scan();
    // What was open at the first scan was told; from here on it is the story of one change.
    let before = slack.said().len();

    house.estate(&["api"], "no");
    let (report, stderr) = house.scan();
    assert_eq!(stderr, "");
    let change = &report["changes"][0];
    assert_eq!(change["verdict"], "unapproved", "{report:#}");
    let id = change["id"].as_i64().unwrap();
    let said = slack.said();
    let root = &said[before];
    let text = shown(root);
    for part in [
        "Unapproved change: api (production)",
        "*Severity*\nhigh",
        "*Team*\nshop",
        "*Made by*\nnot known",
        "privileged: no → yes",
        "expected ",
        &format!("<https://plimsoll.example.org/changes/{id}|Review change {id}>"),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(root.thread, None);

    // Nothing new, nothing told.
    house.scan();
    assert_eq!(slack.said().len(), said.len());

    // It is linked and approved, after all.
    house.tracker(&[ticket(true)]);
    house.scan();
    let told = slack.said();
    let reply = told
        .iter()
        .find(|one| one.thread.as_ref() == Some(&root.ts))
        .unwrap();
    assert!(
        shown(reply).contains("approved by CHG-1 since"),
        "{}",
        shown(reply)
    );
    assert!(!reply.broadcast, "good news stays in the thread");
    let now = shown(&told[before]);
    assert!(
        now.contains(":large_green_circle: *approved by CHG-1"),
        "{now}"
    );
    assert!(now.contains("~unapproved~"), "{now}");

    // The drifts that it brought are mended: their words stand in the same thread.
    house.estate(&["api"], "always");
    house.scan();
    let told = slack.said();
    let resolved: Vec<&Said> = told
        .iter()
        .filter(|one| one.text.starts_with("Resolved"))
        .collect();
    assert!(!resolved.is_empty());
    assert!(
        resolved
            .iter()
            .all(|one| one.thread.as_ref() == Some(&root.ts)),
        "{resolved:#?}"
    );
    // That is no approval of the change: how that stands, stands.
    let now = shown(&told[before]);
    assert!(
        now.contains(":large_green_circle: *approved by CHG-1"),
        "{now}"
    );
    assert!(
        now.contains(":large_green_circle: least-privilege: resolved at"),
        "{now}"
    );
    slack.assert_once();
    assert_eq!(slack.refused(), [""; 0]);
    assert!(house.states().iter().all(|state| state == "sent"));

    let explained = house
        .run(&["notify", "explain", &format!("change:{id}")])
        .success("explain");
    for part in [
        "seen, high",
        "judged, low",
        "ops: send: it is sent by itself",
        "message ",
        "sent at ",
    ] {
        assert!(
            explained.stdout.contains(part),
            "{part}: {}",
            explained.stdout
        );
    }
    let drifts = house
        .run(&["notify", "explain", "container:h/api"])
        .success("explain");
    assert!(
        drifts.stdout.contains("ops: told-with-change: "),
        "{}",
        drifts.stdout
    );
    let nothing = house
        .run(&["notify", "explain", "container:h/other"])
        .success("explain");
    assert!(
        nothing.stdout.contains("nothing was worth telling"),
        "{}",
        nothing.stdout
    );
}

#[test]
fn names_from_outside_mention_nobody() {
    let slack = FakeSlack::start();
    slack.unpaced();
    let house = House::with_slack(&slack, "");
    for name in [
        "<!channel>",
        "<@U0123456789>",
        "a&b|<https://evil.example|x>",
    ] {
        for restart in ["always", "no"] {
            house.called(name, restart);
            house.scan();
        }
    }
    let said = slack.said();
    assert!(
        said.iter()
            .any(|one| shown(one).contains("&lt;!channel&gt;")),
        "{said:#?}"
    );
    for one in &said {
        // A header is plain text, in which nothing is mark-up.
        let header = one.blocks[0]["text"]["text"].as_str().unwrap().to_owned();
        let rest = shown(one).replacen(&header, "", 1);
        for part in [rest.as_str(), one.text.as_str()] {
            for bad in ["<!", "<@", "<https://evil"] {
                assert!(!part.contains(bad), "{part}");
            }
        }
    }
}

#[test]
fn many_at_once_are_a_few_messages_and_one() {
    let slack = FakeSlack::start();
    slack.unpaced();
    let house = House::new(&House::ops(&slack.api()).replace("patience", "per_scan = 2\npatience"));
    let names: Vec<String> = (0..400).map(|n| format!("api-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    house.estate(&names, "no");
    house.scan();
    let said = slack.said();
    assert_eq!(said.len(), 3, "{said:#?}");
    assert!(
        shown(&said[2]).contains("more at once"),
        "{}",
        shown(&said[2])
    );
    assert_eq!(slack.refused(), [""; 0]);
}

#[test]
fn a_sample_says_whether_a_channel_works() {
    let slack = FakeSlack::start();
    slack.unpaced();
    let hook = format!(
        "[[notify.channels]]\nname = \"dev\"\nkind = \"slack-webhook\"\nurl_file = \"hook.url\"\n\
         [[notify.channels]]\nname = \"none\"\nkind = \"slack\"\nchannel = \"C0000000000\"\ntoken_file = \"slack.token\"\napi = \"{}\"\n",
        slack.api()
    );
    let house = House::with_slack(&slack, &hook);
    house.secret("hook.url", &slack.hook());
    let output = house.run(&["notify", "test"]);
    assert_eq!(output.code, Some(1));
    assert_eq!(
        output.stdout,
        "ops: sent\ndev: sent\nnone: not sent: Slack: channel_not_found: set this right, and it is sent\n"
    );
    assert_eq!((slack.said().len(), slack.hooked().len()), (1, 1));
    house.run(&["notify", "test", "ops"]).success("one");
    let other = house.run(&["notify", "test", "opps"]);
    assert!(
        other.stderr.contains("configured are ops, dev, none"),
        "{}",
        other.stderr
    );

    // A secret that cannot be read is one channel's trouble, and is not shown.
    std::fs::remove_file(house.path("hook.url")).unwrap();
    let output = house.run(&["notify", "test"]);
    assert!(
        output.stdout.contains("ops: sent")
            && output
                .stdout
                .contains("dev: not sent: the channel dev: cannot read"),
        "{}",
        output.stdout
    );
}
