//! What a workload's containers are told: variables, commands, probes, resources. Names are shown, values are not.

use std::collections::BTreeMap;

use plimsoll_model::{Claim, Table, Text, Value, fact};

use super::hidden::is_name;
use super::{Piece, Site, reported, word};
use crate::wire::{Container, EnvSource, PodSpec, Probe, Source};

/// Claims all of it.
pub(crate) fn claim(site: &Site<'_>, piece: &mut Piece, spec: &PodSpec) {
    let all: Vec<&Container> = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter())
        .collect();
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
    probes(piece, spec);
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

/// Variables with a plain value, by name. One that several containers have is one, with a mark over all its values.
fn env(site: &Site<'_>, piece: &Piece, all: &[&Container]) -> Table {
    let mut values: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for container in all {
        for variable in container.env.iter() {
            if variable.value_from.is_none() {
                let value = variable.value.as_deref().unwrap_or_default();
                let name = variable.name.as_str();
                let name = if is_name(name) { name } else { "(other)" };
                let values = values.entry(name).or_default();
                values.push((container.name.as_str(), value));
            }
        }
    }
    let rows = values.into_iter().map(|(name, mut values)| {
        values.sort_unstable();
        let mark = match values.as_slice() {
            [(_, value)] => site.redactor.mark(&piece.asset.id, name, value.as_bytes()),
            several => {
                let parts = several
                    .iter()
                    .map(|(container, value)| format!("{container}\0{value}"));
                let whole = parts.collect::<Vec<_>>().join("\0");
                site.redactor.mark(&piece.asset.id, name, whole.as_bytes())
            }
        };
        (Text::from(name), Value::Text(mark))
    });
    rows.collect()
}

/// Where the other variables come from, by name: which secret or config map and which key of it, never a value.
fn references(all: &[&Container]) -> Table {
    let mut table = Table::new();
    for container in all {
        for variable in container.env.iter() {
            if let Some(source) = &variable.value_from
                && is_name(&variable.name)
            {
                table.insert(variable.name.clone(), Value::Text(source_of(source)));
            }
        }
        for source in container.env_from.iter() {
            let (name, from) = whole_of(source);
            table.insert(name, Value::Text(from));
        }
    }
    table
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
    let mut said: Vec<String> = all
        .iter()
        .filter(|one| !words(one).is_empty())
        .map(|one| match all {
            [_] => words(one).join("\0"),
            _ => format!("{}\0{}", one.name, words(one).join("\0")),
        })
        .collect();
    if said.is_empty() {
        return None;
    }
    said.sort_unstable();
    let whole = said.join("\0\0");
    let mark = site
        .redactor
        .mark_sized(&piece.asset.id, what, whole.as_bytes());
    Some(mark)
}

fn probes(piece: &mut Piece, spec: &PodSpec) {
    let mut table = Table::new();
    let mut all = !spec.containers.is_empty();
    for container in spec.containers.iter() {
        let probes = [
            ("liveness", &container.liveness_probe),
            ("readiness", &container.readiness_probe),
            ("startup", &container.startup_probe),
        ];
        all &= probes.iter().any(|(_, probe)| probe.is_some());
        let row: Table = probes
            .into_iter()
            .filter_map(|(name, probe)| {
                let sort = probe.as_ref().map(Probe::sort)?;
                Some((name, Value::Text(sort.into())))
            })
            .collect();
        if !row.is_empty() {
            table.insert(word(&container.name), Value::Table(row));
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
        if !row.is_empty() {
            table.insert(word(&container.name), Value::Table(row));
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
