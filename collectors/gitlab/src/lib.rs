//! Collector `gitlab`: projects on gitlab.com or on a server of one's own.
//!
//! Reads merge requests with all that happened to them (approvals, edits, pushes, tests, the merge), how branches are protected, and issues where they are
//! asked for: with GET requests alone.

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

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration, Right, Surroundings};

use crate::account::Account;
use crate::client::Gitlab;
use crate::settings::Settings;

/// What `src/registry.rs` lists.
pub const REGISTRATION: Registration = Registration {
    name: "gitlab",
    summary: "GitLab projects: merge requests with their approvals, protected branches, issues",
    sample: include_str!("../sample.toml"),
    build,
    discover: account::discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(GitlabCollector { settings }))
}

struct GitlabCollector {
    settings: Settings,
}

impl GitlabCollector {
    /// A client and where its token is from, or why there is none.
    fn client(&self, context: &Context) -> Result<(Gitlab, String), String> {
        let account = Account::find(&self.settings, &Surroundings::here());
        let account = account.map_err(|why| why.to_string())?;
        let client = Gitlab::new(&account, &self.settings, context)?;
        Ok((client, account.place))
    }
}

#[async_trait]
impl Collector for GitlabCollector {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        for project in &self.settings.projects {
            harvest.open(project);
        }
        match self.client(context) {
            Ok((client, _)) => collect::collect(&client, &self.settings, context, harvest).await,
            Err(why) => {
                for project in &self.settings.projects {
                    harvest.trouble(project, why.as_str());
                }
            }
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok((client, place)) => check::check(&client, &self.settings, &place).await,
            Err(detail) => vec![Access {
                what: "token".to_owned(),
                right: Right::Unreachable,
                detail,
            }],
        }
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
