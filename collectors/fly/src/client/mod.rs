//! I/O and nothing else: the calls that the collector makes, under the vendor's limits.

mod pace;

use plimsoll_kit::Context;
use plimsoll_kit::http::{Answer, Client, Error, Queried, Query, Retry, Secret, Url};
use serde_json::json;

use crate::account::Account;
use crate::settings::Settings;
use crate::wire;
use pace::Pace;

/// How many rows of an organisation's list a page has at most.
const PAGE: usize = 1000;
/// How many certificates a page has at most.
const CERTIFICATES: usize = 500;
/// How many apps are asked for in one query, with their releases and secrets.
const APPS: usize = 50;

/// The vendor's three interfaces.
pub(crate) struct Fly {
    machines: Client,
    graphql: Client,
    rest: Client,
    attribution: Query,
    releases: usize,
    /// How many certificates and how many volumes of each app are looked at closely.
    pub(crate) closely: usize,
    pace: Pace,
}

/// A list that comes page by page: its answers, and why it broke off where it did.
pub(crate) struct Paged {
    pub(crate) answers: Vec<Answer>,
    pub(crate) failed: Option<Error>,
}

impl Fly {
    /// Connects nowhere.
    pub(crate) fn new(
        account: &Account,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self, Error> {
        let build = |base: &str, scheme: &str, path: Option<&str>| {
            let retry = Retry {
                // Once more than the vendor's own client: each attempt waits for its turn besides.
                attempts: 4,
                ..Retry::default()
            };
            let mut builder = Client::builder(base)
                .secret("authorization", scheme, account.token.clone())
                .timeout(settings.timeout)
                .most_bytes(context.limits.bytes)
                .concurrency(settings.concurrency)
                .retry(retry)
                .clock(std::sync::Arc::clone(&context.clock));
            if let Some(path) = path {
                builder = builder.graphql(path);
            }
            builder.build()
        };
        let scheme = scheme(&account.token);
        let (base, path) = split(&account.graphql_url)?;
        Ok(Self {
            machines: build(&account.machines_url, scheme, None)?,
            graphql: build(&base, scheme, Some(&path))?,
            rest: build(&account.rest_url, "Bearer ", None)?,
            attribution: Query::new(include_str!("../queries/attribution.graphql"))?,
            releases: settings.releases,
            closely: settings.closely,
            pace: Pace::new(settings.paced),
        })
    }

    /// What the token is for.
    pub(crate) async fn token(&self) -> Result<Answer, Error> {
        self.get("token", "", "/tokens/current").await
    }

    /// An organisation's apps.
    pub(crate) async fn apps(&self, slug: &str) -> Result<Answer, Error> {
        let target = format!("/apps?org_slug={}", encoded(slug));
        self.get("apps", slug, &target).await
    }

    /// One app.
    pub(crate) async fn app(&self, app: &str) -> Result<Answer, Error> {
        self.get("app", app, &format!("/apps/{}", encoded(app)))
            .await
    }

    /// The names of the regions.
    pub(crate) async fn regions(&self) -> Result<Answer, Error> {
        self.get("regions", "", "/platform/regions").await
    }

    /// All machines of an organisation, with little about each.
    pub(crate) async fn all_machines(&self, slug: &str) -> Paged {
        self.of_organisation(slug, "machines", PAGE).await
    }

    /// Whether an organisation's machines or volumes can be listed.
    pub(crate) async fn one_of_all(&self, slug: &str, what: &str) -> Result<Answer, Error> {
        let target = format!("/orgs/{}/{what}?limit=1", encoded(slug));
        self.get(what, slug, &target).await
    }

    /// All volumes of an organisation.
    pub(crate) async fn all_volumes(&self, slug: &str) -> Paged {
        self.of_organisation(slug, "volumes", PAGE).await
    }

    async fn of_organisation(&self, slug: &str, what: &'static str, limit: usize) -> Paged {
        let target = format!("/orgs/{}/{what}?limit={limit}", encoded(slug));
        self.pages(what, slug, target).await
    }

    /// An app's machines, closely.
    pub(crate) async fn machines(&self, app: &str) -> Result<Answer, Error> {
        self.of_app(app, "machines").await
    }

    /// An app's addresses.
    pub(crate) async fn addresses(&self, app: &str) -> Result<Answer, Error> {
        self.of_app(app, "ip_assignments").await
    }

    /// The names and digests of an app's secrets. Values are never asked for.
    pub(crate) async fn secrets(&self, app: &str) -> Result<Answer, Error> {
        self.of_app(app, "secrets").await
    }

    async fn of_app(&self, app: &str, what: &'static str) -> Result<Answer, Error> {
        let target = format!("/apps/{}/{what}", encoded(app));
        self.get(what, app, &target).await
    }

    /// An app's certificates.
    pub(crate) async fn certificates(&self, app: &str) -> Paged {
        let target = format!("/apps/{}/certificates?limit={CERTIFICATES}", encoded(app));
        self.pages("certificates", app, target).await
    }

    /// One certificate, with when it ends.
    pub(crate) async fn certificate(&self, app: &str, hostname: &str) -> Result<Answer, Error> {
        let (app_part, host) = (encoded(app), encoded(hostname));
        let target = format!("/apps/{app_part}/certificates/{host}");
        self.get("certificate", app, &target).await
    }

    /// A volume's snapshots.
    pub(crate) async fn snapshots(&self, app: &str, volume: &str) -> Result<Answer, Error> {
        let (app_part, volume) = (encoded(app), encoded(volume));
        let target = format!("/apps/{app_part}/volumes/{volume}/snapshots");
        self.get("snapshots", app, &target).await
    }

    /// A page of an organisation's apps with who released and who set secrets.
    pub(crate) async fn attribution(
        &self,
        slug: &str,
        after: Option<&str>,
    ) -> Result<Queried<wire::Attribution>, Error> {
        self.attribution_of(slug, after, APPS, self.releases).await
    }

    /// The same of so many apps, with so many releases each.
    pub(crate) async fn attribution_of(
        &self,
        slug: &str,
        after: Option<&str>,
        first: usize,
        releases: usize,
    ) -> Result<Queried<wire::Attribution>, Error> {
        let variables =
            json!({ "slug": slug, "first": first, "after": after, "releases": releases });
        let client = self.graphql.paced(&self.pace.of("query", slug));
        client.query(&self.attribution, &variables).await
    }

    /// An app's releases by the older interface.
    pub(crate) async fn releases(&self, app: &str) -> Result<Answer, Error> {
        let target = format!("/apps/{}/releases?limit={}", encoded(app), self.releases);
        let client = self.rest.paced(&self.pace.of("releases", app));
        client.get(&target).await
    }

    /// An organisation by the older interface.
    pub(crate) async fn organisation(&self, slug: &str) -> Result<Answer, Error> {
        let client = self.rest.paced(&self.pace.of("organisation", slug));
        client
            .get(&format!("/organizations/{}", encoded(slug)))
            .await
    }

    /// Reads from the machines' interface. `action` and `of` are what the vendor counts by.
    async fn get(&self, action: &str, of: &str, target: &str) -> Result<Answer, Error> {
        let client = self.machines.paced(&self.pace.of(action, of));
        client.get(target).await
    }

    /// A page may be short or empty while there is a cursor: only an empty cursor ends the list.
    async fn pages(&self, action: &str, of: &str, first: String) -> Paged {
        let client = self.machines.paced(&self.pace.of(action, of));
        let mut pages = client.pages_by(&first, |answer| {
            let cursor = wire::next_cursor(answer.body()).map_err(|error| error.to_string())?;
            Ok(cursor.map(|cursor| format!("{first}&cursor={}", encoded(&cursor))))
        });
        let mut answers = Vec::new();
        loop {
            match pages.next().await {
                Ok(Some(answer)) => answers.push(answer),
                Ok(None) => {
                    return Paged {
                        answers,
                        failed: None,
                    };
                }
                Err(error) => {
                    return Paged {
                        answers,
                        failed: Some(error),
                    };
                }
            }
        }
    }
}

/// The header's scheme, as the vendor's own client chooses it.
fn scheme(token: &Secret) -> &'static str {
    let mut parts = token.expose().split(',');
    let macaroon = |part: &str| {
        let kinds = ["fm1r_", "fm1a_", "fm2_"];
        kinds.iter().any(|kind| part.starts_with(kind))
    };
    if parts.any(macaroon) {
        "FlyV1 "
    } else {
        "Bearer "
    }
}

/// A URL as the base and the last part of its path.
fn split(url: &str) -> Result<(String, String), Error> {
    let wrong = || Error::Setup("the URL for GraphQL is no URL with a path".to_owned());
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
    fn the_scheme_is_that_of_the_tokens_kind() {
        for (token, want) in [
            ("fm2_abc", "FlyV1 "),
            ("fo1_abc,fm1r_def", "FlyV1 "),
            ("fo1_abc", "Bearer "),
            ("abc_fm2_", "Bearer "),
        ] {
            let token = Secret::new("the test", token).unwrap();
            assert_eq!(scheme(&token), want);
        }
    }

    #[test]
    fn whatever_a_name_holds_it_is_one_part() {
        assert_eq!(encoded("*.example.com"), "%2A.example.com");
        assert_eq!(
            encoded("a/../b?c=d&e#f é"),
            "a%2F..%2Fb%3Fc%3Dd%26e%23f%20%C3%A9"
        );
    }

    #[test]
    fn a_url_comes_apart_at_its_last_part() {
        let parts = |url| split(url).map_err(|error| error.to_string());
        let two = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
        assert_eq!(
            parts("https://api.fly.io/graphql"),
            two("https://api.fly.io/", "graphql")
        );
        assert_eq!(parts("http://[::1]:4/a/g/"), two("http://[::1]:4/a/", "g"));
        assert!(parts("https://api.fly.io").is_err());
    }
}
