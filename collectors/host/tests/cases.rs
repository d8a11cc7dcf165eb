//! Every folder of `testcases/`: settings and a machine's file tree in, the harvest as text out.
//!
//! With `PLIMSOLL_BLESS=1` the expected texts are written anew, for a person to read in the diff.

#![allow(clippy::unwrap_used, reason = "a test's panic is its message")]

mod common;

use std::path::{Path, PathBuf};

fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testcases");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(all)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

#[tokio::test]
async fn every_case_gives_what_is_expected() {
    let folders = folders();
    assert!(!folders.is_empty());
    let mut wrong = Vec::new();
    for folder in folders {
        let settings = std::fs::read_to_string(folder.join("settings.toml")).unwrap();
        let settings = settings.replace("CASE", folder.to_str().unwrap());
        let one = common::render(&common::collect(&settings).await, &folder);
        let other = common::render(&common::collect(&settings).await, &folder);
        assert_eq!(one, other, "{} differs from run to run", folder.display());
        let path = folder.join("expected.txt");
        if std::env::var_os("PLIMSOLL_BLESS").is_some() {
            std::fs::write(&path, &one).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if one != expected {
            wrong.push(format!("{}:\n{one}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
}
