//! Wiki markup: what in it is quoted or struck out, and so not said.

/// A text without its quotes, and whether something in it may be struck out. The markup tells that by dashes, as others tell other things; so what
/// may be struck out is left out of one text and stands in the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plain {
    /// With what may be struck out.
    pub(crate) whole: String,
    /// Without it; none where there is nothing of that kind.
    pub(crate) unstruck: Option<String>,
    /// Whether a quote does not end, so that nobody can tell what is one.
    pub(crate) open: bool,
}

/// Takes the markup of quotes and strikes off.
pub(crate) fn plain(text: &str) -> Plain {
    let (mut whole, mut unstruck) = (String::with_capacity(text.len()), String::new());
    let (mut quoted, mut struck) = (false, false);
    for line in text.lines() {
        // A line may open and close several.
        let mut said = String::new();
        for (at, part) in line.split("{quote}").enumerate() {
            quoted ^= at > 0;
            if !quoted {
                said.push_str(part);
            }
        }
        if said.trim_start().starts_with("bq. ") {
            continue;
        }
        let without = without_struck(&said);
        struck |= without.is_some();
        unstruck.push_str(without.as_deref().unwrap_or(&said));
        unstruck.push('\n');
        whole.push_str(&said);
        whole.push('\n');
    }
    Plain {
        whole,
        unstruck: struck.then_some(unstruck),
        open: quoted,
    }
}

/// A line without what stands between two dashes that cling to it and not to what is around: `-so-`. None where there is nothing of that kind.
fn without_struck(line: &str) -> Option<String> {
    let mut left = String::new();
    let (mut rest, mut found) = (line, false);
    while let Some((start, end)) = struck(rest) {
        found = true;
        left.push_str(rest.get(..start).unwrap_or_default());
        rest = rest.get(end..).unwrap_or_default();
    }
    left.push_str(rest);
    found.then_some(left)
}

/// From where to where the first struck part of a line goes, with its dashes.
fn struck(line: &str) -> Option<(usize, usize)> {
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
    let mut open = None;
    let mut before = None;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '-' {
            let after = chars.peek().map(|(_, next)| *next);
            let clings_left = before.is_some_and(|c: char| !c.is_whitespace() && c != '-');
            let clings_right = after.is_some_and(|c| !c.is_whitespace() && c != '-');
            match open {
                Some(start) if clings_left && apart(after) => return Some((start, at + 1)),
                None if clings_right && apart(before) => open = Some(at),
                _ => {}
            }
        }
        before = Some(c);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_not_said() {
        let text = "a\nbq. System: db\nb {quote}System: web{quote} c\n{quote}\nSystem: api\n{quote}\nSystem: worker";
        let read = plain(text);
        assert_eq!(read.whole, "a\nb  c\n\n\n\nSystem: worker\n");
        assert_eq!((read.unstruck, read.open), (None, false));
        assert!(plain("{quote}never closed\nSystem: api").open);
    }

    #[test]
    fn what_may_be_struck_out_is_found_and_other_dashes_are_not() {
        let read = plain("-Environment: production-\nEnvironment: staging");
        assert_eq!(read.unstruck.as_deref(), Some("\nEnvironment: staging\n"));
        assert_eq!(struck("see (-OPS-17-), now"), Some((5, 13)));
        for line in [
            "- System: api",
            "kubectl -n prod -o json",
            "2026-01-15T20:00Z/2026-01-15T22:00Z",
            "OPS-17-open-the-port",
            "pre- and post-",
            "---",
            "a -- b",
            "é-é-",
        ] {
            assert_eq!(struck(line), None, "{line}");
        }
    }
}
