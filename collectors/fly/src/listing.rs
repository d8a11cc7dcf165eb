//! Lists: what is sound in them, and what is said of the rest.

use plimsoll_kit::http::{Answer, Error};
use plimsoll_model::{AssetId, Text};
use serde::de::DeserializeOwned;

use crate::client::Paged;
use crate::wire::{self, Items, WireError};

/// What is to be said of what could not be read, gathered so that the order of answers does not show.
#[derive(Default)]
pub(crate) struct Told {
    /// What costs the scope its completeness, with the asset that it is about.
    pub(crate) troubles: Vec<(Option<AssetId>, Text)>,
    /// What does not.
    pub(crate) remarks: Vec<Text>,
    /// What costs the records of who did what theirs.
    pub(crate) attribution: Vec<Text>,
}

impl Told {
    pub(crate) fn trouble(&mut self, asset: Option<&AssetId>, what: impl Into<Text>) {
        self.troubles.push((asset.cloned(), what.into()));
    }

    pub(crate) fn remark(&mut self, what: impl Into<Text>) {
        self.remarks.push(what.into());
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.troubles.append(&mut other.troubles);
        self.remarks.append(&mut other.remarks);
        self.attribution.append(&mut other.attribution);
    }
}

/// Why one call gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// An item of a list, by what makes it one.
pub(crate) trait Item {
    /// Its name or id: a part of ids and paths.
    fn key(&self) -> &str;
}

macro_rules! items {
    ($($kind:ty: $field:ident),* $(,)?) => {
        $(impl Item for $kind {
            fn key(&self) -> &str {
                &self.$field
            }
        })*
    };
}

items! {
    wire::App: name,
    wire::Machine: id,
    wire::MachineRow: id,
    wire::Volume: id,
    wire::Address: ip,
    wire::Certificate: hostname,
    wire::Secret: name,
    wire::Region: code,
    wire::Token: org_slug,
    wire::Release: id,
}

/// The good items of a list, sorted by their keys and each key once; none where there is no list. Says what is wrong, of `asset` where one is given.
pub(crate) fn listing<T: DeserializeOwned + Item>(
    what: &str,
    asset: Option<&AssetId>,
    items: Result<Items<T>, Failed>,
    told: &mut Told,
) -> Option<Vec<T>> {
    match items {
        Ok(items) => Some(sound(what, asset, items, told)),
        Err(error) => {
            told.trouble(asset, format!("{what}: {error}"));
            None
        }
    }
}

/// As [`listing`], of a list that comes page by page. Where it breaks off, what came before is good, and said to be not all.
pub(crate) fn pages<T: DeserializeOwned + Item>(
    what: &str,
    key: &'static str,
    asset: Option<&AssetId>,
    paged: Paged,
    told: &mut Told,
) -> (Vec<T>, bool) {
    let mut all = Items {
        good: Vec::new(),
        broken: Vec::new(),
    };
    let mut whole = paged.failed.is_none();
    let mut total = None;
    for answer in &paged.answers {
        total = wire::total_count(answer.body()).or(total);
        match wire::list_in(answer.body(), key) {
            Ok(mut page) => {
                all.good.append(&mut page.good);
                all.broken.append(&mut page.broken);
            }
            Err(error) => {
                whole = false;
                told.trouble(asset, format!("{what}: {error}"));
            }
        }
        let regions = wire::error_regions(answer.body());
        if !regions.is_empty() {
            whole = false;
            let regions = regions.iter().map(|region| crate::normalise::word(region));
            let regions = regions.take(50).collect::<Vec<_>>().join(", ");
            told.trouble(
                asset,
                format!("{what}: the platform could not ask the regions {regions}: what is there is not in the list; scan again later"),
            );
        }
    }
    let come = all.good.len() + all.broken.len();
    if let Some(error) = paged.failed {
        told.trouble(asset, format!("{what}: {error}"));
    } else if let Some(total) = total.filter(|total| *total != come) {
        whole = false;
        told.trouble(
            asset,
            format!("{what}: {come} items came, and the platform counts {total}: some came or went meanwhile, or are missing; scan again"),
        );
    }
    whole &= all.broken.is_empty();
    (sound(what, asset, all, told), whole)
}

/// The items of an answer's bare list.
pub(crate) fn bare<T: DeserializeOwned>(answer: Result<Answer, Error>) -> Result<Items<T>, Failed> {
    Ok(wire::list(answer?.body())?)
}

/// The items of the list that an answer holds under a key.
pub(crate) fn under<T: DeserializeOwned>(
    answer: Result<Answer, Error>,
    key: &'static str,
) -> Result<Items<T>, Failed> {
    Ok(wire::list_in(answer?.body(), key)?)
}

fn sound<T: Item>(what: &str, asset: Option<&AssetId>, items: Items<T>, told: &mut Told) -> Vec<T> {
    for (at, error) in &items.broken {
        told.trouble(asset, format!("{what}: item {at} is left out: {error}"));
    }
    let (mut good, odd): (Vec<T>, Vec<T>) = items
        .good
        .into_iter()
        .partition(|item| is_sound(item.key()));
    if !odd.is_empty() {
        let count = odd.len();
        told.trouble(
            asset,
            format!("{what}: {count} items without a sound id or name are left out"),
        );
    }
    // In an order of their own, and what two pages both have is there once.
    good.sort_by(|a, b| a.key().cmp(b.key()));
    good.dedup_by(|a, b| a.key() == b.key());
    good
}

/// Whether a text can be a part of a path, and of no other path than that.
pub(crate) fn is_sound(key: &str) -> bool {
    let dots = key == "." || key == "..";
    !key.is_empty() && key.len() <= 512 && !dots && !key.chars().any(char::is_control)
}

/// What failed and how.
pub(crate) fn bare_text(what: &str, error: &Error) -> Text {
    Text::from(format!("{what}: {error}"))
}
