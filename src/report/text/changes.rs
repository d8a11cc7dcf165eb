//! What changed, from what to what.

use std::io;

use super::{Ink, Names, Options, Page, section};
use crate::change::{ChangeKind, PathChange};
use crate::report::bundle::{Bundle, bundles};
use crate::report::delta::{Delta, Sign, delta};
use crate::report::tame::tame;
use crate::report::value::{ChangeRow, Report, Verdict};
use crate::report::when;

/// How much is shown without being asked for all: changes, names of one, paths of one.
const BUNDLES: usize = 20;
const NAMES: usize = 12;
const PATHS: usize = 8;

/// The changes, those that lack an approval first.
pub(super) fn write(
    report: &Report,
    remark: &str,
    options: &Options,
    page: &mut Page<'_>,
) -> io::Result<()> {
    if report.changes.is_empty() {
        return Ok(());
    }
    section(page, Ink::Strong, "CHANGES", remark)?;
    let cap = |most: usize| if options.explain { usize::MAX } else { most };
    let bundles = bundles(&report.changes);
    let mut group = None;
    for bundle in bundles.iter().take(cap(BUNDLES)) {
        if let Some(first) = bundle.first() {
            // What no policy was asked about has one verdict, and needs no heading for it.
            if first.judged.is_some() && group != Some(first.verdict) {
                group = Some(first.verdict);
                let many = report
                    .changes
                    .iter()
                    .filter(|row| row.verdict == first.verdict);
                let many = format!("· {}", many.count());
                let word = first.verdict.as_str();
                page.words(
                    2,
                    &[(verdict_ink(first.verdict), word), (Ink::Faint, &many)],
                )?;
            }
            head(first, bundle, cap(NAMES), page)?;
            for change in first.paths.iter().take(cap(PATHS)) {
                path(change, page)?;
            }
            let more = first.paths.len().saturating_sub(cap(PATHS));
            if more > 0 {
                page.words(6, &[(Ink::Faint, &format!("and {more} more properties"))])?;
            }
            reasons(first, page)?;
            if options.explain {
                candidates(first, page)?;
            }
        }
    }
    let rest = bundles.iter().skip(cap(BUNDLES));
    match rest.map(|bundle| bundle.rows.len()).sum::<usize>() {
        0 => Ok(()),
        more => page.words(4, &[(Ink::Faint, &format!("and {more} more changes"))]),
    }
}

/// The changes of scans before on which it is another verdict now.
pub(super) fn rejudged(report: &Report, options: &Options, page: &mut Page<'_>) -> io::Result<()> {
    if report.rejudged.is_empty() {
        return Ok(());
    }
    let remark = "· changes of scans before on which it is another verdict now";
    section(page, Ink::Strong, "JUDGED ANEW", remark)?;
    let most = if options.explain { usize::MAX } else { BUNDLES };
    for row in report.rejudged.iter().take(most) {
        let change = &row.change;
        let what = format!(
            "· {} {}",
            tame(&change.asset_kind, 40),
            change.kind.as_str()
        );
        let verdict = format!(
            "{}{}",
            change.verdict.as_str(),
            match &change.request {
                Some(request) => format!(" ({})", tame(request, 60)),
                None => String::new(),
            }
        );
        let id = format!("· #{}", change.id);
        page.item(
            2,
            (verdict_ink(change.verdict), "*"),
            &[
                (Ink::Strong, &tame(&change.name, 60)),
                (Ink::Plain, &what),
                (Ink::Faint, &format!("· {} →", row.verdict_before.as_str())),
                (verdict_ink(change.verdict), &verdict),
                (Ink::Faint, &id),
            ],
        )?;
        reasons(change, page)?;
    }
    match report.rejudged.len().saturating_sub(most) {
        0 => Ok(()),
        more => page.words(4, &[(Ink::Faint, &format!("and {more} more changes"))]),
    }
}

fn head(
    first: &ChangeRow,
    bundle: &Bundle<'_>,
    most: usize,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let names = Names::new(bundle.rows.iter().map(|row| tame(&row.name, 60)), most);
    let many = match bundle.rows.len() {
        1 => String::new(),
        many => format!("· {many} changes"),
    };
    let what = format!("· {} {}", tame(&first.asset_kind, 40), first.kind.as_str());
    let actor = format!("by {}", tame(&first.by(), 120));
    let verdict = verdict_words(first);
    let ids = format!("· {}", bundle.ids(most));
    let (mark, ink) = match first.kind {
        ChangeKind::Added => ("+", Ink::Good),
        ChangeKind::Removed => ("-", Ink::Bad),
        ChangeKind::Modified => ("~", Ink::Note),
    };
    page.item(
        2,
        (ink, mark),
        &[
            (Ink::Strong, &names.0),
            (Ink::Faint, &many),
            (Ink::Plain, &what),
            (Ink::Plain, &actor),
            (verdict_ink(first.verdict), &verdict),
            (Ink::Faint, &ids),
        ],
    )
}

fn verdict_words(row: &ChangeRow) -> String {
    match (row.verdict, &row.request) {
        (Verdict::NotRequired, _) => String::new(),
        (verdict, Some(request)) => format!("· {} ({})", verdict.as_str(), tame(request, 60)),
        (verdict, None) => format!("· {}", verdict.as_str()),
    }
}

fn verdict_ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Unapproved | Verdict::Overdue => Ink::Bad,
        Verdict::Unproven | Verdict::Pending => Ink::Warn,
        Verdict::Approved => Ink::Good,
        Verdict::NotRequired => Ink::Faint,
    }
}

fn path(change: &PathChange, page: &mut Page<'_>) -> io::Result<()> {
    let name = tame(&change.path, 160);
    match delta(change) {
        Delta::Step(from, to) => {
            let from = from.as_deref().unwrap_or("(none)");
            let to = to.as_deref().unwrap_or("(none)");
            page.words(
                6,
                &[
                    (Ink::Note, &name),
                    (Ink::Plain, from),
                    (Ink::Faint, "→"),
                    (Ink::Strong, to),
                ],
            )
        }
        Delta::Pieces(pieces) => {
            page.words(6, &[(Ink::Note, &name)])?;
            pieces.iter().try_for_each(|(sign, piece)| {
                let ink = match sign {
                    Sign::Went => Ink::Bad,
                    Sign::Came => Ink::Good,
                    Sign::Stayed => Ink::Faint,
                };
                // A line's own indentation goes with the mark: words alone would lose it.
                let text = piece.trim_start_matches(' ');
                let indent = " ".repeat((piece.len() - text.len()).min(24));
                let mark = format!("{}{indent}", sign.mark());
                page.item(8, (ink, &mark), &[(ink, text)])
            })
        }
    }
}

fn reasons(row: &ChangeRow, page: &mut Page<'_>) -> io::Result<()> {
    if row.verdict == Verdict::NotRequired {
        return Ok(());
    }
    for reason in &row.reasons {
        page.words(6, &[(Ink::Faint, &tame(reason, 240))])?;
    }
    let seen = match row.observed.after {
        _ if row.observed.at.is_some() => String::new(),
        Some(after) => format!(
            "between {} and {}",
            when::absolute(after),
            when::absolute(row.observed.before)
        ),
        None => format!("seen first at {}", when::absolute(row.observed.before)),
    };
    let seen = row
        .observed
        .at
        .map_or(seen, |at| format!("at {}", when::absolute(at)));
    page.words(6, &[(Ink::Faint, &seen)])
}

/// The other records that may be of it.
fn candidates(row: &ChangeRow, page: &mut Page<'_>) -> io::Result<()> {
    let Some(attribution) = &row.attribution else {
        return Ok(());
    };
    for other in &attribution.candidates {
        let text = format!(
            "or by {} ({}) at {}",
            tame(other.account.as_deref().unwrap_or("unknown"), 60),
            tame(&other.called(), 80),
            when::absolute(other.at)
        );
        page.words(6, &[(Ink::Faint, &text)])?;
    }
    match attribution.more {
        0 => Ok(()),
        more => page.words(
            6,
            &[(Ink::Faint, &format!("or by one of {more} more records"))],
        ),
    }
}
