//! When the courier is sent.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_kit::Clock;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::{Delivered, Duty, Event};
use crate::scan::Stop;

/// How often the courier is sent where nothing else sends it.
const ROUND: Duration = Duration::from_secs(30);

/// Sends the courier: after every scan, when it said that something is due, and from time to time.
pub(super) struct Round {
    clock: Clock,
    stop: Stop,
    events: UnboundedSender<Event>,
    next: Instant,
    out: bool,
    again: bool,
}

impl Round {
    pub(super) fn new(clock: &Clock, stop: Stop, events: UnboundedSender<Event>) -> Self {
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
    pub(super) fn hurry(&mut self) {
        self.next = Instant::now();
        self.again = self.out;
    }

    pub(super) fn back(&mut self, delivered: &Delivered) {
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

    pub(super) fn is_out(&self) -> bool {
        self.out
    }

    pub(super) fn wait(&self) -> Duration {
        match self.out {
            true => ROUND,
            false => self.next.saturating_duration_since(Instant::now()),
        }
    }

    pub(super) fn send_when_due(&mut self, duty: &Arc<Duty>) {
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
                let delivered = delivered.unwrap_or_else(|_| Delivered {
                    failed: 1,
                    troubles: vec!["a fault of plimsoll itself; please report it".to_owned()],
                    ..Delivered::default()
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
    use std::sync::{Mutex, mpsc};

    use super::*;
    use crate::daemon::Courier;

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
        let (_stop, stopped) = tokio::sync::watch::channel(false);
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
