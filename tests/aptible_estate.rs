//! The whole program against a fake Aptible: what is renamed stays what it is, what is new is new, and what an earlier version knew
//! goes on.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use plimsoll_aptible::testkit::{Estate, FakeAptible};
use serde_json::{Value, json};
use support::{Findings, Plimsoll, Report};

fn configuration(fake: &FakeAptible) -> String {
    format!(
        "[[sources]]\nname = \"aptible\"\ncollector = \"aptible\"\n[sources.settings]\n{}",
        fake.settings()
    )
}

/// A small company that was scanned once.
fn scanned() -> (FakeAptible, Estate, Plimsoll) {
    let (fake, estate) = FakeAptible::clinic();
    let plimsoll = Plimsoll::new(&configuration(&fake));
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    first.assert_changes(&[]);
    (fake, estate, plimsoll)
}

/// Every change as `kind asset paths`.
fn told(report: &Report) -> Vec<String> {
    let row = |row: &Value| {
        let paths = row["paths"].as_array().unwrap().iter();
        let paths: Vec<&str> = paths.map(|path| path["path"].as_str().unwrap()).collect();
        let (kind, asset) = (
            row["kind"].as_str().unwrap(),
            row["asset"].as_str().unwrap(),
        );
        format!("{kind} {asset} {}", paths.join(" "))
            .trim_end()
            .to_owned()
    };
    let mut rows: Vec<String> = report.list("changes").map(row).collect();
    rows.sort();
    rows
}

#[test]
fn what_is_renamed_is_the_same_asset_under_another_name() {
    let (fake, estate, plimsoll) = scanned();
    {
        let mut state = fake.state();
        state.row("apps", estate.app)["handle"] = json!("gateway");
        state.row("databases", estate.database)["handle"] = json!("patients");
        state.row("vhosts", estate.endpoint)["user_domain"] = json!("www.example.com");
        state.row("log_drains", estate.drain)["handle"] = json!("archive");
    }
    let renamed = plimsoll.scan();
    let told = told(&renamed);
    let came = |row: &&String| !row.starts_with("modified") && !row.contains(" dns-name:");
    assert_eq!(told.iter().filter(came).count(), 0, "{told:#?}");
    for asset in [
        format!("app:aptible/{}", estate.app),
        format!("database:aptible/{}", estate.database),
        format!("endpoint:aptible/{}", estate.endpoint),
        format!("log-drain:aptible/{}", estate.drain),
    ] {
        let paths = renamed.change(&asset)["paths"].to_string();
        assert!(paths.contains("\"name\""), "{asset}: {paths}");
    }
    // By its names of today it is found.
    let shown = plimsoll.run(&["inventory", "show", "database:aptible/acme-prod/patients"]);
    assert!(shown.stdout.contains("patients"), "{}", shown.stdout);
    plimsoll.scan().assert_changes(&[]);
}

#[test]
fn a_renamed_environment_hides_no_change_and_leaves_no_ghost() {
    let (fake, estate, plimsoll) = scanned();
    {
        let mut state = fake.state();
        state.row("accounts", estate.production)["handle"] = json!("acme-live");
        state.database_endpoint(estate.database);
    }
    let report = plimsoll.scan();
    assert!(report.complete(), "{:?}", report.troubles());
    assert_eq!(report.assets("platform-environment"), 3);
    let told = told(&report);
    let named = format!(
        "modified platform-environment:aptible/{} name",
        estate.production
    );
    assert!(told.contains(&named), "{told:#?}");
    let opened = format!("modified database:aptible/{} ports", estate.database);
    assert!(told.iter().any(|row| row.starts_with(&opened)), "{told:#?}");
    assert!(
        !told.iter().any(|row| row.starts_with("removed")),
        "{told:#?}"
    );
    let coverage = report.list("coverage").count();
    assert_eq!(coverage, 4, "{:?}", report.json["coverage"]);
}

#[test]
fn what_comes_in_a_new_environment_is_new() {
    let (fake, estate, plimsoll) = scanned();
    let (environment, database) = {
        let mut state = fake.state();
        let image = state.numbers("database_images")[0];
        let environment = state.environment("acme-partners", estate.dedicated);
        let database = state.database(environment, "exports", image);
        state.database_endpoint(database);
        (environment, database)
    };
    let report = plimsoll.scan();
    for asset in [
        format!("platform-environment:aptible/{environment}"),
        format!("database:aptible/{database}"),
    ] {
        let change = report.change(&asset);
        assert_eq!(change["kind"], "added", "{asset}");
        assert_ne!(change["verdict"], "approved");
        assert!(change["observed"]["after"].is_string(), "{change}");
    }
    plimsoll.scan().assert_changes(&[]);
}

/// A ticket names an asset as people call it, and is about it also when it is called otherwise later.
#[test]
fn a_ticket_that_names_an_asset_by_its_handles_is_about_it() {
    let (fake, estate) = FakeAptible::clinic();
    let ticket = json!({"request": {"id": "CHG-1", "title": "More room", "opened": "2020-01-01T08:00:00Z",
        "requester": {"account": "sam"}, "assets": ["workload:aptible/acme-prod/api/web"],
        "window": ["2020-01-02T00:00:00Z", "2100-01-01T00:00:00Z"],
        "approvals": [{"by": {"account": "kim"}, "at": "2020-01-01T10:00:00Z"}]}});
    let tracker = Findings::of(&ticket.to_string());
    let ours = tracker.folder().join("ours.toml");
    let rule = "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\n";
    std::fs::write(&ours, rule).unwrap();
    let policy = format!(
        "[approval]\npolicy = \"ours\"\npaths = [{ours:?}]\n[[people]]\nname = \"Kim\"\nroles = [\"cto\"]\naccounts = {{ any = \"kim\" }}\n\
         [[people]]\nname = \"Sam\"\naccounts = {{ any = \"sam\" }}\n"
    );
    let all = format!("{}{}{policy}", configuration(&fake), tracker.source());
    let plimsoll = Plimsoll::new(&all);
    plimsoll.scan();
    fake.state().row("services", estate.web)["container_count"] = json!(5);
    let report = plimsoll.scan();
    let web = format!("workload:aptible/{}", estate.web);
    let linked = |report: &Report, asset: &str| report.change(asset)["request"].clone();
    assert_eq!(linked(&report, &web), "CHG-1", "{}", report.change(&web));
    fake.state().row("accounts", estate.production)["handle"] = json!("acme-live");
    plimsoll.scan();
    let explained = plimsoll.run(&[
        "changes",
        "--asset",
        "workload:aptible/acme-prod/api/web",
        "--format",
        "json",
    ]);
    let listed: Value = serde_json::from_str(&explained.stdout).unwrap();
    let text = listed.to_string();
    assert!(text.contains("CHG-1"), "{text}");
}

/// A database that the program made when ids were made of handles.
#[test]
fn what_an_earlier_version_knew_goes_on_under_the_new_ids() {
    let (fake, estate) = FakeAptible::clinic();
    let plimsoll = Plimsoll::new(&configuration(&fake));
    std::fs::write(
        plimsoll.data().join("redaction.key"),
        include_bytes!("aptible_estate/first-edition.key"),
    )
    .unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    for file in ["redaction.key", "plimsoll.db"] {
        let path = plimsoll.data().join(file);
        if file == "plimsoll.db" {
            let database = rusqlite::Connection::open(&path).unwrap();
            let dump = include_str!("aptible_estate/first-edition.sql");
            database.execute_batch(dump).unwrap();
        }
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, mode).unwrap();
    }
    let rules = "[[rules]]\nasset = \"app:aptible/acme-prod/*\"\nenvironment = \"production\"\n";
    plimsoll.configure(&format!("{}{rules}", configuration(&fake)));
    // What was done since is a change, and that ids are others is none.
    fake.state().scale(estate.web, "olive@example.com", 5);
    let report = plimsoll.scan();
    assert!(report.complete(), "{:?}", report.troubles());
    let web = format!("workload:aptible/{}", estate.web);
    assert_eq!(told(&report), [format!("modified {web} replicas")]);
    assert_eq!(report.list("coverage").count(), 4);
    // Drifts that were open stay open, since when they were.
    let since: Vec<&str> = report
        .list("drifts")
        .filter(|row| row["asset"] == web)
        .map(|row| row["since"].as_str().unwrap())
        .collect();
    assert!(!since.is_empty());
    assert!(
        since.iter().all(|since| since.starts_with("2026-02-01")),
        "{since:?}"
    );
    assert_eq!(report.list("resolved").count(), 0);
    // The history goes on, under the id that it has and under the names that it had.
    for id in [web.as_str(), "workload:aptible/acme-prod/api/web"] {
        let history = plimsoll.run(&["inventory", "history", id]);
        assert!(
            history.stdout.contains("replicas"),
            "{id}: {}",
            history.stdout
        );
    }
    plimsoll.scan().assert_changes(&[]);
}
