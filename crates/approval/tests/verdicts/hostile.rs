//! Linking replaced by one that lies: whatever it proposes, the checker accepts nothing that the auditor refuses.
//!
//! `PLIMSOLL_HOSTILE` asks for more worlds, `PLIMSOLL_SEED` for others. A world that fails is made smaller before it is shown.

use plimsoll_approval::{
    Cover, Ground, People, Policies, Policy, Proof, RequestGroup, Subject, VoteKind, VoteRef,
    World, check,
};
use plimsoll_change::ChangeKind;
use plimsoll_model::{ChangeRequest, Party, Text as Word};
use plimsoll_settings::Document;

use crate::oracle::{Case, Member, PLAIN, Text};
use crate::worlds::{Dice, Made, START, asked, make, people};

/// The people of the worlds, as the auditor knows them.
const HOUSE: &[Member] = &[
    Member {
        name: "Kim",
        accounts: &["kim", "kim2"],
        roles: &[("cto", -1000, 1000)],
    },
    Member {
        name: "Max",
        accounts: &["max"],
        roles: &[("cto", -1000, 2)],
    },
    Member {
        name: "Lee",
        accounts: &["lee"],
        roles: &[("security-officer", -1000, 1000)],
    },
    Member {
        name: "Ann",
        accounts: &["ann"],
        roles: &[("engineering-lead", -1000, 1000)],
    },
    Member {
        name: "Sam",
        accounts: &["sam"],
        roles: &[("engineer", -1000, 1000), ("cto", 1, 2)],
    },
    Member {
        name: "Eli",
        accounts: &["eli"],
        roles: &[("engineer", -1000, 1000), ("ops", -1000, 1000)],
    },
];

/// Policies, each as it is written for the engine and as the auditor reads its text.
fn houses() -> Vec<(&'static str, &'static str, Text)> {
    vec![
        (
            "loose",
            "[[rule]]\nid = \"all\"\napprovers = [\"cto\", \"engineering-lead\"]\ncounts = [\"approval\", \"review\"]\nnamed-asset = \"enough\"\nprovisioning = false\n",
            Text {
                approvers: &["cto", "engineering-lead"],
                reviews_count: true,
                asset_is_enough: true,
                ..PLAIN
            },
        ),
        (
            "strict",
            "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\nsensitive-approvals = 2\nvalid = \"10 days\"\nsecurity-approvers = [\"security-officer\", \"cto\"]\nprovisioning = false\n",
            Text {
                needed_sensitive: 2,
                seconds: &["cto", "security-officer"],
                valid_days: Some(10),
                ..PLAIN
            },
        ),
        (
            "merged",
            "[[rule]]\nid = \"all\"\napprovers = [\"engineer\", \"engineering-lead\", \"cto\"]\ncounts = [\"review\", \"approval\"]\nmerged = true\nchecks = true\nprovisioning = false\n",
            Text {
                approvers: &["engineer", "engineering-lead", "cto"],
                seconds: &["engineer", "engineering-lead", "cto"],
                reviews_count: true,
                merged: true,
                checks: true,
                ..PLAIN
            },
        ),
        (
            "ticketed",
            "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\ncounts = [\"review\", \"approval\"]\nticket = \"linked\"\nnamed-asset = \"enough\"\nprovisioning = false\n",
            Text {
                reviews_count: true,
                ticket: true,
                asset_is_enough: true,
                ..PLAIN
            },
        ),
        (
            "staged",
            "[[rule]]\nid = \"all\"\napprovers = [\"cto\", \"engineering-lead\"]\nstaging = true\nnamed-asset = \"enough\"\nprovisioning = false\n",
            Text {
                approvers: &["cto", "engineering-lead"],
                staging: true,
                asset_is_enough: true,
                ..PLAIN
            },
        ),
        (
            "quality",
            "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\nqa = [\"ops\", \"engineer\"]\nnamed-asset = \"enough\"\nprovisioning = false\n",
            Text {
                qa: &["ops", "engineer"],
                asset_is_enough: true,
                ..PLAIN
            },
        ),
    ]
}

/// Makes a world more often one that hangs on a single thread: most of it is in order, and something is not.
fn world(dice: &mut Dice) -> Made {
    let mut made = make(dice);
    made.read_until = Some(made.now);
    made.environment = made.environment.or(Some("production"));
    made.after = made.after.or(Some(
        jiff::Timestamp::from_second(made.before.as_second() - 3600).unwrap(),
    ));
    let after = made.after.unwrap();
    let id = made.change.asset.clone();
    for request in &mut made.requests {
        if dice.one_in(3) {
            continue;
        }
        request.requester = Some(Party::new("sam"));
        request.authors.clear();
        request.emergency = dice.one_in(12);
        request.provisions &= dice.one_in(4);
        request.environments = vec!["production".into()];
        if dice.one_in(2) {
            request.assets = vec![id.clone()];
            request.names.clear();
        } else if dice.one_in(2) {
            request.assets.clear();
            request.names.clear();
        }
        if dice.one_in(2) {
            request.links = plimsoll_model::Links {
                requests: request.links.requests.clone(),
                ..Default::default()
            };
            request.kind = Word::default();
            request.head = None;
            request.merge = None;
        }
        for approval in &mut request.approvals {
            approval.by.account = (*dice.pick(&["kim", "ann", "eli", "kim2", "lee", "sam"])).into();
            approval.by.bot = false;
            if !dice.one_in(4) {
                approval.at =
                    Some(dice.between(request.opened.as_second(), after.as_second() + 600));
            }
            if dice.one_in(5) {
                approval.kind = (*dice.pick(&["qa", "security", "peer", "lead"])).into();
            }
        }
        if !dice.one_in(3) {
            request.edits.clear();
            request.transitions.clear();
        }
        if dice.one_in(6) {
            request.edits.push(plimsoll_model::Edit {
                at: Some(dice.between(request.opened.as_second(), after.as_second())),
                by: Some(Party::new(*dice.pick(&["kim", "ann", "eli"]))),
                field: "commits".into(),
            });
        }
    }
    if dice.one_in(2) {
        made.others.clear();
    }
    if dice.one_in(3) {
        made.maker = None;
    }
    made
}

/// A proof that a liar might offer: now and then all that could be claimed, and else anything.
fn lie(dice: &mut Dice, made: &Made) -> Proof {
    let many = made.requests.len();
    let place = |dice: &mut Dice| u32::try_from(dice.below(many + 1)).unwrap();
    let all_votes = |at: u32| {
        let request = made.requests.get(at as usize);
        let mut votes = Vec::new();
        for (kind, many) in [
            (
                VoteKind::Approval,
                request.map_or(0, |one| one.approvals.len()),
            ),
            (VoteKind::Review, request.map_or(0, |one| one.reviews.len())),
            (
                VoteKind::SignOff,
                request.map_or(0, |one| one.sign_offs.len()),
            ),
        ] {
            votes.extend((0..many).map(|index| VoteRef {
                request: at,
                kind,
                index: u32::try_from(index).unwrap(),
            }));
        }
        votes
    };
    let mut proof = Proof::default();
    // A group that is wrong spoils the whole proof: half of the lies are short ones.
    let short = dice.one_in(2);
    let groups = if short { 0 } else { dice.below(3) };
    for _ in 0..=groups {
        let more = if short { 0 } else { dice.below(3) };
        let mut members: Vec<u32> = (0..=more).map(|_| place(dice)).collect();
        members.dedup();
        let mut votes: Vec<VoteRef> = members.iter().flat_map(|at| all_votes(*at)).collect();
        if dice.one_in(3) {
            votes.retain(|_| !dice.one_in(3));
            votes.push(VoteRef {
                request: place(dice),
                kind: VoteKind::Approval,
                index: u32::try_from(dice.below(3)).unwrap(),
            });
        }
        proof.groups.push(RequestGroup {
            members,
            approvals: votes.clone(),
            reviews: votes,
        });
    }
    let mut paths: Vec<Word> = made
        .change
        .paths
        .iter()
        .map(|path| path.path.clone())
        .collect();
    paths.push(Word::default());
    paths.push("ports".into());
    for path in paths {
        for at in 0..=many {
            for ground in [Ground::Named, Ground::Artefact, Ground::Scope] {
                if !dice.one_in(8) {
                    proof.covers.push(Cover {
                        path: path.clone(),
                        request: u32::try_from(at).unwrap(),
                        ground,
                    });
                }
            }
        }
    }
    proof
}

fn is_accepted(
    made: &Made,
    requests: &[ChangeRequest],
    proof: &Proof,
    policy: &Policy,
    people: &People,
) -> bool {
    let accepts = |subject: &Subject<'_>, world: &World<'_>| check(proof, subject, world).is_ok();
    made.with_world(requests, policy, people, accepts)
}

/// What the auditor says of the same world, from its raw facts.
fn audit(made: &Made, requests: &[ChangeRequest], text: &Text) -> Result<(), String> {
    let marks = |value: &plimsoll_model::Value| {
        let mut found: Vec<String> = Vec::new();
        let mut open = vec![value.clone()];
        while let Some(value) = open.pop() {
            match value {
                plimsoll_model::Value::Text(text) => match text.rsplit_once("sha256:") {
                    Some((_, digest)) => found.push(format!("sha256:{digest}")),
                    None if text.len() == 40 => found.push(text.to_lowercase().to_string()),
                    None => {}
                },
                plimsoll_model::Value::List(items) => open.extend(items),
                _ => {}
            }
        }
        found
    };
    let mut paths: Vec<(String, Vec<String>)> = made
        .change
        .paths
        .iter()
        .map(|path| {
            (
                path.path.to_string(),
                path.to.as_ref().map(marks).unwrap_or_default(),
            )
        })
        .collect();
    let mut tickets: Vec<String> = made
        .change
        .paths
        .iter()
        .filter(|path| path.path == "labels.ticket")
        .filter_map(|path| path.to.as_ref()?.as_str().map(str::to_owned))
        .collect();
    if made.change.kind == ChangeKind::Added {
        for (name, claim) in made.asset.facts.iter() {
            paths.push((
                name.to_string(),
                claim.value().map(marks).unwrap_or_default(),
            ));
        }
    }
    let new: Vec<String> = paths.iter().flat_map(|(_, new)| new.clone()).collect();
    let mut dated = None;
    let mut recorded = Vec::new();
    // The only record of the time tells of the change, whether it proves that or not.
    let only = made
        .maker
        .iter()
        .filter(|(_, proven, _)| *proven || made.others.is_empty());
    let named = only.filter_map(|(action, ..)| action.details.get("ticket"));
    tickets.extend(named.map(ToString::to_string));
    if let Some((action, true, exact)) = &made.maker {
        dated = exact.then_some(action.at);
        recorded.extend(action.details.get("commit").map(ToString::to_string));
        // What names the new commit was there when it was made.
        if action
            .details
            .get("commit")
            .is_some_and(|commit| new.contains(&commit.to_string()))
        {
            dated = Some(action.at);
        }
    }
    // A record of the same time that nobody explains leaves open when, and by whom.
    let makers = made
        .maker
        .iter()
        .map(|(action, ..)| action)
        .chain(&made.others);
    let makers = makers
        .filter_map(|action| action.actor.as_ref())
        .map(|actor| actor.account.to_string());
    let staged = made
        .sightings
        .runs
        .iter()
        .flat_map(|(artefact, runs)| runs.iter().map(|run| (artefact.to_string(), run.from)));
    let case = Case {
        text,
        house: HOUSE,
        start: START,
        asset: made.change.asset.as_str(),
        name: &made.change.asset_name,
        around: Vec::new(),
        paths,
        added_or_removed: made.change.kind != ChangeKind::Modified,
        tickets_named: tickets,
        recorded,
        after: made.after.unwrap(),
        before: made.before,
        dated,
        makers: makers.collect(),
        production: made.environment.is_none_or(|one| one == "production"),
        sensitive: made.sensitive == Some(true),
        requests,
        staged: staged.collect(),
    };
    case.may_be_approved()
}

/// Takes requests and what they hold away, as long as the world still shows the mistake.
fn shrink(
    mut requests: Vec<ChangeRequest>,
    fails: &dyn Fn(&[ChangeRequest]) -> bool,
) -> Vec<ChangeRequest> {
    type Cut = fn(&mut ChangeRequest, usize) -> bool;
    let cuts: [Cut; 6] = [
        |one, at| {
            at < one.approvals.len() && {
                one.approvals.remove(at);
                true
            }
        },
        |one, at| {
            at < one.reviews.len() && {
                one.reviews.remove(at);
                true
            }
        },
        |one, at| {
            at < one.sign_offs.len() && {
                one.sign_offs.remove(at);
                true
            }
        },
        |one, at| {
            at < one.edits.len() && {
                one.edits.remove(at);
                true
            }
        },
        |one, at| {
            at < one.transitions.len() && {
                one.transitions.remove(at);
                true
            }
        },
        |one, at| {
            at < one.checks.len() && {
                one.checks.remove(at);
                true
            }
        },
    ];
    loop {
        let mut smaller = None;
        'search: for place in 0..requests.len() {
            for cut in cuts {
                for at in (0..4).rev() {
                    let mut tried = requests.clone();
                    if tried.get_mut(place).is_some_and(|one| cut(one, at)) && fails(&tried) {
                        smaller = Some(tried);
                        break 'search;
                    }
                }
            }
        }
        match smaller {
            Some(found) => requests = found,
            None => return requests,
        }
    }
}

#[test]
fn hostile_linker_convinces_checker_of_nothing_that_auditor_refuses() {
    let people = people();
    let houses = houses();
    let documents: Vec<Document> = houses
        .iter()
        .map(|(name, text, _)| Document::new(format!("{name}.toml"), *text))
        .collect();
    let policies = Policies::load(&documents).unwrap();
    let worlds = asked("PLIMSOLL_HOSTILE", 200_000);
    let seed = asked("PLIMSOLL_SEED", 1);
    let mut accepted = 0_u64;
    for number in 0..worlds {
        let mut dice = Dice(seed.wrapping_mul(0x2000_0000).wrapping_add(number) ^ 0x00c0_ffee);
        let made = world(&mut dice);
        let (name, _, text) = dice.pick(&houses);
        let policy = policies.get(name).unwrap();
        for _ in 0..2 {
            let proof = lie(&mut dice, &made);
            if !is_accepted(&made, &made.requests, &proof, policy, &people) {
                continue;
            }
            accepted += 1;
            if audit(&made, &made.requests, text).is_ok() {
                continue;
            }
            let fails = |requests: &[ChangeRequest]| {
                is_accepted(&made, requests, &proof, policy, &people)
                    && audit(&made, requests, text).is_err()
            };
            let requests = shrink(made.requests.clone(), &fails);
            let why = audit(&made, &requests, text);
            panic!(
                "world {number} of seed {seed} under {name}: the checker accepts, and the auditor says {why:?}\n{:#?}\nbetween {:?} and {}, by {:?}\n{proof:?}\n{requests:#?}",
                made.change, made.after, made.before, made.maker
            );
        }
    }
    // A liar who convinces nobody of anything true shows nothing.
    assert!(
        accepted > worlds / 1000,
        "only {accepted} of {worlds} worlds were accepted"
    );
    eprintln!("{accepted} proofs of {worlds} worlds were accepted, each rightly");
}
