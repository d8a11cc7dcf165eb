//! The verdict on a change: was it approved, and what proves it.
//!
//! Approvals come from collectors of change requests. While no source of them is configured there is no proof
//! either way, and that is what every verdict says: a change is never called approved without proof.

use plimsoll_model::Text;

use crate::change::Change;
use crate::report::Verdict;

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What the policy says.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Text>,
}

/// The verdict on a change when no source of change requests is configured.
pub fn without_requests(_change: &Change) -> Judged {
    Judged {
        verdict: Verdict::Unproven,
        reasons: vec![
            "no source of change requests is configured, so nothing proves an approval".into(),
        ],
    }
}
