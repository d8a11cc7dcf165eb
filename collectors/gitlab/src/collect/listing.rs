//! Lists of what was altered since a time, which move while they are read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::client::{Failed, Gitlab, List, PER_PAGE};
use crate::wire::{Issue, MergeRequest};

/// The most calls for one list.
const MOST_CALLS: usize = 20_000;

/// An item of such a list.
pub(super) trait Item: DeserializeOwned {
    fn iid(&self) -> i64;
    fn updated(&self) -> Option<Timestamp>;
}

impl Item for MergeRequest {
    fn iid(&self) -> i64 {
        self.iid
    }

    fn updated(&self) -> Option<Timestamp> {
        self.updated_at.as_ref()?.parse().ok()
    }
}

impl Item for Issue {
    fn iid(&self) -> i64 {
        self.iid
    }

    fn updated(&self) -> Option<Timestamp> {
        self.updated_at.as_ref()?.parse().ok()
    }
}

/// Reads such a list from its oldest item on, and no more than so many.
///
/// Not page by page: what is altered meanwhile goes to the end, and all after it a place forward, so that a page would begin
/// behind an item that was on none. In place of that each call asks from the time of the last item on.
pub(super) async fn altered<T: Item>(
    gitlab: &Gitlab,
    target: &str,
    from: Timestamp,
    most: usize,
) -> List<T> {
    let mut all: List<T> = List::default();
    let mut seen = BTreeSet::new();
    let (mut from, mut page) = (from.max(Timestamp::UNIX_EPOCH), 1);
    for number in 0..MOST_CALLS {
        let call = format!(
            "{target}&updated_after={from}&order_by=updated_at&sort=asc&per_page={PER_PAGE}&page={page}"
        );
        let got: List<T> = gitlab.page(&call).await;
        all.broken += got.broken;
        if got.failed.is_some() {
            all.failed = got.failed;
            return all;
        }
        let come = got.items.len() + got.broken;
        let full = got.more || come >= PER_PAGE;
        let reached = (page - 1) * PER_PAGE + come;
        if let Some(total) = got.total.filter(|total| !full && *total > reached) {
            all.failed = Some(Failed::Short(
                format!("GET {}", path(target)),
                reached,
                total,
            ));
        } else if !full && number > 0 && !got.says_pages {
            all.failed = Some(Failed::Unsaid(format!("GET {}", path(target))));
        }
        let last = got.items.iter().filter_map(Item::updated).max();
        let new = got.items.into_iter().filter(|item| seen.insert(item.iid()));
        all.items.extend(new);
        if !full || all.items.len() > most {
            return all;
        }
        match last {
            // More than a page of one time, or of none.
            Some(last) if last > from => (from, page) = (last, 1),
            _ => page += 1,
        }
    }
    all.failed = Some(Failed::TooLong(
        format!("GET {}", path(target)),
        MOST_CALLS * PER_PAGE,
    ));
    all
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}
