//! Signed tags: which of them count, and what each brings.

use jiff::Timestamp;
use plimsoll_kit::{Harvester, file};
use plimsoll_model::{Party, Text};

use super::Run;
use super::authors::Known;
use crate::client::{Failed, Signature, Verifier};
use crate::normalise::{self, When};
use crate::wire::{self, Person, Tag};

/// How many objects are asked for at once.
pub(super) const AT_ONCE: usize = 200;
/// How many tags a remark names.
const NAMED: usize = 5;

/// A tag that one of the allowed signed.
pub(super) struct Verified {
    pub(super) tag: Tag,
    pub(super) signer: String,
    pub(super) name: Option<String>,
    /// When it was signed, where the signature itself says so.
    pub(super) signed: Option<Timestamp>,
}

impl Verified {
    /// When it was made, as its signature says, or else its tagger.
    fn at(&self) -> Timestamp {
        self.signed.unwrap_or(self.tag.at)
    }
}

impl Run<'_> {
    pub(super) async fn tags(
        &self,
        shallow: bool,
        known: &mut Known,
        harvest: &mut Harvester,
    ) -> Result<(), Failed> {
        let mut listed = wire::tags(&self.git.tags().await?);
        listed.retain(|(name, kind, _)| kind == "tag" && self.repository.tags.is_match(name));
        let most = self.settings.most_tags;
        if listed.len() > most {
            let what = format!(
                "{} annotated tags, of which the newest {most} were looked at: raise `most_tags`, or name fewer in `tags`",
                listed.len()
            );
            harvest.remark(self.scope(), what);
            listed.truncate(most);
        }
        let verified = self.verified(&listed, harvest).await?;
        let keep_from = self.context.cursors.keep_from;
        for one in verified.iter().filter(|one| one.at() >= keep_from) {
            self.hand_over(one, &verified, known, shallow, harvest)
                .await?;
        }
        Ok(())
    }

    /// Those that are signed by one of the allowed, in order of their names. What is said of the others is a remark: they prove nothing.
    async fn verified(
        &self,
        listed: &[(String, String, String)],
        harvest: &mut Harvester,
    ) -> Result<Vec<Verified>, Failed> {
        for (key, path) in [
            ("allowed_signers", &self.settings.allowed_signers),
            ("keyring", &self.settings.keyring),
        ] {
            if let Some(path) = path
                && let Err(error) = file::check(path)
            {
                let what = format!(
                    "`{key}` cannot be read, so nobody's signature counts: {}",
                    error.fault
                );
                harvest.trouble(self.scope(), what);
            }
        }
        let verifier = Verifier::new(self.settings);
        let mut verified = Vec::new();
        let mut not: Vec<(&'static str, Vec<Text>)> = Vec::new();
        for chunk in listed.chunks(AT_ONCE) {
            let ids: Vec<&str> = chunk.iter().map(|(_, _, id)| id.as_str()).collect();
            let objects = wire::objects(&self.git.objects(&ids).await?);
            for (name, _, id) in chunk {
                let shown = normalise::bounded(name, 100);
                let Some(object) = objects.iter().find(|object| object.id == *id) else {
                    harvest.trouble(
                        self.scope(),
                        format!("tag {shown}: its object cannot be read"),
                    );
                    continue;
                };
                let why = match wire::tag(&object.bytes) {
                    None => "they are of no commit, or have no time",
                    Some(tag) if tag.signed.is_none() => continue,
                    // A good tag put under another name says nothing of what that name promises.
                    Some(tag) if tag.name != *name => "they bear another name inside",
                    Some(tag) if wire::is_hash(&tag.name) => "they are named like a commit",
                    Some(tag) => {
                        let Some(signed) = &tag.signed else { continue };
                        match verifier.verify(signed, tag.at).await? {
                            Signature::Good { signer, name, at } => {
                                verified.push(Verified {
                                    tag,
                                    signer,
                                    name,
                                    signed: at,
                                });
                                continue;
                            }
                            Signature::Not(why) => why,
                        }
                    }
                };
                match not.iter_mut().find(|(have, _)| *have == why) {
                    Some((_, names)) => names.push(shown),
                    None => not.push((why, vec![shown])),
                }
            }
        }
        not.sort();
        for (why, mut names) in not {
            names.sort();
            let more = if names.len() > NAMED { ", …" } else { "" };
            let count = names.len();
            names.truncate(NAMED);
            let names = names.join(", ");
            let what =
                format!("tags that approve nothing, as {why}: {names}{more} ({count} in all)");
            harvest.remark(self.scope(), what);
        }
        verified.sort_by(|a, b| a.tag.name.cmp(&b.tag.name));
        Ok(verified)
    }

    async fn hand_over(
        &self,
        one: &Verified,
        all: &[Verified],
        known: &mut Known,
        shallow: bool,
        harvest: &mut Harvester,
    ) -> Result<(), Failed> {
        // What somebody else said yes to before is dealt with, and so not asked about again; what this signer said yes to is
        // not, or two tags would make one's own work another's.
        let earlier = all.iter().filter(|other| {
            other.at() <= one.at()
                && other.tag.commit != one.tag.commit
                && (self.settings.own_tags || other.signer != one.signer)
        });
        let earlier: Vec<&Verified> = earlier.collect();
        let without: Vec<&str> = earlier
            .iter()
            .map(|other| other.tag.commit.as_str())
            .collect();
        let mut authors = self.authors(&one.tag.commit, &without, known).await?;
        authors.more |= shallow;
        for other in earlier.iter().filter(|other| other.signer != one.signer) {
            // They may be the same person under another name, and then nobody else has said yes.
            let person = Person {
                name: other.name.clone().unwrap_or_default(),
                mail: other.signer.clone(),
            };
            authors.people.insert(other.signer.as_str().into(), person);
        }
        let signer = Party {
            account: normalise::bounded(&one.signer, 256),
            name: one
                .name
                .as_deref()
                .map(|name| normalise::bounded(name, 256)),
            bot: false,
        };
        let committed = known.committed(&one.tag.commit);
        let now = self.context.now();
        let seen = match one.signed {
            Some(_) => None,
            None => {
                let since = self.git.tag_since(&one.tag.name).await?;
                let since = since.and_then(|since| Timestamp::try_from(since).ok());
                Some(since.map_or(now, |since| since.min(now)))
            }
        };
        let when = When {
            signed: one.signed,
            seen,
            now,
        };
        let (mut request, mut oddities) = normalise::tag(
            self.repository,
            &one.tag,
            signer,
            committed,
            &authors,
            self.settings,
            &when,
        );
        // Whoever keeps a key that is no longer allowed could date a tag back to when it was.
        if let (Some(seen), Some(signed)) = (seen, &one.tag.signed)
            && let Signature::Not(_) = Verifier::new(self.settings).verify(signed, seen).await?
        {
            let what = "its key was no longer allowed when it was first seen here, and nothing but its own word says that it is older";
            request.doubt(what);
            oddities.push(what.to_owned());
        }
        if authors.more && !shallow {
            let what = format!(
                "{}: it brings more than {} commits, or some that cannot be read, so who wrote it is not known: raise `most_commits`",
                request.id, self.settings.most_commits
            );
            harvest.remark(self.scope(), what);
        }
        for oddity in oddities {
            harvest.remark(self.scope(), format!("{}: {oddity}", request.id));
        }
        harvest.request(self.scope(), request);
        Ok(())
    }
}
