//! One run: which lists are read, and in which order what they mean is handed over.

use std::collections::BTreeSet;

use plimsoll_kit::{Context, Harvester};
use plimsoll_model::{Claim, Text, fact, kind};

use crate::client::Api;
use crate::estate::Estate;
use crate::handover;
use crate::kinds;
use crate::list::All;
use crate::login::Login;
use crate::normalise::pods::Pods;
use crate::normalise::{Piece, Site, names, reported, word};
use crate::read::{self, Read, Spaces};
use crate::settings::Settings;
use crate::surface::{self, Asked, Surface};
use crate::wire::{Metadata, Version};

/// The scope of the cluster's own objects.
pub(crate) const CLUSTER_SCOPE: &str = "cluster";

/// Reads everything.
pub(crate) async fn collect(
    api: &Api,
    login: &Login,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    let most = context.limits.assets;
    let site = Site {
        cluster: &login.cluster,
        redactor: &context.redactor,
    };
    for space in &settings.namespaces {
        harvest.open(&read::scope(space));
    }
    let (version, surface, listed) = futures::join!(
        surface::version(api),
        Surface::read(api),
        read::own::<All<Metadata>>(api, kinds::NAMESPACES, most),
    );
    let version = match version {
        Ok(version) => version,
        Err(error) => {
            harvest.trouble(CLUSTER_SCOPE, format!("GET /version: {error}"));
            if let surface::NoSurface::Api(error) = &error
                && error.is_silence()
            {
                // Nothing else would come either.
                for space in &settings.namespaces {
                    harvest.trouble(&read::scope(space), format!("not read: {error}"));
                }
                return;
            }
            Version::default()
        }
    };
    let spaces = spaces(&listed, login, settings);
    for space in &spaces.names {
        harvest.open(&read::scope(space));
    }
    listed.report_to(CLUSTER_SCOPE, harvest);
    if !spaces.only && listed.saw_all() {
        // A list of namespaces is all of them or refused.
        harvest.names_every_scope();
    }
    if spaces.only && listed.saw_all() {
        let there = |space: &Text| listed.items().any(|item| item.metadata.name == *space);
        for space in spaces.names.iter().filter(|space| !there(space)) {
            let what = "there is no such namespace; if there never was, check `namespaces`";
            harvest.remark(&read::scope(space), what);
        }
    }
    let surface = surface.inspect_err(|error| {
        let text = format!(
            "GET /apis: {error}; whether there are gateways, routes, certificates and autoscalers is not known"
        );
        harvest.trouble(CLUSTER_SCOPE, text.clone());
        for space in &spaces.names {
            harvest.trouble(&read::scope(space), text.clone());
        }
    });
    let surface = surface.ok();
    if login.config.accept_invalid_certs {
        let what = "the kubeconfig says not to check the API server's certificate (insecure-skip-tls-verify), so it could be anyone's";
        harvest.remark(CLUSTER_SCOPE, what);
    }
    hand_over_cluster(&site, login, &version, &listed, harvest);
    // They are the cluster's: one that is deleted takes its own scope with it, and nobody would say so there.
    for meta in listed.items().map(|item| &item.metadata) {
        if spaces.names.contains(&meta.name) {
            let piece = names::namespace(&site, meta);
            handover::piece(CLUSTER_SCOPE, piece, harvest);
        }
    }

    // Pods take longest, so they are asked for first; what does not need them is handed over meanwhile.
    let pods = read::spaced::<Pods>(api, Asked::There(kinds::PODS), &spaces, most);
    let others = async {
        let estate = Estate::read(api, surface.as_ref(), &spaces, most).await;
        let rest = estate.hand_over(&site, &spaces, harvest);
        (estate, rest)
    };
    let (pods, (estate, rest)) = futures::join!(pods, others);
    estate
        .hand_over_workloads(api, &site, &spaces, pods, rest, harvest)
        .await;
    for space in &spaces.names {
        harvest.complete(&read::scope(space));
    }
    harvest.complete(CLUSTER_SCOPE);
}

/// The namespaces to read: those that are named; else all; where they may not be listed, that of the context.
fn spaces(listed: &Read<All<Metadata>>, login: &Login, settings: &Settings) -> Spaces {
    if !settings.namespaces.is_empty() {
        return Spaces {
            names: settings.namespaces.iter().map(Text::from).collect(),
            only: true,
        };
    }
    let names: BTreeSet<Text> = listed
        .items()
        .map(|item| item.metadata.name.clone())
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() && listed.is_refused() {
        return Spaces {
            names: vec![login.config.default_namespace.as_str().into()],
            only: true,
        };
    }
    Spaces {
        names: names.into_iter().collect(),
        only: false,
    }
}

fn hand_over_cluster(
    site: &Site<'_>,
    login: &Login,
    version: &Version,
    listed: &Read<All<Metadata>>,
    harvest: &mut Harvester,
) {
    let mut piece = Piece::bare(site.cluster_id(), kind::CLUSTER, site.cluster);
    piece
        .asset
        .claim(fact::PLATFORM, Claim::reported("kubernetes"));
    piece
        .asset
        .claim(fact::PLATFORM_KIND, Claim::reported("Cluster"));
    piece.said(
        fact::VERSION,
        version.git_version.as_ref(),
        "GET /version gitVersion",
    );
    let endpoint = word(&login.endpoint);
    // By which way we came is no property of the cluster.
    let by = "the kubeconfig, or `server`";
    piece.asset.reading("api.endpoint", reported(endpoint, by));
    // The first namespace of all lives as long as its cluster: its uid is used as the cluster's own.
    let first = listed
        .items()
        .find(|item| item.metadata.name == "kube-system");
    if let Some(uid) = first.and_then(|item| item.metadata.uid.as_deref()) {
        let alias = plimsoll_model::Alias::new("kubernetes-cluster", &word(uid));
        piece.asset.aliases.push(alias);
    }
    handover::piece(CLUSTER_SCOPE, piece, harvest);
}
