//! HTTP for collectors that read an API: it reads, and cannot do anything else.
//!
//! [`Client`] sends `GET`, and a GraphQL [`Query`] by `POST` to the one path that is named for that, to the hosts it was
//! told of and no other; its token goes to the base URL's own origin and nowhere else. Every wait has an end, every
//! answer a cap, and an error says which call failed, how, and what to do, without a word of the answer.

mod answer;
mod budget;
mod builder;
mod client;
mod error;
mod graphql;
mod meter;
mod paging;
mod query;
mod retry;
mod secret;

pub use answer::Answer;
pub use budget::Budget;
pub use builder::Builder;
pub use client::Client;
pub use error::{Call, Error};
pub use graphql::{Queried, QueryError};
pub use meter::{Calls, Meter, count_request, count_wait};
#[cfg(any(test, feature = "fuzz"))]
pub(crate) use paging::next_in;
pub use paging::{Pages, next_link};
pub use query::{NoQuery, Query};
pub use reqwest::Url;
pub use retry::{Jitter, Retry};
pub use secret::{Secret, SecretError};
