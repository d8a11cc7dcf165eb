//! What is worth telling because time went by: a source that is not read, and the daily word.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Text;

use super::occurrence::{About, Details, Occurrence, What};
use super::planner::Past;
use super::settings::Notify;
use super::words::stamp;
use crate::baseline::Severity;

/// What is known when time is looked at.
pub struct DueInput<'a> {
    /// The time.
    pub now: Timestamp,
    /// When each source was read.
    pub readings: &'a [Reading],
    /// When the first scan that is known was started.
    pub first_scan: Option<Timestamp>,
    /// How things stand; none where the daily word is not due.
    pub standing: Option<&'a Standing>,
    /// What was decided about sources before.
    pub past: &'a Past,
}

/// When a source was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The source.
    pub source: Text,
    /// Since when every scope of it has been read completely: the oldest of the scopes' last complete reads; none where
    /// one never was, or none is known.
    pub complete: Option<Timestamp>,
    /// What went wrong at the last read.
    pub troubles: Vec<Text>,
}

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when it is counted.
    pub since: Option<Timestamp>,
    /// Scans that were finished.
    pub scans: u64,
    /// When the last of all was.
    pub last: Option<Timestamp>,
    /// Changes that they saw, by verdict.
    pub changes: Vec<(Text, u64)>,
    /// Drifts that came.
    pub opened: u64,
    /// Drifts that went.
    pub resolved: u64,
    /// Open drifts, by severity, the worst first.
    pub open: Vec<(Severity, u64)>,
    /// Scopes that were read completely the last time.
    pub complete: u64,
    /// Scopes in all.
    pub scopes: u64,
}

/// What the time makes worth telling.
pub fn clock(input: &DueInput<'_>, settings: &Notify) -> Vec<Occurrence> {
    let mut all = Vec::new();
    for source in &settings.sources {
        let reading = input.readings.iter().find(|one| one.source == *source);
        let last = reading.and_then(|one| one.complete);
        let Some(from) = last.or(input.first_scan) else {
            // Nothing was ever scanned: there is no telling for how long.
            continue;
        };
        let subject = Text::from(format!("source:{source}"));
        let told = input.past.get(&subject).and_then(|told| told.last());
        let unread_now = told.is_some_and(|told| told.what == What::Unread);
        let limit = settings.unread_limit(source);
        let late = input.now.duration_since(from).unsigned_abs() > limit && input.now > from;
        let what = match (late, unread_now) {
            (true, false) => What::Unread,
            (false, true) => What::ReadAgain,
            _ => continue,
        };
        let troubles = reading.map_or_else(Vec::new, |one| one.troubles.clone());
        all.push(Occurrence {
            severity: Severity::High,
            asset: source.clone(),
            kind: Text::const_new("source"),
            name: source.clone(),
            details: Details {
                since: last,
                reasons: if late { troubles } else { Vec::new() },
                ..Details::default()
            },
            ..blank(subject, About::Source, what, input.now)
        });
    }
    if let Some(standing) = input.standing {
        all.push(daily(standing, input.now));
    }
    all
}

/// When the next source will have gone unread for longer than its limit, unless it is read before.
pub fn next_alarm(input: &DueInput<'_>, settings: &Notify) -> Option<Timestamp> {
    let alarms = settings.sources.iter().filter_map(|source| {
        let reading = input.readings.iter().find(|one| one.source == *source);
        let from = reading.and_then(|one| one.complete).or(input.first_scan)?;
        // A second more: it is to be passed.
        let limit = settings.unread_limit(source) + Duration::from_secs(1);
        from.checked_add(limit).ok()
    });
    alarms.filter(|at| *at > input.now).min()
}

fn daily(standing: &Standing, now: Timestamp) -> Occurrence {
    let bad = standing.scans == 0 || standing.complete < standing.scopes;
    let subject = Text::from(format!("heartbeat:{}", now.as_microsecond()));
    Occurrence {
        severity: if bad { Severity::Medium } else { Severity::Low },
        name: Text::const_new("plimsoll"),
        details: Details {
            note: Some(standing.words()),
            ..Details::default()
        },
        ..blank(subject, About::Heartbeat, What::Daily, now)
    }
}

impl Standing {
    /// How things stand, in a line: `scanned, nothing changed, coverage 14 of 14`.
    pub fn words(&self) -> Text {
        let mut words: Vec<String> = Vec::new();
        match (self.scans, self.last) {
            (0, Some(last)) => words.push(format!("not scanned since {}", stamp(last))),
            (0, None) => words.push("never scanned".to_owned()),
            (1, _) => words.push("scanned".to_owned()),
            (many, _) => words.push(format!("scanned {many} times")),
        }
        let changes: u64 = self.changes.iter().map(|(_, count)| count).sum();
        if changes == 0 && self.opened == 0 && self.resolved == 0 {
            if self.scans > 0 {
                words.push("nothing changed".to_owned());
            }
        } else {
            if changes > 0 {
                let by: Vec<String> = self
                    .changes
                    .iter()
                    .map(|(verdict, count)| format!("{count} {verdict}"))
                    .collect();
                let noun = if changes == 1 { "change" } else { "changes" };
                words.push(format!("{changes} {noun} ({})", by.join(", ")));
            }
            words.push(format!(
                "{} drifts opened, {} resolved",
                self.opened, self.resolved
            ));
        }
        let open: u64 = self.open.iter().map(|(_, count)| count).sum();
        if open > 0 {
            let by: Vec<String> = self
                .open
                .iter()
                .map(|(severity, count)| format!("{count} {}", severity.as_str()))
                .collect();
            words.push(format!("{open} drifts open ({})", by.join(", ")));
        }
        words.push(format!("coverage {} of {}", self.complete, self.scopes));
        Text::from(words.join(", "))
    }
}

fn blank(subject: Text, about: About, what: What, at: Timestamp) -> Occurrence {
    Occurrence {
        subject,
        about,
        what,
        at,
        scan: None,
        severity: Severity::Low,
        environment: None,
        role: None,
        team: None,
        controls: Vec::new(),
        asset: Text::default(),
        kind: Text::default(),
        name: Text::default(),
        verdict: None,
        verdict_before: None,
        change: None,
        early: false,
        details: Details::default(),
    }
}
