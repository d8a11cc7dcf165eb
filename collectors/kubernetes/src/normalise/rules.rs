//! What an ingress or a route sends where, as marks: a path may be as good as a password, and its order may decide.

use std::collections::BTreeMap;

use plimsoll_model::{Table, Value};
use serde_json::json;

use super::{Piece, Site, reported, word};
use crate::wire::{Backend, IngressSpec, Route};

/// What stands for all hosts.
const ANY: &str = "*";

/// Claims the rules of an ingress, a mark for each host.
///
/// Of exact paths and prefixes the longest that fits decides, wherever it stands. How paths of the other type are matched is for
/// the controller to say, and most take the first that fits: their order is kept.
pub(crate) fn claim(site: &Site<'_>, piece: &mut Piece, spec: &IngressSpec) {
    let mut hosts: BTreeMap<&str, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for rule in spec.rules.iter() {
        let host = rule.host.as_deref().filter(|host| !host.is_empty());
        let (by_length, in_order) = hosts.entry(host.unwrap_or(ANY)).or_default();
        for path in rule.http.iter().flat_map(|http| http.paths.iter()) {
            let sort = path.sort.as_deref().unwrap_or_default();
            let text = path.path.as_deref().unwrap_or_default();
            let line = json!([sort, text, target(&path.backend)]).to_string();
            match sort {
                "Exact" | "Prefix" => by_length.push(line),
                _ => in_order.push(line),
            }
        }
    }
    let mut table = Table::new();
    let mut add = |host: &str, whole: String| {
        let what = format!("rules {host}");
        let mark = site
            .redactor
            .mark_sized(&piece.asset.id, &what, whole.as_bytes());
        table.insert(word(host), Value::Text(mark));
    };
    for (host, (mut by_length, in_order)) in hosts {
        by_length.sort_unstable();
        by_length.dedup();
        add(host, json!([by_length, in_order]).to_string());
    }
    if let Some(backend) = &spec.default_backend {
        add("(else)", target(backend));
    }
    if !table.is_empty() {
        let by = "spec.rules, spec.defaultBackend";
        piece.asset.claim("ingress.rules", reported(table, by));
    }
}

fn target(backend: &Backend) -> String {
    if let Some(resource) = &backend.resource {
        return json!([resource.kind, resource.name]).to_string();
    }
    let Some(service) = &backend.service else {
        return String::new();
    };
    let port = service.port.as_ref();
    let number = port.and_then(|port| port.number);
    json!([
        service.name,
        number,
        port.and_then(|port| port.name.as_deref())
    ])
    .to_string()
}

/// Claims the rules of a route as one mark: of two that fit as well the first decides.
pub(crate) fn claim_route(site: &Site<'_>, piece: &mut Piece, route: &Route) {
    let rules = &route.spec.rules;
    if rules.is_empty() {
        return;
    }
    let whole: Vec<&str> = rules.iter().map(|rule| rule.text.as_str()).collect();
    let whole = json!(whole).to_string();
    let mark = site
        .redactor
        .mark_sized(&piece.asset.id, "rules", whole.as_bytes());
    piece
        .asset
        .claim("route.rules", reported(mark, "spec.rules"));
}
