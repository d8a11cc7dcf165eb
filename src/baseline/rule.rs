//! A row of the configuration's rule table: which assets get which role or environment.

use globset::GlobMatcher;
use plimsoll_model::{Text, fact};
use plimsoll_settings::{Mistake, Section};

use super::environment::Environment;
use super::image::{ImageName, ImagePattern, glob};
use crate::inventory::Node;

/// A row of the rule table: the assets that meet all its criteria get what it gives: a role, an environment, the word that
/// they hold sensitive data, or the system that they mirror.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `rule 2 of config.toml`.
    called: Text,
    /// Where its role stands, for when no baseline has it.
    role_place: Mistake,
    kind: Option<Text>,
    name: Option<GlobMatcher>,
    image: Option<ImagePattern>,
    label: Option<(Text, Text)>,
    source: Option<Text>,
    asset: Option<GlobMatcher>,
    role: Option<Text>,
    environment: Option<Environment>,
    overrides_platform: bool,
    sensitive: Option<bool>,
    mirrors: Option<Text>,
}

/// What a rule can give.
const GIFTS: [&str; 4] = ["role", "environment", "sensitive", "mirrors"];

impl Rule {
    /// Reads `[[rules]]` number `number` (from 1) of a configuration. Mistakes are noted on the section; it is none
    /// when there is one that leaves the rule without meaning. That a baseline has the role is checked by
    /// [`Baselines::check`](super::Baselines::check).
    pub fn read(section: &Section<'_>, number: usize) -> Option<Self> {
        let file = section.file().rsplit('/').next().unwrap_or_default();
        let criteria = ["kind", "name", "image", "label", "source", "asset"];
        let narrowed = criteria.iter().any(|key| section.has(key));
        if !narrowed {
            let hint = format!("give at least one of {}", criteria.join(", "));
            let message = "a rule without criteria would match everything";
            section.mistake(section.place(), message, Some(hint));
        }
        let rule = Self {
            called: Text::from(format!("rule {number} of {file}")),
            role_place: section.draft(section.place_of("role"), "", None),
            kind: section.text("kind").map(Text::from),
            name: pattern(section, "name"),
            image: section.text("image").and_then(|text| {
                let made = ImagePattern::new(&text);
                made.map_err(|why| section.mistake_at("image", bad_pattern("image", &text, &why)))
                    .ok()
            }),
            label: label(section),
            source: section.text("source").map(Text::from),
            asset: pattern(section, "asset"),
            role: section.text("role").map(Text::from),
            environment: environment(section),
            overrides_platform: section.bool("overrides_platform").unwrap_or(false),
            sensitive: section.bool("sensitive"),
            mirrors: section.text("mirrors").map(Text::from),
        };
        if !GIFTS.iter().any(|key| section.has(key)) {
            let hint = Some(format!("give at least one of {}", GIFTS.join(", ")));
            section.mistake(section.place(), "the rule gives nothing", hint);
        }
        if section.has("overrides_platform") && !section.has("environment") {
            let hint =
                Some("give `environment`, which it puts in the place of the platform's".to_owned());
            let message = "`overrides_platform` overrides nothing";
            section.mistake(section.place_of("overrides_platform"), message, hint);
        }
        narrowed.then_some(rule)
    }

    /// What it is called where a choice is explained: `rule 2 of config.toml`.
    pub(crate) fn called(&self) -> &Text {
        &self.called
    }

    pub(crate) fn role(&self) -> Option<&Text> {
        self.role.as_ref()
    }

    pub(crate) fn environment(&self) -> Option<Environment> {
        self.environment
    }

    /// Whether its environment holds whatever the platform says.
    pub(crate) fn overrides_platform(&self) -> bool {
        self.overrides_platform
    }

    /// Whether what it is about holds protected health or other sensitive information; none where it does not say.
    pub(crate) fn sensitive(&self) -> Option<bool> {
        self.sensitive
    }

    /// The id or name of what its assets mirror.
    pub(crate) fn mirrors(&self) -> Option<&Text> {
        self.mirrors.as_ref()
    }

    /// A mistake about its role.
    pub(crate) fn role_mistake(&self, message: String, hint: String) -> Mistake {
        let place = self.role_place.clone();
        Mistake { message, ..place }.hint(hint)
    }

    pub(crate) fn matches(&self, node: &Node) -> bool {
        let asset = &node.asset;
        let is = |want: &Option<Text>, have: &Text| want.as_ref().is_none_or(|want| want == have);
        let like = |want: &Option<GlobMatcher>, have: &str| {
            want.as_ref().is_none_or(|want| want.is_match(have))
        };
        is(&self.kind, &asset.kind)
            && self.label.as_ref().is_none_or(|(name, value)| {
                asset.labels.get(name).is_some_and(|have| have == value)
            })
            && self
                .source
                .as_ref()
                .is_none_or(|source| node.sources.contains(source))
            && like(&self.name, &asset.name)
            && asset.ids().any(|id| like(&self.asset, id))
            && self.image.as_ref().is_none_or(|pattern| {
                let image = asset
                    .get(fact::IMAGE)
                    .and_then(|image| image.last_value()?.as_str());
                image.is_some_and(|image| pattern.matches(&ImageName::of(image)))
            })
    }
}

fn label(section: &Section<'_>) -> Option<(Text, Text)> {
    let text = section.text("label")?;
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Some((name.into(), value.into())),
        _ => {
            let message = format!("`label`: {text:?} is no label with a value");
            let hint = Some("write \"name=value\"".to_owned());
            section.mistake(section.place_of("label"), message, hint);
            None
        }
    }
}

fn environment(section: &Section<'_>) -> Option<Environment> {
    let text = section.text("environment")?;
    let environment = Environment::parse(&text);
    if environment.is_none() {
        let message = format!("`environment`: {text:?} is no environment");
        let hint = Some("production, staging or development".to_owned());
        section.mistake(section.place_of("environment"), message, hint);
    }
    environment
}

/// A pattern under a key.
pub(crate) fn pattern(section: &Section<'_>, key: &str) -> Option<GlobMatcher> {
    let text = section.text(key)?;
    let made = glob(&text);
    made.map_err(|why| section.mistake_at(key, bad_pattern(key, &text, &why)))
        .ok()
}

/// What to say of a pattern that is none.
pub(crate) fn bad_pattern(key: &str, text: &str, why: &str) -> String {
    format!("`{key}`: {text:?} is no pattern: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::{Asset, AssetId, Claim};
    use plimsoll_settings::Document;

    fn read(text: &str) -> Result<Option<Rule>, String> {
        let document = Document::new("/etc/plimsoll/config.toml", text);
        let read = document.read(|section| Rule::read(section, 2));
        read.map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn all_criteria_must_be_met() {
        let mut asset = Asset::new(
            AssetId::of("container", &["web-1", "shop"]),
            "container",
            "shop",
        );
        asset.claim(fact::IMAGE, Claim::reported("r.example/shop/api:2"));
        asset.labels.insert("team", "shop".into());
        let node = Node {
            asset,
            sources: vec!["docker".into()].into(),
        };
        let meets = |text: &str| {
            let text = format!("role = \"worker\"\n{text}");
            read(&text).unwrap().unwrap().matches(&node)
        };
        let all = "kind = 'container'\nname = 'sh*'\nimage = 'api'\nlabel = 'team=shop'\nsource = 'docker'\nasset = '*web-1*'\n";
        assert!(meets(all));
        for (one, other) in [
            ("'container'", "'host'"),
            ("'sh*'", "'x*'"),
            ("'api'", "'web'"),
            ("team=shop", "team=x"),
            ("'docker'", "'fly'"),
            ("*web-1*", "*web-2*"),
        ] {
            assert!(!meets(&all.replace(one, other)), "{other}");
        }
        assert_eq!(
            read("name = 'a'\nrole = 'worker'")
                .unwrap()
                .unwrap()
                .called(),
            "rule 2 of config.toml"
        );
    }

    #[test]
    fn mistakes_come_with_their_places() {
        let mistakes = read("name = '['\nlabel = 'x'\nenvironment = 'qa'").unwrap_err();
        let lines: Vec<&str> = mistakes.lines().collect();
        assert_eq!(lines.len(), 3, "{mistakes}");
        assert!(lines[0].contains("config.toml:1:8: `name`"), "{mistakes}");
        assert!(
            read("role = 'worker'")
                .unwrap_err()
                .contains("match everything")
        );
        assert!(read("name = 'a'").unwrap_err().contains("gives nothing"));
        let idle = read("name = 'a'\nrole = 'worker'\noverrides_platform = true").unwrap_err();
        assert!(
            idle.contains("config.toml:3:22: `overrides_platform` overrides nothing"),
            "{idle}"
        );
    }
}
