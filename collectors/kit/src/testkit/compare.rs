//! A text against the file that holds what it should be.

use std::fs;
use std::path::Path;

use similar::TextDiff;

/// What differs between a text and the file at `path`, as a diff to read; none when nothing does.
///
/// With `UPDATE_EXPECTED=1` in the environment the file is written instead.
pub(super) fn difference(path: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("UPDATE_EXPECTED").is_some_and(|value| value == "1") {
        fs::write(path, actual).unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
        return None;
    }
    let Ok(expected) = fs::read_to_string(path) else {
        return Some(format!(
            "{} is missing; it would be\n{actual}\nWrite it with UPDATE_EXPECTED=1, and read it.",
            path.display()
        ));
    };
    if expected == actual {
        return None;
    }
    let diff = TextDiff::from_lines(expected.as_str(), actual);
    let diff = diff
        .unified_diff()
        .context_radius(3)
        .header("expected", "actual")
        .to_string();
    Some(format!(
        "{} differs:\n{diff}\nIf this is meant, run again with UPDATE_EXPECTED=1.",
        path.display()
    ))
}

/// Compares a text with the file that holds what it should be; `UPDATE_EXPECTED=1` writes the file.
///
/// # Panics
/// When they differ, with a diff, or when the file is missing.
pub fn assert_text(path: impl AsRef<Path>, actual: &str) {
    if let Some(difference) = difference(path.as_ref(), actual) {
        panic!("{difference}");
    }
}
