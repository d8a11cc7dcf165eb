//! The text of a rich document (Atlassian Document Format), or of a plain one.

use plimsoll_kit::mention::LONGEST;
use serde_json::Value;
use serde_json::value::RawValue;

use super::wiki;

/// What can be read of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) text: String,
    /// The same without what may be struck out; none where there is nothing of that kind.
    pub(crate) unstruck: Option<String>,
    /// Whether something in it is no document at all, or nested deeper than any that a person writes.
    pub(crate) odd: bool,
}

/// The text of a field that holds a document or a plain text. No more is taken than is read of it, and one byte, by which it shows
/// that there was more.
pub(crate) fn body(raw: &RawValue) -> Body {
    match serde_json::from_str::<Value>(raw.get()) {
        Ok(value) => of_value(&value),
        // Nested too deeply for the parser.
        Err(_) => Body {
            odd: true,
            ..Body::default()
        },
    }
}

/// The same of a value.
pub(crate) fn of_value(value: &Value) -> Body {
    let mut body = Body::default();
    match value {
        Value::Null => {}
        Value::String(text) => {
            let mut head = String::new();
            push(&mut head, text);
            let plain = wiki::plain(&head);
            body.odd = plain.open || head.len() > LONGEST;
            (body.text, body.unstruck) = (plain.whole, plain.unstruck);
        }
        Value::Object(_) if value["type"] == "doc" => walk(value, &mut body),
        _ => body.odd = true,
    }
    body
}

/// A node that is still to be read, or the end of a line.
enum Next<'v> {
    Node(&'v Value),
    Line,
}

fn walk(document: &Value, body: &mut Body) {
    let mut next = vec![Next::Node(document)];
    while let Some(one) = next.pop() {
        if body.text.len() > LONGEST {
            return;
        }
        let Next::Node(node) = one else {
            end_line(&mut body.text);
            continue;
        };
        let kind = node["type"].as_str().unwrap_or_default();
        if kind.is_empty() {
            body.odd = true;
            continue;
        }
        if kind == "blockquote" || is_struck(node) {
            // What is quoted or struck out is not said.
            continue;
        }
        leaf(kind, node, &mut body.text);
        if is_block(kind) {
            end_line(&mut body.text);
            next.push(Next::Line);
        }
        match &node["content"] {
            Value::Array(content) => next.extend(content.iter().rev().map(Next::Node)),
            Value::Null => {}
            _ => body.odd = true,
        }
    }
}

fn leaf(kind: &str, node: &Value, text: &mut String) {
    let attribute = |name: &str| node["attrs"][name].as_str().unwrap_or_default();
    match kind {
        "text" => {
            push(text, node["text"].as_str().unwrap_or_default());
            for mark in node["marks"].as_array().into_iter().flatten() {
                let href = mark["attrs"]["href"].as_str().unwrap_or_default();
                if mark["type"] == "link" && !href.is_empty() {
                    // Where a text leads to is shown by no text.
                    push(text, " ");
                    push(text, href);
                    push(text, " ");
                }
            }
        }
        "hardBreak" => end_line(text),
        "inlineCard" | "blockCard" | "embedCard" => {
            push(text, " ");
            push(text, attribute("url"));
            push(text, " ");
        }
        "mention" | "status" | "emoji" => push(text, attribute("text")),
        "date" => {
            let stamp = &node["attrs"]["timestamp"];
            let at = super::whole(stamp).and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
            if let Some(at) = at {
                // A day, and no time of it: what is meant by it in which zone is not known.
                push(text, &at.strftime("%Y-%m-%d").to_string());
            }
        }
        _ => {}
    }
}

fn is_struck(node: &Value) -> bool {
    let mut marks = node["marks"].as_array().into_iter().flatten();
    marks.any(|mark| mark["type"] == "strike")
}

/// Nodes that begin a line of their own.
fn is_block(kind: &str) -> bool {
    matches!(
        kind,
        "paragraph"
            | "heading"
            | "listItem"
            | "taskItem"
            | "decisionItem"
            | "codeBlock"
            | "tableRow"
            | "panel"
            | "rule"
            | "blockCard"
            | "embedCard"
            | "expand"
            | "nestedExpand"
            | "tableCell"
            | "tableHeader"
            | "mediaSingle"
    )
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        push(text, "\n");
    }
}

fn push(text: &mut String, more: &str) {
    let room = (LONGEST + 1).saturating_sub(text.len());
    let end = if more.len() <= room {
        more.len()
    } else {
        // A character more rather than less: that there was more has to show.
        more.ceil_char_boundary(room)
    };
    text.push_str(more.get(..end).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_links_and_cards_are_read() {
        let document = json!({"type": "doc", "version": 1, "content": [
            {"type": "heading", "content": [{"type": "text", "text": "Resize"}]},
            {"type": "bulletList", "content": [
                {"type": "listItem", "content": [{"type": "paragraph", "content": [
                    {"type": "text", "text": "System: ", "marks": [{"type": "strong"}]}, {"type": "text", "text": "api"}]}]},
                {"type": "listItem", "content": [{"type": "paragraph", "content": [
                    {"type": "text", "text": "Environment: production"}, {"type": "hardBreak"},
                    {"type": "text", "text": "see", "marks": [{"type": "link", "attrs": {"href": "https://a.example/x"}}]}]}]}]},
            {"type": "paragraph", "content": [
                {"type": "inlineCard", "attrs": {"url": "https://github.com/acme/infra/pull/42"}},
                {"type": "mention", "attrs": {"id": "1", "text": "@Kim"}},
                {"type": "date", "attrs": {"timestamp": "1768406700000"}}]}]});
        let read = of_value(&document);
        assert_eq!(
            read.text,
            "Resize\nSystem: api\nEnvironment: production\nsee https://a.example/x \n https://github.com/acme/infra/pull/42 @Kim2026-01-14\n"
        );
        assert!(!read.odd);
    }

    #[test]
    fn what_is_quoted_or_struck_out_is_not_said() {
        let text = |text: &str, marks: Value| json!({"type": "text", "text": text, "marks": marks});
        let line = |content: Vec<Value>| json!({"type": "paragraph", "content": content});
        let strike =
            json!([{"type": "strike"}, {"type": "link", "attrs": {"href": "https://a.example"}}]);
        let document = json!({"type": "doc", "content": [
            line(vec![text("System: ", json!([])), text("db", strike), text("api", json!([]))]),
            {"type": "blockquote", "content": [line(vec![text("Environment: staging", json!([]))])]}]});
        assert_eq!(of_value(&document).text, "System: api\n");
        let wiki = of_value(&json!("bq. System: db\nSystem: api"));
        assert_eq!((wiki.text.as_str(), wiki.odd), ("System: api\n", false));
        assert!(of_value(&json!("{quote}System: api")).odd);
    }

    #[test]
    fn what_is_no_document_is_odd_and_no_panic() {
        for value in [
            json!(5),
            json!([]),
            json!({"type": "doc", "content": "x"}),
            json!({"type": "doc", "content": [5, {"type": 7}, {"text": "x"}]}),
            json!({"content": []}),
        ] {
            assert!(of_value(&value).odd, "{value}");
        }
        assert_eq!(of_value(&json!(null)), Body::default());
        let deep = format!(
            "{}{}",
            r#"{"type":"doc","content":["#.repeat(5000),
            "]}".repeat(5000)
        );
        let deep = RawValue::from_string(deep).unwrap();
        assert!(body(&deep).odd);
    }

    #[test]
    fn a_long_text_is_taken_as_far_as_it_is_read_and_one_more() {
        let long = "é".repeat(LONGEST);
        let read = of_value(&json!(long));
        assert!(read.odd && read.text.len() <= LONGEST + 4);
        let node =
            json!({"type": "paragraph", "content": [{"type": "text", "text": "x".repeat(1000)}]});
        let document = json!({"type": "doc", "content": vec![node; 11_000]});
        let read = of_value(&document);
        assert!(read.text.len() > LONGEST && read.text.len() <= LONGEST + 3);
    }
}
