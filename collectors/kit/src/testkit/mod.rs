//! What a collector's tests are made of. For dev-dependencies only:
//! `plimsoll-kit = { workspace = true, features = ["testkit"] }`.
//!
//! **Test cases** are folders, so that a bug report becomes a folder. `testcases/CASE/` holds
//!
//! - `settings.toml`: the collector's settings table, in which `{{case}}` stands for the case's own folder, `{{root}}` for its
//!   `root/`, and `{{url}}` or `{{socket}}` for a fake API server that answers from its `responses/`
//!   (see [`FakeServer::folder`] for the files' names);
//! - `expected.txt`: the harvest as text, written by `UPDATE_EXPECTED=1 cargo test` and read by a person.
//!
//! One line runs them all: [`run_cases`]`(env!("CARGO_MANIFEST_DIR"), &REGISTRATION)` in `tests/testcases.rs`.
//!
//! **Conformance** is what every collector holds to. `tests/conformance.rs` says how to make its input go well and
//! badly, by implementing [`Subject`](conformance::Subject), and `plimsoll_kit::conformance!(TheSubject)` makes a test of each rule.
//!
//! **Tools** for both and for a collector's own tests: [`FakeServer`] with its faults, [`Gate`] and [`Fifo`]
//! to hold things up without sleeping, and [`context`], in which clock and redaction key stand still.

mod build;
mod cases;
mod compare;
pub mod conformance;
pub mod distort;
mod doubts;
mod fifo;
mod gate;
mod input;
mod layout;
mod logs;
pub mod prism;
mod render;
mod replay;
mod server;
mod still;

pub use build::{build, harvest, run};
pub use cases::{run_cases, run_cases_with};
pub use compare::assert_text;
pub use doubts::check_doubts;
pub use fifo::Fifo;
pub use gate::Gate;
pub use input::{Held, Input};
pub use layout::check_layout;
pub use logs::Logs;
pub use render::render;
pub use replay::replay;
pub use server::{Asked, FakeServer, Reply, Request};
pub use still::{NOW, context};

/// What every planted secret starts with: `PLIMSOLL-MARKER-env`, `PLIMSOLL-MARKER-url`.
pub const MARKER: &str = "PLIMSOLL-MARKER";
