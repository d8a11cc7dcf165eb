//! What is made of an issue and its events, and above all what is not taken for an approval.

use plimsoll_kit::settings::Document;
use plimsoll_model::ChangeRequest;
use serde_json::{Value, json};

use super::*;

/// Minutes after the issue was opened.
const MINUTE: i64 = 60_000;
const OPENED: i64 = 1_767_600_000_000;

fn user(login: &str) -> Value {
    json!({"$type": "User", "id": format!("1-{login}"), "login": login})
}

fn named(name: &str) -> Value {
    json!([{"$type": "StateBundleElement", "name": name}])
}

/// A custom field that was set: minute, who, field, value before and after.
fn set(minute: i64, who: &str, field: &str, removed: Value, added: Value) -> Value {
    json!({"id": "3-1", "timestamp": OPENED + minute * MINUTE, "author": user(who), "category": {"id": "CustomFieldCategory"},
        "field": {"name": "x", "customField": {"name": field}}, "removed": removed, "added": added})
}

fn state(minute: i64, who: &str, to: &str) -> Value {
    set(minute, who, "State", named("?"), named(to))
}

/// The same moves, each of which begins where the one before it ended.
fn chained(events: &[Value]) -> Vec<Value> {
    let mut events = events.to_vec();
    events.sort_by_key(|event| event["timestamp"].as_i64());
    let mut last = Value::Null;
    for event in &mut events {
        if event["removed"] == named("?") {
            event["removed"] = last;
        }
        last = event["added"].clone();
    }
    events
}

fn made_with(settings: &str, fields: Value, text: &str, events: &[Value]) -> Made {
    let document = Document::new("s.toml", settings);
    let settings = document.read(Settings::read).unwrap().unwrap();
    let site = Site {
        settings: &settings,
        web: "https://t.example",
    };
    let issue = json!({"id": "2-1", "idReadable": "CHG-1", "summary": "x", "description": text, "created": OPENED, "customFields": fields});
    let history = History {
        events: serde_json::from_value(events.into()).unwrap(),
        whole: true,
    };
    request(
        &site,
        &serde_json::from_value(issue).unwrap(),
        &history,
        true,
    )
    .unwrap()
}

fn made(now: &str, events: &[Value]) -> ChangeRequest {
    let fields = json!([{"name": "State", "value": named(now)[0]}]);
    made_with("", fields, "", &chained(events)).request
}

/// `kim@5` for an approval at minute 5, with `-9` where it was taken back at minute 9.
fn told(request: &ChangeRequest) -> Vec<String> {
    let minute = |at: Option<Timestamp>| {
        at.map_or("?".to_owned(), |at| {
            ((at.as_millisecond() - OPENED) / MINUTE).to_string()
        })
    };
    let tell = |one: &plimsoll_model::Approval| {
        let by = one.by.account.trim_start_matches("1-");
        let until = one
            .withdrawn
            .as_ref()
            .map(|one| format!("-{}", minute(one.at)));
        format!("{by}@{}{}", minute(one.at), until.unwrap_or_default())
    };
    request.approvals.iter().map(tell).collect()
}

#[test]
fn an_approval_stands_in_the_states_that_follow_it_and_in_no_other() {
    for (to, stands) in [
        ("In Progress", true),
        ("Fixed", true),
        ("Verified", true),
        ("Open", false),
        ("Reopened", false),
        ("Won't fix", false),
        ("Duplicate", false),
        ("Waiting", false),
    ] {
        let request = made(to, &[state(1, "kim", "Approved"), state(2, "sam", to)]);
        let want = if stands { "kim@1" } else { "kim@1-2" };
        assert_eq!(told(&request), [want], "{to}");
        assert_eq!(request.whole_history, None, "{to}");
    }
    // Emptied.
    let request = made(
        "",
        &[
            state(1, "kim", "Approved"),
            set(2, "sam", "State", named("Approved"), json!([])),
        ],
    );
    assert_eq!(told(&request), ["kim@1-2"]);
}

#[test]
fn events_count_in_the_order_of_their_times() {
    let mut events = chained(&[state(1, "kim", "Approved"), state(2, "sam", "Open")]);
    events.reverse();
    let fields = json!([{"name": "State", "value": {"name": "Open"}}]);
    let request = made_with("", fields, "", &events).request;
    assert_eq!(told(&request), ["kim@1-2"]);
    assert_eq!(request.whole_history, None);
}

#[test]
fn a_move_that_begins_where_no_other_ended_shows_that_one_is_missing() {
    let fields = json!([{"name": "State", "value": {"name": "Fixed"}}]);
    let events = [
        state(1, "kim", "Approved"),
        set(3, "sam", "State", named("Open"), named("Fixed")),
    ];
    let made = made_with("", fields, "", &events);
    assert_eq!(made.request.whole_history, Some(false));
    assert!(made.remarks[0].contains("missing"), "{:?}", made.remarks);
}

#[test]
fn another_text_is_told_with_what_it_says_otherwise() {
    let edits = |removed: Value, added: Value| {
        let event = json!({"id": "3-1", "timestamp": OPENED, "author": user("sam"), "category": {"id": "DescriptionCategory"}, "removed": removed, "added": added});
        let made = made_with("", json!([]), "", &[event]).request;
        let fields = made.edits.iter().map(|edit| edit.field.to_string());
        fields.collect::<Vec<_>>()
    };
    assert_eq!(edits(json!("a"), json!("b")), ["description"]);
    let emergency = edits(Value::Null, json!("Emergency: yes"));
    assert_eq!(emergency, ["description", "emergency"]);
    assert_eq!(
        edits(json!("a"), json!("> Emergency: yes")),
        ["description"]
    );
    // Where nobody says what it was it may have been anything.
    assert_eq!(edits(Value::Null, Value::Null), ["description", ""]);
    assert_eq!(edits(json!({"id": "1"}), json!("a")), ["description", ""]);
}

#[test]
fn an_issue_that_was_opened_as_approved_was_approved_by_nobody() {
    assert!(made("Approved", &[]).approvals.is_empty());
}

#[test]
fn what_the_fields_do_not_say_now_is_in_doubt() {
    // Also where what it says now would follow: no event leads there.
    for now in ["Open", "Submitted", "Waiting", "", "In Progress", "Closed"] {
        let request = made(now, &[state(1, "kim", "Approved")]);
        assert_eq!(request.whole_history, Some(false), "{now}");
    }
    let request = made("Approved", &[state(1, "kim", "Approved")]);
    assert_eq!(request.whole_history, None);
}

#[test]
fn two_approvals_of_two_kinds_by_one_field() {
    let settings = "[[approvals]]\nfield = \"State\"\nvalues = [\"Lead ok\"]\nkind = \"lead\"\n[[approvals]]\nfield = \"state\"\nvalues = [\"Security ok\"]\nkind = \"security\"\n";
    let fields = json!([{"name": "State", "value": {"name": "Security ok"}}]);
    let events = chained(&[state(1, "ann", "Lead ok"), state(2, "sec", "Security ok")]);
    let made = made_with(settings, fields, "", &events).request;
    assert_eq!(told(&made), ["ann@1", "sec@2"]);
    assert_eq!(
        (
            made.approvals[0].kind.as_str(),
            made.approvals[1].kind.as_str()
        ),
        ("lead", "security")
    );
    assert_eq!(made.whole_history, None);
}

#[test]
fn a_field_that_names_another_proves_nothing() {
    let put = |who: &str, whom: &str| set(1, who, "Approved by", json!([]), json!([user(whom)]));
    let fields = json!([{"name": "Approved by", "value": user("kim")}]);
    let own = made_with("", fields.clone(), "", &[put("kim", "kim")]);
    assert_eq!(told(&own.request), ["kim@1"]);
    let other = made_with("", fields.clone(), "", &[put("sam", "kim")]);
    assert_eq!(told(&other.request), ["kim@?"]);
    assert!(other.remarks[0].contains("proves nothing"));
    // A login is no account where there are ids: somebody may have got it after another.
    let mut again = put("kim", "kim");
    again["added"][0]["id"] = "1-99".into();
    assert_eq!(
        told(&made_with("", fields.clone(), "", &[again]).request),
        ["99@?"]
    );
    // A name as text is nobody.
    let text = set(1, "sam", "Approved by", Value::Null, json!("kim"));
    assert!(
        made_with("", fields, "", &[text])
            .request
            .approvals
            .is_empty()
    );
}

#[test]
fn an_enum_field_is_an_approval_until_it_says_otherwise() {
    let field =
        |minute, who, from: &str, to: &str| set(minute, who, "Approval", named(from), named(to));
    let now = |value: &str| json!([{"name": "Approval", "value": {"name": value}}]);
    let given = field(1, "kim", "Pending", "approved");
    let made = made_with("", now("Approved"), "", std::slice::from_ref(&given)).request;
    assert_eq!(told(&made), ["kim@1"]);
    assert!(made.edits.is_empty());
    let back = field(2, "sam", "Approved", "Rejected");
    let made = made_with("", now("Rejected"), "", &[given, back]).request;
    assert_eq!(told(&made), ["kim@1-2"]);
}

#[test]
fn no_field_passes_for_harmless_by_its_name() {
    let edit = |name: &str| {
        let event = set(1, "sam", name, json!([]), named("x"));
        let made = made_with("", json!([]), "", &[event]).request;
        made.edits[0].field.to_string()
    };
    assert_eq!(edit("Comment"), "");
    assert_eq!(edit("OUTCOME"), "outcome");
    assert_eq!(edit("Priority"), "priority");
    assert_eq!(edit("Implementers"), "");
    assert_eq!(edit("Assignee"), "implementers");
    assert_eq!(edit("Cost Centre"), "cost centre");
    assert_eq!(edit("Systems"), "assets");
}

#[test]
fn a_window_is_of_times_and_there_is_one() {
    let at = |name: &str, kind: &str, minute: i64| json!({"name": name, "$type": kind, "value": OPENED + minute * MINUTE});
    let simple = "SimpleIssueCustomField";
    let both = json!([
        at("Window start", simple, 60),
        at("Window end", simple, 120)
    ]);
    let made = made_with(
        "",
        both.clone(),
        "Window: 2026-01-05T09:00Z/2026-01-05T10:00Z",
        &[],
    );
    assert!(made.request.window.is_some() && made.request.whole_history.is_none());
    let made = made_with("", both, "Window: 2026-01-06T09:00Z/2026-01-06T10:00Z", &[]);
    assert_eq!(made.request.whole_history, Some(false));
    for fields in [
        json!([at("Window start", simple, 60)]),
        json!([at("Window start", simple, 60), at("Window end", simple, 10)]),
        json!([
            at("Window start", "DateIssueCustomField", 60),
            at("Window end", "DateIssueCustomField", 120)
        ]),
        json!([{"name": "Window start", "value": "soon"}]),
    ] {
        let made = made_with("", fields.clone(), "", &[]);
        assert!(made.request.window.is_none(), "{fields}");
        assert_eq!(made.request.whole_history, Some(false), "{fields}");
    }
}

#[test]
fn an_author_without_an_account_is_somebody() {
    let commit = |author: Value, name: Value| {
        json!({"id": "3-1", "timestamp": OPENED, "author": user("sam"), "category": {"id": "VcsChangeCategory"},
        "added": [{"version": "ab".repeat(20), "author": author, "userName": name}], "removed": []})
    };
    let events = [
        commit(user("eli"), Value::Null),
        commit(
            json!({"$type": "VcsUnresolvedUser", "id": "0-0"}),
            json!("Eli <eli@example.com>"),
        ),
        commit(Value::Null, Value::Null),
    ];
    let made = made_with("", json!([]), "", &events).request;
    let authors: Vec<_> = made
        .authors
        .iter()
        .map(|one| one.account.as_str())
        .collect();
    assert_eq!(
        authors,
        ["(nobody named)", "1-eli", "Eli <eli@example.com>"]
    );
    assert_eq!(made.links.commits, ["ab".repeat(20)]);
    let gone = json!({"timestamp": OPENED + 1, "category": {"id": "VcsChangeCategory"}, "added": [], "removed": [{"version": "ab".repeat(20)}]});
    let made = made_with("", json!([]), "", &[events[0].clone(), gone]).request;
    assert!(made.links.commits.is_empty());
}

#[test]
fn an_event_that_nobody_knows_may_have_altered_anything() {
    let event = json!({"id": "3-1", "timestamp": OPENED, "author": user("sam"), "category": {"id": "NewCategory"}});
    let bare = json!({"id": "3-2", "timestamp": OPENED, "author": user("sam")});
    let made = made_with("", json!([]), "", &[event, bare]).request;
    assert_eq!(made.edits.len(), 2);
    assert!(made.edits.iter().all(|edit| edit.field.is_empty()));
}

/// Every history of up to four steps, against the rule in one line: an approval stands as long as nothing but what follows it came.
#[test]
fn every_short_history_gives_what_the_rule_says() {
    let steps = [
        ("kim", "Approved"),
        ("lee", "Approved"),
        ("sam", "In Progress"),
        ("sam", "Open"),
        ("sam", "Waiting"),
    ];
    let follows = |to: &str| matches!(to, "Approved" | "In Progress");
    for length in 1..=4_u32 {
        for number in 0..5_usize.pow(length) {
            let history: Vec<(&str, &str)> = (0..length)
                .map(|at| steps[number / 5_usize.pow(at) % 5])
                .collect();
            let mut want = Vec::new();
            for (at, (who, to)) in history.iter().enumerate() {
                if *to != "Approved" {
                    continue;
                }
                let after = history.iter().enumerate().skip(at + 1);
                let end = after.clone().find(|(_, (_, to))| !follows(to));
                let end = end.map_or(String::new(), |(at, _)| format!("-{}", at + 1));
                want.push(format!("{who}@{}{end}", at + 1));
            }
            let events: Vec<Value> = history
                .iter()
                .zip(1..)
                .map(|((who, to), minute)| state(minute, who, to))
                .collect();
            let now = history.last().unwrap().1;
            let request = made(now, &events);
            assert_eq!(told(&request), want, "{history:?}");
            assert_eq!(request.whole_history, None, "{history:?}");
            let otherwise = made("Waiting", &events).whole_history;
            let doubt = (now != "Waiting").then_some(false);
            assert_eq!(otherwise, doubt, "{history:?}");
        }
    }
}

fn is_doubted(request: &ChangeRequest, why: &str) {
    assert_eq!(request.whole_history, Some(false));
    let mut doubts = request.doubts.iter();
    assert!(
        doubts.any(|doubt| doubt.contains(why)),
        "{why}: {:?}",
        request.doubts
    );
}

#[test]
fn a_field_holds_what_its_events_end_with() {
    let lead = |now: Value| {
        let events = [set(
            1,
            "kim",
            "Approved by",
            json!([]),
            json!([user("kim")]),
        )];
        let fields = json!([{"name": "Approved by", "value": now}]);
        made_with("", fields, "", &events).request
    };
    assert_eq!(lead(user("kim")).whole_history, None);
    is_doubted(&lead(user("lee")), "its field approved by");
    is_doubted(&lead(Value::Null), "its field approved by");
    // What names the system, a tag, the title, the text.
    let system = |now: &str| {
        let events = [set(1, "sam", "System", json!([]), named("api"))];
        let fields = json!([{"name": "System", "value": {"name": now}}]);
        made_with("", fields, "", &events).request
    };
    assert_eq!(system("api").whole_history, None);
    is_doubted(&system("db"), "its field system");
    let said = |category: &str, added: Value| {
        let event = json!({"timestamp": OPENED + MINUTE, "author": user("sam"), "category": {"id": category}, "removed": "y", "added": added});
        made_with("", json!([]), "System: api", &[event]).request
    };
    assert_eq!(said("SummaryCategory", json!("x")).whole_history, None);
    is_doubted(&said("SummaryCategory", json!("z")), "its title");
    let text = |text: &str| said("DescriptionCategory", json!(text));
    assert_eq!(text("System: api\nsoon").whole_history, None);
    is_doubted(&text("System: db"), "its text");
    is_doubted(&said("TagsCategory", named("urgent")), "its field (tags)");
}

#[test]
fn a_state_that_no_event_leads_to_is_in_doubt() {
    for (now, doubt) in [
        ("Approved", Some(false)),
        ("Rejected", Some(false)),
        ("Duplicate", Some(false)),
        ("Submitted", None),
        ("Waiting", None),
    ] {
        assert_eq!(made(now, &[]).whole_history, doubt, "{now}");
    }
}

#[test]
fn events_of_one_moment_have_the_order_that_is_possible() {
    let moved = |who, from: &str, to: &str| set(1, who, "State", named(from), named(to));
    let events = [
        moved("kim", "Waiting", "Approved"),
        moved("sam", "Open", "Waiting"),
    ];
    let fields = json!([{"name": "State", "value": {"name": "Approved"}}]);
    let request = made_with("", fields.clone(), "", &events).request;
    assert_eq!(
        (told(&request), request.whole_history),
        (vec!["kim@1".to_owned()], None)
    );
    let circle = [
        moved("kim", "Waiting", "Approved"),
        moved("sam", "Approved", "Waiting"),
        moved("lee", "Waiting", "Approved"),
    ];
    let request = made_with("", fields, "", &circle).request;
    is_doubted(&request, "two events are of one moment");
}

#[test]
fn a_field_that_says_yes_and_no_says_no() {
    let both = json!([{"name": "Approved"}, {"name": "Rejected"}]);
    for field in ["State", "Approval"] {
        let fields = json!([{"name": field, "value": both}]);
        let event = set(1, "kim", field, json!([]), both.clone());
        let request = made_with("", fields.clone(), "", &[event]).request;
        assert!(request.approvals.is_empty(), "{field}");
        is_doubted(&request, "yes and no at once");
        // The no came later, and the yes stayed.
        let events = [
            set(1, "kim", field, json!([]), named("Approved")),
            set(2, "sam", field, json!([]), named("Rejected")),
        ];
        let request = made_with("", fields, "", &events).request;
        assert_eq!(told(&request), ["kim@1-2"], "{field}");
    }
}

#[test]
fn two_fields_of_one_name_approve_nothing() {
    let events = [set(1, "kim", "Approval", json!([]), named("Approved"))];
    let two = |other: &str| {
        let fields = json!([{"name": "Approval", "value": {"name": other}}, {"name": "approval", "value": {"name": "Approved"}}]);
        made_with("", fields, "", &events).request
    };
    assert_eq!(two("Approved").whole_history, None);
    is_doubted(&two("Rejected"), "two of its fields are called");
}
