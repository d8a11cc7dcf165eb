//! Collector `fly`: organisations on Fly.io.
//!
//! Reads apps, their process groups, volumes, addresses, certificates, the names of secrets, and who released what: with
//! GET requests, and one GraphQL query.

mod account;
mod check;
mod client;
mod collect;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod listing;
mod normalise;
mod settings;
#[cfg(feature = "testkit")]
pub mod testkit;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration, Surroundings};

use crate::account::Account;
use crate::client::Fly;
use crate::settings::Settings;

const SAMPLE: &str = include_str!("../sample.toml");

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "fly",
    summary: "Organisations on Fly.io: apps, process groups, volumes, addresses, certificates, releases",
    sample: SAMPLE,
    build,
    discover: account::discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(FlyCollector { settings }))
}

struct FlyCollector {
    settings: Settings,
}

impl FlyCollector {
    /// What is to be read and a client for it, or why there is none.
    fn client(&self, context: &Context) -> Result<(Account, Fly), String> {
        let account = Account::find(&self.settings, &Surroundings::here());
        let account = account.map_err(|why| why.to_string())?;
        let fly = Fly::new(&account, &self.settings, context);
        Ok((account, fly.map_err(|why| why.to_string())?))
    }
}

#[async_trait]
impl Collector for FlyCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        match self.client(context) {
            Ok((account, fly)) => {
                collect::collect(&fly, &account, &self.settings, context, harvest).await;
            }
            Err(why) => collect::unread(harvest, &why),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok((account, fly)) => check::check(&fly, &account).await,
            Err(why) => vec![check::unreachable("token", why)],
        }
    }
}
