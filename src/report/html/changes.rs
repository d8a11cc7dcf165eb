//! Changes as the templates are given them.

use serde::Serialize;

use super::view::{Cut, name, sentence};
use crate::change::PathChange;
use crate::report::bundle::{Bundle, bundles};
use crate::report::delta::{Delta, Sign, delta};
use crate::report::tame::tame;
use crate::report::value::{ChangeRow, Report};
use crate::report::when;

/// How many bundles, names and paths are shown.
const BUNDLES: usize = 300;
const NAMES: usize = 200;
const PATHS: usize = 50;

/// Changes that went the same way.
#[derive(Serialize)]
pub(super) struct Changed {
    kind: &'static str,
    asset_kind: String,
    systems: Cut<Which>,
    verdict: &'static str,
    /// The verdict, at the first of those that have it.
    heading: Option<String>,
    request: Option<String>,
    actor: String,
    candidates: Cut<Other>,
    at: Option<String>,
    reasons: Vec<String>,
    after: Option<String>,
    before: String,
    paths: Cut<Way>,
}

#[derive(Serialize)]
struct Which {
    id: i64,
    name: String,
    asset: String,
}

/// Another record that may be of the change.
#[derive(Serialize)]
struct Other {
    actor: Option<String>,
    record: String,
    at: String,
}

/// A property's way.
#[derive(Serialize)]
struct Way {
    path: String,
    from: Option<String>,
    to: Option<String>,
    pieces: Vec<Piece>,
}

#[derive(Serialize)]
struct Piece {
    sign: &'static str,
    text: String,
}

/// The changes, bundled.
pub(super) fn changed(report: &Report) -> Cut<Changed> {
    let bundles = bundles(&report.changes);
    let firsts: Vec<(&Bundle<'_>, &ChangeRow)> = bundles
        .iter()
        .filter_map(|bundle| Some((bundle, bundle.first()?)))
        .collect();
    let heading = |first: &ChangeRow| {
        let same = |row: &&ChangeRow| row.verdict == first.verdict;
        let leads = firsts.iter().map(|(_, row)| *row).find(same);
        let leads = leads.is_some_and(|row| row.id == first.id) && first.judged.is_some();
        let many = report.changes.iter().filter(same).count();
        leads.then(|| format!("{}: {many}", first.verdict.as_str()))
    };
    Cut::new(&firsts, BUNDLES, |(bundle, first)| Changed {
        heading: heading(first),
        kind: first.kind.as_str(),
        asset_kind: name(&first.asset_kind),
        systems: Cut::new(&bundle.rows, NAMES, |row| Which {
            id: row.id,
            name: name(&row.name),
            asset: tame(row.asset.as_str(), 120).into_owned(),
        }),
        verdict: first.verdict.as_str(),
        request: first.request.as_deref().map(name),
        actor: tame(&first.by(), 160).into_owned(),
        candidates: others(first),
        at: first.observed.at.map(when::absolute),
        reasons: first
            .reasons
            .iter()
            .take(20)
            .map(|reason| sentence(reason))
            .collect(),
        after: first.observed.after.map(when::absolute),
        before: when::absolute(first.observed.before),
        paths: Cut::new(&first.paths, PATHS, way),
    })
}

/// A change of a scan before on which it is another verdict now.
#[derive(Serialize)]
pub(super) struct Anew {
    id: i64,
    kind: &'static str,
    asset_kind: String,
    name: String,
    asset: String,
    before: &'static str,
    verdict: &'static str,
    request: Option<String>,
    reasons: Vec<String>,
}

/// The changes of scans before on which it is another verdict now.
pub(super) fn rejudged(report: &Report) -> Cut<Anew> {
    Cut::new(&report.rejudged, BUNDLES, |row| Anew {
        id: row.change.id,
        kind: row.change.kind.as_str(),
        asset_kind: name(&row.change.asset_kind),
        name: name(&row.change.name),
        asset: tame(row.change.asset.as_str(), 120).into_owned(),
        before: row.verdict_before.as_str(),
        verdict: row.change.verdict.as_str(),
        request: row.change.request.as_deref().map(name),
        reasons: row
            .change
            .reasons
            .iter()
            .take(20)
            .map(|reason| sentence(reason))
            .collect(),
    })
}

fn others(row: &ChangeRow) -> Cut<Other> {
    let found = row.attribution.as_ref();
    let records = found.map_or(&[][..], |found| &found.candidates);
    let more = found.map_or(0, |found| usize::try_from(found.more).unwrap_or(usize::MAX));
    let mut others = Cut::new(records, NAMES, |other| Other {
        actor: other.account.as_deref().map(name),
        record: tame(&other.called(), 120).into_owned(),
        at: when::absolute(other.at),
    });
    others.more = others.more.saturating_add(more);
    others.all = others.all.saturating_add(more);
    others
}

fn way(change: &PathChange) -> Way {
    let path = tame(&change.path, 160).into_owned();
    let (from, to, pieces) = match delta(change) {
        Delta::Step(from, to) => (from, to, Vec::new()),
        Delta::Pieces(pieces) => (None, None, pieces.into_iter().map(piece).collect()),
    };
    Way {
        path,
        from,
        to,
        pieces,
    }
}

fn piece((sign, text): (Sign, String)) -> Piece {
    let sign = match sign {
        Sign::Went => "went",
        Sign::Came => "came",
        Sign::Stayed => "stayed",
    };
    Piece { sign, text }
}
