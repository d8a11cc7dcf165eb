//! The kernel's clock state, read through adjtimex(2).
//!
//! With modes 0 the call changes nothing, needs no rights, and answers in a container for the host's clock: there is one per
//! kernel. The C library's function is unsafe to call, and no crate in use wraps it, so this is the one place that does.

/// What the kernel says of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The state that the call returned.
    pub state: State,
    /// Whether the kernel's status holds `STA_UNSYNC`: nothing disciplines the clock.
    pub unsynchronised: bool,
    /// The offset that is still being corrected, microseconds, positive when the clock is to be moved ahead.
    pub offset_us: i64,
    /// The bound of the error, microseconds. Grows by 500 each second until a daemon lowers it.
    pub max_error_us: i64,
    /// The estimated error, microseconds.
    pub estimated_error_us: i64,
}

/// The state of the kernel's clock: what adjtimex(2) returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// `TIME_OK`: synchronised, no leap second at hand.
    Ok,
    /// `TIME_INS`: a leap second will be added at the end of the day.
    Insert,
    /// `TIME_DEL`: a leap second will be left out at the end of the day.
    Delete,
    /// `TIME_OOP`: a leap second is passing.
    Passing,
    /// `TIME_WAIT`: a leap second has passed.
    Passed,
    /// `TIME_ERROR`: the clock is not synchronised.
    Error,
    /// A number that no known kernel returns.
    Other(i32),
}

impl State {
    /// The kernel's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ok => "TIME_OK",
            State::Insert => "TIME_INS",
            State::Delete => "TIME_DEL",
            State::Passing => "TIME_OOP",
            State::Passed => "TIME_WAIT",
            State::Error => "TIME_ERROR",
            State::Other(_) => "an unknown state",
        }
    }

    #[cfg(target_os = "linux")]
    fn of(returned: i32) -> Self {
        match returned {
            libc::TIME_OK => State::Ok,
            libc::TIME_INS => State::Insert,
            libc::TIME_DEL => State::Delete,
            libc::TIME_OOP => State::Passing,
            libc::TIME_WAIT => State::Passed,
            libc::TIME_ERROR => State::Error,
            other => State::Other(other),
        }
    }
}

/// Reads the kernel's clock state, and changes nothing.
///
/// # Errors
/// The system's own, as where a sandbox forbids the call; everywhere but on Linux, that it is not supported.
#[cfg(target_os = "linux")]
pub fn read() -> std::io::Result<Reading> {
    let (returned, timex) = adjtimex()?;
    Ok(reading(
        returned,
        timex.status,
        [timex.offset, timex.maxerror, timex.esterror].map(i64::from),
    ))
}

/// Reads the kernel's clock state, and changes nothing.
///
/// # Errors
/// Always: only Linux has the call.
#[cfg(not(target_os = "linux"))]
pub fn read() -> std::io::Result<Reading> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn reading(returned: i32, status: i32, [offset, max, estimated]: [i64; 3]) -> Reading {
    // The offset alone changes its unit with this flag; both errors are always microseconds.
    let nanoseconds = status & libc::STA_NANO != 0;
    Reading {
        state: State::of(returned),
        unsynchronised: status & libc::STA_UNSYNC != 0,
        offset_us: if nanoseconds { offset / 1000 } else { offset },
        max_error_us: max,
        estimated_error_us: estimated,
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn adjtimex() -> std::io::Result<(i32, libc::timex)> {
    // SAFETY: timex holds integers only, for which zeroes are a valid value (and modes 0 asks to change nothing);
    // the call writes to the struct it is handed, which outlives it, and keeps no pointer to it.
    let (returned, timex) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut timex), timex)
    };
    if returned < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok((returned, timex))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_answers_without_rights() {
        let reading = read().unwrap();
        assert!(!matches!(reading.state, State::Other(_)), "{reading:?}");
        // The kernel never lets its bound pass 16 seconds (NTP_PHASE_LIMIT, in microseconds with its remainder).
        assert!(
            (0..=16_100_000).contains(&reading.max_error_us),
            "{reading:?}"
        );
        // The kernel returns TIME_ERROR whenever its status says unsynchronised.
        assert!(
            !reading.unsynchronised || reading.state == State::Error,
            "{reading:?}"
        );
    }

    #[test]
    fn only_the_offset_changes_its_unit() {
        let nano = reading(0, libc::STA_NANO | libc::STA_PLL, [-2_500_000, 345, 12]);
        assert_eq!(
            (nano.offset_us, nano.max_error_us, nano.estimated_error_us),
            (-2500, 345, 12)
        );
        let micro = reading(5, libc::STA_UNSYNC, [-2500, 16_000_000, 16_000_000]);
        assert_eq!((micro.offset_us, micro.unsynchronised), (-2500, true));
        assert_eq!(micro.state.as_str(), "TIME_ERROR");
        assert_eq!(reading(9, 0, [0; 3]).state, State::Other(9));
    }
}
