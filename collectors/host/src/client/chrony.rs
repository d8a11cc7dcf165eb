//! Asks chrony through its own program.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use plimsoll_kit::program::{Group, talk};
use tokio::process::Command;

use crate::settings;
use crate::wire::Chrony;

/// Where chronyc is looked for; PATH is not trusted.
const PLACES: [&str; 4] = [
    "/usr/bin/chronyc",
    "/usr/sbin/chronyc",
    "/usr/local/bin/chronyc",
    "/opt/local/bin/chronyc",
];
/// How long it may take: it gives up by itself after about three seconds without an answer.
const LIMIT: Duration = Duration::from_secs(8);
/// The most it may say; a true answer is one line.
const CAP: usize = 16 << 10;

/// Asks `chronyc -c tracking`.
pub(super) async fn ask(setting: &settings::Chrony) -> Chrony {
    let program = match setting {
        settings::Chrony::Off => None,
        settings::Chrony::At(path) => Some(path.clone()),
        settings::Chrony::Find => PLACES.iter().map(PathBuf::from).find(|path| path.exists()),
    };
    let Some(program) = program else {
        return Chrony::Absent;
    };
    match tokio::time::timeout(LIMIT, run(&program)).await {
        Ok(Ok(chrony)) => chrony,
        Ok(Err(error)) => Chrony::Failed(format!("{}: {error}", program.display())),
        Err(_) => {
            let seconds = LIMIT.as_secs();
            Chrony::Failed(format!(
                "{}: no answer within {seconds} s",
                program.display()
            ))
        }
    }
}

async fn run(program: &Path) -> std::io::Result<Chrony> {
    // -n: addresses as they are, so that no name server is waited for.
    let mut child = Command::new(program)
        .args(["-n", "-c", "tracking"])
        .env_clear()
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let mut group = Group::of(&child);
    let said = talk(&mut child, &mut group, Vec::new(), CAP).await?;
    let Some((answer, status)) = said else {
        let why = format!("an answer longer than the limit of {CAP} bytes");
        return Err(std::io::Error::other(why));
    };
    if status.success() {
        Ok(Chrony::Tracking(
            String::from_utf8_lossy(&answer).into_owned(),
        ))
    } else {
        // It says so, and nothing else, where chronyd does not run.
        Ok(Chrony::Silent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    async fn ask_script(script: &str) -> Chrony {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chronyc");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        ask(&settings::Chrony::At(path)).await
    }

    // One test: a script that another thread's child still has open cannot be run.
    #[tokio::test]
    async fn a_program_is_asked_under_limits() {
        let said = ask_script("echo \"$* HOME=$HOME $(cat | wc -c | tr -d ' ')\"").await;
        assert_eq!(said, Chrony::Tracking("-n -c tracking HOME= 0\n".into()));
        let said = ask_script("echo '506 Cannot talk to daemon'; exit 1").await;
        assert_eq!(said, Chrony::Silent);
        let Chrony::Failed(why) = ask_script("while :; do echo endless; done").await else {
            panic!("an endless answer was taken");
        };
        assert!(why.contains("limit"), "{why}");
        let absent = ask(&settings::Chrony::At("/nonexistent/chronyc".into())).await;
        assert!(matches!(absent, Chrony::Failed(_)), "{absent:?}");
    }
}
