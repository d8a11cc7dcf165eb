//! Ingresses: ways in that a controller keeps.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{RelationKind, Text, Value, fact, kind};

use super::certificate::{self, Ends};
use super::controllers::{Classes, Keeper};
use super::ports::Open;
use super::{Piece, Site, hidden, reach, reported, rules, service, unknown, word};
use crate::wire::{Backend, Ingress};

/// How far the balancers of the cluster's own services reach, by their addresses: an ingress has its controller's.
pub(crate) type Balancers = BTreeMap<Text, &'static str>;

/// Reads an ingress. Its host names, and the secrets that it names, come back with it.
pub(crate) fn ingress(
    site: &Site<'_>,
    ingress: &Ingress,
    balancers: &Balancers,
    classes: &Classes,
    ends: Option<&Ends>,
) -> (Piece, Vec<Text>, BTreeSet<Text>) {
    let (meta, spec) = (&ingress.metadata, &ingress.spec);
    let id = site.sorted(kind::ENDPOINT, meta.space(), "ingress", &meta.name);
    let mut piece = Piece::new(id, kind::ENDPOINT, "Ingress", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    let class = spec.ingress_class_name.as_deref();
    let class = class.or_else(|| meta.annotation("kubernetes.io/ingress.class"));
    piece.said(
        "ingress.class",
        class.map(Text::from).as_ref(),
        "spec.ingressClassName",
    );

    let keeper = classes.keeper(class);
    let ways = ways(ingress, keeper, balancers);
    let table = ways
        .iter()
        .map(|open| open.row(None))
        .collect::<plimsoll_model::Table>();
    let by = "spec.tls, the controller's annotations, and status.loadBalancer";
    piece.asset.claim(fact::PORTS, reported(table, by));
    forced(&mut piece, ingress, keeper, &ways);
    sources(&mut piece, ingress, keeper);
    rules::claim(site, &mut piece, spec);

    let mut hosts: Vec<Text> = spec
        .rules
        .iter()
        .filter_map(|rule| rule.host.as_deref())
        .chain(
            spec.tls
                .iter()
                .flat_map(|tls| tls.hosts.iter().map(Text::as_str)),
        )
        .filter(|host| !host.is_empty())
        .map(word)
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    let claim = reported(
        Value::texts(hosts.clone()),
        "spec.rules.host, spec.tls.hosts",
    );
    piece.asset.claim(fact::HOSTNAMES, claim);
    let with_tls: BTreeSet<Text> = spec
        .tls
        .iter()
        .flat_map(|tls| tls.hosts.iter())
        .map(|host| word(host))
        .collect();
    let claim = reported(Value::texts(with_tls), "spec.tls.hosts");
    piece.asset.claim("tls.hostnames", claim);
    // Where it is in the DNS, its names point to its balancer's.
    let addresses = ingress.status.load_balancer.ingress.iter();
    hosts.extend(
        addresses
            .filter_map(|one| one.hostname.as_deref())
            .map(word),
    );
    certificate::names(&mut piece, &hosts);

    let paths = spec.rules.iter().flat_map(|rule| rule.http.iter());
    let backends = paths.flat_map(|http| http.paths.iter().map(|path| &path.backend));
    let services: BTreeSet<&str> = backends
        .chain(spec.default_backend.iter())
        .filter_map(Backend::name)
        .collect();
    for name in services {
        let to = site.in_space(kind::NETWORK_SERVICE, meta.space(), name);
        piece.relate(RelationKind::RoutesTo, to);
    }
    let secrets: BTreeSet<Text> = spec
        .tls
        .iter()
        .filter_map(|tls| tls.secret_name.as_deref().filter(|name| !name.is_empty()))
        .map(word)
        .collect();
    let keys: Vec<(Text, Text)> = secrets
        .iter()
        .map(|name| (Text::from(meta.space()), name.clone()))
        .collect();
    certificate::used(site, &mut piece, ends, &keys);
    hidden::annotations(site, &mut piece, "annotations", meta);
    (piece, hosts, secrets)
}

impl Backend {
    fn name(&self) -> Option<&str> {
        let name = self.service.as_ref()?.name.as_str();
        Some(name).filter(|name| !name.is_empty())
    }
}

/// Which ports it has, how far they reach, and what they speak.
fn ways(ingress: &Ingress, keeper: Keeper, balancers: &Balancers) -> Vec<Open> {
    let meta = &ingress.metadata;
    let tls = !ingress.spec.tls.is_empty() || keeper.is_certified(meta);
    let listed = keeper.listeners(meta).and_then(listen_ports);
    let ports: Vec<(u16, bool)> = match listed {
        Some(ports) => ports,
        None if keeper.lists_ports() && tls => vec![(443, true)],
        None if keeper.secure_only(meta) => vec![(443, true)],
        None if tls => vec![(80, false), (443, true)],
        None => vec![(80, false)],
    };
    let version = keeper.policy(meta).and_then(service::policy_version);
    let redirects = keeper.redirects(meta);
    let mut all = Vec::new();
    for (address, far) in places(ingress, keeper, balancers) {
        for (port, secure) in &ports {
            let mut open = Open::new(&address, *port, None, far);
            open.redirects = !secure && tls && redirects == Some(true);
            open.tls = match (secure, open.redirects) {
                (false, false) => Some("none".into()),
                // Plain text that only sends on counts as what it sends on to.
                _ => version.map(Text::from),
            };
            all.push(open);
        }
    }
    all
}

/// Where it is, and how far that reaches.
fn places(ingress: &Ingress, keeper: Keeper, balancers: &Balancers) -> Vec<(Text, &'static str)> {
    let internal = keeper.internal(&ingress.metadata);
    let ranges = ranges(ingress, keeper);
    let given = ingress.status.load_balancer.ingress.iter();
    let places: Vec<(Text, &'static str)> = given
        .filter_map(|one| one.text())
        .map(|address| {
            let far = reach::of_balancer(address, balancers.get(address).copied(), internal);
            (word(address), reach::narrowed(far, &ranges))
        })
        .collect();
    if !places.is_empty() {
        return places;
    }
    let far = reach::narrowed(reach::asked(internal), &ranges);
    vec![("edge".into(), far)]
}

/// `[{"HTTP": 80}, {"HTTPS": 443}]`.
fn listen_ports(text: &str) -> Option<Vec<(u16, bool)>> {
    let list: Vec<BTreeMap<String, u16>> = serde_json::from_str(text).ok()?;
    let ports = list.into_iter().flatten();
    Some(
        ports
            .map(|(protocol, port)| (port, protocol == "HTTPS"))
            .collect(),
    )
}

fn forced(piece: &mut Piece, ingress: &Ingress, keeper: Keeper, ways: &[Open]) {
    let plain = ways
        .iter()
        .any(|open| open.tls.as_deref() == Some("none") || open.redirects);
    let has_tls = !ingress.spec.tls.is_empty();
    let claim = match keeper.redirects(&ingress.metadata) {
        _ if !plain => reported(true, "it has no port for plain HTTP"),
        Some(forced) => reported(
            forced && !ways.is_empty(),
            "the controller's annotation for redirects",
        ),
        None if !has_tls => reported(false, "spec.tls is empty"),
        None if keeper.usually_redirects() => unknown(
            "no annotation says so; its controller redirects where there is TLS unless its own configuration says otherwise",
        ),
        None => unknown(
            "no annotation that its controller is known to obey says whether plain HTTP is redirected",
        ),
    };
    piece.asset.claim(fact::HTTPS_FORCED, claim);
}

/// From where it lets in.
fn ranges(ingress: &Ingress, keeper: Keeper) -> Vec<Text> {
    keeper.sources(&ingress.metadata).map(word).collect()
}

fn sources(piece: &mut Piece, ingress: &Ingress, keeper: Keeper) {
    let ranges = ranges(ingress, keeper);
    if !ranges.is_empty() {
        let claim = reported(
            Value::texts(ranges),
            "the controller's annotation for source ranges",
        );
        piece.asset.claim(fact::SOURCES_ALLOWED, claim);
    }
}
