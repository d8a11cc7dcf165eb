//! A merge request with all that happened to it.

mod edits;
mod yes;

use plimsoll_model::{ChangeRequest, Merge, Party, Text, request_kind, request_state};

use super::approvals::Event;
use super::history::{Said, said};
use super::party::{of_address, party, with};
use super::spoken::listen;
use super::{COMMITS, Made, Odd, agreement, checks, events, hash, labels, title, url, word};
use crate::settings::Settings;
use crate::wire;

/// A merge request as it was read. What could not be read whole is said by `whole`.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) merge_request: wire::MergeRequest,
    pub(crate) notes: Vec<wire::Note>,
    pub(crate) states: Vec<wire::StateEvent>,
    pub(crate) labels: Vec<wire::LabelEvent>,
    /// What it proposed when; none where that could not be read whole.
    pub(crate) versions: Option<Vec<wire::Version>>,
    pub(crate) commits: Vec<wire::Commit>,
    /// What it became, where that is none of its own.
    pub(crate) became: Vec<wire::Commit>,
    pub(crate) closes: Vec<wire::Closes>,
    pub(crate) approvals: Option<wire::Approvals>,
    pub(crate) rules: Vec<wire::RuleState>,
    pub(crate) reviewers: Vec<wire::Reviewer>,
    pub(crate) pipelines: Vec<wire::Pipeline>,
    /// Whether all that happened to it was read.
    pub(crate) whole: bool,
    /// Whether the branch that it went into was protected.
    pub(crate) protected: Option<bool>,
}

/// Its id: `acme/infra!17`.
pub(crate) fn id(project: &str, iid: i64) -> Text {
    Text::from(format!("{project}!{iid}"))
}

/// The commit that a merged one became: of a fast-forward its own last.
pub(crate) fn landed(read: &wire::MergeRequest) -> Option<Text> {
    let all = [&read.merge_commit_sha, &read.squash_commit_sha, &read.sha];
    all.into_iter().find_map(|one| hash(one.as_ref()))
}

/// The commits that a merged one became, besides its own: a squash has a message of its own, and so has a merge.
pub(crate) fn became(read: &wire::MergeRequest, own: &[wire::Commit]) -> Vec<Text> {
    if read.state.as_deref() != Some("merged") && read.merged_at.is_none() {
        return Vec::new();
    }
    let all = [&read.merge_commit_sha, &read.squash_commit_sha];
    let mut all: Vec<Text> = all
        .into_iter()
        .filter_map(|one| hash(one.as_ref()))
        .collect();
    all.dedup();
    all.retain(|sha| {
        !own.iter()
            .any(|one| hash(one.id.as_ref()).as_ref() == Some(sha))
    });
    all
}

/// The request; what is broken in it for good is the error.
pub(crate) fn request(
    project: &str,
    project_id: i64,
    read: &Read,
    settings: &Settings,
) -> Result<Made, String> {
    let of = &read.merge_request;
    let mut odd = Odd::default();
    let opened = odd.time(of.created_at.as_ref(), "the time at which it was opened");
    let opened = opened.ok_or("nobody says when it was opened")?;
    let mut request = ChangeRequest::new(id(project, of.iid), title(of.title.as_ref()), opened);
    request.kind = request_kind::PULL_REQUEST.into();
    request.requester = Some(party(of.author.as_ref(), settings));
    request.labels = labels(&of.labels);
    request.url = url(of.web_url.as_ref());
    request.head = hash(of.sha.as_ref());
    request.whole_history = (!read.whole).then_some(false);
    merge(read, settings, &mut request, &mut odd);
    let texts = [
        of.title.as_deref(),
        of.description.as_deref(),
        of.source_branch.as_deref(),
    ];
    let mut says_what = false;
    for text in texts.into_iter().flatten() {
        says_what |= listen(text, settings, &mut request, &mut odd);
    }
    if let Some(target) = of.target_branch.as_deref()
        && let Some(environment) = settings.environments.get(target)
        && request.environments.is_empty()
    {
        request.environments.push(environment.clone());
    }
    for issue in read
        .closes
        .iter()
        .filter_map(|one| closes(project, project_id, one))
    {
        if !request.links.requests.contains(&issue) {
            request.links.requests.push(issue);
        }
    }
    let happened = happened(&read.notes, settings, &mut request, &mut odd);
    agreed(read, &happened, settings, &mut request, &mut odd);
    commits(read, &happened, settings, &mut request);
    yes::said_yes(read, &happened, settings, &mut request, &mut odd);
    edits::edits(read, &happened, says_what, &mut request, &mut odd);
    events::labels(&read.labels, &mut request, settings, &mut odd);
    request.edits.sort_by_cached_key(|edit| edit.at);
    request.transitions =
        events::transitions(&read.states, request_state::CANCELLED, settings, &mut odd);
    request.checks = checks::checks(&read.pipelines, &mut odd);
    Ok(Made { request, odd })
}

fn merge(read: &Read, settings: &Settings, request: &mut ChangeRequest, odd: &mut Odd) {
    let of = &read.merge_request;
    if of.state.as_deref() != Some("merged") && of.merged_at.is_none() {
        return;
    }
    let by = of.merge_user.as_ref().or(of.merged_by.as_ref());
    request.merge = Some(Merge {
        at: odd.time(of.merged_at.as_ref(), "the time of the merge"),
        by: by.map(|user| party(Some(user), settings)),
        commit: landed(of),
        branch: of.target_branch.as_ref().map(|branch| word(branch)),
        protected: read.protected,
    });
}

/// Holds what the lists tell against each other.
fn agreed(
    read: &Read,
    happened: &[Event],
    settings: &Settings,
    request: &mut ChangeRequest,
    odd: &mut Odd,
) {
    let of = &read.merge_request;
    let pushes = happened.iter().filter(|event| event.said == Said::Pushed);
    let pushes: Vec<_> = pushes.map(|event| event.at).collect();
    let (versions, commits) = (read.versions.as_deref(), &read.commits);
    agreement::proposed(of, versions, commits, &pushes, request, odd);
    let merged = odd.time(of.merged_at.as_ref(), "the time of the merge");
    let state = of.state.as_deref();
    agreement::state(state, merged, &read.states, &read.notes, request, odd);
    agreement::labels(&read.labels, settings, request);
    agreement::notes(of.user_notes_count, &read.notes, request);
}

/// The system notes in the order of their times.
fn happened(
    notes: &[wire::Note],
    settings: &Settings,
    request: &mut ChangeRequest,
    odd: &mut Odd,
) -> Vec<Event> {
    let mut all = Vec::new();
    if notes.iter().any(|note| note.system.is_none()) {
        request.doubt("a note does not say whether the server wrote it");
    }
    for note in notes.iter().filter(|note| note.system == Some(true)) {
        let said = said(note.body.as_deref().unwrap_or_default());
        match said {
            Said::Quiet => continue,
            Said::Unknown => {
                // It may be a way of taking an approval back that is not known here.
                request.whole_history = Some(false);
                let what = "the server says something of it that is not known here, so its history is not whole";
                if !odd.remarks.iter().any(|one| one == what) {
                    odd.remarks.push(what.to_owned());
                }
                continue;
            }
            _ => {}
        }
        all.push(Event {
            at: odd.time(note.created_at.as_ref(), "the time of a note"),
            id: note.id,
            by: party(note.author.as_ref(), settings),
            said,
        });
    }
    all.sort_by_key(|event| (event.at, event.id));
    // A list that moves while it is read may have one twice.
    all.dedup_by_key(|event| event.id);
    all
}

/// The commits and everybody who had a part in them.
fn commits(read: &Read, happened: &[Event], settings: &Settings, request: &mut ChangeRequest) {
    let mut more = false;
    let mut note = |by: Party| {
        let known = request
            .authors
            .iter()
            .any(|have| have.account == by.account);
        if !known && request.authors.len() < COMMITS {
            request.authors.push(by);
        } else if !known {
            more = true;
        }
    };
    let mut unread = false;
    // Who pushed is sure, and what stands in a commit is what somebody typed.
    for push in happened.iter().filter(|event| event.said == Said::Pushed) {
        note(push.by.clone());
    }
    for commit in &read.commits {
        let (name, mail) = (
            commit.author_name.as_deref(),
            commit.author_email.as_deref(),
        );
        of_address(name, mail, settings)
            .into_iter()
            .for_each(&mut note);
        let (name, mail) = (
            commit.committer_name.as_deref(),
            commit.committer_email.as_deref(),
        );
        of_address(name, mail, settings)
            .into_iter()
            .for_each(&mut note);
        let (people, cut) = with(commit.message.as_deref().unwrap_or_default(), settings);
        people.into_iter().for_each(&mut note);
        unread |= cut || commit.message.is_none();
    }
    for commit in &read.became {
        // What joins branches is written by whoever merged, and that alone makes nobody an author.
        if commit.parent_ids.len() < 2 {
            let (name, mail) = (
                commit.author_name.as_deref(),
                commit.author_email.as_deref(),
            );
            of_address(name, mail, settings)
                .into_iter()
                .for_each(&mut note);
        }
        let (people, cut) = with(commit.message.as_deref().unwrap_or_default(), settings);
        people.into_iter().for_each(&mut note);
        unread |= cut || commit.message.is_none();
    }
    if more || unread {
        request.doubt("its commits are by more people than are read");
    }
    let squashed = hash(read.merge_request.squash_commit_sha.as_ref());
    let own = read
        .commits
        .iter()
        .filter_map(|commit| hash(commit.id.as_ref()));
    for commit in own.chain(squashed).take(COMMITS) {
        if !request.links.commits.contains(&commit) {
            request.links.commits.push(commit);
        }
    }
}

/// What an issue is called that it closes: `acme/infra#5`, or by another tracker's own key.
fn closes(project: &str, project_id: i64, one: &wire::Closes) -> Option<Text> {
    let full = one
        .references
        .as_ref()
        .and_then(|references| references.full.as_ref());
    if let Some(full) = full.filter(|full| full.contains('#')) {
        return Some(word(full));
    }
    if let Some(iid) = one.iid {
        if one.project_id == Some(project_id) {
            return Some(Text::from(format!("{project}#{iid}")));
        }
        let url = url(one.web_url.as_ref())?;
        let path = url.split_once("://")?.1.split_once('/')?.1;
        let (project, _) = path.split_once("/-/")?;
        return Some(Text::from(format!("{}#{iid}", word(project))));
    }
    let key = one.id.as_deref().map(word)?;
    key.contains(|c: char| !c.is_ascii_digit()).then_some(key)
}

#[cfg(test)]
mod tests;
