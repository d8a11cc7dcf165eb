//! What is scanned next.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Text;

use super::Timing;

/// The longest wait before the plan is looked at again: what else moves the clock, or a machine that slept, shows then.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// When each source was begun last, and when it is due.
#[derive(Debug, Default)]
pub struct Plan {
    sources: BTreeMap<Text, Entry>,
}

#[derive(Debug)]
struct Entry {
    timing: Timing,
    /// When it was begun last; none while it never was.
    begun: Option<Timestamp>,
    /// The next run after that.
    next: Option<Timestamp>,
    running: bool,
}

/// What is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The sources to be scanned now.
    pub now: Vec<Text>,
    /// Sources that would be due and are still being scanned: this run of theirs is left out.
    pub skipped: Vec<Text>,
}

impl Plan {
    /// A plan of these sources, each with the time of its last scan where there was one. A source that never was
    /// scanned is due at once, as is one of which a run was missed: once, however many were.
    pub fn new(sources: impl IntoIterator<Item = (Text, Timing, Option<Timestamp>)>) -> Self {
        let mut plan = Self::default();
        for (source, timing, begun) in sources {
            let next = begun.and_then(|begun| timing.next_after(&source, begun));
            let entry = Entry {
                timing,
                begun,
                next,
                running: false,
            };
            plan.sources.insert(source, entry);
        }
        plan
    }

    /// Other sources and timings from now on. What is known of a source that stays is kept; `begun` tells of those that
    /// come. One that is being scanned and is gone is forgotten when it [ends](Self::ended).
    pub fn replace(
        &mut self,
        sources: impl IntoIterator<Item = (Text, Timing)>,
        begun: impl Fn(&Text) -> Option<Timestamp>,
    ) {
        let mut before = std::mem::take(&mut self.sources);
        for (source, timing) in sources {
            let (begun, running) = match before.remove(&source) {
                Some(entry) => (entry.begun, entry.running),
                None => (begun(&source), false),
            };
            let next = begun.and_then(|begun| timing.next_after(&source, begun));
            let entry = Entry {
                timing,
                begun,
                next,
                running,
            };
            self.sources.insert(source, entry);
        }
    }

    /// What is due now, in order of the names.
    pub fn due(&mut self, now: Timestamp) -> Due {
        let mut due = Due::default();
        for (source, entry) in &mut self.sources {
            entry.mind_the_clock(source, now);
            let is_due = match (entry.begun, entry.next) {
                (None, _) => true,
                (Some(_), Some(next)) => next <= now,
                (Some(_), None) => false,
            };
            match (is_due, entry.running) {
                (true, false) => due.now.push(source.clone()),
                (true, true) if entry.begun.is_some() => {
                    due.skipped.push(source.clone());
                    entry.begin(source, now);
                }
                _ => {}
            }
        }
        due
    }

    /// How long to wait before something is due.
    pub fn wait(&self, now: Timestamp) -> Duration {
        let until = |entry: &Entry| {
            let next = match entry.begun {
                None if !entry.running => now,
                _ => entry.next?,
            };
            Some(Duration::try_from(next.duration_since(now)).unwrap_or(Duration::ZERO))
        };
        let waits = self.sources.values().filter_map(until);
        waits.min().unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }

    /// A scan of a source begins.
    pub fn begun(&mut self, source: &str, now: Timestamp) {
        if let Some(entry) = self.sources.get_mut(source) {
            entry.begin(source, now);
            entry.running = true;
        }
    }

    /// A scan of a source is over, whatever it came to: it is tried again when it is due next.
    pub fn ended(&mut self, source: &str) {
        if let Some(entry) = self.sources.get_mut(source) {
            entry.running = false;
        }
    }

    /// Whether a source is being scanned.
    pub fn is_running(&self, source: &str) -> bool {
        self.sources.get(source).is_some_and(|entry| entry.running)
    }

    /// The sources, in order of their names.
    pub fn sources(&self) -> impl Iterator<Item = &Text> {
        self.sources.keys()
    }

    /// When a source is scanned.
    pub fn timing(&self, source: &str) -> Option<&Timing> {
        self.sources.get(source).map(|entry| &entry.timing)
    }

    /// When a source is due next, as far as that is known.
    pub fn next(&self, source: &str) -> Option<Timestamp> {
        self.sources.get(source)?.next
    }
}

impl Entry {
    fn begin(&mut self, source: &str, now: Timestamp) {
        self.begun = Some(now);
        self.next = self.timing.next_after(source, now);
    }

    /// After the clock was set back the last scan lies in the future: it is taken for one of just now, or nothing would
    /// be due until then.
    fn mind_the_clock(&mut self, source: &str, now: Timestamp) {
        if self.begun.is_some_and(|begun| begun > now) {
            self.begin(source, now);
        }
    }
}
