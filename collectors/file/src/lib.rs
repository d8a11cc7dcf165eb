//! Collector: findings from a JSON Lines file or standard input.
//!
//! `docs/reference/findings.md` is the format for those who write findings; [`findings`] reads it, also for other collectors that get
//! findings by another way.

mod client;
pub mod findings;
mod normalise;
mod settings;
mod wire;

use async_trait::async_trait;
use plimsoll_kit::settings::Section;
use plimsoll_kit::{
    Access, Collector, Context, Found, Harvester, Registration, Right, Surroundings,
};

use crate::client::Opened;
use crate::findings::{Gathering, Origin};
use crate::settings::Settings;

/// What `src/registry.rs` lists.
pub const REGISTRATION: Registration = Registration {
    name: "file",
    summary: "findings of your own from a JSON Lines file or standard input",
    sample: include_str!("../sample.toml"),
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    Some(Box::new(File {
        settings: Settings::read(section)?,
    }))
}

/// A findings file has no usual place, so there is nothing to find.
fn discover(_: &Surroundings) -> Vec<Found> {
    Vec::new()
}

struct File {
    settings: Settings,
}

impl File {
    fn origin(&self) -> Origin {
        Origin {
            name: client::name(&self.settings.path),
            scope: self.settings.scope.clone(),
            max_bytes: self.settings.max_bytes,
        }
    }
}

#[async_trait]
impl Collector for File {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        let origin = self.origin();
        let mut gathering = Gathering::new(&origin, context);
        let opened = match Opened::open(&self.settings.path) {
            Ok(opened) => opened,
            Err(refused) => {
                gathering.fail(refused.to_string());
                return gathering.finish(harvest);
            }
        };
        findings::read(opened.source, &mut gathering, context, harvest).await;
        if opened.stamp.is_some_and(|stamp| stamp.has_changed()) {
            gathering.fail(format!(
                "{} changed while it was read; write to another name and rename it when it is whole",
                origin.name
            ));
        }
        gathering.finish(harvest);
    }

    async fn check(&self, context: &Context) -> Vec<Access> {
        let origin = self.origin();
        let (right, detail) = match Opened::open(&self.settings.path) {
            Err(refused) => (refused.right(), refused.to_string()),
            Ok(opened) if opened.stamp.is_none() => {
                (Right::Granted, "is read at the scan".to_owned())
            }
            Ok(opened) => match findings::check(opened.source, &origin, context) {
                Ok(()) => (
                    Right::Granted,
                    "readable, with a header that fits".to_owned(),
                ),
                Err(refused) => (Right::Unreachable, refused),
            },
        };
        vec![Access {
            what: format!("findings in {}", origin.name),
            right,
            detail,
        }]
    }
}
