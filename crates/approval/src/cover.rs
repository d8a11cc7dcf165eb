//! Whether what is linked covers all that changed, and all that was done meanwhile.

use plimsoll_model::Text;

use super::checker::uncovered;
use super::judge::Judging;
use super::keys::{KeyKind, Part, of_deed, part};
use super::link::{Grade, Link};
use super::moment::{CLOCKS, earlier, later};
use super::types::{Deed, Outcome, Reason};
use super::unit::Unit;
use plimsoll_change::path_is_of;

/// How much of a change is covered by those that name its artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    Whole,
    ByScope,
    Partly,
}

impl Judging<'_, '_> {
    /// Whether what is linked by an artefact covers every path that changed.
    pub(super) fn cover(
        &self,
        artefacts: &[&Link],
        scope: &[&Link],
        members: &[u32],
        extra: &mut Vec<Reason>,
    ) -> Cover {
        if artefacts.iter().any(|link| link.whole)
            && self.subject.others.is_empty()
            && !self.subject.more
        {
            return Cover::Whole;
        }
        let left: Vec<(&str, Part)> = self
            .subject
            .change
            .paths
            .iter()
            .map(|path| (path.path.as_str(), part(&path.path)))
            .filter(|(_, part)| *part != Part::Artefact)
            .collect();
        if left.is_empty() {
            return Cover::Whole;
        }
        let scoped = scope.iter().filter(|link| link.doubt.is_none());
        // A member that names the asset too speaks of the whole of it.
        if scoped.clone().any(|link| members.contains(&link.at)) || self.names_asset(members) {
            return Cover::Whole;
        }
        if !scope.is_empty() {
            return Cover::ByScope;
        }
        let other: Vec<&str> = left
            .iter()
            .filter(|(_, part)| *part == Part::Other)
            .map(|(path, _)| *path)
            .collect();
        if other.is_empty() {
            let paths: Vec<&str> = left.iter().map(|(path, _)| *path).collect();
            let text = format!(
                "{} changed too, which a new image may bring and a hand as well",
                shown(&paths)
            );
            extra.push(Reason::new(
                "change-approved",
                Outcome::Unknown,
                "path-perhaps-covered",
                text,
            ));
            return Cover::Partly;
        }
        let text = format!(
            "{} changed too, and what is approved is the artefact alone",
            shown(&other)
        );
        let missing = "a request that names the asset, or a record of who changed it";
        extra.push(
            Reason::new("change-approved", Outcome::Fails, "path-not-covered", text)
                .missing(missing),
        );
        Cover::Partly
    }

    fn names_asset(&self, members: &[u32]) -> bool {
        let own = self.subject.change.asset.as_str();
        members
            .iter()
            .filter_map(|at| self.world.requests.get(*at))
            .any(|filed| {
                filed
                    .request
                    .assets
                    .iter()
                    .any(|asset| asset.as_str() == own)
            })
    }

    /// Whether the requests say which facts they change, and one changed that none of them names.
    pub(super) fn outside_facts(&self, units: &[Unit]) -> Option<Reason> {
        let members = units.iter().flat_map(|unit| &unit.members);
        let requests: Vec<_> = members
            .filter_map(|at| self.world.requests.get(*at))
            .collect();
        let stated = requests
            .iter()
            .filter(|filed| !filed.request.facts.is_empty());
        let facts: Vec<&Text> = stated
            .clone()
            .flat_map(|filed| &filed.request.facts)
            .collect();
        if facts.is_empty() {
            return None;
        }
        // The artefact is covered by whoever names it.
        let by_artefact = self
            .links
            .good
            .iter()
            .any(|link| link.grade == Grade::Artefact);
        let paths = self
            .subject
            .change
            .paths
            .iter()
            .map(|path| path.path.as_str());
        let outside: Vec<&str> = paths
            .filter(|path| !facts.iter().any(|fact| path_is_of(path, fact)))
            .filter(|path| !(by_artefact && part(path) == Part::Artefact))
            .filter(|path| !path.starts_with("labels"))
            .collect();
        if outside.is_empty() {
            return None;
        }
        let ids: Vec<&str> = stated.map(|filed| filed.request.id.as_str()).collect();
        let text = format!(
            "{} changed too, and {} is about other facts",
            shown(&outside),
            ids.join(", ")
        );
        Some(Reason::new(
            "change-approved",
            Outcome::Fails,
            "path-not-in-request",
            text,
        ))
    }

    /// What of the change no request that is taken covers, where nothing else has told of it.
    pub(super) fn left_over(&self, units: &[Unit], told: &[Reason]) -> Vec<Reason> {
        const TOLD: [&str; 9] = [
            "named-without-window",
            "name-without-environment",
            "path-not-covered",
            "path-perhaps-covered",
            "path-not-in-request",
            "request-not-found",
            "commit-not-final",
            "another-artefact",
            "commit-shortened",
        ];
        let own = units.iter().flat_map(|unit| &unit.reasons);
        let mut told = told.iter().chain(own);
        if told.any(|reason| TOLD.contains(&reason.rule.as_str())) {
            return Vec::new();
        }
        let members: Vec<u32> = units.iter().flat_map(|unit| unit.members.clone()).collect();
        let left = uncovered(self.subject, self.world, &members).into_iter();
        let reasons = left.map(|(_, refusal)| {
            let outcome = if refusal.is_sure() {
                Outcome::Fails
            } else {
                Outcome::Unknown
            };
            Reason::new("change-approved", outcome, refusal.rule, refusal.text)
        });
        reasons.take(5).collect()
    }

    /// Every other record of the interval has to belong to the same requests.
    pub(super) fn other_records(&self, units: &[Unit]) -> Option<Reason> {
        if self.subject.more {
            let text = "more was done in the same time than is kept, so what was done besides is not known";
            return Some(Reason::new(
                "change-approved",
                Outcome::Unknown,
                "more-records",
                text,
            ));
        }
        let members: Vec<u32> = units
            .iter()
            .flat_map(|unit| unit.members.iter().copied())
            .collect();
        let maker_keys: Vec<&Text> = self
            .keys
            .iter()
            .filter(|key| key.deed && key.kind != KeyKind::Operation)
            .map(|key| &key.text)
            .collect();
        let (from, until) = match self.moment.lo {
            Some(_) => (self.subject.after, self.subject.before),
            None => (None, self.subject.before),
        };
        let inside = |deed: &&Deed<'_>| {
            from.is_none_or(|from| deed.at > earlier(from, CLOCKS))
                && deed.at <= later(until, CLOCKS)
        };
        for deed in self.subject.others.iter().filter(inside) {
            let mut keys = Vec::new();
            of_deed(deed, &mut keys);
            let same = keys.iter().any(|key| {
                key.kind != KeyKind::Operation
                    && key.kind != KeyKind::Release
                    && maker_keys.contains(&&key.text)
            });
            let named: Vec<u32> = if same {
                Vec::new()
            } else {
                self.linking().artefacts(&keys)
            };
            if !same && !named.iter().any(|at| members.contains(at)) {
                let who = deed.account.unwrap_or("somebody");
                let text = format!(
                    "{who} did {} at {} in the same time ({} {}), and no request that is taken here covers that",
                    deed.what, deed.at, deed.source, deed.id
                );
                return Some(
                    Reason::new("change-approved", Outcome::Unknown, "another-record", text)
                        .missing(
                            "a scan between the two, or a request that names the other record",
                        ),
                );
            }
        }
        None
    }
}

fn shown(paths: &[&str]) -> String {
    let more = paths.len().saturating_sub(3);
    let mut text = paths.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
