//! What is done on the platform shows in the next harvest, and who did it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use plimsoll_aptible::testkit::FakeAptible;
use plimsoll_kit::model::How;
use serde_json::json;

use support::*;

const APP: &str = "app:aptible/acme-prod/api";
const WEB: &str = "workload:aptible/acme-prod/api/web";
const WORKER: &str = "workload:aptible/acme-prod/api/worker";
const ENDPOINT: &str = "endpoint:aptible/acme-prod/api.example.com";
const DATABASE: &str = "database:aptible/acme-prod/main-pg";
const OLIVE: &str = "olive@example.com";

fn account(action: &plimsoll_kit::model::Action) -> &str {
    action.actor.as_ref().map_or("", |actor| &actor.account)
}

#[test]
fn a_deploy_shows_as_another_image_and_who_deployed_which_commit() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    assert_eq!(complete(&before), ALL, "{:?}", troubles(&before));
    fake.state().deploy(estate.app, OLIVE, "4567cdef");
    let after = read(&fake);
    assert_eq!(touched(&before, &after), [APP, WEB, WORKER]);
    let seen = ["image", "image.created", "image.digests", "source.commit"];
    assert_eq!(changed(&before, &after, APP), seen);
    let seen = [
        "image",
        "image.created",
        "image.digests",
        "release",
        "source.commit",
    ];
    assert_eq!(changed(&before, &after, WEB), seen);
    assert_eq!(value(&after, WEB, "source.commit").unwrap(), "4567cdef");
    assert!(
        value(&after, WEB, "image.digests")
            .unwrap()
            .contains("@sha256:")
    );
    let action = new_action(&before, &after);
    assert_eq!(
        (
            action.what.as_str(),
            action.asset.as_str(),
            account(&action)
        ),
        ("deploy", APP, OLIVE)
    );
    assert_eq!(action.details.get("commit").unwrap(), "4567cdef");
    assert_eq!(action.details.get("status").unwrap(), "succeeded");
    assert_eq!(action.details.get("ticket").unwrap(), "OPS-7");
}

#[test]
fn variables_that_change_show_as_another_configuration_and_nothing_of_them() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    fake.state().configure(estate.app, OLIVE);
    let after = read(&fake);
    assert_eq!(touched(&before, &after), [APP]);
    assert_eq!(changed(&before, &after, APP), ["configuration.id"]);
    assert_eq!(new_action(&before, &after).what, "configure");
}

#[test]
fn what_an_endpoint_lets_in_shows_on_it() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    assert_eq!(value(&before, ENDPOINT, "tls.lowest").unwrap(), "1.2");
    assert_eq!(
        value(&before, ENDPOINT, "sources.allowed").unwrap(),
        "0.0.0.0/0"
    );
    fake.state().set(estate.endpoint, OLIVE, json!({}));
    let after = read(&fake);
    assert_eq!(touched(&before, &after), [ENDPOINT]);
    assert_eq!(value(&after, ENDPOINT, "tls.lowest").unwrap(), "1.0");
    assert_eq!(claim(&after, ENDPOINT, "tls.lowest").how(), How::Attested);
    assert_eq!(value(&after, ENDPOINT, "https.forced").unwrap(), "no");
    let ports = value(&after, ENDPOINT, "ports").unwrap();
    assert!(
        ports.contains(
            "edge:80/tcp (address=edge, port=80, protocol=tcp, reach=public, target=8080, tls=none)"
        ),
        "{ports}"
    );
    let action = new_action(&before, &after);
    assert_eq!(
        (action.asset.as_str(), action.what.as_str()),
        (ENDPOINT, "provision")
    );

    fake.state()
        .allow(estate.endpoint, OLIVE, &["10.0.0.0/8", "192.168.0.0/16"]);
    let inside = read(&fake);
    assert!(
        value(&inside, ENDPOINT, "ports")
            .unwrap()
            .contains("reach=private")
    );
    fake.state()
        .allow(estate.endpoint, OLIVE, &["10.0.0.0/8", "198.51.100.0/24"]);
    let partly = read(&fake);
    assert!(
        value(&partly, ENDPOINT, "ports")
            .unwrap()
            .contains("reach=public")
    );
    assert_eq!(
        value(&partly, ENDPOINT, "sources.allowed").unwrap(),
        "10.0.0.0/8, 198.51.100.0/24"
    );
}

#[test]
fn shells_and_tunnels_are_actions_of_their_own_words_and_change_nothing() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    {
        let mut state = fake.state();
        state.execute(estate.app, OLIVE);
        state.tunnel(estate.database, "joe@example.com");
        state.operation("show", OLIVE, "databases", estate.database, json!({}));
    }
    let after = read(&fake);
    assert_eq!(touched(&before, &after), [] as [&str; 0]);
    let new = new_actions(&before, &after);
    let new: Vec<_> = new
        .iter()
        .map(|action| (action.what.as_str(), action.asset.as_str(), account(action)))
        .collect();
    let expected = [
        ("execute", APP, OLIVE),
        ("tunnel", DATABASE, "joe@example.com"),
        ("show", DATABASE, OLIVE),
    ];
    assert_eq!(new, expected);
}

#[test]
fn what_the_platform_does_by_itself_is_its_own_doing() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    fake.state().back_up(estate.database);
    let after = read(&fake);
    assert_eq!(
        touched(&before, &after),
        [] as [&str; 0],
        "a backup is a reading"
    );
    assert!(value(&after, DATABASE, "backup.latest") > value(&before, DATABASE, "backup.latest"));
    let action = new_action(&before, &after);
    assert_eq!(
        (action.what.as_str(), account(&action)),
        ("backup", "aptible")
    );
    assert_eq!(action.details.get("automated").unwrap(), "true");
}

#[test]
fn a_database_on_the_internet_shows_on_the_database() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    assert_eq!(value(&before, DATABASE, "ports").unwrap(), "none");
    fake.state().database_endpoint(estate.database);
    let after = read(&fake);
    let ports = value(&after, DATABASE, "ports").unwrap();
    assert!(
        ports.contains("edge:5432/tcp") && ports.contains("reach=public"),
        "{ports}"
    );
    let leads = after
        .relations
        .iter()
        .any(|relation| relation.kind.as_str() == "routes-to" && relation.to.as_str() == DATABASE);
    assert!(leads);
}

#[test]
fn what_is_taken_away_leaves_its_record_on_its_environment() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    let called = value(&before, APP, "platform.id").unwrap();
    fake.state().deprovision("apps", estate.app, OLIVE);
    let after = read(&fake);
    assert_eq!(complete(&after), ALL, "{:?}", troubles(&after));
    assert!(after.assets.iter().all(|asset| asset.id.as_str() != APP));
    let new = new_actions(&before, &after);
    let action = new
        .iter()
        .find(|action| action.what == "deprovision")
        .unwrap();
    assert_eq!(
        action.asset.as_str(),
        "platform-environment:aptible/acme-prod"
    );
    assert_eq!(action.details.get("resource").unwrap(), called.as_str());
}

#[test]
fn a_scale_is_a_change_and_scaling_by_itself_is_a_reading() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read(&fake);
    fake.state().scale(estate.web, OLIVE, 5);
    let after = read(&fake);
    assert_eq!(changed(&before, &after, WEB), ["replicas"]);
    let action = new_action(&before, &after);
    assert_eq!(
        (action.what.as_str(), action.asset.as_str()),
        ("scale", WEB)
    );
    assert_eq!(action.fields, ["container_count", "replicas"]);

    {
        let mut state = fake.state();
        let account = state.link("accounts", estate.production);
        let policy = state.add(
            "service_sizing_policies",
            json!({ "scaling_enabled": true, "autoscaling": "horizontal", "min_containers": 2, "max_containers": 8, "_links": { "account": account } }),
        );
        let link = state.link("service_sizing_policies", policy);
        state.row("services", estate.web)["_links"]["service_sizing_policy"] = link;
    }
    let scaling = read(&fake);
    assert_eq!(value(&scaling, WEB, "autoscaling").unwrap(), "max=8, min=2");
    fake.state().scale(estate.web, "", 7);
    let scaled = read(&fake);
    assert_eq!(touched(&scaling, &scaled), [] as [&str; 0]);
    assert_eq!(value(&scaled, WEB, "replicas").unwrap(), "7");
}

#[test]
fn staging_on_a_stack_of_ones_own_says_production_and_why() {
    let (fake, _) = FakeAptible::clinic();
    let harvest = read(&fake);
    for id in [
        "platform-environment:aptible/acme-staging",
        "workload:aptible/acme-staging/api/web",
    ] {
        assert_eq!(value(&harvest, id, "environment").unwrap(), "production");
        assert_eq!(value(&harvest, id, "stack.dedicated").unwrap(), "yes");
        let basis = claim(&harvest, id, "environment").basis().unwrap();
        assert!(basis.contains("by the stack"), "{basis}");
    }
    let id = "database:aptible/acme-dev/cache";
    assert_eq!(value(&harvest, id, "environment").unwrap(), "development");
    assert_eq!(value(&harvest, id, "stack.dedicated").unwrap(), "no");
    let stacks = harvest.assets.iter().filter(|asset| asset.kind == "stack");
    let names: Vec<_> = stacks.map(|stack| stack.name.as_str()).collect();
    assert_eq!(
        names,
        ["acme-main", "shared-eu"],
        "stacks of others are left out"
    );
}

#[test]
fn what_the_vendor_promises_is_attested_with_the_reference() {
    let (fake, _) = FakeAptible::clinic();
    let harvest = read(&fake);
    let stack = "stack:aptible/acme-main";
    for (id, fact) in [
        (stack, "clock.synchronised"),
        (stack, "patches.managed"),
        (WEB, "clock.synchronised"),
        (DATABASE, "encryption.at-rest"),
    ] {
        let claim = claim(&harvest, id, fact);
        assert_eq!(claim.how(), How::Attested, "{id} {fact}");
        assert!(
            claim.basis().unwrap().contains("www.aptible.com/docs/"),
            "{claim:?}"
        );
    }
    assert!(
        claim(&harvest, stack, "clock.synchronised")
            .basis()
            .unwrap()
            .contains("unconfirmed")
    );
    let own = read_with(&fake, "clock_reference = \"SOC 2 report\"\n");
    assert!(
        claim(&own, stack, "clock.synchronised")
            .basis()
            .unwrap()
            .starts_with("SOC 2 report")
    );
}

#[test]
fn nothing_is_asked_for_that_holds_secrets_or_leaves_a_trace() {
    let (fake, _) = FakeAptible::clinic();
    let before = fake.state().numbers("operations");
    read(&fake);
    check(&fake);
    for request in fake.server().requests() {
        assert_eq!(request.method, "GET");
        assert_eq!(request.header("prefer"), Some("no_sensitive_extras=true"));
        for never in ["configurations", "credentials", "logs", "tokens"] {
            assert!(!request.path.contains(never), "{}", request.path);
        }
        let list = !request.path.ends_with(|c: char| c.is_ascii_digit());
        if list && request.path != "/current_token" {
            assert!(
                request.query.contains("per_page=250"),
                "{}",
                request.target()
            );
        }
    }
    assert_eq!(
        fake.state().numbers("operations"),
        before,
        "reading left a trace"
    );
}

#[test]
fn what_is_renamed_keeps_its_id_and_its_scope() {
    let (fake, estate) = FakeAptible::clinic();
    let before = read_by_numbers(&fake, "");
    {
        let mut state = fake.state();
        state.row("accounts", estate.production)["handle"] = json!("acme-live");
        state.row("apps", estate.app)["handle"] = json!("gateway");
        state.row("databases", estate.database)["handle"] = json!("patients");
        state.row("vhosts", estate.endpoint)["user_domain"] = json!("www.example.com");
        state.row("log_drains", estate.drain)["handle"] = json!("archive");
        state.row("stacks", estate.dedicated)["name"] = json!("acme-other");
    }
    let after = read_by_numbers(&fake, "");
    let ids = |harvest: &plimsoll_kit::Harvest| {
        let ids = harvest.assets.iter().map(|asset| asset.id.to_string());
        let kept = ids.filter(|id| !id.starts_with("dns-name:"));
        kept.collect::<Vec<_>>()
    };
    assert_eq!(ids(&before), ids(&after));
    let scopes = |harvest: &plimsoll_kit::Harvest| {
        let scopes = harvest.scopes.iter();
        scopes.map(|read| read.scope.clone()).collect::<Vec<_>>()
    };
    assert_eq!(scopes(&before), scopes(&after));
    let id = format!("app:aptible/{}", estate.app);
    let app = after.assets.iter().find(|asset| asset.id.as_str() == id);
    let app = app.unwrap();
    assert_eq!(app.name, "gateway");
    assert_eq!(
        app.ids().collect::<Vec<_>>(),
        [&*id, "app:aptible/acme-live/gateway"]
    );
}
