//! A named pipe that holds up whoever opens it: how a file or a program hangs.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::mpsc;

use super::Gate;

/// A named pipe of which the test holds the other end until this is dropped.
#[derive(Debug)]
pub struct Fifo {
    gate: Gate,
    _hold: mpsc::Sender<()>,
}

impl Fifo {
    /// Makes a pipe that is never written to: reading it waits until this is dropped, and then ends.
    pub fn holding_readers(path: &Path) -> Self {
        Self::make(path, OpenOptions::new().write(true).clone())
    }

    /// Makes a pipe that a program opens to say that it has come so far: `echo here > pipe`.
    pub fn hearing_writers(path: &Path) -> Self {
        Self::make(path, OpenOptions::new().read(true).clone())
    }

    /// The gate that is reached when the other end is opened.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    fn make(path: &Path, options: OpenOptions) -> Self {
        use rustix::fs::{CWD, Mode, mkfifoat};
        mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR)
            .unwrap_or_else(|error| panic!("mkfifo {}: {error}", path.display()));
        let gate = Gate::new();
        let (hold, held) = mpsc::channel::<()>();
        let (path, arrivals) = (path.to_owned(), gate.clone());
        // Opening waits for the other end, so it has a thread of its own.
        std::thread::spawn(move || {
            let end = options.open(&path);
            arrivals.arrive();
            let _ = held.recv();
            drop(end);
        });
        Self { gate, _hold: hold }
    }
}
