//! A table of a collector's README that tests hold it to.

use std::collections::BTreeSet;
use std::path::Path;

/// The heading of the table: what its sources may do to what they said, and what is said then.
const DOUBTS: &str = "## What may be rewritten, cut or missing here";

/// Holds every row of the table "What may be rewritten, cut or missing here" in a crate's README to the tests that its last column
/// names, in the crate or anywhere in the program.
///
/// # Panics
/// When there is no table, or a row that names no test or one that there is not.
pub fn assert_doubts_are_tested(manifest: &str) {
    let root = Path::new(manifest);
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README.md");
    let (_, section) = readme.split_once(DOUBTS).expect("the table of doubts");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows: Vec<&str> = section
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .collect();
    assert!(!rows.is_empty(), "the table has no rows");
    let mut tests = BTreeSet::new();
    for folder in ["src", "tests", "../../tests", "../../src", "../../crates"] {
        collect(&root.join(folder), &mut tests);
    }
    for row in rows {
        let last = row.trim_end_matches('|').rsplit('|').next();
        let named: Vec<&str> = last
            .unwrap_or_default()
            .split('`')
            .skip(1)
            .step_by(2)
            .collect();
        assert!(!named.is_empty(), "a row names no test: {row}");
        for name in named {
            assert!(tests.contains(name), "there is no test {name}: {row}");
        }
    }
}

fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, tests);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let after = text.split("#[test]").skip(1);
            let names = after.filter_map(|rest| {
                let (_, rest) = rest.split_once("fn ")?;
                Some(rest.split('(').next()?.to_owned())
            });
            tests.extend(names);
        }
    }
}
