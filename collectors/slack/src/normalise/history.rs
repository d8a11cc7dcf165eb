//! What happened to a request: what its thread says, and who reacted to it.

use jiff::Timestamp;
use plimsoll_model::{
    Approval, Party, SignOff, Text, Transition, Withdrawal, request_state, sign_off_kind,
};

use super::{Made, Thread, asked, sender, shown};
use crate::said::{Meaning, Phrase, Said, Sayings, tone};
use crate::settings::Settings;
use crate::text::is_person;
use crate::time;
use crate::wire::{Message, Reaction};

/// Reads it into the request.
pub(super) fn read(made: &mut Made, thread: &Thread, settings: &Settings) {
    reactions(made, &thread.first.reactions, settings);
    let mut told = Told::default();
    for reply in &thread.replies {
        self::reply(made, reply, settings, &mut told);
    }
    told.remark(made);
    let request = &mut made.request;
    request.approvals.sort_by_cached_key(|approval| approval.at);
    request.sign_offs.sort_by_cached_key(|sign_off| sign_off.at);
    request.edits.sort_by_cached_key(|edit| edit.at);
    request.transitions.sort_by_cached_key(|step| step.at);
}

/// How many replies met something that is worth saying once.
#[derive(Default)]
struct Told {
    nearly: usize,
    nobody: usize,
    others: usize,
    late: usize,
    long: usize,
    bare: usize,
}

impl Told {
    fn remark(&self, made: &mut Made) {
        if self.nearly > 0 {
            made.remark(&format!(
                "replies that begin with a yes and go on, and so are none: {}; see `reply` in the settings",
                self.nearly
            ));
        }
        if self.long > 0 {
            made.doubt(&format!(
                "replies that are longer than is read: {}",
                self.long
            ));
        }
        if self.bare > 0 {
            made.doubt(&format!("replies in which nothing is shown: {}", self.bare));
        }
        if self.nobody > 0 {
            made.doubt(&format!(
                "replies of which nobody says who wrote them, left out: {}",
                self.nobody
            ));
        }
        if self.others > 0 {
            made.doubt(&format!(
                "replies that say yes and were edited by somebody else than who wrote them, left out: {}",
                self.others
            ));
        }
        if self.late > 0 {
            made.doubt(&format!(
                "replies that were edited later than `look_back` after they were written: {}; `replies_stay` does not hold",
                self.late
            ));
        }
    }
}

/// Reactions: the interface says who, and not when.
fn reactions(made: &mut Made, reactions: &[Reaction], settings: &Settings) {
    let mut yes: Vec<&Text> = Vec::new();
    let mut no: Vec<(&Text, &str)> = Vec::new();
    let mut unseen = false;
    for reaction in reactions {
        let name = tone(&reaction.name);
        let is = |list: &[String]| list.iter().any(|one| one == name);
        let people = reaction.users.iter().filter(|id| is_person(id));
        if is(&settings.approve_reactions) {
            yes.extend(people);
        } else if is(&settings.reject_reactions) {
            no.extend(people.map(|id| (id, name)));
        } else {
            continue;
        }
        unseen |= reaction.is_cut();
    }
    // In whatever order they come, and however many emoji of one meaning somebody has set.
    yes.sort();
    yes.dedup();
    no.sort();
    no.dedup_by_key(|(id, _)| *id);
    let request = &mut made.request;
    let yes = yes.into_iter().map(|id| Approval::new(id.clone(), None));
    request.approvals.extend(yes);
    let no = no.into_iter().map(|(id, name)| Transition {
        at: None,
        by: Some(Party::new(id.clone())),
        to: Text::const_new(request_state::REJECTED),
        word: format!(":{name}:").into(),
    });
    request.transitions.extend(no);
    if unseen {
        made.doubt("more people reacted to it than are named");
    }
}

/// A reply, its author and when it was written.
struct Reply<'r> {
    by: Party,
    /// When it was sent, where it says what it said then.
    at: Option<Timestamp>,
    /// When it was edited, the last time.
    edited: Option<Timestamp>,
    message: &'r Message,
}

/// What people see of a reply: its blocks in the place of its text, and attachments below. A no in any of them is one, and a yes
/// is one where nothing that is shown says anything else.
fn seen<'s>(message: &Message, sayings: &'s Sayings, told: &mut Told) -> Said<'s> {
    let (blocks, below) = (shown::in_blocks(message), shown::in_attachments(message));
    let parts = [&message.text, &blocks, &below];
    let starts = parts.map(|part| asked::start(part));
    let all_read = starts
        .iter()
        .zip(parts)
        .all(|(start, part)| start.len() == part.len());
    told.long += usize::from(!all_read);
    let [text, blocks, below] = starts.map(|part| (part.trim().is_empty(), sayings.read(part)));
    let files = shown::in_files(message);
    // A title is no yes, and takes none away: a picture of the test may hang on one.
    let titles = (true, sayings.read(asked::start(&files)));
    for (_, said) in [&text, &blocks, &below, &titles] {
        if said.phrases.iter().any(|phrase| phrase.is_no()) {
            return said.clone();
        }
    }
    let mut said = match (blocks, text) {
        ((true, _), (_, said)) | ((_, said), (true, _)) => said,
        ((_, shown), (_, written)) => {
            let mut shown = shown;
            if shown.phrases != written.phrases {
                let yes = |phrase: &&Phrase| matches!(phrase.meaning, Meaning::Approve(_));
                shown.nearly |= shown.phrases.iter().chain(&written.phrases).any(yes);
                shown.phrases.retain(|phrase| !yes(phrase));
            }
            shown
        }
    };
    let (nothing, below) = below;
    if !nothing {
        let yes = |phrase: &Phrase| matches!(phrase.meaning, Meaning::Approve(_));
        said.nearly |= said.phrases.iter().any(|phrase| yes(phrase));
        said.phrases.retain(|phrase| !yes(phrase));
        let more = below.phrases.into_iter().filter(|phrase| !yes(phrase));
        said.phrases.extend(more);
        said.root_cause |= below.root_cause;
    }
    said
}

fn reply(made: &mut Made, message: &Message, settings: &Settings, told: &mut Told) {
    if message.says_something() && message.is_bare() {
        told.bare += 1;
        return;
    }
    let mut said = seen(message, &settings.sayings, told);
    if !message.says_something() {
        // A notice says nothing. What is of a kind that is not known here may be a no, and is no yes.
        said.phrases.retain(|phrase| phrase.is_no());
        (said.root_cause, said.nearly) = (false, false);
    }
    if said.phrases.is_empty() && !said.root_cause {
        told.nearly += usize::from(said.nearly);
        return;
    }
    let Some(by) = sender(message) else {
        told.nobody += 1;
        return;
    };
    let sent = time::parse(&message.ts);
    let edited = message.edited.as_ref();
    let reply = Reply {
        by,
        // What is said now was not said when it was sent, or not in these words.
        at: sent.filter(|_| edited.is_none()),
        edited: edited.and_then(|edited| time::edited(edited.ts.as_deref()?)),
        message,
    };
    if settings.replies_stay
        && let (Some(sent), Some(edited)) = (sent, reply.edited)
        && sent
            .checked_add(settings.look_back)
            .is_ok_and(|end| edited > end)
    {
        told.late += 1;
    }
    for phrase in &said.phrases {
        match &phrase.meaning {
            Meaning::Approve(kind) => approve(made, &reply, kind, told),
            Meaning::Withdraw => withdraw(made, &reply, phrase),
            Meaning::State(state) => step(made, &reply, state, phrase),
            Meaning::SignOff(kind) => sign_off(made, &reply, kind, said.root_cause),
        }
    }
    let signed = said
        .phrases
        .iter()
        .any(|phrase| matches!(phrase.meaning, Meaning::SignOff(_)));
    if said.root_cause && !signed {
        sign_off(made, &reply, sign_off_kind::DOCUMENTED, true);
    }
}

/// A yes. One that was edited said something else before: that it is one is sure only since then. What it was before is
/// not known, so there is a second one without a time beside it, which leaves open what came first.
fn approve(made: &mut Made, reply: &Reply<'_>, kind: &Text, told: &mut Told) {
    let editor = reply.message.edited.as_ref();
    let editor = editor.and_then(|edited| edited.user.as_ref());
    if editor.is_some_and(|editor| *editor != reply.by.account) {
        told.others += 1;
        return;
    }
    let mut yes = Approval {
        by: reply.by.clone(),
        at: reply.at,
        kind: kind.clone(),
        withdrawn: None,
    };
    made.request.approvals.push(yes.clone());
    if reply.edited.is_some() {
        yes.at = reply.edited;
        made.request.approvals.push(yes);
    }
}

/// Taking back: one's own yes, whatever was said before. Of somebody who said none it is a no: whoever asked gives it up, and
/// anybody else refuses.
fn withdraw(made: &mut Made, reply: &Reply<'_>, phrase: &Phrase) {
    let mut any = false;
    for approval in &mut made.request.approvals {
        if approval.by.account == reply.by.account {
            any = true;
            approval.withdrawn.get_or_insert_with(|| Withdrawal {
                at: reply.at,
                by: Some(reply.by.clone()),
            });
        }
    }
    if !any {
        let asked = made.request.requester.as_ref();
        let own = asked.is_some_and(|party| party.account == reply.by.account);
        let state = match own {
            true => request_state::CANCELLED,
            false => request_state::REJECTED,
        };
        step(made, reply, state, phrase);
    }
}

fn step(made: &mut Made, reply: &Reply<'_>, state: &'static str, phrase: &Phrase) {
    made.request.transitions.push(Transition {
        at: reply.at,
        by: Some(reply.by.clone()),
        to: Text::const_new(state),
        word: phrase.text.clone(),
    });
}

/// A confirmation; one that was edited has no time that is sure.
fn sign_off(made: &mut Made, reply: &Reply<'_>, kind: &'static str, root_cause: bool) {
    made.request.sign_offs.push(SignOff {
        by: reply.by.clone(),
        at: reply.at,
        kind: Text::const_new(kind),
        root_cause,
    });
}
