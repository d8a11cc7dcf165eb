//! Agreeing on a version of the API.

use crate::client::{ClientError, Engine, GREETING};
use crate::wire::{self, Version, WireError};

/// The newest version of the API whose shapes were looked at.
const NEWEST: (u32, u32) = (1, 51);

/// Why there is no version to speak.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoVersion {
    #[error("GET {GREETING}: {0}")]
    Greeting(ClientError),
    #[error("GET /version: {0}")]
    Client(#[from] ClientError),
    #[error("GET /version: {0}; is this a Docker Engine?")]
    Wire(#[from] WireError),
    #[error(
        "the engine speaks no version of its API below {0}.{1}, and this collector none above {2}.{3}: a newer Plimsoll is needed"
    )]
    TooNew(u32, u32, u32, u32),
}

/// Agrees on the lower of the engine's newest version and ours by its greeting; whether it did.
///
/// To answer `/version` an engine runs other programs, to ask them for theirs (`runc --version`): everything else would wait for
/// that. What keeps its greeting back, or greets without a version, is asked by [`agree`].
pub(crate) async fn greet<E: Engine>(engine: &E) -> Result<bool, NoVersion> {
    let newest = match engine.greeting().await {
        Ok(newest) => newest,
        Err(ClientError::Status(_)) => None,
        Err(error) => return Err(NoVersion::Greeting(error)),
    };
    let newest = newest.as_deref().and_then(parse);
    Ok(newest.map(|newest| speak(engine, newest)).is_some())
}

/// Asks for the engine's version and agrees on the lower of its newest and ours, for all requests that follow.
///
/// Without one, an engine answers in its newest, whatever that will look like.
pub(crate) async fn agree<E: Engine>(engine: &E) -> Result<Version, NoVersion> {
    let answer = engine.get("/version").await?;
    let version: Version = wire::one(&answer)?;
    let (newest, oldest) = (&version.api_version, &version.min_api_version);
    if let Some(oldest) = oldest.as_deref().and_then(parse)
        && oldest > NEWEST
    {
        return Err(NoVersion::TooNew(oldest.0, oldest.1, NEWEST.0, NEWEST.1));
    }
    if let Some(newest) = newest.as_deref().and_then(parse) {
        speak(engine, newest);
    }
    Ok(version)
}

fn speak<E: Engine>(engine: &E, newest: (u32, u32)) {
    let (major, minor) = newest.min(NEWEST);
    engine.speak(&format!("{major}.{minor}"));
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::sync::Mutex;

    /// What an engine answers to `/version`, and what to its greeting.
    struct Fake(&'static str, Option<&'static str>, Mutex<Vec<String>>);

    impl Engine for Fake {
        async fn get(&self, path: &str) -> Result<Bytes, ClientError> {
            assert_eq!(path, "/version");
            Ok(Bytes::from_static(self.0.as_bytes()))
        }

        async fn greeting(&self) -> Result<Option<String>, ClientError> {
            Ok(self.1.map(str::to_owned))
        }

        fn speak(&self, version: &str) {
            self.2.lock().unwrap().push(version.to_owned());
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread();
        { runtime }.build().unwrap().block_on(future)
    }

    fn spoken(answer: &'static str) -> Result<Vec<String>, String> {
        let fake = Fake(answer, None, Mutex::default());
        run(agree(&fake)).map_err(|error| error.to_string())?;
        Ok(fake.2.into_inner().unwrap())
    }

    #[test]
    fn a_greeting_with_a_version_is_enough() {
        for (greeting, version) in [
            (Some("1.41"), Some("1.41")),
            (Some("1.99"), Some("1.51")),
            (Some("newest"), None),
            (None, None),
        ] {
            let fake = Fake("{}", greeting, Mutex::default());
            assert_eq!(run(greet(&fake)).unwrap(), version.is_some());
            let spoken = fake.2.into_inner().unwrap();
            assert_eq!(spoken.first().map(String::as_str), version);
        }
    }

    #[test]
    fn the_lower_version_is_spoken() {
        assert_eq!(spoken(r#"{"ApiVersion":"1.41"}"#).unwrap(), ["1.41"]);
        assert_eq!(
            spoken(r#"{"ApiVersion":"1.99","MinAPIVersion":"1.44"}"#).unwrap(),
            ["1.51"]
        );
        assert_eq!(spoken(r#"{"ApiVersion":"1.9"}"#).unwrap(), ["1.9"]);
        assert!(spoken("{}").unwrap().is_empty());
    }

    #[test]
    fn an_engine_that_is_too_new_says_so() {
        let error = spoken(r#"{"ApiVersion":"2.1","MinAPIVersion":"2.0"}"#).unwrap_err();
        assert!(error.contains("below 2.0"), "{error}");
        assert!(spoken("<html>").unwrap_err().contains("Docker Engine?"));
    }
}
