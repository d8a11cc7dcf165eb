//! Collector: the machine that Plimsoll runs on.
//!
//! It reads /proc, /sys and /etc, asks the kernel for its clock state, and asks chrony where it is installed. Its one scope
//! is [`SCOPE`].

mod client;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod normalise;
mod settings;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Found, Harvester, Registration, Surroundings};

use client::Client;
use settings::Settings;

/// The one scope of this collector.
pub const SCOPE: &str = "host";

/// The collector's line in the registry.
pub const REGISTRATION: Registration = Registration {
    name: "host",
    summary: "the machine it runs on: listening sockets, clock, disks and file systems",
    sample: include_str!("../sample.toml"),
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(Host { settings }))
}

fn discover(surroundings: &Surroundings) -> Vec<Found> {
    if !cfg!(target_os = "linux") || !surroundings.exists("/proc") {
        return Vec::new();
    }
    vec![Found {
        source: REGISTRATION.name.to_owned(),
        settings: String::new(),
        because: "this machine".to_owned(),
    }]
}

struct Host {
    settings: Settings,
}

#[async_trait]
impl Collector for Host {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        harvest.open(SCOPE);
        let client = Client::new(&self.settings, context.limits.bytes);
        match client.read().await {
            Ok(readings) => normalise::harvest(&readings, &self.settings, harvest),
            Err(error) => harvest.trouble(SCOPE, error.to_string()),
        }
        harvest.complete(SCOPE);
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        let client = Client::new(&self.settings, context.limits.bytes);
        match client.read().await {
            Ok(readings) => normalise::access(&readings),
            Err(error) => vec![Access {
                what: "this machine".to_owned(),
                right: plimsoll_kit::Right::Unreachable,
                detail: error.to_string(),
            }],
        }
    }
}
