//! Posting. The reading client of the collectors can send nothing, and shall not: this one can, to one address.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde::Serialize;

use super::Sent;
use crate::inert::{Inert, Mrkdwn};

/// The time for one attempt, from connecting to the answer's last byte.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of an answer.
const MOST: usize = 1 << 20;

/// Posts, and reads what is answered.
#[derive(Clone)]
pub(super) struct Http {
    client: reqwest::Client,
}

/// What can be posted: a type in which every text is inert in the channel's format, or our own. Nothing else is posted.
pub(super) trait Letter: Serialize {
    /// Its media type.
    const KIND: &'static str = "application/json";
}

/// A letter as it goes out.
pub(super) struct Sealed {
    kind: &'static str,
    body: Vec<u8>,
}

impl Sealed {
    /// Seals a letter.
    pub(super) fn new<L: Letter>(letter: &L) -> Self {
        Self {
            kind: L::KIND,
            body: serde_json::to_vec(letter).unwrap_or_default(),
        }
    }

    /// Seals the fields of a form.
    ///
    /// # Errors
    /// Never in practice: the address that encodes them is ours.
    pub(super) fn form(fields: &[(&'static str, Field)]) -> Result<Self, Sent> {
        // A form is encoded as a query is.
        let mut body = Url::parse("form:").map_err(|_| Sent::Refused {
            why: "no form".to_owned(),
        })?;
        for (name, field) in fields {
            let text = match field {
                Field::Own(text) => text,
                Field::Text(text) => text.as_str(),
            };
            body.query_pairs_mut().append_pair(name, text);
        }
        Ok(Self {
            kind: "application/x-www-form-urlencoded",
            body: body.query().unwrap_or_default().as_bytes().to_vec(),
        })
    }

    /// What is posted.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }
}

/// A field of a form.
#[derive(Clone)]
pub(super) enum Field {
    /// From the configuration, from the platform itself, or made by us.
    Own(String),
    /// A text.
    Text(Inert<Mrkdwn>),
}

impl Field {
    /// A letter in a field.
    pub(super) fn letter(letter: &impl Letter) -> Self {
        Self::Own(serde_json::to_string(letter).unwrap_or_default())
    }
}

/// An answer, read whole.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Http {
    /// A client. It follows no redirect, uses no proxy, and trusts what the system trusts.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub(super) fn new(url: &Url) -> Result<Self, String> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(TIMEOUT);
        if url.scheme() == "http" {
            // No TLS to speak: a machine without any root certificates will do.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|_| {
            "cannot speak TLS; install the system's root certificates (ca-certificates)".to_owned()
        })?;
        Ok(Self { client })
    }

    /// Posts a letter. An error says whether it may have arrived, and never where it went.
    pub(super) async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        sealed: Sealed,
    ) -> Result<Answer, Sent> {
        let mut headers = headers;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(sealed.kind));
        let request = self.client.post(url.clone());
        let request = request.headers(headers).body(sealed.body);
        Self::answer(request).await
    }

    /// Asks, to find out what became of what was posted.
    pub(super) async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Answer, Sent> {
        Self::answer(self.client.get(url.clone()).headers(headers)).await
    }

    async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, Sent> {
        let sent = request.send().await;
        let mut response = sent.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let header = response.headers().get(RETRY_AFTER);
        let retry_after = header
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok())
            .map(Duration::from_secs);
        let mut body = Vec::new();
        // What comes after the status is worth reading and no more: it is not waited for in vain.
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > MOST {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }
}

/// What an error on the way means.
fn failed(error: &reqwest::Error) -> Sent {
    if error.is_connect() || error.is_builder() {
        return Sent::Later {
            after: None,
            why: "cannot connect".to_owned(),
        };
    }
    let why = if error.is_timeout() {
        format!("no answer within {} s", TIMEOUT.as_secs())
    } else {
        "the connection broke".to_owned()
    };
    Sent::Unsure { why }
}

impl Answer {
    /// What a status means that is no success, where the platform says nothing better.
    pub(super) fn refusal(&self) -> Sent {
        let status = self.status;
        match status {
            429 => Sent::Later {
                after: Some(self.retry_after.unwrap_or(Duration::from_secs(30))),
                why: "asked to wait (429)".to_owned(),
            },
            500..=599 => Sent::Unsure {
                why: format!("the server failed ({status})"),
            },
            // What is set up wrong can be put right: it is tried again, at length.
            300..=399 | 401 | 403 | 404 | 407 | 410 => Sent::Later {
                after: Some(Duration::from_secs(900)),
                why: format!("the address, or the right to post there, is wrong ({status})"),
            },
            408 | 425 => Sent::Later {
                after: None,
                why: format!("the server was not ready ({status})"),
            },
            _ => Sent::Refused {
                why: format!("refused ({status})"),
            },
        }
    }
}

/// A URL that something may be posted to: `https`, or `http` on this machine. The text is not shown: it may be a secret.
pub(super) fn address(text: &str) -> Result<Url, String> {
    let url: Option<Url> = text.parse().ok();
    let url = url.filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| "it holds no http or https address".to_owned())?;
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(
            "its address is not https: what is sent there could be read on the way".to_owned(),
        );
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What an answer of a program is, when only its status tells.
pub(super) fn plain(answer: Result<Answer, Sent>) -> Sent {
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => Sent::Arrived {
            remote: None,
            note: None,
        },
        Ok(answer) => answer.refusal(),
        Err(sent) => sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_out_in_plain_text() {
        assert!(address("https://hooks.example.org/x").is_ok());
        assert!(address("http://127.0.0.1:8080/x").is_ok());
        assert!(address("http://[::1]/x").is_ok());
        let refused = |text: &str| address(text).unwrap_err();
        assert!(refused("http://hooks.example.org/hunter2").contains("not https"));
        for text in ["ftp://there/hunter2", "hunter2", ""] {
            assert!(!refused(text).contains("hunter2"));
        }
    }
}
