//! What can be read with the rights at hand.

use std::path::Path;

use plimsoll_kit::program::find;
use plimsoll_kit::{Access, Context, Right, file};

use crate::client::process::name;
use crate::client::{Failed, Git};
use crate::settings::{Repository, Settings};

/// Says of each program, each file of keys and each repository whether it can be used.
pub(crate) async fn check(settings: &Settings, context: &Context) -> Vec<Access> {
    let mut all = vec![program(&settings.git)];
    if let Some(signers) = &settings.allowed_signers {
        all.push(program(&settings.ssh_keygen));
        all.push(keys("allowed signers", signers));
    }
    if let Some(keyring) = &settings.keyring {
        all.push(program(&settings.gpgv));
        all.push(keys("keyring", keyring));
    }
    for repository in &settings.repositories {
        let git = Git::at(settings, &repository.path, context.limits.bytes);
        let what = format!("repository {}", repository.name);
        all.push(match look(&git, repository).await {
            Ok((right, detail)) => access(&what, right, detail),
            Err(why) => access(&what, Right::Unreachable, why.to_string()),
        });
    }
    all
}

async fn look(git: &Git<'_>, repository: &Repository) -> Result<(Right, String), Failed> {
    let version = git.version().await?;
    if git.is_shallow().await? {
        let detail = "it is a shallow clone: fetch all of it with `git fetch --unshallow`";
        return Ok((Right::Denied, detail.to_owned()));
    }
    let bare = git.is_bare();
    let mut names = repository.branches.clone();
    if names.is_empty() {
        names.extend(git.default_branch().await?);
    }
    for name in &names {
        if git.branch(name, bare).await?.is_none() {
            let detail = format!("it has no branch {name} that can be read");
            return Ok((Right::Unreachable, detail));
        }
    }
    Ok((
        Right::Granted,
        format!("{} with {version}", names.join(", ")),
    ))
}

fn program(path: &Path) -> Access {
    let what = format!("program {}", name(path));
    match find(path) {
        Some(path) => access(&what, Right::Granted, path.display().to_string()),
        None => {
            let detail = format!(
                "{} is not there, or may not be run: install it, or give its path",
                path.display()
            );
            access(&what, Right::Unreachable, detail)
        }
    }
}

fn keys(what: &str, path: &Path) -> Access {
    match file::check(path) {
        Ok(()) => access(what, Right::Granted, path.display().to_string()),
        Err(error) => {
            let right = match error.is_denied() {
                true => Right::Denied,
                false => Right::Unreachable,
            };
            access(what, right, error.to_string())
        }
    }
}

fn access(what: &str, right: Right, detail: String) -> Access {
    Access {
        what: what.to_owned(),
        right,
        detail,
    }
}
