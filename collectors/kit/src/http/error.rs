//! What goes wrong on the way to an API, told without secrets.

use std::fmt;
use std::time::Duration;

use reqwest::Url;

use super::{NoQuery, QueryError};
use crate::Right;

/// The call that failed: its method and its URL without user info, query and fragment, which may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    method: &'static str,
    url: String,
}

impl Call {
    pub(super) fn get(url: &Url) -> Self {
        Self {
            method: "GET",
            url: bare(url),
        }
    }

    pub(super) fn query(url: &Url) -> Self {
        Self {
            method: "POST",
            url: bare(url),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

fn bare(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs that cannot have either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// Why nothing could be read. No variant holds any of an answer's body.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API answered with a status that is no success.
    #[error("{call}: status {status}: {}", advice(*.status))]
    Status {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
    },
    /// The API asks to wait longer than is allowed.
    #[error(
        "{call}: status {status}, and it asks to wait {}s, more than the {}s allowed: scan this source less often",
        .asked.as_secs(),
        .allowed.as_secs()
    )]
    Wait {
        /// The call.
        call: Call,
        /// The HTTP status.
        status: u16,
        /// The wait that it asks for.
        asked: Duration,
        /// The longest wait allowed.
        allowed: Duration,
    },
    /// No connection, or it broke.
    #[error("{call}: {reason}; check the address, the network and the proxy")]
    Connection {
        /// The call.
        call: Call,
        /// What the system says.
        reason: String,
    },
    /// No whole answer in time.
    #[error("{call}: no whole answer within {}s; try later, or raise the timeout", .after.as_secs_f32())]
    TimedOut {
        /// The call.
        call: Call,
        /// The time that it had.
        after: Duration,
    },
    /// The answer is longer than the cap.
    #[error("{call}: the answer has more than {most} bytes and was left unread")]
    TooLong {
        /// The call.
        call: Call,
        /// The cap.
        most: usize,
    },
    /// The answer is not the JSON that was expected. What it says is not shown: it may hold secrets.
    #[error("{call}: the answer is {what} at line {line}, column {column}")]
    NotJson {
        /// The call.
        call: Call,
        /// In which way.
        what: &'static str,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It was redirected to another origin, or too often.
    #[error("{call}: redirected to {to}, which is not followed; use the right base URL")]
    Redirected {
        /// The call.
        call: Call,
        /// The origin it was sent to.
        to: String,
    },
    /// A URL's origin is not one of those that the client may talk to.
    #[error("{0} is not among the hosts that this source may read; nothing was sent there")]
    Host(String),
    /// A list of pages does not end.
    #[error("{call}: {what}; the list was left at this page")]
    Paging {
        /// The call of the last page.
        call: Call,
        /// In which way.
        what: String,
    },
    /// A query was answered, and with errors instead of data. What they say is not shown: it may hold secrets.
    #[error("{call}: the query was not answered: {}", QueryError::list(.errors))]
    Query {
        /// The call.
        call: Call,
        /// The errors; at least one.
        errors: Vec<QueryError>,
    },
    /// What was to be sent does something else than reading. Nothing was sent.
    #[error("{0}; nothing was sent")]
    NoQuery(#[from] NoQuery),
    /// The client cannot be made from its settings.
    #[error("{0}")]
    Setup(String),
}

impl Error {
    /// What this means for a [check](crate::Collector::check).
    pub fn right(&self) -> Right {
        match self {
            Self::Status {
                status: 401 | 403, ..
            } => Right::Denied,
            Self::Query { errors, .. } if errors.iter().any(QueryError::is_refusal) => {
                Right::Denied
            }
            _ => Right::Unreachable,
        }
    }

    /// The HTTP status, where the API answered with one that is no success.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::Wait { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// An error of reqwest, told by its innermost cause alone: the outer ones repeat the URL.
    pub(super) fn sent(call: Call, error: &reqwest::Error, after: Duration) -> Self {
        if error.is_timeout() && !error.is_connect() {
            return Self::TimedOut { call, after };
        }
        let mut cause: &dyn std::error::Error = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        let reason = if std::ptr::addr_eq(cause, error) {
            "the request could not be sent".to_owned()
        } else {
            cause.to_string()
        };
        Self::Connection { call, reason }
    }

    /// JSON without what every answer of its kind has.
    pub(super) fn shape(call: Call) -> Self {
        let what = "JSON of another shape than expected";
        let (line, column) = (1, 1);
        Self::NotJson {
            call,
            what,
            line,
            column,
        }
    }

    pub(super) fn not_json(call: Call, error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let what = match error.classify() {
            Category::Data => "JSON of another shape than expected",
            Category::Eof => "JSON that breaks off",
            Category::Syntax | Category::Io => "no JSON",
        };
        let (line, column) = (error.line(), error.column());
        Self::NotJson {
            call,
            what,
            line,
            column,
        }
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        400 | 422 => {
            "the API does not take this request; it may have another version than is known here"
        }
        401 => "the token is missing, wrong or expired: renew it",
        403 => {
            "the token lacks the right to read this: see the collector's README for the least permission"
        }
        404 => "it is not there, or the token may not see it",
        410 => "it is gone, or this version of the API is",
        429 => "the rate limit was met again and again: scan this source less often",
        500..=599 => "the service fails: try later",
        _ => "not the answer that was expected",
    }
}
