//! Network policies: what a cluster lets through.

use std::fmt::Write;

use plimsoll_model::{Table, Text, Value, kind};

use super::{Piece, Site, reported, word};
use crate::wire::{Policy, PolicyRule, Selector};

/// Reads a policy.
pub(crate) fn policy(site: &Site<'_>, policy: &Policy) -> Piece {
    let (meta, spec) = (&policy.metadata, &policy.spec);
    let id = site.in_space(kind::NETWORK_POLICY, meta.space(), &meta.name);
    let mut piece = Piece::new(id, kind::NETWORK_POLICY, "NetworkPolicy", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    let pods = word(&selector(&spec.pod_selector));
    piece
        .asset
        .claim("policy.pods", reported(pods, "spec.podSelector"));
    let types = &spec.policy_types;
    let has = |name: &str| types.iter().any(|one| one == name);
    // What holds where no type is named (networking/v1, policyTypes).
    let inward = has("Ingress") || types.is_empty();
    let outward = has("Egress") || (types.is_empty() && !spec.egress.is_empty());
    for (name, limits, rules, by) in [
        ("policy.ingress", inward, &spec.ingress, "spec.ingress"),
        ("policy.egress", outward, &spec.egress, "spec.egress"),
    ] {
        if limits {
            let lines = rules.iter().map(|rule| word(&line(rule)));
            piece.asset.claim(name, reported(Value::texts(lines), by));
        }
    }
    let mut restricts = Table::new();
    restricts.insert("egress", Value::Bool(outward));
    restricts.insert("ingress", Value::Bool(inward));
    let claim = reported(restricts, "spec.policyTypes");
    piece.asset.claim("policy.restricts", claim);
    piece
}

/// One rule as a line: who, and to which ports.
fn line(rule: &PolicyRule) -> String {
    let mut peers: Vec<String> = rule
        .peers
        .iter()
        .map(|peer| {
            let mut parts = Vec::new();
            if let Some(block) = &peer.ip_block {
                let mut part = block.cidr.to_string();
                if !block.except.is_empty() {
                    let except = sorted(block.except.iter());
                    let _ = write!(part, " but {except}");
                }
                parts.push(part);
            }
            if let Some(namespaces) = &peer.namespace_selector {
                parts.push(format!("namespaces {}", selector(namespaces)));
            }
            if let Some(pods) = &peer.pod_selector {
                parts.push(format!("pods {}", selector(pods)));
            }
            parts.join(" ")
        })
        .collect();
    peers.sort_unstable();
    peers.dedup();
    let mut ports: Vec<String> = rule
        .ports
        .iter()
        .map(|port| {
            let protocol = port
                .protocol
                .as_deref()
                .unwrap_or("TCP")
                .to_ascii_lowercase();
            let number = port.port.as_ref().map(ToString::to_string);
            let number = number.unwrap_or_else(|| "any".to_owned());
            match port.end_port {
                Some(end) => format!("{number}-{end}/{protocol}"),
                None => format!("{number}/{protocol}"),
            }
        })
        .collect();
    ports.sort_unstable();
    ports.dedup();
    let who = if peers.is_empty() {
        "anyone".to_owned()
    } else {
        peers.join(" or ")
    };
    let what = if ports.is_empty() {
        "any port".to_owned()
    } else {
        ports.join(", ")
    };
    format!("{who} on {what}")
}

/// A selector as people write it: `app=web, tier in (a, b)`; `all` where it chooses all.
fn selector(selector: &Selector) -> String {
    let mut parts: Vec<String> = selector
        .match_labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    for one in selector.match_expressions.iter() {
        let operator = one.operator.to_ascii_lowercase();
        let values = sorted(one.values.iter());
        parts.push(match values.is_empty() {
            true => format!("{} {operator}", one.key),
            false => format!("{} {operator} ({values})", one.key),
        });
    }
    if parts.is_empty() {
        return "all".to_owned();
    }
    parts.sort_unstable();
    parts.join(", ")
}

fn sorted<'t>(texts: impl Iterator<Item = &'t Text>) -> String {
    let mut texts: Vec<&str> = texts.map(Text::as_str).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_lines() {
        let rule: PolicyRule = serde_json::from_str(
            r#"{"from":[{"podSelector":{"matchLabels":{"app":"web"}}},{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"port":5432},{"port":"dns","protocol":"UDP"}]}"#,
        )
        .unwrap();
        assert_eq!(
            line(&rule),
            "10.0.0.0/8 but 10.1.0.0/16 or pods app=web on 5432/tcp, dns/udp"
        );
        let open: PolicyRule = serde_json::from_str("{}").unwrap();
        assert_eq!(line(&open), "anyone on any port");
    }
}
