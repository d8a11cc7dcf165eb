//! What the title block says.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::Text;

use super::build::sensitive;
use super::families::counted;
use super::label::whole;
use super::{Mark, Selection, Sensitive, Title};
use crate::inventory::Snapshot;

/// What a title block is made of, besides what is shown.
#[derive(Clone, Debug)]
pub struct Heading<'a> {
    /// What the diagram shows: `Inventory`.
    pub heading: String,
    /// The scan's number.
    pub scan: i64,
    /// When it was finished.
    pub finished: Timestamp,
    /// The scan with which it is compared.
    pub since: Option<(i64, Timestamp)>,
    /// What was asked for: `environment production`.
    pub asked: Vec<String>,
    /// What is marked.
    pub marks: Option<&'a std::collections::HashMap<u32, Mark>>,
}

/// The title block of a diagram.
pub fn title(heading: &Heading<'_>, snapshot: &Snapshot, selection: &Selection) -> Title {
    let coverage = snapshot.coverage();
    let complete = coverage.iter().filter(|row| row.complete).count();
    let mut title = Title {
        heading: heading.heading.clone(),
        ..Title::default()
    };
    title.lines.push(format!(
        "Plimsoll scan {} · {}",
        heading.scan,
        minute(heading.finished)
    ));
    title.lines.push(match coverage.len() {
        0 => "Coverage: no scope was read".to_owned(),
        1 if complete == 1 => "Coverage: the only scope was read completely".to_owned(),
        all => format!("Coverage: {complete} of {all} scopes read completely"),
    });
    if !heading.asked.is_empty() {
        title
            .lines
            .push(format!("Shown: {}", heading.asked.join(", ")));
    }
    if let Some((scan, at)) = heading.since {
        title.lines.push(format!(
            "Changed since scan {scan} · {}: {}",
            minute(at),
            differing(heading)
        ));
    }
    if !selection.left_out.is_empty() {
        title.lines.push(format!(
            "Left out: {} (--details shows them)",
            kinds(&selection.left_out)
        ));
    }
    title.lines.push(data(snapshot, selection));
    const NAMED: usize = 4;
    let open: Vec<String> = coverage
        .iter()
        .filter(|row| !row.complete)
        .map(|row| whole(&format!("{}/{}", row.source, row.scope)))
        .collect();
    if !open.is_empty() {
        let mut names = open
            .iter()
            .take(NAMED)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if open.len() > NAMED {
            names.push_str(&format!(" and {} more", open.len() - NAMED));
        }
        title.warnings.push(format!("INCOMPLETE SCAN: {names} could not be read completely; more may be there, and what is drawn of it is the last known"));
    }
    title
}

/// A time to the minute.
pub(super) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn differing(heading: &Heading<'_>) -> String {
    let count = |mark: Mark| {
        heading.marks.map_or(0, |marks| {
            marks.values().filter(|one| **one == mark).count()
        })
    };
    format!(
        "{} added, {} removed, {} changed",
        count(Mark::Added),
        count(Mark::Removed),
        count(Mark::Modified)
    )
}

fn kinds(left_out: &BTreeMap<Text, usize>) -> String {
    let words: Vec<String> = left_out
        .iter()
        .map(|(kind, count)| counted(*count, &whole(kind)))
        .collect();
    words.join(", ")
}

/// What is known of sensitive data: that nobody said where it is, is said.
fn data(snapshot: &Snapshot, selection: &Selection) -> String {
    let all = selection
        .places
        .iter()
        .map(|at| sensitive(snapshot.asset(*at)));
    let mut counts: BTreeMap<Sensitive, usize> = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let count = |what| counts.get(&what).copied().unwrap_or_default();
    match (count(Sensitive::Yes), count(Sensitive::Unknown)) {
        (0, 0) if count(Sensitive::No) == 0 => {
            "Sensitive data: no source says where it is".to_owned()
        }
        (yes, 0) => format!("Sensitive data: on {}", counted(yes, "asset")),
        (yes, unknown) => format!(
            "Sensitive data: on {}; not known of {unknown}",
            counted(yes, "asset")
        ),
    }
}
