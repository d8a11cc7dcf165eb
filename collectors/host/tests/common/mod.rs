//! Running the collector, and its harvest as text.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_host::REGISTRATION;
use plimsoll_kit::model::{Asset, Claim};
use plimsoll_kit::settings::Document;
use plimsoll_kit::{Collector, Context, Harvest, Harvester, Limits, NoProgress, Redactor};

/// The collector with the given settings.
pub(crate) fn collector(settings: &str) -> Box<dyn Collector> {
    let document = Document::new("settings.toml", settings);
    let built = document.read(|section| (REGISTRATION.build)(section));
    built
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
        .unwrap()
}

/// What a collector is handed, with a clock that stands still.
pub(crate) fn context() -> Context {
    Context {
        redactor: Redactor::new([7; 32], "host"),
        clock: Arc::new(|| Timestamp::UNIX_EPOCH),
        limits: Limits::default(),
        progress: Arc::new(NoProgress),
    }
}

/// One harvest.
pub(crate) async fn collect(settings: &str) -> Harvest {
    let mut harvest = Harvester::new(Limits::default());
    collector(settings).collect(&context(), &mut harvest).await;
    harvest.finish()
}

/// The harvest as a person reads it; `folder` shows as `CASE`.
#[allow(dead_code, reason = "not every test renders")]
pub(crate) fn render(harvest: &Harvest, folder: &Path) -> String {
    let mut text = String::new();
    for asset in &harvest.assets {
        render_asset(&mut text, asset);
    }
    for relation in &harvest.relations {
        writeln!(text, "{} {} {}", relation.from, relation.kind, relation.to).unwrap();
    }
    for scope in &harvest.scopes {
        let complete = if scope.complete {
            "complete"
        } else {
            "incomplete"
        };
        writeln!(text, "scope {} {complete}", scope.scope).unwrap();
        for trouble in &scope.troubles {
            writeln!(text, "  {}", trouble.what).unwrap();
        }
    }
    text.replace(folder.to_str().unwrap(), "CASE")
}

fn render_asset(text: &mut String, asset: &Asset) {
    writeln!(text, "{} ({} {})", asset.id, asset.kind, asset.name).unwrap();
    for (name, claim) in asset.facts.iter().chain(asset.readings.iter()) {
        match claim.value().and_then(|value| value.as_table()) {
            Some(table) => {
                writeln!(text, "  {name} ({})", how(claim)).unwrap();
                for (name, part) in table.iter() {
                    writeln!(text, "    {name}: {part}").unwrap();
                }
            }
            None => {
                let value = claim
                    .value()
                    .map(|value| format!(" {value}"))
                    .unwrap_or_default();
                writeln!(text, "  {name}:{value} ({})", how(claim)).unwrap();
            }
        }
    }
}

fn how(claim: &Claim) -> String {
    let basis = claim
        .basis()
        .map(|basis| format!(", {basis}"))
        .unwrap_or_default();
    format!("{}{basis}", claim.how())
}
