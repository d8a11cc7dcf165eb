//! The facts that a proof is held against, and what follows from them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plimsoll_change::{ChangeKind, PathChange};
use plimsoll_model::{ChangeRequest, Text, Value};

use super::{Interval, is_setting};
use crate::index::lower;
use crate::judge::World;
use crate::keys::{KeyKind, keys};
use crate::policy::{Policy, Rule, environment};
use crate::request::RequestFacts;
use crate::staging::StagingRun;
use crate::ticket_text::tickets;
use crate::types::{Deed, Standing, Subject};

/// What everything is checked against.
pub(super) struct Facts<'f, 'a> {
    pub(super) subject: &'f Subject<'f>,
    pub(super) world: &'f World<'a>,
    pub(super) policy: &'f Policy,
    pub(super) interval: Interval,
}

impl<'f, 'a> Facts<'f, 'a> {
    /// The facts around a change; none without a policy.
    pub(super) fn of(subject: &'f Subject<'f>, world: &'f World<'a>) -> Option<Self> {
        Some(Self {
            subject,
            world,
            policy: world.policy?,
            interval: Interval::derive(subject),
        })
    }

    /// The rules that ask for an approval, for what the asset counted for before and counts for now.
    pub(super) fn required(&self) -> Vec<(Standing<'f>, &'f Rule)> {
        let standings = self.subject.standings().into_iter();
        let ruled = standings.filter_map(|standing| {
            let own = standing
                .environment
                .map_or_else(|| "production".into(), environment);
            Some((
                standing,
                self.policy.rule(&own, standing.kind, standing.role)?,
            ))
        });
        ruled.filter(|(_, rule)| rule.required).collect()
    }

    /// What the change brings: digests, or commits where no digest is known.
    pub(super) fn artefacts(&self) -> Vec<Text> {
        let all = keys(self.subject, self.policy);
        let of = |kind| {
            all.iter()
                .filter(move |key| key.kind == kind && !key.deed)
                .map(|key| key.text.clone())
        };
        let digests: BTreeSet<Text> = of(KeyKind::Digest).collect();
        let found = if digests.is_empty() {
            of(KeyKind::Commit).collect()
        } else {
            digests
        };
        found.into_iter().collect()
    }

    pub(super) fn runs(&self, artefact: &str) -> impl Iterator<Item = &StagingRun> {
        let runs = self
            .world
            .sightings
            .runs
            .get(artefact)
            .into_iter()
            .flatten();
        runs.filter(|run| self.subject.twins.contains(&&run.asset))
    }

    /// Whether all that the change brings ran on the staging twin at a time, and its settings had these values there.
    pub(super) fn in_staging_at(&self, at: Timestamp) -> bool {
        let artefacts = self.artefacts();
        let ran = |key: &Text| {
            let mut runs = self.runs(key);
            runs.any(|run| run.from <= at && run.until.is_none_or(|until| until >= at))
        };
        artefacts.iter().all(ran)
            && self
                .settings()
                .all(|path| self.was_set_in_staging(path, at))
    }

    /// The settings that the change alters: neither artefacts, nor scale, nor what names the system itself.
    pub(super) fn settings(&self) -> impl Iterator<Item = &'f PathChange> {
        let change = self.subject.change;
        let paths = change.paths.iter().filter(|path| is_setting(&path.path));
        paths.filter(|_| change.kind == ChangeKind::Modified)
    }

    /// Whether a setting had the new value on the staging twin at a time.
    pub(super) fn was_set_in_staging(&self, path: &PathChange, at: Timestamp) -> bool {
        let mut twins = self.subject.twin_values.iter();
        twins.any(|twin| twin.path == path.path && twin.value == path.to && twin.from <= at)
    }

    /// Whether a request is for the environment of the change, or says of none.
    pub(super) fn is_here(&self, request: &ChangeRequest) -> bool {
        let mut named = request.environments.iter();
        let own = self.subject.strict_environment();
        named.len() == 0 || own.is_some_and(|own| named.any(|one| environment(one) == own))
    }

    pub(super) fn provisions(&self, request: &ChangeRequest) -> bool {
        request.provisions || has_label(request, &self.policy.provisioning_labels)
    }

    /// Whether the new value at a path names a request.
    pub(super) fn names_in(&self, path: &str, request: &ChangeRequest) -> bool {
        let mut paths = self.subject.change.paths.iter();
        let value = paths
            .find(|one| one.path == path)
            .and_then(|one| one.to.as_ref());
        let text = value.and_then(Value::as_str).unwrap_or_default();
        tickets(text).iter().any(|key| request.is_called(key))
    }

    /// The record of who made the change, where it is sure that it is about this one and that it came to something.
    pub(super) fn maker(&self) -> Option<Deed<'f>> {
        let maker = self.subject.maker;
        maker.filter(|maker| maker.proven && !maker.has_failed())
    }

    /// Whether a request asks for the removal of the asset.
    pub(super) fn removes(&self, request: &ChangeRequest) -> bool {
        has_label(request, &self.policy.removal_labels) && self.subject.reaches(request)
    }
}

pub(super) fn has_label(request: &ChangeRequest, labels: &[Text]) -> bool {
    request
        .labels
        .iter()
        .any(|label| labels.iter().any(|one| *lower(label) == **one))
}
