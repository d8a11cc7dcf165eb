//! Lines of a width, with a little colour.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

use crate::report::tame::columns;

/// What a word's colour says. Colour never says anything that the words do not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Bad,
    Warn,
    Good,
    Note,
}

impl Ink {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| colour.on_default();
        match self {
            Ink::Plain => Style::new(),
            Ink::Strong => Style::new().bold(),
            Ink::Faint => Style::new().dimmed(),
            Ink::Bad => colour(AnsiColor::Red).bold(),
            Ink::Warn => colour(AnsiColor::Yellow).bold(),
            Ink::Good => colour(AnsiColor::Green),
            Ink::Note => colour(AnsiColor::Cyan),
        }
    }
}

/// A stretch of words in one ink. Between two stretches there is a space.
pub(super) type Stretch<'a> = (Ink, &'a str);

/// Where lines go.
pub(super) struct Page<'o> {
    out: &'o mut dyn Write,
    width: usize,
    coloured: bool,
}

/// How wide labels are, the space after them included.
const LABEL: usize = 11;
/// Narrower than this, and lines run over.
const NARROWEST: usize = 40;

impl<'o> Page<'o> {
    /// A page of so many columns.
    pub(super) fn new(out: &'o mut dyn Write, width: usize, coloured: bool) -> Self {
        Self {
            out,
            width: width.max(NARROWEST),
            coloured,
        }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// Words from column `indent` on; where they run over, the next line starts at the same column.
    pub(super) fn words(&mut self, indent: usize, stretches: &[Stretch<'_>]) -> io::Result<()> {
        self.blanks(indent)?;
        self.flow(indent, indent, stretches)
    }

    /// Words behind a mark, aligned to one another.
    pub(super) fn item(
        &mut self,
        indent: usize,
        mark: Stretch<'_>,
        stretches: &[Stretch<'_>],
    ) -> io::Result<()> {
        self.blanks(indent)?;
        self.ink(mark.0, mark.1)?;
        self.blanks(1)?;
        let hang = indent + columns(mark.1) + 1;
        self.flow(hang, hang, stretches)
    }

    /// Words behind a label, aligned to those of the other labels.
    pub(super) fn field(
        &mut self,
        indent: usize,
        label: &str,
        stretches: &[Stretch<'_>],
    ) -> io::Result<()> {
        self.blanks(indent)?;
        self.ink(Ink::Faint, label)?;
        let used = columns(label).min(LABEL - 1);
        self.blanks(LABEL - used)?;
        self.flow(indent + LABEL, indent + LABEL, stretches)
    }

    fn flow(
        &mut self,
        mut column: usize,
        hang: usize,
        stretches: &[Stretch<'_>],
    ) -> io::Result<()> {
        let mut fresh = true;
        for (ink, text) in stretches {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                let wide = columns(word);
                if !fresh && column + 1 + wide > self.width {
                    self.gap()?;
                    self.blanks(hang)?;
                    (column, fresh) = (hang, true);
                }
                if !fresh {
                    self.blanks(1)?;
                    column += 1;
                }
                column = self.word(*ink, word, column, hang)?;
                fresh = false;
            }
        }
        self.gap()
    }

    /// One word; one that is wider than a line is broken.
    fn word(&mut self, ink: Ink, word: &str, column: usize, hang: usize) -> io::Result<usize> {
        let mut column = column;
        let mut rest = word;
        while column + columns(rest) > self.width {
            let room = self.width.saturating_sub(column).max(8);
            let cut = prefix(rest, room);
            if cut == 0 || cut >= rest.len() {
                break;
            }
            let (head, tail) = rest.split_at(cut);
            self.ink(ink, head)?;
            self.gap()?;
            self.blanks(hang)?;
            (column, rest) = (hang, tail);
        }
        self.ink(ink, rest)?;
        Ok(column + columns(rest))
    }

    fn ink(&mut self, ink: Ink, text: &str) -> io::Result<()> {
        if self.coloured && ink != Ink::Plain {
            let style = ink.style();
            write!(self.out, "{style}{text}{style:#}")
        } else {
            self.out.write_all(text.as_bytes())
        }
    }

    fn blanks(&mut self, many: usize) -> io::Result<()> {
        write!(self.out, "{:many$}", "")
    }
}

/// How many bytes of a word fit into so many columns.
fn prefix(word: &str, room: usize) -> usize {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room {
            return at;
        }
    }
    word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, coloured: bool, stretches: &[Stretch<'_>]) -> String {
        let mut out = Vec::new();
        let mut page = Page::new(&mut out, width, coloured);
        page.field(2, "label", stretches).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn runs_over_aligned_and_never_past_the_width() {
        let long = "x".repeat(100);
        let text = page(
            40,
            false,
            &[
                (Ink::Plain, "one two"),
                (Ink::Bad, &long),
                (Ink::Plain, "three"),
            ],
        );
        assert!(text.lines().all(|line| columns(line) <= 40), "{text}");
        assert!(
            text.starts_with("  label      one two\n             xxx"),
            "{text}"
        );
        assert_eq!(text.matches('x').count(), 100);
    }

    #[test]
    fn colours_only_when_asked() {
        assert!(!page(80, false, &[(Ink::Bad, "red")]).contains('\u{1b}'));
        assert!(page(80, true, &[(Ink::Bad, "red")]).contains("\u{1b}[1m\u{1b}[31mred\u{1b}[0m"));
    }
}
