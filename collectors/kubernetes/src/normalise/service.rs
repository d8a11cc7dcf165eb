//! Services: names inside the cluster, and ways in where they say so.

use plimsoll_model::{RelationKind, Table, Text, Value, fact, kind};

use super::controllers::{self, Cloud, Keeper};
use super::ports::{Offer, Open};
use super::reach::{self, NodesReach};
use super::{Piece, Site, dns_name, hidden, reported, word};
use crate::wire::Service;

/// A service, what it is for workloads, and the names of its balancers.
pub(crate) struct Offered {
    pub(crate) piece: Piece,
    pub(crate) offer: Offer,
    /// Host names under which it is reached.
    pub(crate) names: Vec<Text>,
    /// Its balancers' addresses, with how far they reach.
    pub(crate) balancers: Vec<(Text, &'static str)>,
}

/// Reads a service. `cloud` keeps the balancers of those that name no class.
pub(crate) fn service(
    site: &Site<'_>,
    service: &Service,
    nodes: NodesReach,
    cloud: Cloud,
) -> Offered {
    let (meta, spec) = (&service.metadata, &service.spec);
    let id = site.in_space(kind::NETWORK_SERVICE, meta.space(), &meta.name);
    let mut piece = Piece::new(id.clone(), kind::NETWORK_SERVICE, "Service", meta);
    piece.within(site.namespace(meta.space()));
    piece.created(meta);
    piece.said("service.type", spec.sort.as_ref(), "spec.type");
    piece.said(
        "service.external-name",
        spec.external_name.as_ref(),
        "spec.externalName",
    );
    piece.said(
        "service.load-balancer-class",
        spec.load_balancer_class.as_ref(),
        "spec.loadBalancerClass",
    );
    let headless = spec.cluster_ip.as_deref() == Some("None");
    piece
        .asset
        .claim("service.headless", reported(headless, "spec.clusterIP"));
    let ports: Table = spec
        .ports
        .iter()
        .filter_map(|port| {
            let number = port.port?;
            let protocol = port
                .protocol
                .as_deref()
                .unwrap_or("TCP")
                .to_ascii_lowercase();
            let mut row = Table::new();
            if let Some(target) = &port.target_port {
                row.insert("target", Value::Text(word(&target.to_string())));
            }
            if let Some(name) = &port.name {
                row.insert("name", Value::Text(word(name)));
            }
            Some((word(&format!("{number}/{protocol}")), Value::Table(row)))
        })
        .collect();
    piece
        .asset
        .claim("service.ports", reported(ports, "spec.ports"));
    let selector: Table = spec
        .selector
        .iter()
        .map(|(name, value)| (word(name), Value::Text(word(value))))
        .collect();
    piece
        .asset
        .claim("service.selector", reported(selector, "spec.selector"));

    let keeper = controllers::of_service(service, cloud);
    let ranges = ranges(service, keeper);
    let (open, balancers) = open(service, nodes, keeper, &ranges);
    let table: Table = open.iter().map(|(open, _)| open.row(None)).collect();
    let by = "spec.type, ports, externalIPs, and status.loadBalancer";
    piece.asset.claim(fact::PORTS, reported(table, by));
    if !ranges.is_empty() {
        let claim = reported(Value::texts(ranges), "spec.loadBalancerSourceRanges");
        piece.asset.claim(fact::SOURCES_ALLOWED, claim);
    }
    let names: Vec<Text> = balancers
        .iter()
        .map(|(address, _)| address.clone())
        .collect();
    if !names.is_empty() {
        let claim = reported(Value::texts(names.clone()), "status.loadBalancer.ingress");
        piece.asset.claim(fact::HOSTNAMES, claim);
    }
    for name in names.iter().filter_map(|name| dns_name(name)) {
        piece.relate(RelationKind::Exposes, name);
    }
    hidden::annotations(site, &mut piece, "annotations", meta);
    Offered {
        offer: Offer {
            id,
            selector: spec.selector.0.clone(),
            open,
        },
        names,
        balancers,
        piece,
    }
}

/// From where a balancer lets in: the field, which the nodes themselves see to, goes before the older annotation.
fn ranges(service: &Service, keeper: Keeper) -> Vec<Text> {
    let field = &service.spec.load_balancer_source_ranges;
    if !field.is_empty() {
        return field.iter().map(|range| word(range.trim())).collect();
    }
    keeper.sources(&service.metadata).map(word).collect()
}

type Ways = Vec<(Open, Option<crate::wire::NumberOrWord>)>;

fn open(
    service: &Service,
    nodes: NodesReach,
    keeper: Keeper,
    ranges: &[Text],
) -> (Ways, Vec<(Text, &'static str)>) {
    let spec = &service.spec;
    let balanced = spec.sort.as_deref() == Some("LoadBalancer");
    let on_nodes = balanced || spec.sort.as_deref() == Some("NodePort");
    let internal = keeper.internal(&service.metadata);
    let given = service.status.load_balancer.ingress.iter();
    let addresses: Vec<(Text, &'static str)> = given
        .filter_map(|one| one.text())
        .filter(|_| balanced)
        .map(|address| {
            let far = reach::narrowed(reach::of_balancer(address, None, internal), ranges);
            (word(address), far)
        })
        .collect();
    let mut ways = Ways::new();
    for port in spec.ports.iter() {
        let protocol = port.protocol.as_deref();
        // The port's own number where no other is named (core/v1, ServicePort.targetPort).
        let own = port
            .port
            .map(|number| crate::wire::NumberOrWord::Number(number.into()));
        let target = port.target_port.clone().or(own);
        let tls = balancer_tls(service, keeper, port.port, port.name.as_deref());
        let mut add = |address: &str, number: u16, far, tls: Option<Text>| {
            let mut open = Open::new(address, number, protocol, far);
            open.tls = tls;
            ways.push((open, target.clone()));
        };
        if let Some(number) = port.port {
            for (address, far) in &addresses {
                add(address, number, far, tls.clone());
            }
            if balanced && addresses.is_empty() {
                // Asked for and not there yet: where it will be is not known.
                let far = reach::narrowed(reach::asked(internal), ranges);
                add("edge", number, far, tls.clone());
            }
            for address in spec.external_ips.iter() {
                let far = reach::of_address(address).unwrap_or(reach::UNKNOWN);
                add(address, number, far, None);
            }
        }
        if let Some(number) = port.node_port.filter(|number| on_nodes && *number > 0) {
            add("0.0.0.0", number, nodes.on(None), None);
        }
    }
    (ways, addresses)
}

/// The TLS of a balancer that ends it, where a provider's annotations say which versions it accepts.
fn balancer_tls(
    service: &Service,
    keeper: Keeper,
    port: Option<u16>,
    name: Option<&str>,
) -> Option<Text> {
    let policy = keeper.policy(&service.metadata)?;
    let annotation = |name: &str| {
        let name = format!("service.beta.kubernetes.io/aws-load-balancer-{name}");
        service.metadata.annotation(&name)
    };
    annotation("ssl-cert")?;
    let ports = annotation("ssl-ports").unwrap_or("*");
    let number = port.map(|port| port.to_string()).unwrap_or_default();
    let mut ports = ports.split(',').map(str::trim);
    if !ports.any(|one| one == "*" || one == number || Some(one) == name) {
        return None;
    }
    policy_version(policy).map(Text::from)
}

/// The lowest version that an AWS security policy accepts, by its name.
pub(crate) fn policy_version(policy: &str) -> Option<&'static str> {
    let rest = policy.strip_prefix("ELBSecurityPolicy-")?;
    // The longest first: TLS13-1-2 is 1.2 and 1.3.
    [
        ("TLS13-1-3", "1.3"),
        ("TLS13-1-2", "1.2"),
        ("TLS13-1-1", "1.1"),
        ("TLS13-1-0", "1.0"),
        ("FS-1-2", "1.2"),
        ("FS-1-1", "1.1"),
        ("FS-2018", "1.0"),
        ("TLS-1-2", "1.2"),
        ("TLS-1-1", "1.1"),
        ("TLS-1-0", "1.0"),
        ("2016-08", "1.0"),
        ("2015-05", "1.0"),
    ]
    .into_iter()
    .find(|(start, _)| rest.starts_with(start))
    .map(|(_, version)| version)
}
