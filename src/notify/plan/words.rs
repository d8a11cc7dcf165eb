//! What is said of an occurrence.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::message::{Line, Message, Part, Tone};
use super::occurrence::{About, Details, Occurrence, What};
use super::settings::Notify;
use crate::baseline::Severity;
use crate::report::Verdict;

/// How many drifts of one change are told in full.
const DRIFTS: usize = 5;

/// The message for an occurrence, with the drifts that it brought.
pub fn message(occurrence: &Occurrence, with: &[&Occurrence], settings: &Notify) -> Message {
    let details = &occurrence.details;
    let (tone, title, headline) = head(occurrence);
    let worst = with
        .iter()
        .fold(occurrence.severity, |worst, one| worst.max(one.severity));
    let mut message = Message {
        title,
        headline,
        tone,
        severity: worst,
        fields: fields(occurrence, worst),
        parts: Vec::new(),
        lines: Vec::new(),
        link: link(occurrence, settings),
        footer: footer(occurrence),
        since: Vec::new(),
        occurrence: Some(Box::new(occurrence.clone())),
    };
    match occurrence.about {
        About::Change => change(&mut message, occurrence, with),
        About::Drift => drift(&mut message, details),
        About::Source | About::Heartbeat | About::Sample => {
            let note = details.note.iter();
            let note = note.map(|note| Part::line(Text::default(), note.clone()));
            message.parts.extend(note);
            let troubles = details.reasons.iter();
            message.lines.extend(troubles.map(|text| Line {
                mark: Text::default(),
                text: text.clone(),
            }));
        }
    }
    message
}

/// A sample: what a message looks like, without anything having happened.
pub fn sample(settings: &Notify, now: Timestamp) -> Message {
    let occurrence = Occurrence {
        subject: Text::from(format!("sample:{}", now.as_microsecond())),
        about: About::Sample,
        what: What::Sample,
        at: now,
        scan: None,
        severity: Severity::Low,
        environment: None,
        role: None,
        team: None,
        controls: Vec::new(),
        asset: Text::const_new("plimsoll"),
        kind: Text::const_new("sample"),
        name: Text::const_new("plimsoll"),
        verdict: None,
        verdict_before: None,
        change: None,
        early: false,
        details: Details {
            note: Some(Text::const_new(
                "This is a sample: nothing happened. Messages of this channel come here.",
            )),
            ..Details::default()
        },
    };
    message(&occurrence, &[], settings)
}

/// Says that its subject comes and goes again and again, and what is told of it from now on.
pub(super) fn say_flapping(message: &mut Message, settings: &Notify) {
    let hours = settings.flapping.within.as_secs().div_ceil(3_600);
    let times = settings.flapping.times;
    message.title = Text::from(format!("Comes and goes: {}", message.title));
    message.parts.push(Part::line(
        "Again and again",
        format!(
            "It came and went {times} times within {hours} h. No more is told of it until it has been calm for as long."
        ),
    ));
}

fn head(occurrence: &Occurrence) -> (Tone, Text, Text) {
    let Occurrence {
        name,
        what,
        details,
        verdict,
        ..
    } = occurrence;
    let at = stamp(occurrence.at);
    let place = match &occurrence.environment {
        Some(environment) => format!("{name} ({environment})"),
        None => name.to_string(),
    };
    let control = occurrence.controls.first().map_or("", Text::as_str);
    let (tone, title, headline) = match what {
        What::Opened | What::Reopened => {
            let word = match (details.unknown, what) {
                (true, _) => "Not known",
                (false, What::Reopened) => "Drift is back",
                (false, _) => "Drift",
            };
            let headline = match what {
                What::Reopened => format!("back since {at}"),
                _ => format!("open since {at}"),
            };
            (Tone::Bad, format!("{word}: {control} on {place}"), headline)
        }
        What::Resolved => (
            Tone::Good,
            format!("Resolved: {control} on {place}"),
            format!("resolved at {at}"),
        ),
        What::Waived => {
            let until = details
                .until
                .map_or(String::new(), |until| format!(" until {}", stamp(until)));
            (
                Tone::Plain,
                format!("Waived: {control} on {place}"),
                format!("waived{until}"),
            )
        }
        What::Unasked => (
            Tone::Plain,
            format!("No longer asked: {control} on {place}"),
            format!("not asked since {at}, and not known to hold"),
        ),
        What::Seen | What::Judged => {
            let verdict = verdict.unwrap_or(Verdict::Unproven);
            let tone = match verdict {
                Verdict::Unapproved | Verdict::Overdue => Tone::Bad,
                Verdict::Approved => Tone::Good,
                _ => Tone::Plain,
            };
            let word = capital(match verdict {
                Verdict::NotRequired => "change without need of approval",
                Verdict::Approved => "approved change",
                Verdict::Unapproved => "unapproved change",
                Verdict::Pending => "change, approval pending",
                Verdict::Overdue => "change, approval overdue",
                Verdict::Unproven => "change without proof of approval",
            });
            let request = details.request.as_ref();
            let by = request.map_or(String::new(), |request| format!(" by {request}"));
            let headline = match occurrence.verdict_before {
                Some(before) => format!(
                    "{}{by} since {at}, was {}",
                    verdict.as_str(),
                    before.as_str()
                ),
                None => format!("{}{by}", verdict.as_str()),
            };
            (tone, format!("{word}: {place}"), headline)
        }
        What::Unread => {
            let since = details.since.map_or("ever".to_owned(), stamp);
            (
                Tone::Bad,
                format!("Source not read: {name}"),
                format!("not read completely since {since}"),
            )
        }
        What::ReadAgain => (
            Tone::Good,
            format!("Source is read again: {name}"),
            format!("read completely at {at}"),
        ),
        What::Daily => {
            let tone = if occurrence.severity >= Severity::Medium {
                Tone::Bad
            } else {
                Tone::Plain
            };
            let note = details.note.clone().unwrap_or_default();
            (tone, format!("How things stand: {note}"), note.to_string())
        }
        What::Sample => (
            Tone::Plain,
            "A sample from Plimsoll".to_owned(),
            "sample".to_owned(),
        ),
    };
    (tone, title.into(), headline.into())
}

fn fields(occurrence: &Occurrence, worst: Severity) -> Vec<(Text, Text)> {
    let mut fields = Vec::new();
    let mut put = |name: &'static str, value: Option<Text>| {
        if let Some(value) = value {
            fields.push((Text::const_new(name), value));
        }
    };
    let placed = matches!(occurrence.about, About::Drift | About::Change);
    if placed {
        put("Severity", Some(Text::const_new(worst.as_str())));
        let environment = occurrence.environment.clone();
        put(
            "Environment",
            Some(environment.unwrap_or(Text::const_new("not known"))),
        );
        put("Role", occurrence.role.clone());
        put("Team", occurrence.team.clone());
    }
    if occurrence.about == About::Change {
        let actor = occurrence.details.actor.clone();
        put(
            "Made by",
            Some(actor.unwrap_or(Text::const_new("not known"))),
        );
        let request = occurrence.details.request.clone();
        put("Request", Some(request.unwrap_or(Text::const_new("none"))));
    } else if occurrence.about == About::Drift {
        put("Made by", occurrence.details.actor.clone());
        let verdict = occurrence
            .verdict
            .map(|verdict| Text::const_new(verdict.as_str()));
        put(
            "Change",
            verdict
                .zip(occurrence.change)
                .map(|(verdict, id)| Text::from(format!("{id}, {verdict}"))),
        );
    }
    fields
}

fn drift(message: &mut Message, details: &Details) {
    let parts = [
        ("Expected", &details.expected),
        ("Actual", &details.actual),
        ("Why", &details.note),
        ("Known by", &details.evidence),
    ];
    for (heading, text) in parts {
        if let Some(text) = text {
            message.parts.push(Part::line(heading, text.clone()));
        }
    }
}

fn change(message: &mut Message, occurrence: &Occurrence, with: &[&Occurrence]) {
    let details = &occurrence.details;
    let mut what: Vec<Text> = details.paths.clone();
    if details.more_paths > 0 {
        what.push(format!("and {} more", details.more_paths).into());
    }
    if what.is_empty() {
        what.extend(details.changed.clone());
    }
    message.parts.push(Part {
        heading: Text::const_new("What changed"),
        lines: what,
    });
    if let Some(before) = details.before {
        let when = match details.after {
            Some(after) => format!("between {} and {}", stamp(after), stamp(before)),
            None => format!("before {}", stamp(before)),
        };
        message.parts.push(Part::line("When", when));
    }
    for drift in with.iter().take(DRIFTS) {
        let heading = format!(
            "{} ({})",
            drift.controls.first().map_or("", Text::as_str),
            drift.severity.as_str()
        );
        let expected = drift.details.expected.as_deref().unwrap_or_default();
        let actual = drift.details.actual.as_deref().unwrap_or_default();
        message.parts.push(Part {
            heading: heading.into(),
            lines: vec![
                format!("expected {expected}").into(),
                format!("actual {actual}").into(),
            ],
        });
    }
    if with.len() > DRIFTS {
        let more = format!("and {} drifts more", with.len() - DRIFTS);
        message.parts.push(Part::line(Text::default(), more));
    }
    if !details.reasons.is_empty() {
        message.parts.push(Part {
            heading: Text::const_new("Why"),
            lines: details.reasons.clone(),
        });
    }
    if let Some(nearest) = &details.nearest {
        message.parts.push(Part::line(
            "Nearest request, which does not cover it",
            nearest.clone(),
        ));
    }
}

/// The page of what it is about.
fn link(occurrence: &Occurrence, settings: &Notify) -> Option<(Text, Text)> {
    let base = settings.review_url.as_deref()?.trim_end_matches('/');
    let (name, path) = match (occurrence.about, occurrence.change) {
        (About::Change, Some(id)) => (format!("Review change {id}"), format!("/changes/{id}")),
        (About::Drift, _) => (
            "Review the drift".to_owned(),
            format!("/systems/{}", encode(&occurrence.asset)),
        ),
        _ => ("Open Plimsoll".to_owned(), "/".to_owned()),
    };
    Some((name.into(), Text::from(format!("{base}{path}"))))
}

/// A text as one segment of a path.
fn encode(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b'@' => {
                made.push(char::from(byte))
            }
            _ => made.push_str(&format!("%{byte:02X}")),
        }
    }
    made
}

fn footer(occurrence: &Occurrence) -> Text {
    let scan = occurrence
        .scan
        .map_or(String::new(), |scan| format!("scan {scan}, "));
    let asset = match occurrence.about {
        About::Drift | About::Change => format!("{}, ", occurrence.asset),
        _ => String::new(),
    };
    Text::from(format!("{asset}{scan}{}", stamp(occurrence.at)))
}

pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
