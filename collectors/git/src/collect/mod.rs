//! One run: what is asked of each repository, and what becomes of a failed call.

mod authors;
mod tags;

use std::collections::BTreeSet;

use jiff::Timestamp;
use plimsoll_kit::{Context, Harvester};

use authors::Known;
use tags::AT_ONCE;

use crate::client::{Branch, Failed, Git};
use crate::normalise;
use crate::settings::{Repository, Settings};
use crate::wire;

/// Reads every repository.
pub(crate) async fn collect(settings: &Settings, context: &Context, harvest: &mut Harvester) {
    let all = &settings.repositories;
    for repository in all {
        harvest.open(&repository.name);
    }
    for (done, repository) in all.iter().enumerate() {
        context.progress.step(done, all.len());
        let git = Git::at(settings, &repository.path, context.limits.bytes);
        let run = Run {
            git: &git,
            settings,
            repository,
            context,
        };
        let scope = repository.name.as_str();
        match run.read(harvest).await {
            Ok(()) => harvest.complete(scope),
            Err(why) => harvest.trouble(scope, format!("{scope} cannot be read: {why}")),
        }
    }
    context.progress.step(all.len(), all.len());
}

/// The reading of one repository.
struct Run<'r> {
    git: &'r Git<'r>,
    settings: &'r Settings,
    repository: &'r Repository,
    context: &'r Context,
}

impl Run<'_> {
    fn scope(&self) -> &str {
        &self.repository.name
    }

    async fn read(&self, harvest: &mut Harvester) -> Result<(), Failed> {
        let shallow = self.git.is_shallow().await?;
        if shallow {
            harvest.trouble(
                self.scope(),
                "it is a shallow clone, whose history is cut off: fetch all of it with `git fetch --unshallow`",
            );
        }
        self.fetched(harvest).await?;
        let head = self.git.default_branch().await?;
        let branches = self.branches(head.as_deref(), harvest).await?;
        let name = &self.repository.name;
        let asset = normalise::repository(name, shallow, head.as_deref(), &branches);
        harvest.asset(name, asset);
        let (mut seen, mut known) = (BTreeSet::new(), Known::default());
        for branch in &branches {
            self.commits(branch, shallow, &mut seen, &mut known, harvest)
                .await?;
        }
        self.tags(shallow, &mut known, harvest).await
    }

    /// What was not fetched is not known, and a clone that nobody fetches looks as if nothing happened.
    async fn fetched(&self, harvest: &mut Harvester) -> Result<(), Failed> {
        let Some(within) = self.settings.fetched_within else {
            return Ok(());
        };
        let fetched = self.git.fetched().await?;
        let fetched = fetched.and_then(|at| Timestamp::try_from(at).ok());
        let since = self.context.now().checked_sub(within).ok();
        if fetched.is_none_or(|at| since.is_none_or(|since| at < since)) {
            let when = fetched.map_or("never, as it seems".to_owned(), |at| at.to_string());
            let what = format!(
                "it was last fetched {when}, longer ago than `fetched_within`: look at what fetches it"
            );
            harvest.trouble(self.scope(), what);
        }
        Ok(())
    }

    async fn branches(
        &self,
        head: Option<&str>,
        harvest: &mut Harvester,
    ) -> Result<Vec<Branch>, Failed> {
        let bare = self.git.is_bare();
        let mut names: Vec<&str> = self
            .repository
            .branches
            .iter()
            .map(String::as_str)
            .collect();
        if names.is_empty() {
            names.extend(head);
        }
        if names.is_empty() {
            let what = "its HEAD names no branch: set `branches`";
            harvest.trouble(self.scope(), what);
        }
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            match self.git.branch(name, bare).await? {
                Some(branch) => found.push(branch),
                None => {
                    let what = format!(
                        "it has no branch {name} that can be read: check `branches`, and fetch"
                    );
                    harvest.trouble(self.scope(), what);
                }
            }
        }
        Ok(found)
    }

    /// The commits of a branch, from the start of what is kept: nothing in a commit says when it came to its branch, so
    /// that of those before the last read one may be new.
    async fn commits(
        &self,
        branch: &Branch,
        shallow: bool,
        seen: &mut BTreeSet<String>,
        known: &mut Known,
        harvest: &mut Harvester,
    ) -> Result<(), Failed> {
        let settings = self.settings;
        let keys = [
            &settings.approval_trailers,
            &settings.review_trailers,
            &settings.ticket_trailers,
        ];
        if keys.iter().all(|keys| keys.is_empty()) {
            return Ok(());
        }
        let since = self.context.cursors.keep_from.as_second();
        let most = self.context.limits.records;
        let ask = self
            .git
            .commits(&branch.head, since, most.saturating_add(1));
        let mut hashes = wire::hashes(&ask.await?);
        if hashes.len() > most {
            let what = format!(
                "{} has more than {most} commits to read: the older were left",
                branch.name
            );
            harvest.trouble(self.scope(), what);
            hashes.truncate(most);
        }
        hashes.retain(|hash| !seen.contains(hash));
        let mut saying = Vec::new();
        for chunk in hashes.chunks(AT_ONCE) {
            let wanted: Vec<&str> = chunk.iter().map(String::as_str).collect();
            let (mut commits, too_long) = self.stored(&wanted).await?;
            for hash in wanted {
                seen.insert(hash.to_owned());
                let Some(at) = commits.iter().position(|commit| commit.hash == hash) else {
                    let hash = normalise::bounded(hash, 64);
                    let what = match &too_long {
                        Some(why) => format!("commit {hash}: {why}"),
                        None => format!("commit {hash}: its time or its form makes no sense"),
                    };
                    harvest.trouble(self.scope(), what);
                    continue;
                };
                let commit = commits.swap_remove(at);
                if normalise::says_something(&commit, settings) {
                    saying.push(commit);
                }
            }
        }
        let hashes: Vec<&str> = saying.iter().map(|commit| commit.hash.as_str()).collect();
        self.look(&hashes, known).await?;
        for commit in &saying {
            let mut authors = self.brought(commit, known).await?;
            authors.more |= shallow;
            let (request, oddities) =
                normalise::commit(self.repository, &branch.name, commit, &authors, settings);
            for oddity in oddities {
                harvest.remark(self.scope(), format!("{}: {oddity}", request.id));
            }
            harvest.request(self.scope(), request);
        }
        Ok(())
    }
}
