//! What can be read with the rights at hand.

use plimsoll_kit::{Access, Right};

use crate::client::{ClientError, Engine};
use crate::version::{self, NoVersion};
use crate::wire::{self, Listed};

/// The calls that read a list, and what a person calls it.
const LISTS: [(&str, &str); 5] = [
    ("host and clock", "/info"),
    ("containers", "/containers/json?all=1&limit=1"),
    ("images", "/images/json"),
    ("networks", "/networks"),
    ("volumes", "/volumes"),
];

/// Says for each call what became of it.
pub(crate) async fn check<E: Engine>(engine: &E) -> Vec<Access> {
    let mut all = Vec::with_capacity(LISTS.len() + 2);
    match version::agree(engine).await {
        Ok(version) => {
            let engine = version.version.unwrap_or_default();
            let api = version.api_version.unwrap_or_default();
            let what = format!(
                "version {}, API {}",
                crate::normalise::word(&engine),
                crate::normalise::word(&api)
            );
            all.push(access("engine", Right::Granted, what));
        }
        Err(NoVersion::Client(error)) => {
            let stop = !matches!(error, ClientError::Status(_));
            all.push(refused("engine", "/version", &error));
            if stop {
                return all;
            }
        }
        Err(error) => {
            all.push(unreachable("engine", error.to_string()));
            return all;
        }
    }
    for (what, path) in LISTS {
        match engine.get(path).await {
            Ok(answer) => {
                all.push(access(what, Right::Granted, format!("GET {path}")));
                if what == "containers" {
                    all.extend(closely(engine, &answer).await);
                }
            }
            Err(error) => all.push(refused(what, path, &error)),
        }
    }
    all
}

/// Whether a container can be looked at closely. None where there is no container to try it on.
async fn closely<E: Engine>(engine: &E, answer: &[u8]) -> Option<Access> {
    let listed = wire::list::<Listed>(answer).ok()?.good;
    let id = &listed.first()?.id;
    let (what, shown) = ("containers, closely", "/containers/{id}/json");
    match engine.get(&format!("/containers/{id}/json")).await {
        Ok(_) => Some(access(what, Right::Granted, format!("GET {shown}"))),
        // It went away in between.
        Err(error) if error.is_gone() => None,
        Err(error) => Some(refused(what, shown, &error)),
    }
}

fn refused(what: &str, path: &str, error: &ClientError) -> Access {
    let right = if error.is_refusal() {
        Right::Denied
    } else {
        Right::Unreachable
    };
    access(what, right, format!("GET {path}: {error}"))
}

/// Something that could not be reached.
pub(crate) fn unreachable(what: &str, detail: String) -> Access {
    access(what, Right::Unreachable, detail)
}

fn access(what: &str, right: Right, detail: String) -> Access {
    let what = what.to_owned();
    Access {
        what,
        right,
        detail,
    }
}
