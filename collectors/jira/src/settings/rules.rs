//! What counts as an approval and as a confirmation, and what statuses mean.

use plimsoll_kit::settings::Section;
use plimsoll_model::{Text, sign_off_kind};

use super::Reader;

/// What statuses mean, by their names or ids in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statuses {
    /// In which an approval goes on standing.
    pub(crate) standing: Vec<String>,
    pub(crate) reopened: Vec<String>,
    pub(crate) rejected: Vec<String>,
    pub(crate) cancelled: Vec<String>,
    pub(crate) implementing: Vec<String>,
    pub(crate) implemented: Vec<String>,
    pub(crate) closed: Vec<String>,
    /// Those that somebody named: one that is not there is worth saying.
    pub(crate) named: Vec<String>,
}

impl Statuses {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let mut reader = Reader {
            section,
            right: true,
        };
        let mut named = Vec::new();
        let mut statuses = |key: &str, default: &[&str]| {
            let read = reader.lower(key, default);
            if reader.section.has(key) {
                named.extend(read.iter().cloned());
            }
            read
        };
        let standing = [
            "awaiting implementation",
            "scheduled",
            "ready for implementation",
        ];
        let cancelled = ["cancelled", "canceled", "withdrawn", "won't do"];
        let implemented = ["implemented", "deployed", "completed", "failed"];
        let mut all = Self {
            standing: statuses("standing", &standing),
            reopened: statuses("reopened", &["reopened"]),
            rejected: statuses("rejected", &["rejected", "declined"]),
            cancelled: statuses("cancelled", &cancelled),
            implementing: statuses("implementing", &["implementing", "in progress"]),
            implemented: statuses("implemented", &implemented),
            closed: statuses("closed", &["closed", "done", "resolved"]),
            named: Vec::new(),
        };
        all.named = named;
        section.finish();
        reader.right.then_some(all)
    }
}

/// What somebody does that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// Moving an issue into one of these statuses; where `from` names any, out of one of those.
    Status { to: Vec<String>, from: Vec<String> },
    /// Setting a field to one of these values; where there are none, naming oneself in it.
    Field { field: String, values: Vec<String> },
    /// Putting one of these labels on it.
    Label(Vec<String>),
    /// Answering a service desk's approval step of one of these names.
    Step(Vec<String>),
    /// A comment that begins with one of these texts.
    Comment(Vec<String>),
}

/// One kind of approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) on: On,
    /// What kind of yes; empty for one to the whole.
    pub(crate) kind: Text,
    /// Whether somebody wrote it.
    pub(crate) named: bool,
}

/// One kind of confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignRule {
    pub(crate) on: On,
    pub(crate) kind: Text,
    pub(crate) root_cause: bool,
    /// Whether somebody wrote it.
    pub(crate) named: bool,
}

/// The rules for approvals: without any, the status "Approved" alone.
pub(super) fn approvals(section: &Section<'_>) -> Option<Vec<Rule>> {
    let tables = section.tables("approvals");
    let empty = tables.is_empty();
    let mut rules = Vec::new();
    let mut right = well_formed(section, "approvals", empty);
    for table in tables {
        let mut reader = Reader {
            section: &table,
            right: true,
        };
        let on = on(&mut reader, &["status", "field", "label", "service_desk"]);
        let kind = reader.text("kind").unwrap_or_default().to_lowercase();
        table.finish();
        right &= reader.right;
        match on {
            Some(on) => rules.push(Rule {
                on,
                kind: kind.into(),
                named: true,
            }),
            None => right = false,
        }
    }
    if !section.has("approvals") {
        rules.push(Rule {
            on: On::Status {
                to: vec!["approved".to_owned()],
                from: Vec::new(),
            },
            kind: Text::default(),
            named: false,
        });
    }
    right.then_some(rules)
}

/// The rules for confirmations: without any, a root cause that is filled in.
pub(super) fn sign_offs(section: &Section<'_>) -> Option<Vec<SignRule>> {
    const KINDS: [(&str, &str); 7] = [
        (sign_off_kind::DOCUMENTED, sign_off_kind::DOCUMENTED),
        (sign_off_kind::REVIEWED, sign_off_kind::REVIEWED),
        (sign_off_kind::SIGNED_OFF, sign_off_kind::SIGNED_OFF),
        (sign_off_kind::QA, sign_off_kind::QA),
        (sign_off_kind::INSPECTED, sign_off_kind::INSPECTED),
        (sign_off_kind::RECONCILED, sign_off_kind::RECONCILED),
        (sign_off_kind::ANNOUNCED, sign_off_kind::ANNOUNCED),
    ];
    let tables = section.tables("sign_offs");
    let empty = tables.is_empty();
    let mut rules = Vec::new();
    let mut right = well_formed(section, "sign_offs", empty);
    for table in tables {
        let mut reader = Reader {
            section: &table,
            right: true,
        };
        let on = on(&mut reader, &["status", "field", "label", "comment"]);
        if !table.has("kind") {
            table.missing("kind", "say what is confirmed, as \"qa\" or \"signed-off\"");
        }
        let kind = table.choice("kind", &KINDS);
        let root_cause = reader.bool("root_cause", false);
        table.finish();
        right &= reader.right;
        match on.zip(kind) {
            Some((on, kind)) => rules.push(SignRule {
                on,
                kind: Text::const_new(kind),
                root_cause,
                named: true,
            }),
            None => right = false,
        }
    }
    if !section.has("sign_offs") {
        rules.push(SignRule {
            on: On::Field {
                field: "root cause".to_owned(),
                values: Vec::new(),
            },
            kind: Text::const_new(sign_off_kind::DOCUMENTED),
            root_cause: true,
            named: false,
        });
    }
    right.then_some(rules)
}

/// Whether a list of tables is one, or is not there.
fn well_formed(section: &Section<'_>, key: &str, empty: bool) -> bool {
    // An empty list is a wish for no rule at all; anything else that gives no table has been noted as a mistake.
    !section.has(key) || !empty || section.texts(key).is_some()
}

/// What a rule looks at: exactly one of some keys.
fn on(reader: &mut Reader<'_, '_>, keys: &[&str]) -> Option<On> {
    let there: Vec<&str> = keys
        .iter()
        .copied()
        .filter(|key| reader.section.has(key))
        .collect();
    // All are asked for, so that none counts as unknown.
    let status = reader.lower("status", &[]);
    let field = reader.text("field");
    let label = reader.lower("label", &[]);
    let from = reader.lower("from", &[]);
    let values = reader.lower("values", &[]);
    let more = if keys.contains(&"comment") {
        reader.lower("comment", &[])
    } else {
        reader.lower("service_desk", &[])
    };
    let [key] = there[..] else {
        let what = format!("each rule has exactly one of {}", keys.join(", "));
        reader.section.mistake(reader.section.place(), what, None);
        reader.right = false;
        return None;
    };
    for (other, of) in [("from", "status"), ("values", "field")] {
        if reader.section.has(other) && key != of {
            reader.wrong(other, format!("`{other}` goes with `{of}` alone"));
        }
    }
    Some(match key {
        "status" => On::Status { to: status, from },
        "field" => On::Field {
            field: field?.to_lowercase(),
            values,
        },
        "label" => On::Label(label),
        "comment" => On::Comment(more),
        _ => On::Step(more),
    })
}
