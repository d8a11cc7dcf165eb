//! The clock: what the kernel and chrony say of it.

use plimsoll_clock::{Reading, State};
use plimsoll_model::{Asset, Claim, fact};

use super::shown;
use crate::wire::{Chrony, Readings};

/// Reading, text: the time server that is followed.
const CLOCK_SOURCE: &str = "clock.source";
/// Reading, int: how many servers it is away from a reference clock.
const CLOCK_STRATUM: &str = "clock.stratum";

/// The bound at which the kernel itself gives a clock up, microseconds.
const LOST_US: i64 = 16_000_000;

/// Daemons that discipline a clock, by their process's name (the kernel keeps 15 characters).
const DAEMONS: [(&str, &str); 6] = [
    ("chronyd", "chrony"),
    ("ntpd", "ntpd"),
    ("openntpd", "openntpd"),
    ("phc2sys", "phc2sys"),
    ("systemd-timesyn", "systemd-timesyncd"),
    ("vmtoolsd", "vmtoolsd"),
];

/// Claims what is known of the clock.
pub(super) fn claim(host: &mut Asset, readings: &Readings, troubles: &mut Vec<String>) {
    let chrony = match &readings.chrony {
        Chrony::Tracking(text) => match Tracking::parse(text) {
            Some(tracking) => Some(tracking),
            None => {
                troubles.push("chronyc's answer makes no sense: run `chronyc -c tracking`".into());
                None
            }
        },
        Chrony::Failed(why) => {
            troubles.push(why.clone());
            None
        }
        Chrony::Absent | Chrony::Silent => None,
    };
    if let Some(Err(why)) = &readings.clock {
        troubles.push(why.clone());
    }
    let kernel = readings.clock.as_ref();
    if kernel.is_some() || chrony.is_some() {
        host.claim(
            fact::CLOCK_SYNCHRONISED,
            synchronised(kernel, chrony.as_ref()),
        );
    }
    if let Some(Ok(reading)) = kernel {
        let basis = "adjtimex(2)";
        let max_error = Claim::measured(reading.max_error_us).by(basis);
        host.reading(fact::CLOCK_MAX_ERROR_US, max_error);
        let offset = Claim::measured(reading.offset_us).by(basis);
        host.reading(fact::CLOCK_OFFSET_US, offset);
    }
    if let Some(tracking) = &chrony {
        let basis = "chronyc tracking";
        if !tracking.source.is_empty() {
            let source = Claim::reported(shown(&tracking.source)).by(basis);
            host.reading(CLOCK_SOURCE, source);
        }
        let stratum = Claim::reported(i64::from(tracking.stratum)).by(basis);
        host.reading(CLOCK_STRATUM, stratum);
    }
    if let Some(daemon) = daemon(readings, chrony.is_some()) {
        host.claim(fact::CLOCK_DAEMON, daemon);
    }
}

/// Both are shown, and the worse one counts.
fn synchronised(kernel: Option<&Result<Reading, String>>, chrony: Option<&Tracking>) -> Claim {
    let chrony = chrony.map(Tracking::verdict);
    let kernel = match kernel {
        Some(Ok(reading)) => Some(verdict(reading)),
        Some(Err(why)) => {
            return match chrony {
                Some((false, said)) => Claim::reported(false).by(said),
                // chrony's yes is not enough where the kernel's word was asked for and not had.
                _ => Claim::unknown(why.as_str()),
            };
        }
        None => None,
    };
    match (kernel, chrony) {
        (Some((yes, said)), None) => Claim::measured(yes).by(said),
        (Some((kernel, one)), Some((chrony, other))) => {
            Claim::measured(kernel && chrony).by(format!("{one}; {other}"))
        }
        (None, Some((yes, said))) => Claim::reported(yes).by(said),
        (None, None) => Claim::unknown("nothing was asked"),
    }
}

/// Whether the kernel takes its clock for synchronised, by both definitions in use: its state, and its bound of the error.
fn verdict(reading: &Reading) -> (bool, String) {
    let mut said = format!("adjtimex(2): {}", reading.state.as_str());
    if reading.unsynchronised {
        said.push_str(", STA_UNSYNC");
    }
    let lost = reading.max_error_us >= LOST_US;
    if lost {
        said.push_str(", maximum error of 16 s or more");
    }
    let known = !matches!(reading.state, State::Error | State::Other(_));
    (known && !reading.unsynchronised && !lost, said)
}

/// The daemon that disciplines the clock; several are named with commas, for that is worth knowing.
fn daemon(readings: &Readings, chrony: bool) -> Option<Claim> {
    let names = &readings.owners.names;
    let mut running: Vec<&str> = DAEMONS
        .iter()
        .filter(|(process, _)| names.contains(*process))
        .map(|(_, daemon)| *daemon)
        .collect();
    if chrony {
        if !running.contains(&"chrony") {
            running.insert(0, "chrony");
        }
        return Some(Claim::reported(running.join(", ")).by("chronyc tracking"));
    }
    (!running.is_empty()).then(|| Claim::measured(running.join(", ")).by("its process runs"))
}

/// The one line of `chronyc -c tracking`.
#[derive(Debug, PartialEq, Eq)]
struct Tracking {
    reference: String,
    source: String,
    stratum: u8,
    leap: String,
}

impl Tracking {
    /// Fourteen fields: the reference's id, its address, the stratum, and last the leap status.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let (line, more) = (lines.next()?, lines.next());
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let [reference, source, stratum, .., leap] = fields.as_slice() else {
            return None;
        };
        if more.is_some() || fields.len() < 13 || leap.is_empty() {
            return None;
        }
        Some(Self {
            reference: (*reference).to_owned(),
            source: (*source).to_owned(),
            stratum: stratum.parse().ok()?,
            leap: (*leap).to_owned(),
        })
    }

    /// Whether chrony follows a source. With `local` it calls its own clock one, under the address 127.127.1.1.
    fn verdict(&self) -> (bool, String) {
        if self.reference == "7F7F0101" {
            return (
                false,
                "chronyc tracking: follows its own clock (`local`)".into(),
            );
        }
        let normal = ["Normal", "Insert second", "Delete second"].contains(&self.leap.as_str());
        (normal, format!("chronyc tracking: {}", shown(&self.leap)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "7F7F0101,,10,1795320661.120429472,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal\n";
    const NONE: &str = "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n";
    const GOOD: &str = "C0000201,192.0.2.1,3,1795320661.1,0.000012,-0.000003,0.00002,-12.3,0.001,0.02,0.012,0.0005,64.2,Normal\n";

    const OK: Reading = Reading {
        state: State::Ok,
        unsynchronised: false,
        offset_us: 0,
        max_error_us: 345,
        estimated_error_us: 0,
    };

    fn judged(kernel: Reading, chrony: Option<&str>) -> (bool, String) {
        let tracking = chrony.map(|text| Tracking::parse(text).unwrap());
        let claim = synchronised(Some(&Ok(kernel)), tracking.as_ref());
        let yes = claim.value().and_then(|value| value.as_bool()).unwrap();
        (yes, claim.basis().unwrap().to_owned())
    }

    #[test]
    fn the_worse_of_kernel_and_chrony_counts() {
        assert_eq!(judged(OK, None), (true, "adjtimex(2): TIME_OK".into()));
        assert!(judged(OK, Some(GOOD)).0);
        let said = "adjtimex(2): TIME_OK; chronyc tracking: Not synchronised";
        assert_eq!(judged(OK, Some(NONE)), (false, said.into()));
        let (yes, said) = judged(OK, Some(LOCAL));
        assert!(!yes && said.contains("its own clock"), "{said}");
        let lost = Reading {
            state: State::Error,
            unsynchronised: true,
            max_error_us: LOST_US,
            ..OK
        };
        assert!(!judged(lost, Some(GOOD)).0);
    }

    #[test]
    fn each_definition_alone_can_say_no() {
        for reading in [
            Reading {
                state: State::Error,
                ..OK
            },
            Reading {
                unsynchronised: true,
                ..OK
            },
            Reading {
                max_error_us: LOST_US,
                ..OK
            },
            Reading {
                state: State::Other(9),
                ..OK
            },
        ] {
            assert!(!judged(reading, None).0, "{reading:?}");
        }
        assert!(
            judged(
                Reading {
                    state: State::Insert,
                    max_error_us: LOST_US - 1,
                    ..OK
                },
                None
            )
            .0
        );
    }

    #[test]
    fn chronys_yes_does_not_stand_in_for_the_kernel() {
        let (good, none) = (
            Tracking::parse(GOOD).unwrap(),
            Tracking::parse(NONE).unwrap(),
        );
        let refused = Err("adjtimex(2): refused".to_owned());
        assert_eq!(synchronised(Some(&refused), Some(&good)).value(), None);
        let no = synchronised(Some(&refused), Some(&none));
        assert_eq!(no.value().and_then(|value| value.as_bool()), Some(false));
    }

    #[test]
    fn hostile_answers_are_no_answer() {
        for text in [
            "",
            "\n",
            "506 Cannot talk to daemon",
            ",,,,,,,,,,,,,",
            "a,b,300,,,,,,,,,,,Normal",
            &format!("{GOOD}{GOOD}"),
        ] {
            assert_eq!(Tracking::parse(text), None, "{text}");
        }
    }
}
