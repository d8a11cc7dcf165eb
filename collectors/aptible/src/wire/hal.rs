//! HAL: pages of lists, and links between things.

use std::collections::BTreeMap;

use plimsoll_kit::http::Url;
use plimsoll_kit::model::Text;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

/// What a link leads to: `https://api.aptible.com/apps/31` is kind `apps` and id `31`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ref {
    pub(crate) kind: Text,
    pub(crate) id: Text,
}

impl Ref {
    fn of(href: &str) -> Option<Self> {
        let path = href.split(['?', '#']).next()?.trim_end_matches('/');
        let (rest, id) = path.rsplit_once('/')?;
        let kind = rest.rsplit('/').next()?;
        let fits = |part: &str| {
            let sound = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            !part.is_empty() && part.len() <= 64 && part.bytes().all(sound)
        };
        let made = || Self {
            kind: kind.into(),
            id: id.into(),
        };
        (fits(kind) && fits(id)).then(made)
    }
}

/// Where something belongs; a link that is null, empty or missing is none.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Links {
    #[serde(deserialize_with = "link")]
    pub(crate) account: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) app: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) service: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) database: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) stack: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) organization: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) certificate: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) current_setting: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) current_configuration: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) current_image: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) current_release: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) service_sizing_policy: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) database_image: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) disk: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) persistent_disk: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) copied_from: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) resource: Option<Ref>,
    #[serde(deserialize_with = "link")]
    pub(crate) user: Option<Ref>,
}

/// Links that may be null.
pub(crate) fn links<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Links, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(serde::Deserialize)]
struct Link {
    #[serde(default)]
    href: Option<String>,
}

fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ref>, D::Error> {
    let link = Option::<Link>::deserialize(deserializer)?;
    Ok(link.and_then(|link| Ref::of(&link.href?)))
}

/// One page of a list.
pub(crate) struct Page<T> {
    /// The sound rows.
    pub(crate) items: Vec<T>,
    /// The others.
    pub(crate) broken: Vec<Broken>,
    /// How many rows the whole list has, as the server counts them.
    pub(crate) total: Option<i64>,
    /// The target of the link to the next page.
    pub(crate) next: Option<String>,
}

/// A row that makes no sense. Says where, and never what: it may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Its place in its page, from 1.
    pub(crate) row: usize,
    /// Its id, where that can be read.
    pub(crate) id: Option<Text>,
    /// The environment that it links to, where that can be read.
    pub(crate) account: Option<Text>,
}

/// Why an answer is no page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPage {
    #[error("the answer ends in the middle")]
    Short,
    #[error("the answer is no JSON at line {line}, column {column}")]
    Syntax { line: usize, column: usize },
    #[error("the answer is no page of a list: line {line}, column {column}")]
    Shape { line: usize, column: usize },
    #[error("the answer has no list where one should be")]
    NoList,
    #[error("the answer links to a next page, and the link leads nowhere")]
    NoNext,
}

impl From<serde_json::Error> for NoPage {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Eof => Self::Short,
            serde_json::error::Category::Data => Self::Shape { line, column },
            _ => Self::Syntax { line, column },
        }
    }
}

#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(default, deserialize_with = "super::number")]
    total_count: Option<i64>,
    #[serde(default)]
    _links: Option<PageLinks>,
    #[serde(default, borrow)]
    _embedded: Option<BTreeMap<String, &'a RawValue>>,
}

#[derive(serde::Deserialize)]
struct PageLinks {
    #[serde(default)]
    next: Option<Link>,
}

/// Reads a page whose rows lie under `key`. A list that is null or missing is an empty one only where the server counts none.
pub(crate) fn page<T: DeserializeOwned>(answer: &[u8], key: &str) -> Result<Page<T>, NoPage> {
    let envelope: Envelope<'_> = plimsoll_kit::json::read(answer)?;
    let rows = envelope._embedded.as_ref().and_then(|lists| lists.get(key));
    let rows: Option<Vec<&RawValue>> = match rows {
        Some(raw) => serde_json::from_str(raw.get())?,
        None => None,
    };
    if rows.is_none() && envelope.total_count != Some(0) {
        return Err(NoPage::NoList);
    }
    let next = envelope._links.and_then(|links| links.next);
    let next = match next.map(|link| link.href.filter(|href| !href.is_empty())) {
        // A link that leads nowhere is no end.
        Some(None) => return Err(NoPage::NoNext),
        Some(href) => href,
        None => None,
    };
    let mut page = Page {
        items: Vec::new(),
        broken: Vec::new(),
        total: envelope.total_count,
        next,
    };
    for (at, row) in rows.unwrap_or_default().into_iter().enumerate() {
        match serde_json::from_str(row.get()) {
            Ok(item) => page.items.push(item),
            Err(_) => page.broken.push(broken(at + 1, row)),
        }
    }
    Ok(page)
}

/// What can still be said of a broken row.
fn broken(row: usize, raw: &RawValue) -> Broken {
    let value: serde_json::Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let id = value.get("id").and_then(serde_json::Value::as_i64);
    let href = value.pointer("/_links/account/href");
    let account = href.and_then(|href| Ref::of(href.as_str()?));
    Broken {
        row,
        id: id.map(|id| id.to_string().into()),
        account: account.map(|account| account.id),
    }
}

/// The number of the page that a link of a list leads to: `…/apps?page=2` is 2. None where it leads to another list, to a page of no
/// number, or nowhere.
///
/// Only the number is taken from it. Where the page lies, and with how many rows, is ours to say: the link may forget the latter, and
/// through a proxy it names a host that is not the one that is asked.
pub(crate) fn page_number(next: &str, list: &str) -> Option<i64> {
    let base: Url = "http://page.invalid/".parse().ok()?;
    let url = base.join(next).ok()?;
    let (have, want) = (url.path().trim_matches('/'), list.trim_matches('/'));
    let same = have == want
        || have
            .strip_suffix(want)
            .is_some_and(|rest| rest.ends_with('/'));
    let mut pages = url.query_pairs().filter(|(name, _)| name == "page");
    let page = pages.next()?.1.parse().ok()?;
    same.then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row {
        handle: Text,
    }

    #[test]
    fn one_broken_row_does_not_lose_the_page() {
        let answer = br#"{"total_count":"3","_links":{"next":{"href":"https://a/apps?page=2"}},"_embedded":{"apps":[
            {"handle":"a"},{"handle":7,"id":31,"_links":{"account":{"href":"https://a/accounts/21"}}},{"handle":"b"}]}}"#;
        let page = page::<Row>(answer, "apps").unwrap();
        let names: Vec<_> = page.items.iter().map(|row| row.handle.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(page.total, Some(3));
        let broken = Broken {
            row: 2,
            id: Some("31".into()),
            account: Some("21".into()),
        };
        assert_eq!(page.broken, [broken]);
        assert_eq!(page_number(&page.next.unwrap(), "/apps"), Some(2));
    }

    #[test]
    fn what_is_no_list_is_empty_only_where_the_server_counts_none() {
        let read = |text: &str| page::<Row>(text.as_bytes(), "apps").map(|page| page.items.len());
        assert_eq!(
            read(r#"{"total_count":0,"_embedded":{"apps":null}}"#),
            Ok(0)
        );
        assert_eq!(read(r#"{"total_count":0}"#), Ok(0));
        for lost in [
            r#"{"total_count":4,"_embedded":{"apps":null}}"#,
            r#"{"total_count":4,"_embedded":null}"#,
            "{}",
        ] {
            assert_eq!(read(lost), Err(NoPage::NoList), "{lost}");
        }
        assert_eq!(read(r#"{"_embedded":{"apps":[{"#), Err(NoPage::Short));
        assert!(read("[]").is_err());
    }

    #[test]
    fn errors_do_not_repeat_the_answer() {
        let error = page::<Row>(br#"{"_embedded":"hunter2"}"#, "apps")
            .err()
            .unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn links_are_taken_apart() {
        let of = |href: &str| Ref::of(href).map(|link| format!("{}/{}", link.kind, link.id));
        assert_eq!(
            of("https://api.aptible.com/apps/31").as_deref(),
            Some("apps/31")
        );
        assert_eq!(of("/apps/31/?x=1#y").as_deref(), Some("apps/31"));
        for odd in ["", "31", "https://a/apps/3 1", "https://a/apps/..%2f"] {
            assert_eq!(of(odd), None, "{odd}");
        }
        let links: Links = serde_json::from_str(r#"{"app":null,"service":{},"new":[1]}"#).unwrap();
        assert!(links.app.is_none() && links.service.is_none());
    }

    #[test]
    fn only_a_page_of_the_same_list_comes_next() {
        let number = |next| page_number(next, "/accounts/21/services");
        assert_eq!(
            number("https://b/accounts/21/services?page=3&per_page=9"),
            Some(3)
        );
        assert_eq!(number("/v1/accounts/21/services?page=3"), Some(3));
        assert_eq!(number("?page=3"), None);
        assert_eq!(number("https://b/accounts/22/services?page=3"), None);
        assert_eq!(number("https://b/accounts/21/services?cursor=3"), None);
    }
}
