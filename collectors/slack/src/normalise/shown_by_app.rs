//! The text that an app shows in blocks and attachments.

use serde_json::Value;

use crate::wire::Message;

/// How deep blocks may be nested.
const DEPTH: usize = 8;
/// How much text is gathered, in bytes.
const MOST: usize = 1 << 20;
/// Up to which length a text is searched for what it may hold already, in bytes.
const SHORT: usize = 64 << 10;

/// Adds it to a text, a line for each part.
pub(super) fn add(message: &Message, text: &mut String) {
    for block in list(&message.blocks) {
        block_text(block, text);
    }
    for attachment in list(&message.attachments) {
        // What a link leads to was written by others.
        if attachment.get("from_url").is_some() || attachment.get("original_url").is_some() {
            continue;
        }
        for key in ["pretext", "title", "text"] {
            line(attachment.get(key), text);
        }
        for field in list(attachment.get("fields").unwrap_or(&Value::Null)) {
            let title = field.get("title").and_then(Value::as_str);
            let value = field.get("value").and_then(Value::as_str);
            if let (Some(title), Some(value)) = (title, value) {
                push(&format!("{title}: {value}"), text);
            }
        }
        for block in list(attachment.get("blocks").unwrap_or(&Value::Null)) {
            block_text(block, text);
        }
    }
}

fn block_text(block: &Value, text: &mut String) {
    let of = |key: &str| block.get(key).unwrap_or(&Value::Null);
    match of("type").as_str().unwrap_or_default() {
        "header" | "section" => {
            line(of("text").get("text"), text);
            for field in list(of("fields")) {
                // A field shows its name above its value.
                let field = field.get("text").and_then(Value::as_str);
                let (name, value) = field
                    .and_then(|field| field.split_once('\n'))
                    .unwrap_or((field.unwrap_or_default(), ""));
                let name = name.trim_end_matches(['*', ':', ' ']);
                match value.is_empty() {
                    true => push(field.unwrap_or_default(), text),
                    false => push(&format!("{name}: {value}"), text),
                }
            }
        }
        "markdown" => line(block.get("text"), text),
        "rich_text" => {
            let mut rich = String::new();
            rich_text(block, DEPTH, &mut rich);
            push(&rich, text);
        }
        _ => {}
    }
}

fn rich_text(element: &Value, depth: usize, out: &mut String) {
    if depth == 0 || out.len() > MOST {
        return;
    }
    let of = |key: &str| element.get(key).and_then(Value::as_str);
    let struck = element.pointer("/style/strike").and_then(Value::as_bool) == Some(true);
    match of("type").unwrap_or_default() {
        _ if struck => {}
        "text" => out.push_str(of("text").unwrap_or_default()),
        "link" => {
            out.push_str(of("url").unwrap_or_default());
            if let Some(label) = of("text") {
                out.push(' ');
                out.push_str(label);
            }
        }
        "user" => out.push_str(&format!("<@{}>", of("user_id").unwrap_or_default())),
        _ => {
            for inner in list(element.get("elements").unwrap_or(&Value::Null)) {
                rich_text(inner, depth - 1, out);
            }
            if of("type") != Some("rich_text") {
                out.push('\n');
            }
        }
    }
}

fn line(value: Option<&Value>, text: &mut String) {
    push(value.and_then(Value::as_str).unwrap_or_default(), text);
}

/// Adds a line that is not there yet: the text is often the first of the blocks once more.
fn push(more: &str, text: &mut String) {
    let more = more.trim_end();
    // What is longer counts as cut where it is read.
    if more.is_empty() || text.len() > MOST {
        return;
    }
    if text.len() < SHORT && text.contains(more) {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
