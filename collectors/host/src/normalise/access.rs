//! What could and could not be read, for a check.

use plimsoll_kit::{Access, Right};

use super::listeners;
use crate::wire::{Chrony, File, Readings};

/// What could and could not be read.
pub(crate) fn access(readings: &Readings) -> Vec<Access> {
    let mut all = vec![
        sockets(readings),
        owners(readings),
        file("mounted file systems", &readings.mounts),
        match &readings.devices {
            Ok(devices) => granted("block devices", format!("{} in sysfs", devices.len())),
            Err(why) => missing("block devices", why),
        },
    ];
    match &readings.clock {
        Some(Ok(reading)) => all.push(granted("clock state", reading.state.as_str().to_owned())),
        Some(Err(why)) => all.push(missing("clock state", why)),
        None => {}
    }
    match &readings.chrony {
        Chrony::Absent => {}
        Chrony::Silent => all.push(missing(
            "chrony",
            "chronyc is here, and chronyd does not answer it",
        )),
        Chrony::Tracking(_) => all.push(granted("chrony", "chronyc answers".to_owned())),
        Chrony::Failed(why) => all.push(missing("chrony", why)),
    }
    all
}

fn sockets(readings: &Readings) -> Access {
    let tables = readings.sockets.iter();
    let failed = tables.clone().find_map(|table| table.lines.failure());
    let what = "listening sockets";
    match (
        failed,
        tables.clone().any(|table| table.lines.line().is_some()),
    ) {
        (Some(why), _) => missing(what, why),
        (None, false) => missing(what, "there is no table of sockets: mount proc"),
        (None, true) => granted(what, "of TCP and UDP".to_owned()),
    }
}

fn owners(readings: &Readings) -> Access {
    let what = "owners of sockets";
    match (&readings.owners.failed, listeners::remark(readings)) {
        (Some(why), _) => missing(what, why),
        (None, Some(remark)) => Access {
            what: what.to_owned(),
            right: Right::Denied,
            detail: remark.to_owned(),
        },
        (None, None) => granted(what, "every process shows its sockets".to_owned()),
    }
}

fn file(what: &str, file: &File) -> Access {
    match file {
        File::Text(_) => granted(what, "in proc".to_owned()),
        File::Missing => missing(what, "not there: mount proc"),
        File::Failed(why) => missing(what, why),
    }
}

fn granted(what: &str, detail: String) -> Access {
    Access {
        what: what.to_owned(),
        right: Right::Granted,
        detail,
    }
}

fn missing(what: &str, why: &str) -> Access {
    let denied = why.contains("permission denied");
    Access {
        what: what.to_owned(),
        right: if denied {
            Right::Denied
        } else {
            Right::Unreachable
        },
        detail: why.to_owned(),
    }
}
