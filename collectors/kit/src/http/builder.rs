//! How a client is put together.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;

use super::{Budget, Client, Error, Retry, Secret};
use crate::{Clock, Limits};

/// Puts a [`Client`] together: [`Client::builder`].
pub struct Builder {
    base: String,
    hosts: Vec<String>,
    secrets: Vec<(String, String, Secret)>,
    headers: Vec<(String, String)>,
    roots: Vec<Vec<u8>>,
    proxy: Option<String>,
    timeout: Duration,
    most: usize,
    retry: Retry,
    budget: Budget,
    concurrency: Option<usize>,
    graphql: Option<String>,
    clock: Clock,
}

impl Builder {
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            hosts: Vec::new(),
            secrets: Vec::new(),
            headers: Vec::new(),
            roots: Vec::new(),
            proxy: None,
            timeout: Duration::from_secs(30),
            most: Limits::default().bytes,
            retry: Retry::default(),
            budget: Budget::unlimited(),
            concurrency: None,
            graphql: None,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Sends `Authorization: Bearer TOKEN` to the base URL's origin.
    pub fn token(self, token: Secret) -> Self {
        self.secret(AUTHORIZATION.as_str(), "Bearer ", token)
    }

    /// Sends a header with a secret, behind a prefix such as `Bearer ` or none, to the base URL's origin.
    pub fn secret(mut self, header: &str, prefix: &str, secret: Secret) -> Self {
        self.secrets
            .push((header.to_owned(), prefix.to_owned(), secret));
        self
    }

    /// Sends a header that is no secret with every request.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Allows another origin (`https://host` or `https://host:port`), as that of the next page or of a download. It gets no secret.
    pub fn allow(mut self, origin: &str) -> Self {
        self.hosts.push(origin.to_owned());
        self
    }

    /// Trusts the certificates in a PEM file too, besides the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Goes through a proxy. Without this none is used, whatever the environment says.
    pub fn proxy(mut self, url: &str) -> Self {
        self.proxy = Some(url.to_owned());
        self
    }

    /// The time for one attempt, from connecting to the answer's last byte; 30 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The most bytes of one answer; mostly [`Limits::bytes`].
    pub fn most_bytes(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// When to ask again.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How often to ask.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// How many requests are under way at once, over all clones of the client; without this as many as are asked for. Who
    /// waits for the budget does not count.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.concurrency = Some(most.max(1));
        self
    }

    /// The path below the base URL that takes GraphQL queries by `POST`, as `/graphql`; without this none can be sent.
    pub fn graphql(mut self, path: &str) -> Self {
        self.graphql = Some(path.to_owned());
        self
    }

    /// Our own clock, for waits until a date; mostly that of the [`Context`](crate::Context).
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The client. Connects nowhere.
    ///
    /// # Errors
    /// When a URL, header or certificate is no such thing, or a secret would be sent in plain text to another machine.
    pub fn build(self) -> Result<Client, Error> {
        let mut base = origin_url(&self.base)?;
        if !base.path().ends_with('/') {
            // A base without a slash at its end would lose its last part when a path is joined to it.
            base.set_path(&format!("{}/", base.path()));
        }
        if !self.secrets.is_empty() && base.scheme() == "http" && !is_loopback(&base) {
            let host = base.host_str().unwrap_or_default();
            return Err(Error::Setup(format!(
                "a token would go to http://{host} in plain text: use https"
            )));
        }
        let mut origins = vec![base.origin().ascii_serialization()];
        for host in &self.hosts {
            origins.push(origin_url(host)?.origin().ascii_serialization());
        }
        let mut secrets = HeaderMap::new();
        for (name, prefix, secret) in &self.secrets {
            let (name, mut value) = header(name, &format!("{prefix}{}", secret.expose()))?;
            value.set_sensitive(true);
            secrets.insert(name, value);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (name, value) = header(name, value)?;
            headers.insert(name, value);
        }
        let graphql = self.graphql.as_deref().map(|path| query_url(&base, path));
        Ok(Client {
            inner: self.inner(&base, headers)?,
            graphql: graphql.transpose()?,
            concurrency: self.concurrency.map(|most| Arc::new(Semaphore::new(most))),
            base,
            origins,
            secrets,
            timeout: self.timeout,
            most: self.most,
            retry: self.retry,
            budget: self.budget,
            clock: self.clock,
        })
    }

    fn inner(&self, base: &Url, headers: HeaderMap) -> Result<reqwest::Client, Error> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .timeout(self.timeout)
            .default_headers(headers);
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy);
            let proxy = proxy.map_err(|_| Error::Setup("the proxy is no URL".to_owned()))?;
            builder = builder.proxy(proxy);
        }
        let mut roots = Vec::new();
        for pem in &self.roots {
            let made = reqwest::Certificate::from_pem_bundle(pem);
            let made = made.ok().filter(|made| !made.is_empty());
            roots.extend(made.ok_or_else(|| {
                Error::Setup("the root certificates are no certificates in PEM".to_owned())
            })?);
        }
        let plain = base.scheme() == "http" && self.hosts.is_empty() && self.proxy.is_none();
        builder = if plain {
            // No TLS to speak: a machine without any root certificates will do.
            builder.tls_certs_only(roots)
        } else {
            builder.tls_certs_merge(roots)
        };
        builder.build().map_err(|error| {
            let why =
                std::error::Error::source(&error).map_or(String::new(), |why| format!(": {why}"));
            Error::Setup(format!(
                "cannot speak TLS{why}; install the system's root certificates (ca-certificates)"
            ))
        })
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let parsed = name
        .parse::<HeaderName>()
        .ok()
        .zip(value.parse::<HeaderValue>().ok());
    parsed.ok_or_else(|| Error::Setup(format!("{name:?} or its value is no header")))
}

fn origin_url(text: &str) -> Result<Url, Error> {
    let url: Option<Url> = text.parse().ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        // The text is not shown: it may hold a password.
        return Err(Error::Setup(
            "the URL is no http or https URL with a host".to_owned(),
        ));
    };
    let extra = !url.username().is_empty() || url.password().is_some() || url.query().is_some();
    if extra || url.fragment().is_some() {
        return Err(Error::Setup(
            "a URL must hold no user, password, query or fragment: give a token by its file or variable".to_owned(),
        ));
    }
    Ok(url)
}

/// Where queries go: a plain path below the base URL, so that no other place can be meant.
fn query_url(base: &Url, path: &str) -> Result<Url, Error> {
    let url = base
        .join(&format!("./{}", path.trim_start_matches('/')))
        .ok();
    let below = |url: &Url| url.origin() == base.origin() && url.path().starts_with(base.path());
    let plain = |url: &Url| url.query().is_none() && url.fragment().is_none();
    url.filter(|url| below(url) && plain(url)).ok_or_else(|| {
        Error::Setup("the path for queries is no plain path below the base URL".to_owned())
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
