//! What each system is categorised as: its environment, whether it holds sensitive data, and who says so.

use std::collections::HashMap;

use plimsoll_model::{Claim, Text, fact};

use super::Rule;
use super::environment::Environment;
use super::places::Places;
use crate::inventory::Node;

/// The label that gives an environment.
pub(crate) const ENVIRONMENT_LABEL: &str = "plimsoll.environment";

/// What a system is categorised as.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Category {
    pub(crate) environment: Option<Environment>,
    /// Who says so.
    pub(crate) by: Option<Text>,
    /// Whether its platform and the house's own words disagree, and nobody said which of them holds.
    pub(crate) disputed: bool,
}

/// Whether a system holds protected health or other sensitive information.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sensitive {
    /// Nothing says so.
    #[default]
    No,
    Yes,
    /// A source knows that it may, and not whether.
    Unknown,
}

/// What is said of one asset itself.
#[derive(Clone, Copy, Debug)]
struct Said<'s, 'a> {
    /// Its label; the word itself where it is no environment.
    label: Option<Result<Environment, &'a str>>,
    /// The platform's word, where it is an environment.
    platform: Option<Environment>,
    /// The first rule that gives it an environment.
    rule: Option<(Environment, &'s Rule)>,
}

/// Categorises assets, and remembers what is said of those that hold many.
pub(crate) struct Categories<'s, 'a> {
    nodes: &'a [Node],
    rules: &'s [Rule],
    places: &'s Places,
    /// Whether any rule speaks of sensitive data.
    rules_tell: bool,
    /// What is said of what holds others.
    holders: HashMap<u32, Said<'s, 'a>>,
    /// Whether they hold sensitive data by what is said of themselves.
    sensitive: HashMap<u32, Sensitive>,
    /// What the things are that others run on.
    grounds: HashMap<u32, Category>,
}

/// A word for an environment, how far away it was said, and of what.
struct Word {
    environment: Environment,
    distance: usize,
    /// `its namespace shop: `, and nothing for the asset itself.
    of: String,
    by: Text,
}

impl<'s, 'a> Categories<'s, 'a> {
    pub(crate) fn new(nodes: &'a [Node], rules: &'s [Rule], places: &'s Places) -> Self {
        Self {
            nodes,
            rules,
            places,
            rules_tell: rules.iter().any(|rule| rule.sensitive().is_some()),
            holders: HashMap::new(),
            sensitive: HashMap::new(),
            grounds: HashMap::new(),
        }
    }

    /// The environment of an asset: by its own label, its platform, a rule, or inherited from what holds it and then from
    /// what it runs on, the nearest first.
    pub(crate) fn environment(&mut self, at: u32) -> Category {
        let (category, more) = self.held(at);
        if category.environment.is_some() || !more {
            return category;
        }
        for ground in self.places.below(at) {
            let category = match self.grounds.get(&ground) {
                Some(category) => category.clone(),
                None => {
                    let (category, _) = self.held(ground);
                    self.grounds.insert(ground, category.clone());
                    category
                }
            };
            if category.environment.is_some() {
                let by = category.by.unwrap_or_default();
                let by = Some(Text::from(format!("{}{by}", self.of_its(ground))));
                return Category { by, ..category };
            }
        }
        Category::default()
    }

    /// Whether an asset holds sensitive data, by its own word (`said`), a rule, or those of what holds it.
    pub(crate) fn sensitive(&mut self, at: u32, said: Option<&Claim>) -> Sensitive {
        let Some(node) = self.nodes.get(at as usize) else {
            return Sensitive::No;
        };
        let mut all = self.sensitive_itself(node, said);
        for holder in self.places.around(at) {
            if all == Sensitive::Yes {
                break;
            }
            let of = match (self.sensitive.get(&holder), self.nodes.get(holder as usize)) {
                (Some(known), _) => *known,
                (None, Some(node)) => {
                    let of = self.sensitive_itself(node, node.asset.get(fact::SENSITIVE));
                    self.sensitive.insert(holder, of);
                    of
                }
                (None, None) => Sensitive::No,
            };
            if of != Sensitive::No {
                all = of;
            }
        }
        all
    }

    /// The environment by what is said of an asset and of what holds it, and whether to look further where there is none: a
    /// label that names no environment is mended, and nothing else is asked in its place.
    fn held(&mut self, at: u32) -> (Category, bool) {
        let Some(node) = self.nodes.get(at as usize) else {
            return (Category::default(), false);
        };
        let own = self.look(node);
        let (mut platform, mut ours, mut overrides) = (None::<Word>, None::<Word>, false);
        let mut holders = self.places.around(at);
        let (mut said, mut distance, mut of) = (own, 0, None);
        loop {
            let word = |environment, by: &str| -> Word {
                Word {
                    environment,
                    distance,
                    of: of.map_or(String::new(), |holder| self.of_its(holder)),
                    by: by.into(),
                }
            };
            match said.label {
                Some(Ok(environment)) => {
                    if ours.is_none() {
                        ours = Some(word(environment, "label plimsoll.environment"));
                        // On one asset a label goes before its platform's word.
                        overrides = platform.is_none();
                    }
                    break;
                }
                Some(Err(_)) if platform.is_none() && ours.is_none() => {
                    return (Category::default(), false);
                }
                Some(Err(_)) => break,
                None => {}
            }
            if platform.is_none() {
                platform = said.platform.map(|one| word(one, "the platform"));
            }
            if let Some((environment, rule)) = said.rule.filter(|_| ours.is_none()) {
                ours = Some(word(environment, rule.called()));
                overrides = rule.overrides_platform();
            }
            if platform.is_some() && ours.is_some() {
                break;
            }
            let Some(holder) = holders.next() else {
                break;
            };
            let Some(next) = self.said(holder) else {
                break;
            };
            (said, distance, of) = (next, distance + 1, Some(holder));
        }
        (decide(platform, ours, overrides), true)
    }

    fn said(&mut self, holder: u32) -> Option<Said<'s, 'a>> {
        if let Some(said) = self.holders.get(&holder) {
            return Some(*said);
        }
        let said = self.look(self.nodes.get(holder as usize)?);
        self.holders.insert(holder, said);
        Some(said)
    }

    fn look(&self, node: &'a Node) -> Said<'s, 'a> {
        let asset = &node.asset;
        let label = asset.labels.get(ENVIRONMENT_LABEL);
        let label = label.map(|word| Environment::parse(word).ok_or(word.as_str()));
        let mut said = Said {
            label,
            platform: None,
            rule: None,
        };
        // A label decides, so the others need not be asked.
        if label.is_none() {
            let word = asset.get(fact::ENVIRONMENT);
            let word = word.and_then(|claim| claim.last_value()?.as_str());
            said.platform = word.and_then(Environment::parse);
            said.rule = self.rules.iter().find_map(|rule| {
                let environment = rule.environment().filter(|_| rule.matches(node))?;
                Some((environment, rule))
            });
        }
        said
    }

    fn sensitive_itself(&self, node: &Node, said: Option<&Claim>) -> Sensitive {
        let ruled = || {
            let mut rules = self.rules.iter();
            rules.find_map(|rule| rule.sensitive().filter(|_| rule.matches(node)))
        };
        let known = said.map(|claim| claim.value().and_then(|value| value.as_bool()));
        match known {
            Some(Some(true)) => Sensitive::Yes,
            _ if self.rules_tell && ruled() == Some(true) => Sensitive::Yes,
            Some(None) if !self.rules_tell || ruled().is_none() => Sensitive::Unknown,
            _ => Sensitive::No,
        }
    }

    /// `its namespace shop: `.
    fn of_its(&self, at: u32) -> String {
        let node = self.nodes.get(at as usize);
        node.map_or(String::new(), |node| {
            format!("its {} {}: ", node.asset.kind, node.asset.name)
        })
    }
}

/// The environment by the nearest word of the platform and the nearest of our own.
fn decide(platform: Option<Word>, ours: Option<Word>, overrides: bool) -> Category {
    let (platform, ours) = match (platform, ours) {
        (None, None) => return Category::default(),
        (Some(word), None) | (None, Some(word)) => return word.alone(),
        (Some(platform), Some(ours)) => (platform, ours),
    };
    if platform.environment == ours.environment {
        let platform_first = platform.distance <= ours.distance;
        return if platform_first { platform } else { ours }.alone();
    }
    let says = |word: &Word| format!("{} says {}", word.by, word.environment.as_str());
    // What both are said of is named once.
    let again = |word: &Word, other: &Word| match word.of == other.of {
        true => String::new(),
        false => word.of.clone(),
    };
    if overrides {
        let (of, again) = (&ours.of, again(&platform, &ours));
        let by = format!(
            "{of}{}, which overrides that {again}{}",
            ours.by,
            says(&platform)
        );
        return Category {
            by: Some(by.into()),
            ..ours.alone()
        };
    }
    let environment = platform.environment.stricter(ours.environment);
    let by = format!(
        "{}{} and {}{}; judged as {}, the stricter",
        platform.of,
        says(&platform),
        again(&ours, &platform),
        says(&ours),
        environment.as_str()
    );
    Category {
        environment: Some(environment),
        by: Some(by.into()),
        disputed: true,
    }
}

impl Word {
    fn alone(self) -> Category {
        Category {
            environment: Some(self.environment),
            by: Some(match self.of.is_empty() {
                true => self.by,
                false => format!("{}{}", self.of, self.by).into(),
            }),
            disputed: false,
        }
    }
}
