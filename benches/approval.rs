//! Linking and judging: 100,000 requests, 10,000 actions and 20,000 changes.
//!
//! `cargo bench --bench approval -- [REQUESTS …]` (100000 and 200000 where none are given, so that it shows that the cost
//! grows with changes and not with requests × changes). Prints seconds of one thread, and the most memory the process held.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at a fault"
)]

use std::time::Instant;

use jiff::Timestamp;
use plimsoll::approval::{
    Deed, Filed, People, Person, Policies, Requests, Sightings, Subject, World, judge,
};
use plimsoll::change::{Change, ChangeKind, PathChange};
use plimsoll_model::{
    Action, Approval, AssetId, ChangeRequest, Labels, Merge, Party, Review, Text, Value,
};

const CHANGES: usize = 20_000;
const ACTIONS: usize = 10_000;
const ASSETS: usize = 10_000;
const START: i64 = 1_772_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

fn hash(number: usize) -> Text {
    format!(
        "{:040x}",
        (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    )
    .into()
}

fn asset(number: usize) -> AssetId {
    AssetId::of(
        "workload",
        &["main", &format!("service-{}", number % ASSETS)],
    )
}

fn request(number: usize) -> ChangeRequest {
    let opened = at(number as i64 * 10);
    let mut request = ChangeRequest::new(
        format!("CHG-{number}"),
        "Change something in the service",
        opened,
    );
    request.requester = Some(Party::new("sam"));
    request.environments = vec!["production".into()];
    if number.is_multiple_of(2) {
        request.kind = "pull-request".into();
        request.head = Some(hash(number * 3));
        request.links.commits = vec![hash(number * 3 + 1), hash(number * 3)];
        request.links.requests = vec![format!("CHG-{}", number + 1).into()];
        request.merge = Some(Merge {
            at: Some(at(number as i64 * 10 + 200)),
            commit: Some(hash(number * 3 + 2)),
            ..Merge::default()
        });
        request.reviews.push(Review {
            by: Party::new("kim"),
            at: Some(at(number as i64 * 10 + 100)),
            commit: Some(hash(number * 3)),
            said: "approved".into(),
            kind: Text::default(),
            withdrawn: None,
            doubt: None,
        });
    } else {
        request.assets = vec![asset(number)];
        request.names = vec![format!("service-{}", number % ASSETS).into()];
        request.window = Some((
            at(number as i64 * 10 + 300),
            at(number as i64 * 10 + 90_000),
        ));
        request
            .approvals
            .push(Approval::new("kim", Some(at(number as i64 * 10 + 120))));
    }
    request
}

fn main() {
    let sizes: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![100_000, 200_000]
    } else {
        sizes
    };
    let kim = Person {
        name: "Kim".into(),
        roles: vec!["cto".into()],
        accounts: vec![("any".into(), "kim".into())],
        ..Person::default()
    };
    let sam = Person {
        name: "Sam".into(),
        accounts: vec![("any".into(), "sam".into())],
        ..Person::default()
    };
    let (people, _) = People::new(vec![kim, sam], Vec::new());
    let policies = Policies::load(&Policies::shipped()).unwrap();
    let sightings = Sightings::default();
    for many in sizes {
        let requests: Vec<ChangeRequest> = (0..many).map(request).collect();
        let now = at(many as i64 * 10 + 1_000_000);
        let changes: Vec<(Change, Timestamp, Timestamp)> = (0..CHANGES)
            .map(|number| {
                // Every fifth names nothing that anybody asked for.
                let from = (number * 7919) % many;
                let path = if number % 5 == 0 {
                    PathChange {
                        path: "source.commit".into(),
                        from: None,
                        to: Some(Value::Text(hash(many * 9 + number))),
                    }
                } else if number % 2 == 0 {
                    PathChange {
                        path: "source.commit".into(),
                        from: None,
                        to: Some(Value::Text(hash((from & !1) * 3 + 2))),
                    }
                } else {
                    PathChange {
                        path: "restart-policy".into(),
                        from: None,
                        to: Some(Value::Text("always".into())),
                    }
                };
                let id = asset(from);
                let change = Change {
                    asset_name: format!("service-{}", from % ASSETS).into(),
                    asset: id,
                    asset_kind: "workload".into(),
                    kind: ChangeKind::Modified,
                    paths: vec![path],
                };
                let seen = from as i64 * 10 + 1_000;
                (change, at(seen), at(seen + 3_600))
            })
            .collect();
        let actions: Vec<Action> = (0..ACTIONS)
            .map(|number| Action {
                id: format!("{number}").into(),
                asset: changes[number].0.asset.clone(),
                what: "deploy".into(),
                at: changes[number]
                    .1
                    .checked_add(std::time::Duration::from_secs(60))
                    .unwrap(),
                actor: None,
                details: Labels::new(),
                fields: Vec::new(),
                scope: Text::default(),
            })
            .collect();
        let started = Instant::now();
        let filed = requests.iter().map(|request| Filed {
            source: "tracker",
            as_of: now,
            request,
        });
        let filed = Requests::new(filed.collect());
        let indexed = started.elapsed();
        let world = World {
            policy: policies.get("tracker-cto"),
            people: &people,
            requests: &filed,
            read_until: Some(now),
            troubles: &[],
            sightings: &sightings,
            now,
        };
        let mut verdicts: std::collections::BTreeMap<&str, usize> =
            std::collections::BTreeMap::new();
        for (number, (change, after, before)) in changes.iter().enumerate() {
            let mut subject = Subject::new(change, Some(*after), *before);
            subject.environment = Some("production");
            subject.role = Some("worker");
            subject.maker = actions
                .get(number)
                .map(|action| Deed::of("platform", action, true, true));
            *verdicts
                .entry(judge(&subject, &world).verdict().as_str())
                .or_default() += 1;
        }
        let all = started.elapsed();
        println!(
            "{many} requests, {ACTIONS} actions, {CHANGES} changes: {:.2} s, of which the index {:.2} s; {} MB at most; {verdicts:?}",
            all.as_secs_f64(),
            indexed.as_secs_f64(),
            most_memory() / 1024,
        );
    }
}

/// The most memory that the process held, in KiB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
