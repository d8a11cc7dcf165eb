//! The programs that diagrams are for. A missing one makes its test fail and say what is missing.

use std::path::Path;
use std::process::Command;

/// What Graphviz makes of its arguments.
pub(crate) fn dot(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("dot").args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("dot: {error}: Graphviz is missing; `tests/run` installs it")
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "dot {arguments:?}: {said}");
    assert!(!said.contains("rror"), "dot {arguments:?}: {said}");
    output.stdout
}

/// What a script beside this file prints for files, an object each.
pub(crate) fn node(script: &str, files: &[String]) -> Vec<serde_json::Value> {
    assert!(
        std::env::var_os("PLIMSOLL_TEST_DIAGRAMS").is_some(),
        "PLIMSOLL_TEST_DIAGRAMS names no folder with Mermaid and D2: run this with `tests/run -- --test export_diagrams`"
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/export_diagrams")
        .join(script);
    let output = Command::new("node").arg(&script).args(files).output();
    let output = output.unwrap_or_else(|error| {
        panic!("node: {error}: Node.js is missing; `tests/run` installs it")
    });
    let said = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<serde_json::Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        output.status.success() && answers.len() == files.len(),
        "{}: {said}",
        script.display()
    );
    answers
}
