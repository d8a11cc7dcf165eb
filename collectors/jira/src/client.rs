//! I/O and nothing else: the calls that the collector makes.

use jiff::Timestamp;
use plimsoll_kit::Context;
use plimsoll_kit::http::{Answer, Client, Error};

use crate::account::Authority;
use crate::settings::{Product, Settings};

/// How many entries of a history, comments or approvals a page has.
const PAGE: usize = 100;

/// One Jira.
pub(crate) struct Jira {
    http: Client,
    pub(crate) product: Product,
    /// Where the token was found, for people.
    pub(crate) place: String,
}

/// Where a search goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Start,
    Token(String),
    At(usize),
}

/// A list that belongs to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// What happened to it. Cloud alone has it.
    History,
    Comments,
    /// A service desk's approvals.
    Approvals,
}

impl List {
    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::History => "its history",
            Self::Comments => "its comments",
            Self::Approvals => "its service desk approvals",
        }
    }
}

impl Jira {
    /// Connects nowhere.
    pub(crate) fn new(
        authority: Authority,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, Error> {
        let http = Client::builder(&settings.url)
            .secret("authorization", authority.scheme, authority.secret)
            .header("accept", "application/json")
            // Without it a data centre's service desk answers nothing about approvals.
            .header("x-experimentalapi", "opt-in")
            .timeout(settings.timeout)
            .most_bytes(context.limits.bytes)
            .concurrency(settings.concurrency)
            .clock(std::sync::Arc::clone(&context.clock))
            .build()?;
        Ok(Self {
            http,
            product: settings.product,
            place: authority.place,
        })
    }

    /// The path of the interface's root.
    fn root(&self) -> &'static str {
        match self.product {
            Product::Cloud => "/rest/api/3",
            Product::DataCenter => "/rest/api/2",
        }
    }

    async fn rest(&self, rest: &str) -> Result<Answer, Error> {
        self.http.get(&format!("{}{rest}", self.root())).await
    }

    /// Whose the token is. Much of the rest is answered to strangers too, with nothing in it.
    pub(crate) async fn myself(&self) -> Result<Answer, Error> {
        self.rest("/myself").await
    }

    /// All fields.
    pub(crate) async fn fields(&self) -> Result<Answer, Error> {
        self.rest("/field").await
    }

    /// All statuses.
    pub(crate) async fn statuses(&self) -> Result<Answer, Error> {
        self.rest("/status").await
    }

    /// A project: on Cloud in a page, in a data centre alone.
    pub(crate) async fn project(&self, key: &str) -> Result<Answer, Error> {
        let key = encoded(key);
        match self.product {
            Product::Cloud => self.rest(&format!("/project/search?keys={key}")).await,
            Product::DataCenter => self.rest(&format!("/project/{key}")).await,
        }
    }

    /// A page of a project's issues that were altered since a time.
    ///
    /// The time goes out as a bare number of milliseconds: one in quotes has whole minutes, and is read in the time zone of the token's owner. In
    /// order of the keys, which do not change: in order of what was altered last, an issue that is altered meanwhile moves
    /// others over the border of two pages.
    pub(crate) async fn search(
        &self,
        project: &str,
        since: Timestamp,
        fields: &str,
        from: &From,
        many: usize,
    ) -> Result<Answer, Error> {
        let since = since.as_millisecond().max(0);
        let jql = format!("project = \"{project}\" AND updated >= {since} ORDER BY key ASC");
        let common = format!(
            "jql={}&fields={}&maxResults={many}",
            encoded(&jql),
            encoded(fields)
        );
        let target = match (self.product, from) {
            (Product::Cloud, From::Token(token)) => {
                format!("/search/jql?{common}&nextPageToken={}", encoded(token))
            }
            (Product::Cloud, _) => format!("/search/jql?{common}"),
            (Product::DataCenter, from) => {
                let at = if let From::At(at) = from { *at } else { 0 };
                format!("/search?{common}&expand=changelog&startAt={at}")
            }
        };
        self.rest(&target).await
    }

    /// A page of a list that belongs to an issue, the oldest first.
    pub(crate) async fn list(&self, list: List, issue: &str, at: usize) -> Result<Answer, Error> {
        let issue = encoded(issue);
        let root = self.root();
        let target = match list {
            List::History => {
                format!("{root}/issue/{issue}/changelog?startAt={at}&maxResults={PAGE}")
            }
            List::Comments => format!(
                "{root}/issue/{issue}/comment?startAt={at}&maxResults={PAGE}&orderBy=created"
            ),
            List::Approvals => {
                format!("/rest/servicedeskapi/request/{issue}/approval?start={at}&limit={PAGE}")
            }
        };
        self.http.get(&target).await
    }

    /// An issue's links to elsewhere.
    pub(crate) async fn remote_links(&self, issue: &str) -> Result<Answer, Error> {
        let target = format!("/issue/{}/remotelink", encoded(issue));
        self.rest(&target).await
    }

    /// The pull requests that a code host told of: an interface that the vendor neither documents nor promises.
    pub(crate) async fn development(&self, id: &str, host: &str) -> Result<Answer, Error> {
        let (id, host) = (encoded(id), encoded(host));
        let target = format!(
            "/rest/dev-status/1.0/issue/detail?issueId={id}&applicationType={host}&dataType=pullrequest"
        );
        self.http.get(&target).await
    }
}

fn encoded(text: &str) -> String {
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
