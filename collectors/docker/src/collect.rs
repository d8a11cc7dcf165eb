//! One run: which calls are made in which order, and what becomes of a failed one.

use std::pin::pin;

use bytes::Bytes;
use futures::future;
use plimsoll_kit::{Context, Harvester, local_machine};

use crate::client::{ClientError, Engine};
use crate::closely::{self, Looked};
use crate::count;
use crate::discover::Target;
use crate::endpoint::Endpoint;
use crate::listing::{Failed, listing, volume_list};
use crate::normalise::clock::{self, Trip};
use crate::normalise::container::Around;
use crate::normalise::identity;
use crate::normalise::network::Networks;
use crate::normalise::site::Flavour;
use crate::normalise::{Piece, Site, engine as on_host, volume};
use crate::settings::Settings;
use crate::version::{self, NoVersion};
use crate::wire::{self, Info, Listed, Version};

/// The one scope: the engine is read completely or not.
pub(crate) const SCOPE: &str = "engine";

/// Reads everything.
pub(crate) async fn collect<E: Engine>(
    engine: &E,
    target: &Target,
    settings: &Settings,
    context: &Context,
    harvest: &mut Harvester,
) {
    let greeted = match version::greet(engine).await {
        Ok(greeted) => greeted,
        Err(error) => return harvest.trouble(SCOPE, error.to_string()),
    };
    let version = match greeted {
        true => None,
        false => match told(version::agree(engine).await, harvest) {
            Some(version) => Some(version),
            None => return,
        },
    };
    // The list of containers first, and each of them as soon as it is named: there are many, and what is said of them waits
    // for nothing but a place in the queue. What they are held against comes in meanwhile.
    let mut lists = pin!(future::maybe_done(lists(engine, version, context)));
    let containers = beside(&mut lists, engine.get("/containers/json?all=1")).await;
    let containers = listing::<Listed>("/containers/json", containers, harvest);
    let listed = containers.unwrap_or_default();
    let mut looked = Looked::at(engine, settings.concurrency, &listed, context);
    looked.until(&mut lists).await;
    let Some(Lists {
        version,
        info,
        images,
        networks,
        volumes,
    }) = lists.take_output()
    else {
        return harvest.trouble(SCOPE, "the lists came to nothing: scan again");
    };
    let Some(version) = told(version, harvest) else {
        return;
    };
    let (info, trip) = match info {
        Ok((info, trip)) => (info, Some(trip)),
        Err(error) => {
            harvest.trouble(SCOPE, format!("GET /info: {error}"));
            // What an engine keeps back it keeps back always. One that fails now said yesterday which engine it is, and ids
            // hang on that: what was known stays as it is.
            if !is_kept_back(&error) {
                return;
            }
            (Info::default(), None)
        }
    };
    let named = settings.host.as_deref().or(info.name.as_deref());
    let Some(host) = named.filter(|name| !name.is_empty()) else {
        let what = "the engine gave no name of its host, which all ids start with: let GET /info through, or set `host`";
        return harvest.trouble(SCOPE, what);
    };
    let site = Site::new(
        host,
        &version,
        trip.is_some().then_some(&info),
        &context.redactor,
    );

    hosts(&site, target, &version, &info, trip, harvest);
    if site.flavour != Flavour::Podman
        && let Some(count) = info.containers
        && let Err(what) = count::hold(engine, &listed, count).await
    {
        harvest.trouble(SCOPE, what);
    }
    let networks = listing::<wire::Network>("/networks", networks, harvest).map(|items| {
        let (known, pieces) = Networks::read(&site, &items);
        pieces
            .into_iter()
            .for_each(|piece| hand_over(piece, harvest));
        known
    });
    for item in volume_list(volumes, harvest).unwrap_or_default() {
        hand_over(volume::volume(&site, &item), harvest);
    }
    let images = match listing::<wire::ImageListed>("/images/json", images, harvest) {
        Some(images) => {
            let images = closely::images(engine, settings, &site, &images, &listed, harvest);
            let mut images = pin!(future::maybe_done(images));
            looked.until(&mut images).await;
            images.take_output()
        }
        None => None,
    };
    let keys = identity::keys(&site, &listed);
    let around = Around {
        images: images.as_ref(),
        networks: networks.as_ref(),
        keys: &keys,
    };
    closely::containers(looked, &site, &around, harvest).await;
    harvest.complete(SCOPE);
}

/// The version as far as there is one. None where there is nothing to go on with.
fn told(version: Result<Version, NoVersion>, harvest: &mut Harvester) -> Option<Version> {
    match version {
        Ok(version) => Some(version),
        Err(NoVersion::Client(error @ ClientError::Status(_))) => {
            // A proxy may keep it back; without it the rest can still be read.
            harvest.trouble(SCOPE, format!("GET /version: {error}"));
            Some(Version::default())
        }
        Err(error) => {
            harvest.trouble(SCOPE, error.to_string());
            None
        }
    }
}

/// Whether an answer came, and it is not for us or nothing to go by; and not that none came this time.
fn is_kept_back(error: &Failed) -> bool {
    match error {
        Failed::Client(ClientError::Status(status)) => *status < 500,
        Failed::Client(_) => false,
        Failed::Wire(_) | Failed::Other => true,
    }
}

/// What containers are held against.
struct Lists {
    version: Result<Version, NoVersion>,
    info: Result<(Info, Trip), Failed>,
    images: Result<Bytes, ClientError>,
    networks: Result<Bytes, ClientError>,
    volumes: Result<Bytes, ClientError>,
}

async fn lists<E: Engine>(engine: &E, version: Option<Version>, context: &Context) -> Lists {
    let asked = async {
        match version {
            Some(version) => Ok(version),
            None => version::agree(engine).await,
        }
    };
    let (version, info, images, networks, volumes) = futures::join!(
        asked,
        info(engine, context),
        engine.get("/images/json"),
        engine.get("/networks"),
        engine.get("/volumes"),
    );
    Lists {
        version,
        info,
        images,
        networks,
        volumes,
    }
}

/// Waits for one thing and lets another go on.
async fn beside<T>(
    other: &mut (impl Future<Output = ()> + Unpin),
    wanted: impl Future<Output = T>,
) -> T {
    let mut wanted = pin!(wanted);
    tokio::select! {
        biased;
        // Asked first, so that the lists are on their way before anything else.
        () = other => wanted.await,
        done = &mut wanted => done,
    }
}

fn hosts(
    site: &Site<'_>,
    target: &Target,
    version: &Version,
    info: &Info,
    trip: Option<Trip>,
    harvest: &mut Harvester,
) {
    let here = matches!(target.endpoint, Endpoint::Unix(_)).then(local_machine);
    let mut host = on_host::host(site, info, here.as_ref());
    if let Some(trip) = trip {
        clock::skew(&mut host.asset, info.system_time.as_deref(), trip);
    }
    let tls = target.tls.is_some();
    let mut engine = on_host::engine(site, version, info, &target.endpoint, tls);
    on_host::claim_socket(&mut engine, &host, &target.endpoint);
    hand_over(host, harvest);
    hand_over(engine, harvest);
}

async fn info<E: Engine>(engine: &E, context: &Context) -> Result<(Info, Trip), Failed> {
    let sent = context.now();
    let answer = engine.get("/info").await?;
    let received = context.now();
    Ok((wire::one(&answer)?, Trip { sent, received }))
}

/// Puts an asset and its relations into the harvest.
pub(crate) fn hand_over(piece: Piece, harvest: &mut Harvester) {
    harvest.asset(SCOPE, piece.asset);
    for relation in piece.relations {
        harvest.relation(SCOPE, relation);
    }
}
