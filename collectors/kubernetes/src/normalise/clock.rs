//! The clocks of nodes: what a condition says, and how far they are from the API server's.

use jiff::Timestamp;
use plimsoll_model::{Asset, Claim, fact};

use super::{reported, unknown};
use crate::wire::{Lease, Node};

/// How far the skew may be off: the API server notes whole seconds, and hears of a renewal a little later.
const BOUND_MS: i64 = 1000;

/// Whether a clock is disciplined, by the condition of a node-problem-detector; unknown where there is none.
pub(crate) fn synchronised(node: &Node) -> Claim {
    let mut conditions = node.status.conditions.iter();
    let problem = conditions.find(|condition| condition.sort == "NTPProblem");
    match problem.map(|condition| condition.status.as_str()) {
        Some("False") => reported(
            true,
            "condition NTPProblem of node-problem-detector, which asks no more than whether the service ntp runs",
        ),
        Some("True") => reported(
            false,
            "condition NTPProblem of node-problem-detector, which asks no more than whether the service ntp runs, and not for chrony or another",
        ),
        _ => unknown(
            "no condition of the node speaks of it, and a clock that agrees with the API server's now need not be disciplined: let the host collector look, or run node-problem-detector",
        ),
    }
}

/// How far a node's clock is from the API server's: the time that it wrote into its lease, against the time at which the
/// server noted that.
pub(crate) fn skew(asset: &mut Asset, lease: &Lease) {
    let Some(skew) = millis(lease) else {
        return;
    };
    asset.reading(
        fact::CLOCK_SKEW_MS,
        reported(
            skew,
            "its lease's renewTime against the API server's clock (managedFields.time of the same lease)",
        ),
    );
    asset.reading(
        fact::CLOCK_SKEW_BOUND_MS,
        reported(BOUND_MS, "managedFields.time has whole seconds"),
    );
}

fn millis(lease: &Lease) -> Option<i64> {
    let renewed: Timestamp = lease.spec.renew_time.as_deref()?.parse().ok()?;
    let noted = lease.metadata.managed_fields.iter();
    let noted: Timestamp = noted
        .filter(|entry| {
            let fields = entry.fields.0.iter();
            fields.clone().any(|field| field == "spec.renewTime")
        })
        .filter_map(|entry| entry.time.as_deref()?.parse().ok())
        .max()?;
    // The server cuts to the second: on average it was half a second later.
    Some(renewed.as_millisecond() - noted.as_millisecond() - 500)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::AssetId;

    fn lease(renewed: &str, noted: &str) -> Lease {
        let json = format!(
            r#"{{"metadata":{{"name":"n1","managedFields":[{{"manager":"kubelet","operation":"Update","time":"{noted}","fieldsV1":{{"f:spec":{{"f:renewTime":{{}},"f:holderIdentity":{{}}}}}}}}]}},"spec":{{"renewTime":"{renewed}"}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_skew_is_a_reading_with_its_bound() {
        let mut asset = Asset::new(AssetId::of("host", &["n1"]), "host", "n1");
        let lease = lease("2026-01-02T03:04:25.250000Z", "2026-01-02T03:04:05Z");
        skew(&mut asset, &lease);
        let value = asset.readings.get(fact::CLOCK_SKEW_MS).unwrap().value();
        assert_eq!(value.unwrap().as_int(), Some(19_750));
        assert!(asset.facts.is_empty(), "a skew proves nothing");
    }

    #[test]
    fn a_lease_without_times_says_nothing() {
        let mut asset = Asset::new(AssetId::of("host", &["n1"]), "host", "n1");
        skew(&mut asset, &lease("", "2026-01-02T03:04:05Z"));
        skew(&mut asset, &lease("2026-01-02T03:04:05Z", "soon"));
        assert!(asset.readings.is_empty());
    }

    #[test]
    fn only_a_condition_says_that_a_clock_is_disciplined() {
        let node = |status: &str| -> Node {
            let json = format!(
                r#"{{"metadata":{{"name":"n"}},"status":{{"conditions":[{{"type":"NTPProblem","status":"{status}"}}]}}}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let yes = |node: &Node| synchronised(node).value().and_then(|value| value.as_bool());
        assert_eq!(yes(&node("False")), Some(true));
        assert_eq!(yes(&node("True")), Some(false));
        assert_eq!(yes(&node("Unknown")), None);
        assert!(
            synchronised(&node("False"))
                .basis()
                .unwrap()
                .contains("no more than")
        );
    }
}
