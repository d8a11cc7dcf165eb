//! When the sources of change requests are read beside their schedules. Pure.

use std::time::Duration;

use jiff::Timestamp;

use crate::scan::PATIENCE;

/// Others may be scanned every minute, and vendors count what they are asked.
const BETWEEN: Duration = Duration::from_secs(2 * 60);

/// Whether and when they are to be asked.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// What a scan that ended wants since the last look at the time.
    wanted: Option<Wanted>,
    last: Option<Timestamp>,
    due: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Later,
    Now,
}

impl Asking {
    /// A scan saw, or found again, changes that wait for what they say. `answered` where it was itself a scan of them that was
    /// asked for: then there is something else to wait for, and that takes its time.
    pub(super) fn want(&mut self, answered: bool) {
        let wanted = if answered { Wanted::Later } else { Wanted::Now };
        self.wanted = self.wanted.max(Some(wanted));
    }

    /// Whether to ask now.
    pub(super) fn tick(&mut self, now: Timestamp) -> bool {
        let in_time = |time: &Timestamp| *time <= now.saturating_add(PATIENCE).unwrap_or(now);
        // Times further off are of a clock that was set back since.
        self.last = self.last.filter(|last| *last <= now);
        self.due = self.due.map(|due| if in_time(&due) { due } else { now });
        let at = |after: Duration, of: Timestamp| of.checked_add(after).unwrap_or(now);
        let due = self.wanted.take().map(|wanted| match (wanted, self.last) {
            (Wanted::Later, _) => at(PATIENCE, now),
            (Wanted::Now, Some(last)) => at(BETWEEN, last).max(now),
            (Wanted::Now, None) => now,
        });
        self.due = self.due.into_iter().chain(due).min();
        let ask = self.due.is_some_and(|due| due <= now);
        if ask {
            (self.due, self.last) = (None, Some(now));
        }
        ask
    }

    /// How long until then. None where nobody waits for it.
    pub(super) fn wait(&self, now: Timestamp) -> Option<Duration> {
        let wait = self.due?.duration_since(now);
        Some(wait.try_into().unwrap_or(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + 60 * minute).unwrap()
    }

    #[test]
    fn at_once_and_then_not_too_often() {
        let mut asking = Asking::default();
        assert!(!asking.tick(at(0)));
        asking.want(false);
        assert!(asking.tick(at(1)));
        assert!(!asking.tick(at(1)) && asking.wait(at(1)).is_none());
        asking.want(false);
        assert!(!asking.tick(at(2)));
        assert_eq!(asking.wait(at(2)), Some(Duration::from_secs(60)));
        assert!(asking.tick(at(3)));
    }

    #[test]
    fn what_they_could_not_say_is_looked_at_once_more_when_patience_ends() {
        let mut asking = Asking::default();
        asking.want(true);
        assert!(!asking.tick(at(0)) && !asking.tick(at(19)));
        assert!(asking.tick(at(20)));
        // Somebody else wants it sooner.
        asking.want(true);
        asking.want(false);
        assert!(asking.tick(at(40)));
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting() {
        let mut asking = Asking::default();
        asking.want(false);
        assert!(asking.tick(at(10_000)));
        asking.want(true);
        assert!(!asking.tick(at(10_000)));
        asking.want(false);
        assert!(asking.tick(at(0)));
    }
}
