//! An issue as a ticket: labels say yes, where the settings name them.

use plimsoll_model::{Approval, ChangeRequest, Edit, Text, Withdrawal, edit_field, request_state};

use super::history::{Said, said};
use super::party::party;
use super::spoken::listen;
use super::{Made, Odd, agreement, events, labels, title, url, word};
use crate::settings::Settings;
use crate::wire;

/// The account that opens an issue for a mail that anybody can send.
const MAIL: &str = "support-bot";

/// An issue as it was read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) issue: wire::Issue,
    pub(crate) notes: Vec<wire::Note>,
    pub(crate) states: Vec<wire::StateEvent>,
    pub(crate) labels: Vec<wire::LabelEvent>,
    /// Whether all that happened to it was read.
    pub(crate) whole: bool,
}

/// Its id: `acme/infra#5`.
pub(crate) fn id(project: &str, iid: i64) -> Text {
    Text::from(format!("{project}#{iid}"))
}

/// The request; what is broken in it for good is the error.
pub(crate) fn request(project: &str, read: &Read, settings: &Settings) -> Result<Made, String> {
    let of = &read.issue;
    let mut odd = Odd::default();
    let opened = odd.time(of.created_at.as_ref(), "the time at which it was opened");
    let opened = opened.ok_or("nobody says when it was opened")?;
    let mut request = ChangeRequest::new(id(project, of.iid), title(of.title.as_ref()), opened);
    request.requester = Some(party(of.author.as_ref(), settings));
    let author = of
        .author
        .as_ref()
        .and_then(|author| author.username.as_deref());
    let mailed = author == Some(MAIL) || of.service_desk_reply_to.is_some();
    request.authenticated = mailed.then_some(false);
    request.implementers = of
        .assignees
        .iter()
        .map(|user| party(Some(user), settings))
        .collect();
    request.labels = labels(&of.labels);
    request.url = url(of.web_url.as_ref());
    request.whole_history = (!read.whole).then_some(false);
    for text in [of.title.as_deref(), of.description.as_deref()]
        .into_iter()
        .flatten()
    {
        listen(text, settings, &mut request, &mut odd);
    }
    edits(&read.notes, settings, &mut request, &mut odd);
    let mut others = Vec::with_capacity(read.labels.len());
    for event in &read.labels {
        let name = event.label.as_ref().and_then(|label| label.name.as_deref());
        let kind = name.and_then(|name| settings.approvals.get(word(name).to_lowercase().as_str()));
        match kind {
            Some(kind) => approval(event, kind, settings, &mut request, &mut odd),
            None => others.push(event.clone()),
        }
    }
    gone(settings, &mut request);
    agreement::state(
        of.state.as_deref(),
        None,
        &read.states,
        &read.notes,
        &mut request,
        &mut odd,
    );
    agreement::labels(&read.labels, settings, &mut request);
    agreement::notes(of.user_notes_count, &read.notes, &mut request);
    events::labels(&others, &mut request, settings, &mut odd);
    request.approvals.sort_by_cached_key(|one| one.at);
    request.edits.sort_by_cached_key(|edit| edit.at);
    request.transitions =
        events::transitions(&read.states, request_state::CLOSED, settings, &mut odd);
    Ok(Made { request, odd })
}

/// A label that says yes: put on, or taken off by whomever.
fn approval(
    event: &wire::LabelEvent,
    kind: &Text,
    settings: &Settings,
    request: &mut ChangeRequest,
    odd: &mut Odd,
) {
    let at = odd.time(event.created_at.as_ref(), "the time of a label");
    let by = party(event.user.as_ref(), settings);
    if event.action.as_deref() == Some("add") {
        request.approvals.push(Approval {
            by,
            at,
            kind: kind.clone(),
            withdrawn: None,
        });
        return;
    }
    // Two labels may say the same: the one that is taken off is not told apart, and both fall.
    let same = request
        .approvals
        .iter_mut()
        .filter(|one| one.kind == *kind && one.withdrawn.is_none());
    for one in same {
        one.withdrawn = Some(Withdrawal {
            at,
            by: Some(by.clone()),
        });
    }
}

/// A yes whose label is not there any more was taken back, and nobody says when.
fn gone(settings: &Settings, request: &mut ChangeRequest) {
    let there: Vec<&Text> = request
        .labels
        .iter()
        .filter_map(|label| settings.approvals.get(label.to_lowercase().as_str()))
        .collect();
    for one in request
        .approvals
        .iter_mut()
        .filter(|one| one.withdrawn.is_none())
    {
        if !there.contains(&&one.kind) {
            one.withdrawn = Some(Withdrawal::default());
        }
    }
}

fn edits(notes: &[wire::Note], settings: &Settings, request: &mut ChangeRequest, odd: &mut Odd) {
    for note in notes {
        let field = match (note.system, said(note.body.as_deref().unwrap_or_default())) {
            (Some(true), Said::Title) => edit_field::TITLE,
            (Some(true), Said::Description) => edit_field::DESCRIPTION,
            (Some(true), Said::Quiet) => continue,
            // It may be an edit of a kind that is not known here.
            (Some(true), _) => "",
            _ => continue,
        };
        request.edits.push(Edit {
            at: odd.time(note.created_at.as_ref(), "the time of a note"),
            by: note.author.as_ref().map(|user| party(Some(user), settings)),
            field: field.into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::party::tests::settings;
    use super::*;

    fn label(minute: u8, user: i64, action: &str, name: &str) -> String {
        format!(
            r#"{{"created_at":"2026-01-01T10:{minute:02}:00Z","user":{{"id":{user}}},"action":"{action}","label":{{"name":"{name}"}}}}"#
        )
    }

    fn made(labels: &[String], now: &str, notes: &str) -> ChangeRequest {
        let issue = format!(
            r#"{{"iid":5,"title":"Open a port","description":"System: api","author":{{"id":11}},"created_at":"2026-01-01T09:00:00Z","labels":{now},"assignees":[{{"id":13}}]}}"#
        );
        let read = Read {
            issue: serde_json::from_str(&issue).unwrap(),
            notes: serde_json::from_str(notes).unwrap(),
            states: Vec::new(),
            labels: serde_json::from_str(&format!("[{}]", labels.join(","))).unwrap(),
            whole: true,
        };
        let settings = settings("issues = true\n[approvals]\napproved = ''\n'sec ok' = 'security'");
        request("acme/infra", &read, &settings).unwrap().request
    }

    #[test]
    fn a_label_is_a_yes_by_who_put_it_on_until_it_is_taken_off() {
        let all = [
            label(1, 12, "add", "Approved"),
            label(2, 14, "add", "sec ok"),
            label(3, 13, "remove", "sec ok"),
            label(4, 12, "add", "docs"),
        ];
        let made = made(&all, r#"["approved","docs"]"#, "[]");
        assert_eq!(made.id, "acme/infra#5");
        assert_eq!(
            (
                made.approvals[0].by.account.as_str(),
                &made.approvals[0].withdrawn
            ),
            ("12", &None)
        );
        assert_eq!(made.approvals[1].kind, "security");
        let withdrawn = made.approvals[1].withdrawn.as_ref().unwrap();
        assert_eq!(
            (
                withdrawn.at.is_some(),
                withdrawn.by.as_ref().unwrap().account.as_str()
            ),
            (true, "13")
        );
        assert_eq!(made.edits.len(), 1);
        assert_eq!(
            (
                made.names[0].as_str(),
                made.implementers[0].account.as_str()
            ),
            ("api", "13")
        );
    }

    #[test]
    fn a_label_that_is_gone_without_a_word_leaves_doubt() {
        let made = made(&[label(1, 12, "add", "approved")], "[]", "[]");
        assert_eq!(made.approvals[0].withdrawn, Some(Withdrawal::default()));
    }

    #[test]
    fn every_edit_of_a_ticket_counts() {
        let note = |body: &str, system: bool| {
            format!(
                r#"{{"id":1,"body":"{body}","system":{system},"created_at":"2026-01-01T10:00:00Z","author":{{"id":1}}}}"#
            )
        };
        let notes = [
            note("changed the description", true),
            note("did something new", true),
            note("assigned to @kim", true),
            note("changed the description", false),
        ];
        let made = made(&[], "[]", &format!("[{}]", notes.join(",")));
        let fields: Vec<_> = made.edits.iter().map(|edit| edit.field.as_str()).collect();
        assert_eq!(fields, ["description", ""]);
    }
}
