//! Who wrote what is proposed, and when it was pushed.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_model::{Edit, Party, Review, Text};

use super::party::{is_web_flow, of_signature, party};
use super::{Notes, hash};
use crate::settings::AccountBy;
use crate::wire::{Commit, Signature};

/// What an edit of the commits is called.
pub(super) const COMMITS: &str = "commits";
/// How much of a message is looked through for trailers, in bytes, from its end.
const TAIL: usize = 16 << 10;
/// The most people that one commit is by.
const MOST: usize = 50;

/// Everybody who wrote or committed any of the commits, and those whom a message names as writing along.
pub(super) fn authors(commits: &[Commit], by: AccountBy) -> Vec<Party> {
    let mut all: Vec<Party> = Vec::new();
    for commit in commits {
        for one in of_commit(commit, by) {
            if !all.iter().any(|have| have.account == one.account) {
                all.push(one);
            }
        }
    }
    all.sort_by(|a, b| a.account.cmp(&b.account));
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
        (Some(user), _) if user.login.is_some() => all.push(party(Some(user), by)),
        (_, Some(signature)) => all.push(of_signature(signature, by)),
        _ => {}
    }
    let message = written.message.as_deref().unwrap_or_default();
    let start = message.ceil_char_boundary(message.len().saturating_sub(TAIL));
    for line in message.get(start..).unwrap_or_default().lines().take(2000) {
        if all.len() >= MOST {
            break;
        }
        if let Some(signature) = co_author(line) {
            all.push(of_signature(&signature, by));
        }
    }
    all
}

/// `Co-authored-by: Name <address>`, as the vendor reads it.
fn co_author(line: &str) -> Option<Signature> {
    let (key, rest) = line.split_once(':')?;
    if !key.trim().eq_ignore_ascii_case("co-authored-by") {
        return None;
    }
    let (name, rest) = rest.split_once('<')?;
    let (email, _) = rest.split_once('>')?;
    Some(Signature {
        name: Some(name.trim().into()),
        email: Some(email.trim().into()),
        date: None,
    })
}

/// That commits were pushed after the request was opened.
///
/// The vendor does not say when a commit was pushed, and the time in a commit is whatever its author likes. A review of the
/// commit, or of one that comes after it, shows that it was there by then. One that claims to be older than it is cannot make
/// an approval good: a review counts for the commit that it looked at, and for no later one.
pub(super) fn edits(
    commits: &[Commit],
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
    // By place, when it was there at the latest.
    let mut seen: Vec<Option<Timestamp>> = vec![merged; commits.len()];
    for review in reviews {
        let place = review.commit.as_ref().and_then(|commit| places.get(commit));
        if let Some((at, place)) = review.at.zip(place)
            && let Some(have) = seen.get_mut(*place)
        {
            *have = Some(have.map_or(at, |have| have.min(at)));
        }
    }
    let mut latest: Option<Timestamp> = None;
    for have in seen.iter_mut().rev() {
        latest = match (latest, *have) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        *have = latest;
    }
    let mut all = Vec::new();
    for (commit, bound) in commits.iter().zip(seen) {
        let written = commit.commit.committer.as_ref();
        let said = notes.time(written.and_then(|one| one.date.as_ref()), "the time of a commit");
        let at = match (said, bound) {
            (Some(said), Some(bound)) => Some(said.min(bound)),
            (said, bound) => said.or(bound),
        };
        if at.is_some_and(|at| at <= opened) {
            continue;
        }
        let by = of_commit(commit, by).into_iter().next();
        all.push(Edit { at, by, field: Text::const_new(COMMITS) });
    }
    all
}
