//! The loop: waits for what happens, and never for anything else.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_kit::Clock;
use plimsoll_settings::Mistakes;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::control::Doors;
use super::keeper::Keeper;
use super::round::Round;
use super::system::System;
use super::whereabouts::Whereabouts;
use super::{Duty, Event, Load, Question};
use crate::config::Config;
use crate::store::{SourceLock, Store, StoreError};

/// How long scans and deliveries have to end after the daemon was told to stop. The service manager gives ten seconds.
const FAREWELL: Duration = Duration::from_secs(8);
/// How often is looked whether the inventory is still there.
const LOOK: Duration = Duration::from_secs(10);
/// A name that no source can have, for the lock of the daemon itself.
const OWN_LOCK: &str = "DAEMON";

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another one is there.
    #[error("another `plimsoll serve` runs over the inventory at {0}: stop it first")]
    Another(PathBuf),
    /// It was moved away, or replaced.
    #[error(
        "the inventory at {0} was moved away or replaced while the daemon ran, and nothing is begun anew in its place: put it back, or see \
         that what is there is meant, and start again"
    )]
    Moved(PathBuf),
    /// The lock cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing can be heard on the socket.
    #[error("cannot listen on the socket {path}: {why}; name another under [serve] socket")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Nothing can be heard on the address.
    #[error("cannot listen on {address}: {why}; name another address under [serve] listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        why: String,
    },
    /// The machine refuses.
    #[error("cannot start: {0}")]
    System(#[from] std::io::Error),
}

/// Serves until SIGTERM or SIGINT. `first` is what `load` gave at the start.
///
/// # Errors
/// When it cannot start.
pub fn serve(first: Duty, load: &Load, clock: &Clock) -> Result<(), ServeError> {
    let path = first.config.store.path.clone();
    // Makes the folder and the file, and migrates: what is wrong with them is said now, and again by every scan.
    if let Err(error) = Store::open(&path, first.config.store.busy_timeout) {
        tracing::error!("{error}");
    }
    let _lock = match SourceLock::acquire(&path, &OWN_LOCK.into(), Duration::ZERO) {
        Err(StoreError::SourceBusy { .. }) => return Err(ServeError::Another(path)),
        lock => lock?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(live(Arc::new(first), load, clock));
    // Whatever hangs is not waited for: the process ends.
    runtime.shutdown_background();
    served
}

/// The signals that the daemon hears.
struct Signals {
    now: Signal,
    reload: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            now: signal(SignalKind::user_defined1())?,
            reload: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}

async fn live(duty: Arc<Duty>, load: &Load, clock: &Clock) -> Result<(), ServeError> {
    // First of all, so that none of them ends us before we are up.
    let mut signals = Signals::new()?;
    let system = System::here();
    let (stop, stopped) = watch::channel(false);
    let (events, mut happens) = mpsc::unbounded_channel();
    let doors = Doors::open(&duty.config.serve, &events).await?;
    let keeper = Keeper::new(duty, Arc::clone(clock), stopped.clone(), events.clone());
    let path = keeper.duty().config.store.path.clone();
    let mut inventory = Whereabouts::of(&path);
    let mut moved = false;
    let mut daemon = Daemon {
        keeper,
        courier: Round::new(clock, stopped, events),
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        sources = daemon.keeper.duty().config.sources.len(),
        socket = %doors.socket().display(),
        listen = doors.address().map(tracing::field::display),
        "serving"
    );
    system.ready("scanning when it is due");
    let sign = system.watchdog();
    let mut next_sign = Instant::now();
    loop {
        // Before anything is begun that would make a new one.
        if inventory.is_gone() {
            moved = true;
            break;
        }
        let now = clock();
        daemon.keeper.tick(now);
        daemon.courier.send_when_due(daemon.keeper.duty());
        if sign.is_some() && next_sign <= Instant::now() {
            system.alive();
            next_sign = Instant::now() + sign.unwrap_or_default();
        }
        let mut wait = daemon.keeper.wait(now).min(daemon.courier.wait());
        wait = wait.min(LOOK);
        if sign.is_some() {
            wait = wait.min(next_sign.saturating_duration_since(Instant::now()));
        }
        tokio::select! {
            Some(event) = happens.recv() => daemon.hear(event, clock),
            _ = signals.now.recv() => {
                tracing::info!("told to scan everything now");
                daemon.keeper.scan_all();
            }
            _ = signals.reload.recv() => {
                system.reloading();
                let status = daemon.reload(load, &doors);
                system.ready(status);
            }
            _ = signals.terminate.recv() => break,
            _ = signals.interrupt.recv() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    if moved {
        tracing::error!("{}", ServeError::Moved(path.clone()));
    }
    tracing::info!("stopping");
    system.stopping();
    doors.close();
    daemon.keeper.stop();
    stop.send_replace(true);
    let farewell = Instant::now() + FAREWELL;
    while daemon.keeper.busy() > 0 || daemon.courier.is_out() {
        match tokio::time::timeout_at(farewell, happens.recv()).await {
            Ok(Some(event)) => daemon.hear(event, clock),
            Ok(None) => break,
            Err(_) => {
                tracing::warn!(
                    "what still runs is left: the inventory is as the last whole scan left it"
                );
                break;
            }
        }
    }
    tracing::info!("stopped");
    match moved {
        true => Err(ServeError::Moved(path)),
        false => Ok(()),
    }
}

/// What the loop turns.
struct Daemon {
    keeper: Keeper,
    courier: Round,
}

impl Daemon {
    fn hear(&mut self, event: Event, clock: &Clock) {
        match event {
            Event::Done(done) => {
                self.keeper.done(*done);
                self.courier.hurry();
            }
            Event::Delivered(delivered) => {
                for trouble in &delivered.troubles {
                    tracing::warn!("a notice could not be delivered: {trouble}");
                }
                self.courier.back(&delivered);
                self.keeper.book.delivered(&delivered);
            }
            // Who asked may have gone.
            Event::Asked(Question::Health(reply)) => drop(reply.send(())),
            Event::Asked(Question::Ready(reply)) => {
                drop(reply.send(self.keeper.unready(clock())));
            }
            Event::Asked(Question::Metrics(reply)) => {
                drop(reply.send(self.keeper.metrics(clock())));
            }
            Event::Asked(Question::Scan(names, asked)) => self.keeper.ask(&names, asked),
        }
    }

    /// Reads the configuration anew. With a mistake in it, the old one stays in force. Gives the status in a word.
    fn reload(&mut self, load: &Load, doors: &Doors) -> &'static str {
        match load() {
            Ok(duty) => {
                let before = self.keeper.duty();
                if let Some(why) = refusal(&before.config, &duty.config) {
                    self.keeper.book.bad_reloads += 1;
                    self.keeper.book.in_force = false;
                    tracing::error!(
                        "the configuration was not taken: {why}; the one before stays in force"
                    );
                    return "the new configuration was not taken: the old one is in force";
                }
                if !doors.are(&duty.config.serve) {
                    tracing::warn!(
                        "another [serve] listen or socket takes effect with a restart alone"
                    );
                }
                if duty.config.log != before.config.log {
                    tracing::warn!("another [log] takes effect with a restart alone");
                }
                let sources = duty.config.sources.len();
                self.keeper.take(Arc::new(duty));
                self.keeper.book.reloads += 1;
                self.keeper.book.in_force = true;
                tracing::info!(sources, "the configuration was read anew");
                "scanning when it is due"
            }
            Err(mistakes) => {
                self.keeper.book.bad_reloads += 1;
                self.keeper.book.in_force = false;
                say(&mistakes);
                "the new configuration has mistakes: the old one is in force"
            }
        }
    }
}

/// Why a configuration without mistakes is not taken by a daemon that runs by another.
fn refusal(before: &Config, now: &Config) -> Option<String> {
    let (old, new) = (&before.store, &now.store);
    if old.path != new.path || old.key_file != new.key_file {
        return Some(format!(
            "its [store] names the inventory {} and the key {}, which takes a restart",
            new.path.display(),
            new.key_file.display()
        ));
    }
    let names_sources = |config: &Config| config.found.is_empty() && !config.sources.is_empty();
    if names_sources(before) && !names_sources(now) {
        // A file that was emptied by accident looks like this.
        return Some("it names no [[sources]], and the one before did".to_owned());
    }
    None
}

fn say(mistakes: &Mistakes) {
    for mistake in mistakes.iter() {
        tracing::error!("{mistake}");
    }
    let mistakes = mistakes.iter().len();
    tracing::error!(
        mistakes,
        "the configuration was not taken: the one before stays in force"
    );
}
