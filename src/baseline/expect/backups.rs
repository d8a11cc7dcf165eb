//! `backup-present`: what holds data has a recent backup that can be restored, and keeps backups long enough.

use plimsoll_model::{Asset, RelationKind, Value, fact, kind};
use plimsoll_settings::Section;

use super::sum::Sum;
use super::time::{DAY, seconds, span, time};
use super::{Case, Check, shape};
use crate::baseline::outcome::{Outcome, known_as, reason};

#[derive(Debug)]
struct Backups {
    /// In seconds.
    max_age: i64,
    /// In days; none where that does not matter.
    min_retention: Option<i64>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Box<dyn Check>> {
    let retention = section
        .has("min-retention")
        .then(|| seconds(section, "min-retention", 0).div_euclid(DAY));
    Some(Box::new(Backups {
        max_age: seconds(section, "max-age", 2 * DAY),
        min_retention: retention,
    }))
}

impl Check for Backups {
    fn expected(&self) -> String {
        let mut expected = format!("a backup of at most {}", span(self.max_age));
        if let Some(days) = self.min_retention {
            expected.push_str(&format!(", kept for {days} days or longer"));
        }
        expected
    }

    fn facts(&self) -> Vec<&str> {
        vec![
            fact::BACKUP_LATEST,
            fact::BACKUP_ENABLED,
            fact::BACKUP_RETENTION_DAYS,
            "relations",
        ]
    }

    /// By its own word, else by those of all volumes that it stores on.
    fn judge<'a>(&'a self, case: &Case<'a>) -> Outcome<'a> {
        let mut sum = Sum::default();
        if says(case.asset) {
            self.look(case, case.asset, "", &mut sum);
            return sum.outcome("");
        }
        for (at, store) in case.estate.along(case.system.at, RelationKind::StoresOn) {
            let mut volumes = case.estate.along(at, RelationKind::StoresOn).peekable();
            let through = store.kind == kind::VOLUME_CLAIM && !says(store);
            if !through || volumes.peek().is_none() {
                self.look(case, store, &format!("{}: ", store.name), &mut sum);
                continue;
            }
            for (_, volume) in volumes {
                self.look(case, volume, &format!("{}: ", volume.name), &mut sum);
            }
        }
        // Another volume may be in what was not read.
        if let Some(why) = case.half_seen(case.system.at).filter(|_| !sum.is_empty()) {
            sum.unknown(why);
        }
        if sum.is_empty() && case.estate.is_database(case.system.at) {
            return Outcome::Unknown(reason(case.asset, fact::BACKUP_LATEST));
        }
        sum.outcome("it stores nothing outside itself")
    }
}

fn says(asset: &Asset) -> bool {
    let facts = [fact::BACKUP_LATEST, fact::BACKUP_ENABLED];
    facts.iter().any(|fact| asset.get(fact).is_some())
}

impl Backups {
    fn look<'a>(&self, case: &Case<'a>, asset: &'a Asset, whose: &str, sum: &mut Sum<'a>) {
        let newest = known_as(asset, fact::BACKUP_LATEST, Value::as_str);
        let enabled = asset.value(fact::BACKUP_ENABLED);
        let enabled = enabled.map(|_| known_as(asset, fact::BACKUP_ENABLED, Value::as_bool));
        match (newest, time(asset, fact::BACKUP_LATEST)) {
            (Ok(("", evidence)), _) => sum.bad(format!("{whose}no backup"), evidence),
            (_, Ok((taken, evidence))) => {
                let age = case.now.duration_since(taken);
                let ahead = age < -shape::AHEAD;
                let age = age.as_secs();
                if ahead {
                    let day = taken.strftime("%Y-%m-%d");
                    sum.unknown(format!(
                        "{whose}its newest backup is of {day}, which is to come"
                    ));
                } else if age > self.max_age {
                    let what = format!("{whose}the newest backup is {} old", span(age));
                    sum.bad(what, evidence);
                } else {
                    sum.good(evidence);
                }
            }
            (_, Err(reason)) if !matches!(enabled, Some(Ok((false, _)))) => {
                sum.unknown(format!("{whose}{reason}"));
            }
            (_, Err(_)) => {}
        }
        // However new the last one is: none will follow it.
        match enabled {
            Some(Ok((false, evidence))) => sum.bad(format!("{whose}backups are off"), evidence),
            Some(Err(reason)) => sum.unknown(format!("{whose}{reason}")),
            Some(Ok((true, _))) | None => {}
        }
        let Some(least) = self.min_retention else {
            return;
        };
        match known_as(asset, fact::BACKUP_RETENTION_DAYS, shape::days) {
            Ok((days, evidence)) if days < least => {
                sum.bad(format!("{whose}backups are kept for {days} days"), evidence);
            }
            Ok((_, evidence)) => sum.good(evidence),
            Err(reason) => sum.unknown(format!("{whose}{reason}")),
        }
    }
}
