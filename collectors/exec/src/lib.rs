//! Collector: findings from a program that it runs.
//!
//! [`plimsoll_file::findings`] reads them; here is what a process needs: a deadline, a clean environment and an end.

pub mod client;
mod normalise;
mod settings;

use async_trait::async_trait;
use plimsoll_file::findings::{Gathering, Origin};
use plimsoll_kit::settings::Section;
use plimsoll_kit::{
    Access, Collector, Context, Found, Harvester, Registration, Right, Surroundings,
};

use crate::settings::Settings;

/// What `src/registry.rs` lists.
pub const REGISTRATION: Registration = Registration {
    name: "exec",
    summary: "findings of your own from a program that is run",
    sample: include_str!("../sample.toml"),
    build,
    discover,
};

fn build(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    Some(Box::new(Exec {
        settings: Settings::read(section)?,
    }))
}

/// Nothing is run that nobody asked for.
fn discover(_: &Surroundings) -> Vec<Found> {
    Vec::new()
}

struct Exec {
    settings: Settings,
}

#[async_trait]
impl Collector for Exec {
    async fn collect(&self, context: &Context, harvest: &mut Harvester) {
        let settings = &self.settings;
        let origin = Origin {
            name: format!("output of {}", settings.program.name()),
            scope: settings.scope.clone(),
            max_bytes: settings.max_bytes,
        };
        let mut gathering = Gathering::new(&origin, context);
        let deadline = tokio::time::sleep(settings.timeout);
        let end = client::run(
            &settings.program,
            deadline,
            &mut gathering,
            context,
            harvest,
        )
        .await;
        if let Some(why) = normalise::trouble(&settings.program.name(), settings.timeout, &end) {
            gathering.fail(why);
        }
        gathering.finish(harvest);
    }

    async fn check(&self, _: &Context) -> Vec<Access> {
        let program = &self.settings.program;
        let (right, detail) = match program.find() {
            Ok(path) => (Right::Granted, format!("{} can be run", path.display())),
            Err(why) => (why.right(), why.to_string()),
        };
        let found = Access {
            what: format!("output of {}", program.name()),
            right,
            detail,
        };
        let unset = program.unset().map(|name| Access {
            what: format!("variable {name}"),
            right: Right::Unreachable,
            detail: "is named in `env` and not set here; set it, or leave it out".to_owned(),
        });
        std::iter::once(found).chain(unset).collect()
    }
}
