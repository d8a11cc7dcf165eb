//! A server that misbehaves: what could be read is kept, and what could not is said.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use plimsoll_aptible::testkit::FakeAptible;
use plimsoll_kit::Right;
use plimsoll_kit::testkit::{Reply, render};
use serde_json::json;

use support::*;

const WEB: &str = "workload:aptible/acme-prod/api/web";
const DATABASE: &str = "database:aptible/acme-prod/main-pg";

#[test]
fn what_passes_is_asked_for_again() {
    let (fake, _) = FakeAptible::clinic();
    let before = render(&read(&fake));
    for reply in [
        Reply::status(429),
        Reply::status(429).header("Retry-After", "0"),
        Reply::status(503),
        Reply::json("{\"total_count\": 1").truncated(5),
        Reply::reset(),
    ] {
        fake.then("/apps", vec![reply.clone()]);
        assert_eq!(render(&read(&fake)), before, "{reply:?}");
    }
}

#[test]
fn a_limit_that_lasts_is_said_and_nothing_is_called_gone() {
    let (fake, _) = FakeAptible::clinic();
    fake.then(
        "/apps",
        vec![Reply::status(429).header("Retry-After", "3600")],
    );
    let harvest = read(&fake);
    assert_eq!(complete(&harvest), ["organisation"]);
    assert!(harvest.assets.iter().all(|asset| asset.kind != "app"));
    asset(&harvest, DATABASE);
    let said = troubles(&harvest).join("\n");
    assert!(
        said.contains("environment/acme-prod: GET") && said.contains("asks to wait 3600s"),
        "{said}"
    );
    assert!(
        !said.contains("give a role"),
        "services without their apps are told once: {said}"
    );
}

#[test]
fn without_a_good_token_there_is_nothing() {
    let (fake, _) = FakeAptible::clinic();
    fake.state().token = "another".to_owned();
    let harvest = read(&fake);
    assert_eq!(complete(&harvest), [] as [&str; 0]);
    assert!(harvest.assets.is_empty());
    assert!(
        troubles(&harvest).join("\n").contains("renew it"),
        "{:?}",
        troubles(&harvest)
    );
    let access = check(&fake);
    assert_eq!(access.len(), 1, "{access:?}");
    assert_eq!(access[0].right, Right::Denied);
    assert!(access[0].detail.contains("renew it"), "{access:?}");
}

#[test]
fn a_list_that_may_not_be_read_costs_its_environment_alone() {
    let (fake, estate) = FakeAptible::clinic();
    let production = estate.production;
    for list in [
        "log_drains",
        "vhosts",
        "disks",
        "backups",
        "backup_retention_policies",
    ] {
        let path = format!("accounts/{production}/{list}");
        fake.state().forbidden = [path].into();
        let harvest = read(&fake);
        let rest = [
            "environment/acme-dev",
            "environment/acme-staging",
            "organisation",
        ];
        assert_eq!(complete(&harvest), rest, "{list}");
        let said = troubles(&harvest).join("\n");
        assert!(
            said.contains(list) && said.contains("Full Visibility"),
            "{said}"
        );
        let unknown = |id, fact| assert_eq!(value(&harvest, id, fact), None, "{list}: {id} {fact}");
        match list {
            "log_drains" => unknown(WEB, "logs.destinations"),
            "vhosts" => {
                unknown(WEB, "ports");
                unknown(DATABASE, "ports");
                asset(&harvest, "certificate:aptible/acme-prod/api.example.com");
            }
            "disks" => unknown(DATABASE, "encryption.method"),
            "backups" => unknown(DATABASE, "backup.latest"),
            _ => unknown(DATABASE, "backup.retention-days"),
        }
    }
    let path = format!("accounts/{production}/services");
    fake.state().forbidden = [path].into();
    let harvest = read(&fake);
    asset(&harvest, "app:aptible/acme-prod/api");
    assert_eq!(value(&harvest, DATABASE, "image"), None);
    assert!(!complete(&harvest).contains(&"environment/acme-prod"));
}

#[test]
fn check_says_which_right_is_missing_where() {
    let (fake, estate) = FakeAptible::clinic();
    let path = format!("accounts/{}/certificates", estate.staging);
    fake.state().forbidden = [path].into();
    let access = check(&fake);
    let denied: Vec<_> = access
        .iter()
        .filter(|one| one.right != Right::Granted)
        .collect();
    assert_eq!(denied.len(), 1, "{access:#?}");
    assert_eq!(denied[0].what, "environment acme-staging: certificates");
    assert_eq!(denied[0].right, Right::Denied);
    assert!(denied[0].detail.contains("Full Visibility"), "{denied:?}");
    let granted = |what: &str| {
        let one = access.iter().find(|one| one.what == what);
        one.unwrap_or_else(|| panic!("nothing is said of {what}: {access:#?}"))
            .detail
            .clone()
    };
    assert!(granted("environment acme-prod").contains("certificates, log drains"));
    assert!(!granted("environment acme-staging").contains("certificates"));
    assert!(
        granted("environments").contains("acme-dev, ")
            || granted("environments").contains("acme-dev;")
    );
    assert!(
        granted("token").contains("ends at 2027"),
        "{}",
        granted("token")
    );
}

#[test]
fn an_environment_whose_apps_are_kept_back_is_not_empty() {
    let (fake, estate) = FakeAptible::clinic();
    {
        let mut state = fake.state();
        let count = state.row("accounts", estate.staging)["total_app_count"].clone();
        assert_eq!(count, json!(1));
        state.remove("apps", estate.staging_app);
        for service in state.numbers("services") {
            if state.linked("services", service, "app") == Some(estate.staging_app) {
                state.remove("services", service);
            }
        }
        for vhost in state.numbers("vhosts") {
            if state.linked("vhosts", vhost, "account") == Some(estate.staging) {
                state.remove("vhosts", vhost);
            }
        }
    }
    let harvest = read(&fake);
    assert!(
        !complete(&harvest).contains(&"environment/acme-staging"),
        "{:?}",
        troubles(&harvest)
    );
    assert!(
        troubles(&harvest).join("\n").contains("which counts 1"),
        "{:?}",
        troubles(&harvest)
    );
}

#[test]
fn an_environment_that_is_out_of_sight_is_not_gone() {
    let (fake, estate) = FakeAptible::clinic();
    fake.state().remove("accounts", estate.production);
    let harvest = read(&fake);
    // Its scope is not read at all, so that what was known of it stays.
    assert!(
        harvest
            .scopes
            .iter()
            .all(|scope| scope.scope != "environment/acme-prod")
    );
    let said = troubles(&harvest).join("\n");
    assert!(said.contains("that GET /accounts does not list"), "{said}");
    {
        let mut state = fake.state();
        for environment in [estate.staging, estate.development] {
            state.remove("accounts", environment);
        }
    }
    let harvest = read(&fake);
    assert_eq!(complete(&harvest), [] as [&str; 0]);
    let said = troubles(&harvest).join("\n");
    assert!(said.contains("lists no environment"), "{said}");
}

#[test]
fn services_of_apps_that_the_list_keeps_back_are_a_trouble() {
    let (fake, estate) = FakeAptible::clinic();
    fake.state().remove("apps", estate.staging_app);
    fake.state().row("accounts", estate.staging)["total_app_count"] = json!(0);
    let harvest = read(&fake);
    assert!(!complete(&harvest).contains(&"environment/acme-staging"));
    assert!(
        troubles(&harvest)
            .join("\n")
            .contains("that GET /apps and GET /databases do not list")
    );
}

#[test]
fn lists_that_do_not_add_up_are_not_whole() {
    let (fake, _) = FakeAptible::clinic();
    fake.state().miscounted = [("services".to_owned(), 1)].into();
    let harvest = read(&fake);
    assert_eq!(complete(&harvest), ["organisation"]);
    asset(&harvest, WEB);
    assert!(troubles(&harvest).join("\n").contains("the server counts"));

    let (fake, _) = FakeAptible::clinic();
    fake.state().null.insert("apps".to_owned());
    let harvest = read(&fake);
    assert_eq!(complete(&harvest), ["organisation"]);
    assert!(
        troubles(&harvest)
            .join("\n")
            .contains("no list where one should be")
    );
}

#[test]
fn pages_of_any_size_embedded_rows_and_links_to_elsewhere_give_the_same() {
    let (fake, _) = FakeAptible::clinic();
    let whole = render(&read(&fake));
    let asked = fake.requests();
    assert_eq!(asked.get("/images/{id}"), Some(&2));
    fake.state().most_rows = 1;
    assert_eq!(render(&read(&fake)), whole, "a row a page");
    fake.state().most_rows = 5_000;
    fake.state().embeds = true;
    assert_eq!(render(&read(&fake)), whole, "images inside their apps");
    assert_eq!(
        fake.requests().get("/images/{id}"),
        Some(&4),
        "those of two runs, none of the third"
    );

    // As through a proxy: the links name the vendor's own host, which is never asked.
    let (fake, _) = FakeAptible::clinic();
    let own = fake.server().url().to_owned();
    fake.state().most_rows = 1;
    let rows = ["stacks", "accounts", "apps", "services"];
    {
        let mut state = fake.state();
        for kind in rows {
            for number in state.numbers(kind) {
                let row = state.row(kind, number);
                let text = row["_links"]
                    .to_string()
                    .replace(&own, "https://api.aptible.com");
                row["_links"] = serde_json::from_str(&text).unwrap();
            }
        }
    }
    fake.state().links = "https://api.aptible.com".to_owned();
    assert_eq!(render(&read(&fake)), whole, "links to another host");
}

#[test]
fn operations_are_read_as_far_back_as_is_wanted() {
    let (fake, estate) = FakeAptible::clinic();
    {
        let mut state = fake.state();
        state.at("2025-01-01T00:00:00Z".parse().unwrap());
        for _ in 0..600 {
            state.operation(
                "restart",
                "olive@example.com",
                "apps",
                estate.app,
                json!({}),
            );
        }
        state.at("2026-01-01T20:00:00Z".parse().unwrap());
        for _ in 0..300 {
            state.execute(estate.app, "olive@example.com");
        }
    }
    let pages = |fake: &FakeAptible| {
        let requests = fake.server().requests();
        let path = format!("/accounts/{}/operations", estate.production);
        requests
            .iter()
            .filter(|request| request.path == path)
            .count()
    };
    let harvest = read(&fake);
    assert_eq!(pages(&fake), 2, "the second page reaches what is too old");
    let count = |what: &str| {
        harvest
            .actions
            .iter()
            .filter(|action| action.what == what)
            .count()
    };
    assert_eq!((count("execute"), count("restart")), (300, 0));
    assert_eq!(complete(&harvest), ALL);

    let some = read_with(&fake, "operations_most = 100\n");
    let of_production = some
        .actions
        .iter()
        .filter(|action| action.scope == "environment/acme-prod");
    assert_eq!(of_production.count(), 100);
    assert!(
        troubles(&some)
            .join("\n")
            .contains("raise `operations_most`"),
        "{:?}",
        troubles(&some)
    );
    assert_eq!(complete(&some), ALL, "the window is our own choice");

    let none = read_with(&fake, "operations_most = 0\n");
    assert!(none.actions.is_empty());
}

#[test]
fn the_newest_backup_is_found_among_very_many() {
    let (fake, estate) = FakeAptible::clinic();
    let quiet = {
        let mut state = fake.state();
        let image = state.numbers("database_images")[0];
        state.at("2025-12-01T00:00:00Z".parse().unwrap());
        let quiet = state.database(estate.production, "quiet", image);
        let never = state.database(estate.production, "never", image);
        state.back_up(quiet);
        state.at("2025-12-05T00:00:00Z".parse().unwrap());
        for _ in 0..1_500 {
            state.back_up(estate.database);
        }
        (quiet, never)
    };
    let harvest = read(&fake);
    let asked = fake.requests();
    assert_eq!(
        asked.get("/accounts/{id}/backups"),
        Some(&(4 + 2)),
        "{asked:?}"
    );
    assert_eq!(asked.get("/databases/{id}/backups"), Some(&2), "{asked:?}");
    let latest = |name: &str| {
        value(
            &harvest,
            &format!("database:aptible/acme-prod/{name}"),
            "backup.latest",
        )
    };
    assert!(
        latest("main-pg").unwrap().starts_with("2026-01-01T"),
        "{:?}",
        latest("main-pg")
    );
    assert!(
        latest("quiet").unwrap().starts_with("2025-12-01T"),
        "{quiet:?}"
    );
    assert_eq!(latest("never").as_deref(), Some(""), "there is none");
    let why = claim(
        &harvest,
        "database:aptible/acme-prod/never",
        "backup.latest",
    )
    .basis()
    .unwrap();
    assert!(why.contains("none of this database"), "{why}");
    assert_eq!(complete(&harvest), ALL, "{:?}", troubles(&harvest));
}

#[test]
fn settings_and_images_that_cannot_be_read_leave_their_own_unknown() {
    let (fake, estate) = FakeAptible::clinic();
    {
        let mut state = fake.state();
        let setting = state
            .linked("vhosts", estate.endpoint, "current_setting")
            .unwrap();
        state.forbidden.insert(format!("settings/{setting}"));
        let image = state.linked("apps", estate.app, "current_image").unwrap();
        state.remove("images", image);
    }
    let harvest = read(&fake);
    assert_eq!(
        complete(&harvest),
        ALL,
        "one asset in part: {:?}",
        troubles(&harvest)
    );
    let endpoint = "endpoint:aptible/acme-prod/api.example.com";
    for fact in ["https.forced", "tls.lowest"] {
        assert_eq!(value(&harvest, endpoint, fact), None);
    }
    let ports = value(&harvest, endpoint, "ports").unwrap();
    assert!(!ports.contains("tls="), "{ports}");
    assert_eq!(value(&harvest, "app:aptible/acme-prod/api", "image"), None);
    assert!(
        value(&harvest, WEB, "image").is_some(),
        "the service says it itself"
    );
    for id in [endpoint, "app:aptible/acme-prod/api"] {
        assert!(asset(&harvest, id).partial.is_some(), "{id}");
    }
    assert!(
        troubles(&harvest)
            .join("\n")
            .contains("GET /settings/{id} failed 1 times")
    );
}
