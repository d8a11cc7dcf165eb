//! What is found here, for a configuration that names no sources.

use std::collections::BTreeSet;

use plimsoll_kit::{Collector, Found, Registration};
use plimsoll_model::Text;
use plimsoll_settings::{Document, Mistake};

use super::reading::Reading;
use super::scan::ScanSettings;
use super::schedule::ScheduleSettings;
use super::sources::{Source, clean};

/// Where a source comes from that no configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSource {
    /// The source's name.
    pub name: Text,
    /// Its collector's name.
    pub collector_name: &'static str,
    /// Its settings as TOML, possibly empty.
    pub settings: String,
    /// What was found, for people, in one line: `socket /run/docker.sock`.
    pub because: String,
}

/// A source for everything that a collector finds here, with where it comes from.
pub(super) fn discover(
    reading: &Reading<'_>,
    scan: &ScanSettings,
    schedule: &ScheduleSettings,
) -> Result<(Vec<Source>, Vec<FoundSource>), Vec<Mistake>> {
    let (mut sources, mut found, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
    // Without one the section has a mistake, and nothing comes of this.
    let Some(timing) = schedule.of_found(scan.deadline) else {
        return Ok((sources, found));
    };
    let mut names = BTreeSet::new();
    for registration in reading.registrations {
        for mut one in (registration.discover)(reading.surroundings) {
            // It is shown in one line, and written as one comment.
            one.because = one.because.split_whitespace().collect::<Vec<_>>().join(" ");
            let name = unique(&one.source, registration.name, &mut names);
            match build(registration, &one) {
                Ok(Some(collector)) => sources.push(Source {
                    name: name.clone(),
                    collector_name: registration.name,
                    deadline: scan.deadline,
                    timing: timing.clone(),
                    said: *blake3::hash(
                        format!("{} {}", registration.name, one.settings).as_bytes(),
                    )
                    .as_bytes(),
                    collector,
                }),
                // A collector that builds nothing and names no mistake has nothing to read.
                Ok(None) => continue,
                Err(more) => mistakes.extend(more),
            }
            found.push(FoundSource {
                name,
                collector_name: registration.name,
                settings: one.settings,
                because: one.because,
            });
        }
    }
    if mistakes.is_empty() {
        Ok((sources, found))
    } else {
        Err(mistakes)
    }
}

fn build(
    registration: &Registration,
    found: &Found,
) -> Result<Option<Box<dyn Collector>>, Vec<Mistake>> {
    let name = format!("found here: {}", found.because);
    Document::new(name, found.settings.as_str())
        .read(registration.build)
        .map_err(plimsoll_settings::Mistakes::into_vec)
}

/// The name wished for, or the collector's, or the first of `name-2`, `name-3` … that is free.
fn unique(wish: &str, collector: &str, names: &mut BTreeSet<String>) -> Text {
    let base = match clean(wish) {
        clean if clean.is_empty() => collector.to_owned(),
        clean => clean,
    };
    let mut name = base.clone();
    let mut number = 1;
    while !names.insert(name.clone()) {
        number += 1;
        name = format!("{base}-{number}");
    }
    name.into()
}
