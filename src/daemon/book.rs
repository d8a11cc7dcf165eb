//! What the daemon knows of what it did: for the metrics and for whether it is ready.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_kit::http::Calls;
use plimsoll_model::Text;

use super::courier::Delivered;
use super::crew::{Done, Drifts, End};

/// The upper bounds of a scan's durations, in seconds.
pub(super) const BUCKETS: [f64; 9] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

/// More scopes of one source are not shown one by one.
const MOST_SCOPES: usize = 500;

/// What the daemon knows of what it did.
#[derive(Debug)]
pub(super) struct Book {
    /// Since when it runs.
    pub(super) started: Timestamp,
    pub(super) sources: BTreeMap<Text, Page>,
    /// Open drifts as of the last scan; none before one was seen.
    pub(super) drifts: Drifts,
    /// Changes that scans saw, by verdict.
    pub(super) changes: BTreeMap<Text, u64>,
    /// Approvals that the checker refused, by its rule.
    pub(super) refused: BTreeMap<Text, u64>,
    /// Scans that could not be stored, and why the last could not; none once one was.
    pub(super) failures: u64,
    pub(super) failing: Option<String>,
    pub(super) reloads: u64,
    pub(super) bad_reloads: u64,
    /// Whether the configuration's file is the one in force.
    pub(super) in_force: bool,
    pub(super) delivered: Delivered,
}

/// What is known of one source.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// When it was last read with all of its scopes complete.
    pub(super) complete: Option<Timestamp>,
    /// When scopes were last read completely, as the daemon found it at its start; until its first scan of the source.
    pub(super) before: BTreeMap<Text, Timestamp>,
    /// When each scope of its last scan was last read completely.
    pub(super) scopes: BTreeMap<Text, Option<Timestamp>>,
    /// Scopes beyond those that are shown.
    pub(super) more_scopes: usize,
    /// Scans by what they came to.
    pub(super) results: BTreeMap<&'static str, u64>,
    /// How many scans took at most so long, by [`BUCKETS`]; with the number and the sum of all.
    pub(super) buckets: [u64; BUCKETS.len()],
    pub(super) scans: u64,
    pub(super) seconds: f64,
    pub(super) calls: Calls,
    /// Whether it hangs beyond its deadline.
    pub(super) hangs: bool,
}

impl Page {
    pub(super) fn count(&mut self, result: &'static str) {
        *self.results.entry(result).or_default() += 1;
    }
}

impl Book {
    pub(super) fn new(started: Timestamp) -> Self {
        Self {
            started,
            sources: BTreeMap::new(),
            drifts: Drifts::new(),
            changes: BTreeMap::new(),
            refused: BTreeMap::new(),
            failures: 0,
            failing: None,
            reloads: 0,
            bad_reloads: 0,
            in_force: true,
            delivered: Delivered::default(),
        }
    }

    /// The page of a source.
    pub(super) fn page(&mut self, source: &Text) -> &mut Page {
        self.sources.entry(source.clone()).or_default()
    }

    /// Keeps the pages of these sources alone.
    pub(super) fn keep(&mut self, sources: &[Text]) {
        self.sources.retain(|source, _| sources.contains(source));
        for source in sources {
            self.page(source);
        }
    }

    /// Writes down what a scan came to.
    pub(super) fn enter(&mut self, done: &Done) {
        for source in &done.sources {
            let calls = done.calls.get(source).copied().unwrap_or_default();
            let Some(page) = self.sources.get_mut(source) else {
                continue;
            };
            page.hangs = false;
            page.enter_time(done.took);
            page.calls.requests += calls.requests;
            page.calls.retries += calls.retries;
            page.calls.waited += calls.waited;
            let result = match &done.end {
                End::Scanned(told) => page.read(source, &told.scopes),
                End::Busy(_) => "skipped",
                End::Failed(_) => "failed",
                End::Stopped => "stopped",
                End::Panicked => "panicked",
            };
            page.count(result);
        }
        match &done.end {
            End::Scanned(told) => {
                self.failing = None;
                self.drifts = told.drifts.clone();
                for (verdict, count) in &told.changes {
                    *self.changes.entry(verdict.clone()).or_default() += count;
                }
                for (rule, count) in &told.refused {
                    *self.refused.entry(rule.clone()).or_default() += count;
                }
            }
            End::Failed(why) => {
                self.failures += 1;
                self.failing = Some(why.clone());
            }
            End::Busy(_) | End::Stopped | End::Panicked => {}
        }
    }

    /// Writes down what the courier did.
    pub(super) fn delivered(&mut self, delivered: &Delivered) {
        let all = &mut self.delivered;
        all.sent += delivered.sent;
        all.failed += delivered.failed;
        all.given_up += delivered.given_up;
        all.waiting.clone_from(&delivered.waiting);
    }
}

impl Page {
    fn enter_time(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        for (bucket, most) in self.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= most);
        }
        self.scans += 1;
        self.seconds += seconds;
    }

    /// How the scopes of a source were read; gives what its scan came to.
    fn read(&mut self, source: &Text, scopes: &[(Text, Text, Timestamp, bool)]) -> &'static str {
        let before = std::mem::take(&mut self.scopes);
        let found = std::mem::take(&mut self.before);
        let (mut all, mut first, mut more) = (true, None::<Timestamp>, 0);
        for (_, scope, at, complete) in scopes.iter().filter(|row| row.0 == *source) {
            all &= complete;
            first = Some(first.map_or(*at, |first| first.min(*at)));
            if self.scopes.len() >= MOST_SCOPES {
                more += 1;
                continue;
            }
            let known = match complete {
                true => Some(*at),
                false => before
                    .get(scope)
                    .copied()
                    .flatten()
                    .or_else(|| found.get(scope).copied()),
            };
            self.scopes.insert(scope.clone(), known);
        }
        self.more_scopes = more;
        match first {
            Some(first) if all => {
                self.complete = Some(first);
                "complete"
            }
            _ => "incomplete",
        }
    }
}
