//! Reads and parses on threads of its own.

use std::io::Read;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_kit::Context;
use plimsoll_model::Text;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::chunks::{Chunk, Chunks};
use super::part::{Part, Rules};
use super::{MAX_LINE, Origin, header, said};

/// The most threads: past this, putting the parts together is the slowest step.
const MAX_THREADS: usize = 8;

/// What the threads tell. The channel closes when they are done.
pub(super) enum Event {
    /// The scope of lines that name none.
    Scope(Text),
    /// Why none of it can be read.
    Refused(String),
    /// A part and its place, in any order.
    Part(usize, Part),
    /// All parts were told; why there are not more, where there should be.
    End(Option<String>),
}

/// The longest line that is read, in bytes.
pub(super) fn line_cap(context: &Context) -> usize {
    context.limits.bytes.min(MAX_LINE)
}

/// Starts reading. The threads end by themselves when the receiver is dropped, at the latest with the next chunk.
pub(super) fn start(
    source: Box<dyn Read + Send>,
    origin: &Origin,
    context: &Context,
) -> Receiver<Event> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = cores.min(MAX_THREADS);
    let (tell, events) = channel(2 * workers);
    let lead = Lead {
        name: origin.name.clone(),
        chunks: Chunks::new(source, line_cap(context), origin.max_bytes),
        rules: Rules {
            scope: origin.scope.as_str().into(),
            redactor: context.redactor.clone(),
            line_cap: line_cap(context),
        },
        workers,
        tell,
    };
    // Not the runtime's blocking threads: those are waited for when the program ends, and a read may never return.
    let refuse = lead.tell.clone();
    let started = std::thread::Builder::new()
        .name("findings".to_owned())
        .spawn(move || lead.run());
    if let Err(error) = started {
        let why = format!("{}: no thread to read it with: {error}", origin.name);
        // The channel is empty, so there is room.
        let _ = refuse.try_send(Event::End(Some(why)));
    }
    events
}

struct Lead {
    name: String,
    chunks: Chunks<Box<dyn Read + Send>>,
    rules: Rules,
    workers: usize,
    tell: Sender<Event>,
}

impl Lead {
    fn run(mut self) {
        match header::read(&mut self.chunks, &self.name) {
            Err(why) => {
                let _ = self.tell.blocking_send(Event::Refused(why));
                let _ = self.tell.blocking_send(Event::End(None));
                return;
            }
            Ok(scope) if scope.is_empty() => {}
            Ok(scope) => {
                self.rules.scope = scope.clone();
                let _ = self.tell.blocking_send(Event::Scope(scope));
            }
        }
        let chunks = Arc::new(Mutex::new(self.chunks));
        std::thread::scope(|threads| {
            for _ in 1..self.workers {
                let worker = || work(&chunks, &self.rules, &self.tell);
                // With fewer threads it takes longer, and that is all.
                let _ = std::thread::Builder::new()
                    .name("findings".to_owned())
                    .spawn_scoped(threads, worker);
            }
            work(&chunks, &self.rules, &self.tell);
        });
        let chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = chunks.cut().map(|cut| said::cut(&self.name, cut));
        let _ = self.tell.blocking_send(Event::End(cut));
    }
}

/// Takes chunk after chunk, whoever is free, until there is none or nobody listens.
fn work(chunks: &Mutex<Chunks<Box<dyn Read + Send>>>, rules: &Rules, tell: &Sender<Event>) {
    let mut buffer = Vec::new();
    loop {
        let chunk = chunks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next(&mut buffer);
        let (at, part) = match chunk {
            None => return,
            Some(Chunk::Lines(at)) => (at, Part::parse(&buffer, rules)),
            Some(Chunk::TooLong(at)) => (at, Part::too_long(rules.line_cap)),
        };
        if tell.blocking_send(Event::Part(at, part)).is_err() {
            return;
        }
    }
}
