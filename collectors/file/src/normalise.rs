//! From a line to the model.

use plimsoll_kit::Redactor;
use plimsoll_model::{Asset, AssetId, Claim, Facts, How, Table, Text, Value, fact, redacted};

use crate::wire::AssetLine;

/// Facts that hold marks and nothing else: what a writer leaves plain in them is marked here.
const MARKED: [&str; 3] = [fact::ENV, fact::COMMAND, fact::ENTRYPOINT];

/// What a `trouble` line may say at most, in characters.
const WHAT_MAX: usize = 500;

/// The asset of a line, settled, with marks in place of its secrets.
pub(crate) fn asset(line: AssetLine, redactor: &Redactor) -> Asset {
    let mut asset = Asset {
        id: line.id,
        kind: line.kind,
        name: line.name,
        scope: line.scope,
        aliases: line.aliases,
        labels: line.labels,
        facts: line.facts,
        readings: line.readings,
        partial: line.partial,
    };
    for facts in [&mut asset.facts, &mut asset.readings] {
        forget(facts);
        for name in MARKED {
            if let Some(claim) = facts.get_mut(name)
                && claim.value().is_some_and(|value| !is_marked(value))
            {
                let marked = with_value(claim, |value| mark(redactor, &asset.id, name, value));
                *claim = marked;
            }
        }
    }
    if !line.secrets.is_empty() {
        let mut env = match asset
            .facts
            .remove(fact::ENV)
            .as_ref()
            .and_then(Claim::value)
        {
            Some(Value::Table(env)) => env.clone(),
            _ => Table::new(),
        };
        for (name, secret) in line.secrets.iter() {
            let mark = redactor.mark_value(&asset.id, name, secret.as_bytes());
            env.insert(name, Value::Text(mark));
        }
        asset.claim(fact::ENV, Claim::reported(env).by("secrets of the finding"));
    }
    asset.settle();
    asset
}

/// A text from outside that is shown to people: one line, and not a long one.
pub(crate) fn said(what: &str) -> Text {
    let line = what.chars().take(WHAT_MAX);
    line.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Leaves out what only the engine remembers, of known claims as well: it would get past the marking.
fn forget(facts: &mut Facts) {
    for (_, claim) in facts.iter_mut() {
        *claim = match claim.value() {
            Some(_) => with_value(claim, Value::clone),
            None => Claim::unknown(claim.basis().unwrap_or_default()),
        };
    }
}

/// The claim with another value, known in the same way.
fn with_value(claim: &Claim, change: impl FnOnce(&Value) -> Value) -> Claim {
    let Some(value) = claim.value().map(change) else {
        return claim.clone();
    };
    let basis = claim.basis();
    let known = match claim.how() {
        How::Measured => Claim::measured(value),
        How::Attested => Claim::attested(value, basis.unwrap_or_default()),
        How::Reported | How::Unknown => Claim::reported(value),
    };
    match basis {
        Some(basis) => known.by(basis),
        None => known,
    }
}

fn is_marked(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.iter().all(|(_, part)| is_marked(part)),
        Value::Text(text) => is_mark(text),
        _ => false,
    }
}

/// Whether a text is a mark and perhaps its length class, and nothing besides.
fn is_mark(text: &str) -> bool {
    let class = text.split_once(' ').map(|(_, class)| class);
    let class = class.is_none_or(|class| {
        let bytes = class
            .strip_prefix("<=")
            .and_then(|class| class.strip_suffix('B'));
        bytes.is_some_and(|bytes| bytes.bytes().all(|byte| byte.is_ascii_digit()))
    });
    class && redacted::parse(text).is_some()
}

fn mark(redactor: &Redactor, id: &AssetId, name: &str, value: &Value) -> Value {
    match value {
        Value::Table(table) => {
            let parts = table.iter();
            Value::Table(
                parts
                    .map(|(name, part)| (name, mark(redactor, id, name, part)))
                    .collect(),
            )
        }
        Value::Text(text) if is_mark(text) => value.clone(),
        Value::Text(text) => Value::Text(redactor.mark_sized(id, name, text.as_bytes())),
        other => Value::Text(redactor.mark_sized(id, name, format!("{other:?}").as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Asset {
        asset(
            serde_json::from_str(json).unwrap(),
            &Redactor::new([7; 32], "test"),
        )
    }

    #[test]
    fn secrets_become_marks_beside_the_marks_that_are_there() {
        let mark = Redactor::new([1; 32], "x").mark(&AssetId::new("a:b").unwrap(), "OLD", b"x");
        let json = format!(
            r#"{{"id":"a:b","kind":"a","name":"b","facts":{{"env":{{"value":{{"OLD":"{mark}","PLAIN":"hunter2"}}}}}},"secrets":{{"TOKEN":"hunter2"}}}}"#
        );
        let asset = read(&json);
        let env = asset.value(fact::ENV).unwrap().as_table().unwrap();
        assert_eq!(env.get("OLD").unwrap().as_str(), Some(mark.as_str()));
        for name in ["PLAIN", "TOKEN"] {
            assert!(redacted::parse(env.get(name).unwrap().as_str().unwrap()).is_some());
        }
        assert!(!format!("{asset:?}").contains("hunter2"));
    }

    #[test]
    fn plain_values_in_marked_facts_do_not_stay() {
        for facts in [
            r#"{"command":["serve","--password","hunter2"]}"#,
            r#"{"env":["A=hunter2"]}"#,
            r#"{"entrypoint":{"value":"hunter2","how":"measured","basis":"ps"}}"#,
            r#"{"env":{"how":"unknown","basis":"x","last_known":{"A":"hunter2"}}}"#,
            r#"{"env":{"value":{},"last_known":{"A":"hunter2"}}}"#,
            r#"{"image":{"value":"web:1","how":"attested","basis":"x","last_known":"hunter2"}}"#,
            r#"{"command":"secret:00000000:0123456789abcdef0123456789abcdef hunter2"}"#,
        ] {
            let asset = read(&format!(
                r#"{{"id":"a:b","kind":"a","name":"b","facts":{facts}}}"#
            ));
            assert!(!format!("{asset:?}").contains("hunter2"), "{facts}");
            assert_eq!(asset.facts.len(), 1);
        }
    }

    #[test]
    fn marking_keeps_how_it_is_known() {
        let asset = read(
            r#"{"id":"a:b","kind":"a","name":"b","facts":{"command":{"value":"x","how":"measured","basis":"ps"}}}"#,
        );
        let claim = asset.get(fact::COMMAND).unwrap();
        assert_eq!((claim.how(), claim.basis()), (How::Measured, Some("ps")));
    }
}
