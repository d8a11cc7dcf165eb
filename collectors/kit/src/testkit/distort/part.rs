//! Ways in which an answer can lack a part, or have one too many.

use serde_json::Value;

/// One part of a JSON answer, and what is done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distortion {
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
    /// The item comes twice in a row.
    Repeat,
    /// The item comes again at the end.
    Return,
    /// The list is in the opposite order.
    Reverse,
    /// The list ends before the item.
    Truncate,
}

impl Distortion {
    /// Every way to distort an answer, each once: each item of each list dropped, repeated, or cut off with all that comes after it; each
    /// list turned round; and each field left out.
    pub fn all(answer: &Value) -> Vec<Self> {
        let mut found = Vec::new();
        walk(answer, &mut Vec::new(), &mut found);
        found
    }

    /// Whether it is done to a list or an item of one, and not to a field.
    pub fn is_of_list(&self) -> bool {
        self.way != Way::Drop || matches!(self.path.last(), Some(Step::Place(_)))
    }

    /// Whether it is done to something inside a field of one of these names.
    pub fn is_inside(&self, names: &[&str]) -> bool {
        let path = self.path.split_last().map_or(&[][..], |(_, path)| path);
        let mut keys = path.iter();
        keys.any(|step| matches!(step, Step::Key(key) if names.contains(&key.as_str())))
    }

    /// Whether it is done to a field whose name ends so.
    pub fn is_of_name(&self, end: &str) -> bool {
        matches!(self.path.last(), Some(Step::Key(key)) if key.ends_with(end))
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
            (place, step, Way::Reverse) => {
                let list = match step {
                    Step::Key(key) => place.get_mut(key),
                    Step::Place(at) => place.get_mut(*at),
                };
                if let Some(Value::Array(items)) = list {
                    items.reverse();
                }
            }
            (Value::Array(items), Step::Place(at), way) if *at < items.len() => match way {
                Way::Drop => drop(items.remove(*at)),
                Way::Truncate => items.truncate(*at),
                Way::Repeat => items.insert(*at, items[*at].clone()),
                Way::Return => items.push(items[*at].clone()),
                Way::Reverse => {}
            },
            _ => {}
        }
    }
}

fn walk(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Distortion>) {
    let note = |path: &[Step], way: Way, found: &mut Vec<Distortion>| {
        let path = path.to_vec();
        found.push(Distortion { path, way });
    };
    match value {
        Value::Array(items) => {
            if items.len() > 1 {
                note(path, Way::Reverse, found);
            }
            for (at, item) in items.iter().enumerate() {
                let last = at + 1 == items.len();
                path.push(Step::Place(at));
                note(path, Way::Drop, found);
                note(path, Way::Repeat, found);
                if !last {
                    note(path, Way::Return, found);
                    note(path, Way::Truncate, found);
                }
                walk(item, path, found);
                path.pop();
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                path.push(Step::Key(key.clone()));
                note(path, Way::Drop, found);
                walk(field, path, found);
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
        let answer = json!({"a": [1, {"b": 2}], "c": [[3, 4]]});
        let mut made: Vec<String> = Distortion::all(&answer)
            .iter()
            .map(|distortion| {
                let mut answer = answer.clone();
                distortion.apply(&mut answer);
                answer.to_string()
            })
            .collect();
        made.sort();
        let c = json!([[3, 4]]);
        let mut wanted = [
            json!({"c": c}),
            json!({"a": [{"b": 2}, 1], "c": c}),
            json!({"a": [{"b": 2}], "c": c}),
            json!({"a": [1, 1, {"b": 2}], "c": c}),
            json!({"a": [1, {"b": 2}, 1], "c": c}),
            json!({"a": [], "c": c}),
            json!({"a": [1], "c": c}),
            json!({"a": [1, {"b": 2}, {"b": 2}], "c": c}),
            json!({"a": [1, {}], "c": c}),
            json!({"a": [1, {"b": 2}]}),
            json!({"a": [1, {"b": 2}], "c": []}),
            json!({"a": [1, {"b": 2}], "c": [[3, 4], [3, 4]]}),
            json!({"a": [1, {"b": 2}], "c": [[4, 3]]}),
            json!({"a": [1, {"b": 2}], "c": [[4]]}),
            json!({"a": [1, {"b": 2}], "c": [[3, 3, 4]]}),
            json!({"a": [1, {"b": 2}], "c": [[3, 4, 3]]}),
            json!({"a": [1, {"b": 2}], "c": [[]]}),
            json!({"a": [1, {"b": 2}], "c": [[3]]}),
            json!({"a": [1, {"b": 2}], "c": [[3, 4, 4]]}),
        ]
        .map(|value| value.to_string());
        wanted.sort();
        assert_eq!(made, wanted);
    }
}
