//! When a change happened: an interval between two looks, or a time that a record settles.

use std::time::Duration;

use jiff::Timestamp;

use super::checker::Interval;
use super::types::Subject;

/// How far two clocks may be apart: what lies nearer than this after an exact time has no known order.
pub(crate) const CLOCKS: Duration = Duration::from_secs(10);

/// When a change happened: after `lo`, at `hi` or before. Both are the same where a record settles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) lo: Option<Timestamp>,
    pub(crate) hi: Timestamp,
    pub(crate) exact: bool,
}

/// Where an event lies against a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Before,
    Unclear,
    After,
}

/// Where a change lies against a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    Inside,
    Outside,
    Unclear,
}

impl Moment {
    pub(crate) fn of(subject: &Subject<'_>) -> Self {
        let interval = Interval::derive(subject);
        Self {
            lo: interval.earliest,
            hi: interval.latest,
            exact: interval.earliest == Some(interval.latest),
        }
    }

    /// Where an event lies.
    pub(crate) fn order(&self, at: Timestamp) -> Order {
        // In the second of a record nothing says which came first.
        if self
            .lo
            .is_some_and(|lo| at < lo || (at == lo && !self.exact))
        {
            return Order::Before;
        }
        let end = if self.exact {
            later(self.hi, CLOCKS)
        } else {
            self.hi
        };
        if at <= end {
            Order::Unclear
        } else {
            Order::After
        }
    }

    /// Where the change lies against a window: inside, outside, or nobody can say.
    pub(crate) fn against(&self, (start, end): (Timestamp, Timestamp)) -> Against {
        let slack = if self.exact { CLOCKS } else { Duration::ZERO };
        let inside = self.lo.is_some_and(|lo| lo >= start) && self.hi <= end;
        if inside {
            return Against::Inside;
        }
        // An interval is open at its start: what ended when it began is over.
        let over = self.lo.is_some_and(|lo| {
            if self.exact {
                lo > later(end, slack)
            } else {
                lo >= end
            }
        });
        if over || later(self.hi, slack) < start {
            return Against::Outside;
        }
        Against::Unclear
    }

    /// The same moment, later.
    pub(crate) fn shifted(&self, by: Duration) -> Self {
        Self {
            lo: self.lo.map(|lo| later(lo, by)),
            hi: later(self.hi, by),
            exact: self.exact,
        }
    }

    /// For a person: `at …`, or `between … and …`.
    pub(crate) fn words(&self) -> String {
        match self.lo {
            Some(lo) if self.exact => format!("at {lo:.0}"),
            Some(lo) => format!("between {lo:.0} and {:.0}", self.hi),
            None => format!("at {:.0} or before", self.hi),
        }
    }
}

pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

pub(crate) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_order_is_known_outside_the_interval_alone() {
        let moment = Moment {
            lo: Some(at(100)),
            hi: at(200),
            exact: false,
        };
        assert_eq!(moment.order(at(100)), Order::Before);
        assert_eq!(moment.order(at(101)), Order::Unclear);
        assert_eq!(moment.order(at(200)), Order::Unclear);
        assert_eq!(moment.order(at(201)), Order::After);
        let unbounded = Moment { lo: None, ..moment };
        assert_eq!(unbounded.order(Timestamp::MIN), Order::Unclear);
    }

    #[test]
    fn a_record_settles_it_but_for_the_clocks() {
        let moment = Moment {
            lo: Some(at(100)),
            hi: at(100),
            exact: true,
        };
        assert_eq!(moment.order(at(99)), Order::Before);
        assert_eq!(moment.order(at(100)), Order::Unclear);
        assert_eq!(moment.order(at(105)), Order::Unclear);
        assert_eq!(moment.order(at(111)), Order::After);
    }
}
