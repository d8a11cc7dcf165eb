//! Worlds made at random: what no valid approval is in is never approved, and what is unrelated changes nothing.
//!
//! The generator is a small one of our own with a fixed seed, so that a hundred thousand worlds cost seconds and a world
//! that fails is the same at every run. `PLIMSOLL_WORLDS` asks for more, `PLIMSOLL_SEED` for others.

use jiff::Timestamp;
use plimsoll_approval::Verdict;
use plimsoll_approval::{
    Automation, Deed, Delegate, Filed, People, Person, Policies, Policy, Requests, Sightings,
    StagingRun, Subject, World, judge,
};
use plimsoll_change::{Change, ChangeKind, PathChange};
use plimsoll_model::{
    Action, Approval, Asset, AssetId, ChangeRequest, Check, Edit, Merge, Party, Review, SignOff,
    Text, Transition, Value, Withdrawal,
};
use plimsoll_settings::Document;

use plimsoll_approval::scenario::digits;

pub(crate) const DAY: i64 = 86_400;
/// The start of every world, in seconds.
pub(crate) const START: i64 = 1_772_000_000;

/// SplitMix64: <https://prng.di.unimi.it/splitmix64.c>.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, many: usize) -> usize {
        (self.next() % many.max(1) as u64) as usize
    }

    /// Whether one of so many.
    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub(crate) fn between(&mut self, from: i64, until: i64) -> Timestamp {
        let width = (until - from).max(1) as u64;
        Timestamp::from_second(from + (self.next() % width) as i64).unwrap()
    }
}

const ACCOUNTS: [&str; 9] = [
    "kim", "kim2", "lee", "ann", "sam", "eli", "max", "bot-a", "ghost",
];
const SYSTEMS: [&str; 4] = [
    "container:h/api",
    "container:h/web",
    "app:fly/shop",
    "database:a/db",
];
const ENVIRONMENTS: [&str; 3] = ["production", "staging", "development"];

pub(crate) fn people() -> People {
    let person = |name: &str, roles: &[&str], accounts: &[&str]| Person {
        name: name.into(),
        roles: roles.iter().map(|role| Text::from(*role)).collect(),
        accounts: accounts
            .iter()
            .map(|account| ("any".into(), Text::from(*account)))
            .collect(),
        ..Person::default()
    };
    let mut kim = person("Kim", &["cto"], &["kim", "kim2"]);
    kim.delegates.push(Delegate {
        to: "Sam".into(),
        roles: vec!["cto".into()],
        from: Timestamp::from_second(START + DAY).unwrap(),
        until: Timestamp::from_second(START + 2 * DAY).unwrap(),
    });
    let mut max = person("Max", &["cto"], &["max"]);
    max.left = Timestamp::from_second(START + 2 * DAY).ok();
    let persons = vec![
        kim,
        max,
        person("Lee", &["security-officer"], &["lee"]),
        person("Ann", &["engineering-lead"], &["ann"]),
        person("Sam", &["engineer"], &["sam"]),
        person("Eli", &["engineer", "ops"], &["eli"]),
    ];
    let bot = Automation {
        name: "bot".into(),
        accounts: vec![("any".into(), "bot-a".into())],
    };
    People::new(persons, vec![bot]).0
}

fn policies() -> Policies {
    let mut documents = Policies::shipped();
    let loose = "[[rule]]\nid = \"all\"\napprovers = [\"cto\", \"engineering-lead\"]\ncounts = [\"approval\", \"review\"]\nnamed-asset = \"enough\"\nprovisioning = false\n";
    documents.push(Document::new("loose.toml", loose));
    Policies::load(&documents).unwrap()
}

/// A world: a change, requests and records around it.
pub(crate) struct Made {
    pub(crate) change: Change,
    pub(crate) asset: Asset,
    pub(crate) after: Option<Timestamp>,
    pub(crate) before: Timestamp,
    pub(crate) environment: Option<&'static str>,
    pub(crate) role: Option<&'static str>,
    pub(crate) sensitive: Option<bool>,
    pub(crate) maker: Option<(Action, bool, bool)>,
    pub(crate) others: Vec<Action>,
    pub(crate) requests: Vec<ChangeRequest>,
    pub(crate) now: Timestamp,
    pub(crate) read_until: Option<Timestamp>,
    pub(crate) sightings: Sightings,
}

fn twin() -> AssetId {
    AssetId::new("container:staging/api").unwrap()
}

fn party(dice: &mut Dice) -> Party {
    let mut party = Party::new(*dice.pick(&ACCOUNTS));
    party.bot = dice.one_in(12);
    party
}

fn maybe(dice: &mut Dice, from: i64, until: i64) -> Option<Timestamp> {
    (!dice.one_in(12)).then(|| dice.between(from, until))
}

fn hash(number: usize) -> Text {
    digits(&format!("commit {number}"), 40).into()
}

fn digest(number: usize) -> Text {
    format!("sha256:{}", digits(&format!("image {number}"), 64)).into()
}

pub(crate) fn make(dice: &mut Dice) -> Made {
    let id = AssetId::new(*dice.pick(&SYSTEMS)).unwrap();
    let name = id.as_str().rsplit('/').next().unwrap().to_owned();
    let kind = id.as_str().split(':').next().unwrap().to_owned();
    let begun = START + 3 * DAY;
    let after = dice.between(begun, begun + DAY);
    let before = dice.between(after.as_second() + 1, after.as_second() + DAY);
    let mut asset = Asset::new(id.clone(), kind.as_str(), name.as_str());
    let mut paths = Vec::new();
    let mut path = |path: &str, to: Value| {
        paths.push(PathChange {
            path: path.into(),
            from: None,
            to: Some(to),
        });
    };
    let commit = dice.below(4);
    match dice.below(5) {
        0 => path("source.commit", Value::Text(hash(commit))),
        1 => path(
            "image.digests",
            Value::List(vec![Value::Text(format!("x@{}", digest(commit)).into())]),
        ),
        2 => path(
            "labels.ticket",
            Value::Text(format!("CHG-{}", dice.below(4)).into()),
        ),
        3 => path("ports[0.0.0.0:22/tcp]", Value::Bool(true)),
        _ => path("restart-policy", Value::Text("always".into())),
    }
    if dice.one_in(4) {
        path("privileged", Value::Bool(true));
    }
    let change_kind = *dice.pick(&[
        ChangeKind::Modified,
        ChangeKind::Modified,
        ChangeKind::Modified,
        ChangeKind::Added,
        ChangeKind::Removed,
    ]);
    if change_kind == ChangeKind::Added {
        for path in &paths {
            if let Some(value) = path.to.clone().filter(|_| !path.path.starts_with("labels")) {
                asset.claim(path.path.as_str(), plimsoll_model::Claim::reported(value));
            }
        }
    }
    if change_kind != ChangeKind::Modified {
        paths.clear();
    }
    asset.settle();
    let maker = (!dice.one_in(3)).then(|| action(dice, &id, 1, after, before, commit));
    let maker = maker.map(|action| (action, !dice.one_in(3), !dice.one_in(3)));
    let others = (0..dice.below(2))
        .map(|at| action(dice, &id, at + 2, after, before, 9))
        .collect();
    let many = dice.below(4);
    let requests: Vec<ChangeRequest> = (0..many)
        .map(|at| request(dice, at, after, before))
        .collect();
    let mut requests = requests;
    // Every other world is in order but for the yes itself, so that it is the yes on which it hangs.
    if dice.one_in(2)
        && let Some(request) = requests.first_mut()
    {
        request.requester = Some(Party::new("sam"));
        request.environments = vec!["production".into()];
        request.assets = vec![id.clone()];
        request.window = Some((
            Timestamp::from_second(START).unwrap(),
            Timestamp::from_second(START + 30 * DAY).unwrap(),
        ));
        request.facts.clear();
        requests.truncate(1 + dice.below(2));
    }
    let now = Timestamp::from_second(before.as_second() + dice.below(10) as i64 * DAY).unwrap();
    let mut sightings = Sightings {
        staging_known: !dice.one_in(4),
        ..Sightings::default()
    };
    for number in 0..4 {
        if dice.one_in(2) {
            let at = dice.between(START - 20 * DAY, before.as_second());
            let run = StagingRun {
                asset: twin(),
                after: None,
                from: at,
                until: dice.one_in(6).then_some(at),
            };
            sightings
                .runs
                .entry(hash(number))
                .or_default()
                .push(run.clone());
            sightings.runs.entry(digest(number)).or_default().push(run);
        }
    }
    Made {
        change: Change {
            asset: id,
            asset_kind: kind.into(),
            asset_name: name.into(),
            kind: change_kind,
            paths,
        },
        asset,
        after: (!dice.one_in(10)).then_some(after),
        before,
        environment: (!dice.one_in(8))
            .then(|| *dice.pick(&["production", "production", "staging"])),
        role: (!dice.one_in(3)).then_some("web-service"),
        sensitive: *dice.pick(&[None, Some(false), Some(true)]),
        maker,
        others,
        requests,
        now,
        read_until: if dice.one_in(8) {
            None
        } else {
            Some(if dice.one_in(6) { after } else { now })
        },
        sightings,
    }
}

fn action(
    dice: &mut Dice,
    asset: &AssetId,
    id: usize,
    after: Timestamp,
    before: Timestamp,
    commit: usize,
) -> Action {
    let mut details = plimsoll_model::Labels::new();
    if dice.one_in(2) {
        details.insert("commit", hash(commit));
    }
    if dice.one_in(4) {
        details.insert("ticket", format!("CHG-{}", dice.below(4)).into());
    }
    let account = *dice.pick(&ACCOUNTS);
    Action {
        id: format!("{id}").into(),
        asset: asset.clone(),
        what: "deploy".into(),
        at: dice.between(after.as_second(), before.as_second() + 1),
        actor: (!dice.one_in(5)).then(|| plimsoll_model::Actor {
            account: account.into(),
            name: None,
        }),
        details,
        fields: Vec::new(),
        scope: Text::default(),
    }
}

fn request(dice: &mut Dice, at: usize, after: Timestamp, before: Timestamp) -> ChangeRequest {
    let (start, end) = (START - 5 * DAY, before.as_second() + 3 * DAY);
    let mut request = ChangeRequest::new(
        format!("CHG-{at}"),
        "x",
        dice.between(start, after.as_second()),
    );
    let early = request.opened.as_second();
    if dice.one_in(3) {
        request.kind = "pull-request".into();
        request.head = Some(hash(dice.below(4)));
        request.links.commits.push(hash(dice.below(4)));
        if dice.one_in(2) {
            request.merge = Some(Merge {
                at: maybe(dice, early, end),
                by: Some(party(dice)),
                commit: Some(hash(dice.below(4))),
                branch: Some("prod".into()),
                protected: *dice.pick(&[None, Some(true), Some(true), Some(false)]),
            });
        }
        request.checks.push(Check {
            name: "ci".into(),
            commit: Some(hash(dice.below(4))),
            passed: *dice.pick(&[None, Some(true), Some(true), Some(false)]),
            at: maybe(dice, early, end),
        });
    } else if dice.one_in(3) {
        request.links.commits.push(hash(dice.below(4)));
    }
    if dice.one_in(4) {
        request.links.images.push(digest(dice.below(4)));
    }
    if dice.one_in(3) {
        request
            .links
            .requests
            .push(format!("CHG-{}", dice.below(4)).into());
    }
    request.requester = (!dice.one_in(8)).then(|| party(dice));
    if dice.one_in(2) {
        request
            .assets
            .push(AssetId::new(*dice.pick(&SYSTEMS)).unwrap());
    }
    if dice.one_in(3) {
        request.names.push("api".into());
    }
    if dice.one_in(2) {
        request
            .environments
            .push((*dice.pick(&ENVIRONMENTS)).into());
    }
    if dice.one_in(2) {
        let from = dice.between(after.as_second() - DAY, before.as_second() + DAY);
        request.window = Some((
            from,
            dice.between(from.as_second(), from.as_second() + 3 * DAY),
        ));
    }
    if dice.one_in(6) {
        request.facts.push("restart-policy".into());
    }
    request.provisions = dice.one_in(3);
    request.emergency = dice.one_in(6);
    let taken_back = |dice: &mut Dice| {
        dice.one_in(8).then(|| Withdrawal {
            at: maybe(dice, early, end),
            by: None,
        })
    };
    for _ in 0..dice.below(3) {
        let approval = Approval {
            by: party(dice),
            at: maybe(dice, early, end),
            kind: Text::default(),
            withdrawn: taken_back(dice),
        };
        request.approvals.push(approval);
    }
    for _ in 0..dice.below(3) {
        let review = Review {
            by: party(dice),
            at: maybe(dice, early, end),
            commit: (!dice.one_in(6)).then(|| hash(dice.below(4))),
            said: (*dice.pick(&["approved", "approved", "changes-requested", "shrugged"])).into(),
            kind: Text::default(),
            withdrawn: taken_back(dice),
            doubt: None,
        };
        request.reviews.push(review);
    }
    for _ in 0..dice.below(3) {
        let sign_off = SignOff {
            by: party(dice),
            at: maybe(dice, early, end),
            kind: (*dice.pick(&["documented", "reviewed", "signed-off", "qa", "inspected"])).into(),
            root_cause: dice.one_in(2),
        };
        request.sign_offs.push(sign_off);
    }
    if dice.one_in(5) {
        let field = (*dice.pick(&["", "description", "comment", "assets"])).into();
        request.edits.push(Edit {
            at: maybe(dice, early, end),
            by: None,
            field,
        });
    }
    if dice.one_in(5) {
        let to = (*dice.pick(&["reopened", "rejected", "closed", "approved"])).into();
        request.transitions.push(Transition {
            at: maybe(dice, early, end),
            by: None,
            to,
            word: Text::default(),
        });
    }
    request
}

impl Made {
    /// Asks a question of the change and of a world in which these are the requests.
    pub(crate) fn with_world<T>(
        &self,
        requests: &[ChangeRequest],
        policy: &Policy,
        people: &People,
        ask: impl FnOnce(&Subject<'_>, &World<'_>) -> T,
    ) -> T {
        let twin = twin();
        let filed = requests.iter().map(|request| Filed {
            source: "t",
            as_of: self.read_until.unwrap_or(self.now),
            request,
        });
        let requests = Requests::new(filed.collect());
        let mut subject = Subject::new(&self.change, self.after, self.before);
        subject.environment = self.environment;
        subject.role = self.role;
        subject.sensitive = self.sensitive;
        subject.asset = Some(&self.asset);
        subject.twins = vec![&twin];
        subject.maker = self
            .maker
            .as_ref()
            .map(|(action, proven, exact)| Deed::of("p", action, *proven, *proven && *exact));
        subject.others = self
            .others
            .iter()
            .map(|action| Deed::of("p", action, false, false))
            .collect();
        let world = World {
            policy: Some(policy),
            people,
            requests: &requests,
            read_until: self.read_until,
            troubles: &[],
            sightings: &self.sightings,
            now: self.now,
        };
        ask(&subject, &world)
    }

    fn verdict(
        &self,
        requests: &[ChangeRequest],
        policy: &Policy,
        people: &People,
    ) -> (Verdict, Vec<Text>) {
        let judged = self.with_world(requests, policy, people, judge);
        (judged.verdict(), judged.sentences())
    }

    /// When the change was made at the latest.
    fn latest(&self) -> Timestamp {
        match &self.maker {
            Some((action, true, true)) => action.at,
            _ => self.before,
        }
    }

    /// Whether somebody who may said yes in time, told apart from the engine and as generously as can be: a yes before the
    /// latest moment, not withdrawn at a known time before the earliest, by a person with one of the roles who neither asked
    /// for that request nor made the change.
    fn has_valid_yes(&self, policy: &Policy) -> bool {
        let environment = self.environment.unwrap_or("production");
        let Some(rule) = policy.rule(environment, &self.change.asset_kind, self.role) else {
            return false;
        };
        let mut roles: Vec<&str> = rule.approvers.iter().map(Text::as_str).collect();
        let emergency = rule.emergency.iter().flat_map(|one| &one.authorisers);
        roles.extend(emergency.map(Text::as_str));
        self.requests.iter().any(|request| {
            let told = request.environments.is_empty()
                || request
                    .environments
                    .iter()
                    .any(|one| self.environment.is_some_and(|own| *one == own));
            let asked = request
                .requester
                .as_ref()
                .map(|party| person(&party.account));
            let reviews = request.reviews.iter().filter(|one| one.said == "approved");
            let reviews = reviews.map(|one| (&one.by, one.at, &one.withdrawn));
            let approvals = request
                .approvals
                .iter()
                .map(|one| (&one.by, one.at, &one.withdrawn));
            told && approvals.chain(reviews).any(|(by, at, withdrawn)| {
                let Some(at) = at else { return false };
                let withdrawn = withdrawn.as_ref().is_some_and(|one| {
                    one.at.is_none_or(|gone| {
                        self.after
                            .is_some_and(|after| gone <= after && gone <= self.latest())
                    })
                });
                let urgent = request.emergency;
                let author = !urgent && asked == Some(person(&by.account));
                let made = self.maker.as_ref().is_some_and(|(action, ..)| {
                    action
                        .actor
                        .as_ref()
                        .is_some_and(|actor| person(&actor.account) == person(&by.account))
                });
                at <= self.latest()
                    && !withdrawn
                    && !by.bot
                    && !author
                    && !made
                    && may(&by.account, &roles, at)
            })
        })
    }
}

fn person(account: &str) -> &str {
    if account == "kim2" { "kim" } else { account }
}

fn may(account: &str, roles: &[&str], at: Timestamp) -> bool {
    let day = |days: i64| Timestamp::from_second(START + days * DAY).unwrap();
    let own: &[&str] = match account {
        "kim" | "kim2" => &["cto"],
        "max" if at < day(2) => &["cto"],
        "lee" => &["security-officer"],
        "ann" => &["engineering-lead"],
        "sam" if at >= day(1) && at < day(2) => &["engineer", "cto"],
        "sam" => &["engineer"],
        "eli" => &["engineer", "ops"],
        _ => &[],
    };
    own.iter().any(|role| roles.contains(role))
}

pub(crate) fn asked(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn no_world_without_a_valid_approval_is_approved() {
    let (policies, people) = (policies(), people());
    let all: Vec<&Policy> = policies
        .names()
        .map(|name| policies.get(name).unwrap())
        .collect();
    let worlds = asked("PLIMSOLL_WORLDS", 100_000);
    let seed = asked("PLIMSOLL_SEED", 1);
    let mut approved = 0;
    for number in 0..worlds {
        let mut dice = Dice(seed.wrapping_mul(0x1000_0000).wrapping_add(number));
        let made = make(&mut dice);
        // One of the policies; the loose one more often, since it approves more.
        let policy = if dice.one_in(2) {
            policies.get("loose").unwrap()
        } else {
            *dice.pick(&all)
        };
        let (verdict, reasons) = made.verdict(&made.requests, policy, &people);
        let passing = matches!(
            verdict,
            Verdict::Approved | Verdict::Pending | Verdict::Overdue
        );
        if passing {
            approved += 1;
            assert!(
                made.has_valid_yes(policy),
                "world {number} of seed {seed} under {} is {} without a valid yes:\n{}\n{:#?}",
                policy.name,
                verdict.as_str(),
                reasons.join("\n"),
                made.requests,
            );
        }
    }
    // A generator that approves nothing would show nothing.
    assert!(
        approved > worlds / 1000,
        "only {approved} of {worlds} worlds were approved"
    );
    eprintln!("{approved} of {worlds} worlds were approved, each with a valid yes");
}

#[test]
fn what_is_unrelated_changes_no_verdict() {
    let (policies, people) = (policies(), people());
    let policy = policies.get("loose").unwrap();
    for number in 0..asked("PLIMSOLL_WORLDS", 100_000) / 5 {
        let mut dice = Dice(number ^ 0x5eed);
        let made = make(&mut dice);
        let (before, _) = made.verdict(&made.requests, policy, &people);
        let mut more = made.requests.clone();
        for at in 0..=dice.below(5) {
            let mut other = request(&mut dice, at, made.before, made.before);
            // It names nothing that the change, or a request around it, has to do with.
            other.id = format!("ELSE-{at}").into();
            other.assets = vec![AssetId::new("container:elsewhere/x").unwrap()];
            other.names = vec!["elsewhere".into()];
            other.links = plimsoll_model::Links::default();
            other.links.commits = vec![hash(100 + at)];
            other.head = other.head.map(|_| hash(200 + at));
            if let Some(merge) = &mut other.merge {
                merge.commit = Some(hash(300 + at));
            }
            more.push(other);
        }
        let (with, reasons) = made.verdict(&more, policy, &people);
        assert_eq!(before, with, "world {number}:\n{}", reasons.join("\n"));
    }
}

/// To take every yes away leaves nothing approved, whatever else a world holds.
#[test]
fn without_any_yes_nothing_is_approved() {
    let (policies, people) = (policies(), people());
    let all: Vec<&Policy> = policies
        .names()
        .map(|name| policies.get(name).unwrap())
        .collect();
    for number in 0..asked("PLIMSOLL_WORLDS", 100_000) / 5 {
        let mut dice = Dice(number ^ 0xbad);
        let mut made = make(&mut dice);
        for request in &mut made.requests {
            request.approvals.clear();
            request.reviews.retain(|review| review.said != "approved");
        }
        let policy = *dice.pick(&all);
        let (verdict, reasons) = made.verdict(&made.requests, policy, &people);
        let good = matches!(
            verdict,
            Verdict::Unapproved | Verdict::Unproven | Verdict::NotRequired
        );
        assert!(
            good,
            "world {number} is {}:\n{}",
            verdict.as_str(),
            reasons.join("\n")
        );
    }
}
