//! Manifests that others wrote, on a real API server: every role and every high finding is what a person reads in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kubernetes::{Controllers, Kubernetes, Node};
use crate::rights;
use crate::shop::{SCANNER, Shop};
use crate::story::{golden, standing};
use crate::support::{Plimsoll, Report};

/// A folder of manifests becomes a namespace of this name.
fn namespace(folder: &str) -> String {
    let name = folder.to_ascii_lowercase().replace(['_', '.'], "-");
    let name = name.trim_matches('-').to_owned();
    name[name.len().saturating_sub(63)..]
        .trim_matches('-')
        .to_owned()
}

/// The manifests by the folder that they were in: in the corpus `/` is `__`.
fn folders() -> BTreeMap<String, Vec<PathBuf>> {
    let root = std::env::var_os("PLIMSOLL_TEST_CORPORA").expect(
        "this test needs others' manifests: set PLIMSOLL_TEST_CORPORA to the folder that has them, or run it with tests/run",
    );
    let mut folders: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for entry in std::fs::read_dir(Path::new(&root).join("kubernetes")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if let Some((folder, _)) = name.rsplit_once("__") {
            folders.entry(namespace(folder)).or_default().push(path);
        }
    }
    folders
}

/// A cluster with all of them that an API server of today takes; no admission of a pod is played, and no operator.
fn cluster() -> (Kubernetes, Controllers) {
    let kubernetes = Kubernetes::start();
    let nodes = ["node-a", "node-b"].map(|name| Node::new(name, name.bytes().map(u32::from).sum()));
    let mut controllers = Controllers::of(&kubernetes, nodes.to_vec());
    let folders = folders();
    assert!(
        folders.len() > 20,
        "the corpus has {} folders",
        folders.len()
    );
    for space in folders.keys() {
        kubernetes.kubectl(&["create", "namespace", space]);
    }
    kubernetes.kubectl(&["create", "namespace", "plimsoll"]);
    kubernetes.kubectl(&[
        "create",
        "serviceaccount",
        "plimsoll",
        "--namespace=plimsoll",
    ]);
    controllers.reconcile();
    for (space, files) in &folders {
        for file in files {
            // Some are of versions that are gone, or of kinds that others define: the server refuses these.
            kubernetes.try_apply(space, file);
        }
    }
    controllers.reconcile();
    rights::ship(&kubernetes);
    (kubernetes, controllers)
}

fn word(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

/// Every workload with its role, and every high finding that fails; but for those by the names of variables, which have a corpus of
/// their own.
fn told(report: &Report) -> String {
    let mut roles: Vec<String> = report
        .list("systems")
        .map(|row| (word(row, "asset"), word(row, "role")))
        .filter(|(asset, _)| asset.starts_with("workload:"))
        .map(|(asset, role)| format!("{asset} {role}"))
        .collect();
    roles.sort();
    let high: BTreeSet<String> = report
        .list("drifts")
        .filter(|row| ["high", "critical"].contains(&word(row, "severity").as_str()))
        .filter(|row| word(row, "status") == "fail" && word(row, "control") != "secrets-managed")
        .map(|row| {
            let [asset, control, actual] = ["asset", "control", "actual"].map(|key| word(row, key));
            format!("{asset} {control}: {actual}")
        })
        .collect();
    let high: Vec<String> = high.into_iter().collect();
    format!("{}\n\n{}\n", roles.join("\n"), high.join("\n"))
}

#[test]
fn roles_and_high_findings_are_what_the_manifests_say() {
    let (kubernetes, mut controllers) = cluster();
    let config = kubernetes.user(SCANNER, &[]);
    let plimsoll = Plimsoll::new(&Shop::source(&config));
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    golden("corpus.txt", &told(&first));
    // Heartbeats, and every pod on another node under another name: nobody changed anything.
    for _ in 0..2 {
        controllers.beat();
        controllers.reschedule();
        let next = plimsoll.scan();
        next.assert_changes(&[]);
        assert_eq!(told(&next), told(&first));
        let before = standing(&first);
        let now = standing(&next);
        let new: Vec<&String> = now
            .keys()
            .filter(|row| !before.contains_key(*row))
            .collect();
        assert!(new.is_empty(), "{new:#?}");
    }
}
