//! What a README says of doubts is held by tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How the heading begins under which a collector's README has its table.
const HEADING: &str = "## What may be rewritten, cut or missing";

/// Checks the table of a collector's README that says what may be rewritten, cut or missing, and what is said then: it is there, and each
/// row ends in the name of a test, in backticks, that is in the collector's own folder or among the program's tests.
///
/// # Panics
/// With a list of the rows without a test that is there.
pub fn check_doubts(manifest_dir: &str) {
    let folder = Path::new(manifest_dir);
    let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    let mut tests = BTreeSet::new();
    for place in ["src", "tests", "../../tests", "../../src", "../../crates"] {
        gather(&folder.join(place), &mut tests);
    }
    let wrong = wrong(&readme, &tests);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn wrong(readme: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let section = readme.split_once(HEADING).map_or("", |(_, rest)| rest);
    let section = section.split("\n## ").next().unwrap_or_default();
    // Behind the heads of the columns and the line below them.
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let rows: Vec<&str> = rows.collect();
    if rows.is_empty() {
        return vec![format!("README.md has no table under {HEADING:?}")];
    }
    let mut wrong = Vec::new();
    for row in rows {
        let last = row.trim().trim_end_matches('|').rsplit('|').next();
        let names = last.unwrap_or_default().split('`').skip(1).step_by(2);
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            wrong.push(format!("no test is named: {row}"));
        }
        for name in names {
            if !tests.contains(name) {
                wrong.push(format!("there is no test {name}"));
            }
        }
    }
    wrong
}

/// The names of the tests in the code below a folder.
fn gather(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, tests);
        } else if path.extension().is_some_and(|end| end == "rs") {
            tests.extend(names(&fs::read_to_string(path).unwrap_or_default()));
        }
    }
}

fn names(code: &str) -> Vec<String> {
    let after = code.split("#[test]").skip(1);
    let names = after.filter_map(|rest| {
        let (_, rest) = rest.split_once("fn ")?;
        Some(rest.split('(').next()?.to_owned())
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_test_is_told() {
        let table = |row: &str| {
            format!(
                "# x\n\n{HEADING} here\n\n| a | b |\n| --- | --- |\n{row}\n\n## y\n| z | `no` |\n"
            )
        };
        let code: BTreeSet<String> = names("fn a_is_c() {}\n#[test]\nfn a_is_b() {}")
            .into_iter()
            .collect();
        assert!(wrong(&table("| a | `a_is_b` |"), &code).is_empty());
        assert_eq!(
            wrong(&table("| a | `a_is_c` |"), &code),
            ["there is no test a_is_c"]
        );
        assert_eq!(wrong(&table("| a | none |"), &code).len(), 1);
        assert_eq!(wrong("# x", &code).len(), 1);
    }
}
