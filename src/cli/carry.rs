//! The daemon's courier: what it calls brings the notices of the outbox to their channels.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Text;

use super::door::Door;
use crate::daemon::{self, Delivered, NoCourier};
use crate::notify::plan::Notify;
use crate::notify::{Courier, Round};
use crate::scan::Stop;

/// When to come again where the store could not be used.
const AGAIN: Duration = Duration::from_secs(10);

/// What the daemon calls, by the configuration.
pub(super) fn courier(door: &Door) -> Box<dyn daemon::Courier> {
    let Some(settings) = &door.config.notify else {
        return Box::new(NoCourier);
    };
    Box::new(Carrier {
        settings: settings.clone(),
        path: door.config.store.path.clone(),
        wait: door.config.store.busy_timeout,
        courier: Mutex::default(),
        waiting: Mutex::default(),
    })
}

struct Carrier {
    settings: Notify,
    path: PathBuf,
    wait: Duration,
    /// Opened when there is something to do for the first time: a store that is locked must not keep the daemon from starting.
    courier: Mutex<Option<Courier>>,
    /// What waited the last time, to be told where that cannot be asked.
    waiting: Mutex<BTreeMap<Text, u64>>,
}

impl daemon::Courier for Carrier {
    fn deliver_due(&self, now: Timestamp, stop: &Stop) -> Delivered {
        self.deliver(now, stop).unwrap_or_else(|error| Delivered {
            failed: 1,
            waiting: self.waiting().clone(),
            next: now.checked_add(AGAIN).ok(),
            troubles: vec![format!("notices were not sent: {error:#}")],
            ..Delivered::default()
        })
    }
}

impl Carrier {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<Text, u64>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deliver(&self, now: Timestamp, stop: &Stop) -> anyhow::Result<Delivered> {
        let mut courier = self.courier.lock().unwrap_or_else(PoisonError::into_inner);
        // A secret may be there now that was not when this was opened.
        courier.take_if(|courier| !courier.is_whole());
        let courier = match &mut *courier {
            Some(courier) => courier,
            none => none.insert(Courier::new(&self.settings, &self.path, self.wait)?),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut stop = stop.clone();
        let round = runtime.block_on(async {
            tokio::select! {
                round = courier.deliver(now) => round,
                // What was being sent is looked for the next time.
                _ = stop.wait_for(|stop| *stop) => Ok(Round::default()),
            }
        })?;
        let depth = courier.depth()?.into_iter();
        let waiting: BTreeMap<Text, u64> = depth.map(|one| (one.channel, one.waiting)).collect();
        self.waiting().clone_from(&waiting);
        Ok(Delivered {
            sent: round.sent,
            failed: round.failed,
            given_up: round.given_up,
            waiting,
            next: round.next,
            troubles: round.troubles,
        })
    }
}
