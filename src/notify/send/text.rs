//! Texts from outside, made fit for a platform.

use crate::report::tame;

/// A text with what could move, hide or reorder other text written out, keeping its line breaks; at most `most` characters, and
/// what is longer ends in `…`.
pub(super) fn lines(text: &str, most: usize) -> String {
    // What is cut off later need not be made fit first.
    let enough = cut(text, most.saturating_mul(2));
    let tamed: Vec<_> = enough.lines().map(|line| tame(line, 2_000)).collect();
    cut(&tamed.join("\n"), most)
}

/// The same on one line.
pub(super) fn line(text: &str, most: usize) -> String {
    cut(&tame(&cut(text, most.saturating_mul(2)), 2_000), most)
}

/// At most `most` characters; what is longer ends in `…`.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}
