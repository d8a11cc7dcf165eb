//! Lists, page by page: one page is in memory at a time, and what is kept of it is for a [`Fold`] to say.

use std::any::Any;
use std::collections::HashSet;
use std::marker::PhantomData;

use bytes::Bytes;
use plimsoll_model::Text;
use serde::de::DeserializeOwned;

use crate::client::{Api, ApiError, Form};
use crate::wire::{self, Broken, WireError};

/// How many objects one page has: as many as kubectl asks for.
const PAGE: usize = 500;

/// What is made of a list's pages.
pub(crate) trait Fold: Any + Send {
    /// Takes a page in.
    fn page(&mut self, bytes: &[u8]) -> Result<Page, WireError>;

    /// How much has been taken in, in objects kept.
    fn len(&self) -> usize;
}

/// What a page says besides its objects.
#[derive(Default)]
pub(crate) struct Page {
    /// Where the next page is.
    pub(crate) next: Option<String>,
    /// Whether there is more, and nothing says where.
    pub(crate) cut: bool,
    /// How many objects come after it, where the server counts them.
    pub(crate) remaining: Option<usize>,
    /// How many objects it has, sound or not.
    pub(crate) count: usize,
    /// The objects that make no sense.
    pub(crate) broken: Vec<Broken>,
}

/// All objects as they are.
pub(crate) struct All<T>(pub(crate) Vec<T>);

impl<T> Default for All<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: DeserializeOwned + Send + 'static> Fold for All<T> {
    fn page(&mut self, bytes: &[u8]) -> Result<Page, WireError> {
        wire::list(bytes, PhantomData::<T>, |item| self.0.push(item))
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// A list as far as it was read.
pub(crate) struct Listed<F> {
    /// What was made of its pages.
    pub(crate) fold: F,
    /// Why it ended before its end, if it did.
    pub(crate) error: Option<ListError>,
    /// The objects that make no sense.
    pub(crate) broken: Vec<Broken>,
}

/// Why a list was not read to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListError {
    #[error("{0}")]
    Api(#[from] ApiError),
    #[error("{0}")]
    Wire(#[from] WireError),
    #[error(
        "the list expired twice while it was read, so what was read is of two times; scan again when the cluster is calmer"
    )]
    Inconsistent,
    #[error(
        "the server says that the list goes on, and not where; see what lies between here and the cluster, and scan again"
    )]
    Cut,
    #[error("the list names a page twice, and was left there")]
    Circle,
    #[error("more than {0} objects: the rest was left unread")]
    TooMany(usize),
    #[error("a page could not be decoded")]
    Lost,
    #[error("not asked: the server did not say whether it has it")]
    NotSaid,
}

impl ListError {
    /// Why there was no answer, if that is it.
    pub(crate) fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }
}

/// Reads a list to its end.
///
/// All pages are of one time. Where that time is no longer kept (410), the list is read once more from its start; when it expires
/// again, what was read so far stays, as a part.
pub(crate) async fn list<F: Fold + Default>(
    api: &Api,
    path: &str,
    form: Form,
    most: usize,
) -> Listed<F> {
    let listed = whole(api, path, form, most, || Box::new(F::default())).await;
    let fold: Box<dyn Any> = listed.fold;
    let (fold, error) = match fold.downcast() {
        Ok(fold) => (*fold, listed.error),
        // It is what it was made as.
        Err(_) => (F::default(), Some(ListError::Lost)),
    };
    Listed {
        fold,
        error,
        broken: listed.broken,
    }
}

/// What [`list`] does for whatever fold `make` gives: compiled once, and not for each kind of object.
async fn whole(
    api: &Api,
    path: &str,
    form: Form,
    most: usize,
    make: fn() -> Box<dyn Fold>,
) -> Listed<Box<dyn Fold>> {
    let first = run(api, path, form, most, make).await;
    if !expired(&first) {
        return first;
    }
    let mut second = run(api, path, form, most, make).await;
    if expired(&second) {
        second.error = Some(ListError::Inconsistent);
    }
    second
}

fn expired(listed: &Listed<Box<dyn Fold>>) -> bool {
    let api = listed.error.as_ref().and_then(ListError::api);
    api.is_some_and(ApiError::is_expired)
}

async fn run(
    api: &Api,
    path: &str,
    form: Form,
    most: usize,
    make: fn() -> Box<dyn Fold>,
) -> Listed<Box<dyn Fold>> {
    let mut listed = Listed {
        fold: make(),
        error: None,
        broken: Vec::new(),
    };
    let mut next: Option<String> = None;
    let mut met: HashSet<String> = HashSet::new();
    // How many more the page before said that there are.
    let mut rest = 0;
    loop {
        let target = target(path, next.as_deref());
        // Taken only once there is a page: what was read before stays where there is none.
        let mut held = Some(std::mem::replace(&mut listed.fold, make()));
        let take = |bytes| take_in(held.take().unwrap_or_else(make), bytes);
        let read = api.read(&target, form, take).await;
        if let Some(fold) = held {
            listed.fold = fold;
        }
        let page = match read {
            Ok(Some((fold, page))) => {
                listed.fold = fold;
                page.map_err(ListError::from)
            }
            Ok(None) => Err(ListError::Lost),
            Err(error) => Err(error.into()),
        };
        match page {
            Ok(page) => {
                listed.broken.extend(page.broken);
                if listed.fold.len() > most || listed.broken.len() > most {
                    listed.error = Some(ListError::TooMany(most));
                } else if page.cut || (page.next.is_none() && page.count < rest) {
                    listed.error = Some(ListError::Cut);
                } else if page.next.is_none() {
                    return listed;
                } else if !page.next.iter().all(|next| met.insert(next.clone())) {
                    listed.error = Some(ListError::Circle);
                } else {
                    next = page.next;
                    rest = page.remaining.unwrap_or(0);
                    continue;
                }
            }
            Err(error) => listed.error = Some(error),
        }
        return listed;
    }
}

/// Decoding is work for a thread of its own: the others' answers go on coming in meanwhile.
async fn take_in(
    mut fold: Box<dyn Fold>,
    bytes: Bytes,
) -> Option<(Box<dyn Fold>, Result<Page, WireError>)> {
    let work = tokio::task::spawn_blocking(move || {
        let page = fold.page(&bytes);
        (fold, page)
    });
    work.await.ok()
}

fn target(path: &str, next: Option<&str>) -> String {
    let mut target = format!("{path}?limit={PAGE}");
    if let Some(next) = next {
        target.push_str("&continue=");
        for byte in next.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                target.push(char::from(byte));
            } else {
                target.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    target
}

/// What a broken object is called in a message.
pub(crate) fn name_of(broken: &Broken) -> Text {
    match (&broken.namespace, &broken.name) {
        (Some(namespace), Some(name)) => Text::from(format!("{namespace}/{name}")),
        (None, Some(name)) => name.clone(),
        _ => Text::from(format!("number {}", broken.at)),
    }
}
