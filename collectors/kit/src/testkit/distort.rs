//! Answers of which a part is missing, comes twice, comes in another order, or breaks off.

use plimsoll_model::{ChangeRequest, edit_field, request_state};
use serde_json::Value;

use super::{FakeServer, Request};
use crate::Harvest;

/// The status by which a distortion that there is not is told.
pub const NO_MORE: u16 = 418;

/// A JSON answer with one part of it distorted: the first distortion has the number 0. None after the last one.
///
/// Every member and every element is left out once; every element comes twice once; every list comes the other way round
/// once, and once with its first half alone.
pub fn distorted(body: &str, number: usize) -> Option<String> {
    let mut value: Value = serde_json::from_str(body).ok()?;
    let mut left = number;
    distort(&mut value, &mut left).then(|| value.to_string())
}

/// Distorts it if the number is that of one of its distortions, and takes as many from the number if not.
fn distort(value: &mut Value, left: &mut usize) -> bool {
    let mut takes = |many: usize| {
        let here = *left < many;
        let place = *left;
        *left = left.saturating_sub(many);
        here.then_some(place)
    };
    match value {
        Value::Array(items) => {
            if let Some(place) = takes(items.len()) {
                items.remove(place);
                return true;
            }
            if let Some(place) = takes(items.len()) {
                items.insert(place, items[place].clone());
                return true;
            }
            if items.len() > 1 {
                if takes(1).is_some() {
                    items.reverse();
                    return true;
                }
                if takes(1).is_some() {
                    items.truncate(items.len() / 2);
                    return true;
                }
            }
            items.iter_mut().any(|item| distort(item, left))
        }
        Value::Object(members) => {
            if let Some(place) = takes(members.len()) {
                let name = members.keys().nth(place).cloned();
                name.map(|name| members.remove(&name));
                return true;
            }
            members.values_mut().any(|member| distort(member, left))
        }
        _ => false,
    }
}

/// Reads a tracker in which nothing is approved again and again, with each part of each answer distorted once by `fail`, which is given what an
/// answer's target holds and the number of the distortion: of the answers whose target holds one of `parts`. Gives how often it was read.
///
/// # Panics
/// When any distortion makes an approval of it.
pub fn assert_nothing_approved(
    server: &FakeServer,
    parts: &[&str],
    read: impl Fn() -> Harvest,
    fail: impl Fn(&str, usize),
) -> usize {
    let harvest = read();
    assert!(!harvest.requests.is_empty());
    assert!(!harvest.requests.iter().any(proves), "{harvest:?}");
    let mut targets: Vec<String> = server.requests().iter().map(target).collect();
    targets.retain(|target| parts.iter().any(|part| target.contains(part)));
    targets.sort();
    targets.dedup();
    let mut reads = 0;
    for target in targets {
        for number in 0.. {
            fail(&target, number);
            let harvest = read();
            reads += 1;
            let mut troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
            if troubles.any(|trouble| trouble.what.contains(&format!("status {NO_MORE}"))) {
                break;
            }
            let approved = harvest.requests.iter().find(|request| proves(request));
            assert!(
                approved.is_none(),
                "{target} distorted by {number} approves: {approved:#?}"
            );
            assert!(number < 10_000, "{target} is distorted without an end");
        }
    }
    reads
}

/// What tells an answer from others, but for its query.
fn target(request: &Request) -> String {
    match request.query.is_empty() {
        true => request.path.clone(),
        false => format!("{}?", request.path),
    }
}

/// Whether a request proves an approval, by the strictest reckoning of what comes after it.
pub fn proves(request: &ChangeRequest) -> bool {
    let off = [
        request_state::REJECTED,
        request_state::CANCELLED,
        request_state::REOPENED,
    ];
    let mut approvals = request.approvals.iter();
    request.is_doubted().is_none()
        && approvals.any(|yes| {
            let Some(at) = yes.at.filter(|_| yes.withdrawn.is_none() && !yes.by.bot) else {
                return false;
            };
            let after = |time: Option<jiff::Timestamp>| time.is_none_or(|time| time >= at);
            let mut moves = request.transitions.iter();
            let mut edits = request.edits.iter();
            !moves.any(|step| off.contains(&step.to.as_str()) && after(step.at))
                && !edits.any(|edit| {
                    !edit_field::HARMLESS.contains(&edit.field.as_str()) && after(edit.at)
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_distorted_once() {
        let all: Vec<String> = (0..)
            .map_while(|number| distorted(r#"{"a":[1,{"b":2}]}"#, number))
            .collect();
        let want = [
            "{}",
            r#"{"a":[{"b":2}]}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[1,1,{"b":2}]}"#,
            r#"{"a":[1,{"b":2},{"b":2}]}"#,
            r#"{"a":[{"b":2},1]}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[1,{}]}"#,
        ];
        assert_eq!(all, want);
        assert_eq!(distorted("no json", 0), None);
    }
}
