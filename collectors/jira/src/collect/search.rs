//! A project's issues, page by page, each of them once and none left out.

use std::collections::HashSet;

use jiff::Timestamp;
use plimsoll_kit::http::Error;
use serde_json::value::RawValue;

use crate::client::{From, Jira};
use crate::settings::Product;
use crate::wire::SearchPage;

/// How many issues a page has. Each may be long.
const PAGE: usize = 50;
/// How many issues of a data centre's page were in the one before it too, so that a list that moved meanwhile shows.
const OVERLAP: usize = 5;
/// The most pages of one project.
const MOST: usize = 100_000;

pub(super) struct Search<'s> {
    jira: &'s Jira,
    project: &'s str,
    since: Timestamp,
    fields: String,
    many: usize,
    from: Option<From>,
    seen: HashSet<String>,
    tokens: HashSet<String>,
    /// The last issue of the page before.
    last: Option<String>,
    pages: usize,
}

impl<'s> Search<'s> {
    pub(super) fn new(jira: &'s Jira, project: &'s str, since: Timestamp, fields: String) -> Self {
        Self {
            jira,
            project,
            since,
            fields,
            many: PAGE,
            from: Some(From::Start),
            seen: HashSet::new(),
            tokens: HashSet::new(),
            last: None,
            pages: 0,
        }
    }

    /// The next page's issues; none after the last one.
    ///
    /// # Errors
    /// In words, when what was read is not the whole list.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Box<RawValue>>>, String> {
        let Some(from) = self.from.take() else {
            return Ok(None);
        };
        self.pages += 1;
        if self.pages > MOST {
            return Err(format!("{}: the list of issues has no end", self.project));
        }
        let page = self.page(&from).await.map_err(|error| error.to_string())?;
        let ids: Vec<Option<String>> = page.issues.iter().map(|raw| id_of(raw)).collect();
        self.from = match self.jira.product {
            Product::Cloud => self.after_token(page.next_page_token, page.is_last)?,
            Product::DataCenter => self.after_number(&from, &ids, page.total)?,
        };
        let seen = &mut self.seen;
        let issues = page.issues.into_iter().zip(ids);
        // One without an id is told of by whoever reads it.
        let fresh = issues.filter(|(_, id)| id.as_ref().is_none_or(|id| seen.insert(id.clone())));
        Ok(Some(fresh.map(|(issue, _)| issue).collect()))
    }

    /// A page, a smaller one where that is too long.
    async fn page(&mut self, from: &From) -> Result<SearchPage, Error> {
        loop {
            let search = self
                .jira
                .search(self.project, self.since, &self.fields, from, self.many);
            match search.await {
                Err(Error::TooLong { .. }) if self.many > 1 => self.many = self.many.div_ceil(4),
                answer => return answer?.json(),
            }
        }
    }

    fn after_token(
        &mut self,
        token: Option<String>,
        last: Option<bool>,
    ) -> Result<Option<From>, String> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            if last != Some(true) {
                return Err(format!(
                    "{}: the list of issues does not say that it ends, and nothing says where it goes on; it was left there",
                    self.project
                ));
            }
            return Ok(None);
        };
        if !self.tokens.insert(token.clone()) {
            return Err(format!(
                "{}: the next page of issues is one that was read already; the list was left there",
                self.project
            ));
        }
        Ok(Some(From::Token(token)))
    }

    /// By numbers a list can move while it is read: an issue that is deleted in front draws another over the border of two pages.
    fn after_number(
        &mut self,
        from: &From,
        ids: &[Option<String>],
        total: Option<i64>,
    ) -> Result<Option<From>, String> {
        let moved = || {
            Err(format!(
                "{}: the list of issues moved while it was read, so that some may be missing; the next scan reads it again",
                self.project
            ))
        };
        let at = if let From::At(at) = from { *at } else { 0 };
        if let Some(last) = &self.last
            && !ids.iter().flatten().any(|id| id == last)
        {
            return moved();
        }
        let end = at.saturating_add(ids.len());
        let total = total.and_then(|total| usize::try_from(total).ok());
        let total = total.ok_or_else(|| {
            format!(
                "{}: the list of issues does not say how long it is",
                self.project
            )
        })?;
        if end >= total {
            return Ok(None);
        }
        // A page may be shorter than was asked for, and none may be so short that nothing is gained by it.
        let overlap = OVERLAP
            .min(ids.len().saturating_sub(1))
            .min(self.many.saturating_sub(1));
        let next = end.saturating_sub(overlap);
        if next <= at {
            return moved();
        }
        self.last = ids.last().cloned().flatten().filter(|_| overlap > 0);
        Ok(Some(From::At(next)))
    }
}

/// What tells an issue from another.
fn id_of(raw: &RawValue) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Id {
        #[serde(deserialize_with = "crate::wire::text")]
        id: String,
    }
    let id = serde_json::from_str::<Id>(raw.get()).ok()?.id;
    (!id.is_empty()).then_some(id)
}
