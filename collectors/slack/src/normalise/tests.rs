use plimsoll_kit::settings::Document;

use super::*;

fn settings(more: &str) -> Settings {
    let text = format!("channels = [\"C0CHG\"]\nreplies_stay = true\n{more}");
    let document = Document::new("s.toml", text);
    document.read(Settings::read).unwrap().unwrap()
}

fn message(json: &str) -> Message {
    serde_json::from_str(json).unwrap()
}

/// The request of messages, the first one first.
fn made(messages: &[&str], more: &str) -> Made {
    let mut messages = messages.iter().map(|json| message(json));
    let thread = Thread {
        first: messages.next().unwrap(),
        replies: messages.collect(),
        cut: None,
    };
    request("C0CHG", thread, &settings(more), &Place::default()).unwrap()
}

#[test]
fn links_lead_to_the_vendor_or_nowhere() {
    let link = |url| Place::of(url).link("C0CHG", "1768420000.000200");
    assert_eq!(
        link(Some("https://acme.slack.com/")).as_deref(),
        Some("https://acme.slack.com/archives/C0CHG/p1768420000000200")
    );
    for odd in [
        None,
        Some("https://evil.test/"),
        Some("https://evil.test/.slack.com"),
        Some("http://acme.slack.com/"),
        Some("https://joe:pw@acme.slack.com/"),
    ] {
        assert_eq!(link(odd), None, "{odd:?}");
    }
}

#[test]
fn a_title_is_the_first_line_that_says_something() {
    let title = |text: &str| asked::title(text).to_string();
    assert_eq!(title("\n---\n  open   port 1\nmore"), "open port 1");
    assert_eq!(title("*open* the *port: 1*"), "open the port: 1");
    assert_eq!(title("open *.x.test"), "open *.x.test");
    assert_eq!(title(""), "(no text)");
    assert_eq!(title(&"é".repeat(500)).chars().count(), TITLE + 1);
}

#[test]
fn what_is_quoted_or_struck_out_is_not_asked_for() {
    let text = r#"{"ts":"1.0","user":"U0IDA","text":"&gt; System: old\nas above, but\nSystem: new\n~System: other~"}"#;
    let made = made(&[text], "");
    assert_eq!(made.request.names, ["new"]);
    assert_eq!(made.request.title, "as above, but");
}

#[test]
fn whoever_is_named_beside_the_sender_had_a_part_in_it() {
    let text = r#"{"ts":"1.0","user":"U0IDA","text":"x\nRequester: <@U0NORA> and <@U0RAJ>\nAssignee: <@U0SAM>, Ben"}"#;
    let made = made(&[text], "");
    assert_eq!(made.request.requester.unwrap().account, "U0IDA");
    let authors: Vec<_> = made.request.authors.iter().map(|it| &it.account).collect();
    assert_eq!(authors, ["U0NORA", "U0RAJ"]);
    assert_eq!(made.request.implementers.len(), 1);
    // Who Ben is, nobody says.
    assert_eq!(made.request.whole_history, Some(false));
}

#[test]
fn replies_count_in_order_of_their_times_and_reactions_before_all() {
    let made = made(
        &[
            r#"{"ts":"1.0","user":"U0IDA","text":"x","reactions":[{"name":"+1","users":["U0RAJ","USLACK"],"count":2}]}"#,
            r#"{"ts":"2.0","user":"U0NORA","text":"approved"}"#,
            r#"{"ts":"3.0","user":"U0RAJ","text":"withdrawn"}"#,
        ],
        "",
    );
    let approvals = made.request.approvals;
    assert_eq!(approvals.len(), 3);
    let withdrawn: Vec<_> = approvals
        .iter()
        .filter(|yes| yes.withdrawn.is_some())
        .collect();
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(withdrawn[0].by.account, "U0RAJ");
    assert!(made.request.transitions.is_empty());
}

#[test]
fn the_services_own_account_is_a_program() {
    let made = made(
        &[
            r#"{"ts":"1.0","user":"U0IDA","text":"x"}"#,
            r#"{"ts":"2.0","user":"USLACKBOT","text":"approved"}"#,
            r#"{"ts":"3.0","user":"USLACKBOT","subtype":"slackbot_response","text":"approved"}"#,
        ],
        "",
    );
    assert_eq!(made.request.approvals.len(), 1);
    assert!(made.request.approvals[0].by.bot);
    let reminder = message(r#"{"ts":"1.0","user":"USLACKBOT","text":"Reminder: open port 1"}"#);
    assert!(!is_request(&reminder, &settings("")));
}

#[test]
fn a_reply_of_an_unknown_kind_may_be_a_no_and_is_no_yes() {
    let made = made(
        &[
            r#"{"ts":"1.0","user":"U0IDA","text":"x"}"#,
            r#"{"ts":"2.0","user":"U0NORA","text":"approved","subtype":"new_kind"}"#,
            r#"{"ts":"3.0","user":"U0NORA","text":"rejected","subtype":"new_kind"}"#,
            r#"{"ts":"4.0","user":"U0NORA","text":"has joined","subtype":"channel_join"}"#,
        ],
        "",
    );
    assert!(made.request.approvals.is_empty());
    assert_eq!(made.request.transitions.len(), 1);
}

#[test]
fn a_reply_of_nobody_leaves_a_doubt() {
    let made = made(
        &[
            r#"{"ts":"1.0","user":"U0IDA","text":"x"}"#,
            r#"{"ts":"2.0","text":"approved"}"#,
        ],
        "",
    );
    assert!(made.request.approvals.is_empty());
    assert_eq!(made.request.whole_history, Some(false));
}

#[test]
fn more_reactions_than_names_leave_a_doubt() {
    let text =
        r#"{"ts":"1.0","user":"U0IDA","text":"x","reactions":[{"name":"x","users":[],"count":2}]}"#;
    assert_eq!(made(&[text], "").request.whole_history, Some(false));
    let other = text.replace("\"name\":\"x\"", "\"name\":\"eyes\"");
    assert_eq!(made(&[&other], "").request.whole_history, None);
}

#[test]
fn a_message_without_a_time_is_no_request() {
    let thread = Thread {
        first: message(r#"{"ts":"x","user":"U0IDA","text":"x"}"#),
        replies: Vec::new(),
        cut: None,
    };
    let made = request("C0CHG", thread, &settings(""), &Place::default());
    assert!(made.is_err());
}
