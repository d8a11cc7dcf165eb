//! When one source is scanned, and when it counts as not read for too long.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Schedule;

/// When one source is scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When.
    pub schedule: Schedule,
    /// By the clock of which zone.
    pub zone: TimeZone,
    /// By how much a run may come later, so that not all come at once.
    pub jitter: Duration,
    /// How long it may go without a complete read; none where that follows from the schedule.
    pub max_age: Option<Duration>,
    /// How long one scan of it may take.
    pub deadline: Duration,
}

impl Timing {
    /// The first run of a source after a time.
    ///
    /// By how much it comes later than the schedule says is the source's own and always the same for one run, and at most
    /// half of the time to the run after it.
    pub fn next_after(&self, source: &str, after: Timestamp) -> Option<Timestamp> {
        // What is late by chance may be of a run that lies before.
        let from = after.checked_sub(self.jitter).unwrap_or(Timestamp::MIN);
        let mut slot = self.schedule.next_after(from, &self.zone)?;
        loop {
            let then = self.schedule.next_after(slot, &self.zone);
            let time = slot.checked_add(self.lateness(source, slot, then)).ok()?;
            if time > after {
                return Some(time);
            }
            slot = then?;
        }
    }

    fn lateness(&self, source: &str, slot: Timestamp, then: Option<Timestamp>) -> Duration {
        let gap = then.and_then(|then| Duration::try_from(then.duration_since(slot)).ok());
        let most = gap.map_or(self.jitter, |gap| self.jitter.min(gap / 2));
        let said = format!("{source} {}", slot.as_second());
        let hash = blake3::hash(said.as_bytes());
        let [a, b, c, d, ..] = *hash.as_bytes();
        let part = f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX);
        // Whole milliseconds read better in a log.
        let millis = u64::try_from(most.mul_f64(part).as_millis()).unwrap_or(0);
        Duration::from_millis(millis)
    }

    /// From when on a source counts as not read for too long, by its last complete read.
    ///
    /// Where no limit is set, that is when its second run after it should have been over.
    pub fn stale_at(&self, complete: Timestamp) -> Option<Timestamp> {
        let late = match self.max_age {
            Some(most) => return complete.checked_add(most).ok(),
            None => self.jitter.saturating_add(self.deadline),
        };
        let first = self.schedule.next_after(complete, &self.zone)?;
        let second = self.schedule.next_after(first, &self.zone)?;
        second.checked_add(late).ok()
    }
}
