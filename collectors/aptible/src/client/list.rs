//! Whole lists, page by page.

use plimsoll_kit::http::Error;
use serde::de::DeserializeOwned;

use super::Api;
use crate::wire::{Broken, page, page_number};

/// How many rows a page is asked for. Without this the platform sends 40, and a second page may come with another size
/// than the first.
pub(crate) const PER_PAGE: usize = 250;
/// The most pages of one list, and the most pages in a row without a row.
const MOST_PAGES: usize = 10_000;
const MOST_EMPTY: usize = 8;

/// How much of a list is wanted.
pub(crate) enum Window<'w, T> {
    /// All of it, held against the server's own count.
    Whole,
    /// Its beginning: no further page once this says so of the rows that came last, with the number of all.
    Until(&'w mut (dyn FnMut(&[T], usize) -> bool + Send)),
}

/// What came of a list.
pub(crate) struct Listing<T> {
    /// The sound rows, in the order of the list.
    pub(crate) items: Vec<T>,
    /// The others, with the page that they were on.
    pub(crate) broken: Vec<(usize, Broken)>,
    /// Why it is not the whole list, or not all that was wanted of it.
    pub(crate) failed: Option<Failed>,
    /// Whether the list was read to its end.
    pub(crate) ended: bool,
}

/// Why a list is not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error("{0}")]
    Page(#[from] crate::wire::NoPage),
    #[error(
        "{rows} rows came, and the server counts {total}: rows came or went while the list was read, or some are kept back; scan again"
    )]
    Count { rows: usize, total: i64 },
    #[error("{0} rows came, and the server does not say how many there are: the list may go on")]
    Uncounted(usize),
    #[error("the next page of page {0} leads elsewhere")]
    Astray(usize),
    #[error("the list does not end: it was left at page {0}")]
    Endless(usize),
    #[error("the list has more than {0} rows: the rest was left unread")]
    TooLong(usize),
}

impl<T> Listing<T> {
    /// Whether all of it was read, and all of its rows are sound.
    pub(crate) fn is_whole(&self) -> bool {
        self.ended && self.failed.is_none() && self.broken.is_empty()
    }

    /// Whether nothing of it could be read.
    pub(crate) fn is_lost(&self) -> bool {
        self.failed.is_some() && self.items.is_empty() && self.broken.is_empty()
    }
}

/// Reads a list: the rows under `key` at `path`, with whatever else its query has to hold.
pub(crate) async fn list<T: DeserializeOwned>(
    api: &Api,
    path: &str,
    key: &str,
    most: usize,
    mut window: Window<'_, T>,
) -> Listing<T> {
    let mut listing = Listing {
        items: Vec::new(),
        broken: Vec::new(),
        failed: None,
        ended: false,
    };
    let (mut number, mut pages, mut empty, mut rows) = (1_i64, 0_usize, 0_usize, 0_usize);
    loop {
        let target = format!("{path}?page={number}&per_page={PER_PAGE}");
        let read = match api.get(&target).await {
            Ok(answer) => page::<T>(answer.body(), key).map_err(Failed::from),
            Err(error) => Err(error.into()),
        };
        let read = match read {
            Ok(read) => read,
            Err(failed) => return listing.failing(failed),
        };
        pages += 1;
        let come = read.items.len() + read.broken.len();
        rows += come;
        empty = if come == 0 { empty + 1 } else { 0 };
        let first = listing.items.len();
        listing.items.extend(read.items);
        let on_page = read.broken.into_iter().map(|broken| (pages, broken));
        listing.broken.extend(on_page);
        if rows > most {
            return listing.failing(Failed::TooLong(most));
        }
        let Some(next) = read.next else {
            listing.ended = true;
            return match read.total {
                Some(total) if usize::try_from(total) != Ok(rows) => {
                    listing.failing(Failed::Count { rows, total })
                }
                Some(_) => listing,
                None => listing.failing(Failed::Uncounted(rows)),
            };
        };
        if let Window::Until(enough) = &mut window
            && enough(&listing.items[first..], rows)
        {
            return listing;
        }
        match page_number(&next, path) {
            Some(next) if next > number => number = next,
            _ => return listing.failing(Failed::Astray(pages)),
        }
        if pages >= MOST_PAGES || empty >= MOST_EMPTY {
            return listing.failing(Failed::Endless(pages));
        }
    }
}

impl<T> Listing<T> {
    fn failing(mut self, failed: Failed) -> Self {
        self.failed = Some(failed);
        self
    }
}
