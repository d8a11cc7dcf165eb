//! One scan of three platforms: a real Kubernetes API server, and a fake Fly and a fake Aptible with state. What is done on each
//! of them shows with who did it, and what two of them speak of is one asset.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic is how a test tells what is wrong, and one shows a report"
)]

#[path = "support/kubernetes/mod.rs"]
mod kubernetes;
#[path = "kubernetes_estate/rights.rs"]
#[allow(dead_code, reason = "another test program uses the rest")]
mod rights;
#[path = "kubernetes_estate/shop.rs"]
#[allow(dead_code, reason = "another test program uses the rest")]
mod shop;
mod support;

use jiff::{SignedDuration, Timestamp};
use plimsoll_aptible::testkit::FakeAptible;
use plimsoll_fly::testkit::{FakeFly, token_settings, urls};
use serde_json::{Value, json};
use shop::{SCANNER, Shop};
use support::{Plimsoll, Report};

/// A front end on Fly, whose name in the DNS the cluster's ingress has too.
fn portal() -> FakeFly {
    let fake = FakeFly::new("acme");
    fake.with(|fly| {
        fly.now = now().as_second() - 86_400;
        let services = json!([{"protocol": "tcp", "internal_port": 8080, "ports": [
            {"port": 80, "handlers": ["http"], "force_https": true}, {"port": 443, "handlers": ["tls", "http"]}]}]);
        fly.launch("portal");
        fly.scale("portal", "web", 2, services);
        fly.address("portal", "2001:db8::1", false);
        fly.certificate("portal", "shop.example.test");
        fly.deploy("portal", "one", "anna@example.com");
    });
    fake
}

fn configuration(
    shop: &Shop,
    fly: &FakeFly,
    aptible: &FakeAptible,
    folder: &std::path::Path,
) -> String {
    let url = fly.server().url();
    let fly = format!(
        "{}{}",
        token_settings(folder),
        urls(url, &format!("{url}/v1"))
    );
    let kubeconfig = shop.kubernetes.user(SCANNER, &[]);
    format!(
        "[[sources]]\nname = \"cluster\"\ncollector = \"kubernetes\"\n[sources.settings]\nkubeconfig = {kubeconfig:?}\nname = \"shop-eu\"\n\
         [[sources]]\nname = \"fly\"\ncollector = \"fly\"\n[sources.settings]\n{fly}\
         [[sources]]\nname = \"aptible\"\ncollector = \"aptible\"\n[sources.settings]\n{}\n\
         [[rules]]\nasset = \"app:fly/portal\"\nenvironment = \"production\"\n\
         [[rules]]\nkind = \"cluster\"\nenvironment = \"production\"\n",
        aptible.settings()
    )
}

/// What the program takes for now: the fakes' records have to be of the time between two scans.
fn now() -> Timestamp {
    Timestamp::now()
}

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row[key].as_str().unwrap_or_default()
}

#[test]
fn what_is_done_on_three_platforms_shows_with_who_did_it() {
    let shop = Shop::open();
    let fly = portal();
    let (aptible, clinic) = FakeAptible::clinic();
    {
        let mut state = aptible.state();
        for number in state.numbers("certificates") {
            state.row("certificates", number)["not_after"] = "2099-01-01T00:00:00Z".into();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let plimsoll = Plimsoll::new(&configuration(&shop, &fly, &aptible, folder.path()));

    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    first.assert_changes(&[]);
    let web = format!("workload:aptible/{}", clinic.web);
    let database = format!("database:aptible/{}", clinic.database);
    let endpoint = format!("endpoint:aptible/{}", clinic.endpoint);
    let roles = [
        ("workload:fly/portal/web", "fly-app"),
        (web.as_str(), "aptible-app"),
        (database.as_str(), "aptible-database"),
        (endpoint.as_str(), "ingress"),
        ("endpoint:shop-eu/shop/ingress/shop", "ingress"),
        ("host:shop-eu/node-a", "kubernetes-node"),
    ];
    for (asset, role) in roles {
        assert_eq!(first.role(asset), Some(role), "{asset}");
    }
    let second = plimsoll.scan();
    second.assert_changes(&[]);

    // Each as it is done there: an edit beside the controller, a release, an operation, and two looks inside.
    shop.kubernetes.edit(
        &["deployment/checkout", "--namespace=shop"],
        "runAsNonRoot: true",
        "privileged: true",
    );
    shop.controllers().reconcile();
    fly.with(|fly| {
        // A deploy takes its ten minutes.
        fly.now = now().as_second() - 600;
        fly.deploy("portal", "two", "ben@example.com");
    });
    {
        // Every row takes the fake a minute, and these settings are a row.
        let mut state = aptible.state();
        state.at(now() - SignedDuration::from_mins(1));
        state.set(clinic.endpoint, "olive@example.com", json!({}));
        state.at(now());
        state.execute(clinic.app, "olive@example.com");
        state.at(now());
        state.tunnel(clinic.database, "joe@example.com");
    }
    let third = plimsoll.scan();
    assert!(third.complete(), "{:?}", third.troubles());

    let made = |asset: &str| third.change(asset)["actor"].as_str().map(str::to_owned);
    let checkout = "workload:shop-eu/shop/deployment/checkout";
    let endpoint = endpoint.as_str();
    assert_eq!(made(checkout).as_deref(), Some("kubectl-edit"));
    assert_eq!(
        made("workload:fly/portal/web").as_deref(),
        Some("ben@example.com")
    );
    assert_eq!(made(endpoint).as_deref(), Some("olive@example.com"));

    // The drifts that they brought lead to them.
    for (asset, control) in [
        (checkout, "least-privilege"),
        (endpoint, "encrypted-in-transit"),
    ] {
        let change = third.change(asset);
        let mut drifts = third.list("drifts").filter(|row| {
            let is_it = text(row, "asset") == asset && text(row, "control") == control;
            is_it && text(row, "status") == "fail" && text(row, "state") == "new"
        });
        let brought = drifts.any(|row| row["change"].is_i64() && row["actor"] == change["actor"]);
        assert!(brought, "{asset} {control}: {}", third.json["drifts"]);
    }
    let mut accesses: Vec<(&str, &str, &str)> = third
        .list("accesses")
        .map(|row| (text(row, "what"), text(row, "asset"), text(row, "actor")))
        .collect();
    accesses.sort_unstable();
    assert_eq!(
        accesses,
        [
            (
                "execute",
                format!("app:aptible/{}", clinic.app).as_str(),
                "olive@example.com"
            ),
            ("tunnel", database.as_str(), "joe@example.com"),
        ]
    );
    assert_each_name_is_one_asset(&plimsoll);
    // `--nocapture` shows what a person sees of it.
    println!("{}", plimsoll.run(&["report"]).stdout);
    assert_quiet(&plimsoll.scan());
}

fn assert_quiet(report: &Report) {
    report.assert_changes(&[]);
    assert_eq!(
        report.list("accesses").count(),
        0,
        "a look inside is told once"
    );
}

/// The cluster's ingress and the portal on Fly have one name, and it is there once, with both sources.
fn assert_each_name_is_one_asset(plimsoll: &Plimsoll) {
    let shown = plimsoll.run(&[
        "inventory",
        "show",
        "dns-name:shop.example.test",
        "--format",
        "json",
    ]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let text = shown.to_string();
    assert!(
        text.contains("\"cluster\"") && text.contains("\"fly\""),
        "{text}"
    );
}
