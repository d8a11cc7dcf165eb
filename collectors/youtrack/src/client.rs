//! I/O and nothing else: the calls that the collector makes.

use std::sync::atomic::{AtomicBool, Ordering};

use plimsoll_kit::Context;
use plimsoll_kit::http::{Answer, Client, Error, Retry};

use crate::account::Account;
use crate::settings::Settings;

/// What is asked of a user.
const USER: &str = "id,login,fullName,guest";
/// What is asked of an issue, but for its description.
const ISSUE: &str = "id,idReadable,summary,created,updated,reporter($user),tags(name),project(shortName),customFields(name,$type,value(id,name,login,fullName,text)),links(issues(idReadable))";
/// What is asked of an event. Texts of descriptions come with `added` whether they are wanted or not.
const EVENT: &str =
    "id,timestamp,author($user),category(id),field(name,customField(name)),targetMember";
/// What an event added and took away.
const VALUES: &str = "id,$type,name,login,fullName,text,version,date,userName,author($user),pullRequest(url,idExternal),state(id)";
/// The kinds of event whose values say something.
const SAYING: &str = "CustomFieldCategory,TagsCategory,LinksCategory,ProjectCategory,VcsChangeCategory,AttachmentsCategory";
/// Those of which it is enough that they happened.
const HAPPENING: &str = "SummaryCategory,DescriptionCategory,CommentsCategory";
/// Those that may leave an issue's time of update as it was.
const QUIET: &str = "TagsCategory,LinksCategory,VcsChangeCategory";
/// Known to newer servers alone.
const PULL_REQUESTS: &str = "PullRequestChangeCategory";

/// One YouTrack.
pub(crate) struct YouTrack {
    client: Client,
    /// Whether the server knows of pull requests, as far as was seen.
    pull_requests: AtomicBool,
}

/// Which of an issue's events are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Events {
    /// All, in one list.
    All,
    /// Those whose values say something.
    Saying,
    /// The others, without their values, which may be long texts.
    Happening,
}

impl YouTrack {
    /// Connects nowhere.
    pub(crate) fn new(
        account: &Account,
        settings: &Settings,
        context: &Context,
        roots: Option<Vec<u8>>,
    ) -> Result<Self, Error> {
        let mut builder = Client::builder(&account.api)
            .token(account.token.clone())
            .header("accept", "application/json")
            .timeout(settings.timeout)
            .most_bytes(context.limits.bytes)
            .concurrency(settings.concurrency)
            .retry(Retry {
                attempts: 4,
                ..Retry::default()
            })
            .clock(std::sync::Arc::clone(&context.clock));
        if let Some(roots) = roots {
            builder = builder.root_certificates(roots);
        }
        Ok(Self {
            client: builder.build()?,
            pull_requests: AtomicBool::new(true),
        })
    }

    pub(crate) async fn get(&self, target: &str) -> Result<Answer, Error> {
        self.client.get(target).await
    }

    /// Who the token is.
    pub(crate) async fn me(&self) -> Result<Answer, Error> {
        self.get(&format!("/users/me?fields={USER}")).await
    }

    /// The fields of a project with their values.
    pub(crate) async fn fields(&self, project: &str) -> Result<Answer, Error> {
        let project = encoded(project);
        self.get(&format!("/admin/projects/{project}/customFields?fields=field(name,fieldType(id)),bundle(values(name))&$top=500"))
            .await
    }

    /// Whether there is any issue, and where; without a word of the search language.
    pub(crate) async fn any_issue(&self) -> Result<Answer, Error> {
        self.get("/issues?fields=id,project(shortName)&$top=1")
            .await
    }

    /// Whether a query finds anything.
    pub(crate) async fn any_of(&self, query: &str) -> Result<Answer, Error> {
        let query = encoded(query);
        self.get(&format!("/issues?query={query}&fields=id&$top=1"))
            .await
    }

    /// Whether pull requests are asked for.
    pub(crate) fn asks_pull_requests(&self) -> bool {
        self.pull_requests.load(Ordering::Relaxed)
    }

    /// The server does not know of pull requests: they are asked for no more. Whether that is news.
    pub(crate) fn without_pull_requests(&self) -> bool {
        self.pull_requests.swap(false, Ordering::Relaxed)
    }

    /// One issue, with or without its description.
    pub(crate) async fn issue(&self, id: &str, described: bool) -> Result<Answer, Error> {
        let fields = issue_fields(described);
        self.get(&format!("/issues/{}?fields={fields}", encoded(id)))
            .await
    }

    /// Where the events of many issues are that may leave an issue's time of update as it was.
    pub(crate) fn quiet(&self, query: &str, since: i64) -> String {
        let query = encoded(query);
        let more = match self.asks_pull_requests() {
            true => format!(",{PULL_REQUESTS}"),
            false => String::new(),
        };
        format!(
            "/activities?categories={QUIET}{more}&issueQuery={query}&start={since}&reverse=false&fields=id,target(id,project(shortName))"
        )
    }

    /// Where events of an issue are.
    pub(crate) fn events(&self, issue: &str, events: Events) -> String {
        let user = USER;
        let event = EVENT.replace("$user", user);
        let values = VALUES.replace("$user", user);
        let saying = match self.asks_pull_requests() {
            true => format!("{SAYING},{PULL_REQUESTS}"),
            false => SAYING.to_owned(),
        };
        let (categories, values) = match events {
            Events::All => (
                format!("{saying},{HAPPENING}"),
                format!(",added({values}),removed({values})"),
            ),
            Events::Saying => (saying, format!(",added({values}),removed({values})")),
            Events::Happening => (HAPPENING.to_owned(), String::new()),
        };
        format!(
            "/issues/{}/activities?categories={categories}&reverse=false&fields={event}{values}",
            encoded(issue)
        )
    }
}

/// Where all projects are.
pub(crate) fn projects() -> String {
    "/admin/projects?fields=id,shortName,archived".to_owned()
}

/// Where the issues of a query are, with or without their descriptions.
pub(crate) fn issues(query: &str, described: bool) -> String {
    let fields = issue_fields(described);
    format!("/issues?query={}&fields={fields}", encoded(query))
}

fn issue_fields(described: bool) -> String {
    let fields = ISSUE.replace("$user", USER);
    let more = if described { ",description" } else { "" };
    format!("{fields}{more}")
}

/// A text as one part of a path or a query's value, whatever it holds.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_one_value() {
        let target = issues("project: CHG updated: 2026-01-01T00:00:00 .. x&y", false);
        assert!(target.starts_with(
            "/issues?query=project%3A%20CHG%20updated%3A%202026-01-01T00%3A00%3A00%20..%20x%26y&fields=id,"
        ));
        assert!(!target.contains("description") && !target.contains("$user"));
    }
}
