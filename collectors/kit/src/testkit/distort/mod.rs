//! A tracker whose answers lack a part, have one twice, have another order, or break off: nothing gets better by it.

mod part;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_model::{ChangeRequest, Text};
use serde_json::Value;

use super::{FakeServer, Request};
use crate::Harvest;

pub use part::Distortion;
pub use standing::{is_approved, is_in_doubt, standing};

/// What a request says for a change, and whether that is in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Worth {
    stands: Vec<String>,
    doubt: bool,
}

impl Worth {
    fn of(request: &ChangeRequest) -> Self {
        Self {
            stands: standing(request),
            doubt: is_in_doubt(request),
        }
    }
}

/// Reads a tracker again and again, each time with one part of one answer distorted in one of the ways of [`Distortion::all`]: of the answers to
/// requests that `part` says yes to, and of these the distortions that `way` does. Gives how often it was read.
///
/// # Panics
/// When in any reading more speaks for a request than in that of the true answers, or when a doubt is gone: what was in doubt has to be in doubt,
/// or not to be handed over, or its scope has to be incomplete.
pub fn assert_never_better(
    server: &FakeServer,
    part: impl Fn(&Request) -> bool,
    way: impl Fn(&Request, &Distortion) -> bool,
    read: impl Fn() -> Harvest,
) -> usize {
    let answers = Arc::new(Mutex::new(BTreeMap::<Ask, (Request, Value)>::new()));
    let kept = Arc::clone(&answers);
    server.alter(move |request, answer| {
        let value = (request.clone(), answer.clone());
        lock(&kept).insert(ask(request), value);
    });
    let truth = read();
    let before: BTreeMap<Text, Worth> = worths(&truth);
    assert!(!before.is_empty(), "{:?}", truth.scopes);
    let answers = lock(&answers).clone();
    let mut reads = 0;
    let mut wrong = Vec::new();
    for (own, (request, answer)) in &answers {
        if !part(request) {
            continue;
        }
        let target = &own.1;
        for distortion in Distortion::all(answer) {
            if !way(request, &distortion) {
                continue;
            }
            let (done, own) = (distortion.clone(), own.clone());
            server.alter(move |request, answer| {
                if ask(request) == own {
                    done.apply(answer);
                }
            });
            let harvest = read();
            reads += 1;
            if let Some(better) = better(&before, &harvest) {
                wrong.push(format!("{target}: {distortion:?}: {better}"));
            }
        }
    }
    server.alter(|_, _| {});
    assert!(
        wrong.is_empty(),
        "{} of {reads} readings are better than the truth:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    reads
}

/// What tells a request from others.
type Ask = (String, String, Vec<u8>);

fn ask(request: &Request) -> Ask {
    (
        request.method.clone(),
        request.target(),
        request.body.clone(),
    )
}

fn worths(harvest: &Harvest) -> BTreeMap<Text, Worth> {
    let each = harvest.requests.iter();
    each.map(|one| (one.id.clone(), Worth::of(one))).collect()
}

/// What is better in a reading than in the one before, for a person.
fn better(before: &BTreeMap<Text, Worth>, harvest: &Harvest) -> Option<String> {
    // Their requests count as known until the last complete read, which is not this one.
    let open: BTreeSet<&Text> = harvest
        .scopes
        .iter()
        .filter(|scope| !scope.complete)
        .map(|scope| &scope.scope)
        .collect();
    for request in &harvest.requests {
        let after = Worth::of(request);
        let Some(before) = before.get(&request.id) else {
            // One that is called otherwise says no more than any of them did.
            let known: Vec<&String> = before.values().flat_map(|one| &one.stands).collect();
            let more = after.stands.iter().find(|one| !known.contains(one));
            if let Some(more) = more {
                return Some(format!("{} is new, with {more}", request.id));
            }
            continue;
        };
        let more = after.stands.iter().find(|one| !before.stands.contains(one));
        if let Some(more) = more {
            return Some(format!("{} has {more}", request.id));
        }
        if before.doubt && !after.doubt && !open.contains(&request.scope) {
            return Some(format!("{} is in doubt no more", request.id));
        }
    }
    None
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
