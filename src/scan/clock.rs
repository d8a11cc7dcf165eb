//! What is odd about the time: a clock that leapt, and records from days to come.

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::{ChangeRequest, Text, Trouble};

use super::gather::Gathered;
use crate::inventory::Coverage;

/// How far clocks may differ.
const SLACK: SignedDuration = SignedDuration::from_mins(10);
/// A pause between two scans that is worth a word.
const PAUSE: SignedDuration = SignedDuration::from_hours(45 * 24);

/// What to say of the clock, beside when the inventory's file was last written.
fn behind_file(now: Timestamp, written: Option<Timestamp>) -> Option<String> {
    let written = written.filter(|written| written.duration_since(now) > SLACK)?;
    Some(format!(
        "the clock says {now}, and the inventory's file was written at {written}: the clock was set back, or was ahead then; set it \
         right, nothing is forgotten until it is past that"
    ))
}

/// What to say of the clock, beside when the scan before was finished.
fn leap(now: Timestamp, before: Option<Timestamp>) -> Option<String> {
    let before = before?;
    let gap = now.duration_since(before);
    if gap < -SLACK {
        Some(format!(
            "the clock says {now}, and the scan before ended at {before}: the clock was set back, or was ahead then; set it right, \
             nothing is forgotten until it has gone on evenly for two weeks"
        ))
    } else if gap > PAUSE {
        let days = gap.as_hours() / 24;
        Some(format!(
            "the clock says {now}, {days} days after the scan before: if that is not so, set it right; nothing is forgotten until it has \
             gone on evenly for two weeks"
        ))
    } else {
        None
    }
}

/// Says on the first scope that was read now what is odd about the clock.
pub(super) fn remark_leap(
    coverage: &mut [Coverage],
    now: Timestamp,
    before: Option<Timestamp>,
    written: Option<Timestamp>,
) {
    let row = coverage.iter_mut().find(|row| row.fresh);
    let what = leap(now, before).or_else(|| behind_file(now, written));
    if let Some((row, what)) = row.zip(what) {
        tracing::warn!("{what}");
        row.troubles.push(Trouble {
            what: what.into(),
            asset: None,
        });
    }
}

/// Says on each scope how many of its records are dated after now: who dates one so can hide it, or make it last.
pub(super) fn remark_records_to_come(gathered: &mut [Gathered]) {
    for one in gathered {
        let limit = one.finished.checked_add(SLACK).unwrap_or(Timestamp::MAX);
        let harvest = &mut one.harvest;
        let actions = harvest.actions.iter();
        let actions = actions.map(|action| (&action.scope, action.at));
        let requests = harvest.requests.iter();
        // What is planned is to come.
        let said = |request: &ChangeRequest| {
            let approvals = request.approvals.iter().filter_map(|one| one.at);
            let reviews = request.reviews.iter().filter_map(|one| one.at);
            let merge = request.merge.iter().filter_map(|one| one.at);
            let sign_offs = request.sign_offs.iter().filter_map(|one| one.at);
            let edits = request.edits.iter().filter_map(|one| one.at);
            let steps = request.transitions.iter().filter_map(|one| one.at);
            let all = approvals.chain(reviews).chain(merge).chain(sign_offs);
            all.chain(edits)
                .chain(steps)
                .fold(request.opened, Timestamp::max)
        };
        let requests = requests.map(|request| (&request.scope, said(request)));
        let late: Vec<(Text, Timestamp)> = actions
            .chain(requests)
            .filter(|(_, at)| *at > limit)
            .map(|(scope, at)| (scope.clone(), at))
            .collect();
        for read in &mut harvest.scopes {
            let here = late.iter().filter(|(scope, _)| *scope == read.scope);
            let (count, last) = here.fold((0_u64, Timestamp::MIN), |(count, last), (_, at)| {
                (count + 1, last.max(*at))
            });
            if count > 0 {
                read.troubles.push(Trouble {
                    what: Text::from(format!(
                        "records dated after now: {count}, the last of {last}; their times prove nothing: see whose clock is wrong"
                    )),
                    asset: None,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_is_told_and_a_pause_is_not() {
        let at = |day: i64| Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap();
        assert!(leap(at(0), None).is_none());
        assert!(leap(at(30), Some(at(0))).is_none());
        let ahead = leap(at(1_095), Some(at(0))).unwrap();
        assert!(ahead.contains("1095 days after the scan before"), "{ahead}");
        let back = leap(at(0), Some(at(1))).unwrap();
        assert!(back.contains("set back"), "{back}");
        assert!(behind_file(at(0), None).is_none());
        assert!(behind_file(at(1), Some(at(0))).is_none());
        let back = behind_file(at(0), Some(at(1))).unwrap();
        assert!(back.contains("file was written"), "{back}");
    }
}
