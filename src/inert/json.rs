//! JSON as it is read by people too: what hides, turns or moves text stands there as an escape, so that programs read every
//! text as it came, and a terminal, a mail or a review shows what is there.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use serde_json::{Map, Value};

use crate::report::{is_unruly, tame};

/// Writes a value on one line.
///
/// # Errors
/// What `out` gives.
pub(crate) fn write(out: &mut dyn Write, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Compact))?)
}

/// Writes a value laid out.
///
/// # Errors
/// What `out` gives.
pub(crate) fn write_pretty(
    out: &mut dyn Write,
    value: &(impl Serialize + ?Sized),
) -> io::Result<()> {
    let pretty = Pretty(PrettyFormatter::new());
    Ok(value.serialize(&mut Serializer::with_formatter(out, pretty))?)
}

/// A value laid out, as text.
///
/// # Errors
/// When the value has no form in JSON.
pub(crate) fn pretty(value: &(impl Serialize + ?Sized)) -> io::Result<String> {
    let mut made = Vec::new();
    write_pretty(&mut made, value)?;
    String::from_utf8(made).map_err(io::Error::other)
}

/// Writes a piece of a text in quotes. Control characters below U+0020 have been escaped before.
///
/// # Errors
/// What `out` gives.
pub(crate) fn write_fragment<W: ?Sized + Write>(out: &mut W, fragment: &str) -> io::Result<()> {
    let mut rest = fragment;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unruly(*c)) {
        let (before, after) = rest.split_at(at);
        out.write_all(before.as_bytes())?;
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = after.get(c.len_utf8()..).unwrap_or("");
    }
    out.write_all(rest.as_bytes())
}

struct Compact;

impl Formatter for Compact {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_fragment(out, fragment)
    }
}

struct Pretty(PrettyFormatter<'static>);

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_fragment(out, fragment)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// A value for a program that shows its texts to people: every text and every name in it is one inert line.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Inert(Value);

impl Inert {
    /// The most columns of a text.
    const MOST: usize = 10_000;

    /// Makes one of anything.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Self(calm(serde_json::to_value(value).unwrap_or(Value::Null)))
    }

    /// The same with texts of several lines, each line of them inert, in an object that is there.
    #[must_use]
    pub(crate) fn with(
        mut self,
        object: &str,
        name: &'static str,
        texts: &[(super::Inert<super::Plain>, super::Inert<super::Plain>)],
    ) -> Self {
        if let Some(object) = self.0.get_mut(object).and_then(Value::as_object_mut) {
            let texts = serde_json::to_value(texts).unwrap_or(Value::Null);
            object.insert(name.to_owned(), texts);
        }
        self
    }
}

fn calm(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(tame(&text, Inert::MOST).into_owned()),
        Value::Array(all) => Value::Array(all.into_iter().map(calm).collect()),
        Value::Object(all) => {
            let calm = |(name, value): (String, Value)| {
                (tame(&name, Inert::MOST).into_owned(), calm(value))
            };
            Value::Object(all.into_iter().map(calm).collect::<Map<_, _>>())
        }
        plain => plain,
    }
}
