//! What differs between two looks at one asset, by path.

use plimsoll_model::{Alias, Asset, Claim, Facts, Labels, Table, Text, Value, fact, redacted};

use super::PathChange;

/// The properties that went from one value to another, in order of their paths.
///
/// How a fact is known is no property of the asset, so only values count. A value that was lost sight of is no
/// change; when it is seen again it is compared with what was last known. Marks made under two redaction keys
/// are no change either. Readings are left out.
pub fn diff(before: &Asset, after: &Asset) -> Vec<PathChange> {
    compare(before, after).0
}

/// What [`diff`] gives, and how many hidden values could not be compared, since they were marked under two redaction keys.
pub fn compare(before: &Asset, after: &Asset) -> (Vec<PathChange>, u64) {
    let mut differ = Differ {
        found: Vec::new(),
        uncompared: 0,
    };
    differ.text("name", &before.name, &after.name);
    differ.text("kind", &before.kind, &after.kind);
    differ.identity(before, after);
    differ.labels(&before.labels, &after.labels);
    differ.facts(before, after);
    differ.found.sort_by(|a, b| a.path.cmp(&b.path));
    (differ.found, differ.uncompared)
}

/// Whether a path differs because a newer edition of the collector reads it another way, and not because the asset changed: a
/// fact that one of both does not have, or has by another basis. Under another id marks are others too: the id is a part of them.
pub fn is_of_reading(path: &PathChange, before: &Asset, after: &Asset, other_id: bool) -> bool {
    let mark = |value: &Option<Value>| {
        let text = value.as_ref().and_then(Value::as_str);
        text.is_some_and(|text| redacted::parse(text).is_some())
    };
    if other_id && mark(&path.from) && mark(&path.to) {
        return true;
    }
    let names = before.facts.iter().chain(after.facts.iter());
    let fitting = names
        .map(|(name, _)| name)
        .filter(|name| path_is_of(&path.path, name));
    let Some(fact) = fitting.max_by_key(|name| name.len()) else {
        return false;
    };
    match (before.facts.get(fact), after.facts.get(fact)) {
        (Some(was), Some(is)) => was.basis() != is.basis(),
        _ => true,
    }
}

/// Whether a path is a part of a fact: `ports[…]` and `ports` are of `ports`, `portside` is not.
pub fn path_is_of(path: &str, fact: &str) -> bool {
    path.strip_prefix(fact)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

struct Differ {
    found: Vec<PathChange>,
    /// How many marks were made under two keys.
    uncompared: u64,
}

impl Differ {
    fn text(&mut self, path: &str, before: &Text, after: &Text) {
        if before != after {
            self.note(
                path.into(),
                Some(before.clone().into()),
                Some(after.clone().into()),
            );
        }
    }

    /// Another thing under the same name: of one kind of proof both have one, and not the same.
    fn identity(&mut self, before: &Asset, after: &Asset) {
        let only = |asset: &Asset, namespace: &str| {
            let mut fitting = asset
                .aliases
                .iter()
                .filter(|alias| alias.namespace() == namespace);
            let first = fitting
                .next()
                .and_then(|alias| Some(Text::from(alias.0.split_once(':')?.1)));
            first.filter(|_| fitting.next().is_none())
        };
        for alias in &after.aliases {
            let namespace = alias.namespace();
            if namespace == Alias::CALLED {
                continue;
            }
            let (was, is) = (only(before, namespace), only(after, namespace));
            if let (Some(was), Some(is)) = (was, is)
                && was != is
            {
                self.note(
                    step("aliases", namespace),
                    Some(was.into()),
                    Some(is.into()),
                );
            }
        }
    }

    fn labels(&mut self, before: &Labels, after: &Labels) {
        for (name, was, is) in paired(before.iter(), after.iter()) {
            let same = match (was, is) {
                (Some(was), Some(is)) => self.same(was, is),
                _ => false,
            };
            if !same {
                let value = |text: &Text| Value::Text(text.clone());
                self.note(step("labels", name), was.map(value), is.map(value));
            }
        }
    }

    fn facts(&mut self, before: &Asset, after: &Asset) {
        let reading = |readings: &Facts, name: &str| {
            readings.get(name).and_then(|claim| claim.value().cloned())
        };
        for (name, was, is) in paired(before.facts.iter(), after.facts.iter()) {
            match (was, is) {
                // It is told as a reading now: that is no change of it.
                (Some(_), None) if after.readings.contains(name) => continue,
                (None, Some(_)) if before.readings.contains(name) => {
                    let is = is.and_then(Claim::value);
                    if let Some(is) = is {
                        let was = reading(&before.readings, name);
                        self.values(Text::from(name), was.as_ref(), Some(is));
                    }
                    continue;
                }
                _ => {}
            }
            let is_value = match is {
                // Not known now: no change, the last known is carried on.
                Some(claim) if claim.value().is_none() => continue,
                Some(claim) => claim.value(),
                None => None,
            };
            // Never known before: to know it now is no change of the asset.
            let was_value = match was {
                Some(claim) => match claim.last_value() {
                    Some(value) => Some(value),
                    None => continue,
                },
                None => None,
            };
            self.values(Text::from(name), was_value, is_value);
        }
    }

    fn values(&mut self, path: Text, was: Option<&Value>, is: Option<&Value>) {
        match (was, is) {
            (Some(Value::Table(was)), Some(Value::Table(is))) => self.tables(&path, was, is),
            (Some(Value::Text(was)), Some(Value::Text(is))) if self.same(was, is) => {}
            (was, is) if was == is => {}
            (Some(Value::List(was)), Some(Value::List(is))) if self.same_list(was, is) => {}
            (was, is) => self.note(path, was.cloned(), is.cloned()),
        }
    }

    fn tables(&mut self, path: &str, before: &Table, after: &Table) {
        for (name, was, is) in paired(before.iter(), after.iter()) {
            // What comes and goes by itself did not change.
            let passes = match (was, is) {
                (Some(row), None) | (None, Some(row)) => is_passing(row) || name == fact::PASSING,
                _ => false,
            };
            if !passes {
                self.values(step(path, name), was, is);
            }
        }
    }

    /// Whether two texts are the same as far as can be known.
    fn same(&mut self, was: &str, is: &str) -> bool {
        let same = redacted::same(was, is);
        self.uncompared += u64::from(same && was != is);
        same
    }

    /// Whether two lists differ in nothing but the keys of marks.
    fn same_list(&mut self, was: &[Value], is: &[Value]) -> bool {
        let same = |was: &Value, is: &Value| match (was, is) {
            (Value::Text(was), Value::Text(is)) => redacted::same(was, is),
            (was, is) => was == is,
        };
        let all = was.len() == is.len() && was.iter().zip(is).all(|(was, is)| same(was, is));
        if all {
            let other = was.iter().zip(is).filter(|(was, is)| was != is);
            self.uncompared += other.count() as u64;
        }
        all
    }

    fn note(&mut self, path: Text, from: Option<Value>, to: Option<Value>) {
        self.found.push(PathChange { path, from, to });
    }
}

/// Whether a row of a table says of itself that it comes and goes.
fn is_passing(row: &Value) -> bool {
    let passing = row.as_table().and_then(|row| row.get(fact::PASSING));
    passing.and_then(Value::as_bool) == Some(true)
}

/// `ports` and `443/tcp` make `ports[443/tcp]`; `a` and `b` make `a.b`.
fn step(path: &str, name: &str) -> Text {
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let mut text = Text::from(path);
    if plain {
        text.push('.');
        text.push_str(name);
    } else {
        text.push('[');
        text.push_str(name);
        text.push(']');
    }
    text
}

/// Walks two sorted maps side by side.
fn paired<'a, V: 'a>(
    before: impl Iterator<Item = (&'a str, &'a V)>,
    after: impl Iterator<Item = (&'a str, &'a V)>,
) -> Vec<(&'a str, Option<&'a V>, Option<&'a V>)> {
    let (mut before, mut after) = (before.peekable(), after.peekable());
    let mut pairs = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return pairs,
        };
        let was = if order.is_le() { before.next() } else { None };
        let is = if order.is_ge() { after.next() } else { None };
        if let Some((name, _)) = was.or(is) {
            pairs.push((
                name,
                was.map(|(_, value)| value),
                is.map(|(_, value)| value),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::AssetId;

    fn asset(json: &str) -> Asset {
        let mut asset = Asset::new(AssetId::of("host", &["a"]), "host", "a");
        asset.facts = serde_json::from_str(json).unwrap();
        asset.settle();
        asset
    }

    fn paths(before: &str, after: &str) -> Vec<String> {
        let show = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
        diff(&asset(before), &asset(after))
            .into_iter()
            .map(|change| {
                format!(
                    "{}: {} > {}",
                    change.path,
                    show(change.from),
                    show(change.to)
                )
            })
            .collect()
    }

    #[test]
    fn a_change_is_told_at_its_deepest_path() {
        assert_eq!(
            paths(
                r#"{"ports":{"value":{"0.0.0.0:80/tcp":{"process":"nginx"}}}}"#,
                r#"{"ports":{"value":{"0.0.0.0:80/tcp":{"process":"httpd"},"[::]:22/tcp":{}}}}"#,
            ),
            [
                "ports[0.0.0.0:80/tcp].process: nginx > httpd",
                "ports[[::]:22/tcp]: - > none"
            ]
        );
    }

    #[test]
    fn order_has_no_meaning_unless_it_has() {
        assert!(paths(r#"{"networks":["a","b"]}"#, r#"{"networks":["b","a"]}"#).is_empty());
        assert_eq!(
            paths(r#"{"command":["a","b"]}"#, r#"{"command":["b","a"]}"#),
            ["command: a, b > b, a"]
        );
    }

    #[test]
    fn what_comes_and_goes_by_itself_is_no_change() {
        let (none, one) = (
            r#"{"ports":{"value":{}}}"#,
            r#"{"ports":{"value":{"127.0.0.1:9000/tcp":{"passing":true}}}}"#,
        );
        assert!(paths(none, one).is_empty() && paths(one, none).is_empty());
        let lasting = r#"{"ports":{"value":{"127.0.0.1:9000/tcp":{}}}}"#;
        assert!(paths(one, lasting).is_empty());
        assert_eq!(paths(none, lasting).len(), 1);
    }

    #[test]
    fn evidence_is_not_the_thing() {
        let after = r#"{"a":{"value":1,"how":"measured","basis":"x"}}"#;
        assert!(paths(r#"{"a":1}"#, after).is_empty());
    }

    #[test]
    fn lost_sight_is_no_change_and_what_happened_in_the_dark_shows() {
        let lost = r#"{"a":{"how":"unknown","basis":"gone","last_known":1}}"#;
        assert!(paths(r#"{"a":1}"#, lost).is_empty());
        assert!(paths(lost, r#"{"a":1}"#).is_empty());
        assert_eq!(paths(lost, r#"{"a":2}"#), ["a: 1 > 2"]);
        assert!(
            paths(
                r#"{"a":{"how":"unknown","basis":"never seen"}}"#,
                r#"{"a":2}"#
            )
            .is_empty()
        );
    }

    #[test]
    fn a_fact_that_becomes_a_reading_is_no_change_and_what_leaves_its_bounds_is() {
        let of = |fact: Option<i64>, reading: Option<i64>| {
            let mut asset = asset("{}");
            if let Some(size) = fact {
                asset.claim("size", Claim::reported(size));
            }
            if let Some(size) = reading {
                asset.reading("size", Claim::reported(size));
            }
            asset
        };
        assert!(diff(&of(Some(10), None), &of(None, Some(12))).is_empty());
        assert!(diff(&of(None, Some(10)), &of(Some(10), None)).is_empty());
        let left = diff(&of(None, Some(10)), &of(Some(30), None));
        assert_eq!(left.len(), 1);
        assert_eq!(
            (&left[0].from, &left[0].to),
            (&Some(Value::Int(10)), &Some(Value::Int(30)))
        );
    }

    #[test]
    fn another_thing_under_the_same_name_is_a_change() {
        let of = |aliases: &[(&str, &str)]| {
            let mut asset = asset("{}");
            let aliases = aliases
                .iter()
                .map(|(space, value)| Alias::new(space, value));
            asset.aliases = aliases.collect();
            asset
        };
        let one = of(&[("fly-app", "1"), ("called", "app:x/a")]);
        let other = of(&[("fly-app", "2"), ("called", "app:x/b")]);
        let told = diff(&one, &other);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].path, "aliases.fly-app");
        assert!(
            diff(&of(&[]), &other).is_empty(),
            "a proof that was not there before says nothing"
        );
    }

    #[test]
    fn what_a_newer_edition_reads_otherwise_is_told_apart() {
        let before = asset(r#"{"a":{"value":1,"basis":"x"},"b":{"value":1,"basis":"x"}}"#);
        let after =
            asset(r#"{"a":{"value":2,"basis":"x"},"b":{"value":2,"basis":"y"},"c":{"value":1}}"#);
        let paths = diff(&before, &after);
        let left = paths
            .iter()
            .filter(|path| !is_of_reading(path, &before, &after, false));
        assert_eq!(
            left.map(|path| path.path.as_str()).collect::<Vec<_>>(),
            ["a"]
        );
    }

    #[test]
    fn a_new_redaction_key_is_no_change() {
        let mark = |key: &str, digit: &str| {
            format!(
                r#"{{"env":{{"value":{{"A":"secret:{key}:{}"}}}}}}"#,
                digit.repeat(32)
            )
        };
        assert!(paths(&mark("00000001", "a"), &mark("00000002", "b")).is_empty());
        assert_eq!(
            paths(&mark("00000001", "a"), &mark("00000001", "b")).len(),
            1
        );
        let list = |key: &str, digit: &str| {
            let digits = digit.repeat(32);
            format!(r#"{{"args":{{"value":["--password","secret:{key}:{digits}"]}}}}"#)
        };
        assert!(paths(&list("00000001", "a"), &list("00000002", "b")).is_empty());
        assert_eq!(
            paths(&list("00000001", "a"), &list("00000001", "b")).len(),
            1
        );
    }

    #[test]
    fn a_fact_of_a_path() {
        assert!(path_is_of("ports[80/tcp].reach", "ports") && path_is_of("ports", "ports"));
        assert!(path_is_of("image.digests", "image") && !path_is_of("portside", "ports"));
    }
}
