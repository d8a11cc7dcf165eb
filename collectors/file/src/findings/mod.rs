//! Reads findings: `docs/reference/findings.md` is the format.
//!
//! The source is read in chunks of whole lines by whichever thread is free, chunks are parsed side by side and handed
//! to the harvest in their order, so memory holds the model and a few chunks, never the whole text. A line that
//! cannot be read is a trouble; what cannot be assigned to one scope leaves every scope of the source incomplete.

mod chunks;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod gathering;
mod header;
mod part;
mod said;
mod threads;

use std::io::Read;

use plimsoll_kit::settings::Section;
use plimsoll_kit::{Context, Harvester};

pub use gathering::Gathering;

use chunks::Chunks;
use threads::Event;

/// The scope of findings that name none, where neither header nor settings say another.
pub const SCOPE: &str = "findings";

/// The most bytes that are read where the settings say nothing.
pub const MAX_BYTES: u64 = 4 << 30;

/// The longest line, in bytes, also where [`Limits::bytes`](plimsoll_kit::Limits::bytes) allows more: short values take many
/// times their text's size in memory.
pub const MAX_LINE: usize = 4 << 20;

/// The most scopes in one source.
pub const MAX_SCOPES: usize = 1000;

/// The longest name of a scope, in bytes.
pub const MAX_SCOPE_NAME: usize = 256;

/// Where findings come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// What messages call it: a path, or whose output it is.
    pub name: String,
    /// The scope of findings that name none, where the header names none.
    pub scope: String,
    /// The most bytes that are read.
    pub max_bytes: u64,
}

/// Reads findings to their end into the harvest.
///
/// No scope is complete before [`Gathering::finish`], so that a caller can still [fail](Gathering::fail) the whole. The
/// call may be dropped: what came until then is gathered. The source is read on threads of its own that nobody waits
/// for, so one that blocks for ever holds nobody up.
pub async fn read(
    source: Box<dyn Read + Send>,
    gathering: &mut Gathering,
    context: &Context,
    harvest: &mut Harvester,
) {
    let mut events = threads::start(source, gathering.origin(), context);
    let reading = Reading { gathering, harvest };
    let mut ended = false;
    while let Some(event) = events.recv().await {
        match event {
            Event::Scope(scope) => reading.gathering.header(&scope),
            Event::Part(at, part) => {
                reading.gathering.part(at, part, reading.harvest);
                context.progress.step(reading.harvest.len(), 0);
            }
            Event::Refused(why) => reading.gathering.fail(why),
            Event::End(cut) => {
                ended = true;
                if let Some(cut) = cut {
                    reading.gathering.fail(cut);
                }
            }
        }
    }
    if !ended {
        let name = &reading.gathering.origin().name;
        let why = format!("{name}: reading broke off; try again");
        reading.gathering.fail(why);
    }
}

/// Findings being read. However that ends, also by being dropped, at least one scope is open: a run that gave nothing
/// must not look like an estate without scopes.
struct Reading<'a> {
    gathering: &'a mut Gathering,
    harvest: &'a mut Harvester,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.gathering.open_any(self.harvest);
    }
}

/// Reads the header and nothing else.
///
/// # Errors
/// What is wrong with it and what to do, for a person.
pub fn check(
    source: Box<dyn Read + Send>,
    origin: &Origin,
    context: &Context,
) -> Result<(), String> {
    let line_cap = threads::line_cap(context);
    let mut chunks = Chunks::new(source, line_cap, origin.max_bytes);
    header::read(&mut chunks, &origin.name).map(|_| ())
}

/// The `scope` setting, or its default; none when it is wrong.
pub fn scope_setting(section: &Section<'_>) -> Option<String> {
    if !section.has("scope") {
        // Asked for all the same, so that it is a known key.
        section.text("scope");
        return Some(SCOPE.to_owned());
    }
    let scope = section.text("scope")?;
    if part::is_scope(&scope) {
        return Some(scope);
    }
    section.mistake_at(
        "scope",
        format!("`scope` must have 1 to {MAX_SCOPE_NAME} bytes and no control characters"),
    );
    None
}

/// The `max_bytes` setting, or its default; none when it is wrong.
pub fn max_bytes_setting(section: &Section<'_>) -> Option<u64> {
    let most = section.int("max_bytes", 1024..=1 << 40);
    if !section.has("max_bytes") {
        return Some(MAX_BYTES);
    }
    most.and_then(|most| u64::try_from(most).ok())
}
