//! Ways in which an answer can lack a part.

use serde_json::Value;

/// One way to spoil an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoil {
    /// Where: keys of objects and places of lists.
    path: Vec<Step>,
    way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Place(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The item or the field is not there.
    Drop,
    /// The item is there twice.
    Repeat,
    /// The list is in the opposite order.
    Reverse,
    /// The list ends before the item.
    Truncate,
}

impl Spoil {
    /// Whether it is done to a list or an item of one, and not to a field.
    pub fn is_of_list(&self) -> bool {
        self.way != Way::Drop || matches!(self.path.last(), Some(Step::Place(_)))
    }

    /// Does it to an answer of the same shape; does nothing to another.
    pub fn apply(&self, answer: &mut Value) {
        let Some((last, path)) = self.path.split_last() else {
            if let (Value::Array(items), Way::Reverse) = (answer, self.way) {
                items.reverse();
            }
            return;
        };
        let mut place = answer;
        for step in path {
            let next = match step {
                Step::Key(key) => place.get_mut(key),
                Step::Place(at) => place.get_mut(*at),
            };
            let Some(next) = next else { return };
            place = next;
        }
        match (place, last, self.way) {
            (Value::Object(fields), Step::Key(key), Way::Drop) => drop(fields.remove(key)),
            (place, Step::Key(key), Way::Reverse) => {
                if let Some(Value::Array(items)) = place.get_mut(key) {
                    items.reverse();
                }
            }
            (Value::Array(items), Step::Place(at), way) if *at < items.len() => match way {
                Way::Drop => drop(items.remove(*at)),
                Way::Truncate => items.truncate(*at),
                Way::Repeat => items.extend(items.get(*at).cloned()),
                Way::Reverse => {}
            },
            _ => {}
        }
    }
}

/// Every way to spoil an answer: each item of each list dropped, repeated, or with all that comes after it cut off; each list turned
/// round; and each field of what the lists and the answer itself hold left out.
pub fn spoils(answer: &Value) -> Vec<Spoil> {
    let mut found = Vec::new();
    walk(answer, &mut Vec::new(), 0, &mut found);
    found
}

/// How deep in an answer a field is left out by itself: what is deeper is a part of a part.
const DEEP: usize = 5;
/// What says who somebody is: left out as a whole.
const PEOPLE: [&str; 6] = [
    "user",
    "actor",
    "author",
    "committer",
    "merged_by",
    "merge_user",
];
/// What says nothing of a change, besides whatever ends in `url`.
const NOISE: [&str; 5] = [
    "repo",
    "_links",
    "node_id",
    "performed_via_github_app",
    "verification",
];

fn walk(value: &Value, path: &mut Vec<Step>, depth: usize, found: &mut Vec<Spoil>) {
    let note = |path: &[Step], way: Way, found: &mut Vec<Spoil>| {
        let path = path.to_vec();
        found.push(Spoil { path, way });
    };
    match value {
        Value::Array(items) => {
            if items.len() > 1 {
                note(path, Way::Reverse, found);
            }
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Place(at));
                for way in [Way::Drop, Way::Repeat, Way::Truncate] {
                    note(path, way, found);
                }
                walk(item, path, depth + 1, found);
                path.pop();
            }
        }
        Value::Object(fields) if depth < DEEP => {
            for (key, field) in fields {
                if key.ends_with("url") || NOISE.contains(&key.as_str()) {
                    continue;
                }
                path.push(Step::Key(key.clone()));
                note(path, Way::Drop, found);
                if !PEOPLE.contains(&key.as_str()) {
                    walk(field, path, depth + 1, found);
                }
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_part_is_met_in_every_way() {
        let answer = json!({"a": [1, {"b": 2, "url": 3}]});
        let mut made: Vec<String> = spoils(&answer)
            .iter()
            .map(|spoil| {
                let mut answer = answer.clone();
                spoil.apply(&mut answer);
                answer.to_string()
            })
            .collect();
        made.sort();
        let mut wanted = [
            json!({}),
            json!({"a": [{"b": 2, "url": 3}, 1]}),
            json!({"a": [{"b": 2, "url": 3}]}),
            json!({"a": [1, {"b": 2, "url": 3}, 1]}),
            json!({"a": []}),
            json!({"a": [1]}),
            json!({"a": [1, {"b": 2, "url": 3}, {"b": 2, "url": 3}]}),
            json!({"a": [1]}),
            json!({"a": [1, {"url": 3}]}),
        ]
        .map(|value| value.to_string());
        wanted.sort();
        assert_eq!(made, wanted);
    }
}
