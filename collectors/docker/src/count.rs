//! Whether the list of containers is as long as the engine says that it is.

use std::collections::HashSet;

use plimsoll_model::Text;

use crate::client::Engine;
use crate::wire::{self, Info, Listed};

/// Holds the list against the engine's own count. Where it is shorter, both are asked for once more: containers come and go.
/// Podman counts what other tools keep too, and is not to be asked.
///
/// # Errors
/// What to say, where containers may be missing from the list.
pub(crate) async fn hold<E: Engine>(
    engine: &E,
    listed: &[Listed],
    count: u64,
) -> Result<(), String> {
    if listed.len() as u64 >= count {
        return Ok(());
    }
    let lacking = |have: usize, count: u64| {
        format!(
            "GET /containers/json has {have} containers, and GET /info counts {count}: others are missing from the list; scan again, \
             and see what lies between here and the engine"
        )
    };
    let again = engine.get("/containers/json?all=1").await.ok();
    let again = again.and_then(|answer| Some(wire::list::<Listed>(&answer).ok()?.good));
    let info = engine.get("/info").await.ok();
    let info = info.and_then(|answer| wire::one::<Info>(&answer).ok());
    let (Some(again), Some(now)) = (again, info.and_then(|info| info.containers)) else {
        return Err(lacking(listed.len(), count));
    };
    if (again.len() as u64) < now {
        return Err(lacking(again.len(), now));
    }
    let met: HashSet<&Text> = listed.iter().map(|one| &one.id).collect();
    let came = again.iter().filter(|one| !met.contains(&one.id)).count();
    match came {
        0 => Ok(()),
        came => Err(format!(
            "{came} containers came while the engine was read, or were missing from its first list; scan again"
        )),
    }
}
