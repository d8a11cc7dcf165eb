//! Who wrote the commits that a tag or a merge brings.

use std::collections::HashMap;

use jiff::Timestamp;
use plimsoll_kit::coauthors;

use super::Run;
use super::tags::AT_ONCE;
use crate::client::{Failed, Signature, Verifier};
use crate::normalise::{Authors, account};
use crate::wire::{self, Commit, Person};

/// The commits that were looked at in this run, as tags share most of them.
#[derive(Default)]
pub(super) struct Known {
    commits: HashMap<String, Written>,
}

/// Who had a part in a commit.
struct Written {
    people: Vec<Person>,
    at: Timestamp,
    /// Whether one of the allowed signed it.
    signed: bool,
    /// Whether its message names more people than are read.
    more: bool,
}

impl Known {
    /// When a commit says that it was made, and by whom, where it was looked at.
    pub(super) fn committed(&self, commit: &str) -> Option<(Timestamp, &Person)> {
        let written = self.commits.get(commit)?;
        Some((written.at, written.people.first()?))
    }
}

impl Run<'_> {
    /// Who wrote what came to a branch with a commit: of a merge all that was merged.
    pub(super) async fn brought(
        &self,
        commit: &Commit,
        known: &mut Known,
    ) -> Result<Authors, Failed> {
        match commit.parents.as_slice() {
            [first, _, ..] => self.authors(&commit.hash, &[first], known).await,
            _ => Ok(self.of(&[commit.hash.as_str()], known)),
        }
    }

    /// Who wrote what a commit has and others have not.
    pub(super) async fn authors(
        &self,
        commit: &str,
        without: &[&str],
        known: &mut Known,
    ) -> Result<Authors, Failed> {
        let most = self.settings.most_commits;
        let output = self.git.between(commit, without, most.saturating_add(1));
        let mut hashes = wire::hashes(&output.await?);
        let more = hashes.len() > most;
        hashes.truncate(most);
        // Its own time is asked for, also where an earlier tag has it.
        let own = Some(commit).filter(|commit| !hashes.iter().any(|hash| hash == commit));
        let wanted = hashes.iter().map(String::as_str).chain(own);
        let new: Vec<&str> = wanted
            .filter(|hash| !known.commits.contains_key(*hash))
            .collect();
        self.look(&new, known).await?;
        let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
        let mut authors = self.of(&hashes, known);
        authors.more |= more;
        Ok(authors)
    }

    /// Who had a part in commits that were looked at.
    fn of(&self, hashes: &[&str], known: &Known) -> Authors {
        let mut authors = Authors::default();
        for hash in hashes {
            let Some(written) = known.commits.get(*hash) else {
                authors.more = true;
                continue;
            };
            authors.unsigned |= !written.signed && !self.settings.unsigned_authors;
            authors.more |= written.more;
            for person in &written.people {
                match account(person) {
                    Some(account) => {
                        authors
                            .people
                            .entry(account)
                            .or_insert_with(|| person.clone());
                    }
                    None => authors.more = true,
                }
            }
        }
        authors
    }

    /// Looks at commits that were not looked at before.
    pub(super) async fn look(&self, hashes: &[&str], known: &mut Known) -> Result<(), Failed> {
        let verifier = Verifier::new(self.settings);
        for chunk in hashes.chunks(AT_ONCE) {
            for commit in self.stored(chunk).await?.0 {
                let along = coauthors(&commit.message);
                let mut people = vec![commit.author, commit.committer];
                let named = along.people.into_iter();
                people.extend(named.map(|(name, mail)| Person { name, mail }));
                let mut good = false;
                if let Some(signed) = commit.signed
                    && let Signature::Good { signer, name, .. } =
                        verifier.verify(&signed, commit.at).await?
                {
                    // Whoever signs it may have typed another's name.
                    let name = name.unwrap_or_default();
                    people.push(Person { name, mail: signer });
                    good = true;
                }
                let written = Written {
                    people,
                    at: commit.at,
                    signed: good,
                    more: along.cut,
                };
                known.commits.insert(commit.hash, written);
            }
        }
        Ok(())
    }

    /// Commits as they are stored, without those that cannot be read: one that is too long costs itself and no other, and what there is to
    /// say of it comes along.
    pub(super) async fn stored(
        &self,
        hashes: &[&str],
    ) -> Result<(Vec<Commit>, Option<Failed>), Failed> {
        let mut found = Vec::with_capacity(hashes.len());
        let mut too_long = None;
        let mut left = vec![hashes];
        while let Some(some) = left.pop() {
            match self.git.objects(some).await {
                Ok(output) => {
                    let objects = wire::objects(&output);
                    let commits = objects.iter().filter(|object| object.kind == "commit");
                    found.extend(commits.filter_map(|one| wire::commit(&one.id, &one.bytes)));
                }
                Err(Failed::TooLong(..)) if some.len() > 1 => {
                    let (one, other) = some.split_at(some.len() / 2);
                    left.extend([other, one]);
                }
                Err(why @ Failed::TooLong(..)) => too_long = Some(why),
                Err(why) => return Err(why),
            }
        }
        Ok((found, too_long))
    }
}
