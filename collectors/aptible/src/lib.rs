//! Collector `aptible`: what an organisation runs on Aptible.
//!
//! Reads stacks, environments, apps and their services, endpoints, certificates, databases with their disks and backups, log
//! drains, and the operations that say who did what, with GET requests only. What answers hold of passwords and keys has no
//! place in `wire` and goes no further.

mod check;
mod client;
mod collect;
mod credentials;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod normalise;
mod settings;
#[cfg(feature = "testkit")]
pub mod testkit;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{
    Access, Collector, Context, Found, Harvester, Registration, Right, Surroundings,
};

use crate::client::Api;
use crate::settings::Settings;

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "aptible",
    summary: "An organisation on Aptible: environments, apps, endpoints, databases, operations",
    sample: include_str!("../sample.toml"),
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(Aptible { settings }))
}

/// A token of the vendor's own variable or command line is enough to read with.
fn discover(here: &Surroundings) -> Vec<Found> {
    let found = credentials::hint(here).map(|because| Found {
        source: "aptible".into(),
        settings: String::new(),
        because,
    });
    found.into_iter().collect()
}

struct Aptible {
    settings: Settings,
}

#[async_trait]
impl Collector for Aptible {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        harvest.open(collect::ORGANISATION);
        match Api::new(&self.settings, context) {
            Ok(api) => collect::collect(&api, &self.settings, context, harvest).await,
            Err(why) => harvest.trouble(collect::ORGANISATION, why),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match Api::new(&self.settings, context) {
            Ok(api) => check::check(&api, context).await,
            Err(detail) => vec![Access {
                what: "token".into(),
                right: Right::Denied,
                detail,
            }],
        }
    }
}
