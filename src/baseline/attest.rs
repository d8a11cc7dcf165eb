//! What the house states of its assets where no source says it: with a reference, until a date, and never over what a source says.

use globset::GlobMatcher;
use jiff::Timestamp;
use plimsoll_model::{Asset, Claim, Table, Text, Value, fact};
use plimsoll_settings::{Mistake, Section, SettingValue, nearest};

use super::ignore::until;
use super::image::glob;
use super::load::Baselines;
use super::rule::{bad_pattern, pattern};
use crate::inventory::{Node, Snapshot};

/// A row of `[[attest]]`: one fact of some assets, as the house states it.
#[derive(Clone, Debug)]
pub struct Attest {
    /// How it is called in what is said of it: `attest 2`.
    called: Text,
    asset: GlobMatcher,
    fact: Text,
    /// A field of the fact's entries: of those whose name meets the pattern.
    part: Option<(GlobMatcher, Text)>,
    value: Value,
    /// Where it is written down.
    pub reference: Text,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Where the fact stands, for when nothing looks at it.
    fact_place: Mistake,
}

impl Attest {
    /// Reads one `[[attest]]` of a configuration, by its number from 1. Mistakes are noted on the section.
    ///
    /// `fact` is a fact's name, or `ports[PATTERN].FIELD` for a field of the entries of one. `until` is a time with zone, or a date:
    /// then it is midnight UTC at that day's start.
    pub fn read(section: &Section<'_>, number: usize) -> Option<Self> {
        if !section.has("asset") {
            section.missing(
                "asset",
                "a pattern for the assets' ids, as \"volume:web-1/*\"",
            );
        }
        let asset = pattern(section, "asset");
        let named = section.required_text("fact", "name the fact, as \"encryption.at-rest\"");
        let named = named.and_then(|named| part(section, &named));
        if !section.has("value") {
            section.missing("value", "what the fact is, as true or \"1.2\"");
        }
        let value = section.any("value").map(value);
        let hint = "say where it is written down: a contract, a page of the provider, a ticket";
        let reference = section.required_text("reference", hint);
        let until = until(section);
        let (fact, part) = named?;
        Some(Self {
            called: Text::from(format!("attest {number}")),
            asset: asset?,
            fact,
            part,
            value: value?,
            reference: reference?.into(),
            until: until?,
            fact_place: section.draft(section.place_of("fact"), "", None),
        })
    }

    /// Whether its time is over: it says nothing any more, and should be removed or renewed.
    pub fn expired(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    /// What it states, for a person: `encryption.at-rest of volume:web-1/*`.
    pub fn what(&self) -> String {
        let fact = &self.fact;
        let asset = self.asset.glob().glob();
        match &self.part {
            Some((pattern, field)) => {
                format!("{fact}[{}].{field} of {asset}", pattern.glob().glob())
            }
            None => format!("{fact} of {asset}"),
        }
    }

    fn basis(&self) -> String {
        let until = self.until.strftime("%Y-%m-%d");
        format!("{} ({}, until {until})", self.reference, self.called)
    }

    /// What the asset's claim is with what is stated; none where the sources say it themselves, with what they say where that is
    /// something else.
    fn claim(&self, known: Option<&Claim>) -> Result<Claim, Option<Value>> {
        let Some((pattern, field)) = &self.part else {
            return match known.and_then(Claim::last_value) {
                // What was seen last counts until it is seen again.
                Some(value) if *value != self.value => Err(Some(value.clone())),
                Some(_) if known.is_some_and(|claim| claim.value().is_some()) => Err(None),
                _ => Ok(Claim::attested(self.value.clone(), self.basis())),
            };
        };
        let table = known.and_then(Claim::value).and_then(Value::as_table);
        let table = table.ok_or(None)?;
        let (mut stated, mut other) = (false, None);
        let mut entries: Vec<(Text, Value)> = Vec::new();
        for (name, entry) in table.iter() {
            let mut entry = entry.clone();
            if let Value::Table(fields) = &mut entry
                && pattern.is_match(name)
            {
                match fields.get(field.as_str()) {
                    Some(value) if *value == self.value => {}
                    Some(value) => other = Some(value.clone()),
                    None => {
                        fields.insert(field.clone(), self.value.clone());
                        stated = true;
                    }
                }
            }
            entries.push((name.into(), entry));
        }
        if !stated {
            return Err(other);
        }
        let rest = known.and_then(Claim::basis).unwrap_or_default();
        let basis = if rest.is_empty() {
            self.basis()
        } else {
            format!("{}; the rest by {rest}", self.basis())
        };
        let table: Table = entries.into_iter().collect();
        Ok(Claim::attested(Value::Table(table), basis))
    }

    /// States it of an asset, where no source says otherwise.
    fn state(&self, node: &mut Node) -> Result<(), Option<Value>> {
        if node.unseen() {
            // Of what nobody sees nothing is known now: that would look as if somebody did.
            return Ok(());
        }
        let asset: &mut Asset = &mut node.asset;
        let claim = self.claim(asset.get(&self.fact))?;
        asset.claim(&self.fact, claim);
        Ok(())
    }
}

/// `ports[0.0.0.0:443/tcp].tls` in its parts; a name without brackets is that of a whole fact.
fn part(section: &Section<'_>, named: &str) -> Option<(Text, Option<(GlobMatcher, Text)>)> {
    let Some((fact, rest)) = named.split_once('[') else {
        return Some((named.into(), None));
    };
    let Some((entries, field)) = rest
        .rsplit_once("].")
        .filter(|(_, field)| !field.is_empty())
    else {
        let hint = Some("as `ports[*:443/tcp].tls`".to_owned());
        let message = format!("`fact`: {named:?} names no field of a fact's entries");
        section.mistake(section.place_of("fact"), message, hint);
        return None;
    };
    match glob(entries) {
        Ok(pattern) => Some((fact.into(), Some((pattern, field.into())))),
        Err(why) => {
            section.mistake_at("fact", bad_pattern("fact", entries, &why));
            None
        }
    }
}

fn value(setting: SettingValue) -> Value {
    match setting {
        SettingValue::Bool(yes) => Value::Bool(yes),
        SettingValue::Int(number) => Value::Int(number),
        SettingValue::Float(number) => Value::Float(number),
        SettingValue::Text(text) => Value::Text(text.into()),
        SettingValue::List(items) => Value::List(items.into_iter().map(value).collect()),
        SettingValue::Table(fields) => Value::Table(
            fields
                .into_iter()
                .map(|(name, field)| (Text::from(name), value(field)))
                .collect(),
        ),
    }
}

/// The snapshot with what the house states of it as of `now`, and what is wrong with the statements: those that fit nothing, and those
/// that a source contradicts.
pub fn attest(mut snapshot: Snapshot, attests: &[Attest], now: Timestamp) -> (Snapshot, Vec<Text>) {
    /// How many assets are named in one contradiction.
    const SHOWN: usize = 3;
    let mut wrong = Vec::new();
    for attest in attests.iter().filter(|attest| !attest.expired(now)) {
        let (mut fits, mut contradicted) = (false, Vec::new());
        snapshot.alter(|node| {
            if !node.asset.ids().any(|id| attest.asset.is_match(id)) {
                return;
            }
            fits = true;
            if let Err(Some(value)) = attest.state(node) {
                contradicted.push(format!("{} ({value})", node.asset.id));
            }
        });
        let (called, what) = (&attest.called, attest.what());
        if !fits {
            wrong.push(Text::from(format!(
                "{called} fits no asset: {what}; mend its pattern or take it out"
            )));
        }
        if !contradicted.is_empty() {
            let more = match contradicted.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            contradicted.truncate(SHOWN);
            let shown = contradicted.join(", ");
            wrong.push(Text::from(format!(
                "{called} says {what} is {}, and the sources say otherwise, which counts: {shown}{more}",
                attest.value
            )));
        }
    }
    (snapshot, wrong)
}

impl Baselines {
    /// What `[[attest]]`s name that nothing looks at: facts of no expectation.
    pub fn check_attests(&self, attests: &[Attest]) -> Vec<Mistake> {
        let mut facts: Vec<&str> = self
            .roles()
            .iter()
            .flat_map(|role| &role.expectations)
            .flat_map(|one| one.facts.iter().map(Text::as_str))
            .filter(|name| *name != "relations")
            .collect();
        // These choose what is asked.
        facts.extend([fact::PLATFORM, fact::SENSITIVE, fact::ENVIRONMENT]);
        let unknown = attests
            .iter()
            .filter(|one| !facts.contains(&one.fact.as_str()));
        let mistakes = unknown.map(|one| {
            let message = format!("no expectation looks at the fact {:?}", one.fact.as_str());
            let near = nearest(&one.fact, facts.iter().copied());
            let hint = near.map_or_else(
                || "`plimsoll inventory show` has the facts of an asset".to_owned(),
                |near| format!("did you mean {near:?}?"),
            );
            Mistake {
                message,
                ..one.fact_place.clone()
            }
            .hint(hint)
        });
        mistakes.collect()
    }
}
