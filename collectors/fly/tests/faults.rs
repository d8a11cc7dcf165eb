//! What becomes of a run when Fly misbehaves, or keeps something back.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use common::{changes, complete, estate, read, read_with, troubles};
use plimsoll_fly::REGISTRATION;
use plimsoll_fly::testkit::{FakeFly, Fault, Token};
use plimsoll_kit::testkit::{build, context, render, run};
use plimsoll_kit::{Harvest, Right};
use plimsoll_model::Action;
use serde_json::json;

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
        assert_eq!(
            complete(&broken, "organisation/77"),
            inventory,
            "{part}: {told}"
        );
        assert_eq!(
            complete(&broken, "organisation/77/records"),
            records,
            "{part}: {told}"
        );
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
    assert!(complete(&after, "organisation/77") && !complete(&after, "organisation/77/records"));
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
    assert!(!complete(&part, "organisation/77"));
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
    for (more, scopes) in [("", 1), ("organisations = [\"acme\"]", 1)] {
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
    assert!(!complete(&other, "organisations of the token") && other.assets.is_empty());
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
    let own = Some("organisation:fly/77".to_owned());
    assert_eq!(organisation(&read(&fake)), own);
    fake.with(|fly| fly.token = Token::NoGraphql);
    assert_eq!(organisation(&read(&fake)), own);
    fake.fail("/organizations/", Fault::Status(500), usize::MAX);
    let nameless = read(&fake);
    assert!(!complete(&nameless, "organisations of the token") && nameless.assets.is_empty());
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

#[test]
fn a_wait_that_is_too_long_is_said_and_not_waited_for() {
    let fake = estate();
    fake.fail("/shop/machines", Fault::RetryAfter(3600), usize::MAX);
    let read = read(&fake);
    assert!(!complete(&read, "organisation/77"));
    assert!(
        troubles(&read).contains("asks to wait 3600s"),
        "{}",
        troubles(&read)
    );
}

#[test]
fn a_query_whose_pages_go_in_a_ring_ends() {
    let fake = estate();
    let ring = r#"{"data":{"organization":{"rawSlug":"acme","apps":{"pageInfo":{"hasNextPage":true,"endCursor":"again"},"nodes":[]}}}}"#;
    fake.fail("/graphql", Fault::Instead(ring.into()), usize::MAX);
    let read = read(&fake);
    assert!(complete(&read, "organisation/77") && !complete(&read, "organisation/77/records"));
    assert_eq!(fake.requests().get("POST /graphql"), Some(&2));
    assert!(
        troubles(&read).contains("read already"),
        "{}",
        troubles(&read)
    );
}

#[test]
fn no_more_are_looked_at_closely_than_allowed() {
    let fake = estate();
    fake.with(|fly| {
        for number in 0..4 {
            fly.certificate("shop", &format!("customer-{number}.example.com"));
        }
        fly.mount("shop", 0, true);
    });
    let read = read_with(&fake, "closely = 1");
    assert!(complete(&read, "organisation/77"), "{}", troubles(&read));
    assert!(
        troubles(&read).contains("app:fly/shop: 5 certificates or volumes"),
        "{}",
        troubles(&read)
    );
    let count = |kind: &str| fake.requests().get(kind).copied();
    assert_eq!(count("GET /v1/apps/{app}/certificates/{hostname}"), Some(2));
    assert_eq!(count("GET /v1/apps/{app}/volumes/{id}/snapshots"), Some(2));
    let unknown = |kind: &str, name: &str| {
        let all = read.assets.iter().filter(|asset| asset.kind == kind);
        all.filter(|asset| asset.value(name).is_none()).count()
    };
    assert_eq!(unknown("certificate", "certificate.expires"), 4);
    assert_eq!(unknown("volume", "backup.latest"), 1);
}
