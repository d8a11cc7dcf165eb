//! Which requests a change is linked to, by what, and how firmly.

use plimsoll_model::{ChangeRequest, Text, request_state};

use super::checker::{is_marked, parts, uncovered};
use super::index::{By, Requests, lower};
use super::judge::World;
use super::keys::{Key, KeyKind, is_ticket_key};
use super::moment::{Against, Moment, Order};
use super::policy::{NamedAsset, Rule, environment};
use super::types::{Filed, Subject};

/// How many requests that name one asset are looked at.
const MOST: usize = 200;

/// How a request is linked to a change, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// It names a system of this name, and a window.
    NameAndWindow,
    /// It names the asset, and no window.
    Asset,
    /// It names the asset, and a window.
    AssetAndWindow,
    /// The change names it.
    Named,
    /// Both name the same commit, digest, release or operation.
    Artefact,
}

/// One request that a change is linked to.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) at: u32,
    pub(crate) grade: Grade,
    /// What links them, for a person.
    pub(crate) by: Vec<Text>,
    /// Whether it covers all of the change, or only what an artefact explains.
    pub(crate) whole: bool,
    /// What leaves the link in doubt.
    pub(crate) doubt: Option<(&'static str, Text)>,
    /// Whether the link rests on what the request says, and not on what the change does.
    pub(crate) by_request: bool,
}

/// A request that is linked to a change and cannot be about it.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) at: u32,
    pub(crate) rule: &'static str,
    pub(crate) why: Text,
    /// Whether the change itself names it.
    pub(crate) named: bool,
}

/// Every link of a change, those that do not count with the reason, and the requests that it names and nobody has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    pub(crate) good: Vec<Link>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) missing: Vec<Text>,
    /// More requests name the asset than were looked at.
    pub(crate) too_many: bool,
}

pub(crate) struct Linking<'l, 'a> {
    pub(crate) subject: &'l Subject<'l>,
    pub(crate) requests: &'l Requests<'a>,
    pub(crate) world: &'l World<'a>,
    pub(crate) rule: &'l Rule,
    pub(crate) moment: Moment,
}

impl Linking<'_, '_> {
    /// The links of the change that names these.
    pub(crate) fn links(&self, keys: &[Key]) -> Links {
        let mut links = Links::default();
        for key in keys {
            self.by_key(key, &mut links);
        }
        self.other_artefact(keys, &mut links);
        self.by_scope(&mut links);
        let found = std::mem::take(&mut links.good);
        for link in found {
            let unfit = self.requests.get(link.at).and_then(|filed| {
                let unfit = self.unfit(filed, &link);
                unfit.or_else(|| self.covers_nothing(link.at))
            });
            match unfit {
                Some((rule, why)) => links.refused.push(Refused {
                    at: link.at,
                    rule,
                    why,
                    named: link.grade == Grade::Named,
                }),
                None => links.good.push(link),
            }
        }
        self.used_up(&mut links);
        links
            .good
            .sort_by(|a, b| (b.grade, a.at).cmp(&(a.grade, b.at)));
        links.refused.sort_by_key(|one| (!one.named, one.at));
        links.refused.dedup_by_key(|one| one.at);
        links
    }

    /// The places of the requests that name the same artefacts, or are named.
    pub(crate) fn artefacts(&self, keys: &[Key]) -> Vec<u32> {
        let mut links = Links::default();
        for key in keys {
            self.by_key(key, &mut links);
        }
        links.good.iter().map(|link| link.at).collect()
    }

    fn by_key(&self, key: &Key, links: &mut Links) {
        // What another's record says covers the whole only where the record is about this change, and nothing else is.
        let whole = key.deed && key.proven;
        let by = Text::from(format!("{} {}", key.by, key.text));
        match key.kind {
            KeyKind::Commit => {
                for (at, firm) in self.requests.of_commit(&key.text) {
                    let mut doubt = (!firm).then(|| {
                        let text =
                            format!("the commit {} is too short to prove anything", key.text);
                        ("commit-shortened", Text::from(text))
                    });
                    if let Some(filed) = self.requests.get(at)
                        && doubt.is_none()
                    {
                        doubt = not_final(filed.request, &key.text);
                    }
                    let named = self.names_it_in_its_text(at);
                    add(links, at, Grade::Artefact, by.clone(), whole, doubt, named);
                }
            }
            KeyKind::Digest => {
                for at in self.requests.under(By::Digest, &key.text) {
                    let named = self.names_it_in_its_text(at);
                    add(links, at, Grade::Artefact, by.clone(), whole, None, named);
                }
            }
            KeyKind::Release => {
                let mut qualified = vec![format!("{}@{}", self.subject.change.asset, key.text)];
                let lineage = self.subject.lineage.iter();
                qualified.extend(lineage.map(|(asset, _)| format!("{asset}@{}", key.text)));
                for word in qualified {
                    for at in self.requests.under(By::Release, &word) {
                        add(links, at, Grade::Artefact, by.clone(), whole, None, true);
                    }
                }
                self.by_number(By::Release, &key.text, &by, whole, links);
            }
            KeyKind::Operation => {
                for at in self.requests.under(By::Operation, &key.text) {
                    add(links, at, Grade::Artefact, by.clone(), whole, None, true);
                }
                if let Some((_, number)) = key.text.split_once(':') {
                    self.by_number(By::Operation, number, &by, whole, links);
                }
            }
            KeyKind::Ticket => {
                let mut any = false;
                for at in self.requests.called(&key.text) {
                    any = true;
                    let doubt = (key.deed && !key.proven).then(|| {
                        let text = "the record may be of another change in the same time";
                        ("record-not-of-this-change", Text::const_new(text))
                    });
                    add(links, at, Grade::Named, by.clone(), true, doubt, false);
                }
                if !any && is_ticket_key(&key.text) && !links.missing.contains(&key.text) {
                    links.missing.push(key.text.clone());
                }
            }
        }
    }

    /// A bare number means something only beside the asset that it is of.
    fn by_number(&self, kind: By, number: &str, by: &Text, whole: bool, links: &mut Links) {
        // Many requests may name release 17: each of some asset. Those that name ours are fewer.
        for at in self.naming() {
            let Some(filed) = self.requests.get(at) else {
                continue;
            };
            let listed = match kind {
                By::Release => &filed.request.links.releases,
                _ => &filed.request.links.operations,
            };
            if listed.iter().any(|one| one.trim() == number) {
                add(links, at, Grade::Artefact, by.clone(), whole, None, true);
            }
        }
    }

    /// The requests that name the asset, or what contains it, by id: the newest of too many.
    fn naming(&self) -> Vec<u32> {
        let own = std::iter::once(&self.subject.change.asset);
        let all = own.chain(self.subject.lineage.iter().map(|(asset, _)| *asset));
        let found = all.flat_map(|asset| self.requests.under(By::Asset, asset.as_str()));
        let mut found: Vec<u32> = found.filter(|at| self.opened_before(*at)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn opened_before(&self, at: u32) -> bool {
        self.requests
            .get(at)
            .is_some_and(|filed| filed.request.opened <= self.moment.hi)
    }

    fn is_emergency(&self, request: &ChangeRequest) -> bool {
        let policy = self.world.policy;
        self.rule.emergency.is_some() && policy.is_some_and(|policy| is_marked(policy, request))
    }

    fn by_scope(&self, links: &mut Links) {
        let mut naming = self.naming();
        if naming.len() > MOST {
            links.too_many = true;
            naming.sort_by_key(|at| self.requests.get(*at).map(|filed| filed.request.opened));
            naming = naming.split_off(naming.len() - MOST);
        }
        for at in naming {
            let Some(filed) = self.requests.get(at) else {
                continue;
            };
            let by = Text::from(format!("{} names the asset", filed.request.id));
            let (grade, doubt) = match filed.request.window {
                Some(_) => (Grade::AssetAndWindow, None),
                None if self.rule.named_asset == NamedAsset::Enough => (Grade::Asset, None),
                // An emergency has no time to plan a window.
                None if self.is_emergency(filed.request) => (Grade::Asset, None),
                None => {
                    let text = format!(
                        "{} names the asset and no window, so it may be about another change",
                        filed.request.id
                    );
                    (
                        Grade::Asset,
                        Some(("named-without-window", Text::from(text))),
                    )
                }
            };
            add(links, at, grade, by, true, doubt, true);
        }
        let own = std::iter::once(self.subject.change.asset_name.as_str());
        let names = own
            .chain(self.subject.lineage.iter().map(|(_, name)| *name))
            .chain(self.subject.role);
        let mut seen = Vec::new();
        for name in names {
            let name = lower(name);
            if name.is_empty() || seen.contains(&name) {
                continue;
            }
            for at in self.requests.under(By::Name, &name).take(MOST) {
                let Some(filed) = self.requests.get(at).filter(|_| self.opened_before(at)) else {
                    continue;
                };
                let request = filed.request;
                if request.window.is_none() {
                    let why = format!("it names {name} and no window: too little to go by");
                    links.refused.push(Refused {
                        at,
                        rule: "name-without-window",
                        why: why.into(),
                        named: false,
                    });
                    continue;
                }
                let doubt = request.environments.is_empty().then(|| {
                    let text = format!(
                        "{} does not say which environment's {name} it means",
                        request.id
                    );
                    ("name-without-environment", Text::from(text))
                });
                let by = Text::from(format!("{} names {name} and a window", request.id));
                add(links, at, Grade::NameAndWindow, by, true, doubt, true);
            }
            seen.push(name);
        }
    }

    /// The same commit built again is another artefact than the one that a request names.
    fn other_artefact(&self, keys: &[Key], links: &mut Links) {
        let ours: Vec<&Text> = keys
            .iter()
            .filter(|key| key.kind == KeyKind::Digest)
            .map(|key| &key.text)
            .collect();
        if ours.is_empty() {
            return;
        }
        for link in &mut links.good {
            let Some(filed) = self
                .requests
                .get(link.at)
                .filter(|_| link.grade == Grade::Artefact)
            else {
                continue;
            };
            let theirs: Vec<Text> = filed
                .request
                .links
                .images
                .iter()
                .filter_map(|image| super::keys::digest(image))
                .collect();
            if !theirs.is_empty() && !ours.iter().any(|own| theirs.contains(own)) {
                let text = format!(
                    "{} is about {}, and {} runs: built again from the same commit, it is another artefact",
                    filed.request.id,
                    theirs.first().map_or("", Text::as_str),
                    ours.first().map_or("", |own| own.as_str())
                );
                link.doubt.get_or_insert(("another-artefact", text.into()));
            }
        }
    }

    /// Why a linked request cannot be about this change; none where it can.
    fn unfit(&self, filed: &Filed<'_>, link: &Link) -> Option<(&'static str, Text)> {
        let request = filed.request;
        let wrong = |rule, text: String| Some((rule, Text::from(text)));
        let strict = self.subject.strict_environment();
        let here = |own: &Text| {
            let mut named = request.environments.iter();
            named.any(|one| environment(one) == *own)
        };
        if let Some(own) = strict.filter(|own| !request.environments.is_empty() && !here(own)) {
            let theirs = request.environments.join(", ");
            return wrong(
                "other-environment",
                format!("it is for {theirs}, and the change is in {own}"),
            );
        }
        if link.grade < Grade::Named {
            if let Some((start, end)) = request.window
                && self.moment.against((start, end)) == Against::Outside
            {
                let when = self.moment.words();
                return wrong(
                    "other-window",
                    format!("its window is {start:.0} to {end:.0}, and the change was made {when}"),
                );
            }
            if let Some(at) = self.done_before(request) {
                return wrong(
                    "done-with-before",
                    format!("it was done with at {at:.0}, before the change"),
                );
            }
        }
        let asked = !request.assets.is_empty() && link.grade >= Grade::Named;
        if asked && !self.names_ours(request) && !code(request) {
            return wrong(
                "other-asset",
                format!("it is about {} and not about this", list(request)),
            );
        }
        None
    }

    /// Why a request covers no part of the change for sure; none where it may cover one.
    fn covers_nothing(&self, at: u32) -> Option<(&'static str, Text)> {
        let refusal = uncovered(self.subject, self.world, &[at]).into_iter();
        let refused: Vec<_> = refusal.map(|(_, refusal)| refusal).collect();
        let parts = parts(self.subject, self.world).len();
        let sure = refused.len() == parts && refused.iter().all(|one| one.is_sure());
        let first = refused.into_iter().next().filter(|_| sure)?;
        Some((first.rule, first.text))
    }

    /// When a request was done with, where that was before the change and it was not taken up again.
    fn done_before(&self, request: &ChangeRequest) -> Option<jiff::Timestamp> {
        let over = [
            request_state::IMPLEMENTED,
            request_state::CLOSED,
            request_state::CANCELLED,
            request_state::REJECTED,
        ];
        let mut last = None;
        for step in &request.transitions {
            let order = step.at.map(|at| self.moment.order(at));
            if step.to == request_state::REOPENED || step.to == request_state::APPROVED {
                // Taken up again only afterwards, it was still done with.
                if order != Some(Order::After) {
                    last = None;
                }
            } else if over.contains(&step.to.as_str()) {
                last = step.at.filter(|at| self.moment.order(*at) == Order::Before);
            }
        }
        last
    }

    /// A ticket that was done with before approves no second change, also where that names it; one whose code runs may.
    fn used_up(&self, links: &mut Links) {
        if links.good.iter().any(|link| link.grade == Grade::Artefact) {
            return;
        }
        let (good, refused) = (&mut links.good, &mut links.refused);
        good.retain(|link| {
            let filed = self
                .requests
                .get(link.at)
                .filter(|_| link.grade == Grade::Named);
            let ticket = filed.filter(|filed| !filed.request.is_code());
            let Some(at) = ticket.and_then(|filed| self.done_before(filed.request)) else {
                return true;
            };
            refused.push(Refused {
                at: link.at,
                rule: "done-with-before",
                why: format!("it was done with at {at:.0}, before the change that names it").into(),
                named: true,
            });
            false
        });
    }

    /// Whether a request can only have an artefact by its text: code has commits of its own.
    fn names_it_in_its_text(&self, at: u32) -> bool {
        let filed = self.requests.get(at);
        filed.is_some_and(|filed| !filed.request.is_code())
    }

    /// Whether a request names the asset, what contains it, or its name.
    pub(crate) fn names_ours(&self, request: &ChangeRequest) -> bool {
        let asset = |id: &str| request.assets.iter().any(|one| one.as_str() == id);
        let name = |name: &str| request.names.iter().any(|one| lower(one) == lower(name));
        asset(self.subject.change.asset.as_str())
            || name(&self.subject.change.asset_name)
            || self
                .subject
                .lineage
                .iter()
                .any(|(id, called)| asset(id.as_str()) || name(called))
    }
}

fn code(request: &ChangeRequest) -> bool {
    request.is_code()
}

fn list(request: &ChangeRequest) -> String {
    let names: Vec<&str> = request
        .assets
        .iter()
        .map(|asset| asset.as_str())
        .take(3)
        .collect();
    names.join(", ")
}

/// Of code that was proposed, only what it became, or its last commit, is what was looked at in the end.
fn not_final(request: &ChangeRequest, hash: &str) -> Option<(&'static str, Text)> {
    if !request.is_code() {
        return None;
    }
    let is = |one: &Text| one.to_ascii_lowercase().starts_with(hash);
    let merged = request
        .merge
        .as_ref()
        .and_then(|merge| merge.commit.as_ref());
    if merged.is_some_and(is) || request.head.as_ref().is_some_and(is) {
        return None;
    }
    if merged.is_none() && request.head.is_none() {
        return None;
    }
    let text = format!(
        "{hash} is an earlier commit of {}, and not what was approved in the end",
        request.id
    );
    Some(("commit-not-final", text.into()))
}

fn add(
    links: &mut Links,
    at: u32,
    grade: Grade,
    by: Text,
    whole: bool,
    doubt: Option<(&'static str, Text)>,
    by_request: bool,
) {
    if let Some(have) = links.good.iter_mut().find(|have| have.at == at) {
        if grade > have.grade || (grade == have.grade && have.doubt.is_some() && doubt.is_none()) {
            have.doubt = doubt;
            have.by_request = by_request;
        }
        have.whole |= whole;
        have.grade = have.grade.max(grade);
        if !have.by.contains(&by) {
            have.by.push(by);
        }
        return;
    }
    links.good.push(Link {
        at,
        grade,
        by: vec![by],
        whole,
        doubt,
        by_request,
    });
}
