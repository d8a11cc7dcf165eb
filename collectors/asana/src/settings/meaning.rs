//! What a company's fields, sections and tags mean.

use std::collections::BTreeMap;

use plimsoll_kit::mention::Words;
use plimsoll_kit::settings::Section;
use plimsoll_model::request_state;

use super::{Confirm, Rule, list};

/// What a company's fields, sections and tags mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) approvals: Vec<Rule>,
    pub(crate) sign_offs: Vec<Confirm>,
    pub(crate) fields: Fields,
    pub(crate) sections: Sections,
    /// Tags and values that mark an emergency, in lower case.
    pub(crate) emergency: Vec<String>,
    /// Tags and values that ask for a new system, in lower case.
    pub(crate) provisioning: Vec<String>,
    pub(crate) words: Words,
}

/// The custom fields that say something, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) systems: Vec<String>,
    pub(crate) assets: Vec<String>,
    pub(crate) facts: Vec<String>,
    pub(crate) environments: Vec<String>,
    pub(crate) window_start: Vec<String>,
    pub(crate) window_end: Vec<String>,
    pub(crate) implementers: Vec<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) priority: Vec<String>,
    pub(crate) outcome: Vec<String>,
}

/// What the sections mean that are no approval: by their names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sections(BTreeMap<String, &'static str>);

impl Meaning {
    /// Reads the parts of the settings that are about meaning. None where one is wrong.
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let emergency = list(section, "emergency", &["emergency", "hotfix"], &mut right);
        let provisioning = list(
            section,
            "provisioning",
            &["provisioning", "new-system"],
            &mut right,
        );
        let approvals = Rule::read_all(section, &mut right);
        let sign_offs = Confirm::read_all(section, &mut right);
        let fields = Fields::read(&section.table_or_empty("fields"));
        let sections = Sections::read(&section.table_or_empty("sections"));
        let words = super::words(section);
        let (fields, sections, words) = (fields?, sections?, words?);
        right.then(|| Self {
            approvals,
            sign_offs,
            fields,
            sections,
            emergency: lower(emergency),
            provisioning: lower(provisioning),
            words,
        })
    }
}

impl Fields {
    fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let mut field =
            |key: &str, default: &[&str]| lower(list(section, key, default, &mut right));
        let fields = Self {
            systems: field("systems", &["System", "Systems"]),
            assets: field("assets", &["Asset", "Assets"]),
            facts: field("facts", &["Facts"]),
            environments: field("environments", &["Environment", "Environments"]),
            window_start: field("window_start", &["Window start", "Planned start"]),
            window_end: field("window_end", &["Window end", "Planned end"]),
            implementers: field("implementers", &["Implementer"]),
            labels: field("labels", &["Type"]),
            priority: field("priority", &["Priority"]),
            outcome: field(
                "outcome",
                &["Root cause", "Outcome", "Actual time", "Estimated time"],
            ),
        };
        section.finish();
        right.then_some(fields)
    }
}

impl Sections {
    fn read(section: &Section<'_>) -> Option<Self> {
        let mut right = true;
        let mut all = BTreeMap::new();
        for (key, means, default) in [
            (
                "reopened",
                request_state::REOPENED,
                &["Requested", "To do", "Backlog", "Reopened"][..],
            ),
            (
                "rejected",
                request_state::REJECTED,
                &["Rejected", "Declined"],
            ),
            (
                "cancelled",
                request_state::CANCELLED,
                &["Cancelled", "Canceled"],
            ),
            (
                "implementing",
                request_state::IMPLEMENTING,
                &["In progress", "Doing", "Implementing"],
            ),
            (
                "implemented",
                request_state::IMPLEMENTED,
                &["Implemented", "Deployed", "Done"],
            ),
            ("closed", request_state::CLOSED, &["Closed"]),
        ] {
            for word in lower(list(section, key, default, &mut right)) {
                all.insert(word, means);
            }
        }
        section.finish();
        right.then_some(Self(all))
    }

    /// What a section means; none where it means nothing that is known.
    pub(crate) fn meaning(&self, section: &str) -> Option<&'static str> {
        self.0.get(&section.trim().to_lowercase()).copied()
    }
}

fn lower(texts: Vec<String>) -> Vec<String> {
    let texts = texts.iter().map(|text| text.trim().to_lowercase());
    texts.collect()
}
