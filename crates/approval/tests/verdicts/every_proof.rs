//! Every proof that can be put together from a scenario's facts: linking may propose any of them one day.

use plimsoll_approval::scenario::Scenario;
use plimsoll_approval::{
    Cover, Ground, Proof, RequestGroup, Subject, Verdict, VoteKind, VoteRef, World, check,
};
use plimsoll_change::ChangeKind;
use plimsoll_model::{Text, fact};

use crate::corpus::scenarios;

/// The most requests of a scenario whose subsets are all tried.
const MOST: usize = 5;

#[test]
fn proof_of_any_shape_is_refused_where_label_is_not_approved() {
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        if !matches!(scenario.verdict(), Verdict::Approved | Verdict::NotRequired)
            && scenario.with_world(is_any_proof_accepted)
        {
            wrong.push(format!("{}: {}", scenario.file, scenario.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "a proof is accepted:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn some_proof_is_accepted_where_label_is_approved() {
    let all: Vec<Scenario> = scenarios();
    let honest = all.iter().filter(|one| one.verdict() == Verdict::Approved);
    for scenario in honest {
        let accepted = scenario.with_world(is_any_proof_accepted);
        assert!(accepted, "{}: {}", scenario.file, scenario.name);
    }
}

fn is_any_proof_accepted(subject: &Subject<'_>, world: &World<'_>) -> bool {
    let many = u32::try_from(world.requests.len()).unwrap();
    let subsets: Vec<Vec<u32>> = if many as usize <= MOST {
        let of = |bits: u32| (0..many).filter(|at| bits & (1 << at) != 0).collect();
        (1..1 << many).map(of).collect()
    } else {
        let singles = (0..many).map(|at| vec![at]);
        let pairs = (0..many).flat_map(|one| (0..one).map(move |other| vec![other, one]));
        singles.chain(pairs).chain([(0..many).collect()]).collect()
    };
    let accepts = |groups: Vec<Vec<u32>>| {
        let proof = everything_about(&groups, subject, world);
        check(&proof, subject, world).is_ok()
    };
    subsets.iter().any(|members| {
        let apart = members.iter().map(|at| vec![*at]).collect();
        let others: Vec<Vec<u32>> = (0..many)
            .filter(|at| !members.contains(at))
            .map(|at| vec![at])
            .collect();
        let mut beside = vec![members.clone()];
        beside.extend(others);
        accepts(vec![members.clone()]) || accepts(apart) || accepts(beside)
    })
}

/// A proof of some groups that counts each of their votes for everything, and covers each path by each ground.
fn everything_about(groups: &[Vec<u32>], subject: &Subject<'_>, world: &World<'_>) -> Proof {
    let change = subject.change;
    let paths: Vec<Text> = if change.kind == ChangeKind::Modified {
        change.paths.iter().map(|path| path.path.clone()).collect()
    } else {
        std::iter::once("")
            .chain(fact::SECURITY.iter().copied())
            .map(Text::from)
            .collect()
    };
    let mut proof = Proof::default();
    for members in groups {
        let mut votes = Vec::new();
        for request in members {
            let filed = world.requests.get(*request).unwrap().request;
            let lists = [
                (VoteKind::Approval, filed.approvals.len()),
                (VoteKind::Review, filed.reviews.len()),
                (VoteKind::SignOff, filed.sign_offs.len()),
            ];
            for (kind, many) in lists {
                votes.extend((0..u32::try_from(many).unwrap()).map(|index| VoteRef {
                    request: *request,
                    kind,
                    index,
                }));
            }
            for path in &paths {
                for ground in [Ground::Named, Ground::Artefact, Ground::Scope] {
                    proof.covers.push(Cover {
                        path: path.clone(),
                        request: *request,
                        ground,
                    });
                }
            }
        }
        proof.groups.push(RequestGroup {
            members: members.clone(),
            approvals: votes.clone(),
            reviews: votes,
        });
    }
    proof
}

/// A scenario of the corpus by its name.
fn scenario(name: &str) -> Scenario {
    let mut all = scenarios().into_iter();
    all.find(|one| one.name == name).unwrap()
}

#[test]
fn rival_requests_are_looked_through_up_to_two_hundred() {
    let mut scenario = scenario("window: another ticket's ended the day before");
    let other = scenario.requests.pop().unwrap();
    for (many, accepted) in [(199, true), (200, false)] {
        scenario.requests.truncate(1);
        for number in 0..many {
            let mut one = other.clone();
            one.request.id = format!("CHG-{}", number + 100).into();
            scenario.requests.push(one);
        }
        let judged = scenario.judge();
        assert_eq!(judged.verdict() == Verdict::Approved, accepted, "{many}");
    }
}

#[test]
fn relation_changed_beside_artefact_is_covered_by_no_record() {
    let scenario =
        scenario("artefact: a variable changed beside it, in the one record of the digest");
    scenario.with_world(|subject, world| {
        let mut change = subject.change.clone();
        change.paths.retain(|path| path.path == "image.digests");
        let mut attached = change.paths[0].clone();
        attached.path = "relations.attached-to[network:web-1/dmz]".into();
        change.paths.push(attached);
        let mut subject = subject.clone();
        subject.change = &change;
        assert!(!is_any_proof_accepted(&subject, world));
    });
}
