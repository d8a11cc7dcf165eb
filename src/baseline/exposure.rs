//! Which ways in lead to what.

use std::collections::HashMap;

use plimsoll_model::{RelationKind, Value, fact, kind};

use super::sharing::Ways;

/// From an endpoint over its route and its service to the workload.
const LONGEST_ROUTE: usize = 4;

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    /// The endpoint.
    pub(crate) endpoint: u32,
    /// Whether the public is known to reach it; it may, where that is not known.
    pub(crate) public: bool,
}

/// For everything that endpoints lead to: those that the public reaches, or may reach.
pub(crate) fn leads(ways: Ways<'_>) -> HashMap<u32, Vec<Lead>> {
    let mut leads: HashMap<u32, Vec<Lead>> = HashMap::new();
    for (at, node) in (0..).zip(ways.snapshot.nodes()) {
        if node.asset.kind != kind::ENDPOINT {
            continue;
        }
        let Some(public) = reached(node.asset.value(fact::PORTS)) else {
            continue;
        };
        let lead = Lead {
            endpoint: at,
            public,
        };
        let mut open = vec![at];
        for _ in 0..LONGEST_ROUTE {
            let mut next = Vec::new();
            for from in open.drain(..) {
                let edges = ways.outgoing(from).iter();
                for edge in edges.filter(|edge| edge.kind == RelationKind::RoutesTo) {
                    let known = leads.entry(edge.to).or_default();
                    if known.last() != Some(&lead) {
                        known.push(lead);
                        next.push(edge.to);
                    }
                }
            }
            open = next;
        }
    }
    leads
}

/// Whether the public is known to reach one of the ports; none where it is known to reach none.
fn reached(ports: Option<&Value>) -> Option<bool> {
    let Some(ports) = ports.and_then(Value::as_table) else {
        return Some(false);
    };
    let mut reached = None;
    for (_, port) in ports.iter() {
        let reach = port.as_table().and_then(|port| port.get("reach")?.as_str());
        match reach {
            Some("public") => return Some(true),
            Some("private" | "loopback") => {}
            _ => reached = Some(false),
        }
    }
    reached
}
