//! I/O and nothing else: the calls that the collector makes, and lists page by page.

use std::collections::HashSet;

use plimsoll_kit::http::{Answer, Client, Error, NoQuery, Queried, Query, Retry, Url, next_link};
use plimsoll_kit::{Context, file};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::account::Account;
use crate::settings::Settings;
use crate::wire::{self, NoList};

/// How many items of a list a page has at most.
const PER_PAGE: usize = 100;
/// The most pages of a repository's list, and of the lists that belong to one pull request.
pub(crate) const MOST_PAGES: usize = 10_000;
pub(crate) const FEW_PAGES: usize = 100;
/// The version of the API whose answers are known here. A later one leaves the merge commit out.
const VERSION: &str = "2022-11-28";

/// A connection to the API.
pub(crate) struct Github {
    rest: Client,
    graphql: Option<Client>,
    edits: Query,
}

/// What came of a list.
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// The pages on which items were that make no sense, one for each.
    pub(crate) broken: Vec<usize>,
    /// Why it is not the whole list.
    pub(crate) failed: Option<Failed>,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error("{0}: {1}")]
    List(String, NoList),
    #[error("{0}: the list is longer than {1} items: the rest was left unread")]
    TooLong(String, usize),
    #[error("{0}: the list has {1} items, and its count says {2}: what is missing is not known")]
    Short(String, usize, usize),
    #[error(
        "{0}: nothing says whether the list goes on after page {1}: what lies between here and the server takes the `Link` header away"
    )]
    Unsaid(String, usize),
}

impl Failed {
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Http(error) => error.status(),
            _ => None,
        }
    }

    /// Whether there is no use in asking for anything else.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Http(Error::Wait { .. }) | Self::Http(Error::Host(_))
        ) || self.status() == Some(401)
    }

    /// Whether the next run will fare no better: what is refused, not there, or too long stays so.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(
            self,
            Self::TooLong(..)
                | Self::Http(Error::TooLong { .. })
                | Self::Http(Error::Status {
                    status: 403 | 404 | 410 | 451,
                    ..
                })
        )
    }

    /// Whether the right to read it is missing, or it is kept from sight as if it were not there.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Http(Error::Status {
                status: 403 | 404,
                ..
            })
        )
    }
}

impl<T> List<T> {
    /// Whether it may be read better by the next run.
    pub(crate) fn is_lost(&self) -> bool {
        self.failed
            .as_ref()
            .is_some_and(|failed| !failed.is_lasting())
    }

    /// Whether all of it was read.
    pub(crate) fn is_whole(&self) -> bool {
        self.failed.is_none() && self.broken.is_empty()
    }
}

impl Github {
    /// Connects nowhere. The error says what to do, and holds no secret.
    pub(crate) fn new(
        account: &Account,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, String> {
        let roots = match &settings.root_certificates {
            Some(path) => Some(
                file::read(path, file::MOST)
                    .map_err(|error| format!("`root_certificates`: cannot read {error}"))?,
            ),
            None => None,
        };
        let build = |base: &str, path: Option<&str>| {
            let retry = Retry {
                attempts: 4,
                longest_asked: settings.longest_wait,
                ..Retry::default()
            };
            let mut builder = Client::builder(base)
                .token(account.token.clone())
                .header(
                    "Accept",
                    "application/vnd.github+json, application/json;q=0.9",
                )
                .header("X-GitHub-Api-Version", VERSION)
                .timeout(settings.timeout)
                .most_bytes(context.limits.bytes)
                .concurrency(settings.concurrency)
                .retry(retry)
                .clock(context.clock.clone());
            if let Some(proxy) = &settings.proxy {
                builder = builder.proxy(proxy);
            }
            if let Some(roots) = &roots {
                builder = builder.root_certificates(roots.clone());
            }
            if let Some(path) = path {
                builder = builder.graphql(path);
            }
            builder.build().map_err(|error| error.to_string())
        };
        let graphql = match settings.graphql {
            true => {
                let (base, path) = split(&account.graphql_url)?;
                Some(build(&base, Some(&path))?)
            }
            false => None,
        };
        let edits = Query::new(include_str!("queries/edits.graphql"));
        Ok(Self {
            rest: build(&account.api_url, None)?,
            graphql,
            edits: edits.map_err(|error: NoQuery| error.to_string())?,
        })
    }

    /// Reads one thing.
    pub(crate) async fn one<T: DeserializeOwned>(&self, target: &str) -> Result<T, Failed> {
        Ok(self.rest.json(target).await?)
    }

    /// Whether something can be read, without a look at it.
    pub(crate) async fn answers(&self, target: &str) -> Result<Answer, Error> {
        self.rest.get(target).await
    }

    /// Reads a list of at most so many pages, and of it no more than `enough` asks for.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        target: &str,
        key: Option<&str>,
        most_pages: usize,
        mut enough: impl FnMut(&[T]) -> bool + Send,
    ) -> List<T> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let and = if query.is_empty() { "" } else { "&" };
        let first = format!("{path}?{query}{and}per_page={PER_PAGE}");
        // Of the link nothing but its query is taken: behind a proxy, or where a repository has moved, it names another place.
        let mut pages = self.rest.pages_by(&first, |answer: &Answer| {
            let Some(next) = next_link(answer)? else {
                return Ok(None);
            };
            let query = next.query().ok_or("its next page has no number")?;
            Ok(Some(format!("{path}?{query}")))
        });
        let mut list = List {
            items: Vec::new(),
            broken: Vec::new(),
            failed: None,
        };
        let mut number = 0;
        let mut total = None;
        // Whether the last page is full and says nothing of others.
        let mut unsaid = false;
        let mut seen = HashSet::new();
        let mut repeated = 0;
        loop {
            let answer = match pages.next().await {
                Ok(Some(answer)) => answer,
                Ok(None) => {
                    let have = list.items.len() + list.broken.len() - repeated;
                    let call = || format!("GET {path}");
                    // More than are counted: something went meanwhile, and what came after it may have slipped to a page that was read.
                    if let Some(total) = total.filter(|total| *total != have) {
                        list.failed = Some(Failed::Short(call(), have, total));
                    } else if unsaid && (number > 1 || !self.is_empty(&first, key).await) {
                        list.failed = Some(Failed::Unsaid(call(), number));
                    }
                    return list;
                }
                Err(error) => {
                    list.failed = Some(error.into());
                    return list;
                }
            };
            number += 1;
            let page = match wire::items::<T>(answer.body(), key) {
                Ok(page) => page,
                Err(why) => {
                    list.failed = Some(Failed::List(format!("GET {path}"), why));
                    return list;
                }
            };
            let come = page.good.len() + page.broken.len();
            unsaid = answer.header("link").is_none()
                && page.total.is_none()
                && (number > 1 || come >= PER_PAGE);
            repeated += page.ids.iter().filter(|id| !seen.insert(**id)).count();
            list.broken.extend(page.broken.iter().map(|_| number));
            total = page.total.or(total);
            let done = enough(&page.good);
            list.items.extend(page.good);
            if done {
                return list;
            }
            let more = !matches!(next_link(&answer), Ok(None));
            if more && number >= most_pages {
                list.failed = Some(Failed::TooLong(format!("GET {path}"), number * PER_PAGE));
                return list;
            }
        }
    }

    /// Whether the second page of a list is one, and holds nothing: a list of one full page has no `Link` header.
    async fn is_empty(&self, first: &str, key: Option<&str>) -> bool {
        let Ok(answer) = self.rest.get(&format!("{first}&page=2")).await else {
            return false;
        };
        wire::items::<serde::de::IgnoredAny>(answer.body(), key)
            .is_ok_and(|page| page.good.is_empty() && page.broken.is_empty())
    }

    /// The edits of the texts of some pull requests and issues, and what they close; none where it is not to be asked.
    pub(crate) async fn edits(&self, ids: &[&str]) -> Option<Result<Queried<wire::Nodes>, Error>> {
        let client = self.graphql.as_ref()?;
        Some(client.query(&self.edits, &json!({ "ids": ids })).await)
    }
}

/// A URL as the base and the last part of its path.
fn split(url: &str) -> Result<(String, String), String> {
    let wrong = || "`graphql_url` is no URL with a path".to_owned();
    let mut parsed: Url = url.parse().map_err(|_| wrong())?;
    let path = parsed.path().trim_end_matches('/').to_owned();
    let (base, last) = path.rsplit_once('/').ok_or_else(wrong)?;
    if last.is_empty() {
        return Err(wrong());
    }
    parsed.set_path(&format!("{base}/"));
    Ok((parsed.to_string(), last.to_owned()))
}

/// A text as one part of a path or a query's value, whatever it holds.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_comes_apart_at_its_last_part() {
        let (base, path) = split("https://git.example.com/api/graphql").unwrap();
        assert_eq!(
            (base.as_str(), path.as_str()),
            ("https://git.example.com/api/", "graphql")
        );
        assert!(split("https://git.example.com").is_err());
    }

    #[test]
    fn the_query_is_one() {
        assert!(Query::new(include_str!("queries/edits.graphql")).is_ok());
        assert_eq!(encoded("release/1.0 é"), "release%2F1.0%20%C3%A9");
    }
}
