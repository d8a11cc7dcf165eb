//! Pull requests: those to which something happened, each with its whole history.

use std::time::Duration;

use jiff::Timestamp;
use plimsoll_model::Text;

use super::branches::Known;
use super::suites::Suites;
use super::told::Told;
use super::{Asked, CHUNK, Site, each, edits, hand_over, is_over, list_told};
use crate::client::{FEW_PAGES, Failed, List, MOST_PAGES, encoded};
use crate::normalise::branch::Seen;
use crate::normalise::pull::{self, Read, Tests};
use crate::wire::{Activity, CheckRun, Commit, Event, Listed, Pull, Review, Status};

const NO_PUSHES: &str = "who pushed to branches may not be read, or is not kept here: authors and times are those that the commits claim";

/// How long before it was opened what it brings may have been pushed.
const PAST: Duration = Duration::from_secs(180 * 86_400);

/// What came of reading one.
struct Outcome {
    number: i64,
    read: Result<Parts, Failed>,
}

struct Parts {
    pull: Pull,
    reviews: List<Review>,
    events: List<Event>,
    commits: List<Commit>,
    activities: Option<List<Activity>>,
    tests: Vec<(Text, List<CheckRun>, List<Status>)>,
    became: Seen<Commit>,
}

/// Reads the pull requests; whether it came to its end.
pub(super) async fn read(site: &Site<'_>, known: &Known, told: &mut Told<'_>) -> bool {
    let Some(listed) = list(site, told).await else {
        return false;
    };
    let limit = site.context.limits.records;
    let (close, far): (Vec<Listed>, Vec<Listed>) = listed
        .into_iter()
        .partition(|one| site.settings.reads_closely(one.pull.base()));
    for one in far {
        let id = pull::id(site.name, one.pull.number);
        let made = pull::outline(site.name, &one.pull, site.settings);
        if !hand_over(made, &id, told, limit) {
            return false;
        }
    }
    let merged = close
        .iter()
        .filter_map(|one| one.pull.merged_at.as_ref()?.parse().ok());
    let mut suites = Suites::since(merged.min());
    let total = close.len();
    for (at, chunk) in close.chunks(CHUNK).enumerate() {
        site.context.progress.step(at * CHUNK, total);
        let at_once = site.settings.concurrency;
        let numbers = chunk.iter().map(|one| one.pull.number).collect();
        let outcomes = each(numbers, at_once, |number| one(site, number)).await;
        let over = is_over(outcomes.iter().flat_map(failures));
        let mut reads = Vec::new();
        for outcome in outcomes {
            let id = pull::id(site.name, outcome.number);
            match outcome.read {
                Err(why) => told.counted("pull requests", &format!("{id}: {why}")),
                Ok(parts) => reads.extend(whole(parts, &id, told)),
            }
        }
        for read in &mut reads {
            let listed = chunk.iter().find(|one| one.pull.number == read.pull.number);
            read.differs_from_list = listed.is_some_and(|one| one.pull.differs(&read.pull));
            read.protected = suites.protected(site, known, &read.pull, told).await;
        }
        // After all else: an edit that came meanwhile is then among the edits.
        let ids: Vec<Text> = reads.iter().map(|read| read.pull.node_id.clone()).collect();
        let asked = edits(site, &ids, told).await;
        if matches!(asked, Asked::Lost) {
            reads.clear();
        }
        for read in &reads {
            let id = pull::id(site.name, read.pull.number);
            let extra = asked.of(&read.pull.node_id);
            let made = pull::request(site.name, read, extra, site.settings);
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

/// Those to which something happened since, the newest first. There is no way to ask for them alone.
async fn list(site: &Site<'_>, told: &mut Told<'_>) -> Option<Vec<Listed>> {
    let target = format!(
        "/repos/{}/pulls?state=all&sort=updated&direction=desc",
        site.name
    );
    let older = |one: &Listed| {
        let updated: Option<Timestamp> =
            one.pull.updated_at.as_ref().and_then(|at| at.parse().ok());
        updated.is_some_and(|updated| updated < site.from)
    };
    let enough = |page: &[Listed]| page.iter().any(older);
    let list: List<Listed> = site.github.list(&target, None, MOST_PAGES, enough).await;
    list_told(&list, site.name, "the pull requests", told);
    if list.failed.is_some() && list.items.is_empty() {
        return None;
    }
    let over = is_over(list.failed.iter());
    let mut items = list.items;
    items.retain(|one| !older(one));
    // One that is touched while the list is read comes twice.
    items.sort_by_key(|one| one.pull.number);
    items.dedup_by_key(|one| one.pull.number);
    (!over).then_some(items)
}

async fn one(site: &Site<'_>, number: i64) -> Outcome {
    let read = parts(site, number).await;
    Outcome { number, read }
}

async fn parts(site: &Site<'_>, number: i64) -> Result<Parts, Failed> {
    let (github, name) = (site.github, site.name);
    let of = format!("/repos/{name}/pulls/{number}");
    // First of all: what is pushed after it is then a commit that nobody is known to have reviewed.
    let pull: Pull = github.one(&of).await?;
    let all = |_: &[_]| false;
    let (reviews, commits) = (format!("{of}/reviews"), format!("{of}/commits"));
    let events = format!("/repos/{name}/issues/{number}/timeline");
    let (reviews, events, commits) = futures::join!(
        github.list(&reviews, None, FEW_PAGES, all),
        github.list(&events, None, FEW_PAGES, |_: &[_]| false),
        github.list(&commits, None, FEW_PAGES, |_: &[_]| false),
    );
    let activities = match own_branch(site, &pull) {
        Some(branch) => {
            let target = format!(
                "/repos/{name}/activity?ref={}",
                encoded(&format!("refs/heads/{branch}"))
            );
            // A branch that lives on has a long past, in which nothing of this one happened.
            let from: Option<Timestamp> = pull.created_at.parse().ok();
            let from = from.and_then(|opened| opened.checked_sub(PAST).ok());
            let enough = |page: &[Activity]| {
                let times = page
                    .iter()
                    .filter_map(|one| one.timestamp.as_ref()?.parse().ok());
                let oldest: Option<Timestamp> = times.min();
                oldest.zip(from).is_some_and(|(oldest, from)| oldest < from)
            };
            Some(github.list(&target, None, FEW_PAGES, enough).await)
        }
        None => None,
    };
    let became = became(site, &pull, &commits).await?;
    let mut tests = Vec::new();
    if site.settings.checks {
        for commit in pull.tested() {
            let of = format!("/repos/{name}/commits/{commit}");
            let (runs, statuses) = (
                format!("{of}/check-runs?filter=all"),
                format!("{of}/status"),
            );
            let (runs, statuses) = futures::join!(
                github.list(&runs, Some("check_runs"), FEW_PAGES, |_: &[_]| false),
                github.list(&statuses, Some("statuses"), FEW_PAGES, |_: &[_]| false),
            );
            tests.push((commit, runs, statuses));
        }
    }
    Ok(Parts {
        pull,
        reviews,
        events,
        commits,
        activities,
        tests,
        became,
    })
}

/// The commit that one became, where that is none of its own: a squash has a message of its own.
async fn became(site: &Site<'_>, pull: &Pull, own: &List<Commit>) -> Result<Seen<Commit>, Failed> {
    let commit = pull.merge_commit();
    let is = |one: &Commit, sha: &Text| one.sha.eq_ignore_ascii_case(sha);
    let Some(commit) = commit.filter(|sha| !own.items.iter().any(|one| is(one, sha))) else {
        return Ok(Seen::Absent);
    };
    let target = format!("/repos/{}/commits/{commit}", site.name);
    match site.github.one(&target).await {
        Ok(read) => Ok(Seen::Read(read)),
        Err(why) if why.is_lasting() => Ok(Seen::Hidden(why.to_string())),
        Err(why) => Err(why),
    }
}

/// Its branch, where that is in the repository itself: what happens in another is not ours to see.
fn own_branch<'p>(site: &Site<'_>, pull: &'p Pull) -> Option<&'p str> {
    let head = pull.head.as_ref().filter(|_| site.settings.pushes)?;
    let place = head.repo.as_ref()?.full_name.as_deref()?;
    let base = pull.base.as_ref()?.repo.as_ref()?.full_name.as_deref()?;
    head.name
        .as_deref()
        .filter(|_| place.eq_ignore_ascii_case(base))
}

fn failures(outcome: &Outcome) -> Vec<&Failed> {
    match &outcome.read {
        Err(failed) => vec![failed],
        Ok(parts) => {
            let tests = parts.tests.iter();
            let tests = tests.flat_map(|(_, runs, statuses)| [&runs.failed, &statuses.failed]);
            let own = [
                &parts.reviews.failed,
                &parts.events.failed,
                &parts.commits.failed,
            ];
            let activities = parts.activities.iter().map(|list| &list.failed);
            own.into_iter()
                .chain(tests)
                .chain(activities)
                .flatten()
                .collect()
        }
    }
}

/// Says what is missing. What may be read better by the next run is left as it is known. Without all reviews, events and commits nobody knows whether a yes still stands, and whose work it is.
fn whole(parts: Parts, id: &str, told: &mut Told<'_>) -> Option<Read> {
    let mut lost = parts.reviews.is_lost() || parts.events.is_lost() || parts.commits.is_lost();
    lost |= parts.activities.as_ref().is_some_and(List::is_lost);
    let mut tests = parts.tests.iter();
    lost |= tests.any(|(_, runs, statuses)| runs.is_lost() || statuses.is_lost());
    let mut whole = list_told(&parts.reviews, id, "reviews", told);
    whole &= list_told(&parts.events, id, "the events of a timeline", told);
    whole &= list_told(&parts.commits, id, "commits", told);
    let activities = match parts.activities {
        // Some servers have no such list; then what the commits say has to do.
        Some(list) if list.failed.as_ref().is_some_and(Failed::is_refusal) => {
            told.remark_once(NO_PUSHES);
            None
        }
        Some(list) => {
            whole &= list_told(&list, id, "the pushes to a branch", told);
            Some(list.items)
        }
        None => None,
    };
    let mut tests = Vec::new();
    for (commit, runs, statuses) in parts.tests {
        list_told(&runs, id, "checks", told);
        list_told(&statuses, id, "statuses", told);
        tests.push(Tests {
            commit,
            runs: runs.items,
            statuses: statuses.items,
        });
    }
    let read = Read {
        pull: parts.pull,
        reviews: parts.reviews.items,
        events: parts.events.items,
        commits: parts.commits.items,
        activities,
        tests,
        became: parts.became,
        whole,
        protected: None,
        differs_from_list: false,
    };
    (!lost).then_some(read)
}
