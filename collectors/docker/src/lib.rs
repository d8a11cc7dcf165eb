//! Collector `docker`: a Docker Engine, or Podman through the same calls.
//!
//! Reads the host, the engine, and its containers, images, networks and volumes, with GET requests only.

mod check;
mod client;
mod closely;
mod collect;
mod count;
mod discover;
mod endpoint;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod listing;
mod normalise;
mod settings;
mod version;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration, Surroundings};

use crate::client::Client;
use crate::collect::SCOPE;
use crate::discover::Target;
use crate::settings::Settings;

const SAMPLE: &str = include_str!("../sample.toml");

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "docker",
    summary: "A Docker Engine or Podman: host, containers, images, networks, volumes",
    sample: SAMPLE,
    build,
    discover: discover::find,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(Docker { settings }))
}

struct Docker {
    settings: Settings,
}

impl Docker {
    /// A client for the engine that is to be read, or why there is none.
    fn client(&self, context: &Context) -> Result<(Target, Client), String> {
        let target = self.settings.target(&Surroundings::here());
        let target = target.map_err(|why| why.to_string())?;
        let client = Client::new(
            target.clone(),
            self.settings.concurrency,
            self.settings.timeout,
            context.limits.bytes,
        );
        Ok((target, client.map_err(|why| why.to_string())?))
    }
}

#[async_trait]
impl Collector for Docker {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        harvest.open(SCOPE);
        match self.client(context) {
            Ok((target, client)) => {
                collect::collect(&client, &target, &self.settings, context, harvest).await;
            }
            Err(why) => harvest.trouble(SCOPE, why),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok((_, client)) => check::check(&client).await,
            Err(why) => vec![check::unreachable("engine", why)],
        }
    }
}
