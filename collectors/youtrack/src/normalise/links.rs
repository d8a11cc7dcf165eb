//! Commits and pull requests that were linked, by whom they are, and other issues.

use plimsoll_model::{ChangeRequest, Party, Text};
use serde::Deserialize;
use serde_json::Value;

use super::{NOBODY, Site, word};
use crate::wire::{Event, Issue, Vcs};

/// The most links of a kind.
const MOST: usize = 1000;

/// Fills in what an issue is linked with.
pub(super) fn read(site: &Site<'_>, issue: &Issue, events: &[Event], request: &mut ChangeRequest) {
    for link in &issue.links.items {
        for other in &link.issues.items {
            note(&mut request.links.requests, word(&other.id_readable));
        }
    }
    for event in events {
        let category = event.category.as_ref().map(|category| category.id.as_str());
        if !matches!(
            category,
            Some("VcsChangeCategory" | "PullRequestChangeCategory")
        ) {
            continue;
        }
        for vcs in vcs(&event.added) {
            added(site, &vcs, request);
        }
        // Of a pull request that goes from one state to another both are told.
        if category == Some("VcsChangeCategory") {
            for vcs in vcs(&event.removed) {
                let gone = vcs.version.as_deref().and_then(commit);
                request
                    .links
                    .commits
                    .retain(|one| Some(one) != gone.as_ref());
            }
        }
    }
    request.authors.sort();
    request.authors.dedup();
}

fn added(site: &Site<'_>, vcs: &Vcs, request: &mut ChangeRequest) {
    let pull = vcs.pull_request.as_ref();
    if let Some(key) = pull.and_then(|pull| pull_request(pull.url.as_deref()?)) {
        note(&mut request.links.requests, key);
    }
    let Some(commit) = vcs.version.as_deref().and_then(commit) else {
        return;
    };
    note(&mut request.links.commits, commit);
    let known = vcs.author.as_ref().filter(|user| user.login.is_some());
    // Whoever wrote it and is nobody's account may be anybody, and so is named.
    let author = known.map(|user| site.party(user)).unwrap_or_else(|| {
        let name = vcs.user_name.as_ref().map(|name| word(name));
        let name = name.filter(|name| !name.is_empty());
        Party::new(name.unwrap_or(Text::const_new(NOBODY)))
    });
    if request.authors.len() < MOST && !request.authors.contains(&author) {
        request.authors.push(author);
    }
}

fn vcs(value: &Value) -> impl Iterator<Item = Vcs> {
    let all = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    all.iter().filter_map(|one| Vcs::deserialize(one).ok())
}

fn note(list: &mut Vec<Text>, text: Text) {
    if list.len() < MOST && !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}

/// A whole hash in lower case.
fn commit(text: &str) -> Option<Text> {
    let text = text.trim();
    let whole = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| text.to_ascii_lowercase().into())
}

/// `owner/repo#42` of a pull request's address, or `group/project!42` of a merge request's.
fn pull_request(url: &str) -> Option<Text> {
    let (_, rest) = url.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let path = path.split(['?', '#']).next()?.trim_end_matches('/');
    let (place, sign, number) = match path.rsplit_once("/-/merge_requests/") {
        Some((place, number)) => (place, '!', number),
        None => {
            let (place, number) = path.rsplit_once("/pull/")?;
            (place, '#', number)
        }
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && place.contains('/')).then(|| word(&format!("{place}{sign}{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pull_requests_become_their_keys() {
        for (url, key) in [
            ("https://github.com/acme/app/pull/44", Some("acme/app#44")),
            (
                "https://gitlab.com/acme/sub/app/-/merge_requests/7?x=1",
                Some("acme/sub/app!7"),
            ),
            ("https://github.com/acme/app/pull/44/files", None),
            ("https://github.com/app/pull/x", None),
            ("acme/app/pull/44", None),
        ] {
            assert_eq!(pull_request(url).as_deref(), key, "{url}");
        }
    }

    #[test]
    fn commits_are_whole() {
        assert_eq!(commit(&"AB".repeat(20)).unwrap(), "ab".repeat(20));
        assert!(commit("abc1234").is_none() && commit(&"g".repeat(40)).is_none());
    }
}
