//! Relative links, anchors, and paths in code font.

use crate::page::{Page, root};

/// Folders of the root whose files documents name.
const FOLDERS: &[&str] = &[
    "baselines",
    "benches",
    "collectors",
    "crates",
    "docs",
    "examples",
    "packaging",
    "reports",
    "src",
    "tests",
];

pub(crate) fn broken_links(page: &Page) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (number, target) in page.links() {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let there = match path {
            "" => root().join(&page.path),
            path => page.folder().join(path),
        };
        let mistake = match (there.exists() || path.is_empty(), anchor) {
            (false, _) => "is not there",
            (true, "") => continue,
            (true, anchor) => {
                let text = match path {
                    "" => page.text.clone(),
                    _ => std::fs::read_to_string(&there).unwrap_or_default(),
                };
                let anchors = Page::new(path, &text).anchors();
                if anchors.iter().any(|known| known == anchor) {
                    continue;
                }
                "has no such heading"
            }
        };
        mistakes.push(format!("{}:{number}: {target} {mistake}", page.path));
    }
    mistakes
}

/// Paths in code font that begin with a folder of the root. Those with a placeholder are left out, and those that are
/// relative to the folder of the page will do.
pub(crate) fn missing_paths(page: &Page) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (number, span) in page.spans() {
        let Some((folder, rest)) = span.split_once('/') else {
            continue;
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-./".contains(c);
        let name = rest.rsplit('/').next().unwrap_or_default();
        let readme = name == "README.md" || name == "SUMMARY.md";
        if !FOLDERS.contains(&folder) || !(rest.chars().all(plain) || readme) {
            continue;
        }
        // That page walks through a collector that the reader is to write.
        let invented = page.path == "collectors/README.md"
            && (span.starts_with("collectors/motd/") || span.starts_with("tests/"));
        if !invented && !root().join(span).exists() && !page.folder().join(span).exists() {
            mistakes.push(format!("{}:{number}: {span} is not there", page.path));
        }
    }
    mistakes
}
