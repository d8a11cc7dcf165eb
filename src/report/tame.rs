//! Names and values come from outside: what could move a terminal, hide or reorder text is shown instead of done.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with control characters, bidirectional marks and invisible characters written out (`\n`, `\u{202e}`),
/// on one line and at most `columns` columns wide; what is longer ends in `…`.
pub(crate) fn tame(text: &str, columns: usize) -> Cow<'_, str> {
    // Most names are short plain ASCII: nothing to do.
    if text.len() <= columns && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len().min(columns) + 8);
    let mut used = 0;
    // Where to cut, if it comes to that: the end of what leaves one column for the ellipsis.
    let mut fits = 0;
    for c in text.chars() {
        let start = tamed.len();
        if is_unruly(c) {
            match c {
                '\n' => tamed.push_str("\\n"),
                '\r' => tamed.push_str("\\r"),
                '\t' => tamed.push_str("\\t"),
                _ => {
                    let _ = write!(tamed, "\\u{{{:x}}}", u32::from(c));
                }
            }
            used += tamed.len() - start;
        } else {
            tamed.push(c);
            used += c.width().unwrap_or(0);
        }
        if used > columns || tamed.len() > columns.saturating_mul(8).saturating_add(64) {
            tamed.truncate(fits);
            tamed.push('…');
            return Cow::Owned(tamed);
        }
        if used < columns {
            fits = tamed.len();
        }
    }
    Cow::Owned(tamed)
}

/// The same for a text of several lines: each line tamed, at most `lines` of them.
pub(super) fn tame_lines(text: &str, lines: usize, columns: usize) -> Vec<String> {
    let mut all = text.lines();
    let mut tamed: Vec<String> = all
        .by_ref()
        .take(lines)
        .map(|line| tame(line, columns).into_owned())
        .collect();
    let more = all.count();
    if more > 0 {
        tamed.push(format!("… {more} more lines"));
    }
    tamed
}

/// How many columns a tamed text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// Control characters, line separators, bidirectional controls, characters that cannot be seen, and what is no character.
/// The joiners U+200C and U+200D stay: scripts and emoji need them.
pub(crate) fn is_unruly(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_hides_or_reorders() {
        assert_eq!(tame("\u{1b}[31mred\r\n", 80), "\\u{1b}[31mred\\r\\n");
        assert_eq!(
            tame("a\u{202e}b\u{200b}c\u{9b}", 80),
            "a\\u{202e}b\\u{200b}c\\u{9b}"
        );
        assert_eq!(tame("مرحبا 👩‍🚀 é", 80), "مرحبا 👩‍🚀 é");
    }

    #[test]
    fn what_is_long_is_cut_within_its_columns() {
        assert_eq!(tame("abcdef", 6), "abcdef");
        assert_eq!(tame("abcdefg", 6), "abcde…");
        assert_eq!(tame("日本語日本語", 5), "日本…");
        assert_eq!(tame("ab\n\n\n\n", 6), "ab\\n…");
        // Marks that take no column do not let a name grow without end.
        assert!(tame(&"e\u{301}\u{301}\u{301}".repeat(10_000), 40).len() < 600);
        assert!(tame(&"\u{301}".repeat(10_000), 40).len() < 600);
    }
}
