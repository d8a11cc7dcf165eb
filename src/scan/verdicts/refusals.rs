//! Approvals that the checker refused: a mistake of our own, for the log and the metrics.

use std::cell::RefCell;
use std::collections::BTreeMap;

use plimsoll_model::{AssetId, Text};

use crate::approval::Judged;

/// What the checker refused in one scan.
#[derive(Debug, Default)]
pub(super) struct Refusals(RefCell<BTreeMap<Text, u64>>);

impl Refusals {
    /// Notes that the checker refused what linking took for an approval, unless the verdict before said so already: a change
    /// is judged at every scan of 90 days.
    pub(super) fn note(&self, asset: &AssetId, before: Option<&Judged>, now: &Judged) {
        let Some(refusal) = &now.refusal else { return };
        if before.is_some_and(|before| before.refusal == now.refusal) {
            return;
        }
        tracing::warn!(%asset, %refusal, "an approval was refused for want of proof");
        let rule = refusal.split(':').next().unwrap_or_default();
        *self.0.borrow_mut().entry(rule.into()).or_default() += 1;
    }

    /// How many there were, by the checker's rule.
    pub(super) fn by_rule(self) -> BTreeMap<Text, u64> {
        self.0.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(refusal: Option<&str>) -> Judged {
        let json = serde_json::json!({"verdict": "unproven", "reasons": [], "refusal": refusal});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn refusal_counts_once_by_its_rule() {
        let refusals = Refusals::default();
        let asset = AssetId::new("container:web-1/api").unwrap();
        let (none, one, other) = (
            judged(None),
            judged(Some("path-uncovered: nothing covers ports: 80")),
            judged(Some("vote-late: it came too late")),
        );
        refusals.note(&asset, None, &none);
        refusals.note(&asset, None, &one);
        refusals.note(&asset, Some(&one), &one);
        refusals.note(&asset, Some(&none), &one);
        refusals.note(&asset, Some(&one), &other);
        let by_rule = refusals.by_rule();
        let counts: Vec<(&str, u64)> = by_rule
            .iter()
            .map(|(rule, many)| (rule.as_str(), *many))
            .collect();
        assert_eq!(counts, [("path-uncovered", 2), ("vote-late", 1)]);
    }
}
