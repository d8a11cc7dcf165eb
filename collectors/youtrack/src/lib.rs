//! Collector `youtrack`: change requests in YouTrack, Cloud or Server, with the history of who approved what and when.
//!
//! Reads projects, issues and their activities, with GET requests alone.

mod account;
mod check;
mod client;
mod collect;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod list;
mod normalise;
mod settings;
#[cfg(feature = "testkit")]
pub mod testkit;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration, Surroundings, file};

use crate::account::Account;
use crate::client::YouTrack;
use crate::settings::Settings;

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "youtrack",
    summary: "Change requests in YouTrack: issues, who approved them and when, what was altered",
    sample: include_str!("../sample.toml"),
    build,
    discover: account::discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(YouTrackCollector { settings }))
}

struct YouTrackCollector {
    settings: Settings,
}

impl YouTrackCollector {
    /// A client, or why there is none.
    fn client(&self, context: &Context) -> Result<(Account, YouTrack), String> {
        let account = Account::find(&self.settings, &Surroundings::here());
        let account = account.map_err(|why| why.to_string())?;
        let roots = match &self.settings.root_certificates {
            Some(path) => Some(
                file::read(path, file::MOST)
                    .map_err(|error| format!("`root_certificates`: cannot read {error}"))?,
            ),
            None => None,
        };
        let client = YouTrack::new(&account, &self.settings, context, roots);
        Ok((account, client.map_err(|why| why.to_string())?))
    }
}

#[async_trait]
impl Collector for YouTrackCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        match self.client(context) {
            Ok((account, client)) => {
                collect::collect(&client, &account, &self.settings, context, harvest).await;
            }
            Err(why) => collect::unread(&self.settings, harvest, &why),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok((account, client)) => check::check(&client, &account, &self.settings, context).await,
            Err(why) => vec![check::unreachable("token", why)],
        }
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
