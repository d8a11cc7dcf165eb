//! Lists that come page by page, with `$skip` and `$top`.
//!
//! A row that goes while a list is read moves all that come after it, and one would be missed. So every page begins with
//! the last row of the page before: where it does not, the list was altered meanwhile, and that is said.

use std::collections::HashSet;

use plimsoll_kit::http::Error;
use serde::de::DeserializeOwned;

use crate::client::YouTrack;
use crate::wire::{self, Row, WireError};

/// How many rows are asked for at once.
const PAGE: usize = 100;
/// How many rows a page has where nobody asks for a number: a server gives hardly fewer at once.
const USUAL: usize = 42;
/// The most rows of one list.
const MOST: usize = 2_000_000;

/// Why a list broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the list was altered while it was read; scan again")]
    Altered,
    #[error("a page holds nothing but what came before; the list was left there")]
    Again,
    #[error("the list has more than {MOST} rows; the rest was left unread")]
    Endless,
    #[error("no item says which issue it is about")]
    Unnamed,
}

impl Failed {
    /// Whether it was refused, and so will be the next time.
    pub(crate) fn refused(&self) -> bool {
        matches!(self, Self::Http(error) if matches!(error.status(), Some(401..=403)))
    }
}

/// A list being read.
pub(crate) struct Pages {
    target: String,
    /// The same list without what makes its rows long.
    thin: Option<String>,
    top: usize,
    skip: usize,
    /// Whether the next page begins with the last row of this one.
    overlaps: bool,
    seen: HashSet<String>,
    done: bool,
}

/// One page: its new rows.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<Row<T>>,
    /// Whether what makes rows long was left out.
    pub(crate) thin: bool,
}

impl Pages {
    /// A list at a target with a query. Where rows are too long for an answer, they come without what makes them so by `thin`.
    pub(crate) fn new(target: String, thin: Option<String>) -> Self {
        Self {
            target,
            thin,
            top: PAGE,
            skip: 0,
            overlaps: false,
            seen: HashSet::new(),
            done: false,
        }
    }

    /// The next page; none after the last one. After an error there are no more.
    pub(crate) async fn next<T: DeserializeOwned>(
        &mut self,
        client: &YouTrack,
    ) -> Result<Option<Page<T>>, Failed> {
        if self.done {
            return Ok(None);
        }
        // Until it went well.
        self.done = true;
        let (rows, thin) = self.fetch::<T>(client).await?;
        if self.overlaps && !rows.first().is_some_and(|row| self.seen.contains(&row.key)) {
            return Err(Failed::Altered);
        }
        let count = rows.len();
        let mut new = Vec::with_capacity(count);
        for row in rows {
            if self.seen.insert(row.key.clone()) {
                new.push(row);
            }
        }
        // A server may give fewer rows than it is asked for, and says nothing of it: that a list is at its end only a page shows
        // that holds nothing new.
        let last = new.is_empty();
        if last && count >= self.top.min(USUAL) {
            return Err(Failed::Again);
        }
        if self.seen.len() > MOST {
            return Err(Failed::Endless);
        }
        self.done = last;
        self.overlaps = count > 1;
        self.skip += count.saturating_sub(1).max(1);
        self.top = PAGE;
        Ok(Some(Page { rows: new, thin }))
    }

    /// Fewer rows at once where they are too long for an answer, and at last without what makes them so.
    async fn fetch<T: DeserializeOwned>(
        &mut self,
        client: &YouTrack,
    ) -> Result<(Vec<Row<T>>, bool), Failed> {
        loop {
            let target = format!("{}&$top={}&$skip={}", self.target, self.top, self.skip);
            match client.get(&target).await {
                Ok(answer) => return Ok((wire::rows(answer.body())?, false)),
                // Two at least: one is that of the page before.
                Err(Error::TooLong { .. }) if self.top > 2 => self.top = (self.top / 7).max(2),
                Err(error @ Error::TooLong { .. }) => {
                    let Some(thin) = &self.thin else {
                        return Err(error.into());
                    };
                    let target = format!("{thin}&$top={}&$skip={}", self.top, self.skip);
                    let answer = client.get(&target).await?;
                    return Ok((wire::rows(answer.body())?, true));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
