//! What says that somebody approved a request, or confirmed something about it.

use plimsoll_kit::settings::Section;
use plimsoll_model::{Text, sign_off_kind};

/// What an approval looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) sign: Sign,
    /// What kind of yes.
    pub(crate) kind: Text,
}

/// By what it is told. All words are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// An approval task: the request itself, or a subtask, whose name holds one of these words.
    Task(Vec<String>),
    /// The task was moved to one of these sections.
    Section(Vec<String>),
    /// A custom field has one of these values. Without any the field holds people, and one counts who put themselves there.
    Field(String, Vec<String>),
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
    fn new(sign: Sign, kind: &'static str) -> Self {
        Self {
            sign,
            kind: Text::const_new(kind),
        }
    }

    /// What counts where nothing is set. The first of those about tasks counts.
    fn approvals() -> Vec<Self> {
        let lower = |text: &str| vec![text.to_owned()];
        vec![
            Self::new(Sign::Task(lower("security")), "security"),
            Self::new(Sign::Task(lower("*")), ""),
            Self::new(Sign::Section(lower("approved")), ""),
            Self::new(Sign::Field("approval".into(), lower("approved")), ""),
            Self::new(Sign::Field("approved by".into(), Vec::new()), ""),
        ]
    }

    fn read(section: &Section<'_>, right: &mut bool) -> Option<Self> {
        let mut words = |key: &str| {
            let words = super::list(section, key, &[], right);
            let empty = words.iter().any(|word| word.trim().is_empty());
            if empty || (section.has(key) && words.is_empty()) {
                section.mistake_at(key, format!("`{key}` holds words that are not empty"));
                *right = false;
            }
            let words = words.iter().map(|word| word.trim().to_lowercase());
            words.collect::<Vec<_>>()
        };
        let (tasks, sections, values) = (words("task"), words("section"), words("values"));
        let field = section.text("field");
        *right &= field.is_some() || !section.has("field");
        let kind = section.text("kind");
        *right &= kind.is_some() || !section.has("kind");
        let keys = ["task", "section", "field"];
        if keys.into_iter().filter(|key| section.has(key)).count() != 1 {
            section.mistake(
                section.place(),
                "say by what it is told: by one of `task`, `section` and `field`",
                None,
            );
            *right = false;
            return None;
        }
        if section.has("values") && !section.has("field") {
            section.mistake_at("values", "`values` are those of a `field`");
            *right = false;
        }
        let sign = match field {
            Some(field) => Sign::Field(field.trim().to_lowercase(), values),
            None if section.has("section") => Sign::Section(sections),
            None => Sign::Task(tasks),
        };
        let kind = kind.unwrap_or_default().into();
        Some(Self { sign, kind })
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

    /// Whether it is about approval tasks of a name.
    pub(crate) fn is_of_task(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        matches!(&self.sign, Sign::Task(words) if words.iter().any(|word| word == "*" || name.contains(word.as_str())))
    }

    /// The values by which a field in lower case is told; none where it is not about that field.
    pub(crate) fn values_of(&self, field: &str) -> Option<&[String]> {
        match &self.sign {
            Sign::Field(name, values) if name == field => Some(values),
            _ => None,
        }
    }
}

impl Confirm {
    fn new(sign: Sign, kind: &'static str) -> Self {
        Self {
            rule: Rule::new(sign, kind),
            root_cause: kind == sign_off_kind::DOCUMENTED,
        }
    }

    fn sign_offs() -> Vec<Self> {
        let task =
            |words: &[&str]| Sign::Task(words.iter().map(|word| (*word).to_owned()).collect());
        let field = |name: &str| Sign::Field(name.to_owned(), Vec::new());
        vec![
            Self::new(task(&["sign-off", "sign off"]), sign_off_kind::SIGNED_OFF),
            Self::new(task(&["inspection"]), sign_off_kind::INSPECTED),
            Self::new(field("root cause"), sign_off_kind::DOCUMENTED),
            Self::new(field("reviewed by"), sign_off_kind::REVIEWED),
            Self::new(field("signed off by"), sign_off_kind::SIGNED_OFF),
            Self::new(
                Sign::Field("qa".to_owned(), vec!["passed".to_owned()]),
                sign_off_kind::QA,
            ),
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
