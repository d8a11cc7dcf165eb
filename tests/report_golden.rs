//! The golden reports in `reports/` are what the formats write. `UPDATE_EXPECTED=1` writes them anew.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "report_golden/hostile.rs"]
mod hostile;
#[path = "report_golden/shop.rs"]
mod shop;

use std::path::Path;

use plimsoll::report::{Outcome, Report, Verdict, csv, html, json, markdown, text};
use serde_json::Value;

fn golden(name: &str, actual: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports")
        .join(name);
    let actual = std::str::from_utf8(actual).unwrap();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "reports/{name} is not what this format writes now; read the difference, then run with UPDATE_EXPECTED=1:\n{}",
        similar::TextDiff::from_lines(expected.as_str(), actual).unified_diff()
    );
}

fn terminal(report: &Report, options: &text::Options) -> Vec<u8> {
    let mut out = Vec::new();
    text::render(report, text::Part::Whole, options, &mut out).unwrap();
    out
}

fn plain() -> text::Options {
    text::Options {
        style: text::Style::Plain,
        width: 100,
        explain: false,
        now: shop::now(),
    }
}

#[test]
fn text_is_golden() {
    golden("report.txt", &terminal(&shop::report(), &plain()));
}

#[test]
fn json_is_golden() {
    let mut out = Vec::new();
    json::render(&shop::report(), &mut out).unwrap();
    golden("report.json", &out);
}

#[test]
fn markdown_is_golden() {
    let mut out = Vec::new();
    markdown::render(&shop::report(), &mut out).unwrap();
    golden("report.md", &out);
}

#[test]
fn csv_is_golden() {
    let mut out = Vec::new();
    csv::render(&shop::report(), &mut out).unwrap();
    golden("report.csv", &out);
}

#[test]
fn html_is_golden() {
    let mut out = Vec::new();
    html::render(&shop::report(), &mut out).unwrap();
    golden("report.html", &out);
}

/// The published schema, with every name that it does not describe forbidden: a reader may pass over an unknown name,
/// and we may not forget to describe one.
fn strict_schema() -> jsonschema::Validator {
    fn forbid(schema: &mut Value) {
        if let Some(object) = schema.as_object_mut() {
            if object.get("properties").is_some_and(Value::is_object) {
                object.insert("additionalProperties".into(), Value::Bool(false));
            }
            object.values_mut().for_each(forbid);
        } else if let Some(items) = schema.as_array_mut() {
            items.iter_mut().for_each(forbid);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    forbid(&mut schema);
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn as_json(report: &Report) -> Value {
    let mut out = Vec::new();
    json::render(report, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn empty() -> Report {
    let mut report = shop::report();
    report.summary = Default::default();
    report.controls.clear();
    report.coverage.clear();
    report.systems.clear();
    report.drifts.clear();
    report.resolved.clear();
    report.changes.clear();
    report.accesses.clear();
    report.ignored.clear();
    report
}

#[test]
fn every_report_is_as_the_schema_says() {
    let schema = strict_schema();
    let verdicts = [
        Verdict::Approved,
        Verdict::Unapproved,
        Verdict::Pending,
        Verdict::Overdue,
        Verdict::Unproven,
        Verdict::NotRequired,
    ];
    let texts = hostile::texts();
    let generated = texts
        .iter()
        .zip(verdicts.iter().cycle())
        .map(|(text, verdict)| hostile::report(text, *verdict));
    for report in generated.chain([shop::report(), empty()]) {
        let json = as_json(&report);
        let errors: Vec<String> = schema
            .iter_errors(&json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let mut wrong = as_json(&shop::report());
    wrong["drifts"][0]["status"] = "pass".into();
    assert!(!schema.is_valid(&wrong));
}

/// What a terminal, a browser or a reader's eye would act on instead of showing.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn no_name_harms_a_terminal() {
    for text in hostile::texts() {
        for explain in [false, true] {
            let report = hostile::report(&text, Verdict::Unapproved);
            let options = text::Options { explain, ..plain() };
            let shown = String::from_utf8(terminal(&report, &options)).unwrap();
            assert!(!shown.contains(acts), "{shown}");
            let wide = |line: &str| unicode_width::UnicodeWidthStr::width(line) > 100;
            let wide = shown.lines().find(|line| wide(line));
            assert!(wide.is_none(), "{wide:?}");
            assert!(shown.len() < 80_000, "{} bytes", shown.len());
        }
    }
}

#[test]
fn no_name_harms_a_page() {
    let tags = |html: &str| {
        let mut tags: Vec<String> = html
            .split('<')
            .skip(1)
            .filter_map(|tag| tag.split([' ', '>', '\n']).next())
            .map(str::to_owned)
            .collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    };
    let page = |report: &Report| {
        let mut out = Vec::new();
        html::render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let known = tags(&page(&hostile::report("plain", Verdict::Approved)));
    for text in hostile::texts() {
        let page = page(&hostile::report(&text, Verdict::Approved));
        assert!(!page.contains(acts), "{text:?}");
        let strange: Vec<_> = tags(&page)
            .into_iter()
            .filter(|tag| {
                !known.contains(tag) && !["del", "/del", "ins", "/ins"].contains(&tag.as_str())
            })
            .collect();
        assert!(strange.is_empty(), "{text:?}: {strange:?}");
        // A quote from outside would leave its attribute: all that stand in the page are the template's, in pairs.
        let body = page.split("</style>").nth(1).unwrap();
        let odd = body
            .split('<')
            .find(|tag| tag.split('>').next().unwrap().matches('"').count() % 2 == 1);
        assert!(odd.is_none(), "{text:?}: {odd:?}");
    }
}

#[test]
fn the_page_asks_for_nothing() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/report.html"))
            .unwrap();
    for word in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        "src=",
        "url(",
        "@import",
        "href=\"http",
        "onclick",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn no_name_harms_a_table() {
    for text in hostile::texts() {
        let mut out = Vec::new();
        csv::render(&hostile::report(&text, Verdict::Approved), &mut out).unwrap();
        for row in ::csv::Reader::from_reader(out.as_slice()).records() {
            for cell in &row.unwrap() {
                assert!(
                    !cell.trim_start().starts_with(['=', '+', '-', '@']),
                    "{cell:?}"
                );
                assert!(!cell.contains(acts) && !cell.contains('\n'), "{cell:?}");
            }
        }
    }
}

#[test]
fn no_name_is_markdown() {
    let write = |report: &Report| {
        let mut out = Vec::new();
        markdown::render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for text in hostile::texts() {
        let shown = write(&hostile::report(&text, Verdict::Approved));
        assert!(!shown.contains(acts), "{shown}");
        let headings = shown.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(headings, 11, "{shown}");
        // Every row of a table has the cells of its head.
        let mut cells = None;
        for line in shown.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            match (line.starts_with('|'), cells) {
                (false, _) => cells = None,
                (true, None) => cells = Some(bars),
                (true, Some(head)) => assert_eq!(bars, head, "{line}"),
            }
        }
    }
}

#[test]
fn the_outcome_is_the_contract() {
    assert_eq!(empty().outcome(), Outcome::Clean);
    let mut report = empty();
    report.coverage = shop::report().coverage;
    assert_eq!(report.outcome(), Outcome::Incomplete);
    // The last known of a source that was not scanned counts neither way.
    report.coverage.iter_mut().for_each(|row| row.fresh = false);
    assert_eq!(report.outcome(), Outcome::Clean);
    report.coverage = shop::report().coverage;
    report.drifts = shop::report().drifts;
    report
        .drifts
        .retain(|row| row.status == plimsoll::baseline::Status::Unknown);
    assert_eq!(report.outcome(), Outcome::Drift, "unknown is never clean");
    let of = |verdict| {
        let mut report = empty();
        report.changes = hostile::report("x", verdict).changes;
        report.outcome()
    };
    assert_eq!(of(Verdict::Unapproved), Outcome::Drift);
    assert_eq!(of(Verdict::Overdue), Outcome::Drift);
    assert_eq!(of(Verdict::NotRequired), Outcome::Clean);
    let codes = [Outcome::Clean, Outcome::Drift, Outcome::Incomplete].map(Outcome::code);
    assert_eq!(codes, [0, 10, 11]);
}

#[test]
fn a_part_says_nothing_of_the_rest() {
    let part = |report: &Report, part| {
        let mut out = Vec::new();
        text::render(report, part, &plain(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let none = part(&empty(), text::Part::Drifts) + &part(&empty(), text::Part::Changes);
    assert!(
        none.contains("No open drift.") && none.contains("No changes."),
        "{none}"
    );
    assert!(
        !none.contains("Clean") && !none.contains("judged"),
        "{none}"
    );
    let changes = part(&shop::report(), text::Part::Changes);
    assert!(
        changes.ends_with("\n7 changes, 1 without approval.\n"),
        "{changes}"
    );
    assert!(!changes.contains("ports-allowed"), "{changes}");
    assert!(!part(&shop::report(), text::Part::Drifts).contains("CHANGES"));
}
