//! Collector `slack`: change-control channels on Slack.
//!
//! Each message at the top of a channel is a request for a change; what is said in its thread is its history: who approved
//! when, who took it back. It reads with `GET` requests and nothing else.

mod account;
mod check;
mod client;
mod collect;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod normalise;
mod people;
mod said;
mod settings;
#[cfg(feature = "testkit")]
pub mod testkit;
mod text;
mod time;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Found, Harvester, Registration, Surroundings};

use crate::client::Slack;
use crate::settings::Settings;

const SAMPLE: &str = include_str!("../sample.toml");

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "slack",
    summary: "Channels on Slack: messages that ask for a change, and who approved them",
    sample: SAMPLE,
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(SlackCollector { settings }))
}

/// Nothing: which channel is the one for changes has to be said.
fn discover(_: &Surroundings) -> Vec<Found> {
    Vec::new()
}

struct SlackCollector {
    settings: Settings,
}

impl SlackCollector {
    /// A client with its token, or why there is none.
    fn client(&self, context: &Context) -> Result<Slack, String> {
        let token = account::token(&self.settings, &Surroundings::here());
        let token = token.map_err(|why| why.to_string())?;
        Slack::new(token, &self.settings, context).map_err(|why| why.to_string())
    }
}

#[async_trait]
impl Collector for SlackCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        for channel in &self.settings.channels {
            harvest.open(channel);
        }
        match self.client(context) {
            Ok(slack) => collect::collect(&slack, &self.settings, context, harvest).await,
            Err(why) => collect::unread(&self.settings, harvest, &why),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok(slack) => check::check(&slack, &self.settings).await,
            Err(why) => vec![check::unreachable("token", why)],
        }
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
