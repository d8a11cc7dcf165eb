//! `[[sources]]`: what is scanned.

use std::collections::BTreeMap;
use std::time::Duration;

use plimsoll_kit::{Collector, Registration};
use plimsoll_model::Text;
use plimsoll_settings::{Place, Section};

use super::reading::Reading;
use super::scan::{DEADLINES, ScanSettings};
use super::schedule::ScheduleSettings;
use crate::schedule::Timing;

/// The longest name: it heads lines of reports.
const LONGEST: usize = 64;

/// One configured collector, built.
pub struct Source {
    /// Its name: unique, of a–z, 0–9, `-` and `_`. History is kept under it.
    pub name: Text,
    /// The name of its collector.
    pub collector_name: &'static str,
    /// How long it may take.
    pub deadline: Duration,
    /// When `serve` scans it.
    pub timing: Timing,
    /// A digest of its collector's name and settings. Not to be shown: the settings may hold secrets.
    pub said: [u8; 32],
    /// Its collector with its settings. Nothing has been connected to.
    pub collector: Box<dyn Collector>,
}

/// The most sources of one inventory.
const MOST: usize = 1_000;

/// Reads every `[[sources]]`, builds their collectors, and gives those that are enabled.
pub(super) fn read(
    root: &Section<'_>,
    reading: &Reading<'_>,
    scan: &ScanSettings,
    schedule: &ScheduleSettings,
) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut names = BTreeMap::new();
    for (count, section) in root.tables("sources").into_iter().enumerate() {
        if count == MOST {
            let message = format!("there are more than {MOST} sources");
            let hint = Some("each takes its memory in every scan: read what belongs together by one, or keep another inventory".to_owned());
            section.mistake(section.place(), message, hint);
            break;
        }
        let name = name(&section, &mut names);
        let registration = registration(&section, reading.registrations);
        let enabled = section.bool("enabled").unwrap_or(true);
        let deadline = section
            .duration("deadline", DEADLINES)
            .unwrap_or(scan.deadline);
        let timing = schedule.of_source(&section, deadline);
        let settings = section.table_or_empty("settings");
        section.finish();
        let said = settings.said();
        // One that is not enabled is built too, so that its mistakes show before somebody needs it.
        let built = registration.and_then(|registration| {
            let collector = (registration.build)(&settings)?;
            Some((registration.name, collector))
        });
        if !enabled {
            continue;
        }
        if let (Some(name), Some((collector_name, collector)), Some(timing)) = (name, built, timing)
        {
            sources.push(Source {
                name,
                collector_name,
                deadline,
                timing,
                said: *blake3::hash(format!("{collector_name} {said}").as_bytes()).as_bytes(),
                collector,
            });
        }
    }
    sources
}

fn name(section: &Section<'_>, names: &mut BTreeMap<String, Place>) -> Option<Text> {
    let name = section.required_text("name", "give it one of its own; history is kept under it")?;
    let place = section.place_of("name");
    if !is_name(&name) {
        let hint = Some(match clean(&name) {
            clean if clean.is_empty() => "as `web-1`".to_owned(),
            clean => format!("as {clean:?}"),
        });
        let message = format!(
            "`name` takes a-z, 0-9, - and _, begins with a letter or digit, and is at most {LONGEST} long"
        );
        section.mistake(place, message, hint);
        return None;
    }
    if let Some(first) = names.get(&name) {
        let (first, second) = (section.line(*first), section.line(place));
        let message = format!("two sources are called {name:?}: on lines {first} and {second}");
        let hint = Some("give each a name of its own; history is kept under it".to_owned());
        section.mistake(place, message, hint);
        return None;
    }
    names.insert(name.clone(), place);
    Some(name.into())
}

fn registration(section: &Section<'_>, registrations: &[Registration]) -> Option<Registration> {
    let choices: Vec<(&str, Registration)> =
        registrations.iter().map(|one| (one.name, *one)).collect();
    if !section.has("collector") {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        section.missing("collector", &format!("one of {}", words.join(", ")));
    }
    section.choice("collector", &choices)
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST && name == clean(name)
}

/// The name nearest to a text; empty where the text has nothing that a name may have.
pub(super) fn clean(text: &str) -> String {
    let mut name = String::new();
    for char in text.chars() {
        match char.to_ascii_lowercase() {
            char @ ('a'..='z' | '0'..='9' | '-' | '_') => name.push(char),
            _ => name.push('-'),
        }
    }
    let name = name.trim_start_matches(['-', '_']);
    name.chars().take(LONGEST).collect()
}
