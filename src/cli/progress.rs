//! How far a scan has come, on standard error: bars on a terminal, one line a source; else a line when one is done.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use plimsoll_kit::{NoProgress, Progress};
use plimsoll_model::Text;

use crate::scan::{Gathered, Observer};

/// What shows how far a scan has come.
pub(super) enum Shown {
    /// Nothing does.
    Quiet,
    /// A line when a source is done.
    Lines,
    /// A bar a source.
    Bars {
        all: MultiProgress,
        open: Mutex<Vec<(Text, ProgressBar)>>,
    },
}

impl Shown {
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            Shown::Quiet
        } else if std::io::stderr().is_terminal() {
            Shown::Bars {
                all: MultiProgress::new(),
                open: Mutex::default(),
            }
        } else {
            Shown::Lines
        }
    }

    /// Takes the bars away.
    pub(super) fn clear(&self) {
        if let Shown::Bars { all, .. } = self {
            let _ = all.clear();
        }
    }
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn step(&self, done: usize, total: usize) {
        self.0.set_length(total.max(done) as u64);
        self.0.set_position(done as u64);
    }
}

impl Observer for Shown {
    fn started(&self, source: &Text) -> Arc<dyn Progress> {
        let Shown::Bars { all, open } = self else {
            return Arc::new(NoProgress);
        };
        let bar = all.add(ProgressBar::new(0));
        let style =
            ProgressStyle::with_template("  {spinner} {prefix:<20} {bar:24} {pos:>7} of {len}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix(source.to_string());
        bar.enable_steady_tick(Duration::from_millis(120));
        if let Ok(mut open) = open.lock() {
            open.push((source.clone(), bar.clone()));
        }
        Arc::new(Bar(bar))
    }

    fn finished(&self, gathered: &Gathered) {
        match self {
            Shown::Quiet => {}
            Shown::Bars { open, .. } => {
                let Ok(open) = open.lock() else { return };
                if let Some((_, bar)) = open.iter().find(|(name, _)| *name == gathered.source) {
                    bar.finish();
                }
            }
            Shown::Lines => {
                let scopes = &gathered.harvest.scopes;
                let complete = scopes.iter().filter(|scope| scope.complete).count();
                let text = format!(
                    "read {}: {} assets, {complete} of {} scopes complete",
                    gathered.source,
                    gathered.harvest.assets.len(),
                    scopes.len()
                );
                super::log::say("INFO", &text);
            }
        }
    }
}
