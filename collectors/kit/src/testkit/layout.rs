//! Every collector's folder has what it must have.

use std::fs;
use std::path::Path;

use super::cases::cases;

/// The folders that are no collectors.
const OTHERS: &[&str] = &["clock", "kit", "model", "settings"];

/// Checks that every collector below `collectors` is registered under its folder's name and has its README, its sample
/// and a test case, and that nothing is registered that has no folder.
///
/// # Panics
/// With a list of all that is missing.
pub fn check_layout(collectors: &Path, registered: &[&str]) {
    let missing = missing(collectors, registered);
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

fn missing(collectors: &Path, registered: &[&str]) -> Vec<String> {
    let mut missing = Vec::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(collectors).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = entry.path();
        if !folder.join("Cargo.toml").exists() || OTHERS.contains(&name.as_str()) {
            continue;
        }
        if !registered.contains(&name.as_str()) {
            missing.push(format!("{name}: not in the list of src/registry.rs"));
        }
        for file in ["README.md", "sample.toml"] {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
            if text.trim().is_empty() {
                missing.push(format!("{name}: no {file}"));
            }
        }
        if cases(&folder.join("testcases")).is_empty() {
            missing.push(format!("{name}: no test case in testcases/"));
        }
        names.push(name);
    }
    for name in registered {
        if !names.iter().any(|have| have == name) {
            missing.push(format!(
                "{name}: registered, and has no folder in collectors/"
            ));
        }
    }
    missing.sort();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_all_that_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["docker", "kit"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("Cargo.toml"), "").unwrap();
        }
        let found = missing(folder.path(), &["fly"]);
        assert_eq!(
            found,
            [
                "docker: no README.md",
                "docker: no sample.toml",
                "docker: no test case in testcases/",
                "docker: not in the list of src/registry.rs",
                "fly: registered, and has no folder in collectors/",
            ]
        );
    }
}
