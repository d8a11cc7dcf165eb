//! Before and after: what is done to a Fly shows, and what is not done does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{came, changes, complete, estate, read, troubles};
use serde_json::json;

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
        ["env", "instances.differ", "ports"].map(|fact| format!("~ workload:fly/shop/web {fact}"))
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
            complete(&after, "organisation/77"),
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
fn one_machine_of_three_counts_for_what_the_group_opens_and_is_given() {
    let fake = estate();
    fake.with(|fly| {
        fly.edit("shop", 1, |config| {
            config["services"] =
                json!([{"protocol": "tcp", "internal_port": 5432, "ports": [{"port": 5432}]}]);
            config["image"] = "docker.io/someone/else:latest".into();
            config["env"]["DB_PASSWORD"] = "hunter2".into();
        });
        let machine = &mut fly.app("shop").machines[1];
        machine.json["image_ref"] = json!({"registry": "docker.io", "repository": "someone/else"});
    });
    let after = read(&fake);
    let web = after
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:fly/shop/web")
        .unwrap();
    let shown = |fact: &str| web.value(fact).unwrap().to_string();
    assert!(
        shown("ports").contains("edge:5432/tcp"),
        "{}",
        shown("ports")
    );
    assert!(
        shown("ports").contains("edge:443/tcp"),
        "{}",
        shown("ports")
    );
    assert!(shown("env").contains("DB_PASSWORD"), "{}", shown("env"));
    assert!(
        shown("images").contains("docker.io/someone/else:latest"),
        "{}",
        shown("images")
    );
    assert!(!shown("image").contains("someone"), "{}", shown("image"));
    assert!(!format!("{after:?}").contains("hunter2"));
    // Out of sight it may be set up in any way: then nothing is known of what counts by one machine.
    fake.with(|fly| fly.lose("shop", 1, true));
    let dark = read(&fake);
    let web = dark
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:fly/shop/web")
        .unwrap();
    for fact in ["ports", "env", "mounts", "files"] {
        assert_eq!(web.value(fact), None, "{fact}");
    }
    assert!(web.value("image").is_some());
}

#[test]
fn a_volume_that_extends_itself_inside_its_limit_does_not_change() {
    let fake = estate();
    let bounds = |fly: &mut plimsoll_fly::testkit::Fly, limit: i64| {
        let mount = &mut fly.app("shop").machines[3].json["config"]["mounts"][0];
        mount["extend_threshold_percent"] = 80.into();
        mount["add_size_gb"] = 5.into();
        mount["size_gb_limit"] = limit.into();
    };
    let grow = |fly: &mut plimsoll_fly::testkit::Fly, size: i64| {
        fly.app("shop").volumes[0].json["size_gb"] = size.into();
    };
    fake.with(|fly| bounds(fly, 20));
    let before = read(&fake);
    fake.with(|fly| grow(fly, 15));
    let grown = read(&fake);
    assert_eq!(changes(&before, &grown), [""; 0]);
    fake.with(|fly| bounds(fly, 40));
    let raised = read(&fake);
    let volume = fake.with(|fly| fly.app("shop").volumes[0].id.clone());
    assert_eq!(
        changes(&grown, &raised),
        [format!("~ volume:fly/{volume} extension.limit-bytes")]
    );
    // Beyond its limit it was no platform.
    fake.with(|fly| grow(fly, 50));
    let beyond = read(&fake);
    assert!(
        changes(&raised, &beyond)
            .iter()
            .any(|change| change.ends_with("size-bytes")),
        "{:?}",
        changes(&raised, &beyond)
    );
}

#[test]
fn a_shared_address_leads_to_what_names_the_app_alone() {
    let fake = estate();
    fake.with(|fly| {
        fly.launch("bare");
        let raw = json!([{"protocol": "tcp", "internal_port": 5432, "ports": [{"port": 5432}]},
            {"protocol": "udp", "internal_port": 53, "ports": [{"port": 53}]}]);
        fly.scale("bare", "db", 1, raw);
        fly.address("bare", "66.241.124.9", true);
    });
    let ports = |harvest: &plimsoll_kit::Harvest| {
        let assets = harvest.assets.iter();
        let mut found = assets.filter(|asset| asset.id.as_str() == "workload:fly/bare/db");
        found.next().unwrap().value("ports").unwrap().to_string()
    };
    let shared = read(&fake);
    assert!(!ports(&shared).contains("edge:"), "{}", ports(&shared));
    let leads = |harvest: &plimsoll_kit::Harvest| {
        let mut relations = harvest.relations.iter();
        relations.any(|relation| {
            relation.from.as_str() == "address:fly/66.241.124.9"
                && relation.kind.as_str() == "routes-to"
        })
    };
    assert!(!leads(&shared));
    fake.with(|fly| fly.address("bare", "2001:db8::9", false));
    let own = read(&fake);
    assert!(ports(&own).contains("edge:5432/tcp"), "{}", ports(&own));
    assert!(!ports(&own).contains("/udp"), "{}", ports(&own));
}
