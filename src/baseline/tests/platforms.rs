//! Systems of platforms: their roles, their environments, and what holds them.

use RelationKind::{Contains, RunsOn};

use super::choosing::{rules, system};
use super::*;

fn workload(platform: &str, more: &str) -> String {
    format!(r#"{{"platform":"{platform}"{more}}}"#)
}

#[test]
fn what_runs_says_more_than_where() {
    let image = |image: &str| format!(r#","image":"{image}""#);
    let public = r#","ports":{"p":{"port":443,"protocol":"tcp","reach":"public"}}"#;
    let rows = [
        (
            "workload:k/shop/deployment/api",
            "kubernetes",
            String::new(),
            "kubernetes-workload by kind workload on kubernetes",
        ),
        (
            "workload:k/shop/deployment/open",
            "kubernetes",
            public.into(),
            "kubernetes-workload by kind workload on kubernetes",
        ),
        (
            "workload:k/shop/statefulset/pg",
            "kubernetes",
            image("r.example/postgres:16"),
            "database by image postgres",
        ),
        (
            "workload:fly/x/web",
            "fly",
            image("registry.fly.io/x:1"),
            "fly-app by kind workload on fly",
        ),
        (
            "workload:fly/x/cache",
            "fly",
            image("redis:7"),
            "cache by image redis",
        ),
        (
            "workload:fly/edge/app",
            "fly",
            image("nginx"),
            "edge-proxy by image nginx",
        ),
        (
            "workload:aptible/e/a/web",
            "aptible",
            String::new(),
            "aptible-app by kind workload on aptible",
        ),
        (
            "database:aptible/e/pg",
            "aptible",
            String::new(),
            "aptible-database by kind database on aptible",
        ),
        (
            "database:elsewhere/pg",
            "",
            String::new(),
            "database by kind database",
        ),
        (
            "host:k/node-1",
            "kubernetes",
            String::new(),
            "kubernetes-node by kind host on kubernetes",
        ),
        (
            "endpoint:k/shop/ingress/web",
            "kubernetes",
            String::new(),
            "ingress by kind endpoint",
        ),
        (
            "workload:found/one",
            "",
            String::new(),
            "worker by kind workload",
        ),
        (
            "workload:found/open",
            "",
            public.into(),
            "web-service by workload with a public port",
        ),
        (
            "workload:fly/phi/app",
            "fly",
            r#","data.sensitive":true"#.into(),
            "protected-data by workload with sensitive data",
        ),
    ];
    let assets = rows.iter().map(|(id, platform, more, _)| {
        let facts = if platform.is_empty() {
            format!("{{{}}}", more.trim_start_matches(','))
        } else {
            workload(platform, more)
        };
        asset(id, &[], &facts)
    });
    let snapshot = snapshot(assets.collect(), &[]);
    let judgement = judge(&snapshot, &SHIPPED, &[], &[], now());
    for (id, _, _, want) in rows {
        let system = system(&judgement, &snapshot, id);
        assert_eq!(
            format!("{} by {}", system.role, system.role_by),
            want,
            "{id}"
        );
    }
}

/// What is expected on a platform is expected of a database there too.
#[test]
fn a_platforms_expectations_hold_whatever_the_role() {
    let token = |platform: &str| {
        let facts = workload(
            platform,
            r#","image":"postgres","service-account.token":true"#,
        );
        let one = snapshot(vec![asset("workload:a", &[], &facts)], &[]);
        outcome(&SHIPPED, &one, "workload:a", "service-account-token")
    };
    assert_eq!(token("kubernetes"), "fail: service-account.token: yes");
    assert_eq!(token("fly"), "n/a");
    let privileged = |platform: &str| {
        let one = snapshot(vec![asset("workload:a", &[], &workload(platform, ""))], &[]);
        outcome(&SHIPPED, &one, "workload:a", "least-privilege")
    };
    assert_eq!(
        privileged("kubernetes"),
        "unknown: no source says `privileged`"
    );
    assert_eq!(privileged("aptible"), "n/a");
}

#[test]
fn parts_are_never_systems() {
    let kinds = [
        "app",
        "network-service",
        "cluster",
        "namespace",
        "organisation",
        "platform-environment",
        "stack",
        "network-policy",
        "volume-claim",
        "storage-class",
        "configuration",
        "secret",
        "service-account",
        "address",
        "certificate",
        "log-drain",
        "backup",
        "dns-name",
        "volume",
        "image",
        "network",
    ];
    let labelled = [("plimsoll.role", "worker")];
    let assets = kinds.map(|kind| asset(&format!("{kind}:a"), &labelled, ""));
    let all = snapshot(assets.into(), &[]);
    let rules = rules("[[rules]]\nname = 'a'\nrole = 'host'\nsensitive = true\n");
    assert_eq!(judge(&all, &SHIPPED, &rules, &[], now()).systems.len(), 0);
}

/// A workload in a namespace of a cluster of an organisation, and one in an app of a platform's environment.
fn held(labels: &[(&str, &str)], environment: &str, own: &str) -> Snapshot {
    let of = |word: &str| match word {
        "" => String::new(),
        word => format!(r#"{{"environment":"{word}"}}"#),
    };
    let assets = vec![
        asset("organisation:o", &[], ""),
        asset("cluster:k", &[], ""),
        asset("namespace:k/shop", labels, ""),
        asset("workload:k/shop/deployment/api", &[], ""),
        asset("platform-environment:aptible/acme", &[], &of(environment)),
        asset("app:aptible/acme/api", &[], ""),
        asset("workload:aptible/acme/api/web", &[], &of(own)),
        asset("database:aptible/acme/pg", &[], &of(own)),
        asset("stack:aptible/main", &[], ""),
    ];
    let relations = [
        ("organisation:o", Contains, "cluster:k"),
        ("cluster:k", Contains, "namespace:k/shop"),
        (
            "namespace:k/shop",
            Contains,
            "workload:k/shop/deployment/api",
        ),
        ("workload:k/shop/deployment/api", RunsOn, "cluster:k"),
        (
            "organisation:o",
            Contains,
            "platform-environment:aptible/acme",
        ),
        (
            "platform-environment:aptible/acme",
            Contains,
            "app:aptible/acme/api",
        ),
        (
            "app:aptible/acme/api",
            Contains,
            "workload:aptible/acme/api/web",
        ),
        (
            "platform-environment:aptible/acme",
            Contains,
            "database:aptible/acme/pg",
        ),
        ("database:aptible/acme/pg", RunsOn, "stack:aptible/main"),
    ];
    snapshot(assets, &relations)
}

/// `production by whom`, and how `environment-tagged` comes out.
fn environment(snapshot: &Snapshot, rules: &[Rule], id: &str) -> (String, String) {
    let at = snapshot.find(id).unwrap();
    let (system, explained) = SHIPPED.explain(snapshot, at, rules, now()).unwrap();
    let [what, by] =
        [&system.environment, &system.environment_by].map(|text| text.as_deref().unwrap_or("-"));
    let mut tagged = explained
        .iter()
        .filter(|one| one.expectation == "environment-tagged");
    let tagged = match &tagged.next().unwrap().result {
        Explanation::Fail { actual, .. } => format!("fail: {actual}"),
        other => other.as_str().to_owned(),
    };
    (format!("{what} by {by}"), tagged)
}

const API: &str = "workload:k/shop/deployment/api";
const WEB: &str = "workload:aptible/acme/api/web";
const PG: &str = "database:aptible/acme/pg";

#[test]
fn environments_are_inherited_from_the_nearest() {
    let label = |word| [("plimsoll.environment", word)];
    let of = |snapshot: &Snapshot, text: &str, id: &str| environment(snapshot, &rules(text), id).0;
    let labelled = held(&label("staging"), "production", "");
    assert_eq!(
        of(&labelled, "", API),
        "staging by its namespace k/shop: label plimsoll.environment"
    );
    let cluster = "[[rules]]\nkind = 'cluster'\nenvironment = 'production'\n";
    assert_eq!(
        of(&labelled, cluster, API),
        "staging by its namespace k/shop: label plimsoll.environment"
    );
    let bare = held(&[], "", "");
    assert_eq!(
        of(&bare, cluster, API),
        "production by its cluster k: rule 1 of config.toml"
    );
    let nearer = format!("{cluster}[[rules]]\nkind = 'namespace'\nenvironment = 'development'\n");
    assert_eq!(
        of(&bare, &nearer, API),
        "development by its namespace k/shop: rule 2 of config.toml"
    );
    let organisation = "[[rules]]\nkind = 'organisation'\nenvironment = 'prod'\n";
    assert_eq!(
        of(&bare, organisation, WEB),
        "production by its organisation o: rule 1 of config.toml"
    );
    let stack = "[[rules]]\nkind = 'stack'\nenvironment = 'prod'\n";
    assert_eq!(
        of(&bare, stack, PG),
        "production by its stack aptible/main: rule 1 of config.toml"
    );
    assert_eq!(of(&bare, stack, WEB), "- by -");
    assert_eq!(
        of(&labelled, "", WEB),
        "production by its platform-environment aptible/acme: the platform"
    );
    let odd = environment(&held(&label("qa"), "", ""), &rules(cluster), API);
    let want = "fail: its namespace k/shop: label plimsoll.environment says \"qa\"";
    assert_eq!(odd, ("- by -".to_owned(), want.to_owned()));
}

/// Staging on a dedicated stack reads as production on Aptible.
#[test]
fn a_platforms_word_and_ours_are_both_shown() {
    let staging = "[[rules]]\nname = 'aptible/acme*'\nenvironment = 'staging'\n";
    let over = format!("{staging}overrides_platform = true\n");
    let both = "the platform says production and rule 1 of config.toml says staging; judged as \
        production, the stricter";
    let of = |snapshot: &Snapshot, text: &str, id: &str| environment(snapshot, &rules(text), id);
    // Said of the system itself.
    let own = held(&[], "", "production");
    let disputed = |by: &str| (format!("production by {by}"), format!("fail: {by}"));
    assert_eq!(of(&own, staging, PG), disputed(both));
    let want =
        "staging by rule 1 of config.toml, which overrides that the platform says production";
    assert_eq!(of(&own, &over, PG), (want.to_owned(), "pass".to_owned()));
    // Said of what holds it, by either.
    let around = held(&[], "production", "");
    let itself = "[[rules]]\nname = 'aptible/acme/pg'\nenvironment = 'staging'\n";
    let by = "its platform-environment aptible/acme: the platform says production and rule 1 of config.toml \
        says staging; judged as production, the stricter";
    assert_eq!(of(&around, itself, PG), disputed(by));
    let holder = "[[rules]]\nname = 'aptible/acme'\nenvironment = 'staging'\n";
    let by = "the platform says production and its platform-environment aptible/acme: rule 1 of config.toml \
        says staging; judged as production, the stricter";
    assert_eq!(of(&own, holder, PG), disputed(by));
    // The stricter one counts whoever says it, and one word from both is no dispute.
    let development = held(&[], "", "development");
    let by = "the platform says development and rule 1 of config.toml says staging; judged as staging, \
        the stricter";
    let want = (format!("staging by {by}"), format!("fail: {by}"));
    assert_eq!(of(&development, staging, PG), want);
    let same = "[[rules]]\nkind = 'database'\nenvironment = 'prod'\n";
    let want = ("production by the platform".to_owned(), "pass".to_owned());
    assert_eq!(of(&own, same, PG), want);
}

#[test]
fn sensitive_data_is_said_and_inherited() {
    let of = |rule: &str, facts: &str| {
        let assets = vec![
            asset("app:fly/a", &[], facts),
            asset("workload:fly/a/web", &[], r#"{"platform":"fly"}"#),
        ];
        let snapshot = snapshot(assets, &[("app:fly/a", Contains, "workload:fly/a/web")]);
        let judgement = judge(&snapshot, &SHIPPED, &rules(rule), &[], now());
        system(&judgement, &snapshot, "workload:fly/a/web")
            .role
            .to_string()
    };
    assert_eq!(of("", ""), "fly-app");
    assert_eq!(of("", r#"{"data.sensitive":true}"#), "protected-data");
    assert_eq!(of("", r#"{"data.sensitive":"?not said"}"#), "fly-app");
    let rule = "[[rules]]\nkind = 'app'\nsensitive = true\n";
    assert_eq!(of(rule, ""), "protected-data");
    assert_eq!(of(rule, r#"{"data.sensitive":false}"#), "protected-data");
}
