//! What the time makes due: the daily word, digests, alarms for sources that are not read.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::super::plan::{DueInput, Job, Planned, When, clock, digest, key, next_alarm, plan};
use super::Courier;
use crate::store::StoreError;

/// How many notices one digest tells.
const DIGEST: usize = 20_000;
/// When the daily word was said last.
const HEARTBEAT: &str = "heartbeat";

impl Courier {
    /// Plans what is due because time went by. When a source will have gone unread for too long, unless it is read before.
    pub(super) fn look_at_the_clock(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let settings = &self.settings;
        let mut store = self.store();
        let commit = store.begin()?;
        let said = sane(commit.mark(HEARTBEAT)?, now);
        let due = |when: Option<&When>, said| {
            when.is_some_and(|when| when.due(said, now, &settings.zone))
        };
        let standing = due(settings.heartbeat.as_ref(), said)
            .then(|| commit.standing(said))
            .transpose()?;
        let readings = commit.source_readings()?;
        let subjects: Vec<Text> = settings
            .sources
            .iter()
            .map(|source| Text::from(format!("source:{source}")))
            .collect();
        let past = commit.told(subjects.iter())?;
        let input = DueInput {
            now,
            readings: &readings,
            first_scan: commit.first_scan()?,
            standing: standing.as_ref(),
            past: &past,
        };
        let found = clock(&input, settings);
        let alarm = next_alarm(&input, settings);
        let channels: Vec<&str> = settings
            .channels
            .iter()
            .map(|channel| channel.name.as_str())
            .collect();
        let given_up = commit.give_up_others(&channels, now)?;
        let mut wrote = !found.is_empty() || given_up > 0;
        if given_up > 0 {
            tracing::warn!(
                messages = given_up,
                "given up: their channels are not configured any more"
            );
        }
        if !found.is_empty() {
            commit.put_plan(None, now, &plan(found, &past, settings, now))?;
        }
        if standing.is_some() {
            commit.put_mark(HEARTBEAT, now)?;
            wrote = true;
        }
        for channel in &settings.channels {
            let mark = format!("digest:{}", channel.name);
            let said = sane(commit.mark(&mark)?, now);
            if !due(settings.digest.as_ref(), said) {
                continue;
            }
            let waiting = commit.digested(&channel.name, DIGEST)?;
            commit.put_mark(&mark, now)?;
            wrote = true;
            if waiting.is_empty() {
                continue;
            }
            let (numbers, told): (Vec<i64>, Vec<_>) = waiting.into_iter().unzip();
            let told: Vec<_> = told.iter().collect();
            let title = format!("Digest: {} since the last", told.len());
            let message = digest(&told, &title, settings);
            let subject = Text::from(format!("digest:{}", now.as_microsecond()));
            let planned = Planned {
                channel: channel.name.clone(),
                key: key(&channel.name, &subject, "digest", now),
                subject,
                due: now,
                severity: message.severity,
                job: Job::Post(Box::new(message)),
                subjects: Vec::new(),
                changes: Vec::new(),
                flapping: false,
            };
            commit.put_digest(now, &numbers, &planned)?;
        }
        // Nothing written is nothing to commit: dropping it lets go of the store without a write.
        if wrote {
            commit.close()?;
        }
        Ok(alarm)
    }
}

/// When something was done last; what lies in the future is of a clock that was set back.
fn sane(at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    at.filter(|at| at.duration_since(now) <= jiff::SignedDuration::from_hours(26))
}
