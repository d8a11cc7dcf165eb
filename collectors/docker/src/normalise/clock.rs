//! The engine's clock against ours.

use jiff::Timestamp;
use plimsoll_model::{Asset, Claim, fact};
use std::sync::Arc;

use super::basis;

/// When a question left and its answer was there, by our own clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trip {
    pub(crate) sent: Timestamp,
    pub(crate) received: Timestamp,
}

/// Puts the skew on the host as readings. It says how far the clocks are apart now, never that either is disciplined.
pub(crate) fn skew(host: &mut Asset, system_time: Option<&str>, trip: Trip) {
    let Some(theirs) = system_time.and_then(|time| time.parse::<Timestamp>().ok()) else {
        let why = || basis::unknown(&basis::UNSAID);
        host.reading(fact::CLOCK_SKEW_MS, why());
        host.reading(fact::CLOCK_SKEW_BOUND_MS, why());
        return;
    };
    let sent = trip.sent.as_microsecond();
    // Our clock may have been set back in between.
    let round = (trip.received.as_microsecond() - sent).max(0);
    let skew = theirs.as_microsecond() - (sent + round / 2);
    let measured = |number: i64| Claim::measured(number).by(Arc::clone(&basis::INFO_CLOCK));
    let rounded = if skew < 0 { skew - 500 } else { skew + 500 } / 1000;
    host.reading(fact::CLOCK_SKEW_MS, measured(rounded));
    // Rounded up: the bound must hold.
    let bound = (round / 2 + 999) / 1000;
    host.reading(fact::CLOCK_SKEW_BOUND_MS, measured(bound));
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::{AssetId, Value};

    fn readings(system_time: &str, sent: &str, received: &str) -> (Option<Value>, Option<Value>) {
        let mut host = Asset::new(AssetId::of("host", &["h"]), "host", "h");
        let trip = Trip {
            sent: sent.parse().unwrap(),
            received: received.parse().unwrap(),
        };
        skew(&mut host, Some(system_time), trip);
        let get = |name| host.value(name).cloned();
        (get(fact::CLOCK_SKEW_MS), get(fact::CLOCK_SKEW_BOUND_MS))
    }

    #[test]
    fn half_the_round_trip_is_taken_off() {
        let (skew, bound) = readings(
            "2026-03-01T12:00:05.010000000+00:00",
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00.020Z",
        );
        assert_eq!((skew, bound), (Some(5000.into()), Some(10.into())));
    }

    #[test]
    fn a_clock_behind_is_negative_and_a_broken_one_unknown() {
        let at = "2026-03-01T12:00:00Z";
        let (skew, bound) = readings("2026-03-01T13:59:58+02:00", at, at);
        assert_eq!((skew, bound), (Some((-2000).into()), Some(0.into())));
        assert_eq!(readings("yesterday", at, at), (None, None));
    }
}
