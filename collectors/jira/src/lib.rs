//! Collector `jira`: change requests in Jira Cloud and Jira Data Center.
//!
//! Reads the issues of projects with their whole history: who approved them and when, what was edited afterwards, when they were moved
//! on, back or off. With GET requests alone.

mod account;
mod check;
mod client;
mod collect;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;
mod normalise;
mod settings;
#[cfg(feature = "testkit")]
pub mod testkit;
mod wire;
mod world;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{
    Access, Collector, Context, Found, Harvester, Registration, Right, Surroundings,
};

use crate::client::Jira;
use crate::settings::Settings;

const SAMPLE: &str = include_str!("../sample.toml");

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "jira",
    summary: "Change requests in Jira Cloud and Jira Data Center, with approvals, edits and states",
    sample: SAMPLE,
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(JiraCollector { settings }))
}

/// Which projects hold change requests is not to be found without being told.
fn discover(_: &Surroundings) -> Vec<Found> {
    Vec::new()
}

struct JiraCollector {
    settings: Settings,
}

impl JiraCollector {
    fn client(&self, context: &Context) -> Result<Jira, String> {
        let authority = account::find(&self.settings, &Surroundings::here());
        let authority = authority.map_err(|why| why.to_string())?;
        Jira::new(authority, &self.settings, context).map_err(|why| why.to_string())
    }
}

#[async_trait]
impl Collector for JiraCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        for project in &self.settings.projects {
            harvest.open(project);
        }
        match self.client(context) {
            Ok(jira) => collect::collect(&jira, &self.settings, context, harvest).await,
            Err(why) => {
                for project in &self.settings.projects {
                    harvest.trouble(project, why.clone());
                }
            }
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok(jira) => check::check(&jira, &self.settings).await,
            Err(why) => vec![Access {
                what: "token".to_owned(),
                right: Right::Unreachable,
                detail: why,
            }],
        }
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
