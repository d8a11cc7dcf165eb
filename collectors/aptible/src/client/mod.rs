//! I/O and nothing else: which server is asked, with which header, and how many at once.

mod list;

use jiff::Timestamp;
use plimsoll_kit::http::{Answer, Client, Error, Secret};
use plimsoll_kit::{Context, Surroundings, file};
use tokio::sync::Semaphore;

pub(crate) use list::{Failed, Listing, PER_PAGE, Window, list};

use crate::credentials::{self, Urls};
use crate::settings::Settings;

/// A connection to the API, and to the one that knows about tokens.
pub(crate) struct Api {
    api: Client,
    auth: Client,
    slots: Semaphore,
    pub(crate) urls: Urls,
    /// Where the token came from.
    pub(crate) token_place: String,
    /// When the token says that it ends.
    pub(crate) token_expires: Option<Timestamp>,
}

impl Api {
    /// Puts the clients together; connects nowhere. The error says what to do, and holds no secret.
    pub(crate) fn new(settings: &Settings, context: &Context) -> Result<Self, String> {
        let here = Surroundings::here();
        let urls = credentials::urls(settings, &here).map_err(|why| why.to_string())?;
        let token = credentials::token(settings, &here, &urls.auth);
        let (token, token_place) = token.map_err(|why| why.to_string())?;
        let roots = match &settings.root_certificates {
            Some(path) => Some(
                file::read(path, file::MOST)
                    .map_err(|error| format!("`root_certificates`: cannot read {error}"))?,
            ),
            None => None,
        };
        let client = |base: &str| {
            client(base, settings, context, &token, roots.as_deref())
                .map_err(|error| error.to_string())
        };
        Ok(Self {
            api: client(&urls.api)?,
            auth: client(&urls.auth)?,
            slots: Semaphore::new(settings.concurrency),
            token_expires: credentials::expires(&token),
            token_place,
            urls,
        })
    }

    /// Reads a path of the API, when a slot is free.
    pub(crate) async fn get(&self, target: &str) -> Result<Answer, Error> {
        // The semaphore is never closed; if it were, asking at once would be right.
        let _slot = self.slots.acquire().await.ok();
        self.api.get(target).await
    }

    /// Reads a path of the API that knows about tokens.
    pub(crate) async fn get_auth(&self, target: &str) -> Result<Answer, Error> {
        let _slot = self.slots.acquire().await.ok();
        self.auth.get(target).await
    }
}

fn client(
    base: &str,
    settings: &Settings,
    context: &Context,
    token: &Secret,
    roots: Option<&[u8]>,
) -> Result<Client, Error> {
    let mut builder = Client::builder(base)
        .token(token.clone())
        .header("Accept", "application/hal+json, application/json;q=0.9")
        // Asking for the sensitive extras would show up in the customer's audit trail, and we want none of them.
        .header("Prefer", "no_sensitive_extras=true")
        .timeout(settings.timeout)
        .most_bytes(context.limits.bytes)
        .clock(context.clock.clone());
    if let Some(proxy) = &settings.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(roots) = roots {
        builder = builder.root_certificates(roots);
    }
    builder.build()
}
