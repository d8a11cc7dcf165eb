//! The one value that every format renders. Its JSON form is an outside contract: `docs/report.schema.json`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plimsoll_model::{AssetId, Labels, Text};
use serde::{Deserialize, Serialize};

use crate::approval::Judged;
pub use crate::approval::Verdict;
use crate::baseline::{Counts, DriftState, Follows, Severity, Status};
use crate::change::{Attribution, ChangeKind, PathChange};

/// The report's schema and version.
pub const SCHEMA: &str = "plimsoll/report/v1";

/// The result of one scan.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Which scan.
    pub scan: ScanRow,
    /// The counts.
    pub summary: Summary,
    /// Every control of the catalogue, and how it came out.
    pub controls: Vec<ControlRow>,
    /// Every scope, and how it was read.
    pub coverage: Vec<CoverageRow>,
    /// Every system.
    pub systems: Vec<SystemRow>,
    /// The open drifts: fails first, worst first, newest first.
    pub drifts: Vec<DriftRow>,
    /// The drifts that this scan saw resolved.
    pub resolved: Vec<DriftRow>,
    /// The drifts that were open at the scan before, and about which nothing is asked any more: neither mended nor known.
    pub unasked: Vec<DriftRow>,
    /// The assets that had a role at the scan before, and have none now although they are there.
    pub unjudged: Vec<UnjudgedRow>,
    /// What is wrong with the configuration's `[[attest]]`s: those that fit nothing, and those that a source contradicts.
    pub misattested: Vec<Text>,
    /// What changed between the scan before and this one.
    pub changes: Vec<ChangeRow>,
    /// Changes of scans before on which this scan came to another verdict.
    pub rejudged: Vec<RejudgedRow>,
    /// Who got at what is inside of production, as far as this scan met a record of it first: the newest first.
    pub accesses: Vec<AccessRow>,
    /// What the configuration says to leave out.
    pub ignored: Vec<IgnoredRow>,
    /// A map of what changed, for the formats that have pictures.
    #[serde(skip)]
    pub map: Option<crate::export::Strip>,
}

/// Which scan.
#[derive(Clone, Debug, Serialize)]
pub struct ScanRow {
    /// Its number, from 1.
    pub id: i64,
    /// When it started.
    pub started: Timestamp,
    /// When it had been judged.
    pub finished: Timestamp,
}

/// The counts of a report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Assets in the inventory, by kind.
    pub assets: BTreeMap<Text, u64>,
    /// Relations in the inventory.
    pub relations: u64,
    /// Systems judged.
    pub systems: u64,
    /// Open drifts that fail, by severity.
    pub fail: BTreeMap<Text, u64>,
    /// Open drifts that are unknown, without those that follow from another.
    pub unknown: u64,
    /// Open drifts that follow from another, and are counted nowhere else.
    pub follow: u64,
    /// Drifts new with this scan, those reopened among them, without those that follow from another.
    pub new: u64,
    /// Drifts that this scan saw resolved, without those that followed from another.
    pub resolved: u64,
    /// Drifts that were open and about which nothing is asked any more.
    pub unasked: u64,
    /// Assets that lost their role.
    pub unjudged: u64,
    /// Hidden values of which nobody can tell whether they changed.
    #[serde(flatten)]
    pub uncompared: Uncompared,
    /// Changes by verdict.
    pub changes: BTreeMap<Text, u64>,
    /// Changes of scans before on which this scan came to another verdict, by that verdict.
    pub rejudged: BTreeMap<Text, u64>,
    /// Accesses to production that this scan met.
    pub accesses: u64,
    /// Scopes read completely.
    pub scopes_complete: u64,
    /// Scopes in all.
    pub scopes: u64,
    /// Findings left out by `[[ignore]]`.
    pub ignored: u64,
}

/// How one control came out.
#[derive(Clone, Debug, Serialize)]
pub struct ControlRow {
    /// Its id.
    pub control: Text,
    /// What must hold.
    pub title: Text,
    /// `fail`, else `unknown`, else `pass`, else `ignored`, else `not applicable`: the worst that was seen.
    pub status: &'static str,
    /// How often each was seen.
    #[serde(flatten)]
    pub counts: Counts,
    /// The references it answers, as `SOC 2 CC8.1`.
    pub references: Vec<Text>,
}

/// How one scope was read.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageRow {
    /// The source.
    pub source: Text,
    /// The scope.
    pub scope: Text,
    /// Whether it was read completely.
    pub complete: bool,
    /// Whether this scan read it, or it is the last known.
    pub fresh: bool,
    /// When it was read.
    pub as_of: Timestamp,
    /// What went wrong.
    pub troubles: Vec<Text>,
}

/// One system.
#[derive(Clone, Debug, Serialize)]
pub struct SystemRow {
    /// Its asset's id.
    pub asset: AssetId,
    /// Its asset's kind.
    pub kind: Text,
    /// What people call it.
    pub name: Text,
    /// Its role.
    pub role: Text,
    /// How the role was chosen.
    pub role_by: Text,
    /// Its environment, where one is known.
    pub environment: Option<Text>,
    /// How the environment was chosen.
    pub environment_by: Option<Text>,
}

/// One drift.
#[derive(Clone, Debug, Serialize)]
pub struct DriftRow {
    /// The system's asset id.
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
    /// The expectation's id.
    pub expectation: Text,
    /// `fail` or `unknown`.
    pub status: Status,
    /// How bad it is.
    pub severity: Severity,
    /// What the baseline expects.
    pub expected: Text,
    /// What there is.
    pub actual: Text,
    /// How it is known and from where: `measured: adjtimex(2)`.
    pub evidence: Text,
    /// Since when it is open.
    pub since: Timestamp,
    /// New, open, reopened or resolved.
    pub state: DriftState,
    /// The id of the change that brought it.
    pub change: Option<i64>,
    /// The verdict on that change.
    pub verdict: Option<Verdict>,
    /// The request that covers that change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Text>,
    /// Who made that change, where a platform says.
    pub actor: Option<Text>,
    /// The drift from which it follows: it is told and counted under that one. Missing where it stands for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<Follows>,
}

impl DriftRow {
    /// The expectation's id where it says more than the control's.
    pub(super) fn which(&self) -> Option<&str> {
        Some(self.expectation.as_str()).filter(|id| *id != self.control.as_str())
    }
}

/// An asset that had a role, and has none now although it is there: nothing is asked of it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnjudgedRow {
    /// Its id.
    pub asset: AssetId,
    /// Its kind.
    pub kind: Text,
    /// What people call it.
    pub name: Text,
    /// The role that it had.
    pub role: Text,
}

/// Hidden values that were marked under another redaction key than this scan's, so that nobody can tell whether they changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncompared {
    /// How many.
    #[serde(rename = "uncompared_values")]
    pub values: u64,
    /// Of how many assets.
    #[serde(rename = "uncompared_assets")]
    pub assets: u64,
}

impl Uncompared {
    /// Counts the values of one asset.
    pub fn count(&mut self, values: u64) {
        self.values += values;
        self.assets += u64::from(values > 0);
    }

    /// Counts what another counted.
    pub fn add(&mut self, more: Self) {
        self.values += more.values;
        self.assets += more.assets;
    }
}

/// What a scan says of itself beside drifts and changes, as it is stored with it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remarks {
    /// The assets that lost their role.
    pub unjudged: Vec<UnjudgedRow>,
    /// The hidden values that could not be compared.
    #[serde(flatten)]
    pub uncompared: Uncompared,
    /// What is wrong with the configuration's `[[attest]]`s.
    pub misattested: Vec<Text>,
}

/// One change.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeRow {
    /// Its id.
    pub id: i64,
    /// The asset.
    pub asset: AssetId,
    /// The asset's kind.
    pub asset_kind: Text,
    /// What people call the asset.
    pub name: Text,
    /// Added, removed or modified.
    pub kind: ChangeKind,
    /// What went from one value to another.
    pub paths: Vec<PathChange>,
    /// Between which scans it happened.
    pub observed: Observed,
    /// Who made it, where a platform says: the account.
    pub actor: Option<Text>,
    /// How that is known; also where a platform has a record that names nobody.
    pub attribution: Option<Attribution>,
    /// What the approval policy says.
    pub verdict: Verdict,
    /// The id of the change request that covers it.
    pub request: Option<Text>,
    /// Why the verdict is what it is.
    pub reasons: Vec<Text>,
    /// The verdict with its reasons as data, where a policy was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
}

/// Between which reads of its scope a change happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// The last time that the asset was seen as it was; none where its scope had not been read before.
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub before: Timestamp,
    /// When it happened, where a record settles it: a time between the two.
    pub at: Option<Timestamp>,
}

impl ChangeRow {
    /// Who made it and by which record that is known: `ops@example.com (fly release 12)`, or `unknown`.
    pub(super) fn by(&self) -> Text {
        match (&self.attribution, &self.actor) {
            (Some(attribution), _) => attribution.words(),
            (None, Some(actor)) => actor.clone(),
            (None, None) => Text::const_new("unknown"),
        }
    }
}

/// A change of a scan before on which a scan came to another verdict.
#[derive(Clone, Debug, Serialize)]
pub struct RejudgedRow {
    /// The change, with the verdict that it has now.
    #[serde(flatten)]
    pub change: ChangeRow,
    /// The verdict that it had.
    pub verdict_before: Verdict,
}

impl RejudgedRow {
    /// Whether the verdict is another one.
    pub fn differs(&self) -> bool {
        self.change.verdict != self.verdict_before
    }
}

/// Somebody got at what is inside of a production system, or of one of which nobody knows that it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRow {
    /// The source that has the record.
    pub source: Text,
    /// The record's id.
    pub action: Text,
    /// The asset's id.
    pub asset: AssetId,
    /// Its kind.
    pub kind: Text,
    /// What people call it.
    pub name: Text,
    /// The environment of it, or of what contains it; none where nobody knows.
    pub environment: Option<Text>,
    /// What was done, in the platform's word: `execute`.
    pub what: Text,
    /// What that opens: `a shell or command inside`.
    pub opens: Text,
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// The account that did it; none where the platform does not say.
    pub actor: Option<Text>,
    /// That account's display name.
    pub actor_name: Option<Text>,
    /// What the record says besides.
    pub details: Labels,
}

/// One finding that the configuration says to leave out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IgnoredRow {
    /// The system's asset id.
    pub asset: AssetId,
    /// The control.
    pub control: Text,
    /// The expectation's id.
    pub expectation: Text,
    /// `fail` or `unknown`.
    pub status: Status,
    /// The stated reason.
    pub reason: Text,
    /// Until when, exclusive.
    pub until: Timestamp,
}
