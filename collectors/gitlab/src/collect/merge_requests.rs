//! Merge requests with all that happened to them.

use futures::StreamExt;
use serde::de::DeserializeOwned;

use super::Site;
use super::listing::altered;
use super::told::Told;
use crate::client::{Failed, List};
use crate::normalise::branch::{Protection, is_protected};
use crate::normalise::{checks, merge_request};
use crate::wire::{self, MergeRequest, Pipeline};

/// How many pipelines of one merge request are asked when they ended.
const PIPELINES: usize = 20;

/// What was read of one, with what it lacks.
struct Parts {
    read: merge_request::Read,
    lacks: Lacks,
}

/// What could not be read of one.
#[derive(Default)]
struct Lacks {
    told: Vec<(&'static str, String)>,
    /// Whether a part of its history is among it.
    history: bool,
    /// Whether there is no use in asking for anything else.
    fatal: bool,
}

impl Lacks {
    fn note(&mut self, kind: &'static str, why: &Failed) {
        self.fatal |= why.is_final();
        self.told.push((kind, why.to_string()));
    }

    /// The items of a list; whether it is whole.
    fn items<T>(&mut self, kind: &'static str, list: List<T>) -> (Vec<T>, bool) {
        let whole = list.is_whole();
        if let Some(why) = &list.failed {
            self.note(kind, why);
        }
        if list.broken > 0 {
            let what = format!("{} of a list make no sense, and were left out", list.broken);
            self.told.push((kind, what));
        }
        (list.items, whole)
    }

    /// The items of a list that belongs to the history.
    fn history<T>(&mut self, kind: &'static str, list: List<T>) -> Vec<T> {
        let (items, whole) = self.items(kind, list);
        self.history |= !whole;
        items
    }
}

/// Reads those that were altered, and hands them over.
pub(super) async fn read(site: &Site<'_>, protection: &Protection, told: &mut Told<'_>) {
    // What happens to a merge request touches it but for its pipelines: the overlap is for those, and for the server's clock.
    let from = site.context.cursors.from(site.name, site.settings.overlap);
    let target = format!("{}/merge_requests?state=all&scope=all", site.path);
    let most = site.context.limits.records;
    let mut list: List<MergeRequest> = altered(site.gitlab, &target, from, most).await;
    told.lacks("merge requests", &list);
    list.items
        .retain(|one| site.settings.reads(one.target_branch.as_deref()));
    let total = list.items.len();
    let parts = futures::stream::iter(list.items).map(|one| whole(site, protection, one));
    // In their order, so that what is said comes in one order too.
    let mut parts = parts.buffered(site.settings.concurrency);
    let mut done = 0;
    while let Some(one) = parts.next().await {
        done += 1;
        site.context.progress.step(done, total);
        for (kind, why) in &one.lacks.told {
            told.counted(kind, why);
        }
        let id = merge_request::id(site.name, one.read.merge_request.iid);
        let made = merge_request::request(site.name, site.id, &one.read, site.settings);
        told.request(&id, made);
        if one.lacks.fatal {
            told.trouble("the rest of the merge requests was left unread");
            return;
        }
    }
}

/// Reads one.
async fn whole(site: &Site<'_>, protection: &Protection, merge_request: MergeRequest) -> Parts {
    let path = format!("{}/merge_requests/{}", site.path, merge_request.iid);
    let mut lacks = Lacks::default();
    let list = |part: &str| format!("{path}/{part}");
    let (notes, states, labels, versions, commits, closes) = futures::join!(
        site.list(list("notes?sort=asc&order_by=created_at")),
        site.list(list("resource_state_events")),
        site.list(list("resource_label_events")),
        site.list(list("versions")),
        site.list(list("commits")),
        site.list(list("closes_issues")),
    );
    let notes = lacks.history("notes", notes);
    let states = lacks.history("states", states);
    let labels = lacks.history("labels", labels);
    let (versions, all) = lacks.items("pushes", versions);
    // Without them nobody says what was pushed when.
    lacks.history |= !all;
    let versions: Option<Vec<wire::Version>> = all.then_some(versions);
    let commits = lacks.history("commits", commits);
    let mut became = Vec::new();
    for commit in merge_request::became(&merge_request, &commits) {
        let target = format!("{}/repository/commits/{commit}", site.path);
        match site.gitlab.one::<wire::Commit>(&target).await {
            Ok(read) => became.push(read),
            // Whom its message names is not known then.
            Err(why) => {
                lacks.history = true;
                // What is refused, or is there no more, is so for good.
                if !why.is_refusal() {
                    lacks.note("commits that it became", &why);
                }
            }
        }
    }
    let (closes, _) = lacks.items("issues that it closes", closes);
    let approvals = match site.gitlab.one::<wire::Approvals>(&list("approvals")).await {
        Ok(approvals) => {
            // Told without a word about who: then what the notes say cannot be held against it.
            lacks.history |= approvals.approved_by.is_none();
            Some(approvals)
        }
        Err(why) => {
            lacks.history = true;
            lacks.note("approvals", &why);
            None
        }
    };
    let reviewers: List<wire::Reviewer> = site.list(list("reviewers")).await;
    let reviewers = match &reviewers.failed {
        // Older servers have none.
        Some(why) if why.status() == Some(404) => Vec::new(),
        _ => lacks.history("reviewers", reviewers),
    };
    let rules = rules(site, &list("approval_state"), &mut lacks).await;
    let pipelines = match site.settings.checks {
        true => pipelines(site, &path, &merge_request, &mut lacks).await,
        false => Vec::new(),
    };
    let protected = match merge_request.target_branch.as_deref() {
        Some(branch) => match is_protected(protection, branch) {
            // That it is so now does not say that it was so then, unless the house says that it always is.
            Some(true) => site.settings.protected_as_now.then_some(true),
            other => other,
        },
        None => None,
    };
    let read = merge_request::Read {
        merge_request,
        notes,
        states,
        labels,
        versions,
        commits,
        became,
        closes,
        approvals,
        rules,
        reviewers,
        pipelines,
        whole: !lacks.history,
        protected,
    };
    Parts { read, lacks }
}

/// The rules that the approvals fulfil, where the settings name any.
async fn rules(site: &Site<'_>, target: &str, lacks: &mut Lacks) -> Vec<wire::RuleState> {
    if site.settings.rules.is_empty() {
        return Vec::new();
    }
    match site.gitlab.one::<wire::ApprovalState>(target).await {
        Ok(state) => state.rules,
        Err(why) => {
            lacks.fatal |= why.is_final();
            let what = format!("{why}; leave `rules` out where the licence has none");
            lacks.told.push(("approval rules of a merge request", what));
            Vec::new()
        }
    }
}

/// The pipelines of what it proposes and of what it became, the newest first, each with its end.
async fn pipelines(
    site: &Site<'_>,
    path: &str,
    of: &MergeRequest,
    lacks: &mut Lacks,
) -> Vec<Pipeline> {
    const KIND: &str = "pipelines";
    let all: List<Pipeline> = site.list(format!("{path}/pipelines")).await;
    let (mut found, _) = lacks.items(KIND, all);
    let landed = merge_request::landed(of).filter(|_| of.state.as_deref() == Some("merged"));
    if let Some(commit) = &landed {
        let target = format!("{}/pipelines?sha={commit}", site.path);
        let of_commit: List<Pipeline> = site.list(target).await;
        found.extend(lacks.items(KIND, of_commit).0);
    }
    // Those of commits that it was before prove nothing of what it became.
    let head = of.sha.as_deref();
    found.retain(|one| {
        let sha = one.sha.as_deref();
        sha.is_some() && (sha == head || sha == landed.as_deref())
    });
    let mut each = checks::each(found);
    for one in each.iter_mut().take(PIPELINES) {
        let ended = matches!(
            one.status.as_deref(),
            Some("success" | "failed" | "canceled")
        );
        if !ended || one.finished_at.is_some() {
            continue;
        }
        // The list says when one was last touched alone, and that may be long after its end.
        match site
            .gitlab
            .one::<Pipeline>(&format!("{}/pipelines/{}", site.path, one.id))
            .await
        {
            Ok(closely) => *one = closely,
            Err(why) => lacks.note(KIND, &why),
        }
    }
    each
}

impl Site<'_> {
    pub(super) async fn list<T: DeserializeOwned>(&self, target: String) -> List<T> {
        self.gitlab.list(&target).await
    }
}
