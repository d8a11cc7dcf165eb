//! A description without what is quoted, struck out or hidden in it: that is not said.

/// The text that a reader takes for the author's own words.
pub(super) fn plain(text: &str) -> String {
    let text = without(text, "<!--", "-->", true);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('>'));
    let mut out = String::with_capacity(text.len());
    for line in lines {
        let mut line = without(line, "~~", "~~", false);
        for (open, close) in [
            ("<s>", "</s>"),
            ("<del>", "</del>"),
            ("<strike>", "</strike>"),
        ] {
            line = without(&line, open, close, false);
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// A text without what stands between two marks. What is opened and never closed is left as it is, or goes to the `end`.
fn without(text: &str, open: &str, close: &str, end: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once(open) {
        match inside.split_once(close) {
            Some((_, after)) => {
                out.push_str(before);
                rest = after;
            }
            None if end => {
                out.push_str(before);
                return out;
            }
            None => break,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_struck_out_or_hidden_is_not_said() {
        for (text, left) in [
            ("System: api", "System: api\n"),
            ("> System: api\n  > quoted\nyes", "yes\n"),
            ("a ~~System: api~~ b ~~c", "a  b ~~c\n"),
            ("~~System: api~~", "\n"),
            ("<del>x</del>y<s>z</s>", "y\n"),
            ("a<!-- System:\napi -->b<!-- c", "ab\n"),
            ("", ""),
            ("~~~\ncode\n~~~", "~~~\ncode\n~~~\n"),
        ] {
            assert_eq!(plain(text), left, "{text}");
        }
    }
}
