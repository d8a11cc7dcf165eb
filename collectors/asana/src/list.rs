//! Lists that come page by page, each page naming the offset of the next.

use std::collections::HashSet;

use plimsoll_kit::http::Error;
use serde::de::DeserializeOwned;

use crate::client::{Asana, Listed, encoded};
use crate::wire::{self, Row, WireError};

/// How many rows are asked for at once: the most that Asana gives.
const PAGE: usize = 100;
/// The most pages of one list.
const MOST: usize = 20_000;

/// Why a list broke off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("its next page is one that was read already; the list was left there")]
    Again,
    #[error("the list has more than {MOST} pages; the rest was left unread")]
    Endless,
}

impl Failed {
    /// Whether it was refused, and so will be the next time.
    pub(crate) fn refused(&self) -> bool {
        matches!(self, Self::Http(error) if matches!(error.status(), Some(401..=403)))
    }
}

/// A list being read.
pub(crate) struct Pages {
    list: Listed,
    limit: usize,
    offset: Option<String>,
    seen: HashSet<String>,
    done: bool,
}

/// One page: its rows.
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<Row<T>>,
    /// Whether what makes rows long was left out.
    pub(crate) thin: bool,
}

impl Pages {
    pub(crate) fn new(list: Listed) -> Self {
        Self {
            list,
            limit: PAGE,
            offset: None,
            seen: HashSet::new(),
            done: false,
        }
    }

    /// The next page; none after the last one. After an error there are no more.
    pub(crate) async fn next<T: DeserializeOwned>(
        &mut self,
        client: &Asana,
    ) -> Result<Option<Page<T>>, Failed> {
        if self.done {
            return Ok(None);
        }
        // Until it went well.
        self.done = true;
        let (answer, thin) = self.fetch(client).await?;
        let (rows, next) = wire::rows(answer.body())?;
        if let Some(next) = next {
            if !self.seen.insert(next.clone()) {
                return Err(Failed::Again);
            }
            if self.seen.len() > MOST {
                return Err(Failed::Endless);
            }
            self.offset = Some(next);
            self.done = false;
        }
        self.limit = PAGE;
        Ok(Some(Page { rows, thin }))
    }

    /// Fewer rows at once where they are too long for an answer, and at last without what makes them so.
    async fn fetch(
        &mut self,
        client: &Asana,
    ) -> Result<(plimsoll_kit::http::Answer, bool), Failed> {
        loop {
            match client.get(&self.target(&self.list.fields)).await {
                Ok(answer) => return Ok((answer, false)),
                Err(Error::TooLong { .. }) if self.limit > 1 => {
                    self.limit = (self.limit / 10).max(1);
                }
                Err(error @ Error::TooLong { .. }) => {
                    let Some(thin) = self.list.thin else {
                        return Err(error.into());
                    };
                    return Ok((client.get(&self.target(thin)).await?, true));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn target(&self, fields: &str) -> String {
        let offset = self.offset.as_deref().map(encoded);
        let offset = offset.map(|offset| format!("&offset={offset}"));
        format!(
            "{}opt_fields={fields}&limit={}{}",
            self.list.path,
            self.limit,
            offset.unwrap_or_default()
        )
    }
}
