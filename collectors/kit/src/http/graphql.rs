//! Reading by GraphQL: a query by `POST`, to one path and no other.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::client::Ask;
use super::{Client, Error, NoQuery, Query};

/// What a query gave.
#[derive(Debug)]
pub struct Queried<T> {
    /// The data. What an error is about is null in it.
    pub data: T,
    /// What could not be answered; empty where all was.
    pub errors: Vec<QueryError>,
}

/// One error of a query's answer, without what it says: that may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    code: Option<&'static str>,
    path: String,
}

/// The codes that are repeated; every other text could be anything.
const CODES: &[&str] = &[
    "ACCESS_DENIED",
    "BAD_USER_INPUT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "INTERNAL_SERVER_ERROR",
    "NOT_FOUND",
    "RATE_LIMITED",
    "SERVER_ERROR",
    "THROTTLED",
    "UNAUTHENTICATED",
    "UNAUTHORIZED",
    "undefinedField",
];
/// Those that say that a right is missing.
const REFUSALS: &[&str] = &[
    "ACCESS_DENIED",
    "FORBIDDEN",
    "UNAUTHENTICATED",
    "UNAUTHORIZED",
];
/// How many errors of one answer are kept.
const MOST: usize = 100;

impl Client {
    /// Reads what a query asks for, with its variables, from the path that the client was [built](super::Builder::graphql) with. Errors in an
    /// answer of 200 are looked at before its data.
    ///
    /// # Errors
    /// As [`get`](Self::get); when there is no path for queries; and when the answer has errors and no data at all.
    pub async fn query<T: DeserializeOwned>(
        &self,
        query: &Query,
        variables: &(impl Serialize + Sync),
    ) -> Result<Queried<T>, Error> {
        #[derive(Serialize)]
        struct Body<'a, V> {
            query: &'a str,
            variables: &'a V,
        }
        let Some(url) = &self.graphql else {
            return Err(NoQuery::Path.into());
        };
        let body = Body {
            query: query.text(),
            variables,
        };
        let body = serde_json::to_vec(&body)
            .map_err(|_| Error::Setup("a query's variables are no JSON".to_owned()))?;
        let answer = self.ask(Ask::Query(url.clone(), Bytes::from(body))).await?;
        let call = || answer.call();
        let whole: Whole<'_> =
            crate::json::read(answer.body()).map_err(|error| Error::not_json(call(), &error))?;
        let errors = errors(query, whole.errors);
        let data = whole.data.map(RawValue::get).filter(|data| *data != "null");
        let Some(data) = data else {
            return Err(match errors.is_empty() {
                true => Error::shape(call()),
                false => Error::Query {
                    call: call(),
                    errors,
                },
            });
        };
        let data = serde_json::from_str(data).map_err(|error| Error::not_json(call(), &error))?;
        Ok(Queried { data, errors })
    }
}

impl QueryError {
    /// Whether it says that a right is missing.
    pub fn is_refusal(&self) -> bool {
        self.code.is_some_and(|code| REFUSALS.contains(&code))
    }

    /// Several as one text; the same kind of error at many places is said once.
    pub fn list(errors: &[Self]) -> String {
        let mut texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        texts.sort();
        texts.dedup();
        let more = texts.len().saturating_sub(3);
        texts.truncate(3);
        let mut text = texts.join("; ");
        if more > 0 {
            text.push_str(&format!("; and {more} more"));
        }
        if errors.iter().any(Self::is_refusal) {
            text.push_str(
                ": the token lacks the right to read this: see the collector's README for the least permission",
            );
        }
        text
    }
}

/// The code and the place in the query, without the numbers of items.
impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.unwrap_or("an error without a known code"))?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(default)]
    path: Option<Vec<serde_json::Value>>,
    #[serde(default)]
    extensions: Option<serde_json::Value>,
}

fn errors(query: &Query, errors: Option<&RawValue>) -> Vec<QueryError> {
    let Some(errors) = errors.map(RawValue::get).filter(|text| *text != "null") else {
        return Vec::new();
    };
    let unknown = || QueryError {
        code: None,
        path: String::new(),
    };
    // Errors that make no sense are errors all the same.
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(errors) else {
        return vec![unknown()];
    };
    let read = |item: &&RawValue| match serde_json::from_str::<WireError>(item.get()) {
        Ok(error) => QueryError {
            code: error.extensions.as_ref().and_then(code),
            path: path(query, error.path.as_deref().unwrap_or_default()),
        },
        Err(_) => unknown(),
    };
    items.iter().take(MOST).map(read).collect()
}

fn code(extensions: &serde_json::Value) -> Option<&'static str> {
    let code = extensions.get("code")?.as_str()?;
    CODES.iter().find(|known| **known == code).copied()
}

/// The names on the way to what failed: those that the query itself has, and no other.
fn path(query: &Query, parts: &[serde_json::Value]) -> String {
    let names = parts.iter().take(20).filter_map(serde_json::Value::as_str);
    let own: Vec<&str> = names.filter(|name| query.names(name)).collect();
    own.join(".")
}
