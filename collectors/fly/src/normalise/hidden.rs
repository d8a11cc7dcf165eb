//! What may be shown and what becomes a mark.

use plimsoll_kit::Redactor;
use plimsoll_model::{AssetId, Labels, Table, Text, Value};

use super::{Site, word};
use crate::wire::{Config, Map, Process};

/// Metadata of the platform that names things and is no secret.
const SHOWN: &[&str] = &["fly_platform_version", "fly_process_group"];
/// Metadata that every release writes anew: the facts say what matters of it.
const LEFT_OUT: &[&str] = &[
    "fly_flyctl_version",
    "fly_release_id",
    "fly_release_version",
    "fly_bluegreen_deployment_tag",
];
/// Metadata that is written for us to read.
const OURS: &str = "plimsoll";

/// Metadata as labels: the value of a key that is not on a list becomes a mark.
pub(crate) fn labels(site: &Site<'_>, asset: &AssetId, metadata: &Map<Text>) -> Labels {
    let seen = metadata.iter().filter_map(|(name, value)| {
        let value = value.as_deref().unwrap_or_default();
        let shown = SHOWN.contains(&name.as_str())
            || name.starts_with(OURS)
            || site.shown.iter().any(|shown| name == shown);
        match LEFT_OUT.contains(&name.as_str()) {
            true => None,
            false if shown => Some((word(name), word(value))),
            false => {
                let name = format!("metadata {name}");
                let mark = site.redactor.mark(asset, &name, value.as_bytes());
                Some((word(name.trim_start_matches("metadata ")), mark))
            }
        }
    });
    seen.collect()
}

/// Environment variables of the machine, its processes and its containers, as a table of name to mark.
pub(crate) fn env(redactor: &Redactor, asset: &AssetId, config: &Config) -> Table {
    let mut table = Table::new();
    let mut add = |prefix: &str, env: &Map<Text>| {
        for (name, value) in env {
            let name = format!("{prefix}{}", variable(name));
            let value = value.as_deref().unwrap_or_default();
            let mark = redactor.mark_value(asset, &name, value.as_bytes());
            table.insert(name, Value::Text(mark));
        }
    };
    add("", &config.env);
    for (prefix, process) in parts(config) {
        add(&format!("{prefix}/"), &process.env);
    }
    table
}

/// Files that are put into the machine, as a table of path to mark, or to the secret's name that it is filled from.
pub(crate) fn files(redactor: &Redactor, asset: &AssetId, config: &Config) -> Table {
    let mut table = Table::new();
    let own = config.files.iter().map(|file| (String::new(), file));
    let more = parts(config).flat_map(|(prefix, process)| {
        let files = process.files.iter();
        files.map(move |file| (format!("{prefix}:"), file))
    });
    for (prefix, file) in own.chain(more) {
        let path = format!("{prefix}{}", file.guest_path.as_deref().unwrap_or("?"));
        let value = match (&file.secret_name, &file.raw_value) {
            (Some(name), _) => Text::from(format!("secret {}", word(name))),
            (None, value) => {
                let value = value.as_deref().unwrap_or_default();
                redactor.mark(asset, &format!("file {path}"), value.as_bytes())
            }
        };
        table.insert(word(&path), Value::Text(value));
    }
    table
}

/// What is started as one mark with a length class; none where the image alone says it.
pub(crate) fn words<'c>(
    redactor: &Redactor,
    asset: &AssetId,
    what: &str,
    config: &'c Config,
    pick: impl Fn(&'c Process) -> &'c [Text],
) -> Option<Text> {
    let own = config.init.iter().map(|init| (String::new(), init));
    let mut all = Vec::new();
    for (prefix, process) in own.chain(parts(config)) {
        let words = pick(process);
        if !words.is_empty() {
            all.push(format!("{prefix}\0{}", words.join("\0")));
        }
    }
    let all = all.join("\0\0");
    (!all.is_empty()).then(|| redactor.mark_sized(asset, what, all.as_bytes()))
}

/// A machine's further processes and containers, each with what its names begin with.
fn parts(config: &Config) -> impl Iterator<Item = (String, &Process)> {
    let processes = config.processes.iter().zip(1..);
    let processes = processes.map(|(process, at)| (format!("process {at}"), process));
    let containers = config.containers.iter().map(|container| {
        let name = container.name.as_deref().unwrap_or("?");
        (format!("container {}", word(name)), container)
    });
    processes.chain(containers)
}

/// The name of a variable. What can be none may be a value that slipped there.
fn variable(name: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !name.is_empty() && name.len() <= 256 && name.bytes().all(fits) {
        name
    } else {
        "(other)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::redacted;

    #[test]
    fn values_become_marks_and_names_stay() {
        let config = r#"{
            "env":{"DATABASE_URL":"postgres://hunter2","odd name":"hunter3"},
            "init":{"cmd":["serve","--key","hunter4"]},
            "files":[{"guest_path":"/etc/key","raw_value":"aHVudGVyNQ=="},{"guest_path":"/etc/tls","secret_name":"TLS_KEY"}],
            "processes":[{"env":{"A":"hunter6"},"cmd":["hunter7"]}],
            "containers":[{"name":"side","env":{"B":"hunter8"},"files":[{"guest_path":"/f","raw_value":"hunter9"}]}]
        }"#;
        let config: Config = serde_json::from_str(config).unwrap();
        let redactor = Redactor::new([7; 32], "fly");
        let id = super::super::workload_id("a", "b");
        let env = env(&redactor, &id, &config);
        let names: Vec<_> = env.names().collect();
        assert_eq!(
            names,
            ["(other)", "DATABASE_URL", "container side/B", "process 1/A"]
        );
        let files = files(&redactor, &id, &config);
        assert_eq!(
            files.get("/etc/tls").unwrap().as_str(),
            Some("secret TLS_KEY")
        );
        assert!(files.contains("container side:/f"));
        let command = words(&redactor, &id, "command", &config, |process| &process.cmd).unwrap();
        assert!(redacted::parse(&command).is_some());
        let shown = format!("{env:?} {files:?} {command}");
        assert!(
            !shown.contains("hunter") && !shown.contains("aHVu"),
            "{shown}"
        );
    }

    #[test]
    fn metadata_is_shown_by_a_list() {
        let metadata: Map<Text> = serde_json::from_str(
            r#"{"fly_process_group":"web","fly_release_version":"7","team":"shop","token":"hunter2","plimsoll_role":"x","none":null}"#,
        )
        .unwrap();
        let redactor = Redactor::new([7; 32], "fly");
        let shown = ["team".to_owned()];
        let site = Site {
            number: "77".into(),
            slug: "acme".into(),
            regions: Default::default(),
            redactor: &redactor,
            shown: &shown,
        };
        let labels = labels(&site, &super::super::workload_id("a", "b"), &metadata);
        assert_eq!(labels.get("fly_process_group").unwrap(), "web");
        assert_eq!(labels.get("team").unwrap(), "shop");
        assert_eq!(labels.get("plimsoll_role").unwrap(), "x");
        assert!(!labels.contains("fly_release_version"));
        assert!(redacted::parse(labels.get("token").unwrap()).is_some());
        assert!(!format!("{labels:?}").contains("hunter2"));
    }
}
