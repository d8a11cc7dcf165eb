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
use super::system::System;
use super::{Duty, Event, Load, Question};
use crate::store::{SourceLock, Store, StoreError};

/// How long scans and deliveries have to end after the daemon was told to stop. The service manager gives ten seconds.
const FAREWELL: Duration = Duration::from_secs(8);
/// How often the courier is sent where nothing else sends it.
const ROUND: Duration = Duration::from_secs(30);
/// A name that no source can have, for the lock of the daemon itself.
const OWN_LOCK: &str = "DAEMON";

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another one is there.
    #[error("another `plimsoll serve` runs over the inventory at {0}: stop it first")]
    Another(PathBuf),
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
        let now = clock();
        daemon.keeper.tick(now);
        daemon.courier.send_when_due(daemon.keeper.duty());
        if sign.is_some() && next_sign <= Instant::now() {
            system.alive();
            next_sign = Instant::now() + sign.unwrap_or_default();
        }
        let mut wait = daemon.keeper.wait(now).min(daemon.courier.wait());
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
    Ok(())
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
                if duty.config.store.path != before.config.store.path
                    || !doors.are(&duty.config.serve)
                {
                    tracing::warn!(
                        "another [store] path, [serve] listen or socket takes effect with a restart alone"
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

/// Sends the courier: after every scan, when it said that something is due, and from time to time.
struct Round {
    clock: Clock,
    stop: crate::scan::Stop,
    events: mpsc::UnboundedSender<Event>,
    next: Instant,
    out: bool,
    again: bool,
}

impl Round {
    fn new(clock: &Clock, stop: crate::scan::Stop, events: mpsc::UnboundedSender<Event>) -> Self {
        Self {
            clock: Arc::clone(clock),
            stop,
            events,
            next: Instant::now(),
            out: false,
            again: false,
        }
    }

    /// Something may be due now.
    fn hurry(&mut self) {
        self.next = Instant::now();
        self.again = self.out;
    }

    fn back(&mut self, delivered: &super::Delivered) {
        self.out = false;
        let now = (self.clock)();
        let until = delivered
            .next
            .map(|next| Duration::try_from(next.duration_since(now)).unwrap_or(Duration::ZERO));
        // What failed a moment ago is not tried in a circle.
        let wait = until.map_or(ROUND, |until| {
            until.clamp(Duration::from_millis(200), ROUND)
        });
        self.next = Instant::now() + if self.again { Duration::ZERO } else { wait };
        self.again = false;
    }

    fn is_out(&self) -> bool {
        self.out
    }

    fn wait(&self) -> Duration {
        match self.out {
            true => ROUND,
            false => self.next.saturating_duration_since(Instant::now()),
        }
    }

    fn send_when_due(&mut self, duty: &Arc<Duty>) {
        if self.out || self.next > Instant::now() {
            return;
        }
        self.next = Instant::now() + ROUND;
        let (duty, clock) = (Arc::clone(duty), Arc::clone(&self.clock));
        let (stop, events) = (self.stop.clone(), self.events.clone());
        let sent = std::thread::Builder::new()
            .name("courier".to_owned())
            .spawn(move || {
                let run = || duty.courier.deliver_due(clock(), &stop);
                let run = std::panic::AssertUnwindSafe(run);
                let delivered = std::panic::catch_unwind(run);
                let delivered = delivered.unwrap_or_else(|_| super::Delivered {
                    failed: 1,
                    troubles: vec!["a fault of plimsoll itself; please report it".to_owned()],
                    ..super::Delivered::default()
                });
                let _ = events.send(Event::Delivered(delivered));
            });
        match sent {
            Ok(_) => self.out = true,
            Err(error) => tracing::error!("the system has no thread for notices: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;
    use crate::daemon::{Courier, Delivered};
    use crate::scan::Stop;

    /// A courier that says when it is called, and comes back when it is told with what.
    struct Told {
        called: mpsc::Sender<()>,
        back: Mutex<mpsc::Receiver<Option<Delivered>>>,
    }

    impl Courier for Told {
        fn deliver_due(&self, _now: jiff::Timestamp, _stop: &Stop) -> Delivered {
            self.called.send(()).unwrap();
            let back = self.back.lock().unwrap().recv().unwrap();
            back.expect("a fault")
        }
    }

    #[test]
    fn the_courier_is_sent_after_a_scan_at_once_and_never_twice_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (called, calls) = mpsc::channel();
        let (tell, back) = mpsc::channel();
        let mut duty = crate::daemon::tests::bare_duty(folder.path(), Vec::new());
        duty.courier = Box::new(Told {
            called,
            back: Mutex::new(back),
        });
        let duty = Arc::new(duty);
        let clock: Clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
        let (_stop, stopped) = watch::channel(false);
        let (events, mut happens) = tokio::sync::mpsc::unbounded_channel();
        let mut round = Round::new(&clock, stopped, events);
        let mut came_back = || match happens.blocking_recv() {
            Some(Event::Delivered(delivered)) => delivered,
            _ => panic!("the courier is not back"),
        };

        // At the start, for what was left.
        round.send_when_due(&duty);
        calls.recv().unwrap();
        // Two scans end while it is out.
        for _ in 0..2 {
            round.hurry();
            round.send_when_due(&duty);
        }
        assert!(round.is_out() && calls.try_recv().is_err());
        tell.send(Some(Delivered::default())).unwrap();
        round.back(&came_back());
        // It missed them: it is sent again without a wait.
        assert!(round.wait().is_zero());
        round.send_when_due(&duty);
        calls.recv().unwrap();
        tell.send(Some(Delivered::default())).unwrap();
        round.back(&came_back());
        // Nothing is due, and then a scan ends.
        assert!(round.wait() > ROUND / 2);
        round.send_when_due(&duty);
        assert!(!round.is_out());
        round.hurry();
        round.send_when_due(&duty);
        calls.recv().unwrap();
        // A fault of its own is told, and no circle comes of what is due at once.
        tell.send(None).unwrap();
        let delivered = came_back();
        assert_eq!((delivered.failed, delivered.troubles.len()), (1, 1));
        round.back(&Delivered {
            next: Some(jiff::Timestamp::MIN),
            ..delivered
        });
        assert!(!round.wait().is_zero() && round.wait() < ROUND);
    }
}
