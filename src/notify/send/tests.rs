//! What messages look like, and that nothing makes them larger or louder than they may be.

use jiff::Timestamp;
use plimsoll_model::Text;
use serde_json::Value;

use super::slack::{fallback, plain};
use super::{Post, Sender as _, Sent, cloudevents, email, pagerduty, teams};
use crate::baseline::Severity;
use crate::notify::plan::tests::{change, drift, settings, slack};
use crate::notify::plan::{
    Details, Email, Line, Message, Occurrence, Part, Security, Since, Tone, What, message,
};
use crate::report::Verdict;

fn json(made: impl serde::Serialize) -> Value {
    serde_json::to_value(made).unwrap()
}

fn blocks(message: &Message) -> Value {
    json(super::slack::blocks(message))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A change that nobody approved, with a drift that it brought.
fn real() -> Message {
    let seen = Occurrence {
        at: at("2026-03-14T09:12:00Z"),
        scan: Some(412),
        asset: "container:web-1/shop/api".into(),
        name: "api".into(),
        details: Details {
            changed: Some("container modified".into()),
            paths: vec![
                "privileged: no → yes".into(),
                "ports[0.0.0.0:22/tcp]: (none) → {container: 22/tcp}".into(),
            ],
            actor: Some("ops@example.com (docker update)".into()),
            after: Some(at("2026-03-14T09:07:00Z")),
            before: Some(at("2026-03-14T09:12:00Z")),
            reasons: vec![
                "change-approved: no request covers it; missing: an approval by cto before the change".into(),
            ],
            nearest: Some(
                "jira SHOP-481 “Open a debug port on api”: names the system, and its window ended 2026-03-13 18:00 UTC".into(),
            ),
            ..Details::default()
        },
        ..change(118, Verdict::Unapproved)
    };
    let brought = Occurrence {
        controls: vec!["least-privilege".into()],
        change: Some(118),
        details: Details {
            expected: Some(
                "not privileged, no host namespace, no capability beyond the usual".into(),
            ),
            actual: Some("privileged".into()),
            ..Details::default()
        },
        ..drift("container:web-1/shop/api", What::Opened, Severity::Critical)
    };
    message(&seen, &[&brought], &settings(vec![slack("ops")]))
}

fn hostile() -> Message {
    let bad = "<!channel> & <@U0123456789> <at>all</at> \u{202e}\r\nBcc: x\u{1b}[31m".repeat(400);
    let text = || Text::from(bad.as_str());
    Message {
        title: text(),
        headline: text(),
        tone: Tone::Bad,
        severity: Severity::Critical,
        fields: vec![("Role".into(), text()); 30],
        parts: vec![
            Part {
                heading: text(),
                lines: vec![text(), text()]
            };
            120
        ],
        lines: vec![
            Line {
                mark: "low".into(),
                text: text()
            };
            500
        ],
        link: Some((
            "Review".into(),
            "https://plimsoll.example.org/changes/1".into(),
        )),
        footer: text(),
        since: vec![
            Since {
                subject: text(),
                name: text(),
                standing: text(),
                good: false
            };
            40
        ],
        occurrence: None,
    }
}

fn post(message: &Message) -> Post<'_> {
    Post {
        key: "0123456789abcdef",
        subject: "change:118",
        at: at("2026-03-14T09:12:00Z"),
        message,
        thread: None,
    }
}

#[test]
fn the_documented_message_is_the_real_one() {
    let docs = include_str!("../../../docs/concepts/notices.md");
    let made = serde_json::to_string_pretty(&blocks(&real())).unwrap();
    assert_eq!(
        include_str!("../../../docs/pictures/notice.json").trim_end(),
        made,
        "docs/pictures/notice.json is not what is sent"
    );
    let text = shown(&blocks(&real()));
    assert!(
        docs.contains(&text),
        "docs/concepts/notices.md should hold this:\n{text}"
    );
    let text = fallback(&real());
    let text = text.as_str();
    assert!(
        docs.contains(text),
        "docs/concepts/notices.md should hold this:\n{text}"
    );
    let mail = email::body(&real());
    let mail = mail.as_str();
    assert!(
        docs.contains(mail.trim_end()),
        "docs/concepts/notices.md should hold this:\n{mail}"
    );
}

/// How Slack shows blocks, in letters.
fn shown(blocks: &Value) -> String {
    const WIDE: usize = 94;
    let text = |value: &Value| -> String {
        let text = value["text"]
            .as_str()
            .unwrap()
            .replace(":red_circle:", "🔴");
        let text = text.replace(":large_green_circle:", "🟢").replace('*', "");
        // A link shows its name.
        match text.strip_prefix('<').and_then(|link| link.split_once('|')) {
            Some((_, name)) => name.trim_end_matches('>').to_owned(),
            None => text,
        }
    };
    let mut lines: Vec<String> = Vec::new();
    for block in blocks.as_array().unwrap() {
        if let Some(fields) = block["fields"].as_array() {
            for pair in fields.chunks(2) {
                let cells: Vec<String> = pair.iter().map(text).collect();
                for row in 0..2 {
                    let cell = |at: usize| {
                        cells
                            .get(at)
                            .and_then(|cell| cell.lines().nth(row))
                            .unwrap_or_default()
                    };
                    lines.push(format!("{:<44}{}", cell(0), cell(1)));
                }
            }
        } else if let Some(elements) = block["elements"].as_array() {
            let all: Vec<String> = elements.iter().map(text).collect();
            lines.push(all.join("   "));
        } else {
            for line in text(&block["text"]).lines() {
                let mut rest = String::new();
                for word in line.split(' ') {
                    if rest.chars().count() + word.chars().count() + 1 > WIDE {
                        lines.push(std::mem::take(&mut rest));
                    }
                    if !rest.is_empty() {
                        rest.push(' ');
                    }
                    rest.push_str(word);
                }
                lines.push(rest);
            }
        }
        lines.push(String::new());
    }
    lines.pop();
    let lines = lines
        .iter()
        .map(|line| format!("│ {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn whatever_comes_slacks_caps_hold_and_nobody_is_mentioned() {
    for message in [real(), hostile()] {
        let blocks = blocks(&message);
        let blocks = blocks.as_array().unwrap();
        let all: usize = blocks
            .iter()
            .map(|one| one.to_string().chars().count())
            .sum();
        assert!(blocks.len() <= 50 && all < 13_000, "{} {all}", blocks.len());
        for block in blocks {
            let long = |text: &Value| text["text"].as_str().map_or(0, |text| text.chars().count());
            let header = block["type"] == "header";
            assert!(long(&block["text"]) <= if header { 150 } else { 3_000 });
            for list in ["fields", "elements"] {
                let list = block[list].as_array().cloned().unwrap_or_default();
                assert!(list.len() <= 10 && list.iter().all(|one| long(one) <= 2_000));
            }
            if !header {
                let text = block.to_string();
                assert!(!text.contains("<!") && !text.contains("<@") && !text.contains('\u{202e}'));
            }
        }
        for text in [fallback(&message), plain(&message)] {
            let text = text.as_str();
            assert!(text.chars().count() <= 4_000 && !text.contains("<!") && !text.contains("<@"));
        }
    }
    // The context with the link is there, however much there is.
    assert_eq!(
        blocks(&hostile()).as_array().unwrap().last().unwrap()["type"],
        "context"
    );
}

#[test]
fn whatever_comes_the_others_caps_hold() {
    let hostile = hostile();
    let card = json(teams::card(&hostile)).to_string();
    assert!(
        card.len() <= 28 * 1024 && !card.contains("<at>"),
        "{}",
        card.len()
    );
    let event = json(pagerduty::event(&post(&hostile)));
    let summary = event["payload"]["summary"].as_str().unwrap();
    assert!(summary.chars().count() <= 1_024 && event.to_string().len() < 512 * 1024);
    let subject = email::subject(&hostile);
    let subject = subject.as_str();
    assert!(
        subject.chars().count() <= 200 && !subject.contains(['\r', '\n']),
        "{subject}"
    );
    let made = json(cloudevents::event(&post(&hostile)));
    assert_eq!(made["id"], "0123456789abcdef");
    let long = "x".repeat(300);
    let long = Post {
        subject: &long,
        ..post(&hostile)
    };
    assert!(
        json(pagerduty::event(&long))["dedup_key"]
            .as_str()
            .unwrap()
            .len()
            <= 255
    );
}

/// Every text in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        Value::Object(all) => all.values().for_each(|one| texts(one, found)),
        _ => {}
    }
}

#[test]
fn a_value_with_line_breaks_and_marks_forges_nothing_anywhere() {
    let forged = "b\r\n\r\n*Why*\nWhy:\n# Why\n:large_green_circle: *approved by SHOP-1*\n~unapproved~\u{2028}\u{202e}x";
    let seen = Occurrence {
        name: format!("api =?utf-8?q?approved?= {forged}").as_str().into(),
        asset: forged.into(),
        details: Details {
            paths: vec![format!("image: a → {forged}").into()],
            actor: Some(forged.into()),
            nearest: Some(forged.into()),
            reasons: vec!["no request covers it".into(), forged.into()],
            ..Details::default()
        },
        ..change(118, Verdict::Unproven)
    };
    let message = message(&seen, &[], &settings(vec![slack("ops")]));
    let mut slack = Vec::new();
    let mut made = blocks(&message);
    // The header is `plain_text` without emoji: there is nothing that it could be taken for.
    let header = made.as_array_mut().unwrap().remove(0);
    assert_eq!(header["text"]["type"], "plain_text");
    assert_eq!(header["text"]["emoji"], false);
    assert!(!header["text"]["text"].as_str().unwrap().contains('\n'));
    texts(&made, &mut slack);
    slack.extend([fallback(&message), plain(&message)].map(|text| text.as_str().to_owned()));
    for text in &slack {
        for line in text.lines() {
            assert!(
                !line.starts_with("*approved") && !line.starts_with('~'),
                "{text}"
            );
            assert!(
                !line.contains("large_green_circle:") || line.contains('∶'),
                "{text}"
            );
        }
        // The heading that is ours stands once, and before our own words.
        assert!(
            !text.contains("*Why*\nWhy") && !text.contains('\u{202e}'),
            "{text}"
        );
    }
    let headings = slack
        .iter()
        .filter(|text| text.starts_with("*Why*\n"))
        .count();
    assert_eq!(headings, 1, "{slack:#?}");
    let mail = email::body(&message);
    let headings = mail
        .as_str()
        .lines()
        .filter(|line| line.trim() == "Why:")
        .count();
    assert_eq!(headings, 1, "{mail:?}");
    assert!(!email::subject(&message).as_str().contains("=?"));
    let mut others = Vec::new();
    texts(&json(teams::card(&message)), &mut others);
    texts(&json(pagerduty::event(&post(&message))), &mut others);
    texts(&json(cloudevents::event(&post(&message))), &mut others);
    for text in &others {
        assert!(!text.contains(['\u{202e}', '\u{2028}', '\r']), "{text:?}");
        let forged = |line: &str| line.starts_with(['#', '~', '*', ':']) || line == "Why:";
        assert!(!text.lines().any(forged), "{text:?}");
    }
}

#[test]
fn a_message_that_was_stored_before_its_lines_were_told_apart_is_read() {
    let mut stored = serde_json::to_value(real()).unwrap();
    stored["parts"] = serde_json::json!([["Why", "a\nb"]]);
    let read: Message = serde_json::from_value(stored).unwrap();
    assert_eq!(read.parts, [Part::line("Why", "a\nb")]);
    let again = serde_json::to_value(real()).unwrap();
    assert_eq!(serde_json::from_value::<Message>(again).unwrap(), real());
}

#[test]
fn a_thread_says_how_things_stand_and_what_was_before() {
    let mut message = real();
    let since = |subject: &str, standing: &str, good| Since {
        subject: subject.into(),
        name: "least-privilege".into(),
        standing: standing.into(),
        good,
    };
    let drift = "drift:least-privilege/least-privilege@container:web-1/shop/api";
    // That a drift is resolved makes no change approved.
    message.since = vec![since(drift, "resolved at noon", true)];
    let first = blocks(&message)[1]["text"]["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        first,
        ":red_circle: unapproved\n:large_green_circle: least-privilege: resolved at noon"
    );
    message.since.extend([
        since("change:118", "pending by SHOP-482", false),
        since("change:118", "approved by SHOP-482", true),
        since(drift, "back since one", false),
    ]);
    let first = blocks(&message)[1]["text"]["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        first,
        ":large_green_circle: *approved by SHOP-482*\n~unapproved~\n~pending by SHOP-482~\n\
         :white_circle: least-privilege: back since one"
    );
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_is_not_waited_for_without_end() {
    // The system takes the connection, and nobody speaks.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let email = Email {
        host: "127.0.0.1".to_owned(),
        port: silent.local_addr().unwrap().port(),
        security: Security::Plain,
        user: None,
        password: None,
        from: "plimsoll@example.org".to_owned(),
        to: vec!["ops@example.org".to_owned()],
        ca_file: None,
    };
    let mut mail = email::Mail::new(&email, None).unwrap();
    mail.patience = std::time::Duration::from_millis(50);
    let sent = mail.send(&post(&real())).await;
    assert!(
        matches!(&sent, Sent::Unsure { why } if why.contains("no answer")),
        "{sent:?}"
    );
}
