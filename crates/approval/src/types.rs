//! What judging a change gives.

use jiff::Timestamp;
use plimsoll_change::{Change, ChangeKind, PathChange, has_failed, is_touched, names_value};
use plimsoll_model::{Action, Asset, AssetId, ChangeRequest, Labels, Text, Value};
use serde::{Deserialize, Serialize};

use super::checker::Approved;
use super::index::lower;
use super::keys::{KeyKind, Part, of_deed, part, tickets_of};
use super::policy::{Policy, environment};
use super::request::RequestFacts;
use super::verdict::Verdict;

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What the policy says. Private, so that nothing is approved without what the checker gives for a proof.
    verdict: Verdict,
    /// The id of the request that covers it; of several the first.
    #[serde(default)]
    pub request: Option<Text>,
    /// All requests that were taken together.
    #[serde(default)]
    pub requests: Vec<Text>,
    /// The policy and its rule, as `tracker-cto/production`; empty where none was asked.
    #[serde(default)]
    pub rule: Text,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The requests that come nearest, where none covers it.
    #[serde(default)]
    pub candidates: Vec<Nearest>,
    /// What an approval rests on, in sentences: what is covered by which request, when the change was made, who said yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<Text>,
    /// Why the checker refused what linking took for an approval: a mistake of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Text>,
}

impl Judged {
    /// A verdict for one reason.
    pub(crate) fn plain(verdict: Verdict, rule: &str, reason: Reason) -> Self {
        Self::without_proof(verdict, rule, vec![reason])
    }

    /// A verdict that no proof is needed for. Without one nothing is approved: that would be *unproven*.
    pub(crate) fn without_proof(verdict: Verdict, rule: &str, reasons: Vec<Reason>) -> Self {
        let verdict = match verdict {
            Verdict::Approved => Verdict::Unproven,
            other => other,
        };
        Self {
            verdict,
            request: None,
            requests: Vec::new(),
            rule: rule.into(),
            reasons,
            candidates: Vec::new(),
            proof: Vec::new(),
            refusal: None,
        }
    }

    /// Approved, as the checker says.
    pub(crate) fn approved(
        _: Approved,
        rule: &str,
        reasons: Vec<Reason>,
        proof: Vec<Text>,
    ) -> Self {
        Self {
            verdict: Verdict::Approved,
            proof,
            ..Self::without_proof(Verdict::Unproven, rule, reasons)
        }
    }

    /// What the policy says.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether it is unproven because sources of change requests have not been read since the change.
    pub fn lacks_a_read(&self) -> bool {
        let unread = |reason: &Reason| UNREAD.contains(&&*reason.rule);
        self.verdict == Verdict::Unproven && self.reasons.iter().any(unread)
    }

    /// The reasons as sentences: what decided first.
    pub fn sentences(&self) -> Vec<Text> {
        self.reasons.iter().map(Reason::sentence).collect()
    }
}

/// The rules of reasons that a later read of the trackers does away with.
const UNREAD: [&str; 2] = ["trackers-not-read", "read-before-the-change"];

/// A verdict as it is kept, with what was known of the asset when it was first judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The verdict.
    #[serde(flatten)]
    pub judged: Judged,
    /// The environment of the asset.
    #[serde(default)]
    pub environment: Option<Text>,
    /// The role of its system.
    #[serde(default)]
    pub role: Option<Text>,
    /// Whether it holds sensitive data, where somebody says.
    #[serde(default)]
    pub sensitive: Option<bool>,
    /// What it counted for before the change, where that was something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Counted>,
}

/// What an asset counted for, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Its environment.
    #[serde(default)]
    pub environment: Option<Text>,
    /// Its kind.
    pub kind: Text,
    /// The role of its system.
    #[serde(default)]
    pub role: Option<Text>,
    /// Whether it held sensitive data, where somebody said.
    #[serde(default)]
    pub sensitive: Option<bool>,
}

impl Counted {
    /// The same, as a change is judged by it.
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            environment: self.environment.as_deref(),
            kind: &self.kind,
            role: self.role.as_deref(),
            sensitive: self.sensitive,
        }
    }
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The control that it answers to.
    pub control: Text,
    /// How that came out.
    pub outcome: Outcome,
    /// Which rule of judging decided it, in a word: `approval-after-change`.
    pub rule: Text,
    /// What was found, for a person.
    pub text: Text,
    /// What it rests on: requests, approvals, records, each in a line.
    #[serde(default)]
    pub evidence: Vec<Text>,
    /// What is missing, or what to do about it.
    #[serde(default)]
    pub missing: Option<Text>,
}

impl Reason {
    pub(crate) fn new(
        control: &'static str,
        outcome: Outcome,
        rule: &'static str,
        text: impl Into<Text>,
    ) -> Self {
        Self {
            control: Text::const_new(control),
            outcome,
            rule: Text::const_new(rule),
            text: text.into(),
            evidence: Vec::new(),
            missing: None,
        }
    }

    pub(crate) fn by(mut self, evidence: impl IntoIterator<Item = Text>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub(crate) fn missing(mut self, what: impl Into<Text>) -> Self {
        self.missing = Some(what.into());
        self
    }

    /// The reason as one sentence.
    pub fn sentence(&self) -> Text {
        let mut text = Text::from(self.control.as_str());
        text.push_str(": ");
        text.push_str(&self.text);
        if let Some(missing) = &self.missing {
            text.push_str("; missing: ");
            text.push_str(missing);
        }
        text
    }
}

/// How a control came out for one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It does not hold.
    Fails,
    /// What had to come afterwards did not come in time.
    Late,
    /// It cannot be known. Never taken for holding.
    Unknown,
    /// What has to come afterwards may still come.
    Waits,
    /// It holds.
    Holds,
    /// The policy does not ask; worth saying all the same.
    Unasked,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 6] = [
        Outcome::Fails,
        Outcome::Late,
        Outcome::Unknown,
        Outcome::Waits,
        Outcome::Holds,
        Outcome::Unasked,
    ];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Fails => "fails",
            Outcome::Late => "late",
            Outcome::Unknown => "unknown",
            Outcome::Waits => "waits",
            Outcome::Holds => "holds",
            Outcome::Unasked => "unasked",
        }
    }
}

/// A request that comes near and does not cover the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// The source that has it.
    pub source: Text,
    /// Its id.
    pub request: Text,
    /// Its title.
    pub title: Text,
    /// In what it comes near, and why it does not cover the change.
    pub why: Text,
}

/// A stored request with its source.
#[derive(Clone, Copy, Debug)]
pub struct Filed<'a> {
    /// The source that has it.
    pub source: &'a str,
    /// As of when it is known to read so: nothing that happened to it before is missing.
    pub as_of: Timestamp,
    /// The request.
    pub request: &'a ChangeRequest,
}

/// A platform's record that may have to do with a change.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// The source that gave it.
    pub source: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What was done.
    pub what: &'a str,
    /// When.
    pub at: Timestamp,
    /// The account that did it, where the platform says.
    pub account: Option<&'a str>,
    /// What it says besides.
    pub details: &'a Labels,
    /// Whether it is about this very change: it names the new value or the fields that changed.
    pub proven: bool,
    /// Whether its time is that of the change.
    pub exact: bool,
    /// The platform's names of the fields that it touched; empty where it does not say.
    pub fields: &'a [Text],
}

impl<'a> Deed<'a> {
    /// An action as a deed.
    pub fn of(source: &'a str, action: &'a Action, proven: bool, exact: bool) -> Self {
        Self {
            source,
            id: &action.id,
            what: &action.what,
            at: action.at,
            account: action.actor.as_ref().map(|actor| actor.account.as_str()),
            details: &action.details,
            proven,
            exact,
            fields: &action.fields,
        }
    }

    /// Whether the platform says that it came to nothing: then nothing was made by it.
    pub fn has_failed(&self) -> bool {
        let status = self.details.get("status");
        status.is_some_and(|status| has_failed(status))
    }

    /// Whether a changed path is one that it says it touched, by its fields or by naming the new artefact. A record that
    /// does not say which fields it touched may have touched any.
    pub(crate) fn speaks_of(&self, path: &PathChange) -> bool {
        let artefact = part(&path.path) == Part::Artefact;
        let names = |kind: &str| {
            let said = self.details.get(kind);
            said.zip(path.to.as_ref())
                .is_some_and(|(said, to)| names_value(kind, said, to))
        };
        self.fields.is_empty()
            || is_touched(&path.path, self.fields)
            || (artefact && ["commit", "image", "release"].into_iter().any(names))
    }

    /// Whether it speaks of every path that changed.
    pub(crate) fn speaks_of_all(&self, change: &Change) -> bool {
        change.paths.iter().all(|path| self.speaks_of(path))
    }

    /// Whether another record names the same artefact or ticket.
    pub(crate) fn tells_of_same(&self, other: &Deed<'_>) -> bool {
        let keys = |deed: &Deed<'_>| {
            let mut found = Vec::new();
            of_deed(deed, &mut found);
            found.retain(|key| !matches!(key.kind, KeyKind::Operation | KeyKind::Release));
            found
        };
        let own = keys(self);
        keys(other).iter().any(|key| {
            own.iter()
                .any(|one| (one.kind, &one.text) == (key.kind, &key.text))
        })
    }

    /// The tickets that it names.
    pub(crate) fn tickets(&self) -> Vec<Text> {
        let mut found = Vec::new();
        of_deed(self, &mut found);
        found.retain(|key| key.kind == KeyKind::Ticket);
        found.into_iter().map(|key| key.text).collect()
    }
}

/// What an asset counts for: where it is, what it is, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Its environment; none where nobody says.
    pub environment: Option<&'a str>,
    /// Its kind.
    pub kind: &'a str,
    /// The role of its system; none where it has none.
    pub role: Option<&'a str>,
    /// Whether it holds sensitive data; none where nobody says.
    pub sensitive: Option<bool>,
}

/// That an asset ran an artefact before, and then another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRun {
    /// The digest or commit, in lower case.
    pub artefact: Text,
    /// When it was first seen not to run any more.
    pub until: Timestamp,
    /// Whether the change that brought it was approved.
    pub approved: bool,
}

/// A value that a path has had on the staging twin of a system.
#[derive(Clone, Debug, PartialEq)]
pub struct TwinValue {
    /// The path, as of a change.
    pub path: Text,
    /// The value; none where the path was not there.
    pub value: Option<Value>,
    /// Since when, at the latest.
    pub from: Timestamp,
}

/// A change to be judged, with what is known around it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The change.
    pub change: &'a Change,
    /// The last time that the asset was seen as it was.
    pub after: Option<Timestamp>,
    /// The first time that it was seen as it is.
    pub before: Timestamp,
    /// Its environment; none where nobody says.
    pub environment: Option<&'a str>,
    /// The role of its system; none where it has none.
    pub role: Option<&'a str>,
    /// Whether it touches sensitive data; none where nobody says.
    pub sensitive: Option<bool>,
    /// The asset as it is now.
    pub asset: Option<&'a Asset>,
    /// What contains it, with its names: the nearest first, without the asset itself.
    pub lineage: Vec<(&'a AssetId, &'a str)>,
    /// The record that tells who made it.
    pub maker: Option<Deed<'a>>,
    /// Other records of the same interval that may have a part in it.
    pub others: Vec<Deed<'a>>,
    /// Whether there are more of them than are here.
    pub more: bool,
    /// Whether our own notice announces it in the channel for change control.
    pub announced: Announced,
    /// What it counted for before the change; none where that is not known to be another than now.
    pub was: Option<Standing<'a>>,
    /// Other systems that have its name, and may be meant where a request gives a name alone.
    pub namesakes: Vec<&'a AssetId>,
    /// What it ran before, the newest first.
    pub earlier: Vec<EarlierRun>,
    /// The systems of staging that mirror it.
    pub twins: Vec<&'a AssetId>,
    /// The values of the changed paths on these.
    pub twin_values: Vec<TwinValue>,
}

/// Whether a notice of ours announces a change in the channel for change control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announced {
    /// None does.
    #[default]
    No,
    /// One is on its way.
    Planned,
    /// One arrived.
    At(Timestamp),
}

impl<'a> Subject<'a> {
    /// A change of which nothing else is known.
    pub fn new(change: &'a Change, after: Option<Timestamp>, before: Timestamp) -> Self {
        Self {
            change,
            after,
            before,
            environment: None,
            role: None,
            sensitive: None,
            asset: None,
            lineage: Vec::new(),
            maker: None,
            others: Vec::new(),
            more: false,
            announced: Announced::No,
            was: None,
            namesakes: Vec::new(),
            earlier: Vec::new(),
            twins: Vec::new(),
            twin_values: Vec::new(),
        }
    }

    /// What it counts for, before and after the change: it is judged as either, so that no change takes itself out of a rule.
    pub(crate) fn standings(&self) -> Vec<Standing<'a>> {
        let now = Standing {
            environment: self.environment,
            kind: self.change.asset_kind.as_str(),
            role: self.role,
            sensitive: self.sensitive,
        };
        let mut all = vec![now];
        all.extend(self.was.filter(|was| *was != now));
        // What held sensitive data counts as holding it.
        if all.iter().any(|one| one.sensitive == Some(true)) {
            all.iter_mut().for_each(|one| one.sensitive = Some(true));
        } else if all.iter().any(|one| one.sensitive.is_none()) {
            all.iter_mut().for_each(|one| one.sensitive = None);
        }
        all
    }

    /// The environment that a request has to be for: production where it is or was that; none where nobody says.
    pub(crate) fn strict_environment(&self) -> Option<Text> {
        let all = self.standings();
        let named = |word: &str| {
            let own =
                |one: &Standing<'_>| one.environment.is_some_and(|own| environment(own) == word);
            all.iter().any(own).then(|| Text::from(word))
        };
        let first = || all.first().and_then(|one| one.environment).map(environment);
        named("production").or_else(|| {
            let unknown = all.iter().any(|one| one.environment.is_none());
            if unknown {
                None
            } else {
                named("staging").or_else(first)
            }
        })
    }

    /// Whether a request names the asset or what contains it, by id or by name.
    pub(crate) fn reaches(&self, request: &ChangeRequest) -> bool {
        self.reaches_by_id(request) || self.is_named(request)
    }

    fn is_named(&self, request: &ChangeRequest) -> bool {
        let name = |name: &str| request.names.iter().any(|one| lower(one) == lower(name));
        name(&self.change.asset_name)
            || self.lineage.iter().any(|(_, called)| name(called))
            || self.role.is_some_and(name)
    }

    /// Whether a request names the asset or what contains it by id.
    pub(crate) fn reaches_by_id(&self, request: &ChangeRequest) -> bool {
        let asset = |id: &AssetId| request.assets.contains(id);
        // One that names what contains it, and systems in there, is for these.
        let contained = request.names.is_empty() || self.is_named(request);
        asset(&self.change.asset) || (contained && self.lineage.iter().any(|(id, _)| asset(id)))
    }

    /// Whether a record's detail (`commit`, `image`, `release`) names a value that is new with the change.
    pub(crate) fn brings(&self, detail: &str, said: &str) -> bool {
        let artefacts = self
            .change
            .paths
            .iter()
            .filter(|path| part(&path.path) == Part::Artefact);
        let mut new = artefacts.filter_map(|path| path.to.as_ref());
        let added = self.asset.filter(|_| self.change.kind == ChangeKind::Added);
        new.any(|to| names_value(detail, said, to))
            || added.is_some_and(|asset| {
                let facts = asset
                    .facts
                    .iter()
                    .filter(|(name, _)| part(name) == Part::Artefact);
                let mut values = facts.filter_map(|(_, claim)| claim.value());
                values.any(|value| names_value(detail, said, value))
            })
    }

    /// Whether a request names a release of this asset, or of what contains it.
    pub(crate) fn names_release(&self, request: &ChangeRequest, release: &str) -> bool {
        let own = std::iter::once(&self.change.asset);
        let own = own.chain(self.lineage.iter().map(|(asset, _)| *asset));
        let qualified: Vec<String> = own.map(|asset| format!("{asset}@{release}")).collect();
        request.links.releases.iter().any(|one| {
            let one = one.trim();
            qualified.iter().any(|word| word == one)
                || (one == release && self.reaches_by_id(request))
        })
    }

    /// Whether nothing but what a request's own text says links it with the change.
    pub(crate) fn rests_on_text(&self, request: &ChangeRequest, policy: &Policy) -> bool {
        let named = tickets_of(self, policy);
        !request.is_code() && !named.iter().any(|key| request.is_called(&key.text))
    }

    /// That one of these artefacts ran here before, and was replaced by another.
    pub(crate) fn earlier_run(&self, artefacts: &[Text]) -> Option<&EarlierRun> {
        self.earlier
            .iter()
            .find(|run| artefacts.contains(&run.artefact))
    }
}
