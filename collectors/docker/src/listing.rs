//! Lists: what is sound in them, and what is said of the rest.

use std::collections::HashSet;

use bytes::Bytes;
use plimsoll_kit::Harvester;
use serde::de::DeserializeOwned;

use crate::client::ClientError;
use crate::collect::SCOPE;
use crate::wire::{self, Items, Listed, WireError};

/// Why one call gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the answer is about something else")]
    Other,
}

/// The good items of a listing; none where there is no list. Says what is wrong.
pub(crate) fn listing<T: DeserializeOwned + Item>(
    path: &str,
    answer: Result<Bytes, ClientError>,
    harvest: &mut Harvester,
) -> Option<Vec<T>> {
    let items = answer
        .map_err(Failed::from)
        .and_then(|answer| Ok(wire::list(&answer)?));
    sound(path, items, harvest)
}

/// As [`listing`], for the one list that is wrapped.
pub(crate) fn volume_list(
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
pub(crate) trait Item {
    /// What it is asked for by; such a text can stand in a path.
    fn key(&self) -> &str;

    /// What no two items have in common; none where there is no such thing.
    fn identity(&self) -> Option<&str> {
        Some(self.key())
    }
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

    /// Two networks can have one name.
    fn identity(&self) -> Option<&str> {
        None
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
    // A list that names one thing twice was put together from several, or by something that lost others on the way.
    let mut met: HashSet<&str> = HashSet::with_capacity(good.len());
    let twice = good.iter().filter_map(Item::identity);
    let twice = twice.filter(|id| !met.insert(id)).count();
    if twice > 0 {
        harvest.trouble(
            SCOPE,
            format!(
                "GET {path}: {twice} items are there twice, so others may be missing; scan again, and see what lies between here and the engine"
            ),
        );
    }
    Some(good)
}

/// Whether an id or a name can be a part of a path, and of no other path than that.
pub(crate) fn can_stand_in_a_path(key: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"/?#%\\\"<>^`{|}".contains(&byte);
    !key.is_empty() && key.len() <= 512 && key.bytes().all(fits) && !key.starts_with('.')
}
