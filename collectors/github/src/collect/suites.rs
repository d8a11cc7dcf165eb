//! Whether a merge kept the branch's rules: the vendor notes for a month what its rules said of each push.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::Site;
use super::branches::Known;
use super::told::Told;
use crate::client::{FEW_PAGES, List, encoded};
use crate::wire::{Pull, Suite};

const HOUR: u64 = 3_600;

/// The pushes to each branch, read when the first merge into it asks for them.
pub(super) struct Suites {
    /// When the oldest merge was that matters.
    oldest: Option<Timestamp>,
    /// By branch; none where they may not be read.
    branches: BTreeMap<String, Option<Vec<Suite>>>,
    refused: bool,
}

impl Suites {
    pub(super) fn since(oldest: Option<Timestamp>) -> Self {
        Self {
            oldest,
            branches: BTreeMap::new(),
            refused: false,
        }
    }

    /// Whether a merge went into a protected branch by its rules. None where nothing proves either.
    pub(super) async fn protected(
        &mut self,
        site: &Site<'_>,
        known: &Known,
        pull: &Pull,
        told: &mut Told<'_>,
    ) -> Option<bool> {
        let commit = pull.merge_commit()?;
        let branch = pull.base()?;
        // How another branch is protected was not looked at.
        if (*known.get(branch)?) == Some(true) {
            return Some(false);
        }
        if !self.branches.contains_key(branch) {
            let read = self.read(site, branch, told).await;
            self.branches.insert(branch.to_owned(), read);
        }
        let suites = self.branches.get(branch)?.as_ref()?;
        let own = |suite: &&Suite| {
            let after = suite.after_sha.as_deref();
            after.is_some_and(|after| after.eq_ignore_ascii_case(&commit))
        };
        let found: Vec<&Suite> = suites.iter().filter(own).collect();
        // Of several the worst counts.
        if found
            .iter()
            .any(|suite| suite.result.as_deref() == Some("bypass"))
        {
            return Some(false);
        }
        let passed = found
            .iter()
            .all(|suite| suite.result.as_deref() == Some("pass"));
        let suite = found.first().filter(|_| passed)?;
        self.asked_for_review(site, suite.id, told).await
    }

    /// Whether a rule that was in force at that time asked for a pull request with its reviews, and was kept.
    async fn asked_for_review(
        &mut self,
        site: &Site<'_>,
        id: i64,
        told: &mut Told<'_>,
    ) -> Option<bool> {
        let target = format!("/repos/{}/rulesets/rule-suites/{id}", site.name);
        let suite: Suite = match site.github.one(&target).await {
            Ok(suite) => suite,
            Err(why) if why.is_refusal() => return None,
            Err(why) => {
                told.counted("what the rules said of a push", &why.to_string());
                return None;
            }
        };
        let kept = suite.rule_evaluations.iter().any(|one| {
            one.rule_type.as_deref() == Some("pull_request")
                && one.enforcement.as_deref() == Some("active")
                && one.result.as_deref() == Some("pass")
        });
        // Without such a rule the older protection may have asked for it: nobody says.
        (kept && suite.result.as_deref() == Some("pass")).then_some(true)
    }

    async fn read(
        &mut self,
        site: &Site<'_>,
        branch: &str,
        told: &mut Told<'_>,
    ) -> Option<Vec<Suite>> {
        if self.refused {
            return None;
        }
        let period = period(self.oldest, site.context.now());
        let target = format!(
            "/repos/{}/rulesets/rule-suites?ref={}&time_period={period}",
            site.name,
            encoded(&format!("refs/heads/{branch}"))
        );
        let oldest = self.oldest;
        let enough = |page: &[Suite]| {
            let times = page
                .iter()
                .filter_map(|suite| suite.pushed_at.as_ref()?.parse().ok());
            let last: Option<Timestamp> = times.min();
            // The push comes a moment before or after the merge is noted.
            let margin = Duration::from_secs(HOUR);
            let from = oldest.and_then(|oldest| oldest.checked_sub(margin).ok());
            last.zip(from).is_some_and(|(last, from)| last < from)
        };
        let list: List<Suite> = site.github.list(&target, None, FEW_PAGES, enough).await;
        match &list.failed {
            Some(why) if why.is_refusal() => {
                self.refused = true;
                let text = "whether merges kept the rules is not known: what the rules said of each push may not be read, \
                            the token lacks Administration: read";
                told.remark(text);
                None
            }
            Some(why) => {
                told.trouble(why.to_string());
                None
            }
            None if !list.broken.is_empty() => {
                told.trouble(format!(
                    "GET {target}: what the rules said of a push makes no sense"
                ));
                None
            }
            None => Some(list.items),
        }
    }
}

/// How far back is asked for.
fn period(oldest: Option<Timestamp>, now: Timestamp) -> &'static str {
    let Some(oldest) = oldest else { return "hour" };
    let age = Duration::try_from(now.duration_since(oldest)).unwrap_or_default();
    match age.as_secs() / HOUR + 1 {
        0..=23 => "day",
        24..=167 => "week",
        _ => "month",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_asked_for_than_is_needed() {
        let now: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let of = |text: &str| period(Some(text.parse().unwrap()), now);
        assert_eq!(of("2026-01-31T12:00:00Z"), "day");
        assert_eq!(of("2026-01-30T23:00:00Z"), "week");
        assert_eq!(of("2025-01-30T23:00:00Z"), "month");
        assert_eq!(of("2027-01-30T23:00:00Z"), "day");
        assert_eq!(period(None, now), "hour");
    }
}
