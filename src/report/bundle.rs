//! Changes that are alike as one: a redeploy of fourteen services to one image is one thing to read.

use std::collections::HashMap;

use super::value::ChangeRow;
use crate::change::ChangeKind;

/// Changes that went the same way: the same kind of asset, paths, verdict, actor and request.
pub(super) struct Bundle<'a> {
    /// The changes, never none, in the order of the report.
    pub(super) rows: Vec<&'a ChangeRow>,
}

impl<'a> Bundle<'a> {
    /// The first of them, which speaks for all.
    pub(super) fn first(&self) -> Option<&'a ChangeRow> {
        self.rows.first().copied()
    }

    /// The changes' ids, by which drifts name them: `#4`, `#4, #7 and 3 more`.
    pub(super) fn ids(&self, most: usize) -> String {
        let ids = self.rows.iter().take(most);
        let ids: Vec<String> = ids.map(|row| format!("#{}", row.id)).collect();
        match self.rows.len().saturating_sub(most) {
            0 => ids.join(", "),
            more => format!("{} and {more} more", ids.join(", ")),
        }
    }
}

/// Changes as bundles, in the order in which the report has their first.
pub(super) fn bundles(changes: &[ChangeRow]) -> Vec<Bundle<'_>> {
    let mut bundles: Vec<Bundle<'_>> = Vec::new();
    let mut places = HashMap::new();
    for row in changes {
        let key = (
            (row.kind, row.verdict, row.asset_kind.as_str()),
            (row.observed.after, row.observed.before, row.observed.at),
            (
                row.by(),
                candidates(row),
                row.request.as_deref(),
                &row.reasons,
            ),
            paths(row),
        );
        let place = *places.entry(key).or_insert_with(|| {
            bundles.push(Bundle { rows: Vec::new() });
            bundles.len() - 1
        });
        if let Some(bundle) = bundles.get_mut(place) {
            bundle.rows.push(row);
        }
    }
    bundles
}

/// The other records that may be of a change.
fn candidates(row: &ChangeRow) -> Vec<(&str, &str)> {
    let others = row.attribution.iter().flat_map(|found| &found.candidates);
    others
        .map(|other| (other.source.as_str(), other.action.as_str()))
        .collect()
}

/// The paths and their values as one text, to compare by.
fn paths(row: &ChangeRow) -> String {
    if row.kind == ChangeKind::Modified {
        format!("{:?}", row.paths)
    } else {
        String::new()
    }
}
