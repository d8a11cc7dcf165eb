//! What is sent to whom, and what is held and why: pure. No I/O and no clock; time and what was told before are handed in.

mod clock;
mod digest;
mod gather;
mod hold;
mod message;
mod occurrence;
mod planner;
mod quiet;
mod route;
mod settings;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use clock::{DueInput, Reading, Standing, clock, next_alarm};
pub use digest::digest;
pub use gather::{Again, Found, gather};
pub use hold::{Decision, Hold};
pub use message::{Line, Message, Part, Since, Tone};
pub use occurrence::{About, Details, Occurrence, What};
pub use planner::{Job, Past, Plan, Planned, Told, key, plan};
pub use quiet::When;
pub use settings::{Channel, Email, Flapping, Kind, Mode, Notify, Place, Quiet, Route, Security};
pub use words::{message, sample};
