//! One run: which calls are made in which order, and what becomes of a failed one.

use plimsoll_kit::{Context, Harvester, local_machine};

use crate::client::{ClientError, Engine};
use crate::closely;
use crate::discover::Target;
use crate::endpoint::Endpoint;
use crate::listing::{Failed, listing, volume_list};
use crate::normalise::clock::{self, Trip};
use crate::normalise::container::Around;
use crate::normalise::identity;
use crate::normalise::network::Networks;
use crate::normalise::{Piece, Site, engine as on_host, volume};
use crate::settings::Settings;
use crate::version;
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
    let version = match version::agree(engine).await {
        Ok(version) => version,
        Err(version::NoVersion::Client(error)) if matches!(error, ClientError::Status(_)) => {
            // A proxy may keep it back; without a version the rest can still be read.
            harvest.trouble(SCOPE, format!("GET /version: {error}"));
            Version::default()
        }
        Err(error) => return harvest.trouble(SCOPE, error.to_string()),
    };
    let (info, containers, images, networks, volumes) = futures::join!(
        info(engine, context),
        engine.get("/containers/json?all=1"),
        engine.get("/images/json"),
        engine.get("/networks"),
        engine.get("/volumes"),
    );
    let (info, trip) = match info {
        Ok((info, trip)) => (info, Some(trip)),
        Err(error) => {
            harvest.trouble(SCOPE, format!("GET /info: {error}"));
            (Info::default(), None)
        }
    };
    let named = settings.host.as_deref().or(info.name.as_deref());
    let Some(host) = named.filter(|name| !name.is_empty()) else {
        let what = "the engine gave no name of its host, which all ids start with: let GET /info through, or set `host`";
        return harvest.trouble(SCOPE, what);
    };
    let site = Site::new(host, &version, &info, &context.redactor);

    hosts(&site, target, &version, &info, trip, harvest);
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
    let containers = listing::<Listed>("/containers/json", containers, harvest);
    let images = listing::<wire::ImageListed>("/images/json", images, harvest);
    let listed = containers.unwrap_or_default();
    let images = match images {
        Some(images) => {
            Some(closely::images(engine, settings, &site, &images, &listed, harvest).await)
        }
        None => None,
    };
    let keys = identity::keys(&site, &listed);
    let around = Around {
        images: images.as_ref(),
        networks: networks.as_ref(),
        keys: &keys,
    };
    closely::containers(engine, settings, context, &site, &around, &listed, harvest).await;
    harvest.complete(SCOPE);
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
    hand_over(host, harvest);
    let tls = target.tls.is_some();
    hand_over(
        on_host::engine(site, version, info, &target.endpoint, tls),
        harvest,
    );
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
