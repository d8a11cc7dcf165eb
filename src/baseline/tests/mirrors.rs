//! Staging systems and the production systems that they mirror.

use RelationKind::Contains;

use super::choosing::rules;
use super::*;
use crate::inventory::Coverage;

const NONE: &str = "fail: no staging system mirrors it";

fn in_(word: &str, id: &str, facts: &str) -> Asset {
    asset(id, &[("plimsoll.environment", word)], facts)
}

fn named(mut asset: Asset, name: &str) -> Asset {
    asset.name = name.into();
    asset
}

fn mirrors(snapshot: &Snapshot, rules: &[Rule], id: &str) -> String {
    let at = snapshot.find(id).unwrap();
    let (_, explained) = SHIPPED.explain(snapshot, at, rules, now()).unwrap();
    let mut found = explained
        .iter()
        .filter(|one| one.control == "staging-mirrors-production");
    match &found.next().unwrap().result {
        Explanation::Pass { how, .. } => format!("pass ({how})"),
        Explanation::Fail { actual, .. } => format!("fail: {actual}"),
        Explanation::Unknown(reason) => format!("unknown: {reason}"),
        other => other.as_str().to_owned(),
    }
}

const SAME: &str = r#"{"version":"1"}"#;

#[test]
fn twins_are_found_by_their_names() {
    let of = |production: (&str, &str, &str), staging: (&str, &str, &str)| {
        let (a, b) = (production, staging);
        let assets = vec![
            asset(a.0, &[], ""),
            named(in_("prod", a.1, SAME), a.2),
            asset(b.0, &[], ""),
            named(in_("staging", b.1, SAME), b.2),
        ];
        let all = snapshot(assets, &[(a.0, Contains, a.1), (b.0, Contains, b.1)]);
        mirrors(&all, &[], a.1)
    };
    let pass = "pass (reported)";
    // Fly: words for environments in the names of the apps.
    assert_eq!(
        of(
            ("app:acme-api-prod", "workload:fly/acme-api-prod/web", "web"),
            (
                "app:acme-api-staging",
                "workload:fly/acme-api-staging/web",
                "web"
            )
        ),
        pass
    );
    assert_eq!(
        of(
            ("app:acme-api", "workload:fly/acme-api/web", "web"),
            (
                "app:staging_acme_api",
                "workload:fly/staging_acme_api/web",
                "web"
            )
        ),
        pass
    );
    assert_eq!(
        of(
            ("app:acme-api", "workload:fly/acme-api/web", "web"),
            ("app:other-api", "workload:fly/other-api/web", "web")
        ),
        NONE
    );
    // Kubernetes: another namespace, or another cluster.
    assert_eq!(
        of(
            (
                "namespace:shop-prod",
                "workload:k/shop-prod/deployment/api",
                "api"
            ),
            (
                "namespace:shop-staging",
                "workload:k/shop-staging/deployment/api",
                "api"
            )
        ),
        pass
    );
    assert_eq!(
        of(
            ("namespace:shop", "workload:k/shop/deployment/api", "api"),
            ("namespace:ci", "workload:k/ci/deployment/api", "api")
        ),
        NONE,
        "an equal name in any other namespace proves nothing"
    );
    assert_eq!(
        of(
            ("cluster:main", "workload:main/shop/deployment/api", "api"),
            (
                "cluster:second",
                "workload:second/shop/deployment/api",
                "api"
            )
        ),
        pass
    );
    // Aptible: the same name in another environment, whatever that is called.
    assert_eq!(
        of(
            (
                "platform-environment:acme",
                "database:aptible/acme/pg",
                "pg"
            ),
            (
                "platform-environment:clinic-2",
                "database:aptible/clinic-2/pg",
                "pg"
            )
        ),
        pass
    );
    // A kind of its own.
    assert_eq!(
        of(
            ("app:a", "workload:fly/a/pg", "pg"),
            ("app:a-staging", "database:x/pg", "pg")
        ),
        NONE
    );
}

#[test]
fn where_several_fit_none_is_taken() {
    let all = snapshot(
        vec![
            in_("prod", "container:prod/shop-db", SAME),
            in_("prod", "container:solo", SAME),
            in_("staging", "container:staging/shop-db", SAME),
            in_("staging", "container:test/shop-db", SAME),
            in_("dev", "container:dev/shop-db", SAME),
            asset("container:shop-db", &[], SAME),
            in_("prod", "host:web-1", SAME),
        ],
        &[],
    );
    let of = |id: &str| mirrors(&all, &[], id);
    let want = "unknown: which staging system mirrors it is not clear: container:staging/shop-db, \
        container:test/shop-db; say it with the label plimsoll.mirrors or a rule's `mirrors`";
    assert_eq!(of("container:prod/shop-db"), want);
    assert_eq!(of("container:solo"), NONE);
    assert_eq!(of("container:staging/shop-db"), "not applicable");
    assert_eq!(of("container:dev/shop-db"), "not applicable");
    assert_eq!(
        of("container:shop-db"),
        "unknown: it has no environment itself"
    );
    assert_eq!(of("host:web-1"), "not applicable");
    // Two production systems in environments of other names want the one that is left.
    let hold = |place: &'static str, id: &'static str| (place, Contains, id);
    let two = snapshot(
        vec![
            asset("platform-environment:a", &[], ""),
            asset("platform-environment:b", &[], ""),
            asset("platform-environment:c", &[], ""),
            named(in_("prod", "database:a/pg", SAME), "pg"),
            named(in_("prod", "database:b/pg", SAME), "pg"),
            named(in_("staging", "database:c/pg", SAME), "pg"),
        ],
        &[
            hold("platform-environment:a", "database:a/pg"),
            hold("platform-environment:b", "database:b/pg"),
            hold("platform-environment:c", "database:c/pg"),
        ],
    );
    let unclear = mirrors(&two, &[], "database:a/pg");
    assert!(
        unclear
            .starts_with("unknown: which staging system mirrors it is not clear: database:c/pg;"),
        "{unclear}"
    );
}

/// Production in two clusters may be mirrored by one staging system.
#[test]
fn one_staging_system_may_mirror_several() {
    let all = snapshot(
        vec![
            named(in_("prod", "workload:eu/api", SAME), "api"),
            named(in_("prod", "workload:us/api", r#"{"version":"2"}"#), "api"),
            named(in_("staging", "workload:test/api", SAME), "api"),
        ],
        &[],
    );
    assert_eq!(mirrors(&all, &[], "workload:eu/api"), "pass (reported)");
    assert_eq!(
        mirrors(&all, &[], "workload:us/api"),
        "fail: workload:test/api differs in version: 2 in production, 1 in staging"
    );
}

#[test]
fn what_is_not_there_may_not_have_been_read() {
    let alone = vec![in_("prod", "container:a", SAME)];
    let all = snapshot(alone.clone(), &[]);
    assert_eq!(
        mirrors(&all, &[], "container:a"),
        "unknown: there are no staging systems here"
    );
    let other = [alone, vec![in_("staging", "container:b", SAME)]].concat();
    let half = Coverage {
        source: "fly".into(),
        scope: "all".into(),
        complete: false,
        as_of: now(),
        fresh: true,
        troubles: Vec::new(),
    };
    let half = snapshot(other, &[]).with_coverage(vec![half]);
    assert_eq!(
        mirrors(&half, &[], "container:a"),
        "unknown: no staging system mirrors it, and source fly was not read completely"
    );
}

#[test]
fn twins_are_named_by_labels_and_rules() {
    let label = |word: &'static str| {
        [
            ("plimsoll.environment", "staging"),
            ("plimsoll.mirrors", word),
        ]
    };
    let all = snapshot(
        vec![
            in_("prod", "container:one", SAME),
            in_("prod", "container:two", SAME),
            asset("container:x", &label("container:one"), SAME),
            in_("staging", "container:y", SAME),
            // Its name alone would fit, and it is taken.
            asset("container:one-staging", &label("container:two"), SAME),
            asset("namespace:k/live", &[], ""),
            asset("namespace:k/next", &[], ""),
            named(in_("prod", "workload:k/live/api", SAME), "api"),
            named(in_("staging", "workload:k/next/api", SAME), "api"),
        ],
        &[
            ("namespace:k/live", Contains, "workload:k/live/api"),
            ("namespace:k/next", Contains, "workload:k/next/api"),
        ],
    );
    let of = |text: &str, id: &str| mirrors(&all, &rules(text), id);
    assert_eq!(of("", "container:one"), "pass (reported)");
    assert_eq!(of("", "container:two"), "pass (reported)");
    // A place that mirrors another.
    assert_eq!(of("", "workload:k/live/api"), NONE);
    let place = "[[rules]]\nasset = 'namespace:k/next'\nmirrors = 'namespace:k/live'\n";
    assert_eq!(of(place, "workload:k/live/api"), "pass (reported)");
    let system = "[[rules]]\nasset = 'workload:k/next/api'\nmirrors = 'workload:k/live/api'\n";
    assert_eq!(of(system, "workload:k/live/api"), "pass (reported)");
    let typo = "[[rules]]\nasset = 'workload:k/live/api'\nmirrors = 'apii'\n";
    assert_eq!(
        of(typo, "workload:k/live/api"),
        "unknown: it is said to mirror \"apii\", which is no system"
    );
}

/// Everything but scale, and what runs ahead.
#[test]
fn differences_are_named() {
    let of = |production: &str, staging: &str| {
        let all = snapshot(
            vec![
                in_("prod", "workload:api-prod", production),
                in_("staging", "workload:api-staging", staging),
            ],
            &[],
        );
        mirrors(&all, &[], "workload:api-prod")
    };
    let alike = [
        // Where each app has an image of its own.
        (
            r#"{"image":"registry.fly.io/acme-web:1"}"#,
            r#"{"image":"registry.fly.io/acme-web-staging:2"}"#,
        ),
        (
            r#"{"image":"r.example/api:1","image.digests":["a@sha256:abababababababababababababababababababababababababababababababab"]}"#,
            r#"{"image":"r.example/api:2","image.digests":["a@sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"]}"#,
        ),
        (
            r#"{"version":"1","replicas":9,"region":"fra","size-bytes":9}"#,
            r#"{"version":"1","replicas":1,"region":"ams","size-bytes":1}"#,
        ),
        (
            r#"{"env":{"A":"secret:1"},"command":"x"}"#,
            r#"{"env":{"A":"secret:2"},"command":"y"}"#,
        ),
        (
            r#"{"ports":{"192.0.2.1:443/tcp":{"port":443,"protocol":"tcp","reach":"public","tls":"1.2"}}}"#,
            r#"{"ports":{"192.0.2.9:443/tcp":{"port":443,"protocol":"tcp","reach":"public","tls":"1.2"}}}"#,
        ),
        (
            r#"{"logs.destinations":["syslog prod"]}"#,
            r#"{"logs.destinations":["syslog staging"]}"#,
        ),
    ];
    for (production, staging) in alike {
        assert_eq!(of(production, staging), "pass (reported)", "{production}");
    }
    let differ = [
        (
            SAME,
            r#"{"version":"2"}"#,
            "version: 1 in production, 2 in staging",
        ),
        (
            r#"{"env":{"A":"x","SMTP_HOST":"x"}}"#,
            r#"{"env":{"A":"x","DEBUG":"x"}}"#,
            "env: SMTP_HOST in production only, DEBUG in staging only",
        ),
        (
            r#"{"image":"r.example/api:1"}"#,
            r#"{"image":"r.example/api-next:1"}"#,
            "image: r.example/api in production, r.example/api-next in staging",
        ),
        (
            r#"{"images":{"api":{"image":"r.example/api:1"}}}"#,
            r#"{"images":{"api":{"image":"r.example/api:1"},"debug":{"image":"busybox"}}}"#,
            "images: debug in staging only",
        ),
        (
            r#"{"ports":{"a:443/tcp":{"port":443,"protocol":"tcp","reach":"public","tls":"1.2"}}}"#,
            r#"{"ports":{"a:443/tcp":{"port":443,"protocol":"tcp","reach":"public","tls":"1.0"}}}"#,
            "ports: 443/tcp public with TLS 1.2 in production, public with TLS 1.0 in staging",
        ),
        (
            r#"{"mounts":{"/d":{"kind":"volume","source":"a","readonly":true}}}"#,
            r#"{"mounts":{"/d":{"kind":"volume","source":"b","readonly":false}}}"#,
            "mounts: /d volume read-only in production, volume writable in staging",
        ),
        (
            r#"{"privileged":false,"capabilities.added":[]}"#,
            r#"{"privileged":true,"capabilities.added":["SYS_TIME"]}"#,
            "capabilities.added: SYS_TIME in staging only; privileged: no in production, yes in staging",
        ),
        (
            r#"{"logs.destinations":["syslog prod"]}"#,
            r#"{"logs.destinations":[]}"#,
            "logs.destinations: some in production, none in staging",
        ),
    ];
    for (production, staging, want) in differ {
        let want = format!("fail: workload:api-staging differs in {want}");
        assert_eq!(of(production, staging), want);
    }
    for (production, staging, want) in [
        (
            "",
            "",
            "nothing is known of both it and workload:api-staging",
        ),
        (
            SAME,
            "",
            "against workload:api-staging: its twin: no source says `version`",
        ),
        (
            r#"{"version":"1","privileged":"?denied"}"#,
            r#"{"version":"1","privileged":false}"#,
            "against workload:api-staging: `privileged` is unknown: denied",
        ),
    ] {
        assert_eq!(of(production, staging), format!("unknown: {want}"));
    }
}

#[test]
fn what_was_read_in_part_does_not_pass() {
    let mut staging = in_("staging", "workload:api-staging", SAME);
    staging.partial = Some("its machine does not answer".into());
    let all = snapshot(vec![in_("prod", "workload:api-prod", SAME), staging], &[]);
    assert_eq!(
        mirrors(&all, &[], "workload:api-prod"),
        "unknown: against workload:api-staging: workload:api-staging was read in part: its machine does not answer"
    );
}

#[test]
fn a_fact_may_be_left_out() {
    let own = "[[match]]\nkinds = ['workload']\n[[expect]]\ncontrol = 'staging-mirrors-production'\nexcept = ['version']\n";
    let own = load(own).unwrap();
    let all = snapshot(
        vec![
            in_(
                "prod",
                "workload:api-prod",
                r#"{"version":"1","privileged":false}"#,
            ),
            in_(
                "staging",
                "workload:api-staging",
                r#"{"version":"2","privileged":false}"#,
            ),
        ],
        &[],
    );
    assert_eq!(
        outcome(
            &own,
            &all,
            "workload:api-prod",
            "staging-mirrors-production"
        ),
        "pass (reported)"
    );
    let typo = "[[expect]]\ncontrol = 'staging-mirrors-production'\nexcept = ['versoin']\n";
    let mistake = load(typo).unwrap_err();
    assert!(mistake.contains("did you mean \"version\"?"), "{mistake}");
}
