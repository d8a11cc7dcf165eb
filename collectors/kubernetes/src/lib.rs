//! Collector `kubernetes`: a cluster, over its API server.
//!
//! Reads the cluster, its nodes, and what runs in each namespace, with GET requests only. Secrets are never asked for.

mod check;
mod client;
mod collect;
mod discover;
mod estate;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod handover;
mod keepers;
mod kinds;
mod list;
mod login;
mod normalise;
mod plugin;
mod read;
mod settings;
mod surface;
mod tops;
mod wire;
mod workloads;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration, Surroundings};

use crate::client::Api;
use crate::collect::CLUSTER_SCOPE;
use crate::login::Login;
use crate::settings::Settings;

const SAMPLE: &str = include_str!("../sample.toml");

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "kubernetes",
    summary: "A Kubernetes cluster: nodes, workloads, services, ingresses, volumes",
    sample: SAMPLE,
    build,
    discover: discover::find,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(Kubernetes { settings }))
}

struct Kubernetes {
    settings: Settings,
}

impl Kubernetes {
    /// A client for the cluster that is to be read, or why there is none.
    async fn api(&self, context: &Context) -> Result<(Api, Login), String> {
        // What the settings leave open is looked up at every run, before anything is waited for.
        let way = discover::way(&self.settings, &Surroundings::here());
        let way = way.map_err(|why| why.to_string())?;
        let login = login::login(way, &self.settings).await;
        let login = login.map_err(|why| why.to_string())?;
        let api = Api::new(login.config.clone(), &self.settings, context);
        Ok((api.map_err(|why| why.to_string())?, login))
    }
}

#[async_trait]
impl Collector for Kubernetes {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        harvest.open(CLUSTER_SCOPE);
        match self.api(context).await {
            Ok((api, login)) => {
                collect::collect(&api, &login, &self.settings, context, harvest).await;
            }
            Err(why) => harvest.trouble(CLUSTER_SCOPE, why),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.api(context).await {
            Ok((api, login)) => check::check(&api, &login, &self.settings).await,
            Err(why) => vec![check::unreachable("API server", why)],
        }
    }
}
