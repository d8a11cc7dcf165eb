//! Settings are checked offline.

use plimsoll_settings::Document;

use super::Subject;
use crate::testkit::{Input, MARKER, build};

const STRANGER: &str = "zz-no-such-key";

/// Wrong settings give mistakes that name their place, an unknown key is one of them, the sample is right and knows
/// every key, and building connects nowhere.
///
/// # Panics
/// When that is not so.
pub fn settings_are_checked_offline(subject: &dyn Subject) {
    let registration = subject.registration();
    let bad = subject.bad_settings();
    assert!(!bad.is_empty(), "the subject names no bad settings");
    for settings in bad {
        let Err(mistakes) = build(&registration, settings) else {
            panic!("these settings are wrong, and no mistake says so:\n{settings}");
        };
        assert!(
            !mistakes.to_string().contains(MARKER),
            "a mistake shows a secret: {mistakes}"
        );
    }
    let input = subject.healthy();
    offline(subject, &input);
    let Err(mistakes) = Document::new("config.toml", nested(input.settings())).read(|root| {
        let settings = root.table("settings");
        settings.map(|settings| (registration.build)(&settings).is_some())
    }) else {
        panic!("an unknown key is taken without a word; does `build` call `Section::finish`?");
    };
    let mistake = mistakes
        .iter()
        .find(|mistake| mistake.message.contains(STRANGER));
    let Some(mistake) = mistake else {
        panic!("no mistake names the unknown key {STRANGER}: {mistakes}");
    };
    sample(&registration, mistake.hint.as_deref().unwrap_or_default());
    spoiled(&registration);
}

/// What may be pasted into the wrong place.
const PASTED: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// Whatever stands under a key, and whatever stands in its place: a mistake says by line and column where it is, and does
/// not repeat what may be a secret.
fn spoiled(registration: &crate::Registration) {
    let full = uncommented(registration.sample);
    let Ok(table) = full.parse::<toml::Table>() else {
        // Two keys that exclude each other may even be one key.
        return;
    };
    let long = toml::Value::String(PASTED.to_owned());
    let values = [
        long.clone(),
        toml::Value::String(String::new()),
        toml::Value::String("\u{0}\u{202e}ü".to_owned()),
        toml::Value::Array(vec![long.clone(), 7.into()]),
        toml::Value::Table(toml::Table::from_iter([(PASTED.to_owned(), long)])),
        i64::MAX.into(),
        (-1).into(),
        f64::NAN.into(),
        true.into(),
    ];
    let mut places = Vec::new();
    collect_places(&table, &mut Vec::new(), &mut places);
    for place in &places {
        for value in &values {
            let mut other = table.clone();
            put(&mut other, place, |table, key| {
                table.insert(key.to_owned(), value.clone());
            });
            tell_well(registration, &other, place);
        }
        let mut other = table.clone();
        put(&mut other, place, |table, key| {
            if let Some(value) = table.remove(key) {
                table.insert(PASTED.to_owned(), value);
            }
        });
        tell_well(registration, &other, place);
    }
}

/// The path of every key, those of tables too; of an array of tables those of its first.
fn collect_places(table: &toml::Table, path: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    for (key, value) in table {
        path.push(key.clone());
        places.push(path.clone());
        let inner = match value {
            toml::Value::Array(rows) => rows.first().and_then(toml::Value::as_table),
            other => other.as_table(),
        };
        if let Some(inner) = inner {
            collect_places(inner, path, places);
        }
        path.pop();
    }
}

fn put(table: &mut toml::Table, place: &[String], change: impl FnOnce(&mut toml::Table, &str)) {
    let Some((key, rest)) = place.split_first() else {
        return;
    };
    if rest.is_empty() {
        return change(table, key);
    }
    let inner = match table.get_mut(key) {
        Some(toml::Value::Array(rows)) => rows.first_mut().and_then(toml::Value::as_table_mut),
        Some(other) => other.as_table_mut(),
        None => None,
    };
    if let Some(inner) = inner {
        put(inner, rest, change);
    }
}

fn tell_well(registration: &crate::Registration, settings: &toml::Table, place: &[String]) {
    let Err(mistakes) = build(registration, &settings.to_string()) else {
        return;
    };
    for mistake in mistakes.iter() {
        let told = mistake.to_string();
        assert!(
            !told.contains(PASTED),
            "at {place:?}, a mistake repeats what may be a secret: {told}"
        );
        assert!(
            mistake.line > 0,
            "at {place:?}, a mistake does not say where it is: {told}"
        );
    }
}

/// The settings with an unknown key, where a configuration has them: in a table of its own, which nobody
/// finishes but the collector.
fn nested(settings: &str) -> String {
    let parsed = settings.parse::<toml::Table>();
    let mut settings = parsed.unwrap_or_else(|error| panic!("the healthy settings: {error}"));
    settings.insert(STRANGER.to_owned(), 1.into());
    let nested = toml::Table::from_iter([("settings".to_owned(), settings.into())]);
    nested.to_string()
}

fn offline(subject: &dyn Subject, input: &Input) {
    let before = input.files();
    let collector = subject.build(input);
    if let Some(server) = input.server() {
        assert_eq!(
            server.connections(),
            0,
            "building the collector connected to its server"
        );
    }
    assert!(
        before == input.files(),
        "building the collector changed the folder"
    );
    drop(collector);
}

/// The sample is right as it is, and its commented keys are known.
fn sample(registration: &crate::Registration, known: &str) {
    let sample = registration.sample;
    if let Err(mistakes) = build(registration, sample) {
        panic!("sample.toml is wrong as it is:\n{mistakes}");
    }
    let full = uncommented(sample);
    if let Err(mistakes) = build(registration, &full) {
        // Keys that exclude each other may stand in one sample; keys that do not exist may not.
        let mut unknown = mistakes
            .iter()
            .filter(|m| m.message.starts_with("unknown key"));
        if let Some(mistake) = unknown.next() {
            panic!("sample.toml with its comments taken off is wrong: {mistake}\n{full}");
        }
    }
    // Settings say "known here: a, b" about a key that nothing is near to.
    let known = known.strip_prefix("known here: ").unwrap_or_default();
    for key in known.split(", ").filter(|key| !key.is_empty()) {
        let there = full.lines().any(|line| {
            let line = line.trim_start_matches('[');
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with(['=', ']', '.']))
        });
        assert!(there, "sample.toml does not show the key `{key}`");
    }
}

/// The sample with `# key = value`, `#: key = value` and `# [table]` turned into settings.
fn uncommented(sample: &str) -> String {
    let line = |line: &str| {
        let Some(rest) = line.strip_prefix('#') else {
            return line.to_owned();
        };
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        if is_setting(rest) {
            rest.to_owned()
        } else {
            line.to_owned()
        }
    };
    sample.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn is_setting(line: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'.')
    };
    match line.split_once('=') {
        Some((key, _)) => word(key.trim_end()),
        None => line.starts_with('[') && line.trim_end().ends_with(']'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_come_off_settings_alone() {
        let sample = "# Which socket: a path.\n# path = \"x\"\n#[tls]\n#: ca = 1\nb = 2";
        assert_eq!(
            uncommented(sample),
            "# Which socket: a path.\npath = \"x\"\n[tls]\nca = 1\nb = 2"
        );
    }
}
