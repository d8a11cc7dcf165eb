//! What a text in Markdown says, and what only stands in it.

/// A text without what nobody says by it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// What is said.
    pub(super) plain: String,
    /// What is quoted, struck out or a block of code: it may be meant, and may not.
    pub(super) aside: String,
}

/// Takes a text apart. What a comment hides is in neither part: nobody who reads the page sees it.
pub(super) fn said(text: &str) -> Said {
    let mut said = Said::default();
    let mut fence: Option<(char, usize)> = None;
    for line in uncommented(text).lines() {
        let start = line.trim_start();
        let mark = start.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| start.chars().take_while(|c| *c == mark).count());
        match (fence, mark) {
            (Some((open, least)), _) => {
                let closes = mark == Some(open) && run >= least && start.trim_end().len() == run;
                if closes {
                    fence = None;
                } else {
                    push(&mut said.aside, line);
                }
            }
            // Inside a line of text, as in `~~struck out~~`, the rest of it holds the mark again.
            (None, Some(mark))
                if run >= 3 && !start.get(run..).unwrap_or_default().contains(mark) =>
            {
                fence = Some((mark, run));
            }
            _ if start.starts_with('>') => {
                push(&mut said.aside, start.trim_start_matches(['>', ' ']))
            }
            _ => unstruck(line, &mut said),
        }
    }
    said
}

fn push(part: &mut String, line: &str) {
    part.push_str(line);
    part.push('\n');
}

/// One line, whose parts between `~~` are struck out.
fn unstruck(line: &str, said: &mut Said) {
    let parts: Vec<&str> = line.split("~~").collect();
    // A mark that nothing closes is none.
    let closed = if parts.len().is_multiple_of(2) {
        parts.len() - 1
    } else {
        parts.len()
    };
    let mut plain = String::with_capacity(line.len());
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 1 && at < closed {
            push(&mut said.aside, part);
        } else {
            plain.push_str(part);
        }
    }
    push(&mut said.plain, &plain);
}

/// A text without `<!-- … -->`; one that does not end takes all the rest along.
fn uncommented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let said = said(text);
        (said.plain, said.aside)
    }

    #[test]
    fn only_what_is_said_is_read() {
        let text = "System: api\n> System: old\n~~System: gone~~\n```\nSystem: log\n```\n~~~ text\nx\n~~~\n<!-- System:\nhidden -->\nEnd `code`\r\n";
        let (plain, aside) = parts(text);
        assert_eq!(plain, "System: api\n\n\nEnd `code`\n");
        assert_eq!(aside, "System: old\nSystem: gone\nSystem: log\nx\n");
    }

    #[test]
    fn a_mark_that_nothing_closes_is_none_but_for_blocks() {
        assert_eq!(parts("a ~~ b").0, "a  b\n");
        assert_eq!(
            parts("a ~~b~~ c ~~ d"),
            ("a  c  d\n".to_owned(), "b\n".to_owned())
        );
        assert_eq!(
            parts("````\n```\nx"),
            (String::new(), "```\nx\n".to_owned())
        );
        assert_eq!(parts("a\n<!-- b\nc").0, "a\n");
        assert_eq!(parts("```inline``` code").0, "```inline``` code\n");
    }
}
