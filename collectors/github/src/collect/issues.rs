//! Issues as tickets: those to which something happened, each with its whole history.

use jiff::Timestamp;
use plimsoll_model::Text;

use super::told::Told;
use super::{Asked, CHUNK, Site, each, edits, hand_over, is_over, list_told};
use crate::client::{FEW_PAGES, List, MOST_PAGES, encoded};
use crate::normalise::issue::{self, Read};
use crate::normalise::pull::id;
use crate::wire::{Event, Issue};

/// Reads the issues; whether it came to its end.
pub(super) async fn read(site: &Site<'_>, told: &mut Told<'_>) -> bool {
    // Whole seconds, as the vendor's own times.
    let since = Timestamp::from_second(site.from.as_second()).unwrap_or(site.from);
    let target = format!(
        "/repos/{}/issues?state=all&sort=updated&direction=desc&since={}",
        site.name,
        encoded(&since.to_string())
    );
    let older = |one: &Issue| {
        let updated: Option<Timestamp> = one.updated_at.parse().ok();
        updated.is_some_and(|updated| updated < since)
    };
    let enough = |page: &[Issue]| page.iter().any(older);
    let list: List<Issue> = site.github.list(&target, None, MOST_PAGES, enough).await;
    list_told(&list, site.name, "the issues", told);
    if is_over(list.failed.iter()) {
        return false;
    }
    let mut issues = list.items;
    // Every pull request is in the list too.
    issues.retain(|one| one.pull_request.is_none() && !older(one));
    issues.sort_by_key(|one| one.number);
    issues.dedup_by_key(|one| one.number);
    let (limit, total) = (site.context.limits.records, issues.len());
    let mut done = 0;
    let mut left = issues.into_iter().peekable();
    while left.peek().is_some() {
        let chunk: Vec<Issue> = left.by_ref().take(CHUNK).collect();
        site.context.progress.step(done, total);
        done += chunk.len();
        let at_once = site.settings.concurrency;
        let reads = each(chunk, at_once, |issue| async {
            let target = format!("/repos/{}/issues/{}/timeline", site.name, issue.number);
            let all = |_: &[Event]| false;
            let events = site.github.list(&target, None, FEW_PAGES, all).await;
            (issue, events)
        })
        .await;
        let over = is_over(
            reads
                .iter()
                .filter_map(|(_, events)| events.failed.as_ref()),
        );
        let ids: Vec<Text> = reads
            .iter()
            .map(|(issue, _)| issue.node_id.clone())
            .collect();
        let asked = edits(site, &ids, told).await;
        for (issue, events) in reads {
            let id = id(site.name, issue.number);
            let lost = events.is_lost() || matches!(asked, Asked::Lost);
            let whole = list_told(&events, &id, "the events of a timeline", told);
            if lost {
                continue;
            }
            let extra = asked.of(&issue.node_id);
            let read = Read {
                events: events.items,
                whole,
                issue: issue.clone(),
            };
            let made = issue::request(site.name, &read, extra, site.settings);
            if !hand_over(made, &id, told, limit) {
                return false;
            }
        }
        if over {
            return false;
        }
    }
    site.context.progress.step(total, total);
    true
}
