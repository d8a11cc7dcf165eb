//! What a careful auditor says of a world with the house's policy in hand: written from the policies' texts, and sharing no code with
//! what it is held against.
//!
//! It is generous where the texts leave room, and refuses only what no reading of them allows. Where the checker accepts what it
//! refuses, one of the two is wrong.

#![allow(
    clippy::nonminimal_bool,
    reason = "conditions stand as the texts have them"
)]

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::{ChangeRequest, Party};

/// A person of a world, as the auditor knows them.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) accounts: &'static [&'static str],
    /// Roles, each with when it is held: from and until, in days after the start of the world.
    pub(crate) roles: &'static [(&'static str, i64, i64)],
}

/// What a policy's text asks of production.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) approvers: &'static [&'static str],
    /// Who counts as the second person where sensitive data is touched.
    pub(crate) seconds: &'static [&'static str],
    pub(crate) needed: usize,
    pub(crate) needed_sensitive: usize,
    pub(crate) reviews_count: bool,
    pub(crate) approvals_count: bool,
    pub(crate) valid_days: Option<i64>,
    pub(crate) merged: bool,
    pub(crate) checks: bool,
    pub(crate) staging: bool,
    pub(crate) qa: &'static [&'static str],
    pub(crate) ticket: bool,
    /// Whether naming the asset is enough without a window.
    pub(crate) asset_is_enough: bool,
}

/// The CTO says yes, and nothing else is asked.
pub(crate) const PLAIN: Text = Text {
    approvers: &["cto"],
    seconds: &["cto"],
    needed: 1,
    needed_sensitive: 1,
    reviews_count: false,
    approvals_count: true,
    valid_days: None,
    merged: false,
    checks: false,
    staging: false,
    qa: &[],
    ticket: false,
    asset_is_enough: false,
};

/// What happened, as raw as the auditor reads it.
pub(crate) struct Case<'a> {
    pub(crate) text: &'a Text,
    pub(crate) house: &'a [Member],
    pub(crate) start: i64,
    pub(crate) asset: &'a str,
    pub(crate) name: &'a str,
    /// The ids and names of what contains it.
    pub(crate) around: Vec<(String, String)>,
    /// Every path that changed, with the commits and digests that are new there.
    pub(crate) paths: Vec<(String, Vec<String>)>,
    pub(crate) added_or_removed: bool,
    pub(crate) tickets_named: Vec<String>,
    /// The commits that the record of who made it names, and its own id.
    pub(crate) recorded: Vec<String>,
    pub(crate) after: Timestamp,
    pub(crate) before: Timestamp,
    /// When a record that surely is of the whole change says that it was made.
    pub(crate) dated: Option<Timestamp>,
    pub(crate) makers: Vec<String>,
    pub(crate) production: bool,
    pub(crate) sensitive: bool,
    pub(crate) requests: &'a [ChangeRequest],
    pub(crate) staged: Vec<(String, Timestamp)>,
}

impl Case<'_> {
    /// The earliest moment at which the change can have been made.
    fn earliest(&self) -> Timestamp {
        self.dated.unwrap_or(self.after)
    }

    fn latest(&self) -> Timestamp {
        self.dated.unwrap_or(self.before)
    }

    /// Whether anything at all can make the change approved.
    pub(crate) fn may_be_approved(&self) -> Result<(), String> {
        for ticket in &self.tickets_named {
            let known = self
                .requests
                .iter()
                .filter(|one| one.id.eq_ignore_ascii_case(ticket));
            let known: Vec<_> = known.collect();
            if known.is_empty() {
                return Err(format!("the change names {ticket}, which nobody has"));
            }
            for one in known {
                self.approved(one)
                    .map_err(|why| format!("the change names {ticket}: {why}"))?;
            }
        }
        let parts = if self.added_or_removed {
            let new = self.paths.iter().flat_map(|(_, new)| new.clone());
            vec![(String::new(), new.collect())]
        } else {
            self.paths.clone()
        };
        for (path, new) in &parts {
            let mut whys = Vec::new();
            let covered = self.requests.iter().any(|request| {
                match self
                    .covers(request, path, new)
                    .and_then(|()| self.approved(request))
                {
                    Ok(()) => true,
                    Err(why) => {
                        whys.push(format!("{}: {why}", request.id));
                        false
                    }
                }
            });
            if !covered {
                return Err(format!(
                    "{path} is covered by nothing that is approved: {whys:?}"
                ));
            }
        }
        Ok(())
    }

    fn covers(&self, request: &ChangeRequest, path: &str, new: &[String]) -> Result<(), String> {
        let by_id = request.assets.iter().any(|asset| {
            asset.as_str() == self.asset || self.around.iter().any(|(id, _)| id == asset.as_str())
        });
        let by_name = request.names.iter().any(|name| {
            name.eq_ignore_ascii_case(self.name)
                || self
                    .around
                    .iter()
                    .any(|(_, one)| name.eq_ignore_ascii_case(one))
        });
        let speaks = !request.assets.is_empty() || !request.names.is_empty();
        if speaks && !by_id && !by_name {
            return Err("it is about other systems".to_owned());
        }
        let code = ["pull-request", "commit", "tag"].contains(&request.kind.as_str());
        let mut own: Vec<String> = Vec::new();
        if code {
            own.extend(
                request
                    .merge
                    .iter()
                    .filter_map(|merge| merge.commit.as_ref())
                    .map(|one| one.to_lowercase().to_string()),
            );
            own.extend(
                request
                    .head
                    .iter()
                    .map(|one| one.to_lowercase().to_string()),
            );
            if own.is_empty() {
                own.extend(
                    request
                        .links
                        .commits
                        .iter()
                        .map(|one| one.to_lowercase().to_string()),
                );
            }
        } else {
            own.extend(
                request
                    .links
                    .commits
                    .iter()
                    .map(|one| one.to_lowercase().to_string()),
            );
        }
        own.extend(
            request
                .links
                .images
                .iter()
                .filter_map(|image| image.rsplit_once("sha256:"))
                .map(|(_, digest)| format!("sha256:{digest}")),
        );
        let links = &request.links;
        own.extend(links.operations.iter().map(ToString::to_string));
        let releases = links.releases.iter().filter_map(|one| one.rsplit_once('@'));
        let releases = releases.filter(|(asset, _)| *asset == self.asset);
        own.extend(releases.map(|(_, number)| format!("release:{number}")));
        let artefact_path = ["image", "images", "source", "release", "version", "labels"]
            .iter()
            .any(|head| path.starts_with(head));
        let shares = new
            .iter()
            .chain(&self.recorded)
            .any(|one| own.contains(one));
        let named = self
            .tickets_named
            .iter()
            .any(|one| one.eq_ignore_ascii_case(&request.id));
        let in_window = request.window.is_some_and(|(from, until)| {
            // What ended in the second of the first look was over before the change.
            let over = self.dated.is_none() && self.earliest() == until;
            from <= self.latest() && self.earliest() <= until && !over
        });
        let scoped = (by_id || by_name)
            && (in_window
                || (request.window.is_none() && self.text.asset_is_enough)
                || request.emergency);
        if !named
            && !scoped
            && !shares
            && !(code
                && self
                    .paths
                    .iter()
                    .flat_map(|(_, new)| new)
                    .any(|one| own.contains(one)))
        {
            return Err("nothing links it with the change".to_owned());
        }
        let limited = !request.facts.is_empty() || !own.is_empty() || code;
        let fact = !path.is_empty()
            && request.facts.iter().any(|fact| {
                path == fact.as_str()
                    || path.starts_with(&format!("{fact}."))
                    || path.starts_with(&format!("{fact}["))
            });
        if self.added_or_removed && !shares {
            let digest = |all: &[String]| all.iter().any(|one| one.starts_with("sha256:"));
            if digest(&own) && digest(new) {
                return Err("it names another digest".to_owned());
            }
        }
        if !self.added_or_removed && limited && !fact {
            let own_names_digest = own.iter().any(|one| one.starts_with("sha256:"));
            let path_has_digest = new.iter().any(|one| one.starts_with("sha256:"));
            if path_has_digest && own_names_digest && !shares {
                return Err("it names another digest".to_owned());
            }
            if !artefact_path && (path.starts_with("ports") || path.starts_with("privileged")) {
                return Err(format!("it names what it brings, and that is no {path}"));
            }
        }
        if request.provisions && !path.is_empty() {
            return Err("it asks for a new system alone".to_owned());
        }
        Ok(())
    }

    /// Whether a request is approved, by itself or by what belongs to it.
    fn approved(&self, request: &ChangeRequest) -> Result<(), String> {
        let mut last = self.approved_by_itself(&[request]);
        if last.is_ok() {
            return last;
        }
        // A pull request and its tickets, and code of one commit, stand for one another.
        let ties = |one: &ChangeRequest, other: &ChangeRequest| {
            one.links
                .requests
                .iter()
                .any(|id| id.eq_ignore_ascii_case(&other.id))
        };
        let commit = |one: &ChangeRequest| {
            let mut all: Vec<String> = one
                .merge
                .iter()
                .filter_map(|merge| merge.commit.clone())
                .map(|one| one.to_lowercase().to_string())
                .collect();
            all.extend(one.head.iter().map(|one| one.to_lowercase().to_string()));
            all.extend(
                one.links
                    .commits
                    .iter()
                    .map(|one| one.to_lowercase().to_string()),
            );
            all
        };
        let new: Vec<&String> = self.paths.iter().flat_map(|(_, new)| new).collect();
        let runs = |one: &ChangeRequest| {
            commit(one)
                .iter()
                .any(|hash| new.contains(&hash) || self.recorded.contains(hash))
                || one
                    .links
                    .images
                    .iter()
                    .filter_map(|image| image.rsplit_once("sha256:"))
                    .any(|(_, digest)| new.iter().any(|one| **one == format!("sha256:{digest}")))
        };
        let mut together: Vec<&ChangeRequest> = vec![request];
        for other in self.requests {
            let tied = ties(request, other)
                || ties(other, request)
                || (runs(request) && runs(other))
                || (runs(other)
                    && self
                        .tickets_named
                        .iter()
                        .any(|id| id.eq_ignore_ascii_case(&request.id)));
            if tied && !std::ptr::eq(other, request) {
                together.push(other);
            }
        }
        for more in together.clone() {
            for other in self.requests {
                if (ties(more, other) || ties(other, more))
                    && !together.iter().any(|have| std::ptr::eq(*have, other))
                {
                    together.push(other);
                }
            }
        }
        for other in together.iter().skip(1) {
            last = self.approved_by_itself(&[request, other]);
            if last.is_ok() {
                return last;
            }
        }
        self.approved_by_itself(&together)
    }

    fn approved_by_itself(&self, all: &[&ChangeRequest]) -> Result<(), String> {
        let urgent = all.iter().any(|one| one.emergency);
        if urgent {
            // What an emergency needs is asked elsewhere: here only that somebody known said yes.
        }
        let mut people: Vec<&str> = Vec::new();
        let mut first = false;
        let mut why = "nobody with the role said yes in time".to_owned();
        for request in all {
            if self.production
                && !request.environments.is_empty()
                && !request
                    .environments
                    .iter()
                    .any(|one| ["production", "prod", "prd"].contains(&&*one.to_lowercase()))
            {
                return Err(format!("{} is for another environment", request.id));
            }
            if let Some(step) = request.transitions.iter().rfind(|step| {
                ["rejected", "cancelled", "approved", "reopened"].contains(&step.to.as_str())
            }) && ["rejected", "cancelled"].contains(&step.to.as_str())
                && step.at.is_some_and(|at| at <= self.earliest())
            {
                return Err(format!("{} was turned down", request.id));
            }
            let approvals = request
                .approvals
                .iter()
                .filter(|_| self.text.approvals_count || urgent);
            let approvals =
                approvals.map(|one| (&one.by, one.at, one.kind.as_str(), &one.withdrawn, None));
            let reviews = request
                .reviews
                .iter()
                .filter(|one| (self.text.reviews_count || urgent) && one.said == "approved");
            let reviews = reviews.map(|one| {
                (
                    &one.by,
                    one.at,
                    one.kind.as_str(),
                    &one.withdrawn,
                    Some(&one.commit),
                )
            });
            for (by, at, kind, withdrawn, commit) in approvals.chain(reviews) {
                let Some(at) = at.filter(|at| *at <= self.earliest()) else {
                    why = format!("{}'s yes came too late or at no known time", by.account);
                    continue;
                };
                if !["", "lead"].contains(&kind) {
                    why = format!("{}'s yes is one of {kind}", by.account);
                    continue;
                }
                let back = withdrawn
                    .as_ref()
                    .is_some_and(|back| back.at.is_none_or(|back| back <= self.latest()));
                if back || by.bot {
                    why = format!("{}'s yes was taken back, or is a program's", by.account);
                    continue;
                }
                if let Some(days) = self.text.valid_days
                    && self.latest().duration_since(at) > SignedDuration::from_hours(24 * days)
                    && !urgent
                {
                    why = format!("{}'s yes is too old", by.account);
                    continue;
                }
                let seen = commit.and_then(|commit| commit.as_deref());
                let last = request.head.as_deref();
                let merged = request
                    .merge
                    .as_ref()
                    .and_then(|merge| merge.commit.as_deref());
                if commit.is_some()
                    && seen.is_none_or(|seen| Some(seen) != last && Some(seen) != merged)
                {
                    why = format!("{}'s review is of another commit", by.account);
                    continue;
                }
                let later_no = request.reviews.iter().any(|one| {
                    one.said == "changes-requested"
                        && self.is_same(&one.by, by)
                        && one.at.is_none_or(|no| no >= at && no <= self.latest())
                });
                let turned = request.transitions.iter().any(|step| {
                    ["reopened", "rejected", "cancelled"].contains(&step.to.as_str())
                        && step
                            .at
                            .is_none_or(|turned| turned >= at && turned <= self.latest())
                });
                let edited = request.edits.iter().any(|edit| {
                    let harmless = ["comment", "implementers", "priority", "outcome"]
                        .contains(&edit.field.as_str());
                    let code = request.kind == "pull-request"
                        && ["title", "description"].contains(&edit.field.as_str());
                    !harmless
                        && !code
                        && edit
                            .at
                            .is_none_or(|edited| edited > at && edited <= self.latest())
                });
                if later_no || turned || edited {
                    why = format!("{}'s yes was overtaken", by.account);
                    continue;
                }
                let Some(person) = self.person(&by.account) else {
                    why = format!("{} is nobody", by.account);
                    continue;
                };
                let involved = all.iter().any(|request| {
                    let pushed = request
                        .edits
                        .iter()
                        .filter(|edit| edit.field == "commits")
                        .filter_map(|edit| edit.by.as_ref());
                    let mut involved = request
                        .requester
                        .iter()
                        .chain(&request.authors)
                        .chain(&request.implementers)
                        .chain(pushed);
                    involved.any(|party| self.is_same(party, by))
                });
                let made = self.makers.iter().any(|maker| {
                    self.person(maker)
                        .is_some_and(|one| one.name == person.name)
                });
                if (involved && !urgent) || made {
                    why = format!("{} had a part in it", by.account);
                    continue;
                }
                let holds = |roles: &[&str]| {
                    person.roles.iter().any(|(role, from, until)| {
                        roles.contains(role) && self.day(at) >= *from && self.day(at) < *until
                    })
                };
                let anyone: &[&str] = &[
                    "cto",
                    "security-officer",
                    "engineering-lead",
                    "engineer",
                    "ops",
                    "coo",
                ];
                let counts = holds(self.text.approvers)
                    || (self.sensitive && holds(self.text.seconds))
                    || (urgent && holds(anyone));
                if counts {
                    first |= holds(self.text.approvers) || urgent;
                    if !people.contains(&person.name) {
                        people.push(person.name);
                    }
                } else {
                    why = format!("{} has not the role", by.account);
                }
            }
        }
        let needed = match (urgent, self.sensitive) {
            (true, _) => 1,
            (_, true) => self.text.needed_sensitive,
            (_, false) => self.text.needed,
        };
        if !first || people.len() < needed {
            return Err(format!("{} of {needed}: {why}", people.len()));
        }
        if urgent {
            return Ok(());
        }
        let code: Vec<_> = all
            .iter()
            .filter(|one| ["pull-request", "commit", "tag"].contains(&one.kind.as_str()))
            .collect();
        if self.text.merged
            && !code.iter().any(|one| {
                one.merge
                    .as_ref()
                    .is_some_and(|merge| merge.at.is_some_and(|at| at <= self.earliest()))
            })
        {
            return Err("nothing was merged before".to_owned());
        }
        if self.text.checks {
            let passed = code.iter().any(|one| {
                let became = one
                    .merge
                    .as_ref()
                    .and_then(|merge| merge.commit.as_ref())
                    .or(one.head.as_ref());
                one.checks.iter().any(|check| {
                    check.passed == Some(true)
                        && check.commit.as_ref() == became
                        && check.at.is_some_and(|at| at <= self.earliest())
                })
            });
            if !passed {
                return Err("no test passed before".to_owned());
            }
        }
        if self.text.ticket
            && !all
                .iter()
                .any(|one| one.kind.is_empty() || one.kind == "ticket")
        {
            return Err("there is no ticket".to_owned());
        }
        if self.text.staging {
            let new: Vec<&String> = self.paths.iter().flat_map(|(_, new)| new).collect();
            let digests = new.iter().any(|one| one.starts_with("sha256:"));
            for artefact in new
                .iter()
                .filter(|one| one.starts_with("sha256:") == digests)
            {
                if !self
                    .staged
                    .iter()
                    .any(|(ran, at)| *ran == **artefact && *at <= self.earliest())
                {
                    return Err(format!("{artefact} was not in staging before"));
                }
            }
        }
        if !self.text.qa.is_empty() {
            let signed = all.iter().flat_map(|one| &one.sign_offs).any(|done| {
                let person = self.person(&done.by.account);
                let mut asked = all
                    .iter()
                    .flat_map(|one| one.requester.iter().chain(&one.authors));
                done.kind == "qa"
                    && !asked.any(|party| self.is_same(party, &done.by))
                    && done.at.is_some_and(|at| at <= self.earliest())
                    && person.is_some_and(|person| {
                        person
                            .roles
                            .iter()
                            .any(|(role, ..)| self.text.qa.contains(role))
                    })
            });
            if !signed {
                return Err("nobody confirmed the quality before".to_owned());
            }
        }
        Ok(())
    }

    fn person(&self, account: &str) -> Option<&Member> {
        self.house.iter().find(|one| {
            one.accounts
                .iter()
                .any(|own| own.eq_ignore_ascii_case(account))
        })
    }

    fn is_same(&self, one: &Party, other: &Party) -> bool {
        let who = |party: &Party| self.person(&party.account).map(|person| person.name);
        one.account == other.account || (who(one).is_some() && who(one) == who(other))
    }

    fn day(&self, at: Timestamp) -> i64 {
        (at.as_second() - self.start).div_euclid(86_400)
    }
}
