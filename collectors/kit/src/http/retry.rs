//! When to ask again, and how long to wait before.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// Where chance comes from: a number from 0 to 1 at each call.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// When to ask again, and how long to wait before.
#[derive(Clone)]
pub struct Retry {
    /// How often to ask at most, the first time included.
    pub attempts: u32,
    /// The longest first wait; each later one may be twice as long.
    pub base: Duration,
    /// The longest wait by our own choice.
    pub cap: Duration,
    /// The longest wait that the other side may ask for; where it asks for more, the call fails at once.
    pub longest_asked: Duration,
    /// Where chance comes from: many clients must not come back all at once.
    pub jitter: Jitter,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            longest_asked: Duration::from_secs(60),
            jitter: Arc::new(chance),
        }
    }
}

impl Retry {
    /// One attempt and no more.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// Statuses that may be gone at the next attempt.
    pub fn is_transient(status: u16) -> bool {
        matches!(status, 429 | 502 | 503 | 504)
    }

    /// The wait after so many failed attempts; none when it is time to give up.
    pub fn wait(&self, failed: u32) -> Option<Duration> {
        if failed >= self.attempts {
            return None;
        }
        let doublings = 2_u32.saturating_pow(failed.saturating_sub(1));
        let longest = self.base.saturating_mul(doublings).min(self.cap);
        Some(longest.mul_f64((self.jitter)().clamp(0.0, 1.0)))
    }
}

impl std::fmt::Debug for Retry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Retry")
            .field("attempts", &self.attempts)
            .field("base", &self.base)
            .field("cap", &self.cap)
            .field("longest_asked", &self.longest_asked)
            .finish_non_exhaustive()
    }
}

/// The wait that a `Retry-After` asks for: seconds, or a date against the time of the answer (RFC 9110, 10.2.3).
/// None where it is neither.
pub(super) fn asked(retry_after: &str, now: Timestamp) -> Option<Duration> {
    let text = retry_after.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(text)?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// The wait until a budget is filled again, for those that say so by `X-RateLimit-Remaining` and `X-RateLimit-Reset`, in seconds
/// since 1970. None where something remains, or where that time is no such number: some write seconds from now.
pub(super) fn reset(
    remaining: Option<&str>,
    reset: Option<&str>,
    now: Timestamp,
) -> Option<Duration> {
    remaining.filter(|remaining| remaining.trim() == "0")?;
    let until = reset?.trim().parse::<i64>().ok();
    let until = until.filter(|until| *until >= 1_000_000_000);
    let until = Timestamp::from_second(until?).ok()?;
    // To the full second after it.
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.saturating_add(Duration::from_secs(1)))
}

/// An HTTP date as servers must write it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    Some(date.timestamp())
}

fn chance() -> f64 {
    // Without a source of chance the wait is simply the longest.
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_cap_and_end() {
        let retry = Retry {
            attempts: 5,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(3),
            jitter: Arc::new(|| 1.0),
            ..Retry::default()
        };
        let waits: Vec<_> = (1..=5).map(|failed| retry.wait(failed)).collect();
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(
            waits,
            [seconds(1), seconds(2), seconds(3), seconds(3), None]
        );
        let half = Retry {
            jitter: Arc::new(|| 0.5),
            ..retry
        };
        assert_eq!(half.wait(1), Some(Duration::from_millis(500)));
        assert_eq!(Retry::never().wait(1), None);
    }

    #[test]
    fn asked_in_seconds_or_by_date() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        assert_eq!(asked("120", now), Some(Duration::from_secs(120)));
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:49:37 GMT", now),
            Some(Duration::from_secs(37))
        );
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:40:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(asked("soon", now), None);
        assert_eq!(asked("-1", now), None);
    }

    #[test]
    fn a_budget_says_when_it_is_filled() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let wait = |remaining, at| reset(Some(remaining), Some(at), now);
        assert_eq!(wait("0", "1800000029"), Some(Duration::from_secs(30)));
        assert_eq!(wait("0", "1799999000"), Some(Duration::from_secs(1)));
        assert_eq!(wait("1", "1800000029"), None);
        assert_eq!(wait("0", "30"), None);
        assert_eq!(wait("0", "soon"), None);
        assert_eq!(reset(None, Some("1800000029"), now), None);
    }

    #[test]
    fn chance_stays_in_bounds() {
        for _ in 0..100 {
            assert!((0.0..=1.0).contains(&chance()));
        }
    }
}
