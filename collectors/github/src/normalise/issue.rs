//! An issue as a ticket.

use plimsoll_model::{ChangeRequest, Text, Withdrawal, request_kind};

use super::history::{Of, history};
use super::party::party;
use super::pull::id;
use super::spoken::{Spoken, listen, listen_to_markdown};
use super::{DESCRIPTION, Extra, Made, Notes, agreement, labels, settle, text_edits, title, url};
use crate::settings::Settings;
use crate::wire::{Event, Issue};

/// Everything that was read of an issue.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) issue: Issue,
    pub(crate) events: Vec<Event>,
    /// Whether all that happened to it was read.
    pub(crate) whole: bool,
}

/// An issue with all that happened to it.
pub(crate) fn request(
    repository: &str,
    read: &Read,
    extra: Extra<'_>,
    settings: &Settings,
) -> Result<Made, String> {
    let (issue, by) = (&read.issue, settings.account);
    let mut notes = Notes::default();
    let Some(opened) = notes.time(Some(&issue.created_at), "when it was opened") else {
        return Err("it does not say when it was opened, and is left out".to_owned());
    };
    let name = title(issue.title.as_deref());
    let mut request = ChangeRequest::new(id(repository, issue.number), name, opened);
    request.kind = Text::const_new(request_kind::TICKET);
    request.requester = Some(party(issue.user.as_ref(), by));
    request.implementers = issue
        .assignees
        .iter()
        .map(|user| party(Some(user), by))
        .collect();
    request
        .implementers
        .sort_by(|a, b| a.account.cmp(&b.account));
    request.labels = labels(&issue.labels);
    request.url = url(issue.html_url.as_deref());
    let mut spoken = Spoken::default();
    if let Some(text) = issue.title.as_deref() {
        listen(text, repository, settings, &mut request, &mut spoken);
    }
    if let Some(text) = issue.body.as_deref() {
        listen_to_markdown(text, repository, settings, &mut request, &mut spoken);
    }
    request.links.requests.sort();
    history(&read.events, Of::Issue, settings, &mut request, &mut notes);
    gone(settings, &mut request);
    let name = issue.title.as_deref().unwrap_or_default();
    agreement::issue(issue.closed_at.is_some(), name, &read.events, &mut request);
    agreement::labels(&read.events, settings, &mut request);
    agreement::counts(extra, &[], &read.events, &mut request);
    let (edits, all) = text_edits(extra, opened, DESCRIPTION, by, &mut notes);
    request.edits.extend(edits);
    // Whether its text was altered after a yes must be known: it says what the yes was to.
    if !read.whole || !all || unexplained(&request, settings) {
        request.whole_history = Some(false);
    }
    settle(&mut request);
    Ok(Made {
        request,
        troubles: notes.troubles,
        remarks: spoken.oddities,
    })
}

/// A yes whose label is not there any more was taken back, and nobody says when.
fn gone(settings: &Settings, request: &mut ChangeRequest) {
    let labels = request.labels.iter();
    let there: Vec<&Text> = labels
        .filter_map(|label| settings.approvals.get(label.to_lowercase().as_str()))
        .collect();
    let stands = request.approvals.iter_mut();
    for one in stands.filter(|one| one.withdrawn.is_none() && !there.contains(&&one.kind)) {
        one.withdrawn = Some(Withdrawal::default());
    }
}

/// Whether it has a label that approves, and no event says who gave it.
fn unexplained(request: &ChangeRequest, settings: &Settings) -> bool {
    request.labels.iter().any(|label| {
        let kind = settings.approvals.get(label.to_lowercase().as_str());
        kind.is_some_and(|kind| {
            let mut stands = request.approvals.iter();
            !stands.any(|one| one.kind == *kind && one.withdrawn.is_none())
        })
    })
}
