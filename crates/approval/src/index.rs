//! Requests by what they name, so that linking costs what changes cost, however many requests there are.

use std::borrow::Cow;

use jiff::Timestamp;
use plimsoll_model::{ChangeRequest, Text};

use super::keys::{COMMIT_LEAST, commit, digest};
use super::request::address;
use super::types::{Filed, Subject};

/// What an entry is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum By {
    /// A commit in full.
    Commit,
    /// A digest.
    Digest,
    /// A release as it is written.
    Release,
    /// An operation as it is written.
    Operation,
    /// The request's own id, in lower case.
    Id,
    /// Its address, as it is compared.
    Url,
    /// The id of another request that it names, in lower case.
    Names,
    /// An asset's id.
    Asset,
    /// A system's name, in lower case.
    Name,
}

/// All requests that are known, by what they name.
#[derive(Debug, Default)]
pub struct Requests<'a> {
    filed: Vec<Filed<'a>>,
    entries: Vec<(By, Cow<'a, str>, u32)>,
    /// By the time that tells best when it mattered.
    times: Vec<(Timestamp, u32)>,
}

impl<'a> Requests<'a> {
    /// Files requests. Of two with one id in one source both count.
    pub fn new(mut filed: Vec<Filed<'a>>) -> Self {
        filed.sort_by(|a, b| (a.source, &a.request.id).cmp(&(b.source, &b.request.id)));
        let mut entries: Vec<(By, Cow<'a, str>, u32)> = Vec::with_capacity(filed.len() * 4);
        let mut times = Vec::with_capacity(filed.len());
        for (at, one) in (0u32..).zip(&filed) {
            let request = one.request;
            enter(&mut entries, request, at);
            times.push((time_of(request), at));
        }
        entries.sort_unstable();
        entries.dedup();
        times.sort_unstable();
        Self {
            filed,
            entries,
            times,
        }
    }

    /// The request at a place.
    pub fn get(&self, at: u32) -> Option<&Filed<'a>> {
        self.filed.get(at as usize)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.filed.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.filed.is_empty()
    }

    /// Every request, by source and id.
    pub fn iter(&self) -> impl Iterator<Item = &Filed<'a>> {
        self.filed.iter()
    }

    /// Those that are filed under a word.
    pub(crate) fn under(&self, by: By, word: &str) -> impl Iterator<Item = u32> + '_ {
        let start = self
            .entries
            .partition_point(|(kind, have, _)| (*kind, have.as_ref()) < (by, word));
        let word = word.to_owned();
        let rest = self.entries.get(start..).unwrap_or_default().iter();
        rest.take_while(move |(kind, have, _)| *kind == by && *have == word)
            .map(|(_, _, at)| *at)
    }

    /// Those that name a commit, of which only the start may be given, each with whether all of it was.
    pub(crate) fn of_commit(&self, hash: &str) -> Vec<(u32, bool)> {
        let start = self
            .entries
            .partition_point(|(kind, have, _)| (*kind, have.as_ref()) < (By::Commit, hash));
        let rest = self.entries.get(start..).unwrap_or_default().iter();
        let starting =
            rest.take_while(|(kind, have, _)| *kind == By::Commit && have.starts_with(hash));
        let starting: Vec<_> = starting.take(64).collect();
        let first = starting.first().map(|(_, have, _)| have.clone());
        // The start of two commits is the start of neither.
        let one = starting
            .iter()
            .all(|(_, have, _)| Some(have) == first.as_ref());
        let firm = one && (hash.len() >= 40 || hash.len() >= COMMIT_LEAST);
        starting.iter().map(|(_, _, at)| (*at, firm)).collect()
    }

    /// Those that a word is the id or the address of.
    pub(crate) fn called(&self, word: &str) -> Vec<u32> {
        let by_id = self.under(By::Id, &lower(word));
        let mut found: Vec<u32> = by_id.chain(self.under(By::Url, &address(word))).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Those that name the asset of a change or what contains it, by id or by name.
    pub(crate) fn naming(&self, subject: &Subject<'_>) -> Vec<u32> {
        let own = std::iter::once((&subject.change.asset, subject.change.asset_name.as_str()));
        let all = own.chain(subject.lineage.iter().copied());
        let mut found: Vec<u32> = Vec::new();
        for (asset, name) in all {
            found.extend(self.under(By::Asset, asset.as_str()));
            found.extend(self.under(By::Name, &lower(name)));
        }
        if let Some(role) = subject.role {
            found.extend(self.under(By::Name, &lower(role)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Those whose time is nearest to a time, at most so many on either side.
    pub(crate) fn near(&self, at: Timestamp, many: usize) -> impl Iterator<Item = u32> + '_ {
        let place = self.times.partition_point(|(time, _)| *time <= at);
        let from = place.saturating_sub(many);
        let until = place.saturating_add(many).min(self.times.len());
        let slice = self.times.get(from..until).unwrap_or_default();
        slice.iter().map(|(_, at)| *at)
    }
}

fn enter<'a>(entries: &mut Vec<(By, Cow<'a, str>, u32)>, request: &'a ChangeRequest, at: u32) {
    let merged = request
        .merge
        .iter()
        .filter_map(|merge| merge.commit.as_ref());
    let commits = request
        .links
        .commits
        .iter()
        .chain(&request.head)
        .chain(merged);
    for hash in commits {
        entries.push((By::Commit, normal(hash, commit), at));
    }
    for image in &request.links.images {
        if let Some(digest) = digest(image) {
            entries.push((By::Digest, same_or(image, digest), at));
        }
    }
    for release in &request.links.releases {
        entries.push((By::Release, Cow::Borrowed(release.trim()), at));
    }
    for operation in &request.links.operations {
        entries.push((By::Operation, Cow::Borrowed(operation.trim()), at));
    }
    entries.push((By::Id, lower(&request.id), at));
    if let Some(url) = &request.url {
        entries.push((By::Url, Cow::Owned(address(url).into_string()), at));
    }
    for other in &request.links.requests {
        entries.push((By::Names, lower(other), at));
    }
    for asset in &request.assets {
        entries.push((By::Asset, Cow::Borrowed(asset.as_str()), at));
    }
    for name in &request.names {
        entries.push((By::Name, lower(name), at));
    }
}

fn normal<'a>(text: &'a Text, read: impl Fn(&str) -> Option<Text>) -> Cow<'a, str> {
    match read(text) {
        Some(made) => same_or(text, made),
        None => Cow::Borrowed(text),
    }
}

fn same_or(text: &Text, made: Text) -> Cow<'_, str> {
    if *text == made {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(made.into_string())
    }
}

/// In lower case and without space around, borrowed where it is so already.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.chars().any(char::is_uppercase) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// When a request mattered: its window, its merge, its last approval, or when it was opened.
fn time_of(request: &ChangeRequest) -> Timestamp {
    let window = request.window.map(|(start, _)| start);
    let merged = request.merge.as_ref().and_then(|merge| merge.at);
    let approved = request.approvals.iter().filter_map(|one| one.at).max();
    window.or(merged).or(approved).unwrap_or(request.opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: &str) -> ChangeRequest {
        ChangeRequest::new(id, "x", Timestamp::UNIX_EPOCH)
    }

    fn filed(request: &ChangeRequest) -> Filed<'_> {
        Filed {
            source: "t",
            as_of: Timestamp::MAX,
            request,
        }
    }

    #[test]
    fn found_under_what_they_name() {
        let mut one = request("CHG-1");
        one.links.commits = vec!["ABCDEF0123456789abcdef0123456789abcdef01".into()];
        one.names = vec!["API".into()];
        let mut other = request("CHG-2");
        other.links.commits = vec!["abcdef0123450000abcdef0123456789abcdef01".into()];
        other.links.requests = vec!["chg-1".into()];
        let requests = Requests::new(vec![filed(&other), filed(&one)]);
        assert_eq!(requests.under(By::Id, "chg-1").collect::<Vec<_>>(), [0]);
        assert_eq!(requests.under(By::Names, "chg-1").collect::<Vec<_>>(), [1]);
        assert_eq!(requests.under(By::Name, "api").collect::<Vec<_>>(), [0]);
        assert_eq!(requests.under(By::Name, "ap").count(), 0);
        assert_eq!(requests.of_commit("abcdef0123456789"), [(0, true)]);
        // Too short to prove, or the start of two.
        assert_eq!(requests.of_commit("abcdef01234567"), [(0, true)]);
        assert_eq!(requests.of_commit("abcdef012345"), [(1, false), (0, false)]);
        assert!(requests.of_commit("ffff").is_empty());
    }
}
