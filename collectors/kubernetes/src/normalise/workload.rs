//! Workloads: what a cluster runs as one, whatever the number of its pods.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Asset, Claim, RelationKind, Table, Text, Value, fact, kind};

use super::autoscaler::{self, Autoscalers};
use super::images::{self, Seen};
use super::mounts::{self, References};
use super::ports::{self, Offer, Offers};
use super::reach::NodesReach;
use super::running::Running;
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
    let running = Running::of(spec, draft.of_pod, draft.lasting, seen);
    images::claim(&mut piece.asset, &running, main, seen, draft.lasting);
    instances(site, &mut piece, seen);
    if let Some(replicas) = draft.replicas {
        let place = (space, draft.word, meta.name.as_str());
        autoscaler::claim(&mut piece, around.autoscalers, place, replicas);
    }
    let offers = around.offers.map(|offers| offers.of(space));
    let open = open(&mut piece, draft, &running, seen, offers, around.nodes);
    piece.asset.claim(fact::PORTS, open);
    let first = spec.containers.first().map(|one| one.name.as_str());
    confined::claim(&mut piece.asset, &running.all, first);
    containers::claim(site, &mut piece, &running);
    let by = "volumes, and containers' volumeMounts";
    let table = mounts::table(&running.all, first, &draft.claims);
    piece.asset.claim(fact::MOUNTS, reported(table, by));
    declared(&mut piece, draft, &running, first);
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
    let references = refer(site, &mut piece, draft, &running, around);
    account(site, &mut piece, draft, &running, around);
    if !draft.of_pod {
        hidden::annotations(site, &mut piece, "annotations", meta);
        hidden::annotations(site, &mut piece, "pod-annotations", draft.of_pods);
    } else if !draft.lasting {
        settle_down(&mut piece);
    }
    (piece, references)
}

/// Of what has no template that is read, and ends by itself, nobody says what it should be: how it is comes and goes with each run.
fn settle_down(piece: &mut Piece) {
    let asset = &mut piece.asset;
    let facts = std::mem::take(&mut asset.facts);
    for (name, claim) in facts.iter() {
        if [fact::PLATFORM, fact::PLATFORM_KIND].contains(&name) {
            asset.claim(name, claim.clone());
        } else {
            asset.reading(name, claim.clone());
        }
    }
}

/// What is open, by the services that lead to any of its pods: labels that these got later count, and each of them alone.
fn open(
    piece: &mut Piece,
    draft: &Draft<'_>,
    running: &Running<'_>,
    seen: &Seen<'_>,
    offers: Option<&[Offer]>,
    nodes: NodesReach,
) -> Claim {
    let template = &draft.of_pods.labels;
    let live = match seen {
        Seen::Read(Some(group)) if !group.labels.is_empty() => Some(&group.labels),
        _ => None,
    };
    let leads = |offer: &&Offer| match live {
        Some(all) => all.values().any(|labels| offer.leads_to(labels)),
        None => offer.leads_to(template),
    };
    let leading: Option<Vec<&Offer>> = offers.map(|all| all.iter().filter(leads).collect());
    for offer in leading.iter().flatten() {
        let to = piece.asset.id.clone();
        let led = relation(offer.id.clone(), RelationKind::RoutesTo, to);
        piece.relations.push(led);
    }
    if let Seen::Unread(why) = seen {
        let may = |offer: &Offer| offer.may_lead_to(template) && !offer.leads_to(template);
        let mut others = offers.into_iter().flatten().filter(|offer| may(offer));
        if others.any(|offer| !offer.open.is_empty()) {
            return unknown(why);
        }
    }
    ports::claim(running, nodes, leading.map(Vec::into_iter))
}

/// Says what the template declares, where what runs is otherwise or is not seen.
fn declared(piece: &mut Piece, draft: &Draft<'_>, running: &Running<'_>, main: Option<&str>) {
    if draft.of_pod {
        return;
    }
    let mut template = Asset::new(piece.asset.id.clone(), kind::WORKLOAD, "");
    confined::claim(&mut template, &[running.declared], main);
    template.settle();
    if let Some(why) = running.unseen {
        confined::doubt(&mut piece.asset, why);
    }
    let mut table = Table::new();
    for name in confined::FACTS {
        let value = |asset: &Asset| asset.value(name).map(ToString::to_string);
        let mut runs = piece.asset.get(name).and_then(Claim::value).cloned();
        if let Some(value) = &mut runs {
            value.settle(false);
        }
        let declares = value(&template);
        if runs.map(|value| value.to_string()) != declares {
            let text = declares.unwrap_or_else(|| "nothing".to_owned());
            table.insert(*name, Value::Text(word(&text)));
        }
    }
    let live = !running
        .all
        .iter()
        .any(|spec| std::ptr::eq(*spec, running.declared));
    let every = running.all.iter().flat_map(|spec| spec.declared());
    for one in every.filter(|one| live && !running.is_declared(&one.name)) {
        let key = word(&format!("container {}", one.name));
        table.insert(key, Value::Text("nothing".into()));
    }
    for one in running.declared.declared() {
        let Some(image) = &one.image else { continue };
        if images::runs_instead(running, one).is_some() {
            let key = word(&format!("image {}", one.name));
            table.insert(key, Value::Text(word(image)));
        }
    }
    if !table.is_empty() {
        let by = "the template, where pods are otherwise or are not seen";
        let claim = reported(table, by);
        if draft.lasting {
            piece.asset.claim("declared", claim);
        } else {
            piece.asset.reading("declared", claim);
        }
    }
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
fn refer(
    site: &Site<'_>,
    piece: &mut Piece,
    draft: &Draft<'_>,
    running: &Running<'_>,
    around: &Around<'_>,
) -> References {
    let space = draft.meta.space();
    let references = References::of(&running.told, &draft.claims);
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
fn account(
    site: &Site<'_>,
    piece: &mut Piece,
    draft: &Draft<'_>,
    running: &Running<'_>,
    around: &Around<'_>,
) {
    let (spec, space) = (draft.spec, draft.meta.space());
    let name = spec.service_account_name.as_deref();
    let name = name.filter(|name| !name.is_empty()).unwrap_or("default");
    let claim = reported(word(name), "serviceAccountName");
    piece.asset.claim(fact::SERVICE_ACCOUNT, claim);
    let to = site.in_space(kind::SERVICE_ACCOUNT, space, name);
    piece.relate(RelationKind::Uses, to);
    let token = if running.all.iter().any(|spec| mounts::token_by_hand(spec)) {
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
