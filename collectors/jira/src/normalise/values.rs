//! What a field's value says, whatever type it has.

use serde_json::Value;

use crate::wire::adf;

/// The most texts that are taken out of one field.
const MOST: usize = 256;
/// The longest of them, in bytes.
const LONGEST: usize = 256;

/// The texts of a value: a name, several, an option, a plain or rich text with its parts in lines or between commas. None where it is of a shape that
/// says nothing.
pub(crate) fn texts(value: &Value) -> Option<Vec<String>> {
    let mut all = Vec::new();
    gather(value, &mut all, 0)?;
    let sound = all.len() <= MOST && all.iter().all(|text| text.len() <= LONGEST);
    sound.then_some(all)
}

fn gather(value: &Value, all: &mut Vec<String>, depth: usize) -> Option<()> {
    match value {
        Value::Null => {}
        Value::Bool(yes) => all.push(yes.to_string()),
        Value::Number(number) => all.push(number.to_string()),
        Value::String(text) => split(text, all),
        Value::Array(items) if depth == 0 && items.len() <= MOST => {
            for item in items {
                gather(item, all, 1)?;
            }
        }
        Value::Object(_) if value["type"] == "doc" => {
            let body = adf::of_value(value);
            if body.odd {
                return None;
            }
            split(&body.text, all);
        }
        Value::Object(_) => all.push(option(value)?),
        Value::Array(_) => return None,
    }
    Some(())
}

/// An option, a component, a user: with the narrower one where an option has one.
fn option(value: &Value) -> Option<String> {
    let named = ["value", "name", "displayName", "label", "key"];
    let name = named.iter().find_map(|name| value[*name].as_str())?;
    let child = &value["child"];
    let narrower = child["value"].as_str().map(str::trim);
    // Together, and as neither of the two: what is meant by both is not known here.
    let name = match narrower {
        Some(narrower) => format!("{} / {narrower}", name.trim()),
        None => name.trim().to_owned(),
    };
    (!name.is_empty()).then_some(name)
}

fn split(text: &str, all: &mut Vec<String>) {
    let parts = text.split([',', ';', '\n', '\r']).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty()).take(MOST + 1);
    all.extend(parts.map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_every_type() {
        for (value, want) in [
            (json!("api, worker\nweb"), vec!["api", "worker", "web"]),
            (json!(["api", "worker"]), vec!["api", "worker"]),
            (
                json!({"id": "1", "value": "Production"}),
                vec!["Production"],
            ),
            (
                json!([{"value": "Production", "child": {"value": "EU"}}]),
                vec!["Production / EU"],
            ),
            (json!([{"id": "7", "name": "api"}]), vec!["api"]),
            (
                json!({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "staging"}]}]}),
                vec!["staging"],
            ),
            (json!(null), vec![]),
        ] {
            assert_eq!(texts(&value).unwrap(), want, "{value}");
        }
        for odd in [json!({"id": "7"}), json!([["api"]]), json!("x".repeat(300))] {
            assert_eq!(texts(&odd), None);
        }
    }
}
