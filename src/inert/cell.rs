//! Cells of tables for spreadsheets, which stay text.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::report::tame;

/// The signs that begin a formula. Some spreadsheets take the full-width ones for their narrow selves.
pub(crate) const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Columns of a cell: below the 32,767 characters that spreadsheets hold.
const MOST: usize = 30_000;

/// A cell that a spreadsheet shows and does nothing else with.
#[derive(Clone, Debug)]
pub(crate) struct Cell<'a>(Cow<'a, str>);

impl<'a> Cell<'a> {
    /// A text from outside: one line, with an apostrophe in front where it would become a formula.
    pub(crate) fn line(text: &'a str) -> Self {
        Self::guarded(text, is_formula(text))
    }

    /// The same with an apostrophe in front where `taken` says that a spreadsheet would take it for something else.
    pub(crate) fn guarded(text: &'a str, taken: bool) -> Self {
        let cell = parted(short(text));
        if taken || is_formula(text) {
            Self(Cow::Owned(format!("'{cell}")))
        } else {
            Self(cell)
        }
    }

    /// Our own words.
    pub(crate) const fn own(words: &'static str) -> Self {
        Self(Cow::Borrowed(words))
    }

    /// A whole number, which stays one.
    pub(crate) fn number(number: i64) -> Self {
        Self(Cow::Owned(number.to_string()))
    }

    /// The same, without borrowing.
    pub(crate) fn into_owned(self) -> Cell<'static> {
        Cell(Cow::Owned(self.0.into_owned()))
    }

    /// What is written.
    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text tamed, and short enough for a spreadsheet's cell.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    let tamed = tame(text, MOST);
    // Spreadsheets count UTF-16: marks that take no column count too.
    if tamed.len() <= MOST || tamed.encode_utf16().count() <= MOST {
        return tamed;
    }
    let mut used = 0;
    let end = tamed.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used >= MOST
    });
    let mut cut = tamed[..end.map_or(tamed.len(), |(at, _)| at)].to_owned();
    cut.push('…');
    Cow::Owned(cut)
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS)
}

/// Where the comma is for decimals a spreadsheet parts cells at the semicolon, quotes or not: no sign follows one at once.
fn parted(text: Cow<'_, str>) -> Cow<'_, str> {
    let begins = |rest: &str| {
        rest.trim_start_matches(|c: char| c.is_whitespace() || c == '"')
            .starts_with(SIGNS)
    };
    if !text.contains(';') || !text.split(';').skip(1).any(begins) {
        return text;
    }
    let mut parts = text.split(';');
    let mut made = parts.next().unwrap_or("").to_owned();
    for part in parts {
        made.push(';');
        if begins(part) {
            made.push('\'');
        }
        made.push_str(part);
    }
    Cow::Owned(made)
}

/// A table as RFC 4180 has it, made of cells and of nothing else.
pub(crate) struct Table<W: Write>(::csv::Writer<W>);

impl<W: Write> Table<W> {
    /// A table with these columns.
    ///
    /// # Errors
    /// What `out` gives.
    pub(crate) fn begin(columns: &[&'static str], out: W) -> io::Result<Self> {
        let mut table = ::csv::WriterBuilder::new()
            .buffer_capacity(64 << 10)
            .from_writer(out);
        table.write_record(columns).map_err(fault)?;
        Ok(Self(table))
    }

    /// Puts the next cell of a row.
    ///
    /// # Errors
    /// What `out` gives.
    pub(crate) fn put(&mut self, cell: &Cell<'_>) -> io::Result<()> {
        self.0.write_field(cell.0.as_bytes()).map_err(fault)
    }

    /// Puts the next cells of a row.
    ///
    /// # Errors
    /// What `out` gives.
    pub(crate) fn put_all<'c>(
        &mut self,
        cells: impl IntoIterator<Item = Cell<'c>>,
    ) -> io::Result<()> {
        cells.into_iter().try_for_each(|cell| self.put(&cell))
    }

    /// Ends a row.
    ///
    /// # Errors
    /// What `out` gives, or when a row has another number of cells than the columns.
    pub(crate) fn end_row(&mut self) -> io::Result<()> {
        self.0.write_record(None::<&[u8]>).map_err(fault)
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// What `out` gives.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Its own conversion hides the kind, by which a reader that went away is told from a fault.
fn fault(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
