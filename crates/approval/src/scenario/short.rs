//! The short forms in which scenarios are written, spelled out.

use serde_json::{Map, Value, json};

/// Own over base, table by table; `"-"` takes a key away.
pub(super) fn merge(base: &Value, own: &Value) -> Value {
    match (base, own) {
        (Value::Object(base), Value::Object(own)) => {
            let mut made = base.clone();
            for (key, value) in own {
                if value == "-" {
                    made.remove(key);
                } else {
                    let before = base.get(key).unwrap_or(&Value::Null);
                    made.insert(key.clone(), merge(before, value));
                }
            }
            Value::Object(made)
        }
        (base, Value::Null) => base.clone(),
        (_, Value::Object(own)) => {
            let kept = own.iter().filter(|(_, value)| **value != "-");
            Value::Object(
                kept.map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            )
        }
        (_, own) => own.clone(),
    }
}

/// What is wrong with a short form: where in the value, and why.
pub(super) struct Misuse {
    /// The path inside the value, as `approvals[0]`.
    pub(super) path: String,
    pub(super) message: String,
}

/// Spells out the short forms of what a request tells.
pub(super) fn spell_out_request(fields: &mut Map<String, Value>) -> Vec<Misuse> {
    let mut wrong = Vec::new();
    for (key, value) in fields.iter_mut() {
        let words: &[(&str, &str)] = match key.as_str() {
            "requester" => {
                *value = party(value);
                continue;
            }
            "implementers" | "authors" => {
                for one in value.as_array_mut().into_iter().flatten() {
                    *one = party(one);
                }
                continue;
            }
            "approvals" => &[("as", "kind")],
            "reviews" => &[("on", "commit"), ("as", "kind"), ("said", "said")],
            "sign_offs" => &[("as", "kind"), ("with", "root_cause")],
            "merge" => &[
                ("on", "commit"),
                ("into", "branch"),
                ("protected", "protected"),
            ],
            "checks" => &[("on", "commit"), ("passed", "passed")],
            "transitions" | "edits" => &[],
            _ => continue,
        };
        let first = match key.as_str() {
            "transitions" => "to",
            "edits" => "field",
            "checks" => "name",
            _ => "by",
        };
        let mut spell = |value: &mut Value, path: String| match event(value, first, words) {
            Ok(made) => *value = made,
            Err(message) => wrong.push(Misuse { path, message }),
        };
        match value {
            Value::Array(items) => {
                for (at, one) in items.iter_mut().enumerate() {
                    spell(one, format!("{key}[{at}]"));
                    if let (true, Some(made)) = (key == "reviews", one.as_object_mut()) {
                        made.entry("said").or_insert_with(|| json!("approved"));
                    }
                }
            }
            one => spell(one, key.clone()),
        }
    }
    wrong
}

/// An account: its name alone, or `bot:NAME` for a program.
fn party(value: &Value) -> Value {
    match value.as_str() {
        Some(text) => match text.strip_prefix("bot:") {
            Some(bot) => json!({"account": bot, "bot": true}),
            None => json!({"account": text}),
        },
        None => value.clone(),
    }
}

/// `kim at TIME on COMMIT`: the first word is `first`, then pairs of a word and its value. `withdrawn TIME` takes it back.
fn event(value: &Value, first: &str, words: &[(&str, &str)]) -> Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    let mut parts = text.split_whitespace();
    let mut made = Map::new();
    let head = parts.next().unwrap_or_default();
    if head != "somebody" {
        let head = json!(head);
        let head = if first == "by" { party(&head) } else { head };
        made.insert(first.to_owned(), head);
    }
    while let Some(word) = parts.next() {
        let Some(value) = parts.next() else {
            return Err(format!("{text:?} ends after `{word}`, which needs a value"));
        };
        let plain = match value {
            "true" | "root-cause" => json!(true),
            "false" => json!(false),
            value => json!(value),
        };
        let (key, plain) = match word {
            "at" => ("at", plain),
            "withdrawn" if value == "sometime" => ("withdrawn", json!({})),
            "withdrawn" => ("withdrawn", json!({ "at": plain })),
            word => match words.iter().find(|(own, _)| *own == word) {
                Some((_, key)) => (*key, plain),
                None => {
                    let known = words.iter().map(|(own, _)| *own);
                    let known: Vec<&str> = ["at", "withdrawn"].into_iter().chain(known).collect();
                    let known = known.join(", ");
                    return Err(format!("{text:?}: `{word}` is none of {known}"));
                }
            },
        };
        made.insert(key.to_owned(), plain);
    }
    Ok(Value::Object(made))
}

/// `{c:one}` stands for a commit and `{d:one}` for a digest, the same for the same name.
///
/// # Errors
/// That a brace is not closed.
pub(super) fn expand(text: &str) -> Result<String, String> {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, digest)) = next_stand_in(rest) {
        let (before, from) = rest.split_at(at);
        let Some((name, after)) = from.get(3..).and_then(|inner| inner.split_once('}')) else {
            return Err(format!("{text:?} has a brace that is not closed"));
        };
        made.push_str(before);
        if digest {
            made.push_str("sha256:");
            made.push_str(&digits(name, 64));
        } else {
            made.push_str(&digits(name, 40));
        }
        rest = after;
    }
    made.push_str(rest);
    Ok(made)
}

/// Where the next stand-in begins, and whether it is one of a digest.
fn next_stand_in(text: &str) -> Option<(usize, bool)> {
    let commit = text.find("{c:").map(|at| (at, false));
    let digest = text.find("{d:").map(|at| (at, true));
    commit.into_iter().chain(digest).min()
}

/// So many hexadecimal digits out of a name, the same for the same name: what stands for a commit or a digest.
pub fn digits(name: &str, many: usize) -> String {
    let mut made = String::new();
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    while made.len() < many {
        for byte in name.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if name.is_empty() {
            state = state.wrapping_mul(0x0000_0100_0000_01b3);
        }
        made.push_str(&format!("{state:016x}"));
    }
    made.truncate(many);
    made
}
