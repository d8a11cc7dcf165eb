//! What an API answered.

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use super::{Call, Error};

/// A successful answer, read whole.
///
/// Its debug output shows neither body nor headers.
pub struct Answer {
    pub(super) call: Call,
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The HTTP status, from 200 to 299.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's value, where it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The URL that answered, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The body as JSON of a shape.
    ///
    /// # Errors
    /// When it is not; without showing what it says.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let made = crate::json::read(&self.body);
        made.map_err(|error| Error::not_json(self.call(), &error))
    }

    pub(super) fn call(&self) -> Call {
        self.call.clone()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("call", &self.call())
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
