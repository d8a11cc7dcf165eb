//! How many containers a service has, and whether it scales by itself.

use plimsoll_kit::model::{Asset, Claim, Table, Value, fact};

use crate::wire::{Service, SizingPolicy};

const COUNT: &str = "GET /accounts/{id}/services container_count";
const MEMORY: &str = "GET /accounts/{id}/services container_memory_limit_mb";
const POLICY: &str = "GET /accounts/{id}/service_sizing_policies";

/// The policies of an environment; none where they could not be read.
pub(crate) type Policies<'a> = Option<&'a [SizingPolicy]>;

/// Claims a service's size. What scales by itself inside its bounds is a reading and no fact.
pub(crate) fn claim(asset: &mut Asset, service: &Service, policies: Policies<'_>) {
    let link = service._links.service_sizing_policy.as_ref();
    let policy = policies.zip(link).and_then(|(policies, link)| {
        let mut policies = policies.iter();
        policies.find(|policy| policy.id.as_ref() == Some(&link.id))
    });
    let scales = policy.filter(|policy| policy.scaling_enabled == Some(true));
    let how = scales.and_then(|policy| policy.autoscaling.as_deref());
    // A policy that is linked and could not be seen may move either.
    let unseen = link.is_some() && policy.is_none();
    let number = |number: i64, basis: &'static str| Claim::reported(number).by(basis);
    let bounds = scales.map(|policy| match how {
        Some("horizontal") => bounds(policy.min_containers, policy.max_containers),
        _ => bounds(policy.minimum_memory, policy.maximum_memory),
    });
    if let Some(count) = service.container_count {
        if unseen || how == Some("horizontal") {
            asset.reading(fact::REPLICAS, number(count, COUNT));
        } else {
            asset.claim(fact::REPLICAS, number(count, COUNT));
        }
    }
    if let Some(memory) = service.container_memory_limit_mb {
        if unseen || (scales.is_some() && how != Some("horizontal")) {
            asset.reading("memory.limit-mb", number(memory, MEMORY));
        } else {
            asset.claim("memory.limit-mb", number(memory, MEMORY));
        }
    }
    match (bounds, how) {
        (Some(bounds), Some("horizontal")) => {
            asset.claim(fact::AUTOSCALING, Claim::reported(bounds).by(POLICY));
        }
        (Some(bounds), _) => {
            asset.claim("autoscaling.memory-mb", Claim::reported(bounds).by(POLICY));
        }
        (None, _) if unseen => {
            let why = "the service's sizing policy could not be read";
            asset.claim(fact::AUTOSCALING, Claim::unknown(why));
        }
        (None, _) => {}
    }
}

fn bounds(least: Option<i64>, most: Option<i64>) -> Table {
    let ends = [("min", least), ("max", most)];
    let known = ends
        .into_iter()
        .filter_map(|(name, end)| Some((name, Value::Int(end?))));
    known.collect()
}
