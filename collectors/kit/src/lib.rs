//! What a collector needs: the trait, the harvest, redaction and limits.
//!
//! `collectors/README.md` is the contract and the checklist; this crate is its code.

pub mod chain;
mod coauthors;
mod collector;
mod context;
pub mod file;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod harvest;
pub mod http;
pub mod image;
pub mod json;
mod machine;
pub mod mention;
pub mod program;
mod redact;
mod registration;
#[cfg(feature = "testkit")]
pub mod testkit;
mod value_class;

pub use coauthors::{Coauthors, coauthors};
pub use collector::{Access, Collector, Right};
pub use context::{Clock, Context, Cursors, NoProgress, Progress};
pub use harvest::{Harvest, Harvester, Limits};
pub use machine::{Machine, local_machine, machine_alias};
pub use plimsoll_model as model;
pub use plimsoll_settings as settings;
pub use redact::{KEY_BYTES, Redactor, with_class};
pub use registration::{Found, Registration, Surroundings};
pub use value_class::class_of;
