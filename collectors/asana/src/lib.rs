//! Collector `asana`: change requests in Asana, with the history of who approved what and when.
//!
//! Reads the tasks of projects, their stories and the approvals among their subtasks, with GET requests alone.

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
use plimsoll_kit::{Access, Collector, Context, Found, Harvester, Registration, Surroundings};

use crate::client::Asana;
use crate::settings::Settings;

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "asana",
    summary: "Change requests in Asana: tasks, who approved them and when, what was altered",
    sample: include_str!("../sample.toml"),
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(AsanaCollector { settings }))
}

/// A token says nothing of which projects hold requests, so there is nothing to find.
fn discover(_: &Surroundings) -> Vec<Found> {
    Vec::new()
}

struct AsanaCollector {
    settings: Settings,
}

impl AsanaCollector {
    /// A client and where its token was found, or why there is none.
    fn client(&self, context: &Context) -> Result<(String, Asana), String> {
        let (place, token) =
            account::token(&self.settings, &Surroundings::here()).map_err(|why| why.to_string())?;
        let client = Asana::new(token, &self.settings, context);
        Ok((place, client.map_err(|why| why.to_string())?))
    }
}

#[async_trait]
impl Collector for AsanaCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        let projects = &self.settings.projects;
        projects.iter().for_each(|project| harvest.open(project));
        match self.client(context) {
            Ok((_, client)) => {
                collect::collect(&client, &self.settings, context, harvest).await;
            }
            Err(why) => projects
                .iter()
                .for_each(|project| harvest.trouble(project, why.clone())),
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok((place, client)) => check::check(&client, &place, &self.settings).await,
            Err(why) => vec![check::unreachable("token", why)],
        }
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
