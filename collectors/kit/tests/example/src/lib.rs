//! Collector: a folder in which every deck of a ship leaves its message of the day, `DECK.motd`.
//!
//! A message is lines of `name = value`: `officer` is shown, `text` may say anything and is kept as a mark alone.

mod client;
mod normalise;
mod settings;

use async_trait::async_trait;
use plimsoll_kit::{Access, Collector, Context, Harvester, Registration, Right};

use settings::Settings;

/// The collector `motd`.
pub const REGISTRATION: Registration = Registration {
    name: "motd",
    summary: "Messages of the day in a folder",
    sample: include_str!("../sample.toml"),
    build: |section| Some(Box::new(Motd(Settings::read(section)?))),
    discover: |_| Vec::new(),
};

/// The one scope: a folder is read as a whole.
const SCOPE: &str = "messages";

struct Motd(Settings);

#[async_trait]
impl Collector for Motd {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        harvest.open(SCOPE);
        let names = match client::names(&self.0.folder).await {
            Ok(names) => names,
            Err(error) => return harvest.trouble(SCOPE, error.to_string()),
        };
        for name in names {
            let read = client::read(&self.0.folder, &name, context.limits.bytes).await;
            let made = read
                .map_err(|error| error.to_string())
                .and_then(|text| normalise::asset(&name, &text, &context.redactor));
            match made {
                Ok(asset) => harvest.asset(SCOPE, asset),
                Err(what) => harvest.trouble_with(SCOPE, normalise::id(&name), what),
            }
        }
        harvest.complete(SCOPE);
    }

    async fn check(&self, _context: &Context) -> Vec<Access> {
        let (right, detail) = match client::names(&self.0.folder).await {
            Ok(names) => (Right::Granted, format!("{} messages", names.len())),
            Err(error) => (error.right(), error.to_string()),
        };
        vec![Access {
            what: "messages".to_owned(),
            right,
            detail,
        }]
    }
}
