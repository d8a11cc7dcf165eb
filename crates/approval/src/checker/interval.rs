//! When a change can have been made: the earliest moment counts against an approval.

use jiff::Timestamp;

use crate::keys::{Part, part};
use crate::moment::{CLOCKS, earlier, later};
use crate::types::{Deed, Subject};

/// From when until when a change can have been made. Both are the same where a record dates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Not before this; none where nobody knows.
    pub earliest: Option<Timestamp>,
    /// Not after this.
    pub latest: Timestamp,
}

impl Interval {
    /// The interval between the two looks, or the time of the record that dates all of the change. A record that names the new
    /// commit, digest or release dates it also where it lies before the first look.
    pub(crate) fn derive(subject: &Subject<'_>) -> Self {
        let looked = subject.after.filter(|after| *after <= subject.before);
        let records = || {
            subject
                .maker
                .iter()
                .chain(&subject.others)
                .filter(|deed| !deed.has_failed())
        };
        let naming = records()
            .filter(|deed| names_what_is_new(deed, subject))
            .map(|deed| deed.at)
            .min();
        let whole = subject
            .change
            .paths
            .iter()
            .all(|path| part(&path.path) == Part::Artefact);
        if let Some(at) = naming
            && looked.is_some_and(|looked| at <= earlier(looked, CLOCKS))
        {
            // The rest was still as before at the first look.
            let latest = if whole { at } else { subject.before };
            return Self {
                earliest: Some(at),
                latest,
            };
        }
        let dating = subject
            .maker
            .filter(|maker| maker.exact && maker.proven && !maker.has_failed());
        if let Some(maker) = dating.filter(|maker| maker.speaks_of_all(subject.change)) {
            let late = maker.at > later(subject.before, CLOCKS);
            let early = looked.is_some_and(|looked| maker.at < earlier(looked, CLOCKS));
            if !late && !early {
                let earliest = naming.map_or(maker.at, |at| at.min(maker.at));
                return Self {
                    earliest: Some(earliest),
                    latest: maker.at,
                };
            }
        }
        // A record that is of this change may be of its beginning, also where it lies before the first look.
        let proven = subject
            .maker
            .filter(|maker| maker.proven && !maker.has_failed());
        let records = naming.into_iter().chain(proven.map(|maker| maker.at));
        let earliest = looked.map(|looked| records.fold(looked, Timestamp::min));
        Self {
            earliest,
            latest: subject.before,
        }
    }

    /// Whether a record dates the change to the second.
    fn is_exact(&self) -> bool {
        self.earliest == Some(self.latest)
    }

    /// Whether the change was surely made after a time. It came after the first look; in the second of a record nothing says
    /// which came first.
    pub fn follows(&self, at: Timestamp) -> bool {
        self.earliest
            .is_some_and(|earliest| at < earliest || (at == earliest && !self.is_exact()))
    }

    /// Whether the change was surely made before a time. Two clocks may differ, so that a record's time is none to the second.
    pub fn precedes(&self, at: Timestamp) -> bool {
        let slack = if self.is_exact() {
            later(self.latest, CLOCKS)
        } else {
            self.latest
        };
        at > slack
    }
}

/// Whether a record names a commit, a digest or a release that is new with the change.
fn names_what_is_new(deed: &Deed<'_>, subject: &Subject<'_>) -> bool {
    let detail = |name: &str| {
        deed.details
            .get(name)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
    let named = [
        ("commit", detail("commit")),
        ("image", detail("image")),
        ("release", detail("release")),
    ];
    named
        .into_iter()
        .any(|(kind, said)| said.is_some_and(|said| subject.brings(kind, said)))
}
