//! Labelled scenarios: a change, what is known around it, and what the verdict has to be.
//!
//! A house writes them to prove its policy before it trusts it, and the labelled corpus of this crate is written in the same
//! form. [`read`] reads a document of them, [`Scenario::judge`] judges one, and [`Scenario::compare`] holds what came out
//! against its label.

mod read;
mod short;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use plimsoll_change::Change;
use plimsoll_model::{Action, Asset, AssetId, ChangeRequest};

use super::index::Requests;
use super::judge::{World, judge};
use super::people::People;
use super::policies::Policies;
use super::policy::Policy;
use super::staging::Sightings;
use super::types::{Counted, Deed, EarlierRun, Filed, Judged, Outcome, Subject, TwinValue};
use super::verdict::Verdict;

pub use read::read;
pub use short::digits;

/// What scenarios are judged by.
#[derive(Clone, Debug)]
pub struct House<'a> {
    /// The policies that a scenario can name. A document may bring more of them.
    pub policies: &'a Policies,
    /// Which of them judges.
    pub choice: PolicyChoice<'a>,
    /// Who is who in scenarios that do not say it themselves.
    pub people: Arc<People>,
}

/// Which policy judges a scenario.
#[derive(Clone, Copy, Debug)]
pub enum PolicyChoice<'a> {
    /// The one that it names; this one where it names none.
    Default(Option<&'a Policy>),
    /// This one, whichever it names.
    Always(&'a Policy),
}

/// One scenario, ready to be judged.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name of the document that it stands in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
    /// Its own name.
    pub name: String,
    /// The requests that are known.
    pub requests: Vec<KnownRequest>,
    policy: Option<Policy>,
    people: Arc<People>,
    change: Change,
    asset: Option<Asset>,
    after: Option<Timestamp>,
    before: Timestamp,
    environment: Option<String>,
    role: Option<String>,
    sensitive: Option<bool>,
    lineage: Vec<(AssetId, String)>,
    was: Option<Counted>,
    namesakes: Vec<AssetId>,
    earlier: Vec<EarlierRun>,
    twins: Vec<AssetId>,
    twin_values: Vec<TwinValue>,
    maker: Option<Record>,
    others: Vec<Action>,
    more: bool,
    read_until: Option<Timestamp>,
    sightings: Sightings,
    now: Timestamp,
    label: Label,
}

/// A request of a scenario.
#[derive(Clone, Debug)]
pub struct KnownRequest {
    /// The source that has it.
    pub source: String,
    /// As of when it reads so.
    pub as_of: Timestamp,
    /// The request.
    pub request: ChangeRequest,
}

/// The platform's record of who made the change.
#[derive(Clone, Debug)]
struct Record {
    action: Action,
    proven: bool,
    exact: bool,
}

/// What has to come out.
#[derive(Clone, Debug)]
struct Label {
    verdict: Verdict,
    request: Option<String>,
    /// `control outcome rule` of each reason.
    reasons: Vec<String>,
    /// Whether the reasons are labelled, and not the verdict alone.
    whole: bool,
}

impl Scenario {
    /// What the policy says of the change.
    pub fn judge(&self) -> Judged {
        self.with_world(judge)
    }

    /// Asks a question of the change and of what is known around it.
    pub fn with_world<T>(&self, ask: impl FnOnce(&Subject<'_>, &World<'_>) -> T) -> T {
        let filed = self.requests.iter().map(|one| Filed {
            source: &one.source,
            as_of: one.as_of,
            request: &one.request,
        });
        let requests = Requests::new(filed.collect());
        let mut subject = Subject::new(&self.change, self.after, self.before);
        subject.environment = self.environment.as_deref();
        subject.role = self.role.as_deref();
        subject.sensitive = self.sensitive;
        subject.asset = self.asset.as_ref();
        subject.lineage = self
            .lineage
            .iter()
            .map(|(id, name)| (id, name.as_str()))
            .collect();
        subject.maker = self
            .maker
            .as_ref()
            .map(|one| Deed::of("platform", &one.action, one.proven, one.exact));
        subject.others = self
            .others
            .iter()
            .map(|action| Deed::of("platform", action, false, false))
            .collect();
        subject.more = self.more;
        subject.was = self.was.as_ref().map(Counted::standing);
        subject.namesakes = self.namesakes.iter().collect();
        subject.earlier.clone_from(&self.earlier);
        subject.twins = self.twins.iter().collect();
        subject.twin_values.clone_from(&self.twin_values);
        let world = World {
            policy: self.policy.as_ref(),
            people: &self.people,
            requests: &requests,
            read_until: self.read_until,
            troubles: &[],
            sightings: &self.sightings,
            now: self.now,
        };
        ask(&subject, &world)
    }

    /// The verdict that it is labelled with.
    pub fn verdict(&self) -> Verdict {
        self.label.verdict
    }

    /// The verdict that it is labelled with, as `approved by CHG-1`.
    pub fn expected(&self) -> String {
        told(self.label.verdict, self.label.request.as_deref())
    }

    /// How what came out differs from the label; none where it does not. Where the reasons are labelled, each that does not
    /// hold has to be in the label; what is in the label has to be among the reasons.
    pub fn compare(&self, judged: &Judged) -> Option<Difference> {
        let reasons = judged.reasons.iter().map(|reason| {
            let (control, outcome) = (&reason.control, reason.outcome);
            let told = format!("{control} {} {}", outcome.as_str(), reason.rule);
            (told, outcome)
        });
        let reasons: Vec<(String, Outcome)> = reasons.collect();
        let is_told = |one: &&String| reasons.iter().any(|(told, _)| told == *one);
        let missing = self.label.reasons.iter().filter(|one| !is_told(one));
        let missing: Vec<String> = missing.cloned().collect();
        let speaks = |outcome: Outcome| !matches!(outcome, Outcome::Holds | Outcome::Unasked);
        let unlabelled = reasons
            .iter()
            .filter(|(told, outcome)| speaks(*outcome) && !self.label.reasons.contains(told))
            .filter(|_| self.label.whole);
        let unlabelled: Vec<String> = unlabelled.map(|(told, _)| told.clone()).collect();
        let request = judged.request.as_deref();
        let label = self.label.request.as_deref();
        let same = judged.verdict() == self.label.verdict && (label.is_none() || request == label);
        if same && missing.is_empty() && unlabelled.is_empty() {
            return None;
        }
        Some(Difference {
            expected: self.expected(),
            got: told(judged.verdict(), request),
            missing,
            unlabelled,
        })
    }
}

fn told(verdict: Verdict, request: Option<&str>) -> String {
    match request {
        Some(request) => format!("{} by {request}", verdict.as_str()),
        None => verdict.as_str().to_owned(),
    }
}

/// How what came out differs from a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The verdict of the label, as `approved by CHG-1`.
    pub expected: String,
    /// The verdict that came out, in the same way.
    pub got: String,
    /// Labelled reasons that did not come out, each `control outcome rule`.
    pub missing: Vec<String>,
    /// Reasons that do not hold and are not in the label.
    pub unlabelled: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, got {}", self.expected, self.got)?;
        for one in &self.missing {
            write!(f, "\n  labelled, and did not come out: {one}")?;
        }
        for one in &self.unlabelled {
            write!(f, "\n  came out, and is not labelled: {one}")?;
        }
        Ok(())
    }
}
