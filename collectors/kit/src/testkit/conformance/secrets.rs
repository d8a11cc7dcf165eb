//! No secret leaks.

use super::Subject;
use crate::testkit::{Input, Logs, MARKER, context, harvest, render, run};

/// What was planted in the outside system shows nowhere: not in the harvest as text, JSON or debug output, not in a trouble, not in what
/// `check` says, not in a log at any level; neither when all goes well nor when something breaks.
///
/// # Panics
/// When a marker is found, with the place, or when the subject planted none.
pub fn leaks_no_secret(subject: &dyn Subject) {
    let healthy = subject.healthy();
    look(subject, "the healthy input", &healthy);
    assert!(
        healthy.is_marked(),
        "the subject planted no {MARKER} in its healthy input: not in the settings, the folder, or what the server sent"
    );
    look(subject, "the broken item", &subject.broken_item().0);
    look(subject, "the endless input", &subject.endless());
    look(subject, "the absent input", &subject.absent());
}

fn look(subject: &dyn Subject, what: &str, input: &Input) {
    let logs = Logs::capture();
    let collector = subject.build(input);
    let mut context = context("conformance");
    context.limits = subject.tight();
    let (harvest, access) = run(async {
        let harvest = harvest(&*collector, &context).await;
        (harvest, collector.check(&context).await)
    });
    let json = serde_json::json!({
        "assets": harvest.assets,
        "relations": harvest.relations,
        "requests": harvest.requests,
        "actions": harvest.actions,
        "scopes": harvest.scopes,
    });
    for (place, text) in [
        ("the harvest", render(&harvest)),
        ("the harvest's debug output", format!("{harvest:?}")),
        ("the harvest as JSON", json.to_string()),
        ("what check says", format!("{access:?}")),
        ("the log", logs.text()),
    ] {
        if let Some(found) = find(&text) {
            panic!("a secret of {what} is in {place}: …{found}…");
        }
    }
}

/// The marker with its surroundings, in whatever case.
fn find(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (before, after) = lower.split_once(&MARKER.to_ascii_lowercase())?;
    let tail = before.chars().rev().take(120).collect::<Vec<_>>();
    let tail: String = tail.into_iter().rev().collect();
    let rest: String = after.chars().take(40).collect();
    Some(format!("{tail}{MARKER}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_marker_in_whatever_case() {
        assert_eq!(
            find("é: plimsoll-Marker-env!"),
            Some(format!("é: {MARKER}-env!"))
        );
        assert_eq!(find("PLIMSOLL_MARKER"), None);
    }
}
