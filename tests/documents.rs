//! The documents say what is there: links and paths lead somewhere, commands and options exist, configurations load.
//!
//! `UPDATE_EXPECTED=1` writes `docs/reference/cli.md`.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "documents/commands.rs"]
mod commands;
#[path = "documents/links.rs"]
mod links;
#[path = "documents/page.rs"]
mod page;
#[path = "documents/settings.rs"]
mod settings;

use std::collections::BTreeSet;

use page::{Page, root};

/// The most that the first page may have, in bytes.
const README_LIMIT: usize = 9_000;
/// The most lines of its picture of a terminal.
const PICTURE_LIMIT: usize = 25;
/// How wide prose is.
const WIDTH: usize = 100;

fn assert_none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}", mistakes.join("\n"));
}

#[test]
fn links_and_paths_lead_somewhere() {
    let pages = Page::all();
    assert!(pages.len() > 40, "{}", pages.len());
    let mut mistakes = Vec::new();
    for page in &pages {
        mistakes.extend(links::broken_links(page));
        mistakes.extend(links::missing_paths(page));
    }
    assert_none(&mistakes);
}

#[test]
fn commands_and_options_exist() {
    let mistakes: Vec<String> = Page::all().iter().flat_map(commands::mistakes).collect();
    assert_none(&mistakes);
}

#[test]
fn configurations_policies_and_baselines_load() {
    let mut checked = 0;
    let mut mistakes = Vec::new();
    for page in Page::all() {
        let (number, found) = settings::mistakes(&page);
        checked += number;
        mistakes.extend(found);
    }
    assert_none(&mistakes);
    assert!(checked > 10, "only {checked} blocks were found");
}

#[test]
fn broken_documents_are_reported() {
    let text = "See [it](nowhere.md), [here](#no-such), `src/nothing.rs` and `plimsoll scan --fast`.\n\n\
                ```sh\nplimsoll sail\n```\n\n```toml\n[[sources]]\nnme = \"x\"\n```\n";
    let page = Page::new("docs/invented.md", text);
    assert_eq!(links::broken_links(&page).len(), 2);
    assert_eq!(links::missing_paths(&page).len(), 1);
    assert_eq!(commands::mistakes(&page).len(), 2);
    assert_eq!(settings::mistakes(&page).1.len(), 1);
}

#[test]
fn the_book_has_every_page() {
    let summary = Page::read("docs/SUMMARY.md");
    let listed: BTreeSet<String> = summary
        .links()
        .map(|(_, to)| format!("docs/{to}"))
        .collect();
    let there: BTreeSet<String> = Page::all()
        .into_iter()
        .map(|page| page.path)
        .filter(|path| path.starts_with("docs/") && path != "docs/SUMMARY.md")
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let path = root().join("docs/reference/cli.md");
    let actual = commands::reference();
    if std::env::var("UPDATE_EXPECTED").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "docs/reference/cli.md is not what the program says; run with UPDATE_EXPECTED=1:\n{}",
        similar::TextDiff::from_lines(expected.as_str(), &actual).unified_diff()
    );
}

#[test]
fn the_first_page_is_short_and_shows_a_real_report() {
    let readme = Page::read("README.md");
    assert!(
        readme.text.len() <= README_LIMIT,
        "README.md has {} bytes: move something to docs/",
        readme.text.len()
    );
    let picture = readme
        .blocks()
        .into_iter()
        .find(|block| block.language == "text")
        .unwrap();
    let lines: Vec<&str> = picture.text.lines().collect();
    assert!(lines.len() <= PICTURE_LIMIT, "{} lines", lines.len());
    // Another test holds that file to what the program writes.
    let report = std::fs::read_to_string(root().join("reports/report.txt")).unwrap();
    let mut rest = report.lines();
    for line in lines.into_iter().filter(|line| *line != "[…]") {
        assert!(
            rest.any(|real| real == line),
            "reports/report.txt does not go on with: {line}"
        );
    }
}

#[test]
fn prose_of_the_book_is_wrapped() {
    let mut mistakes = Vec::new();
    for page in Page::all() {
        let outside = ["README.md", "STYLE.md", "SECURITY.md", "RELEASE.md"];
        let ours = page.path.starts_with("docs/") || outside.contains(&page.path.as_str());
        // Made from the program's help.
        if !ours || page.path == "docs/reference/cli.md" {
            continue;
        }
        for (number, line) in page.prose() {
            let words = line.trim_start();
            let exempt = words.starts_with(['|', '!']) || words.contains("](");
            if !exempt && line.chars().count() > WIDTH {
                mistakes.push(format!("{}:{number}: wider than {WIDTH}", page.path));
            }
        }
    }
    assert_none(&mistakes);
}
