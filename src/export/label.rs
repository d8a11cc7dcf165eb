//! Texts from outside on their way into a diagram.

use unicode_width::UnicodeWidthChar as _;

use super::{Diagram, Edge, End};
use crate::report::tame;

/// The widest name that a label shows.
pub(super) const NAME: usize = 40;
/// The widest text that a tooltip shows: no id and hardly any name is longer.
pub(super) const WHOLE: usize = 12_000;

/// A name for a label: tamed, on one line, not too wide, and never nothing.
pub(super) fn name(text: &str) -> String {
    // Marks heaped on one letter would reach into what stands above.
    const HEAPED: usize = 3;
    let mut heap = 0;
    let calm = |c: &char| {
        heap = if c.width() == Some(0) { heap + 1 } else { 0 };
        heap <= HEAPED
    };
    let name: String = tame(text, NAME).chars().filter(calm).collect();
    if name.trim().is_empty() {
        "(no name)".to_owned()
    } else {
        name
    }
}

/// A whole text: tamed, on one line.
pub(super) fn whole(text: &str) -> String {
    tame(text, WHOLE).into_owned()
}

/// A name that every format takes for one: letters of the key that a person knows it by, and a digest of all of it, so
/// that two keys stay two and one stays the same over scans.
pub(super) fn ident(key: &str) -> String {
    let mut name = String::with_capacity(40);
    for c in key.chars() {
        if name.len() >= 28 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let digest = blake3::hash(key.as_bytes()).to_hex();
    let digest = digest.get(..10).unwrap_or_default();
    // A letter first: digits alone would be a number to some, and a word such as `end` the end of a block.
    format!("a_{}_{digest}", name.trim_end_matches('_'))
}

/// A name of that kind for an edge.
pub(super) fn edge_ident(diagram: &Diagram, edge: &Edge) -> String {
    let key = |end: End| match end {
        End::Node(at) => diagram.nodes.get(at).map(|node| node.key.as_str()),
        End::Group(at) => diagram.groups.get(at).map(|group| group.key.as_str()),
    };
    let (from, to) = (
        key(edge.from).unwrap_or_default(),
        key(edge.to).unwrap_or_default(),
    );
    let mark = edge.mark.map(|mark| mark.as_str()).unwrap_or_default();
    // Asset ids hold no control characters, so that no two edges have one key.
    ident(&format!("{}\0{from}\0{to}\0{mark}", edge.kind))
}

/// The text for XML: in an element or in an attribute's quotes.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("&#10;"),
            // Characters that XML has no place for.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Ports for a label, without addresses and each once: `443/tcp, 80/tcp`.
pub(super) fn ports(ports: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut names: Vec<&str> = ports
        .iter()
        .map(|port| port.rsplit(':').next().unwrap_or(port))
        .collect();
    names.sort_by_key(|name| {
        (
            name.split('/')
                .next()
                .and_then(|port| port.parse::<u32>().ok()),
            *name,
        )
    });
    names.dedup();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let mut text = names.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    name(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idents_are_plain_stable_and_distinct() {
        assert_eq!(ident("host:web-1"), ident("host:web-1"));
        assert_ne!(ident("host:web-1"), ident("host:web_1"));
        for key in ["end", "\"]; DROP", "", "日本", &"x".repeat(9000), "1"] {
            let ident = ident(key);
            assert!(
                ident
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{ident}"
            );
            assert!(ident.len() < 48 && ident.starts_with("a_"));
        }
    }

    #[test]
    fn ports_are_told_once() {
        let all = ["0.0.0.0:443/tcp", "[::]:443/tcp", "0.0.0.0:80/tcp"].map(str::to_owned);
        assert_eq!(ports(&all), "80/tcp, 443/tcp");
    }
}
