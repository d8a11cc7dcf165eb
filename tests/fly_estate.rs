//! The whole program against a fake Fly: what is done to it shows in the report, and what cannot be seen of it does not.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::time::Duration;

use plimsoll_fly::testkit::{FakeFly, token_settings, urls};
use plimsoll_kit::testkit::MARKER;
use serde_json::json;
use support::{Plimsoll, Program, Report, changed};

/// A shop with a web group and a worker group, and a blog.
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
            fly.certificate(app, &format!("{app}.example.com"));
            fly.set_secret(app, "DATABASE_URL", "d1", "ben@example.com");
            fly.deploy(app, "one", "anna@example.com");
        }
    });
    fake
}

/// The program with the fake as its one source, and the folder of the token.
fn reading(fake: &FakeFly) -> (Plimsoll, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = fake.server().url();
    let settings = format!(
        "{}{}",
        token_settings(folder.path()),
        urls(url, &format!("{url}/v1"))
    );
    let configuration =
        format!("[[sources]]\nname = \"fly\"\ncollector = \"fly\"\n[sources.settings]\n{settings}");
    (Plimsoll::new(&configuration), folder)
}

fn assert_quiet(report: &Report) {
    report.assert_changes(&[]);
}

#[test]
fn what_is_done_is_a_change_and_what_is_out_of_sight_is_none() {
    let fake = estate();
    let (plimsoll, _token) = reading(&fake);
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!((first.assets("app"), first.assets("workload")), (2, 4));
    assert_quiet(&first);
    assert_quiet(&plimsoll.scan());

    fake.with(|fly| fly.deploy("shop", "two", "ben@example.com"));
    let deployed = plimsoll.scan();
    let facts = ["image", "release"];
    deployed.assert_changes(&[
        changed("workload:fly/shop/web", &facts),
        changed("workload:fly/shop/worker", &facts),
    ]);

    // A host goes and comes back, and someone used the dark for a change.
    let kept = fake.with(|fly| {
        let kept = fly.app("shop").machines.clone();
        (0..3).for_each(|number| fly.lose("shop", number, true));
        kept
    });
    let dark = plimsoll.scan();
    assert_quiet(&dark);
    assert!(!dark.complete());
    fake.with(|fly| fly.app("shop").machines = kept);
    assert_quiet(&plimsoll.scan());
    fake.with(|fly| {
        let kept = fly.app("shop").machines.clone();
        (0..3).for_each(|number| fly.lose("shop", number, true));
        kept
    });
    assert_quiet(&plimsoll.scan());
    fake.with(|fly| {
        for number in 0..3 {
            let services = json!([{"protocol": "tcp", "internal_port": 8080, "ports": [{"port": 8443, "handlers": []}]}]);
            let machine = &mut fly.app("shop").machines[number];
            machine.json["host_status"] = "ok".into();
            machine.json["config"] = json!({"image": "registry.fly.io/shop:two", "services": services,
                "metadata": {"fly_process_group": "web", "fly_release_version": "2"}});
        }
    });
    let back = plimsoll.scan();
    let ports = back.change("workload:fly/shop/web")["paths"].to_string();
    assert!(ports.contains("ports[edge:8443/tcp]"), "{ports}");
}

#[test]
fn a_list_in_part_removes_nothing_and_a_whole_one_does() {
    let fake = estate();
    let (plimsoll, _token) = reading(&fake);
    plimsoll.scan();
    fake.with(|fly| {
        fly.apps.remove("blog");
        fly.error_regions = vec!["ams".into()];
    });
    let part = plimsoll.scan();
    assert_quiet(&part);
    assert!(!part.complete());
    assert!(part.troubles().iter().any(|what| what.contains("ams")));
    fake.with(|fly| fly.error_regions.clear());
    let whole = plimsoll.scan();
    let gone = [
        "app:fly/blog",
        "workload:fly/blog/web",
        "workload:fly/blog/worker",
        "volume:fly/vol_5",
        "address:fly/2001:db8::0",
        "certificate:fly/blog/blog.example.com",
        "dns-name:blog.example.com",
        "dns-name:blog.fly.dev",
    ];
    for asset in gone {
        assert_eq!(whole.change(asset)["kind"], "removed", "{asset}");
    }
    let others = whole
        .list("changes")
        .filter(|row| row["kind"] == "removed")
        .count();
    assert_eq!(others, gone.len());
}

#[test]
fn without_settings_the_vendors_variables_are_enough_and_no_secret_stays() {
    let fake = estate();
    let plimsoll = Plimsoll::new("[[sources]]\nname = \"fly\"\ncollector = \"fly\"\n");
    let run = |arguments: &[&str]| {
        let mut command = plimsoll.command();
        let url = fake.server().url();
        command
            .env("FLY_API_TOKEN", format!("FlyV1 fm2_{MARKER}-token"))
            .env("FLY_FLAPS_BASE_URL", url)
            .env("FLY_API_BASE_URL", url)
            .env("FLY_UIEX_BASE_URL", url)
            .env("PLIMSOLL_LOG", "trace");
        Program::run(command.args(arguments), Duration::from_secs(60))
    };
    let config = plimsoll.config().display().to_string();
    let init = run(&["init"]);
    assert!(
        init.stdout.contains("collector = \"fly\""),
        "{}",
        init.stdout
    );
    let check = run(&["check", "--config", &config]);
    assert!(check.stdout.contains("acme: apps"), "{}", check.stdout);
    let report = Report::parse(run(&["scan", "--format", "json", "--config", &config]));
    assert!(report.complete(), "{:?}", report.troubles());
    assert_eq!(report.assets("app"), 2);
    assert!(fake.server().sent_marker());
    let mut said = vec![("init", init), ("check", check), ("scan", report.output)];
    said.push(("report", run(&["report", "--explain", "--config", &config])));
    said.push((
        "show",
        run(&[
            "inventory",
            "show",
            "workload:fly/shop/web",
            "--config",
            &config,
        ]),
    ));
    for (what, output) in said {
        let text = format!("{}{}", output.stdout, output.stderr);
        assert!(!text.contains(MARKER), "{what} tells a secret");
    }
    for (path, bytes) in plimsoll.left_behind() {
        let mut windows = bytes.windows(MARKER.len());
        let found = windows.any(|window| window == MARKER.as_bytes());
        assert!(!found, "{} holds a secret", path.display());
    }
}

/// One machine of three publishes a database's port and is given a password in plain: the group does.
#[test]
fn one_machine_is_enough_for_a_drift_of_its_group() {
    let fake = estate();
    let (plimsoll, _token) = reading(&fake);
    plimsoll.scan();
    fake.with(|fly| {
        fly.edit("shop", 1, |config| {
            config["services"] =
                json!([{"protocol": "tcp", "internal_port": 5432, "ports": [{"port": 5432}]}]);
            config["env"]["DB_PASSWORD"] = "hunter2".into();
        });
    });
    let report = plimsoll.scan();
    let web = "workload:fly/shop/web";
    let paths = report.change(web)["paths"].to_string();
    assert!(paths.contains("ports[edge:5432/tcp]"), "{paths}");
    for (control, part) in [
        ("ports-allowed", "5432"),
        ("secrets-managed", "DB_PASSWORD"),
    ] {
        let drift = report.drift(web, control);
        assert_eq!(drift["status"], "fail", "{drift}");
        assert!(drift["actual"].as_str().unwrap().contains(part), "{drift}");
    }
    // Its host goes: what it opened is not known to be closed.
    fake.with(|fly| fly.lose("shop", 1, true));
    let dark = plimsoll.scan();
    assert_quiet(&dark);
    assert_ne!(dark.drift(web, "ports-allowed")["status"], "pass");
}

/// A volume grows by itself inside its limit, and somebody raises that.
#[test]
fn what_the_platform_does_inside_declared_bounds_is_no_change() {
    let fake = estate();
    let bounds = |limit: i64| {
        fake.with(|fly| {
            let mount = &mut fly.app("shop").machines[3].json["config"]["mounts"][0];
            mount["extend_threshold_percent"] = 80.into();
            mount["add_size_gb"] = 5.into();
            mount["size_gb_limit"] = limit.into();
        });
    };
    let grow = |size: i64| {
        fake.with(|fly| fly.app("shop").volumes[0].json["size_gb"] = size.into());
    };
    let (plimsoll, _token) = reading(&fake);
    bounds(20);
    plimsoll.scan();
    grow(15);
    assert_quiet(&plimsoll.scan());
    let volume = fake.with(|fly| fly.app("shop").volumes[0].id.clone());
    let volume = format!("volume:fly/{volume}");
    bounds(30);
    plimsoll
        .scan()
        .assert_changes(&[changed(&volume, &["extension.limit-bytes"])]);
    grow(50);
    plimsoll
        .scan()
        .assert_changes(&[changed(&volume, &["size-bytes"])]);
}

/// Behind a shared address alone only what names the app is reached; an address of its own opens the rest.
#[test]
fn reach_is_told_by_address_and_service() {
    let fake = FakeFly::new("acme");
    fake.with(|fly| {
        let services =
            json!([{"protocol": "tcp", "internal_port": 5432, "ports": [{"port": 5432}]}]);
        fly.launch("shop");
        fly.scale("shop", "web", 1, services);
        fly.address("shop", "66.241.124.1", true);
    });
    let (plimsoll, _token) = reading(&fake);
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    let web = "workload:fly/shop/web";
    let failing = |report: &Report| {
        let mut drifts = report.list("drifts");
        drifts.any(|one| {
            one["asset"] == web && one["expectation"] == "ports-allowed" && one["status"] == "fail"
        })
    };
    assert!(!failing(&first), "{:#?}", first.json["drifts"]);
    fake.with(|fly| fly.address("shop", "2001:db8::7", false));
    let open = plimsoll.scan();
    let paths = open.change(web)["paths"].to_string();
    assert!(paths.contains("ports[edge:5432/tcp]"), "{paths}");
    assert_ne!(open.change(web)["verdict"], "approved");
    assert!(failing(&open), "{:#?}", open.json["drifts"]);
}

/// Of two services on one port the worse one is told, in whatever order they come, and `edge_http` alone is clear text.
#[test]
fn two_services_on_one_port_are_judged_by_the_worse() {
    let secure = json!({"protocol": "tcp", "internal_port": 8080, "ports": [{"port": 443, "handlers": ["tls", "http"]}]});
    let bare = json!({"protocol": "tcp", "internal_port": 9000, "ports": [{"port": 443, "handlers": ["edge_http"]}]});
    let told = |services: serde_json::Value| {
        let fake = FakeFly::new("acme");
        fake.with(|fly| {
            fly.launch("shop");
            fly.scale("shop", "web", 1, services);
            fly.address("shop", "2001:db8::1", false);
        });
        let (plimsoll, _token) = reading(&fake);
        let report = plimsoll.scan();
        let mut all: Vec<String> = report
            .list("drifts")
            .filter(|one| one["asset"] == "workload:fly/shop/web")
            .map(|one| format!("{} {}", one["expectation"], one["status"]))
            .collect();
        all.sort();
        all
    };
    let alone = told(json!([bare]));
    let sound = told(json!([secure]));
    let new: Vec<&String> = alone.iter().filter(|one| !sound.contains(one)).collect();
    assert!(!new.is_empty(), "{sound:#?}");
    for both in [json!([secure, bare]), json!([bare, secure])] {
        let both = told(both);
        assert!(
            new.iter().all(|one| both.contains(one)),
            "{new:?}: {both:#?}"
        );
    }
}
