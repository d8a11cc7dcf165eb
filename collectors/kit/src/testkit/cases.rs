//! Test cases that are folders.

use std::fs;
use std::path::{Path, PathBuf};

use super::{FakeServer, build, compare, context, harvest, render, run};
use crate::{Collector, Registration};

/// Runs every folder of `testcases/` below a crate's own folder: see [the module](super).
///
/// # Panics
/// When there is none, or a harvest is not what `expected.txt` says; all that differ are shown.
pub fn run_cases(manifest_dir: &str, registration: &Registration) {
    run_cases_with(manifest_dir, registration, |settings, _| {
        build(registration, settings).map_err(|mistakes| mistakes.to_string())
    });
}

/// As [`run_cases`], for a collector that needs more than its settings to be built in a test: `make` gets them, and
/// the case's folder.
///
/// # Panics
/// As [`run_cases`].
pub fn run_cases_with(
    manifest_dir: &str,
    registration: &Registration,
    make: impl Fn(&str, &Path) -> Result<Box<dyn Collector>, String>,
) {
    let folder = Path::new(manifest_dir).join("testcases");
    let cases = cases(&folder);
    assert!(
        !cases.is_empty(),
        "there is no test case in {}",
        folder.display()
    );
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let text = run_case(registration, case, &make);
            compare::difference(&case.join("expected.txt"), &text)
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

/// The folders of test cases, sorted.
pub(super) fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut cases: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn run_case(
    registration: &Registration,
    case: &Path,
    make: &impl Fn(&str, &Path) -> Result<Box<dyn Collector>, String>,
) -> String {
    let settings = fs::read_to_string(case.join("settings.toml"))
        .unwrap_or_else(|error| panic!("{}: settings.toml: {error}", case.display()));
    let places = Places::of(case, &settings);
    let collector = make(&places.fill(&settings), case)
        .unwrap_or_else(|why| panic!("{}: {why}", case.display()));
    let harvest = run(harvest(&*collector, &context(registration.name)));
    places.hide(&render(&harvest))
}

/// The placeholders of a case and what they stand for, the longest first.
struct Places {
    words: Vec<(&'static str, String)>,
    _server: Option<FakeServer>,
}

impl Places {
    fn of(case: &Path, settings: &str) -> Self {
        let server = if settings.contains("{{socket}}") {
            Some(FakeServer::on_socket())
        } else if settings.contains("{{url}}") {
            Some(FakeServer::on_loopback())
        } else {
            None
        };
        let responses = case.join("responses");
        let mut words = Vec::new();
        match &server {
            Some(server) => {
                server.folder(&responses);
                words.push(("{{url}}", server.url().to_owned()));
                words.push(("{{socket}}", server.socket().display().to_string()));
            }
            None => assert!(
                !responses.exists(),
                "{}: there are responses, and settings.toml names neither {{{{url}}}} nor {{{{socket}}}}",
                case.display()
            ),
        }
        words.push(("{{root}}", case.join("root").display().to_string()));
        words.push(("{{case}}", case.display().to_string()));
        Self {
            words,
            _server: server,
        }
    }

    fn fill(&self, text: &str) -> String {
        let fill = |text: String, (word, place): &(&str, String)| text.replace(word, place);
        self.words.iter().fold(text.to_owned(), fill)
    }

    fn hide(&self, text: &str) -> String {
        let places = self.words.iter().filter(|(_, place)| !place.is_empty());
        places.fold(text.to_owned(), |text, (word, place)| {
            text.replace(place, word)
        })
    }
}
