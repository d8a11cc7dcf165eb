//! The requests that are taken together for one change, and what every control is asked of them.

use jiff::Timestamp;
use plimsoll_model::{
    Approval, ChangeRequest, Party, Review, Text, Withdrawal, edit_field, review_said,
    sign_off_kind,
};

use super::index::lower;
use super::keys::{Key, KeyKind};
use super::link::Link;
use super::moment::Moment;
use super::people::{Known, People};
use super::policy::{Policy, Rule};
use super::staging::Sightings;
use super::types::{Filed, Outcome, Reason, Subject};

/// One request of a case.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) filed: Filed<'a>,
    /// How it is linked to the change; none where it only hangs on another member.
    pub(crate) link: Option<Link>,
}

impl<'a> Member<'a> {
    pub(crate) fn request(&self) -> &'a ChangeRequest {
        self.filed.request
    }
}

/// The requests that are taken together, and all that is looked at.
pub(crate) struct Case<'c, 'a> {
    pub(crate) members: Vec<Member<'a>>,
    pub(crate) subject: &'c Subject<'c>,
    /// What the asset is judged as.
    pub(crate) standing: super::types::Standing<'c>,
    pub(crate) policy: &'c Policy,
    pub(crate) rule: &'c Rule,
    pub(crate) people: &'c People,
    pub(crate) sightings: &'c Sightings,
    pub(crate) keys: &'c [Key],
    pub(crate) moment: Moment,
    pub(crate) now: Timestamp,
    /// Whether all trackers were read completely since the change.
    pub(crate) all_read: bool,
}

/// Somebody's yes, wherever it was said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Yes<'a> {
    pub(crate) filed: Filed<'a>,
    pub(crate) by: &'a Party,
    pub(crate) at: Option<Timestamp>,
    pub(crate) kind: &'a str,
    pub(crate) withdrawn: Option<&'a Withdrawal>,
    /// The commit that was looked at, for a review.
    pub(crate) commit: Option<&'a str>,
    pub(crate) review: bool,
    /// What leaves it in doubt, as its tracker says.
    pub(crate) doubt: Option<&'a str>,
    /// Whether the link to the change rests on what the request says.
    pub(crate) by_request: bool,
}

impl<'a> Yes<'a> {
    fn approval(filed: Filed<'a>, approval: &'a Approval, by_request: bool) -> Self {
        Self {
            filed,
            by: &approval.by,
            at: approval.at,
            kind: &approval.kind,
            withdrawn: approval.withdrawn.as_ref(),
            commit: None,
            review: false,
            doubt: None,
            by_request,
        }
    }

    fn review(filed: Filed<'a>, review: &'a Review, by_request: bool) -> Self {
        Self {
            filed,
            by: &review.by,
            at: review.at,
            kind: &review.kind,
            withdrawn: review.withdrawn.as_ref(),
            commit: review.commit.as_deref(),
            review: true,
            doubt: review.doubt.as_deref(),
            by_request,
        }
    }

    /// For a person: `OPS-17 approved by lee at 2026-…`.
    pub(crate) fn words(&self) -> Text {
        let verb = if self.review { "reviewed" } else { "approved" };
        let at = self
            .at
            .map_or("at no known time".to_owned(), |at| format!("at {at:.0}"));
        let (request, by) = (&self.filed.request.id, &self.by.account);
        Text::from(format!(
            "{}: {request} {verb} by {by} {at}",
            self.filed.source
        ))
    }
}

impl<'c, 'a> Case<'c, 'a> {
    /// Every yes of the members, approvals or reviews or both.
    pub(crate) fn yeses(&self, approvals: bool, reviews: bool) -> Vec<Yes<'a>> {
        let mut found = Vec::new();
        for member in &self.members {
            let request = member.request();
            // What came along is there because a text names it.
            let by_request = member.link.as_ref().is_none_or(|link| link.by_request);
            if approvals {
                let all = request.approvals.iter();
                found.extend(all.map(|one| Yes::approval(member.filed, one, by_request)));
            }
            if reviews {
                let all = request.reviews.iter();
                let good = all.filter(|one| one.said == review_said::APPROVED);
                found.extend(good.map(|one| Yes::review(member.filed, one, by_request)));
            }
        }
        found
    }

    /// Every confirmation that a request was reviewed, as a yes.
    pub(crate) fn confirmed_reviews(&self) -> Vec<Yes<'a>> {
        let all = self.members.iter().flat_map(|member| {
            let request = member.request();
            let done = request.sign_offs.iter();
            let done = done.filter(|one| one.kind == sign_off_kind::REVIEWED);
            done.map(|one| Yes {
                filed: member.filed,
                by: &one.by,
                at: one.at,
                kind: "",
                withdrawn: None,
                commit: None,
                review: false,
                doubt: None,
                by_request: member.link.as_ref().is_none_or(|link| link.by_request),
            })
        });
        all.collect()
    }

    pub(crate) fn code(&self) -> impl Iterator<Item = &Member<'a>> {
        self.members.iter().filter(|one| one.request().is_code())
    }

    pub(crate) fn tickets(&self) -> impl Iterator<Item = &Member<'a>> {
        self.members.iter().filter(|one| !one.request().is_code())
    }

    /// Everybody who had a part in making the change, with what part.
    pub(crate) fn involved(&self) -> Vec<(&'a str, &'a Party, &'static str)> {
        let mut found = Vec::new();
        for member in &self.members {
            let (source, request) = (member.filed.source, member.request());
            found.extend(
                request
                    .requester
                    .iter()
                    .map(|party| (source, party, "asked for it")),
            );
            found.extend(
                request
                    .authors
                    .iter()
                    .map(|party| (source, party, "wrote it")),
            );
            let implementers = request.implementers.iter();
            found.extend(implementers.map(|party| (source, party, "carries it out")));
            let pushes = request.edits.iter();
            let pushes = pushes.filter(|edit| edit.field == edit_field::COMMITS);
            let pushers = pushes.filter_map(|edit| edit.by.as_ref());
            found.extend(pushers.map(|party| (source, party, "pushed to it")));
        }
        found
    }

    /// Who made it by the platform's record: none where nobody says.
    pub(crate) fn maker(&self) -> Option<(&'c str, Known<'c>)> {
        let maker = self.subject.maker.as_ref()?;
        let account = maker.account?;
        Some((account, self.people.who(maker.source, account)))
    }

    /// The artefacts that the change brings.
    pub(crate) fn artefacts(&self, kind: KeyKind) -> impl Iterator<Item = &'c Key> {
        self.keys.iter().filter(move |key| key.kind == kind)
    }

    pub(crate) fn sensitive(&self) -> Option<bool> {
        match self.standing.sensitive {
            Some(known) => Some(known),
            None => Some(self.rule.undeclared_is_sensitive),
        }
    }

    /// Whether the change, or what is asked for, touches security; with what says so.
    pub(crate) fn touches_security(&self) -> Option<Text> {
        let facts = &self.rule.security_facts;
        for path in &self.subject.change.paths {
            let touched = facts
                .iter()
                .find(|fact| plimsoll_change::path_is_of(&path.path, fact));
            if touched.is_some() {
                return Some(Text::from(format!("{} is a security control", path.path)));
            }
        }
        for member in &self.members {
            let labels = &member.request().labels;
            let found = labels.iter().find(|label| {
                self.rule
                    .security_labels
                    .iter()
                    .any(|one| *lower(label) == **one)
            });
            if let Some(label) = found {
                return Some(Text::from(format!(
                    "{} has the label {label}",
                    member.request().id
                )));
            }
        }
        let sensitive = self.rule.security_on_sensitive && self.sensitive() != Some(false);
        sensitive.then(|| Text::const_new("it touches sensitive data"))
    }

    /// The ids of the members, for evidence.
    pub(crate) fn names(&self) -> Vec<Text> {
        let mut names: Vec<Text> = self
            .members
            .iter()
            .map(|one| one.request().id.clone())
            .collect();
        names.dedup();
        names
    }

    /// The window controls, the link's doubts, and how old what is known of the members is.
    pub(crate) fn links(&self, reasons: &mut Vec<Reason>) {
        for member in &self.members {
            let request = member.request();
            let Some(link) = &member.link else { continue };
            let by = link.by.iter().cloned();
            if let Some((rule, doubt)) = &link.doubt {
                let control = if *rule == "commit-not-final" || *rule == "another-artefact" {
                    "change-reviewed"
                } else {
                    "change-approved"
                };
                let outcome = if *rule == "commit-not-final" {
                    Outcome::Fails
                } else {
                    Outcome::Unknown
                };
                reasons.push(Reason::new(control, outcome, rule, doubt.clone()).by(by));
            }
            if !request.environments.is_empty() && self.subject.strict_environment().is_none() {
                let text = format!(
                    "{} is for {}, and nobody says in which environment {} is",
                    request.id,
                    request.environments.join(", "),
                    self.subject.change.asset
                );
                reasons.push(
                    Reason::new(
                        "change-approved",
                        Outcome::Unknown,
                        "environment-unknown",
                        text,
                    )
                    .missing("the label plimsoll.environment, or a rule that gives one"),
                );
            }
        }
        if self.rule.environment_stated {
            let stated = self
                .members
                .iter()
                .any(|one| !one.request().environments.is_empty());
            if !stated {
                let text = format!("{} names no environment", self.names().join(", "));
                reasons.push(Reason::new(
                    "change-approved",
                    Outcome::Fails,
                    "environment-not-stated",
                    text,
                ));
            }
        }
        for member in &self.members {
            let due = self.moment.hi;
            if member.filed.as_of < due {
                let id = &member.request().id;
                // There is no earlier time than that of a source that was never read to its end.
                let as_of = member.filed.as_of;
                let text = match as_of > Timestamp::MIN {
                    true => format!(
                        "{id} is known as it was at {as_of:.0}, before the change: what happened to it since was not read"
                    ),
                    false => format!(
                        "{id} was met, and its source was never read completely: what else happened to it is not known"
                    ),
                };
                reasons.push(
                    Reason::new(
                        "change-approved",
                        Outcome::Unknown,
                        "read-before-the-change",
                        text,
                    )
                    .missing(format!("a complete read of {}", member.filed.source)),
                );
            }
        }
    }
}
