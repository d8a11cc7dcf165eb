//! Whole organisations: one to read closely, and one of a given size.

use jiff::{Span, Timestamp};
use serde_json::json;

use super::FakeAptible;

/// The numbers of what is in [`FakeAptible::clinic`].
#[derive(Clone, Copy, Debug)]
pub struct Estate {
    /// The stack of the organisation's own.
    pub dedicated: i64,
    /// A stack that is shared with others.
    pub shared: i64,
    /// Production, on the dedicated stack.
    pub production: i64,
    /// Staging, on the dedicated stack too: the platform calls it production.
    pub staging: i64,
    /// Development, on the shared stack.
    pub development: i64,
    /// The app of production, with the services `web` and `worker`.
    pub app: i64,
    /// Its service `web`.
    pub web: i64,
    /// Its service `worker`.
    pub worker: i64,
    /// Its endpoint on the internet.
    pub endpoint: i64,
    /// The app's twin in staging.
    pub staging_app: i64,
    /// The database of production.
    pub database: i64,
    /// The drain of production.
    pub drain: i64,
}

/// How much there is in [`FakeAptible::sized`].
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Environments.
    pub environments: usize,
    /// Apps in all, each with two services and an endpoint.
    pub apps: usize,
    /// Databases in all, each with ten backups.
    pub databases: usize,
    /// Operations in all.
    pub operations: usize,
}

impl FakeAptible {
    /// A small company: production and staging on a stack of its own, and development on a shared one.
    pub fn clinic() -> (Self, Estate) {
        let fake = Self::new();
        let mut state = fake.state();
        let dedicated = state.stack("acme-main", true);
        let shared = state.stack("shared-eu", false);
        state.stack("shared-us", false);
        let postgres = state.database_image("postgresql", "16", Some("2028-11-09T00:00:00Z"));
        let redis = state.database_image("redis", "7.0", None);
        let production = state.environment("acme-prod", dedicated);
        let staging = state.environment("acme-staging", dedicated);
        let development = state.environment("acme-dev", shared);

        let app = state.app(production, "api");
        let web = state.service(app, "web");
        let worker = state.service(app, "worker");
        state.deploy(app, "olive@example.com", "0123abcd");
        let endpoint = state.endpoint(web, Some("api.example.com"), false);
        let certificate = state.certificate(production, "api.example.com", "2026-03-01T00:00:00Z");
        let link = state.link("certificates", certificate);
        state.row("vhosts", endpoint)["_links"]["certificate"] = link;
        state.set(
            endpoint,
            "olive@example.com",
            json!({ "FORCE_SSL": "true", "SSL_PROTOCOLS_OVERRIDE": "TLSv1.2 PFS TLSv1.3" }),
        );
        let database = state.database(production, "main-pg", postgres);
        state.back_up(database);
        let drain = state.drain(production, "siem", "datadog");

        let staging_app = state.app(staging, "api");
        let staging_web = state.service(staging_app, "web");
        state.deploy(staging_app, "olive@example.com", "0123abcd");
        state.endpoint(staging_web, None, false);

        let cache = state.database(development, "cache", redis);
        state.row("databases", cache)["enable_backups"] = json!(false);
        drop(state);
        let estate = Estate {
            dedicated,
            shared,
            production,
            staging,
            development,
            app,
            web,
            worker,
            endpoint,
            staging_app,
            database,
            drain,
        };
        (fake, estate)
    }

    /// An organisation of a size, with all operations in the 20 days before `now`.
    pub fn sized(size: Size, now: Timestamp) -> Self {
        let fake = Self::new();
        let mut state = fake.state();
        let stack = state.stack("acme-main", true);
        let image = state.database_image("postgresql", "16", Some("2028-11-09T00:00:00Z"));
        let ago = |minutes: i64| now.checked_sub(Span::new().minutes(minutes)).unwrap_or(now);
        state.at(ago(60 * 24 * 25));
        let environments: Vec<i64> = (0..size.environments)
            .map(|at| state.environment(&format!("env-{at}"), stack))
            .collect();
        let in_turn = |at: usize| environments[at % environments.len()];
        let mut apps = Vec::with_capacity(size.apps);
        for at in 0..size.apps {
            let app = state.app(in_turn(at), &format!("app-{at}"));
            let web = state.service(app, "web");
            state.service(app, "worker");
            state.deploy(app, "olive@example.com", "0123abcd");
            state.endpoint(web, Some(&format!("app-{at}.example.com")), false);
            apps.push(app);
        }
        for at in 0..size.databases {
            let database = state.database(in_turn(at), &format!("db-{at}"), image);
            for _ in 0..10 {
                state.back_up(database);
            }
        }
        let made = state.numbers("operations").len();
        for at in made..size.operations {
            let left = i64::try_from(size.operations - at).unwrap_or(i64::MAX);
            // About one in a minute and a half, up to now.
            state.at(ago(left.saturating_mul(3) / 2));
            let app = apps[at % apps.len().max(1)];
            let what = ["deploy", "configure", "restart", "execute"][at % 4];
            state.operation(
                what,
                "olive@example.com",
                "apps",
                app,
                json!({ "git_ref": "0123abcd" }),
            );
        }
        drop(state);
        fake
    }
}
