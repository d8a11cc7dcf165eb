//! Text from outside that no Markdown reader takes for markup, a mention or a link.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::report::tame::tame;

/// A name or value as code: a code span where that is safe in a table too, else an HTML element with every
/// punctuation mark as an entity. Neither is read for mentions, links or markup.
pub(super) fn code(text: &str, columns: usize) -> String {
    let text = tame(text, columns);
    if text.is_empty() {
        return String::new();
    }
    let blank = |c: Option<char>| c.is_some_and(|c| c == ' ');
    let spanless =
        text.contains(['`', '|']) || blank(text.chars().next()) || blank(text.chars().next_back());
    if !spanless {
        return format!("`{text}`");
    }
    let mut html = String::from("<code>");
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            let _ = write!(html, "&#{};", u32::from(c));
        } else {
            html.push(c);
        }
    }
    html.push_str("</code>");
    html
}

/// A sentence: markup in it is escaped. One that could mention someone or link somewhere becomes code, because those
/// are found after escapes are undone.
pub(super) fn prose(text: &str, columns: usize) -> String {
    let text: Cow<'_, str> = tame(text, columns);
    let numbered = text
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [b'#', digit] if digit.is_ascii_digit()));
    if numbered || text.contains('@') || text.contains("://") || text.contains("www.") {
        return code(&text, usize::MAX);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // These mean something at the start alone.
            '#' | '+' | '-' | '=' | '!' | ':' if at == 0 => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Lines as a code block with a fence that none of them can close.
pub(super) fn block(language: &str, lines: &[String]) -> String {
    let longest = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`'))
        .map(str::len)
        .max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(code("shop-db", 80), "`shop-db`");
        assert_eq!(code("a|b`", 80), "<code>a&#124;b&#96;</code>");
        assert_eq!(code("x\n# y", 80), "`x\\n# y`");
        assert_eq!(
            prose("<img src=x> *b* [l](u) a|b", 80),
            "&lt;img src=x&gt; \\*b\\* \\[l\\](u) a\\|b"
        );
        assert_eq!(prose("ask @everyone", 80), "`ask @everyone`");
        assert_eq!(prose("see #12", 80), "`see #12`");
        assert_eq!(prose("https://a.example|x", 80).matches('|').count(), 0);
        assert!(block("", &["````".into()]).starts_with("`````\n"));
    }
}
