//! The report as one JSON object: the outside contract.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::value::Report;
use crate::inert;

/// Writes the report as one JSON object that `docs/report.schema.json` describes.
///
/// Every part of the object and every row of a part stands on a line of its own, so that two reports compare line by
/// line; a report of any size is written as it goes.
///
/// # Errors
/// What `out` gives.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Rows::default());
    report.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Breaks lines down to the rows, and no further.
#[derive(Default)]
struct Rows {
    depth: usize,
    /// Whether the container that just ended had something in it.
    filled: bool,
}

impl Rows {
    /// The object, its parts, their rows: what lies deeper stays on its row's line.
    const BROKEN: usize = 2;

    fn start<W: ?Sized + Write>(&mut self, out: &mut W, mark: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(mark)
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, mark: &[u8]) -> io::Result<()> {
        let filled = std::mem::replace(&mut self.filled, true);
        if filled && self.depth <= Self::BROKEN {
            out.write_all(b"\n")?;
            indent(out, self.depth - 1)?;
        }
        self.depth -= 1;
        out.write_all(mark)
    }

    fn item<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.filled = true;
        if self.depth <= Self::BROKEN {
            out.write_all(if first { b"\n" } else { b",\n" })?;
            indent(out, self.depth)
        } else {
            out.write_all(if first { b"" } else { b", " })
        }
    }
}

fn indent<W: ?Sized + Write>(out: &mut W, depth: usize) -> io::Result<()> {
    (0..depth).try_for_each(|_| out.write_all(b"  "))
}

impl Formatter for Rows {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        inert::json::write_fragment(out, fragment)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.start(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.start(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}
