//! Which fields say what.

use plimsoll_kit::settings::Section;

use super::Reader;

/// Fields by their names or ids, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) systems: Vec<String>,
    pub(crate) assets: Vec<String>,
    pub(crate) environments: Vec<String>,
    pub(crate) facts: Vec<String>,
    pub(crate) window_start: Vec<String>,
    pub(crate) window_end: Vec<String>,
    pub(crate) implementers: Vec<String>,
    pub(crate) releases: Vec<String>,
    pub(crate) operations: Vec<String>,
    /// Texts that are read as the description is.
    pub(crate) texts: Vec<String>,
    pub(crate) emergency: Vec<Valued>,
    pub(crate) provisions: Vec<Valued>,
    /// What is written afterwards: editing it takes no approval back.
    pub(crate) outcome: Vec<String>,
    /// Those that somebody named: one that is not there is worth saying.
    pub(crate) named: Vec<String>,
}

/// A field with a value that means something, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Valued {
    pub(crate) field: String,
    pub(crate) value: String,
}

impl Fields {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let mut reader = Reader {
            section,
            right: true,
        };
        let mut named = Vec::new();
        let mut fields = |key: &str, default: &[&str]| {
            let read = reader.lower(key, default);
            if reader.section.has(key) {
                named.extend(read.iter().cloned());
            }
            read
        };
        let mut all = Self {
            systems: fields("systems", &["affected services"]),
            assets: fields("assets", &[]),
            environments: fields("environments", &["environment"]),
            facts: fields("facts", &[]),
            window_start: fields("window_start", &["planned start date", "change start date"]),
            window_end: fields(
                "window_end",
                &["planned end date", "change completion date"],
            ),
            implementers: fields("implementers", &[]),
            releases: fields("releases", &[]),
            operations: fields("operations", &[]),
            texts: fields("texts", &["implementation plan"]),
            outcome: fields("outcome", &["root cause"]),
            emergency: Vec::new(),
            provisions: Vec::new(),
            named: Vec::new(),
        };
        all.emergency = valued(&mut reader, "emergency", &["change type=emergency"]);
        all.provisions = valued(&mut reader, "provisions", &[]);
        all.named = named;
        section.finish();
        reader.right.then_some(all)
    }
}

fn valued(reader: &mut Reader<'_, '_>, key: &str, default: &[&str]) -> Vec<Valued> {
    let mut all = Vec::new();
    for text in reader.lower(key, default) {
        match text.split_once('=') {
            Some((field, value)) if !field.trim().is_empty() && !value.trim().is_empty() => {
                all.push(Valued {
                    field: field.trim().to_owned(),
                    value: value.trim().to_owned(),
                });
            }
            _ => reader.wrong(
                key,
                format!("`{key}` holds fields with their values, as \"Change type=Emergency\""),
            ),
        }
    }
    all
}
