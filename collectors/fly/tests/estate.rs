//! Before and after: what is done to a Fly shows, and what is not done does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use std::collections::BTreeMap;

use plimsoll_fly::REGISTRATION;
use plimsoll_fly::testkit::{FakeFly, Fault, Token};
use plimsoll_kit::testkit::{build, context, harvest, render, run};
use plimsoll_kit::{Harvest, Right};
use plimsoll_model::{Action, Claim};
use serde_json::json;

/// Two apps with two groups, a volume, a certificate, a secret and a public address each.
fn estate() -> FakeFly {
    let fake = FakeFly::new("acme");
    fake.with(|fly| {
        let services = json!([{"protocol": "tcp", "internal_port": 8080, "ports": [
            {"port": 80, "handlers": ["http"], "force_https": true}, {"port": 443, "handlers": ["tls", "http"]}]}]);
        for (number, app) in ["blog", "shop"].into_iter().enumerate() {
            fly.launch(app);
            fly.scale(app, "web", 3, services.clone());
            fly.scale(app, "worker", 1, json!([]));
            fly.mount(app, 3, true);
            fly.address(app, &format!("2001:db8::{number}"), false);
            fly.address(app, "66.241.124.1", true);
            fly.certificate(app, &format!("{app}.example.com"));
            fly.set_secret(app, "DATABASE_URL", "d1", "ben@example.com");
            fly.deploy(app, "one", "anna@example.com");
        }
    });
    fake
}

fn read(fake: &FakeFly) -> Harvest {
    read_with(fake, "")
}

fn read_with(fake: &FakeFly, more: &str) -> Harvest {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("{}{more}", fake.settings(folder.path()));
    let collector = build(&REGISTRATION, &settings).unwrap();
    run(harvest(&*collector, &context("fly")))
}

fn complete(harvest: &Harvest, scope: &str) -> bool {
    let found = harvest.scopes.iter().find(|one| one.scope == scope);
    found.unwrap_or_else(|| panic!("no scope {scope}")).complete
}

fn troubles(harvest: &Harvest) -> String {
    let troubles = harvest.scopes.iter().flat_map(|scope| &scope.troubles);
    let texts = troubles.map(|trouble| trouble.what.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// What an engine would call a change: facts of an asset that are known before and after and differ, assets and relations that came,
/// and where the scope is complete those that went. Of a partly read asset nothing went.
fn changes(before: &Harvest, after: &Harvest) -> Vec<String> {
    let mut changes = Vec::new();
    let whole = complete(after, "acme");
    let old: BTreeMap<_, _> = before
        .assets
        .iter()
        .map(|asset| (&asset.id, asset))
        .collect();
    let new: BTreeMap<_, _> = after
        .assets
        .iter()
        .map(|asset| (&asset.id, asset))
        .collect();
    for (id, asset) in &new {
        let Some(was) = old.get(id) else {
            changes.push(format!("+ {id}"));
            continue;
        };
        let names = was.facts.names().chain(asset.facts.names());
        let names: std::collections::BTreeSet<&str> = names.collect();
        for name in names {
            let (from, to) = (was.facts.get(name), asset.facts.get(name));
            let dark = to.map_or(asset.partial.is_some(), |to| to.value().is_none());
            if from.and_then(Claim::value) != to.and_then(Claim::value) && !dark {
                changes.push(format!("~ {id} {name}"));
            }
        }
    }
    if whole {
        changes.extend(
            old.keys()
                .filter(|id| !new.contains_key(*id))
                .map(|id| format!("- {id}")),
        );
    }
    for relation in &after.relations {
        if !before.relations.contains(relation) {
            changes.push(format!(
                "+ {} {} {}",
                relation.from, relation.kind, relation.to
            ));
        }
    }
    for relation in before.relations.iter().filter(|_| whole) {
        if !after.relations.contains(relation) {
            changes.push(format!(
                "- {} {} {}",
                relation.from, relation.kind, relation.to
            ));
        }
    }
    changes
}

/// The actions that came, each with who did it.
fn came(before: &Harvest, after: &Harvest) -> Vec<String> {
    let known = |action: &&Action| !before.actions.iter().any(|have| have.id == action.id);
    let tell = |action: &Action| {
        let actor = action
            .actor
            .as_ref()
            .map_or("nobody", |actor| actor.account.as_str());
        format!("{} {} by {actor}", action.what, action.asset)
    };
    after.actions.iter().filter(known).map(tell).collect()
}

#[test]
fn a_deploy_is_a_change_of_its_workloads_and_a_release_by_someone() {
    let fake = estate();
    let before = read(&fake);
    assert!(
        before.scopes.iter().all(|scope| scope.complete),
        "{}",
        troubles(&before)
    );
    assert_eq!(changes(&before, &read(&fake)), [""; 0]);

    fake.with(|fly| fly.deploy("shop", "two", "ben@example.com"));
    let after = read(&fake);
    let facts = ["image", "image.digests", "release"];
    let of = |group: &str| facts.map(|fact| format!("~ workload:fly/shop/{group} {fact}"));
    let expected: Vec<String> = [of("web"), of("worker")].concat();
    assert_eq!(changes(&before, &after), expected);
    assert_eq!(
        came(&before, &after),
        ["release app:fly/shop by ben@example.com"]
    );
    let release = after
        .actions
        .iter()
        .find(|action| action.id == "shop-release-2")
        .unwrap();
    assert_eq!(release.details.get("release").unwrap(), "2");
    assert_eq!(release.details.get("commit").unwrap(), "0123456789abcdef");
    let workload = after
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:fly/shop/web");
    assert_eq!(
        workload.unwrap().value("release").unwrap().as_str(),
        Some("2")
    );
}

#[test]
fn a_hand_on_one_machine_is_a_difference_that_nobody_is_named_for() {
    let fake = estate();
    let before = read(&fake);
    fake.with(|fly| {
        fly.edit("shop", 1, |config| {
            config["services"][0]["ports"][1] = json!({"port": 8443, "handlers": []});
            config["env"]["DEBUG"] = "1".into();
        });
    });
    let after = read(&fake);
    assert_eq!(
        changes(&before, &after),
        ["~ workload:fly/shop/web instances.differ"]
    );
    assert_eq!(
        came(&before, &after),
        ["update workload:fly/shop/web by nobody"]
    );
    let web = after
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:fly/shop/web");
    let differ = web.unwrap().value("instances.differ").unwrap().to_string();
    assert!(
        differ.contains("edge:8443/tcp") && differ.contains("DEBUG"),
        "{differ}"
    );

    fake.with(|fly| fly.set_secret("shop", "SMTP", "d9", "eve@example.com"));
    let last = read(&fake);
    assert_eq!(changes(&after, &last), ["~ app:fly/shop secrets"]);
    assert_eq!(
        came(&after, &last),
        ["secret app:fly/shop by eve@example.com"]
    );
}

#[test]
fn a_half_done_deploy_shows_both_releases() {
    let fake = estate();
    let before = read(&fake);
    let old = fake.with(|fly| {
        let old = fly.app("shop").machines[0].json.clone();
        fly.deploy("shop", "two", "ben@example.com");
        fly.app("shop").machines[0].json = old.clone();
        old["id"].as_str().unwrap().to_owned()
    });
    let after = read(&fake);
    let web = after
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:fly/shop/web");
    let differ = web
        .unwrap()
        .value("instances.differ")
        .unwrap()
        .as_table()
        .unwrap()
        .clone();
    assert_eq!(differ.names().collect::<Vec<_>>(), [old]);
    assert!(
        differ
            .iter()
            .next()
            .unwrap()
            .1
            .to_string()
            .contains("release=1")
    );
    assert!(changes(&before, &after).contains(&"~ workload:fly/shop/web release".to_owned()));
}

#[test]
fn what_cannot_be_observed_is_no_change() {
    // One machine of three, two, all; with and without another list that knows what it was.
    for (lost, known) in [(1, true), (2, true), (3, true), (1, false), (3, false)] {
        let fake = estate();
        let before = read(&fake);
        fake.with(|fly| (0..lost).for_each(|number| fly.lose("shop", number, known)));
        let after = read(&fake);
        assert_eq!(changes(&before, &after), [""; 0], "{lost} {known}");
        if known {
            let web = after
                .assets
                .iter()
                .find(|asset| asset.id.as_str() == "workload:fly/shop/web");
            let web = web.unwrap();
            assert!(web.partial.is_some());
            assert_eq!(web.value("image").is_some(), lost == 1, "{lost}");
            assert_eq!(web.value("instances.differ"), None);
            assert_eq!(web.value("replicas").unwrap().as_int(), Some(3));
        }
        // Where a whole group may be out of sight nothing of it may be called removed.
        assert_eq!(
            complete(&after, "acme"),
            known && lost < 3,
            "{}",
            troubles(&after)
        );
        let back = read(&estate());
        assert_eq!(changes(&before, &back), [""; 0]);
    }
}

#[test]
fn a_group_that_is_scaled_away_goes() {
    let fake = estate();
    let before = read(&fake);
    fake.with(|fly| {
        let app = fly.app("shop");
        app.machines.truncate(3);
        app.volumes[0].json["attached_machine_id"] = serde_json::Value::Null;
    });
    let after = changes(&before, &read(&fake));
    assert!(
        after.contains(&"- workload:fly/shop/worker".to_owned()),
        "{after:?}"
    );
    assert!(
        !after.iter().any(|change| change.contains("blog")),
        "{after:?}"
    );
    fake.with(|fly| fly.apps.remove("blog"));
    let last = changes(&before, &read(&fake));
    for gone in [
        "app:fly/blog",
        "workload:fly/blog/web",
        "volume:fly/vol_5",
        "address:fly/2001:db8::0",
    ] {
        assert!(last.contains(&format!("- {gone}")), "{gone}: {last:?}");
    }
}

#[test]
fn pages_of_any_size_make_one_list() {
    let fake = estate();
    let whole = render(&read(&fake));
    for page in [1, 2, 3, 7] {
        for empty in [false, true] {
            fake.with(|fly| (fly.page, fly.empty_pages) = (page, empty));
            assert_eq!(render(&read(&fake)), whole, "{page} {empty}");
        }
    }
}

#[test]
fn what_passes_is_waited_for() {
    let healthy = render(&read(&estate()));
    for fault in [
        Fault::Status(429),
        Fault::RetryAfter(0),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Truncated,
    ] {
        let fake = estate();
        for part in [
            "/apps?",
            "/orgs/acme/machines",
            "/shop/machines",
            "/shop/secrets",
            "/graphql",
        ] {
            fake.fail(part, fault.clone(), 1);
        }
        assert_eq!(render(&read(&fake)), healthy, "{fault:?}");
        let asked: usize = fake.requests().values().sum();
        assert_eq!(asked, estate_requests() + 5, "{fault:?}");
    }
}

fn estate_requests() -> usize {
    let fake = estate();
    read(&fake);
    fake.requests().values().sum()
}

#[test]
fn what_stays_broken_costs_its_scope_and_nothing_else() {
    let healthy = read(&estate());
    // Each call, and whether the inventory is incomplete without it.
    for (part, fault, inventory, records) in [
        ("/v1/apps?", Fault::Status(500), false, false),
        ("/orgs/acme/machines", Fault::Status(403), false, true),
        ("/orgs/acme/volumes", Fault::Status(500), false, true),
        ("/shop/machines", Fault::Status(403), false, true),
        ("/shop/machines", Fault::Instead("{}".into()), false, true),
        ("/shop/ip_assignments", Fault::Status(500), false, true),
        ("/shop/certificates?", Fault::Status(404), false, true),
        ("/shop/certificates/", Fault::Status(500), true, true),
        ("/shop/secrets", Fault::Instead("[]".into()), false, true),
        ("/snapshots", Fault::Status(500), true, true),
        ("/platform/regions", Fault::Status(500), true, true),
        ("/graphql", Fault::Status(500), true, false),
        (
            "/graphql",
            Fault::Instead("{\"data\":{}}".into()),
            true,
            false,
        ),
    ] {
        let fake = estate();
        fake.fail(part, fault.clone(), usize::MAX);
        let broken = read(&fake);
        let told = troubles(&broken);
        assert_eq!(complete(&broken, "acme"), inventory, "{part}: {told}");
        assert_eq!(complete(&broken, "acme/records"), records, "{part}: {told}");
        assert!(
            !told.is_empty() && !told.contains("MARKER"),
            "{part}: {told}"
        );
        let went = changes(&healthy, &broken);
        let went: Vec<_> = went
            .iter()
            .filter(|change| !change.contains("region.name"))
            .collect();
        assert!(went.is_empty(), "{part}: {went:?}\n{told}");
        if part != "/v1/apps?" {
            let blog = |harvest: &Harvest| {
                let ids = harvest.assets.iter().map(|asset| asset.id.to_string());
                ids.filter(|id| id.contains("/blog")).collect::<Vec<_>>()
            };
            assert_eq!(blog(&broken), blog(&healthy), "{part}");
        }
    }
}

#[test]
fn empty_lists_may_be_null() {
    for part in ["/v1/apps?", "/orgs/", "/shop/", "/platform/", "/tokens/"] {
        let fake = estate();
        fake.fail(part, Fault::NullLists, usize::MAX);
        let read = read(&fake);
        assert!(
            !troubles(&read).contains("shape"),
            "{part}: {}",
            troubles(&read)
        );
    }
}

#[test]
fn without_graphql_the_older_interface_names_who_released() {
    let fake = estate();
    let before = read(&fake);
    fake.with(|fly| fly.token = Token::NoGraphql);
    let after = read(&fake);
    assert!(complete(&after, "acme") && !complete(&after, "acme/records"));
    assert!(
        troubles(&after).contains("UNAUTHORIZED"),
        "{}",
        troubles(&after)
    );
    let releases = |harvest: &Harvest| {
        let all = harvest
            .actions
            .iter()
            .filter(|action| action.what == "release");
        all.map(|a| {
            (
                a.id.to_string(),
                a.actor.as_ref().map(|a| a.account.to_string()),
            )
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(releases(&after), releases(&before));
    assert_eq!(changes(&before, &after), [""; 0]);
    let secrets = |action: &&Action| action.what == "secret" && action.actor.is_some();
    assert_eq!(before.actions.iter().filter(secrets).count(), 2);
    assert_eq!(after.actions.iter().filter(secrets).count(), 0);
}

#[test]
fn a_token_says_what_it_is_for() {
    let fake = estate();
    let healthy = read(&fake);
    fake.with(|fly| fly.token = Token::Apps(vec!["shop".into()]));
    let part = read(&fake);
    assert!(!complete(&part, "acme"));
    assert!(
        troubles(&part).contains("fly tokens create readonly acme"),
        "{}",
        troubles(&part)
    );
    assert!(
        part.assets
            .iter()
            .any(|asset| asset.id.as_str() == "workload:fly/shop/web")
    );
    assert_eq!(changes(&healthy, &part), [""; 0]);

    fake.with(|fly| fly.token = Token::Wrong);
    let asked = fake.server().requests().len();
    for (more, scopes) in [("", 1), ("organisations = [\"acme\"]", 2)] {
        let nothing = read_with(&fake, more);
        assert_eq!((nothing.assets.len(), nothing.scopes.len()), (0, scopes));
        assert!(
            nothing
                .scopes
                .iter()
                .all(|scope| !scope.complete && !scope.troubles.is_empty())
        );
    }
    assert_eq!(
        fake.server().requests().len() - asked,
        2,
        "a token that is wrong is tried once a run"
    );
}

#[test]
fn another_organisation_is_not_ours_to_see() {
    let fake = estate();
    let other = read_with(&fake, "organisations = [\"other\"]");
    assert!(!complete(&other, "other") && other.assets.is_empty());
    assert!(
        troubles(&other).contains("status 403"),
        "{}",
        troubles(&other)
    );
}

#[test]
fn ones_own_organisation_goes_by_its_own_slug() {
    let fake = FakeFly::new("personal");
    fake.with(|fly| {
        fly.raw_slug = "anna-77".into();
        fly.launch("shop");
    });
    let organisation = |harvest: &Harvest| {
        let mut ids = harvest.assets.iter().map(|asset| asset.id.to_string());
        ids.find(|id| id.starts_with("organisation:"))
    };
    let own = Some("organisation:fly/anna-77".to_owned());
    assert_eq!(organisation(&read(&fake)), own);
    fake.with(|fly| fly.token = Token::NoGraphql);
    assert_eq!(organisation(&read(&fake)), own);
    fake.fail("/organizations/", Fault::Status(500), usize::MAX);
    let nameless = read(&fake);
    assert!(!complete(&nameless, "personal") && nameless.assets.is_empty());
}

#[test]
fn an_app_costs_four_requests_and_what_hangs_on_it() {
    let fake = FakeFly::new("acme");
    fake.with(|fly| {
        for number in 0..60 {
            let app = format!("app-{number:03}");
            fly.launch(&app);
            fly.scale(&app, "web", 2, json!([]));
        }
        fly.launch("empty");
    });
    assert!(read(&fake).scopes.iter().all(|scope| scope.complete));
    let requests: Vec<(String, usize)> = fake.requests().into_iter().collect();
    let expected = [
        ("GET /v1/apps", 1),
        ("GET /v1/apps/{app}/certificates", 61),
        ("GET /v1/apps/{app}/ip_assignments", 61),
        ("GET /v1/apps/{app}/machines", 60),
        ("GET /v1/apps/{app}/secrets", 61),
        ("GET /v1/orgs/{slug}/machines", 1),
        ("GET /v1/orgs/{slug}/volumes", 1),
        ("GET /v1/platform/regions", 1),
        ("GET /v1/tokens/current", 1),
        ("POST /graphql", 2),
    ];
    assert_eq!(
        requests,
        expected.map(|(kind, count)| (kind.to_owned(), count))
    );
}

#[test]
fn check_says_which_right_is_missing() {
    let fake = estate();
    let check = |fake: &FakeFly| {
        let folder = tempfile::tempdir().unwrap();
        let collector = build(&REGISTRATION, &fake.settings(folder.path())).unwrap();
        run(collector.check(&context("fly")))
    };
    let denied = |fake: &FakeFly| {
        let all = check(fake);
        let denied = all.iter().filter(|access| access.right != Right::Granted);
        let told = denied.map(|access| format!("{}: {}", access.what, access.detail));
        (all.len(), told.collect::<Vec<_>>())
    };
    assert_eq!(denied(&fake), (10, vec![]));
    fake.with(|fly| fly.token = Token::NoGraphql);
    let (_, told) = denied(&fake);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("acme: who released") && told[0].contains("readonly acme"),
        "{told:?}"
    );
    fake.with(|fly| fly.token = Token::Apps(vec!["shop".into()]));
    let (all, told) = denied(&fake);
    assert_eq!((all, told.len()), (10, 4), "{told:?}");
    assert!(
        told[0].starts_with("acme: apps: the token is for some apps alone"),
        "{told:?}"
    );
    assert!(
        told.iter()
            .all(|line| line.contains("fly tokens create readonly acme")),
        "{told:?}"
    );
    fake.with(|fly| fly.token = Token::Wrong);
    let (all, told) = denied(&fake);
    assert_eq!((all, told.len()), (1, 1));
    assert!(
        told[0].contains("renew it") && !told[0].contains("MARKER"),
        "{told:?}"
    );
    assert!(fake.server().requests().iter().all(|request| {
        request.method == "GET" || request.graphql().is_some_and(|asked| asked.only_reads())
    }));
}
