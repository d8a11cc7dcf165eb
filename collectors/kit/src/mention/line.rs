//! Lines such as `System: api, worker`.

use jiff::Timestamp;
use plimsoll_model::AssetId;

use super::{MOST, Mentions, Words};

/// The longest name that a line can give, in bytes.
const LONGEST_NAME: usize = 256;

/// Reads one line, where it has a key that is known.
pub(super) fn read(line: &str, words: &Words, found: &mut Mentions) {
    let Some((key, value)) = split(line) else {
        return;
    };
    let is = |list: &[String]| list.contains(&key);
    if is(&words.system) {
        names(&value, &mut found.names, &mut found.cut);
    } else if is(&words.environment) {
        names(&value, &mut found.environments, &mut found.cut);
    } else if is(&words.fact) {
        names(&value, &mut found.facts, &mut found.cut);
    } else if is(&words.release) {
        names(&value, &mut found.releases, &mut found.cut);
    } else if is(&words.operation) {
        names(&value, &mut found.operations, &mut found.cut);
    } else if is(&words.asset) {
        assets(&value, found);
    } else if is(&words.window) {
        window(&value, found);
    } else if is(&words.provision) {
        let said = yes(&value);
        flag(
            said,
            "provision",
            &mut found.provisions,
            &mut found.oddities,
        );
    } else if is(&words.emergency) {
        let said = yes(&value);
        flag(said, "emergency", &mut found.emergency, &mut found.oddities);
    }
}

/// The key in lower case and the value, both without the marks of lists, of emphasis and of code.
fn split(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(':')?;
    // No key is longer, and a line may be.
    if key.len() > 96 {
        return None;
    }
    let bare = |text: &str| -> String {
        let text = text.trim_start_matches(|char: char| {
            char.is_whitespace() || matches!(char, '-' | '*' | '•' | '>' | '#' | '_' | '|')
        });
        text.trim_matches(|char: char| {
            char.is_whitespace() || matches!(char, '*' | '_' | '`' | '|')
        })
        .to_owned()
    };
    let key = bare(key).to_lowercase();
    let value = bare(value);
    (!key.is_empty() && !value.is_empty()).then_some((key, value))
}

fn names(value: &str, list: &mut Vec<plimsoll_model::Text>, cut: &mut bool) {
    for name in parts(value) {
        if name.len() > LONGEST_NAME {
            *cut = true;
        } else {
            Mentions::note(list, name, cut);
        }
    }
}

fn parts(value: &str) -> impl Iterator<Item = &str> {
    let bare = |char: char| char.is_whitespace() || matches!(char, '`' | '*' | '"' | '\'');
    value
        .split([',', ';'])
        .map(move |part| part.trim_matches(bare))
        .filter(|part| !part.is_empty())
}

fn assets(value: &str, found: &mut Mentions) {
    for part in parts(value) {
        match AssetId::new(part) {
            Ok(id) if part.contains(':') && found.assets.len() < MOST => {
                if !found.assets.contains(&id) {
                    found.assets.push(id);
                }
            }
            Ok(_) if part.contains(':') => found.cut = true,
            _ => found.oddities.push(
                "it names an asset by something that is no id: take it from `plimsoll inventory list`".to_owned(),
            ),
        }
    }
}

/// `START/END`, each with its zone. A second one cannot be meant together with the first.
fn window(value: &str, found: &mut Mentions) {
    let read = value.split_once('/').and_then(|(start, end)| {
        let start: Timestamp = start.trim().parse().ok()?;
        let end: Timestamp = end.trim().parse().ok()?;
        (start <= end).then_some((start, end))
    });
    match (read, found.window) {
        (Some(read), None) => found.window = Some(read),
        (Some(read), Some(before)) if read == before => {}
        (Some(_), Some(_)) => found.oddities.push("it names two windows: leave one".to_owned()),
        (None, _) => found.oddities.push(
            "its window cannot be understood: write `2026-01-31T20:00Z/2026-01-31T22:00Z`, with a zone and the end after the start".to_owned(),
        ),
    }
}

fn yes(value: &str) -> Option<bool> {
    match value.trim().trim_end_matches('.').to_lowercase().as_str() {
        "yes" | "true" | "y" | "1" => Some(true),
        "no" | "false" | "n" | "0" | "none" | "-" => Some(false),
        _ => None,
    }
}

fn flag(said: Option<bool>, what: &str, place: &mut bool, oddities: &mut Vec<String>) {
    match said {
        Some(yes) => *place |= yes,
        None => oddities.push(format!(
            "what it says of `{what}` cannot be understood: write yes or no"
        )),
    }
}
