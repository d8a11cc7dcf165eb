//! What judging gives.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_model::{AssetId, How, Text};
use serde::{Deserialize, Serialize};

/// What judging a snapshot gives.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// The systems: the assets that have a role. In order of their places in the snapshot.
    pub systems: Vec<System>,
    /// The expectations that do not hold or cannot be known, in order of place, control and expectation.
    pub findings: Vec<Finding>,
    /// For every control of the catalogue how its expectations came out.
    pub tally: Tally,
    /// What `[[ignore]]` left out.
    pub ignored: Vec<Ignored>,
    /// The one system of staging that mirrors a system of production, by their places in the snapshot.
    pub twins: HashMap<u32, u32>,
}

/// How expectations came out, by control. Every control of the catalogue is in it.
pub type Tally = BTreeMap<Text, Counts>;

/// How the expectations of one control came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// It holds.
    pub pass: u64,
    /// It does not.
    pub fail: u64,
    /// It cannot be known. Never a pass.
    pub unknown: u64,
    /// It has nothing to apply to.
    pub not_applicable: u64,
    /// Left out by `[[ignore]]`.
    pub ignored: u64,
}

/// An asset that has a role.
#[derive(Clone, Debug)]
pub struct System {
    /// Its place in the snapshot.
    pub at: u32,
    /// Its role: the name of its baseline.
    pub role: Text,
    /// How the role was chosen: `label plimsoll.role`, `rule 2 of config.toml`, `image *nginx*`.
    pub role_by: Text,
    /// Its environment: `production`, `staging` or `development`; none where nothing says so.
    pub environment: Option<Text>,
    /// How the environment was chosen.
    pub environment_by: Option<Text>,
    /// Whether it holds sensitive data, by its role, a rule, a label or what its source says; none where that cannot be told.
    pub sensitive: Option<bool>,
}

/// An expectation that does not hold for a system, or of which that cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The system's place in the snapshot.
    pub at: u32,
    /// The control it answers to.
    pub control: Text,
    /// The expectation's id, unique in the system's baseline.
    pub expectation: Text,
    /// Fail or unknown.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// What the baseline expects, for a person.
    pub expected: Text,
    /// What there is, for a person; the reason where it is unknown.
    pub actual: Text,
    /// How well that is known: the weakest of the evidence that it rests on.
    pub how: How,
    /// Where the evidence comes from: calls, fields, references; the reason where it is unknown.
    pub basis: Text,
    /// The names of the facts that were looked at, to link the change that brought it.
    pub facts: Arc<[Text]>,
    /// The finding from which it follows: the system's place and the control. None where it stands for itself.
    pub follows: Option<(u32, Text)>,
}

/// Fail or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It does not hold.
    Fail,
    /// It cannot be known whether it holds.
    Unknown,
}

impl Status {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Fail => "fail",
            Status::Unknown => "unknown",
        }
    }
}

/// How bad it is when an expectation does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Mend it in the ordinary course.
    Medium,
    /// Mend it soon.
    High,
    /// Mend it now.
    Critical,
}

impl Severity {
    /// The word used in baselines and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// A finding that an `[[ignore]]` of the configuration left out.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// What was left out.
    pub finding: Finding,
    /// The stated reason.
    pub reason: Text,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// A finding over time: what the store keeps and the report shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The system.
    pub asset: AssetId,
    /// Its kind.
    pub kind: Text,
    /// What people call it.
    pub name: Text,
    /// Its role.
    pub role: Text,
    /// Its environment, where one is known.
    pub environment: Option<Text>,
    /// The control.
    pub control: Text,
    /// The expectation's id; with the asset and the control it is the drift's identity.
    pub expectation: Text,
    /// Fail or unknown.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// What the baseline expects.
    pub expected: Text,
    /// What there is.
    pub actual: Text,
    /// How that is known.
    pub how: How,
    /// What it rests on.
    pub basis: Text,
    /// The facts that were looked at.
    pub facts: Arc<[Text]>,
    /// When it was first seen, of this time that it is open.
    pub since: Timestamp,
    /// Where it is in its life.
    pub state: DriftState,
    /// The id of the change that brought it, where one is known.
    pub change: Option<i64>,
    /// The drift from which it follows, under which it is told; none where it stands for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Follows>,
}

/// The drift from which another follows: nothing is to be done about the other but to mend this one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Follows {
    /// Its system.
    pub asset: AssetId,
    /// Its control.
    pub control: Text,
}

/// What an unknown that had failed before carries in its actual value, so that it never looks as if it were mended.
pub(crate) const LAST_KNOWN: &str = "; last known to fail: ";

impl Drift {
    /// Whether it failed at some time since it was opened. One that was only ever unknown has nothing to be mended.
    pub fn has_failed(&self) -> bool {
        self.status == Status::Fail || self.actual.contains(LAST_KNOWN)
    }
}

/// Where a drift is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftState {
    /// Seen for the first time by this scan.
    New,
    /// Seen before.
    Open,
    /// Had been resolved, and is back.
    Reopened,
    /// Was open, and holds now, or its system is gone. Told only of one that [failed](Drift::has_failed).
    Resolved,
    /// Was open, and is not asked any more: its system lost its role, or the role that expectation. Nobody knows that it holds.
    Unasked,
}

impl DriftState {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            DriftState::New => "new",
            DriftState::Open => "open",
            DriftState::Reopened => "reopened",
            DriftState::Resolved => "resolved",
            DriftState::Unasked => "no longer asked",
        }
    }
}
