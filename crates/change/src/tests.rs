//! Who made a change, for made-up changes and records.

use jiff::Timestamp;
use plimsoll_model::{Action, Actor, AssetId, Value};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn change(kind: ChangeKind, paths: &[(&str, &str)]) -> Change {
    let path = |(path, to): &(&str, &str)| PathChange {
        path: (*path).into(),
        from: Some(Value::from("before")),
        to: Some(Value::from(*to)),
    };
    Change {
        asset: AssetId::of("app", &["web"]),
        asset_kind: "app".into(),
        asset_name: "web".into(),
        kind,
        paths: paths.iter().map(path).collect(),
    }
}

fn image() -> Change {
    change(ChangeKind::Modified, &[("image", "shop/web:2")])
}

/// A record of somebody called as the record is.
fn record(id: &str, what: &str, second: i64) -> Action {
    Action {
        id: id.into(),
        asset: AssetId::of("app", &["web"]),
        what: what.into(),
        at: at(second),
        actor: Some(Actor {
            account: id.into(),
            name: None,
        }),
        details: Default::default(),
        fields: Vec::new(),
        scope: "".into(),
    }
}

fn saying(mut action: Action, name: &str, text: &str) -> Action {
    action.details.insert(name, text.into());
    action
}

fn touching(mut action: Action, fields: &[&str]) -> Action {
    action.fields = fields.iter().map(|field| (*field).into()).collect();
    action
}

/// Of a change after second 100 and at second 200 or before.
fn asked(change: &Change, records: &[(u8, Action)]) -> Option<Attribution> {
    asked_since(Some(at(100)), change, records)
}

fn asked_since(
    after: Option<Timestamp>,
    change: &Change,
    records: &[(u8, Action)],
) -> Option<Attribution> {
    let candidates: Vec<Candidate<'_>> = records
        .iter()
        .map(|(level, action)| Candidate {
            source: "fly",
            action,
            level: *level,
            taken: None,
        })
        .collect();
    attribute(change, after, at(200), &candidates)
}

fn maker(change: &Change, records: &[(u8, Action)]) -> Option<(String, Evidence)> {
    asked(change, records).map(|found| (found.record.action.to_string(), found.evidence))
}

fn is(id: &str, evidence: Evidence) -> Option<(String, Evidence)> {
    Some((id.to_owned(), evidence))
}

#[test]
fn the_interval_has_edges_and_slack_for_clocks() {
    let slack = i64::try_from(CLOCKS.as_secs()).unwrap();
    for (second, found) in [
        (100 - slack, false),
        (100 - slack + 1, true),
        (100, true),
        (101, true),
        (200, true),
        (200 + slack, true),
        (200 + slack + 1, false),
    ] {
        let fields = touching(record("a", "deploy", second), &["image"]);
        let maker = maker(&image(), &[(0, fields)]);
        assert_eq!(maker.is_some(), found, "{second}");
    }
    // Where nothing but its time speaks for it, the time has to fit.
    for (second, found) in [(100, false), (101, true), (200, true), (201, false)] {
        let maker = maker(&image(), &[(0, record("a", "deploy", second))]);
        assert_eq!(maker.is_some(), found, "{second}");
    }
    // One inside goes before a later one that is only near.
    let records = [("in", 150), ("near", 210)]
        .map(|(id, second)| (0, touching(record(id, "deploy", second), &["image"])));
    assert_eq!(maker(&image(), &records), is("in", Evidence::Fields));
    let found = asked(&image(), &records).unwrap();
    assert_eq!(found.candidates.len(), 1);
}

#[test]
fn what_explains_an_earlier_change_needs_proof_for_another() {
    let found = |action: &Action| {
        let candidate = Candidate {
            source: "fly",
            action,
            level: 0,
            taken: Some(Evidence::Fields),
        };
        attribute(&image(), Some(at(100)), at(200), &[candidate]).is_some()
    };
    assert!(!found(&record("a", "deploy", 99)));
    assert!(!found(&touching(record("a", "deploy", 99), &["image"])));
    assert!(found(&record("a", "deploy", 101)), "it may have made both");
    assert!(found(&saying(
        record("a", "deploy", 99),
        "image",
        "shop/web:2"
    )));
}

/// A platform that keeps whole seconds has what came just after a scan before it.
#[test]
fn what_explains_this_change_better_than_an_earlier_one_is_not_kept_from_it() {
    let action = touching(record("a", "edit", 100), &["image"]);
    let candidate = Candidate {
        source: "cluster",
        action: &action,
        level: 0,
        taken: Some(Evidence::Time),
    };
    let found = attribute(&image(), Some(at(100)), at(200), &[candidate]).unwrap();
    assert_eq!(found.evidence, Evidence::Fields);
}

#[test]
fn what_began_earlier_needs_proof() {
    let early = record("a", "deploy", 100 - 10 * 60);
    assert_eq!(maker(&image(), &[(0, early.clone())]), None);
    let proven = saying(early, "image", "shop/web:2");
    let found = asked(&image(), &[(0, proven)]).unwrap();
    assert_eq!(found.evidence, Evidence::Details);
    assert!(
        !found.exact,
        "it began then; when it came to be is not known"
    );
    let lead = i64::try_from(LEAD.as_secs()).unwrap();
    let too_early = saying(record("a", "deploy", 100 - lead), "image", "shop/web:2");
    assert_eq!(maker(&image(), &[(0, too_early)]), None);
}

#[test]
fn without_a_lower_bound_only_proof_counts() {
    let records = [(0, record("a", "deploy", 150))];
    assert_eq!(asked_since(None, &image(), &records), None);
    let records = [(0, saying(record("a", "deploy", 150), "image", "shop/web:2"))];
    assert!(asked_since(None, &image(), &records).is_some());
}

#[test]
fn the_record_that_names_the_new_value_wins() {
    let records = [
        (
            1,
            saying(record("release", "release", 110), "image", "shop/web:2"),
        ),
        (0, record("later", "restart", 190)),
        (
            0,
            touching(
                record("edit", "Update", 180),
                &["spec.template.spec.containers"],
            ),
        ),
    ];
    assert_eq!(maker(&image(), &records), is("release", Evidence::Details));
    let found = asked(&image(), &records).unwrap();
    assert!(found.exact);
    let others: Vec<&str> = found
        .candidates
        .iter()
        .map(|other| other.action.as_str())
        .collect();
    assert_eq!(others, ["later", "edit"], "newest first");
}

#[test]
fn the_last_before_the_end_wins_where_nothing_proves() {
    let records = [
        (0, record("first", "configure", 110)),
        (0, record("last", "restart", 190)),
        (0, record("middle", "scale", 150)),
    ];
    assert_eq!(maker(&image(), &records), is("last", Evidence::Time));
    let found = asked(&image(), &records).unwrap();
    assert!(!found.exact, "time alone settles nothing");
    assert_eq!(
        found.words(),
        "last (fly restart, one of 3 records of that time)"
    );
}

#[test]
fn of_one_time_it_does_not_matter_which_comes_first() {
    let (a, b) = (
        (0, record("a", "deploy", 150)),
        (0, record("b", "deploy", 150)),
    );
    assert_eq!(
        maker(&image(), &[a.clone(), b.clone()]),
        maker(&image(), &[b, a.clone()])
    );
    let twice = asked(&image(), &[a.clone(), (1, a.1)]).unwrap();
    assert_eq!(twice.candidates, [], "one record is one");
}

#[test]
fn fields_say_what_an_action_is_not() {
    let other = touching(record("scaler", "Update", 190), &["spec.replicas"]);
    let editor = touching(
        record("editor", "Update", 120),
        &["spec.template.spec.containers"],
    );
    assert_eq!(maker(&image(), &[(0, other.clone())]), None);
    assert_eq!(
        maker(&image(), &[(0, other), (0, editor)]),
        is("editor", Evidence::Fields)
    );
    let strange = change(ChangeKind::Modified, &[("colour", "red")]);
    let painter = touching(record("painter", "Update", 190), &["spec.paint"]);
    assert_eq!(
        maker(&strange, &[(0, painter)]),
        is("painter", Evidence::Time)
    );
}

#[test]
fn what_contains_it_counts_for_a_few_levels() {
    let whole = |level| maker(&image(), &[(level, record("a", "deploy", 150))]);
    assert!(whole(LEVELS).is_some());
    assert_eq!(whole(LEVELS + 1), None);
    // What was done to the thing itself tells more than what was done later to its organisation.
    let records = [
        (2, record("invite", "invite", 190)),
        (0, record("deploy", "deploy", 120)),
    ];
    assert_eq!(maker(&image(), &records), is("deploy", Evidence::Time));
}

#[test]
fn accesses_and_looks_change_nothing() {
    for what in ["execute", "tunnel", "pods/exec", "logs", "ps"] {
        assert_eq!(
            maker(&image(), &[(0, record("a", what, 150))]),
            None,
            "{what}"
        );
    }
}

#[test]
fn what_failed_made_nothing_also_where_it_is_alone() {
    let failed = saying(record("failed", "deploy", 190), "status", "failed");
    let records = [(0, failed.clone()), (0, record("done", "deploy", 120))];
    assert_eq!(maker(&image(), &records), is("done", Evidence::Time));
    let beside = asked(&image(), &records).unwrap().candidates;
    assert_eq!(beside.len(), 1, "it is told beside the maker");
    let cancelled = saying(record("cancelled", "deploy", 190), "cancelled", "true");
    let proven = saying(failed.clone(), "image", "shop/web:2");
    for alone in [failed, cancelled, proven] {
        assert_eq!(maker(&image(), &[(0, alone)]), None);
    }
}

#[test]
fn what_came_and_went_is_told_by_its_word() {
    let added = change(ChangeKind::Added, &[]);
    let removed = change(ChangeKind::Removed, &[]);
    let records = [
        (0, record("made", "provision", 120)),
        (0, record("set", "configure", 150)),
        (1, record("unmade", "destroy", 160)),
        (0, record("last", "restart", 190)),
    ];
    assert_eq!(maker(&added, &records), is("made", Evidence::Word));
    assert_eq!(maker(&removed, &records), is("unmade", Evidence::Word));
    // Without such a word: what was done first to a thing that is new made it.
    let records = [
        (0, record("first", "apply", 120)),
        (0, record("second", "apply", 150)),
    ];
    assert_eq!(maker(&added, &records), is("first", Evidence::Time));
    assert_eq!(maker(&removed, &records), is("second", Evidence::Time));
}

#[test]
fn nobody_named_is_unknown_and_an_automation_is_itself() {
    let mut nobody = saying(record("a", "update", 150), "release", "12");
    nobody.actor = None;
    let found = asked(&image(), &[(0, nobody)]).unwrap();
    assert_eq!(
        found.words(),
        "unknown (fly update 12, the only record of that time)"
    );
    let scaler = saying(
        record("kube-controller-manager", "Update", 150),
        "image",
        "shop/web:2",
    );
    let found = asked(&image(), &[(0, scaler)]).unwrap();
    assert_eq!(found.words(), "kube-controller-manager (fly Update)");
    let aptible = saying(record("aptible", "restart", 150), "automated", "true");
    let found = asked(&image(), &[(0, aptible)]).unwrap();
    assert_eq!(
        found.words(),
        "aptible (fly restart, automated, the only record of that time)"
    );
}

#[test]
fn it_reads_as_it_was_written_and_keeps_no_more_than_a_few() {
    let records: Vec<(u8, Action)> = (0..40)
        .map(|n| (0, record(&format!("r{n}"), "deploy", 110 + n)))
        .collect();
    let found = asked(&image(), &records).unwrap();
    assert_eq!((found.candidates.len(), found.more), (10, 29));
    let mut talkative = saying(record("a", "deploy", 150), "novel", "x");
    talkative
        .details
        .insert("status", "y".repeat(10_000).into());
    let details = asked(&image(), &[(0, talkative)]).unwrap().record.details;
    assert_eq!(details.len(), 1);
    assert_eq!(details.get("status").unwrap().len(), 256);
    let json = serde_json::to_string(&found).unwrap();
    assert!(
        json.contains(r#""how":"platform record","evidence":"time""#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Attribution>(&json).unwrap(), found);
}
