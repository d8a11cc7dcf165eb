//! Workloads: what a cluster runs as one, whatever the number of its pods.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Claim, RelationKind, Table, Text, Value, fact, kind};

use super::autoscaler::{self, Autoscalers};
use super::images::{self, Seen};
use super::mounts::{self, References};
use super::ports::{self, Offers};
use super::reach::NodesReach;
use super::{Piece, Site, confined, containers, hidden, relation, reported, unknown, word};
use crate::wire::{Meta, PodSpec};

/// Which container is meant where several are.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// A workload of whatever kind, as far as they are alike.
pub(crate) struct Draft<'d> {
    /// The platform's word for its kind: `Deployment`.
    pub(crate) word: &'d str,
    /// Its own metadata.
    pub(crate) meta: &'d Meta,
    /// The metadata of its pods.
    pub(crate) of_pods: &'d Meta,
    /// What its pods are made of.
    pub(crate) spec: &'d PodSpec,
    /// Whether that is a running pod's own word and no template's: then others have written into its annotations.
    pub(crate) of_pod: bool,
    /// How many are asked for, where it is a number.
    pub(crate) replicas: Option<i64>,
    /// Whether it is meant to go on, and not to end by itself.
    pub(crate) lasting: bool,
    /// The claims that each of its pods gets, by the names of their templates.
    pub(crate) claims: Vec<&'d str>,
    /// What else its kind says.
    pub(crate) more: Vec<(&'static str, Claim)>,
}

/// What else of the cluster bears on a workload; none where it could not be listed.
pub(crate) struct Around<'a> {
    pub(crate) offers: Option<&'a Offers>,
    pub(crate) nodes: NodesReach,
    pub(crate) autoscalers: Option<&'a Autoscalers<'a>>,
    /// Whether a service account mounts its token, by name.
    pub(crate) accounts: Option<&'a BTreeMap<(Text, Text), Option<bool>>>,
    /// The claims of each namespace.
    pub(crate) claims: Option<&'a BTreeMap<Text, BTreeSet<Text>>>,
}

/// Reads a workload. What it refers to comes back with it.
pub(crate) fn workload(
    site: &Site<'_>,
    draft: &Draft<'_>,
    seen: &Seen<'_>,
    around: &Around<'_>,
) -> (Piece, References) {
    let (meta, spec) = (draft.meta, draft.spec);
    let space = meta.space();
    let id = site.sorted(kind::WORKLOAD, space, draft.word, &meta.name);
    let mut piece = Piece::new(id, kind::WORKLOAD, draft.word, meta);
    piece.within(site.namespace(space));
    piece.relate(RelationKind::RunsOn, site.cluster_id());
    // What a node keeps by itself is made anew with every start of its kubelet.
    if !meta
        .owner_references
        .iter()
        .any(|owner| owner.kind == "Node")
    {
        piece.created(meta);
    }
    let named = draft.of_pods.annotation(DEFAULT_CONTAINER);
    let main = images::main(spec, named);
    images::claim(&mut piece.asset, spec, main, seen, draft.lasting);
    instances(site, &mut piece, seen);
    if let Some(replicas) = draft.replicas {
        let place = (space, draft.word, meta.name.as_str());
        autoscaler::claim(&mut piece, around.autoscalers, place, replicas);
    }
    let offers = around.offers.map(|offers| {
        let all = offers.of(space).iter();
        all.filter(|offer| offer.leads_to(&draft.of_pods.labels))
    });
    let offers: Option<Vec<_>> = offers.map(Iterator::collect);
    for offer in offers.iter().flatten() {
        let led = relation(
            offer.id.clone(),
            RelationKind::RoutesTo,
            piece.asset.id.clone(),
        );
        piece.relations.push(led);
    }
    let open = ports::claim(spec, around.nodes, offers.map(Vec::into_iter));
    piece.asset.claim(fact::PORTS, open);
    confined::claim(&mut piece.asset, spec);
    containers::claim(site, &mut piece, spec);
    piece.asset.claim(
        fact::MOUNTS,
        reported(mounts::table(spec), "volumes, and containers' volumeMounts"),
    );
    if let Some(claim) = containers::restart_policy(spec) {
        piece.asset.claim(fact::RESTART_POLICY, claim);
    }
    piece.said(
        "runtime-class",
        spec.runtime_class_name.as_ref(),
        "runtimeClassName",
    );
    if !spec.node_selector.is_empty() {
        let table: Table = spec
            .node_selector
            .iter()
            .map(|(name, value)| (word(name), Value::Text(word(value))))
            .collect();
        piece
            .asset
            .claim("node-selector", reported(table, "nodeSelector"));
    }
    for (name, claim) in &draft.more {
        piece.asset.claim(name, claim.clone());
    }
    commit(&mut piece, draft);
    let references = refer(site, &mut piece, draft, around);
    account(site, &mut piece, draft, around);
    if !draft.of_pod {
        hidden::annotations(site, &mut piece, "annotations", meta);
        hidden::annotations(site, &mut piece, "pod-annotations", draft.of_pods);
    }
    (piece, references)
}

/// The commit that its image was built from, where whoever deployed it says so.
fn commit(piece: &mut Piece, draft: &Draft<'_>) {
    const NAME: &str = "org.opencontainers.image.revision";
    let said = [draft.of_pods, draft.meta].into_iter().find_map(|meta| {
        let label = meta.labels.get(NAME).map(Text::as_str);
        meta.annotation(NAME).or(label)
    });
    let is_hex = |text: &&str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = said.filter(|text| (7..=64).contains(&text.len()) && is_hex(text));
    let by = "annotation or label org.opencontainers.image.revision";
    piece.said(fact::SOURCE_COMMIT, commit.map(word).as_ref(), by);
}

/// What comes and goes with the pods: readings, as none of it is anyone's decision.
fn instances(site: &Site<'_>, piece: &mut Piece, seen: &Seen<'_>) {
    let Seen::Read(group) = seen else {
        return;
    };
    let (running, restarts) = group.map_or((0, 0), |group| (group.running, group.restarts));
    let nodes = group.iter().flat_map(|group| &group.nodes);
    let hosts = nodes.map(|node| Text::from(site.id(kind::HOST, node).as_str()));
    let hosts = Value::texts(hosts);
    let asset = &mut piece.asset;
    asset.reading(
        fact::INSTANCES_RUNNING,
        reported(running, "pods' status.phase"),
    );
    asset.reading(
        fact::INSTANCES_HOSTS,
        reported(hosts, "pods' spec.nodeName"),
    );
    asset.reading(
        fact::INSTANCES_RESTARTS,
        reported(restarts, "pods' status.containerStatuses.restartCount"),
    );
}

/// Relates it to what it refers to.
fn refer(site: &Site<'_>, piece: &mut Piece, draft: &Draft<'_>, around: &Around<'_>) -> References {
    let space = draft.meta.space();
    let references = References::of(draft.spec);
    for name in &references.secrets {
        let to = site.in_space(kind::SECRET, space, name);
        piece.relate(RelationKind::Uses, to);
    }
    let secrets: Table = references
        .secrets
        .iter()
        .map(|name| (name.clone(), Value::Text(Text::default())))
        .collect();
    let by = "env, envFrom, volumes and imagePullSecrets";
    piece.asset.claim(fact::SECRETS, reported(secrets, by));
    for name in &references.config_maps {
        let to = site.in_space(kind::CONFIGURATION, space, name);
        piece.relate(RelationKind::Uses, to);
    }
    let mut claims = references.claims.clone();
    if let Some(known) = around.claims.and_then(|claims| claims.get(space)) {
        for template in &draft.claims {
            let own = known
                .iter()
                .filter(|claim| mounts::is_claim_of(claim, template, &draft.meta.name));
            claims.extend(own.cloned());
        }
    }
    for name in &claims {
        let to = site.in_space(kind::VOLUME_CLAIM, space, name);
        piece.relate(RelationKind::StoresOn, to);
    }
    references
}

/// The account that it acts under, and whether its token is there for whoever gets in.
fn account(site: &Site<'_>, piece: &mut Piece, draft: &Draft<'_>, around: &Around<'_>) {
    let (spec, space) = (draft.spec, draft.meta.space());
    let name = spec.service_account_name.as_deref();
    let name = name.filter(|name| !name.is_empty()).unwrap_or("default");
    let claim = reported(word(name), "serviceAccountName");
    piece.asset.claim(fact::SERVICE_ACCOUNT, claim);
    let to = site.in_space(kind::SERVICE_ACCOUNT, space, name);
    piece.relate(RelationKind::Uses, to);
    let token = if mounts::token_by_hand(spec) {
        reported(true, "volumes.projected.sources.serviceAccountToken")
    } else if let Some(mounted) = spec.automount_service_account_token {
        reported(mounted, "automountServiceAccountToken")
    } else {
        match around.accounts {
            None => unknown("the service accounts of its namespace could not be listed"),
            Some(accounts) => match accounts.get(&(space.into(), name.into())) {
                Some(Some(mounted)) => {
                    reported(*mounted, "ServiceAccount automountServiceAccountToken")
                }
                // Mounted unless someone says no.
                Some(None) => reported(
                    true,
                    "automountServiceAccountToken is set nowhere: mounted by default",
                ),
                None => unknown("its service account does not exist"),
            },
        }
    };
    piece.asset.claim(fact::SERVICE_ACCOUNT_TOKEN, token);
}
