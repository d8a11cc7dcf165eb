//! How two systems differ that should be alike in everything but scale.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_model::{Asset, Claim, Value, fact};

use super::shape;
use crate::baseline::environment::Environment;
use crate::baseline::image::ImageName;
use crate::baseline::names::words;
use crate::baseline::outcome::{Evidence, misshapen, reason};

/// How many items of a set are named.
const SHOWN: usize = 5;

/// What of a fact has to be alike.
#[derive(Clone, Copy)]
enum By {
    /// A yes or no.
    Switch,
    /// A word, all of it.
    Word,
    /// The items of a list.
    Items,
    /// A table's names: the values are marks that differ by asset, or secret.
    Names,
    /// An image's name without tag and digest: staging runs ahead by design.
    Image,
    /// The containers and their images' names.
    Images,
    /// Numbers and protocols, who reaches them and by which TLS; not the addresses.
    Ports,
    /// Where something is mounted, of what kind and whether it may be written; not from where.
    Mounts,
    /// Whether there is any.
    Any,
}

/// Everything that is compared, in order. What is not here is scale (replicas, bounds, sizes, regions, hosts, names, addresses,
/// how long backups are kept), differs for each asset (marks of commands and values), or runs ahead (tags, digests, releases).
pub(super) const COMPARED: &[&str] = &[
    fact::ARCHITECTURE,
    fact::BACKUP_ENABLED,
    fact::CAPABILITIES_ADDED,
    fact::CAPABILITIES_DROPPED,
    fact::CLOCK_SETTABLE,
    fact::DEVICES,
    fact::ENCRYPTED_AT_REST,
    fact::ENV,
    fact::HEALTH_CHECKED,
    fact::HTTPS_FORCED,
    fact::IMAGE,
    fact::IMAGES,
    fact::LOG_DRIVER,
    fact::LOGS_DESTINATIONS,
    fact::MOUNTS,
    fact::NAMESPACES_HOST,
    fact::PLATFORM,
    fact::PLATFORM_KIND,
    fact::PORTS,
    fact::PRIVILEGED,
    fact::READONLY_ROOT,
    fact::RESTART_POLICY,
    fact::SECRETS,
    fact::SECURITY_OPTIONS,
    fact::SERVICE_ACCOUNT_TOKEN,
    fact::USER_ROOT,
    fact::VERSION,
];

/// How a fact is compared; none for one that is not. With names that are known when this is compiled it is no search.
fn by(fact: &str) -> Option<By> {
    Some(match fact {
        fact::IMAGE => By::Image,
        fact::IMAGES => By::Images,
        fact::PORTS => By::Ports,
        fact::MOUNTS => By::Mounts,
        fact::LOGS_DESTINATIONS => By::Any,
        fact::ENV | fact::SECRETS => By::Names,
        fact::CAPABILITIES_ADDED
        | fact::CAPABILITIES_DROPPED
        | fact::DEVICES
        | fact::NAMESPACES_HOST
        | fact::SECURITY_OPTIONS => By::Items,
        fact::ARCHITECTURE
        | fact::LOG_DRIVER
        | fact::PLATFORM
        | fact::PLATFORM_KIND
        | fact::RESTART_POLICY
        | fact::VERSION => By::Word,
        fact::BACKUP_ENABLED
        | fact::CLOCK_SETTABLE
        | fact::ENCRYPTED_AT_REST
        | fact::HEALTH_CHECKED
        | fact::HTTPS_FORCED
        | fact::PRIVILEGED
        | fact::READONLY_ROOT
        | fact::SERVICE_ACCOUNT_TOKEN
        | fact::USER_ROOT => By::Switch,
        _ => return None,
    })
}

/// What comparing a production system with its staging twin gives.
pub(super) struct Differences<'a> {
    production: &'a Asset,
    staging: &'a Asset,
    /// Each difference, for a person.
    pub(super) differ: Vec<String>,
    /// The first reason why something cannot be compared.
    pub(super) unknown: Option<String>,
    /// The weakest of what was compared.
    pub(super) evidence: Option<Evidence<'a>>,
}

impl<'a> Differences<'a> {
    pub(super) fn new(production: &'a Asset, staging: &'a Asset) -> Self {
        Self {
            production,
            staging,
            differ: Vec::new(),
            unknown: None,
            evidence: None,
        }
    }

    /// Compares the facts of both. What no source says of either is passed over; what is known of one alone cannot be
    /// compared.
    pub(super) fn look(&mut self, except: &[String]) {
        let (mut one, mut other) = (
            self.production.facts.iter().peekable(),
            self.staging.facts.iter().peekable(),
        );
        // Both are in order of the names.
        loop {
            let order = match (one.peek(), other.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((one, _)), Some((other, _))) => one.cmp(other),
            };
            let one = if order.is_le() { one.next() } else { None };
            let other = if order.is_ge() { other.next() } else { None };
            let Some(fact) = one.or(other).map(|(fact, _)| fact) else {
                break;
            };
            if let Some(by) = by(fact)
                && !except.iter().any(|except| except == fact)
            {
                let (one, other) = (one.map(|(_, claim)| claim), other.map(|(_, claim)| claim));
                self.compare(fact, by, one, other);
            }
        }
    }

    fn compare(&mut self, fact: &'a str, by: By, one: Option<&'a Claim>, other: Option<&'a Claim>) {
        let known = |claim: Option<&'a Claim>| {
            claim.and_then(|claim| Some((claim.value()?, Evidence::of(claim, fact))))
        };
        let (Some((one, evidence)), Some((other, more))) = (known(one), known(other)) else {
            let (who, asset) = match known(one) {
                None => ("", self.production),
                Some(_) => ("its twin: ", self.staging),
            };
            self.unknown
                .get_or_insert_with(|| format!("{who}{}", reason(asset, fact)));
            return;
        };
        let evidence = evidence.and(more);
        self.evidence = Some(match self.evidence.take() {
            Some(have) => have.and(evidence),
            None => evidence,
        });
        if one == other && by.understands(one) || by.is_same(one, other) {
            return;
        }
        let one = by.parts(one, Environment::Production);
        let other = by.parts(other, Environment::Staging);
        let Some((one, other)) = one.zip(other) else {
            self.unknown.get_or_insert_with(|| misshapen(fact));
            return;
        };
        if let Some(what) = difference(&one, &other) {
            self.differ.push(format!("{fact}: {what}"));
        }
    }
}

/// What has to be alike, by name; a single value is under no name.
type Parts = BTreeMap<String, Part>;

/// What is compared, and what is shown of it.
struct Part {
    same: String,
    shown: String,
}

impl From<String> for Part {
    fn from(shown: String) -> Self {
        let same = shown.clone();
        Self { same, shown }
    }
}

/// What is compared of an image's name. Platforms that keep one for each app have the environment's word in it.
fn same_image(name: &str, environment: Environment) -> String {
    let mut same = String::with_capacity(name.len() + 4);
    for part in name.split('/') {
        words(part, environment, &mut same);
    }
    same
}

fn image(reference: &str, environment: Environment) -> Part {
    let shown = ImageName::of(reference).whole.into_owned();
    let same = same_image(&shown, environment);
    Part { same, shown }
}

impl By {
    /// Whether two values are the same, where that is quickly seen: most images differ in their environment's word alone.
    fn is_same(self, production: &Value, staging: &Value) -> bool {
        let (By::Image, Some(one), Some(other)) = (self, production.as_str(), staging.as_str())
        else {
            return false;
        };
        let name =
            |reference, environment| same_image(&ImageName::of(reference).whole, environment);
        name(one, Environment::Production) == name(other, Environment::Staging)
    }

    /// Whether a value has the fact's shape.
    fn understands(self, value: &Value) -> bool {
        match self {
            By::Switch => value.as_bool().is_some(),
            By::Word | By::Image => shape::word(value).is_some(),
            By::Any | By::Items => shape::words(value).is_some(),
            By::Names => shape::marks(value).is_some(),
            By::Images | By::Ports | By::Mounts => {
                self.parts(value, Environment::Production).is_some()
            }
        }
    }

    fn parts(self, value: &Value, environment: Environment) -> Option<Parts> {
        let single = |part: Part| Parts::from([(String::new(), part)]);
        let empty = || Part::from(String::new());
        Some(match self {
            By::Switch => single(Value::from(value.as_bool()?).to_string().into()),
            By::Word => single(shape::word(value)?.to_owned().into()),
            By::Image => single(image(shape::word(value)?, environment)),
            By::Any => {
                let any = !shape::words(value)?.is_empty();
                single(if any { "some" } else { "none" }.to_owned().into())
            }
            By::Items => {
                let items = shape::words(value)?.iter();
                items.map(|item| (item.to_string(), empty())).collect()
            }
            By::Names => {
                let names = shape::marks(value)?.names();
                names.map(|name| (name.to_owned(), empty())).collect()
            }
            By::Images => {
                let rows = value.as_table()?.iter();
                let row = |(name, row): (&str, &Value)| {
                    let reference = row.as_table()?.get("image")?.as_str()?;
                    Some((name.to_owned(), image(reference, environment)))
                };
                rows.map(row).collect::<Option<_>>()?
            }
            By::Ports => {
                let rows = value.as_table()?.iter();
                rows.map(|(_, row)| port(row)).collect::<Option<_>>()?
            }
            By::Mounts => {
                let rows = value.as_table()?.iter();
                let row = |(name, row): (&str, &Value)| {
                    let row = row.as_table()?;
                    let kind = row.get("kind").map_or(Some("mount"), Value::as_str)?;
                    let readonly = row.get("readonly").map_or(Some(false), Value::as_bool)?;
                    let way = if readonly { "read-only" } else { "writable" };
                    Some((name.to_owned(), format!("{kind} {way}").into()))
                };
                rows.map(row).collect::<Option<_>>()?
            }
        })
    }
}

fn port(row: &Value) -> Option<(String, Part)> {
    let row = row.as_table()?;
    let text = |name: &str, absent| row.get(name).map_or(Some(absent), Value::as_str);
    let number = shape::port_number(row.get("port")?)?;
    let mut says = text("reach", "unknown")?.to_owned();
    match row.get("tls").map(|tls| tls.as_str()) {
        Some(None) => return None,
        tls => match tls.flatten() {
            Some("none") => says.push_str(" in plain text"),
            Some(tls) => {
                let _ = write!(says, " with TLS {tls}");
            }
            None => {}
        },
    }
    let name = format!("{number}/{}", text("protocol", "tcp")?);
    Some((name, says.into()))
}

/// What is in one alone, and what is not the same in both; none where all is.
fn difference(production: &Parts, staging: &Parts) -> Option<String> {
    let only = |here: &Parts, there: &Parts, whose: &str| {
        let names = here.keys().filter(|name| !there.contains_key(*name));
        let names: Vec<&str> = names.map(String::as_str).collect();
        let more = names.len().saturating_sub(SHOWN);
        let shown = names.get(..SHOWN.min(names.len())).unwrap_or_default();
        let mut text = shown.join(", ");
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
        (!text.is_empty()).then(|| format!("{text} in {whose} only"))
    };
    let mut found: Vec<String> = only(production, staging, "production")
        .into_iter()
        .collect();
    found.extend(only(staging, production, "staging"));
    for (name, one) in production {
        let other = staging.get(name).filter(|other| other.same != one.same);
        let Some(other) = other else {
            continue;
        };
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("{name} ")
        };
        let (one, other) = (&one.shown, &other.shown);
        found.push(format!("{name}{one} in production, {other} in staging"));
    }
    (!found.is_empty()).then(|| found.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_what_is_compared() {
        assert!(COMPARED.is_sorted());
        assert!(COMPARED.iter().all(|fact| by(fact).is_some()));
        assert!(by(fact::REPLICAS).is_none() && by(fact::IMAGE_DIGESTS).is_none());
    }
}
