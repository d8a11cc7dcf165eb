//! Autoscalers: a number of instances inside their bounds is a reading, and no fact.

use std::collections::BTreeMap;

use plimsoll_model::{Table, Text, Value, fact};

use super::{Piece, actions, reported, unknown, word};
use crate::wire::{Autoscaler, Meta};

/// What each autoscaler scales: namespace, kind and name.
#[derive(Default)]
pub(crate) struct Autoscalers<'a>(BTreeMap<(Text, Text, Text), Bounds<'a>>);

#[derive(Clone, Debug)]
struct Bounds<'a> {
    meta: &'a Meta,
    name: Text,
    min: i64,
    max: Option<i64>,
}

impl<'a> Autoscalers<'a> {
    /// By what they scale. Of two on one thing, which is a mistake of its owner, the first by name.
    pub(crate) fn of(items: impl IntoIterator<Item = &'a Autoscaler>) -> Self {
        let mut all: BTreeMap<_, Bounds<'a>> = BTreeMap::new();
        for one in items {
            let target = &one.spec.scale_target_ref;
            let key = (
                Text::from(one.metadata.space()),
                target.kind.clone(),
                target.name.clone(),
            );
            let bounds = Bounds {
                meta: &one.metadata,
                name: one.metadata.name.clone(),
                // The server's default (autoscaling/v2, minReplicas).
                min: one.spec.min_replicas.unwrap_or(1),
                max: one.spec.max_replicas,
            };
            match all.get(&key) {
                Some(first) if first.name <= bounds.name => {}
                _ => {
                    all.insert(key, bounds);
                }
            }
        }
        Self(all)
    }

    fn get(&self, space: &str, word: &str, name: &str) -> Option<&Bounds<'a>> {
        self.0.get(&(space.into(), word.into(), name.into()))
    }
}

/// Claims how many instances are asked for, and what may change that.
pub(crate) fn claim(
    piece: &mut Piece,
    autoscalers: Option<&Autoscalers<'_>>,
    (space, kind, name): (&str, &str, &str),
    replicas: i64,
) {
    let asset = &mut piece.asset;
    let Some(autoscalers) = autoscalers else {
        // Whether it may be scaled is not known, so neither is whether another number is a change.
        let why = "the autoscalers of its namespace could not be listed";
        asset.claim(fact::AUTOSCALING, unknown(why));
        asset.claim(fact::REPLICAS, unknown(why));
        return;
    };
    let asked = reported(replicas, "spec.replicas");
    let Some(bounds) = autoscalers.get(space, kind, name) else {
        asset.claim(fact::REPLICAS, asked);
        return;
    };
    let mut table = Table::new();
    table.insert("by", Value::Text(word(&bounds.name)));
    if let Some(max) = bounds.max {
        table.insert("max", Value::Int(max));
    }
    table.insert("min", Value::Int(bounds.min));
    let by = "HorizontalPodAutoscaler spec.minReplicas, maxReplicas";
    asset.claim(fact::AUTOSCALING, reported(table, by));
    if replicas >= bounds.min && bounds.max.is_none_or(|max| replicas <= max) {
        asset.reading(fact::REPLICAS, asked);
    } else {
        asset.claim(fact::REPLICAS, asked);
    }
    let object = format!("HorizontalPodAutoscaler {}", bounds.name);
    let done = actions::of_other(&asset.id, &object, bounds.meta);
    piece.actions.extend(done);
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::AssetId;

    fn piece() -> Piece {
        Piece::bare(AssetId::of("workload", &["w"]), "workload", "w")
    }

    fn scaled(replicas: i64, name: &str) -> Piece {
        let json = r#"[{"metadata":{"name":"web","namespace":"shop","managedFields":[{"manager":"kubectl-edit","operation":"Update","time":"2026-01-02T03:04:05Z","fieldsV1":{"f:spec":{"f:maxReplicas":{}}}}]},
            "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":10}}]"#;
        let items: Vec<Autoscaler> = serde_json::from_str(json).unwrap();
        let all = Autoscalers::of(&items);
        let mut piece = piece();
        let place = ("shop", "Deployment", name);
        claim(&mut piece, Some(&all), place, replicas);
        piece
    }

    #[test]
    fn a_number_inside_the_bounds_is_no_fact() {
        for replicas in [2, 7, 10] {
            let one = scaled(replicas, "web").asset;
            assert!(one.readings.contains("replicas") && !one.facts.contains("replicas"));
        }
        for replicas in [0, 1, 11] {
            let one = scaled(replicas, "web").asset;
            assert!(one.facts.contains("replicas"), "{replicas}");
        }
        let one = scaled(7, "other").asset;
        assert!(one.facts.contains("replicas") && !one.facts.contains("autoscaling"));
    }

    #[test]
    fn whoever_changes_the_bounds_has_done_it_to_the_workload() {
        let piece = scaled(7, "web");
        assert_eq!(piece.actions[0].fields, ["spec.maxReplicas"]);
        let object = piece.actions[0].details.get("object").unwrap();
        assert_eq!(object, "HorizontalPodAutoscaler web");
    }

    #[test]
    fn without_sight_of_autoscalers_the_number_is_unknown() {
        let mut piece = piece();
        claim(&mut piece, None, ("shop", "Deployment", "web"), 3);
        assert!(piece.asset.facts.get("replicas").unwrap().value().is_none());
    }
}
