//! Findings over time: new, open, reopened, resolved.

use std::cmp::Ordering;
use std::iter::Peekable;

use jiff::Timestamp;
use plimsoll_model::{AssetId, Text};

use super::types::{Drift, DriftState, Finding, Follows, Judgement, LAST_KNOWN, Status, System};
use crate::inventory::Snapshot;

/// The drifts after a judgement, from those that were open before it.
///
/// - A finding that was open stays the same drift, with its `since`, also when it goes from fail to unknown or back. One
///   that had failed and is now unknown shows as unknown, and its actual value ends with what it failed with.
/// - A finding that was only ever unknown and fails now is new: a failure that comes out is news.
/// - A finding that was not open is new, or, where `was_resolved` says that it had been open before, reopened; both since `now`.
/// - A drift without a finding is resolved: it holds now, has nothing to apply to any more, or its system is gone. Of one that was only
///   ever unknown ([`Drift::has_failed`]) that ends the matter, and nothing was mended.
/// - A drift whose finding is ignored is not among them: it is neither open nor resolved. It keeps its `since` in the
///   store, and is open again when the ignore ends.
///
/// They come in order of asset, control and expectation.
pub fn follow(
    mut before: Vec<Drift>,
    was_resolved: &dyn Fn(&AssetId, &str, &str) -> bool,
    judgement: &Judgement,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Vec<Drift> {
    // Nodes are in order of their ids and findings in order of nodes, so both sides can be walked at once.
    let order = |a: &Drift, b: &Drift| key(a).cmp(&key(b));
    if !before.is_sorted_by(|a, b| order(a, b) != Ordering::Greater) {
        before.sort_by(order);
    }
    let mut before = before.into_iter().peekable();
    let mut systems = judgement.systems.iter().peekable();
    let mut ignored = judgement
        .ignored
        .iter()
        .map(|ignored| &ignored.finding)
        .peekable();
    let mut after = Vec::with_capacity(judgement.findings.len());
    for finding in &judgement.findings {
        let asset = snapshot.asset(finding.at);
        let here = (
            asset.id.as_str(),
            finding.control.as_str(),
            finding.expectation.as_str(),
        );
        while let Some(gone) = before.next_if(|drift| key(drift) < here) {
            after.extend(resolve(gone, &mut ignored, snapshot));
        }
        while systems.next_if(|system| system.at < finding.at).is_some() {}
        let Some(system) = systems.peek().filter(|system| system.at == finding.at) else {
            continue;
        };
        let had = before.next_if(|drift| key(drift) == here);
        let had = had.filter(|had| !comes_out(had, finding));
        let state = match &had {
            Some(_) => DriftState::Open,
            None if was_resolved(&asset.id, &finding.control, &finding.expectation) => {
                DriftState::Reopened
            }
            None => DriftState::New,
        };
        let actual = actual(finding, had.as_ref());
        let (since, change) = had.map_or((now, None), |had| (had.since, had.change));
        after.push(drift(
            finding, system, snapshot, actual, since, state, change,
        ));
    }
    for gone in before {
        after.extend(resolve(gone, &mut ignored, snapshot));
    }
    after
}

/// Whether a drift of which nothing was known fails now: that is news, and what brought it may be a change of this scan. One
/// that had failed before sight of it was lost goes on.
fn comes_out(had: &Drift, finding: &Finding) -> bool {
    finding.status == Status::Fail && !had.has_failed()
}

fn key(drift: &Drift) -> (&str, &str, &str) {
    (drift.asset.as_str(), &drift.control, &drift.expectation)
}

/// A drift without a finding: resolved, unless its finding is ignored.
fn resolve<'j>(
    drift: Drift,
    ignored: &mut Peekable<impl Iterator<Item = &'j Finding>>,
    snapshot: &'j Snapshot,
) -> Option<Drift> {
    let against = |finding: &Finding| {
        let asset = snapshot.asset(finding.at).id.as_str();
        let place = (
            asset,
            finding.control.as_str(),
            finding.expectation.as_str(),
        );
        place.cmp(&key(&drift))
    };
    while ignored
        .next_if(|finding| against(finding).is_lt())
        .is_some()
    {}
    let is_ignored = ignored
        .peek()
        .is_some_and(|finding| against(finding).is_eq());
    (!is_ignored).then_some(Drift {
        state: DriftState::Resolved,
        ..drift
    })
}

/// The actual value; for one that failed and cannot be seen any more with what it failed with.
fn actual(finding: &Finding, had: Option<&Drift>) -> Text {
    let failed = had
        .filter(|_| finding.status == Status::Unknown)
        .and_then(|had| match had.status {
            Status::Fail => Some(had.actual.as_str()),
            Status::Unknown => had.actual.split_once(LAST_KNOWN).map(|(_, failed)| failed),
        });
    match failed {
        Some(failed) => Text::from(format!("{}{LAST_KNOWN}{failed}", finding.actual)),
        None => finding.actual.clone(),
    }
}

fn drift(
    finding: &Finding,
    system: &System,
    snapshot: &Snapshot,
    actual: Text,
    since: Timestamp,
    state: DriftState,
    change: Option<i64>,
) -> Drift {
    let asset = snapshot.asset(finding.at);
    Drift {
        asset: asset.id.clone(),
        kind: asset.kind.clone(),
        name: asset.name.clone(),
        role: system.role.clone(),
        environment: system.environment.clone(),
        control: finding.control.clone(),
        expectation: finding.expectation.clone(),
        status: finding.status,
        severity: finding.severity,
        expected: finding.expected.clone(),
        actual,
        how: finding.how,
        basis: finding.basis.clone(),
        facts: finding.facts.clone(),
        since,
        state,
        change,
        follows: finding.follows.as_ref().map(|(at, control)| Follows {
            asset: snapshot.asset(*at).id.clone(),
            control: control.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asset, now, snapshot};
    use super::super::{Baselines, Ignore, judge};
    use super::*;
    use plimsoll_settings::Document;

    /// A container of which only the ports are judged; `reach` none for unknown ports.
    fn estate(reach: Option<&str>) -> Snapshot {
        let facts = match reach {
            Some(reach) => format!(r#"{{"ports":{{"p":{{"port":1,"reach":"{reach}"}}}}}}"#),
            None => String::new(),
        };
        snapshot(
            vec![
                asset("container:a", &[], &facts),
                asset("container:b", &[], &facts),
            ],
            &[],
        )
    }

    fn baselines() -> Baselines {
        let role = "[[match]]\nkinds = ['container']\n[[expect]]\ncontrol = 'ports-allowed'\nallowed = []\n";
        let controls = Baselines::shipped().remove(0);
        Baselines::load(&[controls, Document::new("x.toml", role)]).unwrap()
    }

    fn later(hours: i64) -> Timestamp {
        now() + jiff::SignedDuration::from_hours(hours)
    }

    fn step(
        before: Vec<Drift>,
        resolved: bool,
        snapshot: &Snapshot,
        ignores: &[Ignore],
        at: Timestamp,
    ) -> Vec<Drift> {
        let judgement = judge(snapshot, &baselines(), &[], ignores, at);
        follow(before, &|_, _, _| resolved, &judgement, snapshot, at)
    }

    fn states<'d>(drifts: &'d [Drift]) -> Vec<(&'d str, DriftState, Status, Timestamp)> {
        let row = |drift: &'d Drift| (drift.name.as_str(), drift.state, drift.status, drift.since);
        drifts.iter().map(row).collect()
    }

    #[test]
    fn a_drift_lives_from_new_to_resolved_and_back() {
        use DriftState::*;
        use Status::*;
        let (open, shut, dark) = (
            estate(Some("public")),
            estate(Some("loopback")),
            estate(None),
        );
        let mut drifts = step(Vec::new(), false, &open, &[], later(0));
        assert_eq!(
            states(&drifts),
            [("a", New, Fail, later(0)), ("b", New, Fail, later(0))]
        );
        drifts.reverse();
        drifts[0].change = Some(7);
        let drifts = step(drifts, false, &open, &[], later(1));
        assert_eq!(
            states(&drifts),
            [("a", Open, Fail, later(0)), ("b", Open, Fail, later(0))]
        );
        assert_eq!(drifts[1].change, Some(7));
        let drifts = step(drifts, false, &dark, &[], later(2));
        let drifts = step(drifts, false, &dark, &[], later(3));
        assert_eq!(
            states(&drifts),
            [
                ("a", Open, Unknown, later(0)),
                ("b", Open, Unknown, later(0))
            ]
        );
        assert_eq!(
            drifts[0].actual,
            "no source says `ports`; last known to fail: public: p"
        );
        let drifts = step(drifts, false, &open, &[], later(4));
        assert_eq!(states(&drifts)[0], ("a", Open, Fail, later(0)));
        assert_eq!(drifts[0].actual, "public: p");
        let drifts = step(drifts, false, &shut, &[], later(5));
        assert_eq!(
            states(&drifts),
            [
                ("a", Resolved, Fail, later(0)),
                ("b", Resolved, Fail, later(0))
            ]
        );
        let drifts = step(Vec::new(), true, &open, &[], later(6));
        assert_eq!(states(&drifts)[0], ("a", Reopened, Fail, later(6)));
    }

    #[test]
    fn what_was_only_unknown_never_failed() {
        let (open, dark) = (estate(Some("public")), estate(None));
        let shut = estate(Some("loopback"));
        let unknown = step(Vec::new(), false, &dark, &[], later(0));
        assert!(unknown.iter().all(|drift| !drift.has_failed()));
        let ended = step(unknown, false, &shut, &[], later(1));
        assert_eq!(states(&ended)[0].1, DriftState::Resolved);
        assert!(ended.iter().all(|drift| !drift.has_failed()));
        // One that failed before sight of it was lost did.
        let drifts = step(Vec::new(), false, &open, &[], later(0));
        let drifts = step(drifts, false, &dark, &[], later(1));
        assert!(drifts.iter().all(Drift::has_failed));
    }

    #[test]
    fn what_is_gone_is_resolved_and_what_is_ignored_is_neither() {
        let open = estate(Some("public"));
        let drifts = step(Vec::new(), false, &open, &[], later(0));
        let one = snapshot(vec![open.asset(1).clone()], &[]);
        let after = step(drifts.clone(), false, &one, &[], later(1));
        assert_eq!(states(&after)[0].1, DriftState::Resolved);
        assert_eq!(states(&after)[1].1, DriftState::Open);
        let ignore = Document::new("c.toml", "asset = '*:a'\nreason = 'x'\nuntil = 2026-06-02");
        let ignore = [ignore.read(Ignore::read).unwrap().unwrap()];
        let after = step(drifts.clone(), false, &open, &ignore, later(1));
        assert_eq!(
            states(&after),
            [("b", DriftState::Open, Status::Fail, later(0))]
        );
        let after = step(drifts, false, &open, &ignore, later(24));
        assert_eq!(
            states(&after)[0],
            ("a", DriftState::Open, Status::Fail, later(0))
        );
    }
}
