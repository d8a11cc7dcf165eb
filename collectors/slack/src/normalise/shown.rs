//! The text that a message shows in blocks and attachments.

use serde_json::Value;

use crate::wire::Message;

/// How deep blocks may be nested.
const DEPTH: usize = 8;
/// How much text is gathered, in bytes.
const MOST: usize = 1 << 20;
/// Up to which length a text is searched for what it may hold already, in bytes.
const SHORT: usize = 64 << 10;

/// Whose words a text is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// An app's: all that it shows.
    All,
    /// A person's: what they quote, or write as code, is marked as it is in a text.
    Own,
}

/// Adds to an app's text what it shows, a line for each part.
pub(super) fn add(message: &Message, text: &mut String) {
    for block in list(&message.blocks) {
        block_text(block, Words::All, text);
    }
    attachments(message, Words::All, text);
}

/// What a person's message shows in blocks, in the mark-up of a text: people see it in the text's place.
pub(super) fn in_blocks(message: &Message) -> String {
    let mut text = String::new();
    for block in list(&message.blocks) {
        block_text(block, Words::Own, &mut text);
    }
    text
}

/// What a person's message shows in attachments: people see it below the text.
pub(super) fn in_attachments(message: &Message) -> String {
    let mut text = String::new();
    attachments(message, Words::Own, &mut text);
    text
}

/// The titles of its files, a line for each.
pub(super) fn in_files(message: &Message) -> String {
    let mut text = String::new();
    for file in list(&message.files) {
        let title = file.get("title").or_else(|| file.get("name"));
        line(title, &mut text);
    }
    text
}

fn attachments(message: &Message, words: Words, text: &mut String) {
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
            block_text(block, words, text);
        }
        // Shown where nothing else can be, and sent with nothing else by some.
        if words == Words::Own {
            line(attachment.get("fallback"), text);
        }
    }
}

fn block_text(block: &Value, words: Words, text: &mut String) {
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
            rich_text(block, words, DEPTH, &mut rich);
            push(&rich, text);
        }
        // What is to be pressed or filled in says nothing yet.
        "actions" | "input" | "divider" => {}
        _ if words == Words::Own => any_text(block, DEPTH, text),
        _ => {}
    }
}

/// Every text in a block of another kind: one that says no is heeded wherever it stands.
fn any_text(block: &Value, depth: usize, text: &mut String) {
    if depth == 0 {
        return;
    }
    match block {
        Value::Object(parts) => {
            for (name, part) in parts {
                match part {
                    Value::String(said)
                        if matches!(name.as_str(), "text" | "title" | "alt_text") =>
                    {
                        push(said, text);
                    }
                    Value::String(_) => {}
                    part => any_text(part, depth - 1, text),
                }
            }
        }
        Value::Array(parts) => parts
            .iter()
            .for_each(|part| any_text(part, depth - 1, text)),
        _ => {}
    }
}

fn rich_text(element: &Value, words: Words, depth: usize, out: &mut String) {
    if depth == 0 || out.len() > MOST {
        return;
    }
    let of = |key: &str| element.get(key).and_then(Value::as_str);
    let style = |name: &str| element.pointer(name).and_then(Value::as_bool) == Some(true);
    let own = words == Words::Own;
    match of("type").unwrap_or_default() {
        _ if style("/style/strike") => {}
        "text" if own && style("/style/code") => {
            out.push_str(&format!("`{}`", of("text").unwrap_or_default()));
        }
        "emoji" if own => out.push_str(&format!(":{}:", of("name").unwrap_or_default())),
        "broadcast" if own => out.push_str("<!here>"),
        "usergroup" if own => out.push_str("<!subteam>"),
        "channel" if own => out.push_str("<#channel>"),
        kind @ ("rich_text_quote" | "rich_text_preformatted") if own => {
            let mut inner = String::new();
            for part in list(element.get("elements").unwrap_or(&Value::Null)) {
                rich_text(part, words, depth - 1, &mut inner);
            }
            let mark = if kind == "rich_text_quote" { "> " } else { "`" };
            for line in inner.lines() {
                out.push_str(&format!("{mark}{line}\n"));
            }
        }
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
                rich_text(inner, words, depth - 1, out);
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
