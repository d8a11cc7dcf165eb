//! What a workload's containers are told: variables, commands, probes, resources. Names are shown, values are not.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_kit::{class_of, with_class};
use plimsoll_model::{Claim, Table, Text, Value, fact};

use super::hidden::is_name;
use super::running::Running;
use super::{Piece, Site, reported, word};
use crate::wire::{Container, EnvSource, PodSpec, Source, Variable};

/// Claims all of it.
pub(crate) fn claim(site: &Site<'_>, piece: &mut Piece, running: &Running<'_>) {
    let all = running.containers();
    let env = env(site, piece, &all);
    piece
        .asset
        .claim(fact::ENV, reported(env, "containers' env"));
    let references = references(&all);
    if !references.is_empty() {
        let claim = reported(references, "containers' env.valueFrom, envFrom");
        piece.asset.claim("env.references", claim);
    }
    for (name, by, words) in [
        (
            fact::ENTRYPOINT,
            "containers' command",
            (|one| &one.command) as fn(&Container) -> &[Text],
        ),
        (fact::COMMAND, "containers' args", |one| &one.args),
    ] {
        if let Some(mark) = words_of(site, piece, name, &all, words) {
            piece.asset.claim(name, reported(mark, by));
        }
    }
    probes(site, piece, running);
    steps(piece, running);
    let resources = resources(&all);
    if !resources.is_empty() {
        let claim = reported(resources, "containers' resources");
        piece.asset.claim("resources", claim);
    }
    let pulled: Vec<&Text> = all
        .iter()
        .filter_map(|one| one.image_pull_policy.as_ref())
        .collect();
    if let Some(first) = pulled
        .first()
        .filter(|first| pulled.iter().all(|one| one == *first))
    {
        let claim = reported(word(first), "containers' imagePullPolicy");
        piece.asset.claim("image.pull-policy", claim);
    }
}

/// The containers that run one after the other before the others start, in their order.
fn steps(piece: &mut Piece, running: &Running<'_>) {
    let Some(spec) = running.told.first() else {
        return;
    };
    if spec.init_containers.len() > 1 {
        let names = spec.init_containers.iter().map(|one| one.name.as_str());
        // As one text: a list of facts has no order.
        let line = word(&names.collect::<Vec<_>>().join(", "));
        let claim = reported(line, "the order of initContainers");
        piece.asset.claim("init-order", claim);
    }
}

/// The variables of a container that count: of two with one name the later.
fn standing(container: &Container) -> Vec<&Variable> {
    let mut last: BTreeMap<&str, &Variable> = BTreeMap::new();
    for variable in container.env.iter() {
        last.insert(variable.name.as_str(), variable);
    }
    last.into_values().collect()
}

/// A variable's value, and what it sees of others by `$(NAME)` where that is not what stands in the end: only those before it
/// are filled in.
fn value_of(container: &Container, variable: &Variable) -> String {
    let value = variable.value.as_deref().unwrap_or_default();
    let mut whole = value.to_owned();
    let own = container
        .env
        .iter()
        .rposition(|one| one.name == variable.name);
    let before = container.env.get(..own.unwrap_or(0)).unwrap_or_default();
    let mut rest = value;
    while let Some((_, from)) = rest.split_once("$(") {
        let Some((name, after)) = from.split_once(')') else {
            break;
        };
        let seen = before.iter().rfind(|one| one.name == name);
        let stands = container.env.iter().rfind(|one| one.name == name);
        if seen != stands {
            let seen = seen.and_then(|one| one.value.as_deref());
            whole.push_str(&format!("\0{name}={}", seen.unwrap_or_default()));
        }
        rest = after;
    }
    whole
}

/// Variables with a plain value, by name. One that several containers have is one, with a mark over all its values.
fn env(site: &Site<'_>, piece: &Piece, all: &[&Container]) -> Table {
    let mut values: BTreeMap<&str, BTreeSet<(&str, String)>> = BTreeMap::new();
    for container in all {
        for variable in standing(container) {
            if variable.value_from.is_none() {
                let name = variable.name.as_str();
                let name = if is_name(name) { name } else { "(other)" };
                let values = values.entry(name).or_default();
                values.insert((container.name.as_str(), value_of(container, variable)));
            }
        }
    }
    let rows = values.into_iter().map(|(name, values)| {
        let values: Vec<(&str, String)> = values.into_iter().collect();
        let mark = match values.as_slice() {
            [(_, value)] => site
                .redactor
                .mark_value(&piece.asset.id, name, value.as_bytes()),
            several => {
                let parts = several
                    .iter()
                    .map(|(container, value)| format!("{container}\0{value}"));
                let whole = parts.collect::<Vec<_>>().join("\0");
                let mark = site.redactor.mark(&piece.asset.id, name, whole.as_bytes());
                // One that gives a secret away is enough.
                let classes = several.iter().map(|(_, value)| class_of(value.as_bytes()));
                let worst = classes.max_by_key(|class| class.as_secret());
                worst.map_or(mark.clone(), |class| with_class(mark, class))
            }
        };
        (Text::from(name), Value::Text(mark))
    });
    rows.collect()
}

/// Where the other variables come from, by name: which secret or config map and which key of it, never a value. Of several
/// sources with one key the last counts, so their order is told.
fn references(all: &[&Container]) -> Table {
    let mut found: BTreeMap<Text, BTreeSet<(&str, Text)>> = BTreeMap::new();
    for container in all {
        let mut add = |name: Text, from: Text| {
            let of = found.entry(name).or_default();
            of.insert((container.name.as_str(), from));
        };
        for variable in standing(container) {
            if let Some(source) = &variable.value_from
                && is_name(&variable.name)
            {
                add(variable.name.clone(), source_of(source));
            }
        }
        let mut order: Vec<Text> = Vec::new();
        for source in container.env_from.iter() {
            let (name, from) = whole_of(source);
            order.push(name.clone());
            add(name, from);
        }
        if order.len() > 1 {
            let name = word(&format!("(order of {})", container.name));
            add(name, word(&order.join(", ")));
        }
    }
    let rows = found.into_iter().map(|(name, of)| {
        let texts: BTreeSet<&Text> = of.iter().map(|(_, from)| from).collect();
        let text = match texts.first() {
            Some(one) if texts.len() == 1 => (*one).clone(),
            _ => {
                let each = of
                    .iter()
                    .map(|(container, from)| format!("{container}: {from}"));
                word(&each.collect::<Vec<_>>().join("; "))
            }
        };
        (name, Value::Text(text))
    });
    rows.collect()
}

fn source_of(source: &Source) -> Text {
    let key = |sort: &str, name: &Option<Text>, key: &Option<Text>| {
        let name = name.as_deref().unwrap_or_default();
        word(&format!(
            "{sort} {name} key {}",
            key.as_deref().unwrap_or_default()
        ))
    };
    if let Some(one) = &source.secret_key_ref {
        key("from secret", &one.name, &one.key)
    } else if let Some(one) = &source.config_map_key_ref {
        key("from config map", &one.name, &one.key)
    } else if let Some(one) = &source.field_ref {
        let path = one.field_path.as_deref().unwrap_or_default();
        word(&format!("from field {path}"))
    } else if source.resource_field_ref.is_some() {
        "from its resources".into()
    } else {
        "from a source that is not understood".into()
    }
}

fn whole_of(source: &EnvSource) -> (Text, Text) {
    let prefix = source.prefix.as_deref().unwrap_or_default();
    let (sort, name) = match (&source.secret_ref, &source.config_map_ref) {
        (Some(one), _) => ("secret", &one.name),
        (None, Some(one)) => ("config map", &one.name),
        (None, None) => ("source", &None),
    };
    let name = name.as_deref().unwrap_or_default();
    (
        word(&format!("{prefix}* ({sort} {name})")),
        word(&format!("all of {sort} {name}")),
    )
}

/// Commands as one mark with a length class; none where no container has one.
fn words_of(
    site: &Site<'_>,
    piece: &Piece,
    what: &str,
    all: &[&Container],
    words: fn(&Container) -> &[Text],
) -> Option<Text> {
    let names: BTreeSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    let said: BTreeSet<String> = all
        .iter()
        .filter(|one| !words(one).is_empty())
        .map(|one| match names.len() {
            1 => words(one).join("\0"),
            _ => format!("{}\0{}", one.name, words(one).join("\0")),
        })
        .collect();
    if said.is_empty() {
        return None;
    }
    let whole = said.into_iter().collect::<Vec<_>>().join("\0\0");
    let mark = site
        .redactor
        .mark_sized(&piece.asset.id, what, whole.as_bytes());
    Some(mark)
}

/// Probes by their sort; all else that they say (a command, a path, how patient they are) as a mark.
fn probes(site: &Site<'_>, piece: &mut Piece, running: &Running<'_>) {
    let mut table = Table::new();
    let mut all = !running.declared.containers.is_empty();
    let containers = running.told.iter().flat_map(|spec| spec.containers.iter());
    for container in containers {
        let probes = [
            ("liveness", &container.liveness_probe),
            ("readiness", &container.readiness_probe),
            ("startup", &container.startup_probe),
        ];
        // What was put in by whoever admits pods is no part of what the workload promises.
        let own = running.is_declared(&container.name);
        all &= !own || probes.iter().any(|(_, probe)| probe.is_some());
        let mut row = Table::new();
        for (name, probe) in probes {
            if let Some(probe) = probe {
                let what = format!("probe {} {name}", container.name);
                let whole = probe.text.as_bytes();
                let mark = site.redactor.mark(&piece.asset.id, &what, whole);
                row.insert(name, Value::Text(probe.sort().into()));
                row.insert(word(&format!("{name}-details")), Value::Text(mark));
            }
        }
        let key = word(&container.name);
        if !row.is_empty() && !table.contains(&key) {
            table.insert(key, Value::Table(row));
        }
    }
    let by = "containers' livenessProbe, readinessProbe, startupProbe";
    piece.asset.claim(fact::HEALTH_CHECKED, reported(all, by));
    if !table.is_empty() {
        piece.asset.claim("probes", reported(table, by));
    }
}

fn resources(all: &[&Container]) -> Table {
    let mut table = Table::new();
    for container in all {
        let mut row = Table::new();
        for (what, amounts) in [
            ("limit", &container.resources.limits),
            ("request", &container.resources.requests),
        ] {
            for (name, amount) in amounts.iter() {
                let text = word(&amount.to_string());
                row.insert(word(&format!("{name}-{what}")), Value::Text(text));
            }
        }
        let key = word(&container.name);
        if !row.is_empty() && !table.contains(&key) {
            table.insert(key, Value::Table(row));
        }
    }
    table
}

/// When containers are started again, in the words that all collectors share.
pub(crate) fn restart_policy(spec: &PodSpec) -> Option<Claim> {
    let word = match spec.restart_policy.as_deref()? {
        "Always" => "always",
        "OnFailure" => "on-failure",
        "Never" => "no",
        _ => return None,
    };
    Some(reported(word, "restartPolicy"))
}
