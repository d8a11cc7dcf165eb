//! Pages that no template makes.

use std::borrow::Cow;

use crate::report::tame;

/// A text in an element or in an attribute's quotes: one line, and nothing in it is markup.
pub(crate) fn line(text: &str) -> String {
    let mut made = String::with_capacity(text.len() + 16);
    // No cell and no line of a page has more.
    let tamed: Cow<'_, str> = tame(text, 100_000);
    for c in tamed.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#39;"),
            c => made.push(c),
        }
    }
    made
}

/// The same of a text of ours that has line breaks, as JSON that is laid out.
pub(crate) fn block(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}
