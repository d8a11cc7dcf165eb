//! Whether the clock can be believed, so that something may be forgotten by it.

use jiff::{SignedDuration, Timestamp};

/// How far a clock goes back when it is corrected, without having been wrong.
const SLACK: SignedDuration = SignedDuration::from_mins(5);
/// The longest pause between two scans that needs no explanation, where the retention is long.
const PAUSE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// For how long a clock has to go on evenly before it is believed.
const SETTLED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whether a clock went on evenly, by when scans were finished, the newest first. A leap ahead makes everything look old, and
/// what was forgotten by it does not come back; so after a leap, either way, nothing is forgotten for a while.
///
/// A pause is no leap where scans are as far apart as that, or where it is short beside the `retention`.
pub(super) fn is_settled(finished: &[Timestamp], retention: SignedDuration) -> bool {
    let Some(newest) = finished.first() else {
        return false;
    };
    let day = SignedDuration::from_hours(24);
    let pause = (retention / 4).clamp(day, PAUSE);
    let gap = |at: usize| Some(finished.get(at)?.duration_since(*finished.get(at + 1)?));
    for at in 0..finished.len() {
        let Some(here) = gap(at) else {
            // As far as is known.
            return true;
        };
        let usual = gap(at + 1).is_some_and(|before| here <= before.saturating_mul(3));
        if here < -SLACK || (here > pause && !usual) {
            return false;
        }
        let since = finished.get(at + 1).copied().unwrap_or(Timestamp::MIN);
        if newest.duration_since(since) >= SETTLED {
            return true;
        }
    }
    true
}

/// Whether a clock fits to when the file was last written, by its file system: not before it, and no longer after it than a pause
/// lasts. Other than the scans in it, a file that was copied or restored says by itself when that was.
pub(super) fn fits_file(
    now: Timestamp,
    written: Option<Timestamp>,
    retention: SignedDuration,
) -> bool {
    let Some(written) = written else {
        return true;
    };
    let gap = now.duration_since(written);
    gap >= -SLACK && gap <= (retention / 4).max(PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// Scans at these days, the oldest first.
    fn settled(days: &[i64]) -> bool {
        let at = |day: &i64| Timestamp::from_second(1_700_000_000 + day * DAY).unwrap();
        let finished: Vec<Timestamp> = days.iter().rev().map(at).collect();
        is_settled(&finished, SignedDuration::from_hours(400 * 24))
    }

    #[test]
    fn a_clock_that_goes_on_evenly_is_believed() {
        assert!(settled(&[0]));
        assert!(settled(&[0, 1, 2, 3]));
        assert!(settled(&[0, 28, 57]));
        assert!(
            settled(&[0, 60, 120, 181]),
            "scans that are far apart always are"
        );
    }

    #[test]
    fn a_clock_that_does_not_fit_to_the_file_is_not_believed() {
        let at = |day: i64| Timestamp::from_second(1_700_000_000 + day * DAY).unwrap();
        let fits = |now, written| {
            fits_file(
                at(now),
                Some(at(written)),
                SignedDuration::from_hours(24 * 400),
            )
        };
        assert!(fits(30, 30) && fits(31, 30) && fits(120, 30));
        assert!(!fits(29, 30), "the clock is behind");
        assert!(!fits(30 + 3 * 365, 30), "or far ahead");
        assert!(fits_file(at(0), None, SignedDuration::ZERO));
    }

    #[test]
    fn a_leap_is_believed_after_a_while() {
        let ahead = 3 * 365;
        assert!(!settled(&[0, 1, 2, ahead]));
        assert!(!settled(&[0, 1, 2, ahead, ahead + 1]));
        // And back: the scan in between was wrong, or this one is.
        assert!(!settled(&[0, 1, 2, ahead, 3]));
        assert!(!settled(&[0, 1, 2, ahead, 3, 4, 5]));
        let back: Vec<i64> = [0, 1, 2, ahead].into_iter().chain(3..=17).collect();
        assert!(settled(&back));
        let on: Vec<i64> = [0, 1, 2].into_iter().chain(ahead..=ahead + 14).collect();
        assert!(settled(&on));
    }
}
