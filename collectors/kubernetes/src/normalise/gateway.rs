//! Gateways and routes of the Gateway API.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{AssetId, RelationKind, Table, Text, Value, fact, kind};

use super::certificate::{self, Ends};
use super::ingress::Balancers;
use super::ports::Open;
use super::{Piece, Site, hidden, reach, reported, rules, unknown, word};
use crate::wire::{Gateway, Reference, Route};

/// A gateway's listener as a route is concerned with it.
pub(crate) struct Listening {
    name: Text,
    port: Option<u16>,
    open: Vec<Open>,
}

/// The listeners of each gateway, by namespace and name.
pub(crate) type Listeners = BTreeMap<(Text, Text), Vec<Listening>>;

/// A gateway or route with what else comes of it.
pub(crate) struct Found {
    pub(crate) piece: Piece,
    pub(crate) hosts: Vec<Text>,
    /// The secrets that it names, by namespace and name.
    pub(crate) secrets: BTreeSet<(Text, Text)>,
}

/// Reads a gateway, and what it listens to.
pub(crate) fn gateway(
    site: &Site<'_>,
    gateway: &Gateway,
    balancers: &Balancers,
    ends: Option<&Ends>,
) -> (Found, Vec<Listening>) {
    let (meta, spec) = (&gateway.metadata, &gateway.spec);
    let id = site.sorted(kind::ENDPOINT, meta.space(), "gateway", &meta.name);
    let mut piece = Piece::new(id, kind::ENDPOINT, "Gateway", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    piece.said(
        "gateway.class",
        spec.gateway_class_name.as_ref(),
        "spec.gatewayClassName",
    );
    let places = places(gateway, balancers);
    let mut listening = Vec::new();
    let mut table = Table::new();
    let (mut hosts, mut with_tls, mut secrets) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for listener in spec.listeners.iter() {
        let secure = matches!(listener.protocol.as_str(), "HTTPS" | "TLS");
        let protocol = if listener.protocol == "UDP" {
            "UDP"
        } else {
            "TCP"
        };
        let mut open = Vec::new();
        for (address, far) in &places {
            let Some(port) = listener.port else { continue };
            let mut one = Open::new(address, port, Some(protocol), far);
            // What goes through a TCP or UDP listener may have its own TLS; HTTP has none.
            one.tls = (listener.protocol == "HTTP").then(|| "none".into());
            if secure {
                let tls = listener.tls.as_ref();
                let policy =
                    tls.and_then(|tls| tls.options.values().find_map(|value| version(value)));
                one.tls = policy.map(Text::from);
            }
            let (key, row) = one.row(None);
            // Several listeners share a port, by host name: the weakest counts.
            if one.tls.as_deref() == Some("none") || !table.contains(&key) {
                table.insert(key, row);
            }
            open.push(one);
        }
        if let Some(host) = listener.hostname.as_deref().filter(|host| !host.is_empty()) {
            hosts.insert(word(host));
            if secure {
                with_tls.insert(word(host));
            }
        }
        let references = listener
            .tls
            .iter()
            .flat_map(|tls| tls.certificate_refs.iter());
        for reference in references.filter(|one| is(one, "", "Secret")) {
            let space = reference.namespace.as_deref().unwrap_or(meta.space());
            secrets.insert((word(space), word(&reference.name)));
        }
        listening.push(Listening {
            name: listener.name.clone(),
            port: listener.port,
            open,
        });
    }
    let by = "spec.listeners, and status.addresses";
    piece.asset.claim(fact::PORTS, reported(table, by));
    let hosts: Vec<Text> = hosts.into_iter().collect();
    let claim = reported(Value::texts(hosts.clone()), "spec.listeners.hostname");
    piece.asset.claim(fact::HOSTNAMES, claim);
    let claim = reported(Value::texts(with_tls), "spec.listeners.hostname, protocol");
    piece.asset.claim("tls.hostnames", claim);
    certificate::names(&mut piece, &hosts);
    let keys: Vec<(Text, Text)> = secrets.iter().cloned().collect();
    certificate::used(site, &mut piece, ends, &keys);
    hidden::annotations(site, &mut piece, "annotations", meta);
    let found = Found {
        piece,
        hosts,
        secrets,
    };
    (found, listening)
}

/// Whether a reference is to this kind of object; the core's group and a service or secret where nothing is said.
fn is(reference: &Reference, group: &str, kind: &str) -> bool {
    let same_group = reference.group.as_deref().unwrap_or_default() == group;
    same_group && reference.kind.as_deref().is_none_or(|one| one == kind)
}

/// A version of TLS in an option's value, as implementations name them: `TLSv1_2`, `1.2`, `TLSv1.3`.
fn version(value: &str) -> Option<&'static str> {
    let bare = value
        .trim()
        .trim_start_matches(|c: char| !c.is_ascii_digit());
    ["1.0", "1.1", "1.2", "1.3"]
        .into_iter()
        .find(|version| bare == *version || bare == version.replace('.', "_"))
}

fn places(gateway: &Gateway, balancers: &Balancers) -> Vec<(Text, &'static str)> {
    let class = gateway.spec.gateway_class_name.as_deref();
    // GKE's classes have it in their names. What a gateway hands down to a service of its own, that service says.
    let internal = match class.unwrap_or_default() {
        "gke-l7-rilb" | "gke-l7-cross-regional-internal-managed-mc" => Some(true),
        class if class.starts_with("gke-l7-") && class.contains("external") => Some(false),
        "gke-l7-gxlb" => Some(false),
        _ => None,
    };
    let given = gateway.status.addresses.iter();
    let places: Vec<(Text, &'static str)> = given
        .filter(|address| !address.value.is_empty())
        .map(|address| {
            let text = address.value.as_str();
            let far = reach::of_balancer(text, balancers.get(text).copied(), internal);
            (word(text), far)
        })
        .collect();
    if !places.is_empty() {
        return places;
    }
    vec![("edge".into(), reach::asked(internal))]
}

/// Reads a route. `listeners` are none where the gateways could not all be listed.
pub(crate) fn route(
    site: &Site<'_>,
    name: &str,
    route: &Route,
    listeners: Option<&Listeners>,
) -> (Found, Vec<(AssetId, AssetId)>) {
    let (meta, spec) = (&route.metadata, &route.spec);
    let id = site.sorted(kind::ENDPOINT, meta.space(), name, &meta.name);
    let mut piece = Piece::new(id.clone(), kind::ENDPOINT, name, meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    let forced = !spec.rules.is_empty()
        && spec.rules.iter().all(|rule| {
            let redirect = rule
                .filters
                .iter()
                .filter_map(|one| one.request_redirect.as_ref());
            redirect
                .clone()
                .any(|one| one.scheme.as_deref() == Some("https"))
        });
    let parents = spec.parent_refs.iter();
    let parents: Vec<&Reference> = parents
        .filter(|one| {
            let group = one.group.as_deref().unwrap_or(crate::kinds::GATEWAY_GROUP);
            let of_gateway = one.kind.as_deref().unwrap_or("Gateway") == "Gateway";
            group == crate::kinds::GATEWAY_GROUP && of_gateway
        })
        .collect();
    let mut table = Table::new();
    let mut seen = true;
    let mut from = Vec::new();
    for parent in &parents {
        let space = parent.namespace.as_deref().unwrap_or(meta.space());
        let gateway = site.sorted(kind::ENDPOINT, space, "gateway", &parent.name);
        from.push((gateway, id.clone()));
        let key = (Text::from(space), parent.name.clone());
        let Some(all) = listeners.and_then(|listeners| listeners.get(&key)) else {
            seen = false;
            continue;
        };
        let fit = all.iter().filter(|one| {
            let named = parent
                .section_name
                .as_ref()
                .is_none_or(|name| *name == one.name);
            named && parent.port.is_none_or(|port| Some(port) == one.port)
        });
        for open in fit.flat_map(|one| &one.open) {
            let mut open = open.clone();
            if forced && open.tls.as_deref() == Some("none") {
                open.redirects = true;
                open.tls = None;
            }
            let (key, row) = open.row(None);
            if open.tls.as_deref() == Some("none") || !table.contains(&key) {
                table.insert(key, row);
            }
        }
    }
    let ports = if seen {
        reported(table, "the listeners of the gateways in spec.parentRefs")
    } else {
        unknown("a gateway that it names is not in the inventory")
    };
    piece.asset.claim(fact::PORTS, ports);
    if name == "HTTPRoute" {
        let by = "spec.rules.filters.requestRedirect";
        piece.asset.claim(fact::HTTPS_FORCED, reported(forced, by));
    }
    let hosts: Vec<Text> = spec.hostnames.iter().map(|host| word(host)).collect();
    let claim = reported(Value::texts(hosts.clone()), "spec.hostnames");
    piece.asset.claim(fact::HOSTNAMES, claim);
    certificate::names(&mut piece, &hosts);
    let backends = spec.rules.iter().flat_map(|rule| rule.backend_refs.iter());
    let services: BTreeSet<(&str, &str)> = backends
        .filter(|one| is(one, "", "Service"))
        .map(|one| {
            (
                one.namespace.as_deref().unwrap_or(meta.space()),
                one.name.as_str(),
            )
        })
        .collect();
    for (space, name) in services {
        let to = site.in_space(kind::NETWORK_SERVICE, space, name);
        piece.relate(RelationKind::RoutesTo, to);
    }
    rules::claim_route(site, &mut piece, route);
    hidden::annotations(site, &mut piece, "annotations", meta);
    let found = Found {
        piece,
        hosts,
        secrets: BTreeSet::new(),
    };
    (found, from)
}
