//! I/O and nothing else: one thing, or a list page by page.

use plimsoll_kit::http::{Answer, Client, Error, Retry, next_link};
use plimsoll_kit::{Context, file};
use serde::de::DeserializeOwned;

use crate::account::Account;
use crate::settings::Settings;
use crate::wire;

/// How many items of a list a page has at most.
pub(crate) const PER_PAGE: usize = 100;
/// The most pages of a list that belongs to one merge request or to a project.
const MOST_PAGES: usize = 100;

/// A connection to the API.
pub(crate) struct Gitlab {
    rest: Client,
}

/// What came of a list.
#[derive(Debug)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// How many items make no sense.
    pub(crate) broken: usize,
    /// Whether there is more of it, of a single page.
    pub(crate) more: bool,
    /// Whether anything says so, or that there is none.
    pub(crate) says_pages: bool,
    /// How many there are by the server's own count, where it counts.
    pub(crate) total: Option<usize>,
    /// Why it is not the whole list.
    pub(crate) failed: Option<Failed>,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error(transparent)]
    Http(#[from] Error),
    #[error("{0}: the answer is no list")]
    NoList(String),
    #[error("{0}: the list is longer than {1} items: the rest was left unread")]
    TooLong(String, usize),
    #[error("{0}: {UNSAID}")]
    Unsaid(String),
    #[error("{0}: the list has {1} items, and its count says {2}: what is missing is not known")]
    Short(String, usize, usize),
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
        matches!(self, Self::Http(Error::Wait { .. } | Error::Host(_)))
            || self.status() == Some(401)
    }

    /// Whether it is kept from sight, or is not there.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.status(), Some(403 | 404))
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            broken: 0,
            more: false,
            says_pages: false,
            total: None,
            failed: None,
        }
    }
}

impl<T> List<T> {
    /// Whether all of it was read.
    pub(crate) fn is_whole(&self) -> bool {
        self.failed.is_none() && self.broken == 0
    }
}

impl Gitlab {
    /// Connects nowhere. The error says what to do, and holds no secret.
    pub(crate) fn new(
        account: &Account,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, String> {
        let retry = Retry {
            longest_asked: settings.longest_wait,
            ..Retry::default()
        };
        let mut builder = Client::builder(&account.api_url)
            // Taken of every kind of token, also of one of OAuth.
            .token(account.token.clone())
            .timeout(settings.timeout)
            .most_bytes(context.limits.bytes)
            .concurrency(settings.concurrency)
            .retry(retry)
            .clock(context.clock.clone());
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(proxy);
        }
        if let Some(path) = &settings.root_certificates {
            let pem = file::read(path, file::MOST)
                .map_err(|error| format!("`root_certificates`: cannot read {error}"))?;
            builder = builder.root_certificates(pem);
        }
        let rest = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { rest })
    }

    /// Reads one thing.
    pub(crate) async fn one<T: DeserializeOwned>(&self, target: &str) -> Result<T, Failed> {
        Ok(self.rest.json(target).await?)
    }

    /// Whether something can be read, without a look at it.
    pub(crate) async fn answers(&self, target: &str) -> Result<Answer, Error> {
        self.rest.get(target).await
    }

    /// Reads one page.
    pub(crate) async fn page<T: DeserializeOwned>(&self, target: &str) -> List<T> {
        let mut list = List::default();
        match self.rest.get(target).await {
            Ok(answer) => {
                list.add(target, &answer);
                list.more = !matches!(next(&answer, "", ""), Ok(None));
                list.says_pages = says_pages(&answer);
            }
            Err(error) => list.failed = Some(error.into()),
        }
        list
    }

    /// Reads a list to its end.
    pub(crate) async fn list<T: DeserializeOwned>(&self, target: &str) -> List<T> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let and = if query.is_empty() { "" } else { "&" };
        let first = format!("{path}?{query}{and}per_page={PER_PAGE}");
        let mut list = List::default();
        let mut begun = false;
        let mut pages = self.rest.pages_by(&first, |answer: &Answer| {
            let later = std::mem::replace(&mut begun, true);
            let next = next(answer, path, &first)?;
            // A list of one page need not say so; one that went on says where it ends.
            let full = || wire::count(answer.body()).is_some_and(|count| count >= PER_PAGE);
            if next.is_none() && !says_pages(answer) && (later || full()) {
                return Err(UNSAID.to_owned());
            }
            Ok(next)
        });
        for _ in 0..MOST_PAGES {
            match pages.next().await {
                Ok(Some(answer)) => list.add(path, &answer),
                Ok(None) => {
                    let have = list.items.len() + list.broken;
                    if let Some(total) = list.total.filter(|total| *total > have) {
                        list.failed = Some(Failed::Short(format!("GET {path}"), have, total));
                    }
                    return list;
                }
                Err(error) => list.failed = Some(error.into()),
            }
            if list.failed.is_some() {
                return list;
            }
        }
        if !matches!(pages.next().await, Ok(None)) {
            list.failed = Some(Failed::TooLong(
                format!("GET {path}"),
                MOST_PAGES * PER_PAGE,
            ));
        }
        list
    }
}

impl<T: DeserializeOwned> List<T> {
    fn add(&mut self, path: &str, answer: &Answer) {
        match wire::items(answer.body()) {
            Some((items, broken)) => {
                self.items.extend(items);
                self.broken += broken;
                let total = answer.header("x-total");
                self.total = total.and_then(|total| total.trim().parse().ok());
            }
            None => {
                let path = path.split('?').next().unwrap_or_default();
                self.failed = Some(Failed::NoList(format!("GET {path}")));
            }
        }
    }
}

const UNSAID: &str = "nothing says whether the list goes on: what lies between here and the server takes headers away";

/// Whether an answer says anything of pages.
fn says_pages(answer: &Answer) -> bool {
    answer.header("link").is_some() || answer.header("x-next-page").is_some()
}

/// The target of the next page. Of a link nothing but its query is taken: behind a proxy it names another place.
///
/// # Errors
/// When there is one, and what names it cannot be read.
fn next(answer: &Answer, path: &str, first: &str) -> Result<Option<String>, String> {
    if let Some(link) = next_link(answer)? {
        let query = link.query().ok_or("its next page has no number")?;
        return Ok(Some(format!("{path}?{query}")));
    }
    let Some(page) = answer.header("x-next-page").map(str::trim) else {
        return Ok(None);
    };
    if !page.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("its `X-Next-Page` is no number".to_owned());
    }
    Ok((!page.is_empty()).then(|| format!("{first}&page={page}")))
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
