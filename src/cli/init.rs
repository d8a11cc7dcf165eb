//! `plimsoll init`: a configuration of what was found here, with words to go on from.

use std::fmt::Write;

use plimsoll_kit::{Registration, Surroundings};
use plimsoll_settings::Mistakes;
use toml::{Table, Value};

use crate::config::{Config, FoundSource};
use crate::registry::COLLECTORS;

const HEAD: &str = "\
# Plimsoll's configuration, written from what was found on this machine.
#
# A line that begins with `#` and no space is a setting to try: take the `#` off. config.example.toml describes every
# key, and `plimsoll check` tries the file out.
";

const TAIL: &str = "\
# Which assets get which role or environment, where their labels do not say it. The first rule that fits decides.
#[[rules]]
#name = \"shop-*\"
#role = \"web-service\"
#environment = \"production\"

# What is left out, why, and until when. Every report counts it.
#[[ignore]]
#asset = \"container:*/legacy-*\"
#control = \"image-current\"
#reason = \"moves to the new cluster in spring\"
#until = 2030-12-31
";

/// The text of a configuration with what is found on this machine.
///
/// # Errors
/// The mistakes in what the environment says.
pub fn here() -> Result<String, Mistakes> {
    let config = Config::discovered(COLLECTORS, &Surroundings::here())?;
    Ok(render(&config, COLLECTORS))
}

/// The text of a configuration with the sources that were [found here](Config::discovered). It loads without mistakes.
pub fn render(config: &Config, registrations: &[Registration]) -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n[store]\n# Where the inventory and its history are kept.\n");
    line(&mut text, "#path", &config.store.path.to_string_lossy());
    if config.found.is_empty() {
        text.push_str(
            "\n# Nothing was found here to scan: add a [[sources]] for what there is elsewhere.\n",
        );
    }
    for found in &config.found {
        source(&mut text, found);
    }
    others(&mut text, config, registrations);
    text.push('\n');
    text.push_str(TAIL);
    text
}

fn source(text: &mut String, found: &FoundSource) {
    let _ = write!(text, "\n# Found: {}.\n[[sources]]\n", found.because);
    line(text, "name", &found.name);
    line(text, "collector", found.collector_name);
    // They were read as TOML before: a source is found only if its settings are right.
    let settings: Table = found.settings.parse().unwrap_or_default();
    if !settings.is_empty() {
        text.push_str("[sources.settings]\n");
    }
    for (name, value) in &settings {
        let _ = writeln!(text, "{} = {value}", key(name));
    }
}

/// The collectors that found nothing here, so that a person knows what else can be scanned.
fn others(text: &mut String, config: &Config, registrations: &[Registration]) {
    let found = |one: &&Registration| config.found.iter().any(|it| it.collector_name == one.name);
    let mut others = registrations.iter().filter(|one| !found(one)).peekable();
    if others.peek().is_some() {
        text.push_str(
            "\n# Other collectors; collectors/NAME/README.md says what each reads and needs:\n",
        );
    }
    for other in others {
        let _ = writeln!(text, "#   {}: {}", other.name, other.summary);
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", Value::from(value));
}

/// A key, in quotes where it needs them.
fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::example::uncommented;
    use crate::config::fake;

    #[test]
    fn what_it_writes_loads_and_scans_the_same() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("run/docker.sock"), "").unwrap();
        let surroundings = fake::surroundings(folder.path(), Some("/run/a \"b\".sock"));
        let registrations = fake::registrations();
        let config = Config::discovered(&registrations, &surroundings)
            .ok()
            .unwrap();
        let text = render(&config, &registrations);
        assert!(text.contains(
            "\n# Found: DOCKER_HOST is set.\n[[sources]]\nname = \"docker-2\"\ncollector = \"docker\"\n\
             [sources.settings]\nsocket = '/run/a \"b\".sock'\ntls = { ca = \"/ca.pem\" }\n"
        ), "{text}");
        assert!(
            text.contains("\n#   exec: findings that a program prints\n"),
            "{text}"
        );
        assert!(!text.contains("#   docker:"), "{text}");

        let path = folder.path().join("config.toml");
        for text in [uncommented(&text), text] {
            std::fs::write(&path, &text).unwrap();
            let loaded = Config::load(Some(&path), &registrations, &surroundings);
            let Ok(loaded) = loaded.map_err(|mistakes| panic!("{mistakes}\n{text}"));
            assert_eq!(loaded.store, config.store);
            assert!(loaded.found.is_empty());
            let names = |config: &Config| -> Vec<_> {
                let sources = config.sources.iter();
                sources
                    .map(|one| (one.name.clone(), one.collector_name))
                    .collect()
            };
            assert_eq!(names(&loaded), names(&config));
        }
    }
}
