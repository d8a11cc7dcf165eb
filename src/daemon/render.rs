//! A report in the form in which somebody asked for it.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::report::{Report, csv, html, json, markdown, text};

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// For a terminal.
    #[default]
    Text,
    /// One object.
    Json,
    /// For a wiki.
    Markdown,
    /// One page.
    Html,
    /// The drifts as a table.
    Csv,
}

/// How a report is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rendering {
    /// Its form.
    pub form: Form,
    /// Whether everything is said.
    pub explain: bool,
    /// Whether a text has colours.
    pub coloured: bool,
    /// How many columns a text has.
    pub width: usize,
}

impl Default for Rendering {
    fn default() -> Self {
        Self {
            form: Form::Text,
            explain: false,
            coloured: false,
            width: 100,
        }
    }
}

impl Rendering {
    pub(super) fn write(&self, report: &Report, now: Timestamp) -> io::Result<Vec<u8>> {
        let options = text::Options {
            style: match self.coloured {
                true => text::Style::Coloured,
                false => text::Style::Plain,
            },
            width: self.width.clamp(40, 1_000),
            explain: self.explain,
            now,
        };
        let mut out = Vec::new();
        match self.form {
            Form::Text => text::render(report, text::Part::Whole, &options, &mut out),
            Form::Json => json::render(report, &mut out),
            Form::Markdown => markdown::render(report, &mut out),
            Form::Html => html::render(report, &mut out),
            Form::Csv => csv::render(report, &mut out),
        }?;
        Ok(out)
    }
}
