//! From where a workload can be reached: host ports, and the services that lead to it.

use std::collections::BTreeMap;

use plimsoll_model::{AssetId, Claim, Table, Text, Value};

use super::reach::NodesReach;
use super::running::Running;
use super::{reported, unknown, word};
use crate::wire::{Map, NumberOrWord, PodSpec};

/// One way in from outside the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// The address it listens on; `edge` where that is the platform's and no single one.
    pub(crate) address: Text,
    /// The port.
    pub(crate) port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub(crate) protocol: Text,
    /// How far it reaches.
    pub(crate) reach: &'static str,
    /// The lowest version of TLS, where something says so.
    pub(crate) tls: Option<Text>,
    /// Whether it does nothing but send on to HTTPS.
    pub(crate) redirects: bool,
}

impl Open {
    /// A way in of which nothing says what it speaks.
    pub(crate) fn new(
        address: &str,
        port: u16,
        protocol: Option<&str>,
        reach: &'static str,
    ) -> Self {
        Self {
            address: word(address),
            port,
            protocol: word(&protocol.unwrap_or("TCP").to_ascii_lowercase()),
            reach,
            tls: None,
            redirects: false,
        }
    }

    /// The key and the row of it in a table of ports.
    pub(crate) fn row(&self, target: Option<u16>) -> (Text, Value) {
        let address = if self.address.contains(':') {
            format!("[{}]", self.address)
        } else {
            self.address.to_string()
        };
        let key = Text::from(format!("{address}:{}/{}", self.port, self.protocol));
        let mut row = Table::new();
        row.insert("address", Value::Text(self.address.clone()));
        row.insert("port", Value::from(self.port));
        row.insert("protocol", Value::Text(self.protocol.clone()));
        row.insert("reach", Value::Text(self.reach.into()));
        if let Some(target) = target {
            row.insert("target", Value::from(target));
        }
        if let Some(tls) = &self.tls {
            row.insert("tls", Value::Text(tls.clone()));
        }
        if self.redirects {
            row.insert("redirects", Value::Bool(true));
        }
        (key, Value::Table(row))
    }
}

/// A service as workloads are concerned with it.
pub(crate) struct Offer {
    /// The service.
    pub(crate) id: AssetId,
    /// Which pods it leads to.
    pub(crate) selector: BTreeMap<Text, Text>,
    /// Its ways in from outside, each with the port of the pod that it leads to.
    pub(crate) open: Vec<(Open, Option<NumberOrWord>)>,
}

impl Offer {
    /// Whether it leads to pods with these labels.
    pub(crate) fn leads_to(&self, labels: &Map<Text>) -> bool {
        !self.selector.is_empty()
            && self
                .selector
                .iter()
                .all(|(name, value)| labels.get(name) == Some(value))
    }

    /// Whether it may lead to pods with more labels than these.
    pub(crate) fn may_lead_to(&self, labels: &Map<Text>) -> bool {
        let fits = |(name, value): (&Text, &Text)| labels.get(name).is_none_or(|one| one == value);
        !self.selector.is_empty() && self.selector.iter().all(fits)
    }
}

/// The services of each namespace; none where they could not be listed.
#[derive(Default)]
pub(crate) struct Offers {
    by_space: BTreeMap<Text, Vec<Offer>>,
}

impl Offers {
    /// Adds a service.
    pub(crate) fn add(&mut self, space: &str, offer: Offer) {
        self.by_space.entry(space.into()).or_default().push(offer);
    }

    /// Those of a namespace.
    pub(crate) fn of(&self, space: &str) -> &[Offer] {
        self.by_space
            .get(space)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// What can be reached of a workload from outside.
pub(crate) fn claim<'o>(
    running: &Running<'_>,
    nodes: NodesReach,
    offers: Option<impl Iterator<Item = &'o Offer>>,
) -> Claim {
    if running
        .all
        .iter()
        .any(|spec| spec.host_network == Some(true))
    {
        return unknown("it shares its nodes' network, so what it listens on cannot be seen here");
    }
    let Some(offers) = offers else {
        return unknown("the services of its namespace could not be listed");
    };
    let mut table = Table::new();
    for container in running.all.iter().flat_map(|spec| spec.declared()) {
        for port in container.ports.iter() {
            let Some(number) = port.host_port.filter(|number| *number > 0) else {
                continue;
            };
            let address = port
                .host_ip
                .as_deref()
                .filter(|address| !address.is_empty());
            let open = Open::new(
                address.unwrap_or("0.0.0.0"),
                number,
                port.protocol.as_deref(),
                nodes.on(address),
            );
            let (key, row) = open.row(port.container_port);
            table.insert(key, row);
        }
    }
    for offer in offers {
        for (open, target) in &offer.open {
            let named = number(&running.told, target.as_ref());
            let target = named.or_else(|| number(&running.all, target.as_ref()));
            let (key, row) = open.row(target);
            table.insert(key, row);
        }
    }
    reported(
        table,
        "containers' hostPort, and the services that select its pods: load balancers, node ports, external addresses",
    )
}

/// The port of a pod that a service names by number or by the container's word for it.
fn number(specs: &[&PodSpec], target: Option<&NumberOrWord>) -> Option<u16> {
    match target? {
        NumberOrWord::Number(number) => u16::try_from(*number).ok(),
        NumberOrWord::Word(name) => {
            let containers = specs.iter().flat_map(|spec| spec.declared());
            let ports = containers.flat_map(|one| one.ports.iter());
            let mut named = ports.filter(|port| port.name.as_ref() == Some(name));
            named.next()?.container_port
        }
    }
}
