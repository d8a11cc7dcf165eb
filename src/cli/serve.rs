//! `plimsoll serve`.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_kit::Clock;

use super::args::{LogFormat, ServeArgs};
use super::door::Door;
use super::exit::Exit;
use super::{carry, fault, log, scan};
use crate::config;
use crate::daemon::{self, Duty, Load};
use crate::trace;

pub(super) fn run(
    door: Door,
    explicit: Option<PathBuf>,
    format: Option<LogFormat>,
    _args: &ServeArgs,
) -> anyhow::Result<Exit> {
    let wanted = door.config.log;
    let format = format.unwrap_or(match wanted.format {
        config::LogFormat::Text => LogFormat::Text,
        config::LogFormat::Json => LogFormat::Json,
    });
    log::init(format, wanted.level);
    fault::log_places_only();
    trace::say();
    let clock: Clock = Arc::new(scan::now);
    let now = Timestamp::now();
    for ignore in door.config.ignores.iter().filter(|one| one.expired(now)) {
        tracing::warn!(what = %ignore.what(), until = %ignore.until, "an [[ignore]] has ended and leaves nothing out any more");
    }
    if door.config.sources.is_empty() {
        tracing::warn!(
            "there is nothing to scan: add a [[sources]] to the configuration, and reload"
        );
    }
    // The working folder is where the first file was found, and the same file is read again.
    let explicit = explicit.or_else(|| door.config.path.clone());
    let load: Load = Box::new(move || Door::open(explicit.as_deref()).map(duty));
    daemon::serve(duty(door), &load, &clock)?;
    Ok(Exit::Clean)
}

fn duty(door: Door) -> Duty {
    Duty {
        courier: carry::courier(&door),
        config: door.config,
        baselines: door.baselines,
    }
}
