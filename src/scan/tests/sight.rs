//! What cannot be seen wholly, and what two sources see differently.

use super::*;
use crate::report::DriftRow;
use crate::store::ReadBy;

/// The second look at half an asset remembers as much as the first.
#[test]
fn what_stays_half_seen_stays_what_it_was() {
    let mut house = House::new();
    let mut whole = asset("x", 1);
    whole
        .labels
        .insert("plimsoll.environment", "production".into());
    house.scan(vec![("one", harvest(true, vec![whole], vec![]))]);
    for _ in 0..3 {
        let mut half = Asset::new(id("x"), "host", "x");
        half.partial = Some("the rest timed out".into());
        let report = house.scan(vec![("one", harvest(true, vec![half], vec![]))]);
        let environment = report.systems[0].environment.as_deref();
        assert_eq!(environment, Some("production"), "scan {}", report.scan.id);
        assert!(report.changes.is_empty());
    }
}

/// Two sources that are scanned in turn and contradict each other: who came last says nothing of who is right.
#[test]
fn a_disagreement_is_shown_and_does_not_flip() {
    let mut house = House::new();
    let tagged = |word: &str, privileged: bool| {
        let mut asset = asset("x", 1);
        asset.labels.insert("plimsoll.environment", word.into());
        asset.claim("privileged", Claim::reported(privileged));
        harvest(true, vec![asset], vec![])
    };
    let former = |house: &mut House| house.scan(vec![("a-former", tagged("production", true))]);
    let present = |house: &mut House| house.scan(vec![("b-present", tagged("staging", false))]);
    former(&mut house);
    for _ in 0..2 {
        for report in [present(&mut house), former(&mut house)] {
            assert_eq!(report.systems[0].environment, None);
            let tagged = |row: &&DriftRow| row.control == "environment-tagged";
            let drift = report.drifts.iter().find(tagged).unwrap();
            let words = "a-former says production, b-present says staging";
            assert!(drift.actual.contains(words), "{}", drift.actual);
            let snapshot = house.store().snapshot(report.scan.id).unwrap();
            let claim = snapshot.nodes()[0].asset.get("privileged").unwrap();
            assert_eq!(claim.value(), Some(&true.into()));
            assert!(claim.basis().unwrap().starts_with("sources disagree: "));
            assert!(report.changes.is_empty());
        }
    }
}

/// The same of what platforms say.
#[test]
fn platforms_that_say_different_environments_are_both_shown() {
    let mut house = House::new();
    let said = |word: &str| {
        let mut asset = asset("x", 1);
        asset.claim("environment", Claim::reported(word));
        harvest(true, vec![asset], vec![])
    };
    for sources in [["one", "two"], ["two", "one"]] {
        let words = sources.map(|source| {
            if source == "one" {
                "production"
            } else {
                "staging"
            }
        });
        let harvests = sources.into_iter().zip(words.map(said));
        let report = house.scan(harvests.collect());
        assert_eq!(report.systems[0].environment, None);
        let tagged = |row: &&DriftRow| row.control == "environment-tagged";
        let drift = report.drifts.iter().find(tagged).unwrap();
        let want = "sources disagree: one says production, two says staging";
        assert_eq!(drift.actual, want);
    }
}

/// What was seen in part only gives way to what another source sees.
#[test]
fn labels_from_before_give_way_to_labels_that_are_seen() {
    let mut house = House::new();
    let tagged = |word: &str| {
        let mut asset = asset("x", 1);
        asset.labels.insert("plimsoll.environment", word.into());
        asset
    };
    let mut half = tagged("production");
    half.partial = Some("the rest timed out".into());
    let report = house.scan(vec![
        ("one", harvest(true, vec![half], vec![])),
        ("two", harvest(true, vec![tagged("staging")], vec![])),
    ]);
    let environment = report.systems[0].environment.as_deref();
    assert_eq!(environment, Some("staging"));
}

/// Another source that merely names an asset has not seen it.
#[test]
fn a_name_is_no_sighting() {
    let mut house = House::new();
    let named = || harvest(true, vec![Asset::new(id("x"), "host", "x")], vec![]);
    let seen = || harvest(true, vec![asset("x", 1)], vec![]);
    let none = || harvest(true, vec![], vec![]);
    house.scan(vec![("one", seen()), ("two", named())]);
    let report = house.scan(vec![("one", none()), ("two", named())]);
    let kinds = |report: &Report| -> Vec<ChangeKind> {
        report.changes.iter().map(|row| row.kind).collect()
    };
    assert_eq!(kinds(&report), [ChangeKind::Removed]);
    let report = house.scan(vec![("one", seen()), ("two", named())]);
    assert_eq!(kinds(&report), [ChangeKind::Added]);
    // Also where the other source is not read in the same scan.
    let report = house.scan(vec![("one", none())]);
    assert_eq!(kinds(&report), [ChangeKind::Removed]);
    // One that says something has seen it; what only the first said is told.
    let mut other = Asset::new(id("x"), "host", "x");
    other.claim("other", Claim::reported(1));
    let other = || harvest(true, vec![other.clone()], vec![]);
    house.scan(vec![("one", seen()), ("two", other())]);
    let report = house.scan(vec![("one", none()), ("two", other())]);
    let paths: Vec<&str> = report.changes[0]
        .paths
        .iter()
        .map(|path| path.path.as_str())
        .collect();
    assert_eq!(
        (kinds(&report), paths),
        (vec![ChangeKind::Modified], vec!["number"])
    );
}

/// A third source's asset with the aliases of two of another makes none of them vanish.
#[test]
fn aliases_of_a_third_asset_hide_no_drift() {
    let mut house = House::new();
    let with = |name: &str, aliases: &[(&str, &str)]| {
        let mut asset = asset(name, 1);
        let aliases = aliases
            .iter()
            .map(|(space, value)| Alias::new(space, value));
        asset.aliases.extend(aliases);
        asset
    };
    let two = || {
        let assets = vec![with("a", &[("x", "1")]), with("b", &[("y", "2")])];
        harvest(true, assets, vec![])
    };
    let third = || harvest(true, vec![with("c", &[("x", "1"), ("y", "2")])], vec![]);
    let before = house.scan(vec![("one", two())]);
    let report = house.scan(vec![("one", two()), ("two", third())]);
    assert!(report.resolved.is_empty());
    assert!(report.drifts.len() > before.drifts.len());
    let told = report.coverage[0].troubles.iter();
    assert!(
        told.map(|one| one.as_str())
            .any(|what| what.contains("kept apart"))
    );
}

/// Of two things under one id the later one goes by an id that no harvest has; its drifts are kept all the same.
#[test]
fn drifts_of_an_id_that_two_things_share_are_kept() {
    let mut house = House::new();
    let proven = |machine: &str| {
        let mut asset = asset("x", 1);
        asset.aliases.push(Alias::new("machine-id", machine));
        harvest(true, vec![asset], vec![])
    };
    let mut states = Vec::new();
    for _ in 0..2 {
        let report = house.scan(vec![("one", proven("1")), ("two", proven("2"))]);
        let rows = report.drifts.iter();
        let mut rows = rows.filter(|row| row.asset.as_str() == "host:x@two");
        let row = rows.find(|row| row.control == "environment-tagged");
        states.push(row.map(|row| row.state.as_str()));
        let (open, _) = house.store().drifts(report.scan.id).unwrap();
        assert_eq!(open.len(), report.drifts.len());
    }
    assert_eq!(states, [Some("new"), Some("open")]);
}

/// A scan of another source in between does not bring back what was out of sight.
#[test]
fn out_of_sight_lasts_until_it_is_seen_again() {
    let mut house = House::new();
    let tagged = || {
        let mut host = asset("x", 1);
        host.labels
            .insert("plimsoll.environment", "production".into());
        host
    };
    let whole = || ("one", harvest(true, vec![tagged()], vec![]));
    let other = || ("two", harvest(true, vec![asset("y", 1)], vec![]));
    let passes = |report: &Report| {
        let row = report
            .controls
            .iter()
            .find(|row| row.control == "environment-tagged")
            .unwrap();
        row.counts.pass > 0
            && !report
                .drifts
                .iter()
                .any(|row| row.name == "x" && row.control == "environment-tagged")
    };
    assert!(passes(&house.scan(vec![whole(), other()])));
    house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    let between = house.scan(vec![other()]);
    assert!(!passes(&between), "its label was not seen either");
    let stored = house.store().snapshot(between.scan.id).unwrap();
    assert_eq!(
        stored.nodes()[0].asset.value("number"),
        None,
        "nor is it known as of then"
    );
    assert!(passes(&house.scan(vec![whole()])));
    assert!(passes(&house.scan(vec![other()])));
    // Seen again, it is still what it was then: out of sight.
    let number = |scan: i64| {
        let snapshot = house.store().snapshot(scan).unwrap();
        snapshot.nodes()[0].asset.value("number").cloned()
    };
    let known: Vec<bool> = (1..=5).map(|scan| number(scan).is_some()).collect();
    assert_eq!(known, [true, false, false, true, true]);
}

/// Measurements of a source that is not scanned are its newest, not those of its last change.
#[test]
fn readings_are_the_newest_there_are() {
    let mut house = House::new();
    let measured = |error: i64| {
        let mut host = asset("x", 1);
        host.reading("clock.max-error-us", Claim::measured(error));
        ("one", harvest(true, vec![host], vec![]))
    };
    for error in [1, 2, 3] {
        house.scan(vec![measured(error)]);
    }
    assert_eq!(
        house.rows("version"),
        1,
        "a new measurement is no new version"
    );
    let other = house.scan(vec![("two", harvest(true, vec![asset("y", 1)], vec![]))]);
    let stored = house.store().snapshot(other.scan.id).unwrap();
    let reading = stored.nodes()[0].asset.value("clock.max-error-us").cloned();
    assert_eq!(reading, Some(plimsoll_model::Value::Int(3)));
}

/// What a source had seen that is configured no more is not known for ever.
#[test]
fn a_source_that_left_the_configuration_vouches_for_nothing() {
    let mut house = House::new();
    house.scan(vec![("one", harvest(true, vec![asset("x", 1)], vec![]))]);
    let configured = [Text::from("two")];
    house.minute += 1;
    let now = at(house.minute);
    let gathered = Gathered {
        source: "two".into(),
        settings: SETTINGS,
        started: now,
        finished: now,
        harvest: harvest(true, vec![asset("y", 1)], vec![]).finish(),
        calls: Default::default(),
        retired: None,
    };
    let clock: Clock = Arc::new(move || now);
    let yardstick = Yardstick {
        configured: Some(&configured),
        ..house.yardstick(Duration::MAX)
    };
    let mut store = house.store();
    let scanned = settle(
        store.begin().unwrap(),
        vec![gathered],
        &yardstick,
        now,
        &clock,
    )
    .unwrap();
    let x = &scanned.snapshot.nodes()[0].asset;
    assert_eq!((x.name.as_str(), x.value("number")), ("x", None));
    assert!(scanned.report.changes.is_empty(), "it is not gone either");
}

/// Scope `a` with one asset, and scope `b` with another where it is there.
fn two_scopes(with_b: bool, every: bool) -> Harvester {
    let mut harvester = harvest(true, vec![asset("x", 1)], vec![]);
    if with_b {
        harvester.asset("b", asset("y", 1));
        harvester.complete("b");
    }
    if every {
        harvester.names_every_scope();
    }
    harvester
}

fn scopes(report: &Report) -> Vec<(&str, bool)> {
    let rows = report.coverage.iter();
    rows.map(|row| (row.scope.as_str(), row.complete)).collect()
}

/// A scope that a source does not come to again says nothing of what was in it: it may be a right that was lost.
#[test]
fn a_scope_that_is_named_no_more_is_not_complete_and_nothing_of_it_is_removed() {
    let mut house = House::new();
    house.scan(vec![("one", two_scopes(true, false))]);
    let report = house.scan(vec![("one", two_scopes(false, false))]);
    assert!(report.changes.is_empty(), "{:?}", report.changes);
    assert_eq!(scopes(&report), [("a", true), ("b", false)]);
    let troubles = &report.coverage[1].troubles;
    assert!(troubles[0].contains("did not name it"), "{troubles:?}");
    let of_y = report.drifts.iter().filter(|row| row.name == "y");
    assert!(of_y.into_iter().any(|row| row.status == Status::Unknown));
}

/// What no other scan will tell of is this one's to tell.
#[test]
fn a_scope_that_is_never_tried_again_leaves_a_scan_incomplete() {
    let mut house = House::new();
    // A scope that was not read completely, and one that was; both are named no more.
    for complete in [false, true] {
        let mut harvester = two_scopes(false, false);
        harvester.open("b");
        if complete {
            harvester.complete("b");
        }
        house.scan(vec![("one", harvester)]);
        let report = house.scan(vec![("one", two_scopes(false, false))]);
        assert_eq!(scopes(&report), [("a", true), ("b", false)]);
        assert!(report.coverage[1].fresh);
    }
    // A source that another name was given to.
    let mut house = House::new();
    house.scan(vec![("former", harvest(false, vec![], vec![]))]);
    let other = || ("present", harvest(true, vec![asset("x", 1)], vec![]));
    let of_former = |report: &Report| report.coverage[0].clone();
    let row = of_former(&house.scan(vec![other()]));
    assert!(
        !row.fresh && !row.complete,
        "it may be read by another scan"
    );
    house.configured = Some(vec!["present".into()]);
    let row = of_former(&house.scan(vec![other()]));
    assert!(row.fresh && !row.complete);
    let told = row.troubles.last().unwrap();
    assert!(told.contains("no longer in the configuration"), "{told}");
}

/// A scope that is missing from a list of all scopes is gone, with what was in it, and is then spoken of no more.
#[test]
fn a_scope_that_is_gone_takes_with_it_what_it_held() {
    let mut house = House::new();
    house.scan(vec![("one", two_scopes(true, true))]);
    let report = house.scan(vec![("one", two_scopes(false, true))]);
    let removed = [("y".to_owned(), ChangeKind::Removed, vec![])];
    assert_eq!(changes(&report), removed);
    assert_eq!(scopes(&report), [("a", true), ("b", true)]);
    assert!(report.coverage[1].troubles[0].contains("it is no more"));
    let report = house.scan(vec![("one", two_scopes(false, true))]);
    assert!(report.changes.is_empty());
    assert_eq!(scopes(&report), [("a", true)]);
    // And it may come back.
    let report = house.scan(vec![("one", two_scopes(true, true))]);
    assert_eq!(
        changes(&report),
        [("y".to_owned(), ChangeKind::Added, vec![])]
    );
}

#[test]
fn records_are_read_on_from_the_last_whole_read_under_the_same_settings() {
    let mut house = House::new();
    let read_before = |house: &House, mark: &SettingsMark| {
        let before = house.store().read_before("one", mark, at(60)).unwrap();
        before.get("a").copied()
    };
    house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    assert_eq!(
        read_before(&house, &SETTINGS),
        None,
        "never read completely"
    );
    house.scan(vec![("one", harvest(true, vec![], vec![]))]);
    house.scan(vec![("one", harvest(false, vec![], vec![]))]);
    assert_eq!(read_before(&house, &SETTINGS), Some(at(2)));
    assert_eq!(
        read_before(&house, &[2; 32]),
        None,
        "what was read by other settings is read again"
    );
    let mut store = house.store();
    let commit = store.begin().unwrap();
    let by = ReadBy {
        mark: [2; 32],
        edition: 1,
    };
    commit.put_settings("one", &by, at(4), false).unwrap();
    drop(commit);
    assert_eq!(
        read_before(&house, &SETTINGS),
        Some(at(2)),
        "a scan that came to nothing moves nothing"
    );
    let early = house.store().read_before("one", &SETTINGS, at(1)).unwrap();
    assert!(
        early.is_empty(),
        "a read in the future was by a wrong clock"
    );
}

#[test]
fn relations_of_a_scope_that_was_not_read_stay_beside_those_of_one_that_was() {
    let mut house = House::new();
    let seen = |relations: &[&str], read: &[&str]| {
        let mut harvester = Harvester::new(Limits::default());
        for name in ["x", "y", "z"] {
            harvester.asset("a", asset(name, 1));
        }
        for scope in relations {
            let (from, to) = if *scope == "a" {
                ("x", "y")
            } else {
                ("x", "z")
            };
            harvester.relation(scope, uses(from, to));
        }
        for scope in ["a", "b"] {
            match read.contains(&scope) {
                true => harvester.complete(scope),
                false => harvester.trouble(scope, "it was not readable"),
            }
        }
        harvester
    };
    house.scan(vec![("one", seen(&["a", "b"], &["a", "b"]))]);
    let report = house.scan(vec![("one", seen(&[], &["a"]))]);
    let snapshot = house.store().snapshot(report.scan.id).unwrap();
    let left = snapshot.edges().iter().map(|edge| snapshot.asset(edge.to));
    assert_eq!(left.map(|asset| &*asset.name).collect::<Vec<_>>(), ["z"]);
}

/// What comes in a scope that was not there when all scopes were listed came since; what is in the first list, and what a list that
/// was never whole may have left out, did not.
#[test]
fn what_comes_in_a_new_scope_is_added_where_the_list_of_scopes_was_whole() {
    let with_list = |with_b: bool, listed: bool| {
        let mut harvester = two_scopes(with_b, false);
        if listed {
            harvester.lists_scopes();
        }
        harvester
    };
    let mut house = House::new();
    house.scan(vec![("one", with_list(false, false))]);
    let report = house.scan(vec![("one", with_list(true, false))]);
    assert!(report.changes.is_empty(), "no list was whole before");

    let mut house = House::new();
    let first = house.scan(vec![("one", with_list(false, true))]);
    assert!(first.changes.is_empty());
    let report = house.scan(vec![("one", with_list(true, true))]);
    let added = [("y".to_owned(), ChangeKind::Added, vec![])];
    assert_eq!(changes(&report), added);
    assert_eq!(report.changes[0].observed.after, Some(at(1)));
    assert!(
        house
            .scan(vec![("one", with_list(true, true))])
            .changes
            .is_empty()
    );
}

/// A scope that is met and cannot be read at once is as new when it can.
#[test]
fn a_new_scope_that_is_read_later_is_as_new() {
    let mut house = House::new();
    let read = |state: Option<bool>| {
        let mut harvester = two_scopes(state == Some(true), false);
        if state == Some(false) {
            harvester.trouble("b", "not readable yet");
        }
        harvester.lists_scopes();
        harvester
    };
    house.scan(vec![("one", read(None))]);
    assert!(
        house
            .scan(vec![("one", read(Some(false)))])
            .changes
            .is_empty()
    );
    let report = house.scan(vec![("one", read(Some(true)))]);
    assert_eq!(
        changes(&report),
        [("y".to_owned(), ChangeKind::Added, vec![])]
    );
}

/// By other settings, or another edition, the list may be another one.
#[test]
fn a_list_by_another_edition_says_nothing_of_what_is_new() {
    let mut house = House::new();
    let read = |with_b: bool, edition: u32| {
        let mut harvester = two_scopes(with_b, false);
        harvester.lists_scopes();
        harvester.edition(edition);
        harvester
    };
    house.scan(vec![("one", read(false, 1))]);
    let report = house.scan(vec![("one", read(true, 2))]);
    assert!(report.changes.is_empty(), "{:?}", report.changes);
}

/// What moves from one scope to another keeps its relations: they are neither lost nor gained.
#[test]
fn what_moves_between_scopes_loses_and_gains_only_what_is_another() {
    let mut house = House::new();
    let read = |scope: &str| {
        let mut harvester = Harvester::new(Limits::default());
        for owner in ["a", "b"] {
            harvester.asset(owner, asset(owner, 1));
        }
        harvester.asset(scope, asset("app", 1));
        harvester.asset(scope, asset("volume", 1));
        harvester.relation(scope, uses("app", "volume"));
        harvester.relation(scope, uses("app", scope));
        harvester.complete("a");
        harvester.complete("b");
        harvester
    };
    house.scan(vec![("one", read("a"))]);
    let report = house.scan(vec![("one", read("b"))]);
    let paths = ["relations.uses[host:a]", "relations.uses[host:b]"].map(str::to_owned);
    assert_eq!(
        changes(&report),
        [("app".to_owned(), ChangeKind::Modified, paths.to_vec())]
    );
}

fn numbered(id: &str, name: &str, called: &str, number: &str) -> Asset {
    let mut asset = Asset::new(AssetId::new(id).unwrap(), "host", name);
    asset.claim("platform.id", Claim::reported(number));
    if !called.is_empty() {
        let called = AssetId::new(called).unwrap();
        asset.aliases.push(Alias::called(&called));
    }
    asset
}

/// An edition that makes ids of numbers takes over what one knew that made them of handles, but for a handle that has passed on.
#[test]
fn ids_of_handles_become_ids_of_numbers_and_a_handle_proves_nothing() {
    let mut house = House::new();
    let first = vec![
        numbered("app:x/api", "api", "", "apps/1"),
        numbered("app:x/old", "old", "", "apps/2"),
    ];
    house.scan(vec![("one", harvest(true, first, vec![]))]);
    // The first was renamed meanwhile, and another has its handle now.
    let second = vec![
        numbered("app:1", "gone-on", "app:x/gone-on", "apps/1"),
        numbered("app:2", "old", "app:x/old", "apps/2"),
        numbered("app:3", "api", "app:x/api", "apps/3"),
    ];
    let mut harvester = harvest(true, second.clone(), vec![]);
    harvester.edition(2);
    let report = house.scan(vec![("one", harvester)]);
    let kinds: Vec<(&str, ChangeKind)> = report
        .changes
        .iter()
        .map(|row| (row.asset.as_str(), row.kind))
        .collect();
    assert!(!kinds.iter().any(|(id, _)| *id == "app:2"), "{kinds:?}");
    assert!(kinds.contains(&("app:3", ChangeKind::Added)), "{kinds:?}");
    let mut harvester = harvest(true, second, vec![]);
    harvester.edition(2);
    assert!(house.scan(vec![("one", harvester)]).changes.is_empty());
    // A later rename is one of the name alone.
    let third = vec![
        numbered("app:1", "gone-on", "app:x/gone-on", "apps/1"),
        numbered("app:2", "api", "app:x/api", "apps/2"),
        numbered("app:3", "old", "app:x/old", "apps/3"),
    ];
    let mut harvester = harvest(true, third, vec![]);
    harvester.edition(2);
    let report = house.scan(vec![("one", harvester)]);
    let swapped = ["api", "old"].map(|name| {
        (
            name.to_owned(),
            ChangeKind::Modified,
            vec!["name".to_owned()],
        )
    });
    assert_eq!(changes(&report), swapped);
}

/// Where the earlier edition kept nothing but a name, that is all there is to go by, as long as the asset was there at the last look.
#[test]
fn what_was_known_by_a_name_alone_goes_on_while_it_stands() {
    for (stood, gone) in [(true, false), (false, true)] {
        let mut house = House::new();
        let first = |with: bool| {
            let mut harvester = Harvester::new(Limits::default());
            harvester.asset("here", asset("kept", 1));
            if with {
                let id = AssetId::new("host:place/web").unwrap();
                harvester.asset("here", Asset::new(id, "host", "web"));
            }
            harvester.complete("here");
            harvester
        };
        house.scan(vec![("one", first(true))]);
        if gone {
            house.scan(vec![("one", first(false))]);
        }
        let mut second = Harvester::new(Limits::default());
        second.edition(2);
        second.asset("here", asset("kept", 1));
        second.asset(
            "here",
            numbered("host:place/7", "web", "host:place/web", "7"),
        );
        second.complete("here");
        let report = house.scan(vec![("one", second)]);
        // What went before does not come back under another's number.
        let added = report
            .changes
            .iter()
            .any(|one| one.kind == ChangeKind::Added);
        assert_eq!(added, !stood, "{:?}", report.changes);
        let removed = report
            .changes
            .iter()
            .any(|one| one.kind == ChangeKind::Removed);
        assert!(!removed, "{:?}", report.changes);
    }
}
