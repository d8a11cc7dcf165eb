//! One run: which calls are made in which order, and what becomes of a failed one.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use plimsoll_kit::{Context, Harvester, local_machine};
use plimsoll_model::{AssetId, Text};
use serde::de::DeserializeOwned;

use crate::client::{ClientError, Engine};
use crate::discover::Target;
use crate::endpoint::Endpoint;
use crate::normalise::clock::{self, Trip};
use crate::normalise::container::{self, Around};
use crate::normalise::identity::{self, Key};
use crate::normalise::image::Images;
use crate::normalise::network::Networks;
use crate::normalise::{Piece, Site, engine as on_host, volume};
use crate::settings::Settings;
use crate::version;
use crate::wire::{self, Info, Inspect, Items, Listed, Version, WireError};

/// The one scope: the engine is read completely or not.
pub(crate) const SCOPE: &str = "engine";

/// Why one call gave nothing.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the answer is about something else")]
    Other,
}

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
            Some(self::images(engine, settings, &site, &images, &listed, harvest).await)
        }
        None => None,
    };
    let keys = identity::keys(&site, &listed);
    let publishes = |item: &&Listed| item.ports.iter().any(|port| port.public_port.is_some());
    let publishing: HashSet<&str> = listed
        .iter()
        .filter(publishes)
        .map(|item| item.id.as_str())
        .collect();
    let around = Around {
        images: images.as_ref(),
        networks: networks.as_ref(),
        keys: &keys,
        publishing: &publishing,
    };
    self::containers(engine, settings, context, &site, &around, &listed, harvest).await;
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

/// The good items of a listing; none where there is no list. Says what is wrong.
fn listing<T: DeserializeOwned>(
    path: &str,
    answer: Result<Bytes, ClientError>,
    harvest: &mut Harvester,
) -> Option<Vec<T>>
where
    T: Item,
{
    let items = answer
        .map_err(Failed::from)
        .and_then(|answer| Ok(wire::list(&answer)?));
    sound(path, items, harvest)
}

fn volume_list(
    answer: Result<Bytes, ClientError>,
    harvest: &mut Harvester,
) -> Option<Vec<wire::Volume>> {
    let items = answer.map_err(Failed::from).and_then(|answer| {
        let raw: wire::Volumes<'_> = wire::one(&answer)?;
        Ok(wire::items(raw.items))
    });
    sound("/volumes", items, harvest)
}

/// An item of a listing.
trait Item {
    /// What it is asked for by; such a text can stand in a path.
    fn key(&self) -> &str;
}

impl Item for Listed {
    fn key(&self) -> &str {
        &self.id
    }
}

impl Item for wire::ImageListed {
    fn key(&self) -> &str {
        &self.id
    }
}

impl Item for wire::Network {
    fn key(&self) -> &str {
        &self.name
    }
}

impl Item for wire::Volume {
    fn key(&self) -> &str {
        &self.name
    }
}

fn sound<T: Item>(
    path: &str,
    items: Result<Items<T>, Failed>,
    harvest: &mut Harvester,
) -> Option<Vec<T>> {
    let items = match items {
        Ok(items) => items,
        Err(error) => {
            harvest.trouble(SCOPE, format!("GET {path}: {error}"));
            return None;
        }
    };
    for (at, error) in &items.broken {
        harvest.trouble(SCOPE, format!("GET {path}: item {at} is left out: {error}"));
    }
    let (good, odd): (Vec<T>, Vec<T>) = items
        .good
        .into_iter()
        .partition(|item| can_stand_in_a_path(item.key()));
    if !odd.is_empty() {
        let count = odd.len();
        harvest.trouble(
            SCOPE,
            format!("GET {path}: {count} items without a sound id or name are left out"),
        );
    }
    Some(good)
}

fn can_stand_in_a_path(key: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"/?#%\\\"<>^`{|}".contains(&byte);
    !key.is_empty() && key.len() <= 512 && key.bytes().all(fits) && !key.starts_with('.')
}

async fn images<E: Engine>(
    engine: &E,
    settings: &Settings,
    site: &Site<'_>,
    listed: &[wire::ImageListed],
    containers: &[Listed],
    harvest: &mut Harvester,
) -> Images {
    let known: HashMap<&str, &wire::ImageListed> = listed
        .iter()
        .map(|image| (image.id.as_str(), image))
        .collect();
    let mut ids: Vec<&str> = known.keys().copied().collect();
    // A container may run from one that the list leaves out, such as a layer of another.
    let used = containers
        .iter()
        .filter_map(|item| item.image_id.as_deref());
    ids.extend(used.filter(|id| !known.contains_key(id) && can_stand_in_a_path(id)));
    ids.sort_unstable();
    ids.dedup();
    let asked: Vec<_> = ids.into_iter().map(|id| image(engine, id)).collect();
    let answers: Vec<_> = stream::iter(asked)
        .buffered(settings.concurrency)
        .collect()
        .await;
    let mut seen = Vec::with_capacity(answers.len());
    let mut not_asked = 0;
    for (id, answer) in answers {
        let listed = known.get(id).copied();
        match answer {
            Ok(image) => seen.push((listed, Some(image))),
            // Removed since it was listed, or since the container was made.
            Err(Failed::Client(error)) if error.is_gone() => {
                seen.extend(listed.map(|listed| (Some(listed), None)));
            }
            Err(error) => {
                if matches!(error, Failed::Client(ClientError::GaveUp)) {
                    not_asked += 1;
                } else {
                    harvest.trouble(SCOPE, format!("GET /images/{id}/json: {error}"));
                }
                seen.extend(listed.map(|listed| (Some(listed), None)));
            }
        }
    }
    if not_asked > 0 {
        harvest.trouble(
            SCOPE,
            format!(
                "{not_asked} images were not looked at closely: the engine had stopped answering"
            ),
        );
    }
    let (images, pieces) = Images::read(site, &seen);
    pieces
        .into_iter()
        .for_each(|piece| hand_over(piece, harvest));
    images
}

async fn image<'i, E: Engine>(
    engine: &E,
    id: &'i str,
) -> (&'i str, Result<wire::ImageInspect, Failed>) {
    let answer = engine.get(&format!("/images/{id}/json")).await;
    let image = answer.map_err(Failed::from).and_then(|answer| {
        let image: wire::ImageInspect = wire::one(&answer)?;
        if image.id == id {
            Ok(image)
        } else {
            Err(Failed::Other)
        }
    });
    (id, image)
}

#[expect(clippy::too_many_arguments, reason = "one step of a run, called once")]
async fn containers<E: Engine>(
    engine: &E,
    settings: &Settings,
    context: &Context,
    site: &Site<'_>,
    around: &Around<'_>,
    listed: &[Listed],
    harvest: &mut Harvester,
) {
    let mut troubles: Vec<(AssetId, Text)> = Vec::new();
    let mut not_asked = 0;
    context.progress.step(0, listed.len());
    let asked: Vec<_> = listed.iter().map(|item| inspect(engine, item)).collect();
    let mut answers = stream::iter(asked).buffer_unordered(settings.concurrency);
    let mut done = 0;
    while let Some((item, answer)) = answers.next().await {
        done += 1;
        context.progress.step(done, listed.len());
        let Some(key) = around.keys.get(item.id.as_str()) else {
            continue;
        };
        let piece = match answer {
            Ok(seen) => container::container(site, around, key, item, &seen),
            // Removed since it was listed: not there any more, as a later list would say.
            Err(Failed::Client(error)) if error.is_gone() => continue,
            Err(error) => {
                if matches!(error, Failed::Client(ClientError::GaveUp)) {
                    not_asked += 1;
                } else {
                    troubles.push((key.asset.clone(), trouble(key, &error)));
                }
                container::listed(site, around, key, item)
            }
        };
        hand_over(piece, harvest);
    }
    // In an order that does not hang on which answer came first.
    troubles.sort();
    for (asset, what) in troubles {
        harvest.trouble_with(SCOPE, asset, what);
    }
    if not_asked > 0 {
        harvest.trouble(SCOPE, format!("{not_asked} containers were not looked at closely: the engine had stopped answering"));
    }
}

fn trouble(key: &Key, error: &Failed) -> Text {
    Text::from(format!(
        "container {}: GET /containers/{{id}}/json: {error}",
        key.name
    ))
}

async fn inspect<'i, E: Engine>(
    engine: &E,
    item: &'i Listed,
) -> (&'i Listed, Result<Inspect, Failed>) {
    let answer = engine.get(&format!("/containers/{}/json", item.id)).await;
    let seen = answer.map_err(Failed::from).and_then(|answer| {
        let seen: Inspect = wire::one(&answer)?;
        if seen.id == item.id {
            Ok(seen)
        } else {
            Err(Failed::Other)
        }
    });
    (item, seen)
}

fn hand_over(piece: Piece, harvest: &mut Harvester) {
    harvest.asset(SCOPE, piece.asset);
    for relation in piece.relations {
        harvest.relation(SCOPE, relation);
    }
}
