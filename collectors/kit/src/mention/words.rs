//! The keys of the lines that say something, as a company writes them.

use plimsoll_settings::Section;

/// The keys of lines, in lower case. A line may have any of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Of a system's name.
    pub system: Vec<String>,
    /// Of an asset's id.
    pub asset: Vec<String>,
    /// Of environments.
    pub environment: Vec<String>,
    /// Of facts that are to change.
    pub fact: Vec<String>,
    /// Of the window.
    pub window: Vec<String>,
    /// Of a wish for a new system.
    pub provision: Vec<String>,
    /// Of an emergency.
    pub emergency: Vec<String>,
    /// Of a release.
    pub release: Vec<String>,
    /// Of a platform's operation.
    pub operation: Vec<String>,
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

impl Default for Words {
    fn default() -> Self {
        Self {
            system: words(&["system", "systems", "service", "services"]),
            asset: words(&["asset", "assets"]),
            environment: words(&["environment", "environments"]),
            fact: words(&["fact", "facts"]),
            window: words(&["window"]),
            provision: words(&["provision"]),
            emergency: words(&["emergency"]),
            release: words(&["release", "releases"]),
            operation: words(&["operation", "operations"]),
        }
    }
}

impl Words {
    /// Reads a table of them; a key that is not there keeps its default. Mistakes are noted on the section; none when there
    /// is one.
    pub fn read(section: &Section<'_>) -> Option<Self> {
        let mut all = Self::default();
        let mut right = true;
        for (key, place) in [
            ("system", &mut all.system),
            ("asset", &mut all.asset),
            ("environment", &mut all.environment),
            ("fact", &mut all.fact),
            ("window", &mut all.window),
            ("provision", &mut all.provision),
            ("emergency", &mut all.emergency),
            ("release", &mut all.release),
            ("operation", &mut all.operation),
        ] {
            match section.texts(key) {
                Some(list)
                    if list
                        .iter()
                        .any(|word| word.trim().is_empty() || word.contains(':')) =>
                {
                    section.mistake_at(
                        key,
                        format!(
                            "`{key}` holds what stands before the colon of a line, as \"System\""
                        ),
                    );
                    right = false;
                }
                Some(list) => *place = list.iter().map(|word| word.trim().to_lowercase()).collect(),
                None => right &= !section.has(key),
            }
        }
        section.finish();
        right.then_some(all)
    }
}
