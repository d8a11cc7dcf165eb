//! What is made of a task and its stories, and above all what is not taken for an approval.

use plimsoll_kit::settings::Document;
use plimsoll_model::ChangeRequest;
use serde_json::{Value, json};

use super::*;

fn person(name: &str) -> Value {
    json!({"gid": format!("g-{name}"), "name": name})
}

/// A story: hour of the day, who, kind, and what it holds besides.
fn story(hour: u32, who: &str, kind: &str, more: Value) -> Value {
    let mut story = json!({"gid": "1", "created_at": format!("2026-01-02T{hour:02}:00:00.000Z"), "created_by": person(who), "resource_subtype": kind, "source": "web"});
    story
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    story
}

fn section(name: &str) -> Value {
    json!({"gid": format!("s-{name}"), "name": name})
}

fn moved(hour: u32, who: &str, from: &str, to: &str) -> Value {
    let more = json!({"old_section": section(from), "new_section": section(to)});
    story(hour, who, "section_changed", more)
}

fn field(hour: u32, who: &str, name: &str, from: &str, to: &str) -> Value {
    let value = |name: &str| {
        if name.is_empty() {
            Value::Null
        } else {
            json!({"name": name})
        }
    };
    let more = json!({"custom_field": {"name": name}, "old_enum_value": value(from), "new_enum_value": value(to)});
    story(hour, who, "enum_custom_field_changed", more)
}

fn made_with(
    settings: &str,
    task: Value,
    stories: &[Value],
    below: &[(Value, Vec<Value>)],
) -> Made {
    let document = Document::new("s.toml", format!("projects = [\"1\"]\n{settings}"));
    let settings = document.read(Settings::read).unwrap().unwrap();
    let names = [
        "Requested",
        "Approved",
        "In progress",
        "Done",
        "Rejected",
        "Elsewhere",
    ];
    let site = Site {
        settings: &settings,
        project: "1",
        sections: names
            .iter()
            .map(|name| (Text::from(format!("s-{name}")), Text::from(*name)))
            .collect(),
    };
    let mut whole = json!({"gid": "7", "name": "x", "html_notes": "<body></body>", "created_at": "2026-01-01T00:00:00Z"});
    whole
        .as_object_mut()
        .unwrap()
        .extend(task.as_object().unwrap().clone());
    let read = |all: &[Value]| serde_json::from_value(all.into()).unwrap();
    let below = below.iter().map(|(task, all)| Subtask {
        task: serde_json::from_value(task.clone()).unwrap(),
        stories: read(all),
    });
    let history = History {
        stories: read(stories),
        subtasks: below.collect(),
        whole: true,
    };
    request(
        &site,
        &serde_json::from_value(whole).unwrap(),
        &history,
        true,
    )
    .unwrap()
}

fn in_section(name: &str, stories: &[Value]) -> ChangeRequest {
    let task = json!({"memberships": [{"project": {"gid": "1"}, "section": section(name)}]});
    made_with("", task, stories, &[]).request
}

/// A subtask that asks for an approval.
fn ask(name: &str, status: &str) -> Value {
    json!({"gid": "8", "name": name, "resource_subtype": "approval", "approval_status": status, "completed_by": person("kim")})
}

fn answer(hour: u32, who: &str, status: &str) -> Value {
    let more = json!({"new_approval_status": status});
    story(hour, who, "approval_status_changed", more)
}

/// `kim@5` for an approval at five o'clock, with `-9` where it was taken back at nine.
fn told(request: &ChangeRequest) -> Vec<String> {
    let hour =
        |at: Option<Timestamp>| at.map_or("?".to_owned(), |at| at.strftime("%-H").to_string());
    let tell = |one: &plimsoll_model::Approval| {
        let by = one.by.account.trim_start_matches("g-");
        let until = one
            .withdrawn
            .as_ref()
            .map(|one| format!("-{}", hour(one.at)));
        format!("{by}@{}{}", hour(one.at), until.unwrap_or_default())
    };
    request.approvals.iter().map(tell).collect()
}

#[test]
fn an_approval_stands_in_the_sections_that_follow_it_and_in_no_other() {
    for (to, stands) in [
        ("In progress", true),
        ("Done", true),
        ("Requested", false),
        ("Rejected", false),
        ("Elsewhere", false),
    ] {
        let stories = [
            moved(1, "kim", "Requested", "Approved"),
            moved(2, "sam", "Approved", to),
        ];
        let request = in_section(to, &stories);
        let want = if stands { "kim@1" } else { "kim@1-2" };
        assert_eq!(told(&request), [want], "{to}");
        assert_eq!(request.whole_history, None, "{to}");
    }
}

#[test]
fn leaving_the_project_or_a_section_that_is_no_more_takes_it_back() {
    let approved = moved(1, "kim", "Requested", "Approved");
    let gone = json!({"old_section": section("Approved"), "new_section": {"gid": "s-9", "name": "Approved"}});
    for left in [
        story(2, "sam", "section_changed", gone),
        story(
            2,
            "sam",
            "removed_from_project",
            json!({"project": {"gid": "1"}}),
        ),
    ] {
        let request = in_section("Requested", &[approved.clone(), left]);
        assert_eq!(told(&request), ["kim@1-2"]);
    }
    let other = story(
        2,
        "sam",
        "removed_from_project",
        json!({"project": {"gid": "2"}}),
    );
    let request = in_section("Approved", &[approved, other]);
    assert_eq!(
        (told(&request), request.edits.len()),
        (vec!["kim@1".to_owned()], 0)
    );
}

#[test]
fn stories_count_in_the_order_of_their_times() {
    let stories = [
        moved(2, "sam", "Approved", "Requested"),
        moved(1, "kim", "Requested", "Approved"),
    ];
    assert_eq!(told(&in_section("Requested", &stories)), ["kim@1-2"]);
}

#[test]
fn what_the_task_does_not_say_now_is_in_doubt() {
    let stories = [moved(1, "kim", "Requested", "Approved")];
    for (now, doubt) in [
        ("Requested", Some(false)),
        ("Elsewhere", Some(false)),
        // It would follow, and no story leads there.
        ("In progress", Some(false)),
        ("Approved", None),
    ] {
        assert_eq!(in_section(now, &stories).whole_history, doubt, "{now}");
    }
    let given = (
        ask("Approve", "pending"),
        vec![answer(1, "kim", "approved")],
    );
    let made = made_with("", json!({}), &[], &[given]).request;
    assert_eq!(made.whole_history, Some(false));
    let nowhere = story(1, "sam", "section_changed", json!({}));
    assert_eq!(
        in_section("Approved", &[nowhere]).whole_history,
        Some(false)
    );
    // A task that was made in the section was approved by nobody.
    assert!(in_section("Approved", &[]).approvals.is_empty());
}

#[test]
fn a_move_that_begins_where_no_other_ended_shows_that_one_is_missing() {
    let stories = [
        moved(1, "kim", "Requested", "Approved"),
        moved(3, "sam", "Requested", "Done"),
    ];
    assert_eq!(in_section("Done", &stories).whole_history, Some(false));
}

#[test]
fn another_name_is_told_with_what_it_says_otherwise_and_another_text_with_doubt() {
    let edits = |kind: &str, more: Value| {
        let made = made_with("", json!({}), &[story(1, "sam", kind, more)], &[]).request;
        let edits = made.edits.iter().map(|edit| edit.field.to_string());
        edits.collect::<Vec<_>>()
    };
    let names = |old: &str, new: &str| json!({"old_name": old, "new_name": new});
    assert_eq!(edits("name_changed", names("a", "b")), ["title"]);
    assert_eq!(
        edits("name_changed", names("a", "b OPS-1")),
        ["title", "links"]
    );
    assert_eq!(edits("name_changed", json!({})), ["title", ""]);
    assert_eq!(edits("notes_changed", json!({})), ["description", ""]);
}

#[test]
fn an_approval_task_is_done_in_many_ways_and_approved_in_one() {
    let below = |status: &str, stories: Vec<Value>| {
        let below = [(ask("Approve", status), stories)];
        told(&made_with("", json!({}), &[], &below).request)
    };
    assert_eq!(
        below("approved", vec![answer(1, "kim", "approved")]),
        ["kim@1"]
    );
    assert_eq!(below("pending", vec![]), [""; 0]);
    // A subtask of another kind asks for no approval, whatever it says.
    let mut plain = ask("Approve", "approved");
    plain["resource_subtype"] = "default_task".into();
    let plain = serde_json::from_value::<crate::wire::Task>(plain).unwrap();
    assert!(!plain.is_approval());
    let done = story(1, "kim", "marked_complete", json!({}));
    assert_eq!(below("approved", vec![done]), ["kim@?"]);
    let twice = vec![
        answer(1, "kim", "approved"),
        answer(2, "kim", "pending"),
        answer(3, "lee", "approved"),
    ];
    assert_eq!(below("approved", twice), ["kim@1-2", "lee@3"]);
    for kind in ["comment_added", "assigned", "liked", "due_date_changed"] {
        let stories = vec![
            answer(1, "kim", "approved"),
            story(2, "sam", kind, json!({})),
        ];
        assert_eq!(below("approved", stories), ["kim@1"], "{kind}");
    }
    for kind in ["name_changed", "notes_changed", "added_to_task", "what", ""] {
        let stories = vec![
            answer(1, "kim", "approved"),
            story(2, "sam", kind, json!({})),
        ];
        assert_eq!(below("approved", stories), ["kim@1-2"], "{kind}");
        let stories = vec![
            story(1, "sam", kind, json!({})),
            answer(2, "kim", "approved"),
        ];
        assert_eq!(below("approved", stories), ["kim@2"], "{kind}");
    }
}

#[test]
fn the_name_of_an_approval_task_says_what_kind_it_is() {
    let below = |name: &str, settings: &str| {
        let below = [(ask(name, "approved"), vec![answer(1, "kim", "approved")])];
        let made = made_with(settings, json!({}), &[], &below).request;
        let kinds = made.approvals.iter().map(|one| one.kind.to_string());
        let signed = made.sign_offs.iter().map(|one| format!("+{}", one.kind));
        kinds.chain(signed).collect::<Vec<_>>()
    };
    assert_eq!(below("Please approve", ""), [""]);
    assert_eq!(below("SECURITY review", ""), ["security"]);
    assert_eq!(below("Sign-off by the CTO", ""), ["+signed-off"]);
    let own = "[[approvals]]\ntask = [\"lead\"]\nkind = \"lead\"\n";
    assert_eq!(below("Lead says yes", own), ["lead"]);
    assert_eq!(below("Please approve", own), [""; 0]);
}

#[test]
fn a_field_is_an_approval_until_it_says_otherwise() {
    let with = |now: &str, stories: &[Value]| {
        let task = json!({"custom_fields": [{"name": "Approval", "enum_value": {"name": now}}]});
        made_with("", task, stories, &[]).request
    };
    let given = field(1, "kim", "Approval", "", "Approved");
    let request = with("Approved", std::slice::from_ref(&given));
    assert_eq!(told(&request), ["kim@1"]);
    assert!(request.edits.is_empty());
    let back = field(2, "sam", "Approval", "Approved", "Rejected");
    assert_eq!(told(&with("Rejected", &[given.clone(), back])), ["kim@1-2"]);
    assert_eq!(with("Rejected", &[given]).whole_history, Some(false));
}

#[test]
fn no_field_passes_for_harmless_by_its_name() {
    let edit = |name: &str| {
        let made = made_with("", json!({}), &[field(1, "sam", name, "a", "b")], &[]).request;
        made.edits[0].field.to_string()
    };
    assert_eq!(edit("Comment"), "");
    assert_eq!(edit("Outcome"), "outcome");
    assert_eq!(edit("Priority"), "priority");
    assert_eq!(edit("Implementers"), "");
    assert_eq!(edit("Systems"), "assets");
    assert_eq!(edit("Cost Centre"), "cost centre");
    assert_eq!(edit(""), "");
}

#[test]
fn a_story_that_nobody_knows_may_have_altered_anything() {
    let edits = |kind: &str, more: Value| {
        let made = made_with("", json!({}), &[story(1, "sam", kind, more)], &[]).request;
        let edits = made.edits.iter().map(|edit| edit.field.to_string());
        edits.collect::<Vec<_>>()
    };
    assert_eq!(edits("never_heard_of", json!({})), [""]);
    assert_eq!(edits("liked", json!({})), [""; 0]);
    assert_eq!(edits("resource_subtype_changed", json!({})), ["type"]);
    let tag = |name: &str| json!({"tag": {"name": name}});
    assert_eq!(edits("added_to_tag", tag("Hotfix")), ["emergency"]);
    assert_eq!(edits("removed_from_tag", tag("x")), ["labels"]);
    let dates = |at: Value| json!({"new_dates": {"due_on": "2026-01-01", "due_at": at}});
    assert_eq!(edits("due_date_changed", dates(Value::Null)), ["due date"]);
    let hour = json!("2026-01-01T00:00:00Z");
    assert_eq!(edits("due_date_changed", dates(hour)), ["window"]);
}

#[test]
fn a_window_is_of_hours() {
    let window = |task: Value| {
        let made = made_with("", task, &[], &[]).request;
        (made.window.is_some(), made.whole_history)
    };
    let at = |name: &str, hour: &str| json!({"name": name, "date_value": {"date": "2026-01-01", "date_time": hour}});
    let hour = "2026-01-01T10:00:00.000Z";
    let later = "2026-01-01T11:00:00.000Z";
    let both = json!({"custom_fields": [at("Window start", hour), at("Window end", later)]});
    assert_eq!(window(both), (true, None));
    assert_eq!(
        window(json!({"start_at": hour, "due_at": later})),
        (true, None)
    );
    // A day on which it is due is no window.
    assert_eq!(
        window(json!({"due_at": later, "due_on": "2026-01-01"})),
        (false, None)
    );
    let day = json!({"custom_fields": [{"name": "Window start", "date_value": {"date": "2026-01-01", "date_time": null}}]});
    assert_eq!(window(day), (false, Some(false)));
    let half = json!({"custom_fields": [at("Window end", hour)]});
    assert_eq!(window(half), (false, Some(false)));
    let backwards = json!({"start_at": later, "due_at": hour});
    assert_eq!(window(backwards), (false, Some(false)));
    let empty = json!({"custom_fields": [{"name": "Window start", "date_value": null}]});
    assert_eq!(window(empty), (false, None));
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
fn a_field_holds_what_its_stories_end_with() {
    let held = |name: &str, now: &str| {
        let task = json!({"custom_fields": [{"name": name, "enum_value": {"name": now}}]});
        made_with("", task, &[field(1, "kim", name, "", "Approved")], &[]).request
    };
    for name in ["Approval", "System"] {
        assert_eq!(held(name, "Approved").whole_history, None);
        let why = format!("its field {} does not hold", name.to_lowercase());
        is_doubted(&held(name, "Other"), &why);
    }
    let tagged = |tags: Value| {
        let tag = json!({"tag": {"gid": "t-1", "name": "urgent"}});
        let stories = [story(1, "sam", "added_to_tag", tag)];
        made_with("", json!({"tags": tags}), &stories, &[]).request
    };
    assert_eq!(tagged(json!([{"name": "Urgent"}])).whole_history, None);
    is_doubted(&tagged(json!([])), "its tags");
    let named = |name: &str| {
        let more = json!({"old_name": "y", "new_name": name});
        made_with("", json!({}), &[story(1, "sam", "name_changed", more)], &[]).request
    };
    assert_eq!(named("x").whole_history, None);
    is_doubted(&named("z"), "its name");
    // One that begins where no other ended.
    let task = json!({"custom_fields": [{"name": "Approval", "enum_value": {"name": "Approved"}}]});
    let stories = [
        field(1, "kim", "Approval", "", "Approved"),
        field(3, "lee", "Approval", "Rejected", "Approved"),
    ];
    let request = made_with("", task, &stories, &[]).request;
    is_doubted(&request, "a change of its field approval is missing");
}

#[test]
fn a_section_that_no_story_leads_to_is_in_doubt() {
    for (now, doubt) in [
        ("Approved", Some(false)),
        ("Rejected", Some(false)),
        ("Requested", None),
        ("In progress", None),
    ] {
        assert_eq!(in_section(now, &[]).whole_history, doubt, "{now}");
    }
}

#[test]
fn stories_of_one_moment_have_the_order_that_is_possible() {
    let stories = [
        moved(1, "kim", "Elsewhere", "Approved"),
        moved(1, "sam", "Requested", "Elsewhere"),
    ];
    let request = in_section("Approved", &stories);
    assert_eq!(
        (told(&request), request.whole_history),
        (vec!["kim@1".to_owned()], None)
    );
    let circle = [
        moved(1, "kim", "Requested", "Approved"),
        moved(1, "sam", "Approved", "Requested"),
    ];
    is_doubted(
        &in_section("Approved", &circle),
        "two stories are of one moment",
    );
}

#[test]
fn two_answers_of_one_moment_are_in_doubt() {
    let answers = vec![answer(1, "kim", "rejected"), answer(1, "kim", "approved")];
    let made = made_with("", json!({}), &[], &[(ask("Approve", "approved"), answers)]);
    is_doubted(&made.request, "two answers to its approval");
}

#[test]
fn a_yes_of_no_known_source_has_no_time() {
    for (source, at) in [
        (json!("web"), "kim@1"),
        (json!("mobile"), "kim@1"),
        (json!("unknown"), "kim@?"),
        (json!("email"), "kim@?"),
        (json!("api"), "kim@?"),
        (json!("something new"), "kim@?"),
        (Value::Null, "kim@?"),
    ] {
        let mut yes = answer(1, "kim", "approved");
        yes["source"] = source.clone();
        let made = made_with(
            "",
            json!({}),
            &[],
            &[(ask("Approve", "approved"), vec![yes])],
        );
        assert_eq!(told(&made.request), [at], "{source}");
    }
}

#[test]
fn a_field_that_says_yes_and_no_says_no() {
    let both = json!([{"name": "Approved"}, {"name": "Rejected"}]);
    let more = json!({"custom_field": {"name": "Approval"}, "new_multi_enum_values": both});
    let stories = [story(1, "kim", "multi_enum_custom_field_changed", more)];
    let task = json!({"custom_fields": [{"name": "Approval", "multi_enum_values": both}]});
    let request = made_with("", task, &stories, &[]).request;
    assert!(request.approvals.is_empty());
    is_doubted(&request, "yes and no at once");
}

#[test]
fn two_fields_of_one_name_approve_nothing() {
    let stories = [field(1, "kim", "Approval", "", "Approved")];
    let two = |other: &str| {
        let task = json!({"custom_fields": [{"name": "Approval", "enum_value": {"name": other}}, {"name": "Approval", "enum_value": {"name": "Approved"}}]});
        made_with("", task, &stories, &[]).request
    };
    assert_eq!(two("Approved").whole_history, None);
    is_doubted(&two("Rejected"), "two of its fields are called");
}
