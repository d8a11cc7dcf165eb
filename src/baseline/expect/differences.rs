//! How two systems differ that should be alike in everything but scale.

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_model::{Asset, Value, fact};

use crate::baseline::environment::Environment;
use crate::baseline::image::ImageName;
use crate::baseline::names::words;
use crate::baseline::outcome::{Evidence, reason};

/// How many items of a set are named.
const SHOWN: usize = 5;

/// A fact that is compared, and how.
pub(super) struct Compared {
    pub(super) fact: &'static str,
    by: By,
}

/// What of a fact has to be alike.
#[derive(Clone, Copy)]
enum By {
    /// All of it.
    Value,
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

const fn compared(fact: &'static str, by: By) -> Compared {
    Compared { fact, by }
}

/// Everything that is compared. What is not here is scale (replicas, bounds, sizes, regions, hosts, names, addresses, how
/// long backups are kept), differs for each asset (marks of commands and values), or runs ahead (tags, digests, releases).
pub(super) const COMPARED: &[Compared] = &[
    compared(fact::PLATFORM, By::Value),
    compared(fact::PLATFORM_KIND, By::Value),
    compared(fact::IMAGE, By::Image),
    compared(fact::IMAGES, By::Images),
    compared(fact::VERSION, By::Value),
    compared(fact::ARCHITECTURE, By::Value),
    compared(fact::PORTS, By::Ports),
    compared(fact::HTTPS_FORCED, By::Value),
    compared(fact::ENV, By::Names),
    compared(fact::SECRETS, By::Names),
    compared(fact::MOUNTS, By::Mounts),
    compared(fact::DEVICES, By::Items),
    compared(fact::USER_ROOT, By::Value),
    compared(fact::READONLY_ROOT, By::Value),
    compared(fact::PRIVILEGED, By::Value),
    compared(fact::CAPABILITIES_ADDED, By::Items),
    compared(fact::CAPABILITIES_DROPPED, By::Items),
    compared(fact::NAMESPACES_HOST, By::Items),
    compared(fact::SECURITY_OPTIONS, By::Items),
    compared(fact::CLOCK_SETTABLE, By::Value),
    compared(fact::SERVICE_ACCOUNT_TOKEN, By::Value),
    compared(fact::RESTART_POLICY, By::Value),
    compared(fact::HEALTH_CHECKED, By::Value),
    compared(fact::ENCRYPTED_AT_REST, By::Value),
    compared(fact::BACKUP_ENABLED, By::Value),
    compared(fact::LOG_DRIVER, By::Value),
    compared(fact::LOGS_DESTINATIONS, By::Any),
];

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

    /// Compares one fact. What no source says of either is passed over; what is known of one alone cannot be compared.
    pub(super) fn look(&mut self, compared: &Compared) {
        let fact = compared.fact;
        let (one, other) = (self.production.get(fact), self.staging.get(fact));
        if one.is_none() && other.is_none() {
            return;
        }
        let known = |claim: Option<&'a plimsoll_model::Claim>| {
            claim.and_then(|claim| Some((claim.value()?, Evidence::of(claim, compared.fact))))
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
        if one == other {
            return;
        }
        let one = compared.by.parts(one, Environment::Production);
        let other = compared.by.parts(other, Environment::Staging);
        let Some((one, other)) = one.zip(other) else {
            self.unknown
                .get_or_insert_with(|| format!("`{fact}` has a value of the wrong shape"));
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

/// An image's name. Platforms that keep one for each app have the environment's word in it.
fn image(reference: &str, environment: Environment) -> Part {
    let shown = ImageName::of(reference).whole.into_owned();
    let mut same = String::new();
    for part in shown.split('/') {
        words(part, environment, &mut same);
    }
    Part { same, shown }
}

impl By {
    fn parts(self, value: &Value, environment: Environment) -> Option<Parts> {
        let single = |part: Part| Parts::from([(String::new(), part)]);
        let empty = || Part::from(String::new());
        Some(match self {
            By::Value => single(value.to_string().into()),
            By::Image => single(image(value.as_str()?, environment)),
            By::Any => {
                let any = !value.as_list()?.is_empty();
                single(if any { "some" } else { "none" }.to_owned().into())
            }
            By::Items => {
                let items = value.as_list()?.iter();
                items.map(|item| (item.to_string(), empty())).collect()
            }
            By::Names => {
                let names = value.as_table()?.names();
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
                    let kind = row.get("kind").and_then(Value::as_str).unwrap_or("mount");
                    let readonly = row.get("readonly").and_then(Value::as_bool) == Some(true);
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
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let number = row.get("port")?.as_int()?;
    let mut says = text("reach").unwrap_or("unknown").to_owned();
    match text("tls") {
        Some("none") => says.push_str(" in plain text"),
        Some(tls) => {
            let _ = write!(says, " with TLS {tls}");
        }
        None => {}
    }
    let name = format!("{number}/{}", text("protocol").unwrap_or("tcp"));
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
