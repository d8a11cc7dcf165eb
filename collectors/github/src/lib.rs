//! Collector `github`: pull requests with the history of who reviewed which commit, issues as tickets where they are asked
//! for, and how the branches are protected that deploy.
//!
//! It reads with `GET` requests, and with one GraphQL query for what these do not tell. Of descriptions, comments and
//! messages nothing is kept but the keys and lines that name something.

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
use crate::client::Github;
use crate::settings::Settings;

/// The collector's entry for the list of collectors.
pub const REGISTRATION: Registration = Registration {
    name: "github",
    summary: "Repositories on GitHub: pull requests, reviews, checks, issues, branch rules",
    sample: include_str!("../sample.toml"),
    build,
    discover: account::discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let settings = Settings::read(section)?;
    Some(Box::new(Reader { settings }))
}

struct Reader {
    settings: Settings,
}

impl Reader {
    /// A client and where its token came from, or why there is none.
    fn client(&self, context: &Context) -> Result<(Github, String), String> {
        let account = Account::find(&self.settings, &Surroundings::here());
        let account = account.map_err(|why| why.to_string())?;
        let client = Github::new(&account, &self.settings, context)?;
        Ok((client, account.place))
    }
}

#[async_trait]
impl Collector for Reader {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        // Before anything is asked: a run that is cut short leaves them incomplete, and not unheard of.
        for repository in &self.settings.repositories {
            harvest.open(repository);
        }
        match self.client(context) {
            Ok((github, _)) => collect::collect(&github, &self.settings, context, harvest).await,
            Err(why) => {
                for repository in &self.settings.repositories {
                    harvest.trouble(repository, why.as_str());
                }
            }
        }
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        match self.client(context) {
            Ok((github, place)) => check::check(&github, &self.settings, &place).await,
            Err(detail) => vec![Access {
                what: "token".into(),
                right: Right::Denied,
                detail,
            }],
        }
    }

    fn holds_requests(&self) -> bool {
        true
    }
}
