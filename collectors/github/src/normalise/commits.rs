//! Who wrote what is proposed, and when it was pushed.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_kit::coauthors;
use plimsoll_model::{Edit, Party, Review, Text};

use super::party::{is_vendor, is_web_flow, of_signature, party};
use super::pushes::Push;
use super::{Notes, hash};
use crate::settings::AccountBy;
use crate::wire::{Commit, Signature};

/// What an edit of the commits is called.
pub(super) const COMMITS: &str = "commits";

/// Everybody who wrote, committed or pushed any of the commits, and those whom a message names as writing along. Who wrote a commit
/// is what it says itself; who pushed it is not.
pub(super) fn authors(commits: &[Commit], pushes: &[Push], by: AccountBy) -> Vec<Party> {
    let mut all: Vec<Party> = Vec::new();
    let wrote = commits.iter().flat_map(|commit| of_commit(commit, by));
    for one in wrote.chain(pushes.iter().map(|push| push.by.clone())) {
        if !all.iter().any(|have| have.account == one.account) {
            all.push(one);
        }
    }
    all.sort_by(|a, b| a.account.cmp(&b.account));
    all
}

/// Who wrote the commit that a request became. One that joins branches is written by whoever merged, and that alone makes nobody an
/// author; nor does committing one.
pub(super) fn landed_by(commit: &Commit, by: AccountBy) -> Vec<Party> {
    let mut own = commit.clone();
    own.committer = None;
    own.commit.committer = None;
    let mut all = of_commit(&own, by);
    if commit.parents.len() > 1 {
        // The first is its author.
        all.drain(..1);
    }
    all
}

fn of_commit(commit: &Commit, by: AccountBy) -> Vec<Party> {
    let mut all = Vec::new();
    let written = &commit.commit;
    match (&commit.author, &written.author) {
        (Some(user), _) if user.login.is_some() => all.push(party(Some(user), by)),
        (_, Some(signature)) => all.push(of_signature(signature, by)),
        _ => all.push(party(None, by)),
    }
    match (&commit.committer, &written.committer) {
        (Some(user), _) if is_web_flow(user) => {}
        (_, Some(signature)) if is_vendor(signature) => {}
        (Some(user), _) if user.login.is_some() => all.push(party(Some(user), by)),
        (_, Some(signature)) => all.push(of_signature(signature, by)),
        _ => {}
    }
    let named = coauthors(written.message.as_deref().unwrap_or_default());
    all.extend(named.people.into_iter().map(|(name, email)| {
        let signature = Signature {
            name: Some(name.into()),
            email: Some(email.into()),
            date: None,
        };
        of_signature(&signature, by)
    }));
    all
}

/// Whether a commit may be by more people than are known: its message names more than are read, or is not told.
pub(super) fn is_by_more(commit: &Commit) -> bool {
    let message = commit.commit.message.as_deref();
    message.is_none_or(|message| coauthors(message).cut)
}

/// That commits were pushed after the request was opened.
///
/// Where the vendor tells of the pushes, they say when. Where it does not, the time in a commit is whatever its author likes; a
/// review of the commit, or of one that comes after it, shows that it was there by then. One that claims to be older than it is
/// cannot make an approval good: a review counts for the commit that it looked at, and for no later one.
pub(super) fn edits(
    commits: &[Commit],
    pushes: &[Push],
    reviews: &[Review],
    opened: Timestamp,
    merged: Option<Timestamp>,
    by: AccountBy,
    notes: &mut Notes,
) -> Vec<Edit> {
    let places: HashMap<Text, usize> = (0..)
        .zip(commits)
        .filter_map(|(at, commit)| Some((hash(Some(&commit.sha))?, at)))
        .collect();
    let place = |commit: &Option<Text>| commit.as_ref().and_then(|commit| places.get(commit));
    let seen = reviews
        .iter()
        .filter_map(|review| Some((*place(&review.commit)?, review.at?, None)));
    let seen = by_then(seen.collect(), commits.len(), merged);
    let pushed = pushes
        .iter()
        .filter_map(|push| Some((*place(&push.after)?, push.at, Some(&push.by))));
    let pushed = by_then(pushed.collect(), commits.len(), None);
    let mut all = Vec::new();
    for ((commit, seen), pushed) in commits.iter().zip(seen).zip(pushed) {
        let written = commit.commit.committer.as_ref();
        let said = notes.time(
            written.and_then(|one| one.date.as_ref()),
            "the time of a commit",
        );
        let at = match (pushed, said, seen.map(|(at, _)| at)) {
            // What the vendor saw is what counts: a review may be shown at a commit that came after it.
            (Some((at, _)), _, _) => Some(at),
            (None, Some(said), Some(bound)) => Some(said.min(bound)),
            (None, said, bound) => said.or(bound),
        };
        if at.is_some_and(|at| at <= opened) {
            continue;
        }
        let pusher = pushed.and_then(|(_, by)| by.cloned());
        let by = pusher.or_else(|| of_commit(commit, by).into_iter().next());
        all.push(Edit {
            at,
            by,
            field: Text::const_new(COMMITS),
        });
    }
    // What was pushed and is no longer there: something else stood in its place when it was looked at.
    let lost = pushes
        .iter()
        .filter(|push| push.at > opened && place(&push.after).is_none());
    all.extend(lost.map(|push| Edit {
        at: Some(push.at),
        by: Some(push.by.clone()),
        field: Text::const_new(COMMITS),
    }));
    all
}

type Then<'a> = Option<(Timestamp, Option<&'a Party>)>;

/// For each commit, the first time at which it is known to have been there: itself or one that comes after it.
fn by_then<'a>(
    known: Vec<(usize, Timestamp, Option<&'a Party>)>,
    count: usize,
    last: Option<Timestamp>,
) -> Vec<Then<'a>> {
    let earlier = |one: Then<'a>, other: Then<'a>| match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
        (one, other) => one.or(other),
    };
    let mut all: Vec<Then<'a>> = vec![last.map(|last| (last, None)); count];
    for (place, at, by) in known {
        if let Some(have) = all.get_mut(place) {
            *have = earlier(*have, Some((at, by)));
        }
    }
    let mut first = None;
    for have in all.iter_mut().rev() {
        first = earlier(first, *have);
        *have = first;
    }
    all
}
