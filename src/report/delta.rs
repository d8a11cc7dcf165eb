//! One property's way from one value to another, as people read it.

use plimsoll_model::{Value, redacted};
use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, DiffTag, group_diff_ops};

use super::tame::{tame, tame_lines};
use super::value::ChangeRow;
use crate::change::PathChange;

/// What a property went from and to.
pub(super) enum Delta {
    /// Two values that fit side by side; none where there was or is nothing.
    Step(Option<String>, Option<String>),
    /// What went and what came, piece by piece: the lines of a text, the items of a set.
    Pieces(Vec<(Sign, String)>),
}

/// Whether a piece went, came or stayed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Went,
    Came,
    Stayed,
}

impl Sign {
    /// The mark before a piece.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Sign::Went => "-",
            Sign::Came => "+",
            Sign::Stayed => " ",
        }
    }
}

/// Texts wider than this are compared piece by piece.
const LONG: usize = 72;
/// At most so many pieces are shown, and so many lines compared.
const PIECES: usize = 40;
const LINES: usize = 400;
/// A piece's widest.
const WIDEST: usize = 240;

/// A property's change as a person reads it, tamed.
pub(super) fn delta(change: &PathChange) -> Delta {
    match (&change.from, &change.to) {
        (Some(Value::List(from)), Some(Value::List(to))) if !from.is_empty() && !to.is_empty() => {
            items(from, to)
        }
        (Some(Value::Text(from)), Some(Value::Text(to))) if is_secret(from) && is_secret(to) => {
            Delta::Step(Some(HIDDEN.into()), Some("another hidden value".into()))
        }
        (Some(Value::Text(from)), Some(Value::Text(to)))
            if from.contains('\n') || to.contains('\n') =>
        {
            lines(from, to)
        }
        (Some(Value::Text(from)), Some(Value::Text(to))) if from.len().min(to.len()) > LONG => {
            words(from, to)
        }
        (from, to) => Delta::Step(from.as_ref().map(show), to.as_ref().map(show)),
    }
}

impl ChangeRow {
    /// What went from what to what, in a line: the first `most` of the properties, and how many more there are.
    pub fn changed(&self, most: usize) -> String {
        let value = |value: &Option<Value>| value.as_ref().map_or("(none)".to_owned(), show);
        let path = |path: &PathChange| {
            let hidden = matches!((&path.from, &path.to),
                (Some(Value::Text(from)), Some(Value::Text(to))) if is_secret(from) && is_secret(to));
            let to = if hidden {
                "another hidden value".to_owned()
            } else {
                value(&path.to)
            };
            format!("{}: {} → {to}", tame(&path.path, 160), value(&path.from))
        };
        let mut paths: Vec<String> = self.paths.iter().take(most).map(path).collect();
        let more = self.paths.len().saturating_sub(most);
        if more > 0 {
            paths.push(format!("and {more} more"));
        }
        paths.join("; ")
    }
}

const HIDDEN: &str = "hidden value";

fn is_secret(text: &str) -> bool {
    redacted::parse(text).is_some()
}

/// A value on one line.
pub(super) fn show(value: &Value) -> String {
    tame(&veil(value).to_string(), WIDEST).into_owned()
}

/// The value with words for the marks of what must not be seen: a keyed fingerprint tells a reader nothing.
fn veil(value: &Value) -> Value {
    match value {
        Value::Text(text) if is_secret(text) => Value::from(HIDDEN),
        Value::List(items) => Value::List(items.iter().map(veil).collect()),
        Value::Table(table) => Value::Table(
            table
                .iter()
                .map(|(name, part)| (name, veil(part)))
                .collect(),
        ),
        plain => plain.clone(),
    }
}

fn items(from: &[Value], to: &[Value]) -> Delta {
    let only = |these: &[Value], those: &[Value], sign| {
        let own = these.iter().filter(|item| !those.contains(item));
        own.take(PIECES)
            .map(|item| (sign, show(item)))
            .collect::<Vec<_>>()
    };
    let cap = |items: &[Value]| items.len().min(LINES);
    let (from, to) = (&from[..cap(from)], &to[..cap(to)]);
    let mut pieces = only(from, to, Sign::Went);
    pieces.extend(only(to, from, Sign::Came));
    Delta::Pieces(pieces)
}

fn lines(from: &str, to: &str) -> Delta {
    let (from, to) = (
        tame_lines(from, LINES, WIDEST),
        tame_lines(to, LINES, WIDEST),
    );
    let (from, to) = (borrowed(&from), borrowed(&to));
    let mut pieces = Vec::new();
    for (at, group) in group_diff_ops(edits(&from, &to), 1).iter().enumerate() {
        if at > 0 {
            pieces.push((Sign::Stayed, "…".to_owned()));
        }
        for edit in group {
            let (old, new) = (&from[edit.old_range()], &to[edit.new_range()]);
            let those = |sign, lines: &[&str]| -> Vec<_> {
                lines
                    .iter()
                    .map(|line| (sign, (*line).to_owned()))
                    .collect()
            };
            if edit.tag() == DiffTag::Equal {
                pieces.extend(those(Sign::Stayed, old));
            } else {
                pieces.extend(those(Sign::Went, old));
                pieces.extend(those(Sign::Came, new));
            }
        }
    }
    let more = pieces.len().saturating_sub(PIECES);
    if more > 0 {
        pieces.truncate(PIECES);
        pieces.push((Sign::Stayed, format!("… {more} more lines")));
    }
    Delta::Pieces(pieces)
}

/// Two long lines, with what they share left out but for a little around each difference.
fn words(from: &str, to: &str) -> Delta {
    let (from, to) = (tame(from, WIDEST * 8), tame(to, WIDEST * 8));
    let split = |text: &str| -> Vec<String> {
        let words = text.split_inclusive(char::is_whitespace);
        words.map(str::to_owned).collect()
    };
    let (from, to) = (split(&from), split(&to));
    let (from, to) = (borrowed(&from), borrowed(&to));
    let (mut old, mut new) = (String::new(), String::new());
    let edits = edits(&from, &to);
    for (at, edit) in edits.iter().enumerate() {
        let (went, came) = (
            from[edit.old_range()].concat(),
            to[edit.new_range()].concat(),
        );
        if edit.tag() == DiffTag::Equal {
            let shared = around(&went, at > 0, at + 1 < edits.len());
            old.push_str(&shared);
            new.push_str(&shared);
        } else {
            old.push_str(&went);
            new.push_str(&came);
        }
    }
    Delta::Pieces(vec![
        (Sign::Went, tame(&old, WIDEST).into_owned()),
        (Sign::Came, tame(&new, WIDEST).into_owned()),
    ])
}

fn borrowed(pieces: &[String]) -> Vec<&str> {
    pieces.iter().map(String::as_str).collect()
}

/// How to come from one row of pieces to the other.
///
/// One algorithm for one type of pieces: the library's own way in compiles all that it has for each type it is asked with, which is
/// more than half a megabyte of the program.
fn edits(from: &[&str], to: &[&str]) -> Vec<DiffOp> {
    let mut edits = Compact::new(Replace::new(Capture::new()), from, to);
    let Ok(()) = myers::diff(&mut edits, from, 0..from.len(), to, 0..to.len());
    edits.into_inner().into_inner().into_ops()
}

/// The ends of a shared stretch that stand next to a difference.
fn around(shared: &str, before: bool, after: bool) -> String {
    const KEPT: usize = 16;
    let many = shared.chars().count();
    if many <= 2 * KEPT + 1 {
        return shared.to_owned();
    }
    let head: String = shared.chars().take(if before { KEPT } else { 0 }).collect();
    let tail = shared.chars().skip(if after { many - KEPT } else { many });
    format!("{head}…{}", tail.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(from: impl Into<Value>, to: impl Into<Value>) -> Vec<String> {
        let change = PathChange {
            path: "x".into(),
            from: Some(from.into()),
            to: Some(to.into()),
        };
        match delta(&change) {
            Delta::Step(from, to) => vec![format!("{from:?} {to:?}")],
            Delta::Pieces(pieces) => pieces
                .iter()
                .map(|(sign, text)| format!("{}{text}", sign.mark()))
                .collect(),
        }
    }

    #[test]
    fn only_what_differs_is_shown() {
        let list = |items: &[&str]| Value::texts(items.iter().copied());
        assert_eq!(pieces(list(&["a", "b"]), list(&["b", "c"])), ["-a", "+c"]);
        let lines = pieces("a\nb\nc\nd\ne", "a\nb\nx\nd\ne");
        assert_eq!(lines, [" b", "-c", "+x", " d"]);
        let shared = "word ".repeat(20);
        let words = pieces(format!("{shared}one"), format!("{shared}two"));
        assert_eq!(words, ["-… word word word one", "+… word word word two"]);
    }

    #[test]
    fn a_secret_shows_only_that_it_changed() {
        let mark = |digit: &str| format!("secret:00000001:{}", digit.repeat(32));
        let shown = pieces(mark("1"), mark("2")).concat();
        assert!(!shown.contains("secret:"), "{shown}");
        assert!(shown.contains("another"), "{shown}");
    }

    #[test]
    fn endless_texts_end() {
        let long = |word: &str| format!("{word}\n").repeat(100_000);
        assert!(pieces(long("a"), long("b")).len() <= PIECES + 1);
    }
}
