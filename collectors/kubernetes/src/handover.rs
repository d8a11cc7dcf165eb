//! What was read, and how it is handed over: first all but the workloads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plimsoll_kit::Harvester;
use plimsoll_model::{AssetId, RelationKind, Text};

use crate::collect::CLUSTER_SCOPE;
use crate::estate::Estate;
use crate::normalise::certificate::{self, Ends};
use crate::normalise::controllers::{self, Cloud};
use crate::normalise::ingress::{self, Balancers};
use crate::normalise::ports::Offers;
use crate::normalise::reach::NodesReach;
use crate::normalise::storage::Classes;
use crate::normalise::{
    Piece, Site, account, dns_name, gateway, names, node, policy, relation, service, storage, word,
};
use crate::read::{Spaces, scope};
use crate::wire::{Certificate, Lease};

/// What workloads need of the rest, and what is named and not handed over yet.
pub(crate) struct Rest {
    pub(crate) offers: Offers,
    pub(crate) nodes: NodesReach,
    cloud: Cloud,
    /// The secrets that something names, by namespace.
    pub(crate) secrets: BTreeMap<Text, BTreeSet<Text>>,
}

impl Estate {
    /// Hands over all but the workloads, and says what was not seen.
    pub(crate) fn hand_over(
        &self,
        site: &Site<'_>,
        spaces: &Spaces,
        harvest: &mut Harvester,
    ) -> Rest {
        self.report(spaces, harvest);
        let nodes = self.nodes.folds.first().filter(|_| self.nodes.saw_all());
        let mut rest = Rest {
            offers: Offers::default(),
            nodes: NodesReach::of(nodes.map(|fold| fold.0.as_slice())),
            cloud: Cloud::of(nodes.map(|fold| fold.0.as_slice())),
            secrets: BTreeMap::new(),
        };
        let mut out = Out::new(spaces, harvest);
        self.hand_over_cluster(site, &mut out);
        self.hand_over_storage(site, &mut out);
        self.hand_over_network(site, &mut rest, &mut out);
        for one in self.accounts.items() {
            let (piece, secrets) = account::account(site, one);
            rest.name(one.metadata.space(), secrets);
            out.piece(one.metadata.space(), piece);
        }
        for one in self.config_maps.items() {
            let piece = names::config_map(site, &one.metadata);
            out.piece(one.metadata.space(), piece);
        }
        out.finish();
        rest
    }

    fn hand_over_cluster(&self, site: &Site<'_>, out: &mut Out<'_>) {
        let leases: HashMap<&str, &Lease> = self
            .leases
            .items()
            .map(|lease| (lease.metadata.name.as_str(), lease))
            .collect();
        for one in self.nodes.items() {
            let lease = leases.get(one.metadata.name.as_str()).copied();
            piece(CLUSTER_SCOPE, node::node(site, one, lease), out.harvest);
        }
    }

    fn hand_over_storage(&self, site: &Site<'_>, out: &mut Out<'_>) {
        let classes: Classes<'_> = self
            .classes
            .items()
            .map(|class| (class.metadata.name.as_str(), class))
            .collect();
        for one in self.classes.items() {
            piece(CLUSTER_SCOPE, storage::class(site, one), out.harvest);
        }
        for one in self.volumes.items() {
            let made = storage::volume(site, one, Some(&classes));
            piece(CLUSTER_SCOPE, made, out.harvest);
        }
        let without = (!self.volumes.saw_all()).then_some(&classes);
        for one in self.claims.items() {
            let made = storage::claim(site, one, without);
            out.piece(one.metadata.space(), made);
        }
    }

    fn hand_over_network(&self, site: &Site<'_>, rest: &mut Rest, out: &mut Out<'_>) {
        let mut balancers = Balancers::new();
        for one in self.services.items() {
            let space = one.metadata.space();
            let offered = service::service(site, one, rest.nodes, rest.cloud);
            out.names(space, &offered.names);
            balancers.extend(offered.balancers);
            rest.offers.add(space, offered.offer);
            out.piece(space, offered.piece);
        }
        for one in self.policies.items() {
            out.piece(one.metadata.space(), policy::policy(site, one));
        }
        let all: Vec<Certificate> = self.certificates.items().cloned().collect();
        let ends: Ends = certificate::ends(&all);
        for one in &all {
            let space = one.metadata.space();
            let (piece, _) = certificate::certificate(site, one);
            let named = one.spec.secret_name.iter();
            rest.name(
                space,
                named.filter(|name| !name.is_empty()).map(|name| word(name)),
            );
            out.piece(space, piece);
        }
        let classes = controllers::Classes::of(self.ingress_classes.items());
        for one in self.ingresses.items() {
            let space = one.metadata.space();
            let (piece, hosts, secrets) =
                ingress::ingress(site, one, &balancers, &classes, Some(&ends));
            rest.name(space, secrets);
            out.names(space, &hosts);
            out.piece(space, piece);
        }
        let mut listeners = gateway::Listeners::new();
        for one in self.gateways.items() {
            let space = one.metadata.space();
            let (found, listening) = gateway::gateway(site, one, &balancers, Some(&ends));
            listeners.insert((space.into(), one.metadata.name.clone()), listening);
            for (space, name) in found.secrets {
                rest.name(&space, [name]);
            }
            out.names(space, &found.hosts);
            out.piece(space, found.piece);
        }
        for (name, routes) in &self.routes {
            for one in routes.items() {
                let space = one.metadata.space();
                let (mut found, from) = gateway::route(site, name, one, Some(&listeners));
                for (gateway, route) in from {
                    let led = relation(gateway, RelationKind::RoutesTo, route);
                    found.piece.relations.push(led);
                }
                out.names(space, &found.hosts);
                out.piece(space, found.piece);
            }
        }
    }
}

impl Rest {
    /// Notes secrets that something in a namespace names.
    pub(crate) fn name(&mut self, space: &str, names: impl IntoIterator<Item = Text>) {
        let mut names = names.into_iter().peekable();
        if names.peek().is_some() {
            self.secrets.entry(space.into()).or_default().extend(names);
        }
    }
}

/// Where pieces go: each to the scope of its namespace.
pub(crate) struct Out<'h> {
    pub(crate) harvest: &'h mut Harvester,
    known: BTreeSet<Text>,
    strange: BTreeSet<Text>,
    /// Names in the DNS, each with the first namespace that speaks of it.
    dns: BTreeMap<AssetId, Text>,
}

impl<'h> Out<'h> {
    /// For the namespaces that are read.
    pub(crate) fn new(spaces: &Spaces, harvest: &'h mut Harvester) -> Self {
        Self {
            harvest,
            known: spaces.names.iter().cloned().collect(),
            strange: BTreeSet::new(),
            dns: BTreeMap::new(),
        }
    }

    /// Whether a namespace is one of those that are read.
    pub(crate) fn knows(&self, space: &str) -> bool {
        self.known.contains(space)
    }

    /// Hands a piece over.
    pub(crate) fn piece(&mut self, space: &str, made: Piece) {
        let scope = scope(space);
        if !self.known.contains(space) && self.strange.insert(space.into()) {
            let what = "its namespace came up while the cluster was being read, or could not be listed; the next scan reads it whole";
            self.harvest.trouble(&scope, what);
        }
        piece(&scope, made, self.harvest);
    }

    /// Notes names in the DNS.
    pub(crate) fn names(&mut self, space: &str, names: &[Text]) {
        for id in names.iter().filter_map(|name| dns_name(name)) {
            let first = self.dns.entry(id).or_insert_with(|| space.into());
            if space < first.as_str() {
                *first = space.into();
            }
        }
    }

    /// Hands over what was noted.
    pub(crate) fn finish(self) {
        for (id, space) in self.dns {
            self.harvest.asset(&scope(&space), names::dns(id));
        }
    }
}

/// Puts an asset, its relations and what was done to it into the harvest.
pub(crate) fn piece(scope: &str, piece: Piece, harvest: &mut Harvester) {
    harvest.asset(scope, piece.asset);
    for relation in piece.relations {
        harvest.relation(scope, relation);
    }
    for action in piece.actions {
        harvest.action(scope, action);
    }
}
