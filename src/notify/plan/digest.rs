//! Much in one message.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use plimsoll_model::Text;

use super::message::{Line, Message, Part, Tone};
use super::occurrence::Occurrence;
use super::settings::Notify;
use super::words;
use crate::baseline::Severity;

/// How many occurrences are named one by one; the others are counted.
const NAMED: usize = 15;

/// One message that tells many occurrences: the worst by name, all by their counts.
pub fn digest(told: &[&Occurrence], title: &str, settings: &Notify) -> Message {
    let mut worst: Vec<&Occurrence> = told.to_vec();
    worst.sort_by_key(|one| (Reverse(one.severity), one.at));
    let mut counts: BTreeMap<(Reverse<Severity>, &'static str, &str), usize> = BTreeMap::new();
    for one in told {
        let control = one.controls.first().map_or_else(
            || one.verdict.map_or("", |verdict| verdict.as_str()),
            Text::as_str,
        );
        let key = (Reverse(one.severity), one.what.as_str(), control);
        *counts.entry(key).or_default() += 1;
    }
    let most = counts.len();
    let mut lines: Vec<Text> = counts
        .iter()
        .take(NAMED)
        .map(|((severity, what, control), count)| {
            format!("{count} × {} {what} {control}", severity.0.as_str()).into()
        })
        .collect();
    if most > NAMED {
        lines.push(format!("and {} kinds more", most - NAMED).into());
    }
    let named = worst.iter().take(NAMED).map(|one| {
        let message = words::message(one, &[], settings);
        Line {
            mark: Text::const_new(one.severity.as_str()),
            text: Text::from(format!("{}, {}", message.title, message.headline)),
        }
    });
    let mut named: Vec<Line> = named.collect();
    if told.len() > NAMED {
        named.push(Line {
            mark: Text::default(),
            text: Text::from(format!("and {} more", told.len() - NAMED)),
        });
    }
    let base = settings.review_url.as_deref();
    let link = base.map(|base| {
        let page = Text::from(format!("{}/", base.trim_end_matches('/')));
        (Text::const_new("Open Plimsoll"), page)
    });
    let severity = worst.first().map_or(Severity::Low, |one| one.severity);
    Message {
        title: title.into(),
        headline: title.into(),
        tone: Tone::Plain,
        severity,
        fields: Vec::new(),
        parts: vec![Part {
            heading: Text::const_new("In all"),
            lines,
        }],
        lines: named,
        link,
        footer: Text::default(),
        since: Vec::new(),
        occurrence: None,
    }
}
