//! How long to wait after a failure.

use std::time::Duration;

/// The first wait.
const FIRST: u64 = 5;
/// How often what a platform asks for is believed though it is less than our own.
const TRUSTED: u32 = 5;
/// The longest wait of our own.
const LONGEST: u64 = 900;
/// The longest wait that a platform may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(6 * 3_600);

/// How long to wait after so many attempts: doubling, up to a quarter of an hour, and a bit longer by the key so that not all
/// come back at once; or as long as the platform asks for.
pub fn wait(attempts: u32, key: &str, asked: Option<Duration>) -> Duration {
    let doubled = FIRST.saturating_mul(1_u64 << attempts.saturating_sub(1).min(20));
    let seconds = doubled.min(LONGEST);
    let spread = key.bytes().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    }) % 100;
    let own = Duration::from_millis(seconds * 1_000 + seconds * 2 * spread);
    let Some(asked) = asked else { return own };
    let asked = asked.clamp(Duration::from_secs(1), LONGEST_ASKED);
    // A platform that says when knows better, unless it says so again and again.
    if attempts <= TRUSTED {
        asked
    } else {
        own.max(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_mind_what_is_asked() {
        let seconds = |attempts| wait(attempts, "", None).as_secs();
        assert_eq!(
            [1, 2, 3, 8, 9, 4_000_000_000].map(seconds),
            [5, 10, 20, 640, 900, 900]
        );
        assert!(wait(1, "a", None) > wait(1, "", None));
        assert!(wait(9, "zzzz", None) < Duration::from_secs(1_080));
        let asked = |seconds| wait(1, "", Some(Duration::from_secs(seconds))).as_secs();
        assert_eq!((asked(0), asked(120), asked(1_000_000)), (1, 120, 21_600));
        assert_eq!(wait(8, "", Some(Duration::from_secs(1))).as_secs(), 640);
    }
}
