//! What is done in a channel, as several runs see it.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::*;
use plimsoll_slack::testkit::FakeSlack;

/// The seconds of a message's time.
fn seconds(ts: &str) -> i64 {
    ts.split_once('.').unwrap().0.parse().unwrap()
}

fn ask(fake: &FakeSlack, text: &str) -> String {
    fake.with(|slack| slack.say(CHANNEL, "U0IDA", text))
}

#[test]
fn a_message_is_a_request_and_a_reply_approves_it() {
    let fake = workspace();
    let ts = ask(
        &fake,
        "*OPS-17*: resize the database <https://github.com/acme/infra/pull/42|acme/infra#42>\n*System:* `books`, <http://api.example.com|api.example.com>\nEnvironment: production\nWindow: 2026-01-15T20:00Z/2026-01-15T22:00Z\nImplementer: <@U0SAM>",
    );
    let yes = fake.with(|slack| slack.reply(CHANNEL, &ts, "U0NORA", "Approved! <@U0IDA>"));
    let harvest = read(&fake);
    assert!(complete(&harvest), "{}", troubles(&harvest));
    let request = request(&harvest, &ts);
    assert_eq!(
        request.title,
        "OPS-17: resize the database https://github.com/acme/infra/pull/42 acme/infra#42"
    );
    assert_eq!(request.kind, "message");
    assert_eq!(request.opened.as_second(), seconds(&ts));
    let requester = request.requester.as_ref().unwrap();
    assert_eq!(requester.account, "U0IDA");
    assert_eq!(requester.name.as_deref(), Some("Ida"));
    assert_eq!(request.implementers[0].account, "U0SAM");
    assert_eq!(request.names, ["books", "api.example.com"]);
    assert_eq!(request.environments, ["production"]);
    assert!(request.window.is_some());
    assert_eq!(request.links.requests, ["OPS-17", "acme/infra#42"]);
    assert_eq!(approvals(request), [format!("U0NORA {}", seconds(&yes))]);
    assert_eq!(request.whole_history, None);
    let digits = ts.replace('.', "");
    assert_eq!(
        request.url.as_deref(),
        Some(format!("https://acme.slack.com/archives/C0CHG/p{digits}").as_str())
    );
}

#[test]
fn a_reaction_approves_at_no_known_time() {
    let fake = workspace();
    let ts = ask(&fake, "restart the queue");
    fake.with(|slack| {
        slack.react(CHANNEL, &ts, "U0NORA", "+1::skin-tone-3");
        slack.react(CHANNEL, &ts, "U0NORA", "white_check_mark");
        slack.react(CHANNEL, &ts, "U0RAJ", "white_check_mark");
        slack.react(CHANNEL, &ts, "U0BOT", "white_check_mark");
        slack.react(CHANNEL, &ts, "U0SAM", "eyes");
    });
    let harvest = read(&fake);
    let request = request(&harvest, &ts);
    assert_eq!(approvals(request), ["U0BOT (bot) ?", "U0NORA ?", "U0RAJ ?"]);
    // Taken away, it was never there: the interface keeps nothing of it.
    fake.with(|slack| slack.unreact(CHANNEL, &ts, "U0RAJ", "white_check_mark"));
    let harvest = read(&fake);
    assert_eq!(approvals(common::request(&harvest, &ts)).len(), 2);
}

#[test]
fn who_reacted_is_asked_for_where_the_list_is_cut_short() {
    let fake = workspace();
    let ts = ask(&fake, "restart the queue");
    fake.with(|slack| {
        slack.named = 1;
        for user in ["U0NORA", "U0RAJ", "U0SAM"] {
            slack.react(CHANNEL, &ts, user, "white_check_mark");
        }
    });
    let harvest = read(&fake);
    let request = request(&harvest, &ts);
    assert_eq!(approvals(request).len(), 3);
    assert_eq!(request.whole_history, None);
    assert_eq!(fake.calls("reactions.get"), 1);
}

#[test]
fn a_reaction_against_it_leaves_it_in_doubt() {
    let fake = workspace();
    let ts = ask(&fake, "restart the queue");
    fake.with(|slack| {
        slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        slack.react(CHANNEL, &ts, "U0RAJ", "x");
    });
    let harvest = read(&fake);
    assert_eq!(states(request(&harvest, &ts)), ["rejected ?"]);
}

#[test]
fn a_yes_is_withdrawn_by_who_said_it_and_given_again() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432");
    let [one, _, back, again] = fake.with(|slack| {
        [
            slack.reply(CHANNEL, &ts, "U0NORA", "approved"),
            slack.reply(CHANNEL, &ts, "U0RAJ", "lgtm"),
            slack.reply(CHANNEL, &ts, "U0NORA", "Withdrawn, the rule is too wide"),
            slack.reply(CHANNEL, &ts, "U0NORA", "approved"),
        ]
        .map(|ts| seconds(&ts))
    });
    let harvest = read(&fake);
    let request = request(&harvest, &ts);
    assert_eq!(
        approvals(request),
        [
            format!("U0NORA {one} withdrawn {back}"),
            format!("U0RAJ {}", one + 1),
            format!("U0NORA {again}"),
        ]
    );
    assert!(request.transitions.is_empty());
}

#[test]
fn taking_back_what_one_never_said_is_a_no() {
    let fake = workspace();
    let (one, other) = (ask(&fake, "open port 5432"), ask(&fake, "close port 80"));
    let [by_other, by_own] = fake.with(|slack| {
        slack.reply(CHANNEL, &one, "U0NORA", "approved");
        let by_other = slack.reply(CHANNEL, &one, "U0RAJ", "revoked");
        slack.reply(CHANNEL, &other, "U0NORA", "approved");
        let by_own = slack.reply(CHANNEL, &other, "U0IDA", "withdrawn");
        [by_other, by_own].map(|ts| seconds(&ts))
    });
    let harvest = read(&fake);
    let states = |ts: &str| states(request(&harvest, ts));
    assert_eq!(states(&one), [format!("rejected {by_other}")]);
    assert_eq!(states(&other), [format!("cancelled {by_own}")]);
}

#[test]
fn an_edit_of_the_request_may_have_altered_anything() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432 to the office");
    fake.with(|slack| slack.reply(CHANNEL, &ts, "U0NORA", "approved"));
    let read_at = fake.with(|slack| slack.now);
    let first = read(&fake);
    assert!(request(&first, &ts).edits.is_empty());
    // Months later nobody replies: the edit shows in the list.
    fake.with(|slack| {
        slack.wait(60 * 24 * 3600);
        slack.edit(CHANNEL, &ts, "open port 5432 to everyone");
    });
    let edited = fake.with(|slack| slack.now);
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    let request = request(&harvest, &ts);
    assert_eq!(request.edits.len(), 1);
    let edit = &request.edits[0];
    assert_eq!(edit.at.unwrap().as_second(), edited);
    assert_eq!(edit.by.as_ref().unwrap().account, "U0IDA");
    assert!(edit.field.is_empty());
    assert_eq!(approvals(request).len(), 1, "the history is whole again");
}

#[test]
fn a_yes_that_was_edited_is_one_since_then_and_before_nobody_knows() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432");
    let reply = fake.with(|slack| slack.reply(CHANNEL, &ts, "U0NORA", "wait"));
    fake.with(|slack| {
        slack.wait(3600);
        slack.edit(CHANNEL, &reply, "approved");
    });
    let edited = fake.with(|slack| slack.now);
    let harvest = read(&fake);
    assert_eq!(
        approvals(request(&harvest, &ts)),
        ["U0NORA ?".to_owned(), format!("U0NORA {edited}")]
    );
    // By somebody else's hand it is nobody's yes.
    fake.with(|slack| {
        slack.message(CHANNEL, &reply).edited = Some(("U0SAM".into(), "1768429999.0".into()));
    });
    let harvest = read(&fake);
    let request = request(&harvest, &ts);
    assert!(request.approvals.is_empty());
    assert_eq!(request.whole_history, Some(false));
}

#[test]
fn a_no_that_was_edited_has_no_time() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432");
    fake.with(|slack| {
        slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        let back = slack.reply(CHANNEL, &ts, "U0NORA", "thanks");
        slack.edit(CHANNEL, &back, "withdrawn");
    });
    let harvest = read(&fake);
    let approvals = approvals(request(&harvest, &ts));
    assert!(approvals[0].ends_with("withdrawn ?"), "{approvals:?}");
}

#[test]
fn programs_are_programs_in_whatever_name_they_write() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432");
    let bot = ("A0GATE", "B0GATE");
    fake.with(|slack| {
        slack.reply_by_app(CHANNEL, &ts, None, bot, "approved");
        slack.reply_by_app(CHANNEL, &ts, Some("U0NORA"), bot, "approved");
        slack.reply(CHANNEL, &ts, "U0BOT", "approved");
    });
    let harvest = read(&fake);
    let request = request(&harvest, &ts);
    assert_eq!(request.approvals.len(), 3);
    assert!(request.approvals.iter().all(|yes| yes.by.bot));
}

#[test]
fn messages_of_programs_are_requests_where_the_settings_say_so() {
    let fake = workspace();
    let form = "New change\n*Requested by:* <@U0IDA>\nSystem: api";
    let [known, silent] = fake.with(|slack| {
        slack.announce(CHANNEL, ("A0OTHER", "B0OTHER"), "deployed api");
        [
            slack.announce(CHANNEL, ("A0FORMS", "B0FORMS"), form),
            slack.announce(CHANNEL, ("A0FORMS", "B0FORMS"), "System: api"),
        ]
    });
    assert!(read(&fake).requests.is_empty());
    let settings = "replies_stay = true\napps = [\"A0FORMS\"]\n";
    // It may have been altered, and nothing would show.
    let harvest = read_with(&fake, settings, &now(&fake));
    assert_eq!(request(&harvest, &known).whole_history, Some(false));
    let settings = format!("{settings}apps_stay = true\n");
    let harvest = read_with(&fake, &settings, &now(&fake));
    assert_eq!(harvest.requests.len(), 2);
    let known = request(&harvest, &known);
    assert_eq!(known.requester.as_ref().unwrap().account, "U0IDA");
    assert!(!known.requester.as_ref().unwrap().bot);
    assert_eq!(known.whole_history, None);
    // Whoever approves may have asked.
    let silent = request(&harvest, &silent);
    assert_eq!(silent.requester, None);
    assert_eq!(silent.whole_history, Some(false));
}

#[test]
fn a_program_shows_its_words_in_blocks() {
    let fake = workspace();
    let ts = fake.with(|slack| {
        let ts = slack.announce(CHANNEL, ("A0FORMS", "B0FORMS"), "A new request");
        slack.message(CHANNEL, &ts).more = serde_json::json!({
            "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "Resize the database"}, "fields": [
                    {"type": "mrkdwn", "text": "*Requester:*\n<@U0IDA>"}, {"type": "mrkdwn", "text": "*System*\nbooks"}]},
                {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                    {"type": "text", "text": "Environment: production"}]}]},
                {"type": "image", "alt_text": "PLIMSOLL-MARKER"}],
            "attachments": [
                {"fields": [{"title": "Window", "value": "2026-01-15T20:00Z/2026-01-15T22:00Z"}]},
                {"from_url": "https://x.test", "text": "System: unfurled"}],
        });
        ts
    });
    let settings = "replies_stay = true\napps = [\"B0FORMS\"]\n";
    let harvest = read_with(&fake, settings, &now(&fake));
    let request = request(&harvest, &ts);
    assert_eq!(request.names, ["books"]);
    assert_eq!(request.environments, ["production"]);
    assert!(request.window.is_some());
    assert_eq!(request.requester.as_ref().unwrap().account, "U0IDA");
}

#[test]
fn only_what_begins_as_a_request_is_one() {
    let fake = workspace();
    let ts = ask(&fake, "*Change:* open port 5432");
    ask(&fake, "lunch?");
    let settings = "replies_stay = true\nrequests_begin = [\"change\"]\n";
    let harvest = read_with(&fake, settings, &now(&fake));
    assert_eq!(harvest.requests.len(), 1);
    request(&harvest, &ts);
}

#[test]
fn kinds_states_and_confirmations_are_words_too() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432\nEmergency: yes");
    let settings =
        "replies_stay = true\n[kinds]\nsecurity = [\"sec ok\"]\n[sign_offs]\nqa = [\"tested\"]\n";
    fake.with(|slack| {
        for text in [
            "sec ok",
            "approved sec ok",
            "Tested.",
            "done",
            "reopened, it is not",
            "Root cause: a typo",
            "signed off\nRoot cause: a typo in the rule",
        ] {
            slack.reply(CHANNEL, &ts, "U0RAJ", text);
        }
    });
    let harvest = read_with(&fake, settings, &now(&fake));
    let request = request(&harvest, &ts);
    assert!(request.emergency);
    let kinds: Vec<_> = request
        .approvals
        .iter()
        .map(|yes| yes.kind.as_str())
        .collect();
    assert_eq!(kinds, ["security", "", "security"]);
    let steps: Vec<_> = request
        .transitions
        .iter()
        .map(|step| step.to.as_str())
        .collect();
    assert_eq!(steps, ["implemented", "reopened"]);
    let signed: Vec<_> = request
        .sign_offs
        .iter()
        .map(|one| (one.kind.as_str(), one.root_cause))
        .collect();
    assert_eq!(
        signed,
        [("qa", false), ("documented", true), ("signed-off", true)]
    );
}

#[test]
fn what_was_deleted_is_not_seen_and_so_nothing_is_proven() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432");
    let back = fake.with(|slack| {
        slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        slack.reply(CHANNEL, &ts, "U0NORA", "withdrawn")
    });
    fake.with(|slack| slack.delete(CHANNEL, &back));
    let harvest = read_with(&fake, "", &now(&fake));
    let request = request(&harvest, &ts);
    assert_eq!(approvals(request).len(), 1);
    assert_eq!(request.whole_history, Some(false));
    assert!(complete(&harvest));
    assert!(troubles(&harvest).contains("replies_stay"));
}

#[test]
fn a_request_that_was_deleted_is_given_up() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432\nSystem: api");
    fake.with(|slack| {
        slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        slack.delete(CHANNEL, &ts);
    });
    let harvest = read(&fake);
    let request = request(&harvest, &ts);
    assert_eq!(request.title, "(deleted)");
    assert_eq!(states(request), ["cancelled ?"]);
    assert_eq!(request.whole_history, Some(false));
    assert!(request.names.is_empty() && request.approvals.is_empty());
}

#[test]
fn notices_and_replies_that_went_to_the_channel_too_are_no_requests() {
    let fake = workspace();
    let ts = ask(&fake, "open port 5432");
    fake.with(|slack| {
        let notice = slack.say(CHANNEL, "U0SAM", "has joined the channel");
        slack.message(CHANNEL, &notice).more = serde_json::json!({"subtype": "channel_join"});
        let reply = slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        slack.message(CHANNEL, &reply).broadcast = true;
    });
    let harvest = read(&fake);
    assert_eq!(harvest.requests.len(), 1);
    assert_eq!(approvals(request(&harvest, &ts)).len(), 1);
}

#[test]
fn old_threads_cost_a_call_only_where_something_is_new() {
    let fake = workspace();
    let (quiet, woken) = (ask(&fake, "open port 1"), ask(&fake, "open port 2"));
    fake.with(|slack| {
        slack.reply(CHANNEL, &quiet, "U0NORA", "approved");
        slack.reply(CHANNEL, &woken, "U0NORA", "approved");
    });
    assert_eq!(read(&fake).requests.len(), 2);
    let read_at = fake.with(|slack| {
        slack.wait(40 * 24 * 3600);
        slack.now
    });
    let young = ask(&fake, "open port 3");
    fake.with(|slack| {
        slack.wait(3600);
        slack.reply(CHANNEL, &young, "U0NORA", "approved");
        slack.reply(CHANNEL, &woken, "U0NORA", "revoked");
    });
    let before = fake.calls("conversations.replies");
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    assert!(complete(&harvest));
    let ids: Vec<_> = harvest
        .requests
        .iter()
        .map(|one| one.id.to_string())
        .collect();
    assert_eq!(
        ids,
        [format!("{CHANNEL}-{woken}"), format!("{CHANNEL}-{young}")]
    );
    assert_eq!(fake.calls("conversations.replies") - before, 2);
    assert!(approvals(request(&harvest, &woken))[0].contains("withdrawn"));
    // Nothing new: what was said lately is looked at again, and the quiet one stays as it is known.
    let read_at = fake.with(|slack| {
        slack.wait(3600);
        slack.now
    });
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    assert_eq!(harvest.requests.len(), 2);
    // A reply that was altered there is seen without any mark in the list.
    fake.with(|slack| {
        let messages = slack.channels.get_mut(CHANNEL).unwrap();
        messages.retain(|one| one.thread.as_ref() != Some(&young));
    });
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    assert!(approvals(request(&harvest, &young)).is_empty());
    // A no by a reaction wakes it too, however old it is.
    fake.with(|slack| slack.react(CHANNEL, &quiet, "U0RAJ", "no_entry"));
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    assert_eq!(states(request(&harvest, &quiet)), ["rejected ?"]);
}

#[test]
fn a_thread_is_read_until_nothing_in_it_can_be_edited_any_more() {
    let day = 24 * 3600;
    let fake = workspace();
    let ts = ask(&fake, "open port 1");
    let reply = fake.with(|slack| {
        slack.wait(13 * day);
        slack.reply(CHANNEL, &ts, "U0NORA", "approved")
    });
    // Read the day before editing ends, edited then, read again long after.
    let read_at = fake.with(|slack| {
        slack.wait(13 * day);
        slack.now
    });
    fake.with(|slack| {
        slack.wait(day / 2);
        slack.edit(CHANNEL, &reply, "rejected");
        slack.wait(30 * day);
    });
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    let request = request(&harvest, &ts);
    assert!(request.approvals.is_empty());
    assert_eq!(states(request), ["rejected ?"]);
    // Read after that, it costs no call any more.
    let read_at = fake.with(|slack| slack.now);
    let harvest = read_with(&fake, "replies_stay = true\n", &after(&fake, read_at));
    assert!(harvest.requests.is_empty());
}

#[test]
fn a_reply_in_the_channel_leads_to_a_thread_from_before() {
    let fake = workspace();
    let ts = ask(&fake, "open port 1");
    fake.with(|slack| {
        slack.reply(CHANNEL, &ts, "U0NORA", "approved");
        slack.wait(100 * 24 * 3600);
        let back = slack.reply(CHANNEL, &ts, "U0NORA", "revoked");
        slack.message(CHANNEL, &back).broadcast = true;
    });
    let harvest = read_with(
        &fake,
        "replies_stay = true\nfrom = 2026-03-01\n",
        &now(&fake),
    );
    assert!(approvals(request(&harvest, &ts))[0].contains("withdrawn"));
}

#[test]
fn a_reply_that_was_edited_late_shows_that_replies_do_not_stay() {
    let fake = workspace();
    let ts = ask(&fake, "open port 1");
    let reply = fake.with(|slack| slack.reply(CHANNEL, &ts, "U0NORA", "approved"));
    fake.with(|slack| {
        slack.wait(20 * 24 * 3600);
        slack.edit(CHANNEL, &reply, "approved.");
    });
    let harvest = read(&fake);
    assert_eq!(request(&harvest, &ts).whole_history, Some(false));
    assert!(troubles(&harvest).contains("replies_stay"));
}

#[test]
fn pages_of_any_size_make_one_list() {
    let fake = workspace();
    for number in 0..7 {
        let ts = ask(&fake, &format!("open port {number}"));
        fake.with(|slack| {
            for user in ["U0NORA", "U0RAJ", "U0SAM"] {
                slack.reply(CHANNEL, &ts, user, "approved");
            }
        });
    }
    let whole = read(&fake);
    assert_eq!(whole.requests.len(), 7);
    for page in [1, 2, 3, 5] {
        fake.with(|slack| slack.page = page);
        assert_eq!(read(&fake), whole, "{page}");
    }
}
