//! Looking closely at what the lists name, several at once.

use std::collections::HashMap;
use std::pin::Pin;

use futures::stream;
use futures::{Stream, StreamExt};
use plimsoll_kit::{Context, Harvester};
use plimsoll_model::{AssetId, Text};

use crate::client::{ClientError, Engine};
use crate::collect::{SCOPE, hand_over};
use crate::listing::{Failed, can_stand_in_a_path};
use crate::normalise::Site;
use crate::normalise::container::{self, Around};
use crate::normalise::identity::Key;
use crate::normalise::image::Images;
use crate::normalise::ports::Exposure;
use crate::settings::Settings;
use crate::wire::{self, Inspect, Listed};

/// Looks at every image once, hands their assets over, and keeps what containers need to know of them.
pub(crate) async fn images<E: Engine>(
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

/// Containers that are being looked at, several at once, in the order in which they answer.
pub(crate) struct Looked<'i> {
    answers: Pin<Box<dyn Stream<Item = Answer<'i>> + Send + 'i>>,
    /// Those that answered before there was anything to hold them against.
    early: Vec<Answer<'i>>,
    context: &'i Context,
    done: usize,
    all: usize,
}

type Answer<'i> = (&'i Listed, Result<Inspect, Failed>);

impl<'i> Looked<'i> {
    /// Begins to look at what is listed.
    pub(crate) fn at<E: Engine>(
        engine: &'i E,
        concurrency: usize,
        listed: &'i [Listed],
        context: &'i Context,
    ) -> Self {
        context.progress.step(0, listed.len());
        let asked: Vec<_> = listed.iter().map(|item| inspect(engine, item)).collect();
        Self {
            answers: Box::pin(stream::iter(asked).buffer_unordered(concurrency)),
            early: Vec::new(),
            context,
            done: 0,
            all: listed.len(),
        }
    }

    /// Goes on looking until something else is done, and keeps what answers.
    pub(crate) async fn until(&mut self, mut other: impl Future<Output = ()> + Unpin) {
        loop {
            tokio::select! {
                biased;
                () = &mut other => return,
                Some(answer) = self.answers.next() => {
                    self.step();
                    self.early.push(answer);
                }
                // Everything has answered.
                else => return other.await,
            }
        }
    }

    async fn next(&mut self) -> Option<Answer<'i>> {
        if let Some(answer) = self.early.pop() {
            return Some(answer);
        }
        let answer = self.answers.next().await?;
        self.step();
        Some(answer)
    }

    fn step(&mut self) {
        self.done += 1;
        self.context.progress.step(self.done, self.all);
    }
}

/// Hands every container's asset over; one that refuses goes over as the list has it.
pub(crate) async fn containers(
    mut looked: Looked<'_>,
    site: &Site<'_>,
    around: &Around<'_>,
    harvest: &mut Harvester,
) {
    let mut troubles: Vec<(AssetId, Text)> = Vec::new();
    let mut not_asked = 0;
    let mut shared: HashMap<&str, Exposure> = HashMap::new();
    let mut joining = Vec::new();
    while let Some((item, answer)) = looked.next().await {
        let Some(key) = around.keys.get(item.id.as_str()) else {
            continue;
        };
        let piece = match answer {
            // What leads there is known when the other was seen.
            Ok(seen) if container::joins(&seen).is_some() => {
                joining.push((key, item, seen));
                continue;
            }
            Ok(seen) => {
                let exposure = container::exposure(around, &seen);
                shared.insert(&item.id, exposure.shared(&seen));
                container::container(site, around, key, item, &seen, exposure)
            }
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
    for (key, item, seen) in joining {
        let other = container::joins(&seen).and_then(|id| shared.get(id));
        let exposure = other.copied().unwrap_or(Exposure::Hidden);
        let piece = container::container(site, around, key, item, &seen, exposure);
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
