//! Collector `git`: commits with trailers and signed tags of Git repositories on this machine.
//!
//! It reads a clone or a mirror with the program `git`, bounded and without a connection, and never fetches: see README.md for what a trailer and
//! a signature prove.

mod check;
mod client;
mod collect;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod normalise;
mod settings;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Found, Harvester, Registration, Surroundings};

use crate::settings::Settings;

/// What `src/registry.rs` lists.
pub const REGISTRATION: Registration = Registration {
    name: "git",
    summary: "Git repositories on this machine: commits with trailers, signed tags",
    sample: include_str!("../sample.toml"),
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(GitCollector { settings }))
}

/// Which of the repositories on a machine are deployed from is nothing to guess.
fn discover(_: &Surroundings) -> Vec<Found> {
    Vec::new()
}

struct GitCollector {
    settings: Settings,
}

#[async_trait]
impl Collector for GitCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        collect::collect(&self.settings, context, harvest).await;
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        check::check(&self.settings, context).await
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
