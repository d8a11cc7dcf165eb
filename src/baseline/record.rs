//! A baseline as a proposal, from what is live.

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_model::{Asset, Value, fact};

use super::Rule;
use super::estate::Estate;
use super::image::ImageName;
use super::load::Baselines;
use super::types::Severity;
use crate::inventory::Snapshot;

/// Something live with the systems that have it.
type Seen<'a> = BTreeMap<String, Vec<&'a str>>;

impl Baselines {
    /// The text of a baseline that allows what the systems of a role have now, each line with who has it, for a person to
    /// read, cut down and keep. None where no system has the role.
    ///
    /// What is live is not what was approved: the text says so.
    pub fn record(&self, snapshot: &Snapshot, role: &str, rules: &[Rule]) -> Option<String> {
        let estate = Estate::new(snapshot, self, rules);
        let systems = estate.systems.iter().filter(|system| system.role == role);
        let assets: Vec<&Asset> = systems.map(|system| snapshot.asset(system.at)).collect();
        if assets.is_empty() {
            return None;
        }
        let mut text = format!(
            "# Proposed from what is live ({} of the role {role}). Live is not approved: take out what should not be.\n\n\
             extends = {}\n",
            assets.len(),
            quoted(role)
        );
        let severity = |control: &str| {
            let mut role = self
                .role(role)
                .into_iter()
                .flat_map(|role| &role.expectations);
            role.find(|one| one.id == control)
                .map_or(Severity::Medium, |one| one.severity)
        };
        let expect = |text: &mut String, control: &str, key: &str, seen: &Seen<'_>| {
            let (name, severity) = (quoted(control), severity(control).as_str());
            let _ = write!(
                text,
                "\n[[expect]]\ncontrol = {name}\nseverity = \"{severity}\"\n"
            );
            list(text, key, seen);
        };
        expect(
            &mut text,
            "ports-allowed",
            "allowed",
            &seen(&assets, public_ports),
        );
        let capabilities = seen(&assets, |asset| texts(asset, fact::CAPABILITIES_ADDED));
        let namespaces = seen(&assets, |asset| texts(asset, fact::NAMESPACES_HOST));
        if !capabilities.is_empty() || !namespaces.is_empty() {
            expect(&mut text, "least-privilege", "capabilities", &capabilities);
            list(&mut text, "namespaces", &namespaces);
        }
        let registries = seen(&assets, |asset| registry(asset).into_iter().collect());
        if !registries.is_empty() {
            expect(&mut text, "image-pinned", "registries", &registries);
        }
        for (fact, what) in [
            (fact::PRIVILEGED, "privileged"),
            (fact::CLOCK_SETTABLE, "able to set the host's clock"),
            (fact::USER_ROOT, "root"),
        ] {
            let yes = assets
                .iter()
                .filter(|asset| asset.value(fact) == Some(&Value::Bool(true)));
            let names: Vec<&str> = yes.map(|asset| asset.name.as_str()).collect();
            if !names.is_empty() {
                let _ = write!(
                    text,
                    "\n# Not proposed, though live: {what} ({}).\n",
                    some(&names)
                );
            }
        }
        Some(text)
    }
}

fn list(text: &mut String, key: &str, seen: &Seen<'_>) {
    if seen.is_empty() {
        let _ = writeln!(text, "{key} = []");
        return;
    }
    let _ = writeln!(text, "{key} = [");
    for (item, names) in seen {
        let _ = writeln!(text, "    {item}, # {}", some(names));
    }
    text.push_str("]\n");
}

fn seen<'a>(assets: &[&'a Asset], what: impl Fn(&'a Asset) -> Vec<String>) -> Seen<'a> {
    let mut seen = Seen::new();
    for asset in assets {
        for item in what(asset) {
            let names = seen.entry(item).or_default();
            if names.last() != Some(&asset.name.as_str()) {
                names.push(&asset.name);
            }
        }
    }
    seen
}

fn public_ports(asset: &Asset) -> Vec<String> {
    let ports = asset.value(fact::PORTS).and_then(Value::as_table);
    let ports = ports
        .into_iter()
        .flat_map(|ports| ports.iter())
        .filter_map(|(_, port)| {
            let port = port.as_table()?;
            let text = |name: &str| port.get(name).and_then(Value::as_str);
            let number = port.get("port").and_then(Value::as_int)?;
            let protocol = text("protocol").unwrap_or("tcp");
            (text("reach") == Some("public")).then(|| quoted(&format!("{number}/{protocol}")))
        });
    ports.collect()
}

fn texts(asset: &Asset, fact: &str) -> Vec<String> {
    let list = asset
        .value(fact)
        .and_then(Value::as_list)
        .unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(quoted).collect()
}

/// The registry and folder that an image comes from; none for a local one.
fn registry(asset: &Asset) -> Option<String> {
    let digests = asset.value(fact::IMAGE_DIGESTS).and_then(Value::as_list)?;
    let name = ImageName::of(digests.iter().find_map(Value::as_str)?);
    let (folder, _) = name.whole.rsplit_once('/')?;
    Some(quoted(&format!("{folder}/*")))
}

/// A text as TOML writes it. Names come from outside, so everything special is escaped.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A few names for a comment, on one line.
fn some(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let clean = |name: &&str| name.replace(char::is_control, "?");
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(clean)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    text
}
