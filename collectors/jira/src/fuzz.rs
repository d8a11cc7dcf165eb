//! What a fuzzer calls: every answer of the tracker.

use serde_json::value::RawValue;

use crate::wire::*;

/// Reads bytes as every kind of answer.
pub fn read(bytes: &[u8]) {
    let json = plimsoll_kit::json::read::<SearchPage>;
    if let Ok(page) = json(bytes) {
        let (issues, _) = sound::<Issue>(&page.issues);
        for issue in &issues {
            let _ = issue.field::<Named>("status");
            let _ = issue.field::<Person>("reporter");
            let _ = issue.field::<serde_json::Value>("description");
        }
    }
    if let Ok(page) = plimsoll_kit::json::read::<Page>(bytes) {
        for entry in sound::<Entry>(&page.values).0 {
            let _ = (entry.items().1, entry.by_program());
        }
        let _ = sound::<Approval>(&page.values);
        let _ = sound::<Comment>(&page.values);
    }
    if let Ok(value) = plimsoll_kit::json::read::<serde_json::Value>(bytes) {
        let _ = (adf::of_value(&value), moment(&value), whole(&value));
    }
    let _ = plimsoll_kit::json::read::<Vec<RemoteLink>>(bytes);
    let _ = plimsoll_kit::json::read::<Vec<Field>>(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = (wiki::plain(&text), time(&text));
    if let Ok(raw) = serde_json::from_str::<&RawValue>(&text) {
        let _ = adf::body(raw);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_corpus_is_read() {
        plimsoll_kit::testkit::replay("jira", super::read);
    }
}
