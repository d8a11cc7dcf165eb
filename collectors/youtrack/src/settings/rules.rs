//! Which field says that somebody approved a request, or confirmed something about it.

use plimsoll_kit::settings::Section;
use plimsoll_model::{Text, sign_off_kind};

/// What an approval looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The custom field, in lower case.
    pub(crate) field: String,
    /// The values that mean yes, in lower case. Without any the field holds users, and one counts who put themselves there.
    pub(crate) values: Vec<String>,
    /// What kind of yes.
    pub(crate) kind: Text,
}

/// What a confirmation looks like that is no approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Confirm {
    /// As of an approval; a field of text counts when something is written there.
    pub(crate) rule: Rule,
    /// Whether it comes with a note of the root cause.
    pub(crate) root_cause: bool,
}

impl Rule {
    fn new(field: &str, values: &[&str], kind: &'static str) -> Self {
        Self {
            field: field.to_lowercase(),
            values: values.iter().map(|value| value.to_lowercase()).collect(),
            kind: Text::const_new(kind),
        }
    }

    /// What counts where nothing is set.
    pub(super) fn approvals() -> Vec<Self> {
        vec![
            Self::new("State", &["Approved"], ""),
            Self::new("Stage", &["Approved"], ""),
            Self::new("Approval", &["Approved"], ""),
            Self::new("Approved by", &[], ""),
        ]
    }

    fn read(section: &Section<'_>, right: &mut bool) -> Option<Self> {
        let hint = "the name of a custom field, as \"State\"";
        let field = section.required_text("field", hint);
        let values = super::list(section, "values", &[], right);
        let kind = section.text("kind");
        *right &= kind.is_some() || !section.has("kind");
        if values.iter().any(|value| value.trim().is_empty()) {
            section.mistake_at("values", "`values` holds names of values, as \"Approved\"");
            *right = false;
        }
        *right &= field.is_some();
        Some(Self {
            field: field?.trim().to_lowercase(),
            values: values
                .iter()
                .map(|value| value.trim().to_lowercase())
                .collect(),
            kind: kind.unwrap_or_default().into(),
        })
    }

    /// Reads `[[approvals]]`.
    pub(super) fn read_all(section: &Section<'_>, right: &mut bool) -> Vec<Self> {
        let all = section.tables("approvals");
        *right &= !(section.has("approvals") && all.is_empty());
        if all.is_empty() {
            return Self::approvals();
        }
        let rules = all.iter().filter_map(|table| {
            let rule = Self::read(table, right);
            table.finish();
            rule
        });
        rules.collect()
    }
}

impl Confirm {
    fn new(field: &str, values: &[&str], kind: &'static str) -> Self {
        Self {
            rule: Rule::new(field, values, kind),
            root_cause: kind == sign_off_kind::DOCUMENTED,
        }
    }

    fn sign_offs() -> Vec<Self> {
        vec![
            Self::new("Root cause", &[], sign_off_kind::DOCUMENTED),
            Self::new("Reviewed by", &[], sign_off_kind::REVIEWED),
            Self::new("Signed off by", &[], sign_off_kind::SIGNED_OFF),
            Self::new("Inspected by", &[], sign_off_kind::INSPECTED),
            Self::new("QA", &["Passed"], sign_off_kind::QA),
        ]
    }

    /// Reads `[[sign_offs]]`.
    pub(super) fn read_all(section: &Section<'_>, right: &mut bool) -> Vec<Self> {
        const KINDS: [&str; 7] = [
            sign_off_kind::DOCUMENTED,
            sign_off_kind::REVIEWED,
            sign_off_kind::SIGNED_OFF,
            sign_off_kind::QA,
            sign_off_kind::INSPECTED,
            sign_off_kind::RECONCILED,
            sign_off_kind::ANNOUNCED,
        ];
        let all = section.tables("sign_offs");
        *right &= !(section.has("sign_offs") && all.is_empty());
        if all.is_empty() {
            return Self::sign_offs();
        }
        let mut read = Vec::new();
        for table in &all {
            let rule = Rule::read(table, right);
            let root_cause = table.bool("root_cause");
            *right &= root_cause.is_some() || !table.has("root_cause");
            let known = rule
                .as_ref()
                .is_none_or(|rule| KINDS.contains(&rule.kind.as_str()));
            if !known {
                let kinds = KINDS.join(", ");
                table.mistake_at("kind", format!("`kind` is one of {kinds}"));
                *right = false;
            }
            table.finish();
            if let Some(rule) = rule {
                let root_cause = root_cause.unwrap_or(false);
                read.push(Self { rule, root_cause });
            }
        }
        read
    }
}
